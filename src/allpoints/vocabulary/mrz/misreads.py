"""Which single misread character would explain check digits that do not add up: a hint, never a correction."""

from collections.abc import Container, Iterable
from typing import NamedTuple

from allpoints.vocabulary.mrz.digits import CheckDigit, check_digits, checked_fields
from allpoints.vocabulary.mrz.layout import Checked, Layout

MISREADS_SHOWN_LIMIT = 3
"""More suggestions than this help nobody compare a line with a document."""

LOOKALIKES = {
    "0": "ODQ",
    "1": "I",
    "2": "Z",
    "5": "S",
    "6": "G",
    "8": "B",
    "B": "8",
    "D": "0",
    "G": "6",
    "I": "1",
    "O": "0",
    "Q": "0",
    "S": "5",
    "Z": "2",
}
"""What else a character in OCR-B, worn or badly lit, is often read as."""


class Misread(NamedTuple):
    line: int
    column: int
    seen: str
    meant: str


def likely_misreads(
    zone: str, layout: Layout, fields: Iterable[Checked], digits: Iterable[CheckDigit]
) -> list[Misread]:
    """The single look-alikes that would make every check digit add up.

    One character can only explain all failures if every failed digit covers it, so the search is over what
    the failed ones have in common.
    """
    failed = [field.positions() for field, digit in zip(fields, digits, strict=True) if not digit.ok]
    if not failed:
        return []
    numeric = layout.numeric()
    found = []
    for index in sorted(set.intersection(*failed)):
        for meant in LOOKALIKES.get(zone[index], ""):
            if index in numeric and not meant.isdigit():
                continue
            trial = f"{zone[:index]}{meant}{zone[index + 1 :]}"
            if all(digit.ok for digit in check_digits(trial, layout, checked_fields(trial, layout))):
                found.append(Misread(*layout.place(index), zone[index], meant))
    return found


def misread_hint(misreads: list[Misread]) -> str:
    """One sentence for the officer: where to look on the document."""
    if not misreads:
        return "Scan it again, or compare the line with the document."
    places = " or ".join(
        f"{misread.meant} at line {misread.line}, column {misread.column} (read as {misread.seen})"
        for misread in misreads[:MISREADS_SHOWN_LIMIT]
    )
    return f"Look whether the document shows {places}: then all check digits would add up."


def meant_codes(code: str, known: Container[str]) -> list[str]:
    """The known codes that differ from ``code`` by one look-alike."""
    trials = (
        f"{code[:index]}{meant}{code[index + 1 :]}"
        for index, seen in enumerate(code)
        for meant in LOOKALIKES.get(seen, "")
    )
    return [trial for trial in trials if trial in known]
