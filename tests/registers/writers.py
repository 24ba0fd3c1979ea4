"""Who writes in these tests."""

from allpoints.registers.entering import Writer


def writer(member: str) -> Writer:
    """A member of the network whose secretariat is XSC, at the beginning of time."""
    return Writer(member, "XSC", 0)
