"""The node: settings, roles, and the wiring of the parts into relay, bureau and post.

Each role is an engine: single-threaded, one database, no socket of its own. It takes a batch of work, runs it in
one transaction, and lets answers and frames out only after the disk has it.
"""
