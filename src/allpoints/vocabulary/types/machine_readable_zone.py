"""The machine-readable zone of a document, as the text of its lines."""

import datetime as dt
from typing import Annotated, Any, ClassVar

import msgspec

from allpoints.ground.refusal import Fault, Refusal
from allpoints.vocabulary import mrz
from allpoints.vocabulary.normal import document_key
from allpoints.vocabulary.types.base import FieldType, wrong_type

SAME_DOCUMENT_SCORE = 0.9
"""Issuer and number are the same, and something else is not: a renewed print or a forged zone."""

SAME_PERSON_SCORE = 0.5
"""Name and birth date are the same on two documents."""

_LINE = "[A-Z0-9<]"
_LINES = rf"({_LINE}{{30}}\n{_LINE}{{30}}\n{_LINE}{{30}}|{_LINE}{{36}}\n{_LINE}{{36}}|{_LINE}{{44}}\n{_LINE}{{44}})"
_LONGEST = 92
# A century is only guessed from today, and nothing here asks for it.
_ANY_DAY = dt.date(2000, 1, 1)


class MachineReadableZone(FieldType, frozen=True):
    """Lines in capital letters whose check digits all add up; any other zone is refused."""

    name: ClassVar[str] = "mrz"
    personal: ClassVar[bool] = True

    def clean(self, raw: object, path: str) -> str:
        if type(raw) is not str:
            raise wrong_type(path, "Text", raw)
        if not raw.strip():
            return ""
        try:
            zone = _read(raw)
        except Refusal as refusal:
            raise Refusal(
                refusal.code, refusal.sentence, path=path, hint=refusal.hint, status=refusal.status
            ) from None
        if not zone.valid:
            raise Refusal.of(Fault(each.code, each.sentence, path, each.hint) for each in zone.faults)
        return "\n".join(zone.lines)

    def normal(self, value: str) -> str:
        return value

    def compare(self, one: str, other: str) -> float:
        if one == other:
            return 1.0
        left, right = _read(one), _read(other)
        if _document(left) == _document(right):
            return SAME_DOCUMENT_SCORE
        return SAME_PERSON_SCORE if _person(left) == _person(right) else 0.0

    def caption(self, value: str, language: str = "en") -> str:
        del language
        zone = _read(value)
        return f"{zone.document_type} {zone.issuer} {zone.number}, {zone.family_name} {zone.given_names}".rstrip()

    def advice(self, value: str) -> tuple[str, ...]:
        return tuple(f"{each.sentence} {each.hint}" for each in _read(value).warnings)

    def facts(self, value: str) -> tuple[tuple[str, str], ...]:
        """What the zone says; dates have two digits of the year, as printed, because the century is not."""
        zone = _read(value)
        said = (
            ("Format", zone.format),
            ("Document type", zone.document_type),
            ("Issuer", zone.issuer),
            ("Number", zone.number),
            ("Family name", zone.family_name),
            ("Given names", zone.given_names),
            ("Nationality", zone.nationality),
            ("Birth date", zone.birth_date[2:]),
            ("Sex", zone.sex),
            ("Expiry date", zone.expiry_date[2:]),
            ("Optional data", " ".join(filter(None, (zone.optional, zone.optional_2)))),
        )
        return tuple((label, text) for label, text in said if text)

    @property
    def examples(self) -> tuple[str, ...]:
        return (
            "P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<\nL898902C36UTO7408122F1204159ZE184226B<<<<<10",
            "I<UTOD231458907<<<<<<<<<<<<<<<\n7408122F1204159UTO<<<<<<<<<<<6\nERIKSSON<<ANNA<MARIA<<<<<<<<<<",
        )

    def annotation(self) -> Any:
        return Annotated[str, msgspec.Meta(max_length=_LONGEST, pattern=rf"^{_LINES}?\Z")]

    def schema(self) -> dict[str, Any]:
        return {"type": "string", "pattern": f"^{_LINES}$", "maxLength": _LONGEST}


def _read(value: str) -> mrz.Mrz:
    return mrz.parse(value, today=_ANY_DAY)


def _document(zone: mrz.Mrz) -> str:
    return document_key(zone.issuer, zone.number) if zone.number else "\n".join(zone.lines)


def _person(zone: mrz.Mrz) -> tuple[str, str, str]:
    return zone.family_name, zone.given_names, zone.birth_date
