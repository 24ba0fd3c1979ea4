"""What one file of a member holds, and how its rows come about."""

from collections.abc import Callable, Iterator, Mapping
from typing import NamedTuple

from allpoints.sample.countries import Country
from allpoints.sample.world import World

Row = Mapping[str, object]
"""The fields of one record by name; what is not known is left out or empty."""

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
