"""What one file of a member holds, and how its rows come about."""

from collections.abc import Callable, Iterator, Mapping
from typing import NamedTuple

from allpoints.sample.countries import Country
from allpoints.sample.world import World

Row = Mapping[str, object]
"""The fields of one record by name; what is not known is left out, empty, or 0 where nothing is that small."""

OPEN, RESTRICTED = "official-use", "restricted"
"""Handling codes with which a file is imported."""


class Table(NamedTuple):
    """One register's records as one file of a member.

    ``columns`` are those of a CSV; a register with fields that no cell can hold has none and is written as JSON
    Lines. ``by_secretariat`` is for registers that only the secretariat writes: ``rows`` is given every member in
    turn, for what happened there.
    """

    register: str
    columns: tuple[str, ...]
    rows: Callable[[World, Country], Iterator[Row]]
    handling: str = OPEN
    by_secretariat: bool = False

    @property
    def file(self) -> str:
        """The name of the file in the member's folder."""
        marked = "" if self.handling == OPEN else f"-{self.handling}"
        return f"{self.register}{marked}.{'csv' if self.columns else 'jsonl'}"


def cell(value: object) -> str:
    """A value as a cell of a CSV has it: values of a list between semicolons, nothing for what is not known."""
    if type(value) is str:
        return value
    if isinstance(value, tuple):
        return ";".join(value)
    if isinstance(value, bool):
        return "yes" if value else "no"
    return str(value) if value else ""
