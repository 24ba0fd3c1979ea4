"""Where each field stands in each of the five formats.

All lines are taken as one run of 90, 72 or 88 characters, so a field is one slice; line and column come back
by division. Positions in Doc 9303 count from 1 within a line, here from 0 within the run.
"""

from typing import NamedTuple

import msgspec


class Checked(NamedTuple):
    """One check digit: the field it guards, the slices it is computed over, and where it stands."""

    field: str
    parts: tuple[slice, ...]
    at: int

    def positions(self) -> set[int]:
        covered = {index for part in self.parts for index in range(part.start, part.stop)}
        return covered | {self.at}


class Layout(msgspec.Struct, frozen=True, kw_only=True):
    """The fields of one format; ``overflows`` says that a number beyond nine runs on into optional data."""

    format: str
    width: int
    lines: int
    code: slice = slice(0, 2)
    issuer: slice = slice(2, 5)
    name: slice
    number: slice
    nationality: slice
    birth_date: slice
    sex: int
    expiry_date: slice
    optional: slice
    optional_2: slice | None = None
    checked: tuple[Checked, ...]
    overflows: bool = False
    first_letters: str

    @property
    def number_digit(self) -> int:
        """Where the check digit of a number of up to nine characters stands."""
        return self.checked[0].at

    def place(self, index: int) -> tuple[int, int]:
        """Line and column, counted from 1, of a position in the run."""
        return index // self.width + 1, index % self.width + 1

    def lines_of(self, zone: str) -> tuple[str, ...]:
        return tuple(zone[start : start + self.width] for start in range(0, len(zone), self.width))

    def numeric(self) -> set[int]:
        """The positions where only a digit can stand: dates and check digits."""
        dates = {*range(self.birth_date.start, self.birth_date.stop)}
        dates |= {*range(self.expiry_date.start, self.expiry_date.stop)}
        return dates | {checked.at for checked in self.checked}


def _two_lines(
    name: str, width: int, optional_stop: int, checked: tuple[Checked, ...], letters: str
) -> Layout:
    second = width
    number, birth, expiry = _dated(second, (0, 9), (13, 19), (21, 27))
    return Layout(
        format=name,
        width=width,
        lines=2,
        name=slice(5, width),
        number=number.parts[0],
        nationality=slice(second + 10, second + 13),
        birth_date=birth.parts[0],
        sex=second + 20,
        expiry_date=expiry.parts[0],
        optional=slice(second + 28, second + optional_stop),
        checked=(number, birth, expiry, *checked),
        overflows=name == "TD2",
        first_letters=letters,
    )


def _dated(second: int, *spans: tuple[int, int]) -> list[Checked]:
    fields = ("number", "birth_date", "expiry_date")
    return [
        Checked(field, (slice(second + start, second + stop),), second + stop)
        for field, (start, stop) in zip(fields, spans, strict=True)
    ]


TD1 = Layout(
    format="TD1",
    width=30,
    lines=3,
    number=slice(5, 14),
    optional=slice(15, 30),
    birth_date=slice(30, 36),
    sex=37,
    expiry_date=slice(38, 44),
    nationality=slice(45, 48),
    optional_2=slice(48, 59),
    name=slice(60, 90),
    checked=(
        Checked("number", (slice(5, 14),), 14),
        Checked("birth_date", (slice(30, 36),), 36),
        Checked("expiry_date", (slice(38, 44),), 44),
        Checked("composite", (slice(5, 30), slice(30, 37), slice(38, 45), slice(48, 59)), 59),
    ),
    overflows=True,
    first_letters="ACI",
)
TD2 = _two_lines(
    "TD2",
    36,
    35,
    (Checked("composite", (slice(36, 46), slice(49, 56), slice(57, 71)), 71),),
    "ACI",
)
TD3 = _two_lines(
    "TD3",
    44,
    42,
    (
        Checked("optional", (slice(72, 86),), 86),
        Checked("composite", (slice(44, 54), slice(57, 64), slice(65, 87)), 87),
    ),
    "P",
)
MRV_A = _two_lines("MRV-A", 44, 44, (), "V")
MRV_B = _two_lines("MRV-B", 36, 36, (), "V")

LAYOUTS = {layout.format: layout for layout in (TD1, TD2, TD3, MRV_A, MRV_B)}
