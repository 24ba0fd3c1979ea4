"""Notices: list, page and form."""

from allpoints.ground.refusal import Fault
from allpoints.web.views.common import (
    Countdown,
    Event,
    FormSection,
    Identity,
    Option,
    Paging,
    Section,
    State,
    View,
)
from allpoints.web.words import _


class NoticeRow(View, frozen=True, kw_only=True):
    reference: str
    href: str
    title: str
    kind: str
    """``red``; the word is ``kind_label``."""
    kind_label: str
    state: State
    owner: str
    published_ms: int = 0
    expires_ms: int = 0


class NoticesPage(View, frozen=True, kw_only=True):
    """GET ``?state=&kind=``."""

    rows: tuple[NoticeRow, ...] = ()
    states: tuple[Option, ...] = ()
    state: str = ""
    paging: Paging
    may_write: bool = False


class Charge(View, frozen=True, kw_only=True):
    offence: str
    law: str = ""
    penalty: str = ""
    facts: str = ""
    language: str = ""


class Warrant(View, frozen=True, kw_only=True):
    number: str
    authority: str
    issued: str
    country: str


class Version(View, frozen=True, kw_only=True):
    number: int
    at_ms: int
    by: str
    changes: tuple[str, ...] = ()


class NoticePage(View, frozen=True, kw_only=True):
    """POST fields (owner only): ``act`` = ``withdraw`` | ``submit``, ``reason``."""

    reference: str
    kind: str
    kind_label: str
    identity: Identity
    owner: str
    handling: str
    state: State
    published_ms: int = 0
    expiry: Countdown | None = None
    sections: tuple[Section, ...] = ()
    charges: tuple[Charge, ...] = ()
    warrant: Warrant | None = None
    versions: tuple[Version, ...] = ()
    review: tuple[Event, ...] = ()
    """Review so far, without what is sealed from this viewer."""
    review_href: str = ""
    excluded: tuple[str, ...] = ()
    """Countries that cannot open it; shown to the owner only."""
    may_submit: bool = False
    may_withdraw: bool = False
    reason: str = ""
    errors: tuple[Fault, ...] = ()


class NoticeFormPage(View, frozen=True, kw_only=True):
    """POST fields: every input of every section."""

    kind: str = "red"
    kind_label: str = _("Red notice")
    reference: str = ""
    """Empty for a new one."""
    sections: tuple[FormSection, ...]
    errors: tuple[Fault, ...] = ()
