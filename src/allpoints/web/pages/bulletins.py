"""What a bulletin's page says of its body, whether it is a submission, a case under review or published."""

from collections.abc import Mapping
from typing import Any

import msgspec

from allpoints.ground.refusal import Refusal
from allpoints.notices.notice import Told
from allpoints.review.codes import known, reasons
from allpoints.vocabulary.register import NoticeKind
from allpoints.web.pages.showing import NOTICE_STATES, PERSON_FIELDS, caption_of, cells_of
from allpoints.web.views.common import Cell, Event, Section
from allpoints.web.views.notices import Charge, Warrant
from allpoints.web.words import _

CHARGE_FIELDS = ("offences", "charge", "facts", "law", "warrants", "maximum_penalty_months")


def body_of(kind: NoticeKind, plain: Mapping[str, Any]) -> msgspec.Struct | None:
    """The body of a notice from its plain values; nothing once it has ended."""
    if not plain:
        return None
    try:
        return kind.clean(plain)
    except Refusal:
        # Written under rules of another time: it is shown as ended rather than half.
        return None


def sections(kind: NoticeKind, body: msgspec.Struct, expires_ms: int = 0) -> tuple[Section, ...]:
    """The person, and everything about the case that stands outside the charge."""
    expiry = (Cell(_("Expires"), expires_ms, "time"),) if expires_ms else ()
    apart = {*PERSON_FIELDS, *CHARGE_FIELDS, "warnings"}
    rest = [field.name for field in kind.fields if field.name not in apart]
    found = (
        Section(_("Person"), cells_of(kind, body, PERSON_FIELDS)),
        Section(_("Request"), cells_of(kind, body, rest) + expiry),
    )
    return tuple(section for section in found if section.cells)


def charges(kind: NoticeKind, body: msgspec.Struct, language: str = "") -> tuple[Charge, ...]:
    """The charge as published; offences are its class, the charge its words."""
    offence, charge = caption_of(kind, body, "offences"), caption_of(kind, body, "charge")
    facts = caption_of(kind, body, "facts")
    if not (offence or charge or facts):
        return ()
    penalty = caption_of(kind, body, "maximum_penalty_months")
    return (
        Charge(
            offence=": ".join(part for part in (offence, charge) if part),
            law=caption_of(kind, body, "law"),
            penalty=_("at most %s") % penalty if penalty else "",
            facts=facts,
            language=language,
        ),
    )


def warrant(body: msgspec.Struct) -> Warrant | None:
    """The first warrant or judgment."""
    listed = getattr(body, "warrants", ())
    if not listed:
        return None
    first = listed[0]
    return Warrant(
        number=first.reference, authority=first.authority, issued=first.issued_on, country=first.country
    )


def told_events(messages: tuple[Told, ...]) -> tuple[Event, ...]:
    """What the secretariat has told the owner, step by step."""
    return tuple(
        Event(
            at_ms=one.at_ms,
            title=NOTICE_STATES[one.state].word,
            by=_("Secretariat"),
            text=" ".join([*(f"{code}: {reason_title(code)}" for code in one.codes), one.text]).strip(),
            tone=NOTICE_STATES[one.state].tone,
        )
        for one in messages
    )


def reason_title(code: str) -> str:
    """The words of a reason's code."""
    generic = reasons().generic
    if code == generic.code:
        return generic.title
    return known()[code].title if code in known() else code
