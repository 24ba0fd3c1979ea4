"""Reading a machine-readable zone."""

import datetime as dt
from collections.abc import Container, Sequence

from allpoints.ground.refusal import Fault
from allpoints.vocabulary.mrz.dates import birth_date, expiry_date
from allpoints.vocabulary.mrz.digits import CheckDigit, check_digits, checked_fields
from allpoints.vocabulary.mrz.issuers import issuers as listed_issuers
from allpoints.vocabulary.mrz.layout import Checked, Layout
from allpoints.vocabulary.mrz.misreads import likely_misreads, meant_codes, misread_hint
from allpoints.vocabulary.mrz.names import read_name
from allpoints.vocabulary.mrz.scan import scanned
from allpoints.vocabulary.mrz.zone import Mrz, document_type

_SEXES = {"M": "M", "F": "F", "<": "X", "X": "X"}
_COMPARE = "Compare it with the document."
_LABELS = {
    "number": "document number",
    "birth_date": "birth date",
    "expiry_date": "expiry date",
    "optional": "optional data",
    "composite": "whole zone",
}
_COMPLAINTS = (
    ("number", "MRZ-NUMBER", "The document number"),
    ("name", "MRZ-NAME", "The name field"),
    ("birth_date", "MRZ-DATE", "The birth date"),
    ("sex", "MRZ-SEX", "The sex"),
    ("expiry_date", "MRZ-DATE", "The expiry date"),
)
"""Field, code and subject of a warning; sentences hold no personal data, so that they may be logged."""


def parse(text: str | Sequence[str], *, today: dt.date, issuers: Container[str] | None = None) -> Mrz:
    """Read a zone as printed, with every check digit; nothing is corrected or guessed.

    ``text`` is one string, with or without line ends, or the lines; case and blanks around lines do not
    matter. ``today`` decides the century of two-digit years (see ``dates``). A code outside ``issuers`` (by
    default the vocabulary's list) gives a warning. Raises Refusal MRZ-EMPTY, MRZ-LENGTH, MRZ-CHARACTER or
    MRZ-FORMAT. Source: ICAO Doc 9303, 8th edition.
    """
    zone, layout = scanned(text)
    fields = checked_fields(zone, layout)
    checks = check_digits(zone, layout, fields)
    faults = _faults(zone, layout, fields, checks)
    code, issuer, nationality = codes = _codes(zone, layout)
    name = read_name(zone[layout.name])
    born = birth_date(zone[layout.birth_date], today)
    expires = expiry_date(zone[layout.expiry_date], today)
    sex = _SEXES.get(zone[layout.sex], "U")
    number, optional, doubt = _number(zone, layout, fields[0])
    unsexed = "is neither M nor F nor a filler" if sex == "U" else ""
    complaints = (doubt, name.complaint, born.complaint, unsexed, expires.complaint)
    known = listed_issuers() if issuers is None else issuers
    return Mrz(
        format=layout.format,
        document_code=code,
        document_type=document_type(code, issuer),
        issuer=issuer,
        number=number,
        family_name=name.family,
        given_names=name.given,
        nationality=nationality,
        birth_date=born.text,
        sex=sex,
        expiry_date=expires.text,
        optional=optional,
        optional_2=zone[layout.optional_2].rstrip("<") if layout.optional_2 else "",
        name_truncated=name.truncated,
        checks=checks,
        valid=not faults,
        faults=faults,
        warnings=_warnings(layout, codes, known, complaints),
        lines=layout.lines_of(zone),
    )


def _codes(zone: str, layout: Layout) -> tuple[str, str, str]:
    """Document code, issuer and nationality without fillers."""
    return (
        zone[layout.code].rstrip("<"),
        zone[layout.issuer].rstrip("<"),
        zone[layout.nationality].rstrip("<"),
    )


def _number(zone: str, layout: Layout, field: Checked) -> tuple[str, str, str]:
    """The whole number without fillers, the optional data that remain beside it, and what is wrong with it."""
    optional = layout.optional
    if len(field.parts) == 1:
        number = zone[layout.number].replace("<", "")
        return number, zone[optional].rstrip("<"), "" if number else "is empty"
    number = "".join(zone[part] for part in field.parts).replace("<", "")
    complaint = (
        "" if field.at + 1 < optional.stop else "runs on into the optional data without a filler at its end"
    )
    return number, zone[field.at + 2 : optional.stop].rstrip("<"), complaint


def _faults(
    zone: str, layout: Layout, fields: tuple[Checked, ...], checks: tuple[CheckDigit, ...]
) -> tuple[Fault, ...]:
    leading = _leading_filler(zone, layout)
    if all(check.ok for check in checks):
        return leading
    hint = misread_hint(likely_misreads(zone, layout, fields, checks))
    return leading + tuple(
        Fault(
            "MRZ-CHECK-DIGIT",
            f"The check digit of the {_LABELS[check.field]} does not add up: line {check.line}, column "
            f"{check.position} has {check.given}, and {check.expected} is expected.",
            check.field,
            hint,
        )
        for check in checks
        if not check.ok
    )


def _leading_filler(zone: str, layout: Layout) -> tuple[Fault, ...]:
    """A number never begins with a filler, and check digits cannot tell one from A, K, U or 0."""
    if zone[layout.number][0] != "<":
        return ()
    fault = Fault(
        "MRZ-NUMBER",
        "The document number begins with a filler, so its first character was not read.",
        "number",
        "Scan again, or type number and issuer from the page.",
    )
    return (fault,)


def _warnings(
    layout: Layout, codes: tuple[str, str, str], known: Container[str], complaints: tuple[str, ...]
) -> tuple[Fault, ...]:
    code, issuer, nationality = codes
    warnings = []
    if code[0] not in layout.first_letters:
        usual = " or ".join(layout.first_letters)
        warnings.append(
            Fault(
                "MRZ-DOCUMENT-CODE",
                f"The document code is {code}, and in format {layout.format} it starts with {usual}.",
                "document_code",
                _COMPARE,
            )
        )
    if issuer not in known:
        warnings.append(_unknown(issuer, "issuer", known))
    if nationality not in known:
        warnings.append(_unknown(nationality, "nationality", known))
    for (field, warning, subject), complaint in zip(_COMPLAINTS, complaints, strict=True):
        if complaint:
            warnings.append(Fault(warning, f"{subject} {complaint}.", field, _COMPARE))
    return tuple(warnings)


def _unknown(code: str, field: str, known: Container[str]) -> Fault:
    meant = " or ".join(meant_codes(code, known))
    return Fault(
        "MRZ-ISSUER",
        f"{code or 'An empty field'} is not the code of an issuing country or organisation.",
        field,
        f"Look whether the document shows {meant}." if meant else _COMPARE,
    )
