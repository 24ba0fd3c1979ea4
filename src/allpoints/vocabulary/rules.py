"""Named rules: what a register may ask of its records beyond its fields, by a name in its declaration."""

import datetime as dt
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from operator import attrgetter
from typing import Any, NamedTuple

from allpoints.ground.refusal import Fault
from allpoints.vocabulary.declaration import Minors, RegisterHead
from allpoints.vocabulary.identifying import Check
from allpoints.vocabulary.types.base import FieldType
from allpoints.vocabulary.types.text import Text

MAJORITY_YEARS = 18
"""Under this age a person is a minor, whatever the law of the source says above it."""

PROTECTED_STATUSES = ("victim", "witness")
"""Persons of whom strictly the facts are held, and nothing in the open (Rules on the Processing of Data, art. 44)."""

_PERSONAL = re.compile(
    r"[\w.+-]+@[\w-]+\.\w"  # an e-mail address
    r"|(?<!\w)\+\d[\d ()./-]{7,}\d"  # a telephone number as it is dialled from abroad
    r"|[A-Z<]{5,}<<[A-Z<]*"  # names of a machine-readable zone
    r"|\b(?:born|né|née|nacid[oa]|d\.?o\.?b\.?)\s+(?:on\s+|le\s+|el\s+)?\d"  # a date of birth
    r"|\b(?:Mr|Mrs|Ms|Mme|Mlle|Sr|Sra|Srta)\.?\s+[^\W\d_]{2,}",  # a title before a name
)


class Entry(NamedTuple):
    """What a record is entered with: how it must be handled and on which day."""

    handling: str
    today: dt.date


EntryCheck = Callable[[Any, Entry], Iterator[Fault]]


class Rule(NamedTuple):
    """One named rule: what it says, the fields it needs, the types it forbids, and its check of a body if any."""

    sentence: str
    needs: tuple[str, ...] = ()
    forbids: tuple[str, ...] = ()
    check: Callable[[Mapping[str, FieldType]], Check] | None = None


def _no_person_text(types: Mapping[str, FieldType]) -> Check:
    texts = [name for name, kind in types.items() if isinstance(kind, Text)]

    def faults(body: Any) -> Iterator[Fault]:
        for name in texts:
            value = getattr(body, name)
            if value and _PERSONAL.search(value):
                yield Fault(
                    "TEXT-PERSON",
                    "This register holds things, never persons, and the text seems to speak of one.",
                    name,
                    "Leave out names, addresses, numbers and dates of birth of persons.",
                )

    return faults


def _consent(_: Mapping[str, FieldType]) -> Check:
    def faults(body: Any) -> Iterator[Fault]:
        if body.consent is not True:
            yield Fault(
                "CONSENT-MISSING",
                "A relative's data are held with the relative's consent only.",
                "consent",
                "Enter the record when consent was given in writing.",
            )

    return faults


def in_order(earlier: str, later: str) -> Callable[[Mapping[str, FieldType]], Check]:
    """A check that one date is not after another, compared as far as both are known."""

    def make(_: Mapping[str, FieldType]) -> Check:
        def faults(body: Any) -> Iterator[Fault]:
            first, last = getattr(body, earlier), getattr(body, later)
            if first and last and first[: len(last)] > last[: len(first)]:
                yield Fault(
                    "DATES-ORDER", "This date is before the one it must follow.", later, "Check both dates."
                )

        return faults

    return make


RULES: Mapping[str, Rule] = {
    "no-person-text": Rule(
        "Free text speaks of things, not of persons.", forbids=("person-name",), check=_no_person_text
    ),
    "no-files": Rule(
        "No picture, film or other file is ever held, only what is computed from it.",
        forbids=("file", "image"),
    ),
    "nameless": Rule(
        "No name is held, and nothing that leads to one.",
        forbids=("person-name", "scripted-name", "birth-date", "mrz", "phone", "e-mail"),
    ),
    "consent": Rule(
        "Held with the written consent of the person it came from.", needs=("consent",), check=_consent
    ),
    "issued-before-expiry": Rule(
        "A document is issued before it expires.",
        needs=("issue_date", "expiry_date"),
        check=in_order("issue_date", "expiry_date"),
    ),
}


def sensitive_check(names: Sequence[str], absent: Mapping[str, Any], reason: str) -> Check:
    """Sensitive data are refused unless the record says why they are relevant."""

    def faults(body: Any) -> Iterator[Fault]:
        if getattr(body, reason):
            return
        for name in names:
            if getattr(body, name) != absent[name]:
                yield Fault(
                    "SENSITIVE-NOT-RELEVANT",
                    "Particularly sensitive data are held only where they are relevant, and the record says why.",
                    name,
                    f"Leave it out, or give the reason in {reason}.",
                )

    return faults


def any_of_check(group: Sequence[str], absent: Mapping[str, Any]) -> Check:
    """At least one field of a group must be given."""
    given = [(attrgetter(name), absent[name]) for name in group]

    def faults(body: Any) -> Iterator[Fault]:
        for value_of, nothing in given:
            if value_of(body) != nothing:
                return
        yield Fault(
            "FIELD-ONE-OF",
            f"At least one of {', '.join(group)} must be given.",
            group[0],
            "Give what is known.",
        )

    return faults


def entry_checks(head: RegisterHead, handling: Sequence[str]) -> tuple[EntryCheck, ...]:
    """What depends on the day and the handling code a record is entered with; ``handling`` is lowest first."""
    open_codes = frozenset(handling[:1])
    checks: list[EntryCheck] = []
    if head.minors is not None:
        checks.append(_minors_check(head.minors, open_codes))
    if head.status and head.person_data:
        checks.append(_status_check(head.status, open_codes))
    return tuple(checks)


def _minors_check(minors: Minors, open_codes: frozenset[str]) -> EntryCheck:
    def faults(body: Any, entry: Entry) -> Iterator[Fault]:
        flagged = getattr(body, minors.flag) is True
        if not flagged and is_minor(getattr(body, minors.born), entry.today):
            yield Fault(
                "MINOR-NOT-FLAGGED",
                "The person is, or may be, under eighteen and is not marked as a minor.",
                minors.flag,
                f"Say {minors.flag}: yes.",
            )
        if flagged and entry.handling in open_codes:
            yield _too_open("minors", "a minor")

    return faults


def _status_check(status: str, open_codes: frozenset[str]) -> EntryCheck:
    def faults(body: Any, entry: Entry) -> Iterator[Fault]:
        if getattr(body, status) in PROTECTED_STATUSES and entry.handling in open_codes:
            yield _too_open("victims and witnesses", f"a {getattr(body, status)}")

    return faults


def _too_open(who: str, what: str) -> Fault:
    return Fault(
        "HANDLING-TOO-OPEN",
        f"Records of {who} are restricted or higher; this one is about {what}.",
        "handling",
        "Choose restricted or confidential.",
    )


def is_minor(born: str, today: dt.date) -> bool:
    """Whether a person born then is surely or possibly under eighteen; False when nothing is known of the date.

    ``born`` may be a year or a year and month: the youngest reading counts.
    """
    if not born or not born[:4].isdigit():
        return False
    limit = f"{today.year - MAJORITY_YEARS:04d}-{today.month:02d}-{today.day:02d}"
    return born > limit[: len(born)] or (len(born) < len(limit) and born == limit[: len(born)])
