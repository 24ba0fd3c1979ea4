"""What genuine papers look like: specimens of travel documents and of papers of civil status, each by its issuer."""

from collections.abc import Iterator
from typing import NamedTuple

from allpoints.sample.chance import Chance
from allpoints.sample.countries import Country
from allpoints.sample.documents import CARD, PASSPORT
from allpoints.sample.table import Row, Table
from allpoints.sample.world import World, number_of

KINDS = (
    (PASSPORT, "P", "TD3", "Ordinary passport"),
    (CARD, "I", "TD1", "Identity card"),
    ("residence-permit", "R", "TD1", "Residence permit"),
    ("visa", "V", "MRV-A", "Visa sticker"),
    ("laissez-passer", "L", "TD3", "Laissez-passer"),
)
CIVIL_KINDS = (
    ("birth", "Birth certificate"),
    ("marriage", "Marriage certificate"),
    ("death", "Death certificate"),
    ("citizenship", "Certificate of citizenship"),
    ("family-book", "Family book"),
)

VALID_YEARS = 10
SERIES_YEARS = 4
"""A new series comes every so many years."""

EARLIEST_YEAR = 1960
_BOOKLETS = frozenset({PASSPORT, "laissez-passer"})
_PRINTING = ("offset", "intaglio", "engraved", "screen", "letterpress")
_EMBLEMS = (
    "heron",
    "lighthouse",
    "three waves",
    "cypress",
    "compass rose",
    "mountain pass",
    "lotus",
    "crane",
)
_PORTRAITS = (
    "Laser-engraved portrait with a ghost image",
    "Portrait printed by dye diffusion under a laminate",
)
_INKS = (
    "the ink of the crest turns from green to blue",
    "the crest shows two colours under ultraviolet light",
)
_SUBSTRATES = ("Polycarbonate", "Paper with coloured fibres", "Watermarked paper", "Synthetic paper")


class Specimen(NamedTuple):
    """One series of a document."""

    code: str
    ref: str
    title: str
    kind: str
    format: str
    issued: int
    status: str
    replaced: int


class Specimens:
    """The travel documents of one member, newest series first."""

    def __init__(self, world: World, member: Country) -> None:
        self.world = world
        self.member = member
        self.count = world.count("specimens", member.code)

    def __iter__(self) -> Iterator[Specimen]:
        return map(self.specimen, range(self.count))

    def specimen(self, number: int) -> Specimen:
        """The series with this number."""
        age, at = divmod(number, len(KINDS))
        kind, letter, form, title = KINDS[at]
        issued, status, replaced = _series(self.world, age)
        return Specimen(
            code=f"{self.member.code}-{letter}-{issued}-{number + 1}",
            ref=f"{self.member.code}-E-{number:07d}",
            title=f"{title} of {issued}",
            kind=kind,
            format=form,
            issued=issued,
            status=status,
            replaced=replaced,
        )


def _series(world: World, age: int) -> tuple[int, str, int]:
    """The year of a series, whether it is still valid, and the year in which the next one replaced it."""
    years = world.today.year - 1 - EARLIEST_YEAR
    issued = world.today.year - 1 - age * SERIES_YEARS % years
    if age == 0:
        return issued, "issued", 0
    replaced = issued + SERIES_YEARS
    return issued, "valid" if replaced + VALID_YEARS > world.today.year else "invalid", replaced


def _dates(issued: int, replaced: int) -> dict[str, object]:
    """From when a series was issued, until when, and when the last of it expires."""
    return {
        "issue_date": f"{issued}-01-01",
        "last_issued": f"{replaced - 1}-12-31" if replaced else "",
        "expiry_date": f"{replaced + VALID_YEARS - 1}-12-31" if replaced else "",
    }


def _documents(world: World, member: Country) -> Iterator[Row]:
    for number, one in enumerate(Specimens(world, member)):
        chance = world.chance("specimen", number_of(member.code), number)
        yield {
            "source_ref": one.ref,
            "specimen": one.code,
            "title": one.title,
            "document_type": one.kind,
            "issuer": member.code,
            "status": one.status,
            "format": one.format,
            "pages": chance.one((32, 48)) if one.kind in _BOOKLETS else 0,
            "chip": one.kind != "visa" and one.issued > 2008,
            "number_format": _spelled(member.card if one.kind == CARD else member.passport),
            "validity_years": VALID_YEARS,
            "features": f"{chance.one(_PORTRAITS)}; {chance.one(_INKS)}; watermark of a {chance.one(_EMBLEMS)}.",
            "printing": chance.some(_PRINTING, 2),
            "substrate": chance.one(_SUBSTRATES),
            "languages": member.languages,
            **_dates(one.issued, one.replaced),
        }


def _civil(world: World, member: Country) -> Iterator[Row]:
    for number in range(world.count("civil", member.code)):
        chance = world.chance("civil", number_of(member.code), number)
        age, at = divmod(number, len(CIVIL_KINDS))
        kind, title = CIVIL_KINDS[at]
        issued, status, replaced = _series(world, age)
        yield {
            "source_ref": f"{member.code}-T-{number:07d}",
            "specimen": f"{member.code}-{kind[0].upper()}{at}-{issued}-{number + 1}",
            "title": f"{title} of {issued}",
            "kind": kind,
            "issuer": member.code,
            "authority": chance.one(("Registry offices of the communes", "Courts of first instance")),
            "status": status,
            "number_format": "Year, stroke, five digits",
            "features": f"Watermark of a {chance.one(_EMBLEMS)}; dry seal in the lower {_corner(chance)} corner.",
            "printing": (chance.one(_PRINTING),),
            "substrate": chance.one(_SUBSTRATES[1:3]),
            "languages": member.languages,
            "issue_date": f"{issued}-01-01",
            "last_issued": f"{replaced - 1}-12-31" if replaced else "",
        }


def _corner(chance: Chance) -> str:
    return chance.one(("left", "right"))


def _spelled(pattern: str) -> str:
    """A pattern of numbers in words that a reader compares with the paper in hand."""
    return f"As in {pattern.replace('L', 'A')}: A is a letter, 9 a digit"


TABLE = Table(
    "document-specimens",
    (
        "source_ref", "specimen", "title", "document_type", "issuer", "status", "format", "pages", "chip",
        "number_format", "validity_years", "features", "printing", "substrate", "languages", "issue_date",
        "last_issued", "expiry_date",
    ),
    _documents,
)  # fmt: skip

CIVIL_TABLE = Table(
    "civil-status-specimens",
    (
        "source_ref", "specimen", "title", "kind", "issuer", "authority", "status", "number_format", "features",
        "printing", "substrate", "languages", "issue_date", "last_issued",
    ),
    _civil,
)  # fmt: skip
