"""Long fuzzing of every parser of what comes from outside: ``python -m tests.fuzz.run``."""
