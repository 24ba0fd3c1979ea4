"""The command line: every act of the console as a command, and the ones that need no running node.

Data goes to standard output, talk to standard error; ``--json`` turns the data into JSON. A command that is
refused says the same sentence as the API and the console, and exits with 1; 2 is a command typed wrong, 3 a node
that is not running.
"""
