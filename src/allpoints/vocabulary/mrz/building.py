"""Writing a machine-readable zone."""

import re

import msgspec

from allpoints.ground.refusal import Refusal
from allpoints.vocabulary.mrz.dates import six_digits
from allpoints.vocabulary.mrz.digits import check_digit, checked_fields
from allpoints.vocabulary.mrz.layout import LAYOUTS, Layout
from allpoints.vocabulary.mrz.names import name_field

_SEPARATORS = re.compile(r"[ ./<-]")
_WRITABLE = re.compile(r"[A-Z0-9<]*")
_COUNTRY = re.compile(r"[A-Z]{1,3}")
_SEXES = {"M": "M", "F": "F", "X": "<", "U": "<", "": "<"}
_PRINTED = {"DEU": "D"}
"""Part 3, section 5: the one country whose code in the zone is not that of ISO 3166."""
_DOCUMENT_CODES = {"TD1": "I", "TD2": "I", "TD3": "P", "MRV-A": "V", "MRV-B": "V"}


class Fields(msgspec.Struct, frozen=True, kw_only=True):
    """What goes into a zone; names in any script, dates as ISO text as far as known, empty for unknown.

    ``document_code`` is by default the plain letter of the format. A ``sex`` that is neither ``M`` nor ``F``
    is written as a filler. ``optional_2`` is for TD1 only.
    """

    format: str
    issuer: str
    number: str
    family_name: str
    given_names: str = ""
    nationality: str
    birth_date: str = ""
    sex: str = "X"
    expiry_date: str = ""
    document_code: str = ""
    optional: str = ""
    optional_2: str = ""


def build(fields: Fields) -> tuple[str, ...]:
    """The lines of a zone, check digits included; ``parse`` reads the same fields back.

    Numbers beyond nine characters overflow into the optional data of TD1 (up to 22) and TD2 (up to 14); names
    that are too long are shortened as parts 4 to 7 say. Raises Refusal for what the format cannot hold.
    """
    layout = LAYOUTS.get(fields.format)
    if layout is None:
        raise Refusal("MRZ-FORMAT", f"{fields.format} is not one of {', '.join(LAYOUTS)}.", path="format")
    zone = ["<"] * (layout.width * layout.lines)
    zone[layout.code] = _document_code(fields, layout)
    zone[layout.issuer] = _country(fields.issuer, "issuer")
    zone[layout.nationality] = _country(fields.nationality, "nationality")
    zone[layout.name] = name_field(fields.family_name, fields.given_names, _length(layout.name))
    zone[layout.birth_date] = _date(fields.birth_date, "birth_date")
    zone[layout.expiry_date] = _date(fields.expiry_date, "expiry_date")
    zone[layout.sex] = _sex(fields.sex)
    number, overflow = _number(fields, layout)
    zone[layout.number] = number
    zone[layout.optional] = _optional(fields.optional, overflow, _length(layout.optional), "optional")
    if layout.optional_2 is not None:
        zone[layout.optional_2] = _optional(fields.optional_2, "", _length(layout.optional_2), "optional_2")
    elif fields.optional_2:
        raise Refusal("MRZ-OPTIONAL", f"{layout.format} has one optional field only.", path="optional_2")
    return layout.lines_of(_with_digits(zone, layout, long_number=bool(overflow)))


def _with_digits(zone: list[str], layout: Layout, *, long_number: bool) -> str:
    # Any digit marks the place of the number's check digit, so that only true overflow is taken for one.
    if not long_number:
        zone[layout.number_digit] = "0"
    for _, parts, at in checked_fields("".join(zone), layout):
        zone[at] = check_digit("".join("".join(zone[part]) for part in parts))
    return "".join(zone)


def _length(part: slice) -> int:
    return int(part.stop) - int(part.start)


def _document_code(fields: Fields, layout: Layout) -> str:
    code = (fields.document_code or _DOCUMENT_CODES[layout.format]).upper().rstrip("<")
    if not re.fullmatch(r"[A-Z][A-Z0-9]?", code) or code[0] not in layout.first_letters:
        raise Refusal(
            "MRZ-FORMAT",
            f"{code} cannot be the document code of format {layout.format}.",
            path="document_code",
            hint=f"It has one or two characters and starts with {' or '.join(layout.first_letters)}.",
        )
    return code.ljust(2, "<")


def _country(code: str, path: str) -> str:
    written = code.upper().rstrip("<")
    written = _PRINTED.get(written, written)
    if not _COUNTRY.fullmatch(written):
        raise Refusal(
            "MRZ-ISSUER",
            f"{code!r} is not a country code.",
            path=path,
            hint="Give the code of Doc 9303 part 3: three letters, or D.",
        )
    return written.ljust(3, "<")


def _sex(sex: str) -> str:
    if sex not in _SEXES:
        raise Refusal("MRZ-SEX", f"{sex!r} is not a sex.", path="sex", hint="Use M, F, X or U.")
    return _SEXES[sex]


def _date(text: str, path: str) -> str:
    try:
        return six_digits(text)
    except ValueError:
        raise Refusal(
            "MRZ-DATE",
            f"{text!r} is not a date.",
            path=path,
            hint="Write it as 1974-08-12, 1974-08 or 1974, or leave it empty.",
        ) from None


def _number(fields: Fields, layout: Layout) -> tuple[str, str]:
    """The nine characters of the number field, and what overflows with a place for its check digit."""
    written = _SEPARATORS.sub("<", fields.number.strip().upper())
    compact = written.replace("<", "")
    if not compact or not _WRITABLE.fullmatch(compact):
        raise Refusal("MRZ-NUMBER", f"{fields.number!r} is not a document number.", path="number")
    if len(written) <= 9:
        return written.ljust(9, "<"), ""
    if len(compact) <= 9:
        return compact.ljust(9, "<"), ""
    longest = 9 + _length(layout.optional) - 2 if layout.overflows else 9
    if len(compact) > longest:
        raise Refusal(
            "MRZ-NUMBER",
            f"A document number in format {layout.format} has at most {longest} characters, not {len(compact)}.",
            path="number",
            hint=""
            if layout.overflows
            else "For a longer one the standard prints its nine principal characters.",
        )
    return compact[:9], f"{compact[9:]}0<"


def _optional(text: str, overflow: str, length: int, path: str) -> str:
    written = overflow + _SEPARATORS.sub("<", text.strip().upper())
    if not _WRITABLE.fullmatch(written) or len(written) > length:
        raise Refusal(
            "MRZ-OPTIONAL",
            f"The optional data must fit into {length - len(overflow)} characters of A to Z, 0 to 9 and <.",
            path=path,
        )
    return written.ljust(length, "<")
