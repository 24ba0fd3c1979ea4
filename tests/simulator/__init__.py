"""A whole federation in one process: real engines, a simulated world, one seed for everything that happens."""
