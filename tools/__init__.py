"""What keeps the tree in order and is no part of the program: reference, changelog, screenshots, benchmarks."""
