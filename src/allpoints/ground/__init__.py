"""What every part stands on: refusals, and the three interfaces to the world (clock, carrier, disk).

Nothing here knows a domain word. A part that talks, waits or writes does it through these
interfaces only, so that the seeded simulator can run a whole federation in one process.
"""
