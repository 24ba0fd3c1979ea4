"""Sign-in and the desk."""

from allpoints.web.views.common import Cell, Countdown, State, Tone, View


class SignInPage(View, frozen=True, kw_only=True):
    """POST fields: ``name``, ``password``, ``next``; ``answer`` of a passkey. A locked account says until when."""

    name: str = ""
    next: str = ""
    error: str = ""
    locked_until_ms: int = 0
    passwords: bool = True
    cards: bool = False
    provider: str = ""
    """What the provider is called at which officers sign in too; empty where there is none."""


class Waiting(View, frozen=True, kw_only=True):
    """One thing that waits for the officer."""

    title: str
    href: str
    kind: str
    """A word: hit, notice, review, message, import."""
    state: State
    due: Countdown | None = None


class Alert(View, frozen=True, kw_only=True):
    """One line of the live feed; the server sends it as an event with this ``id``."""

    id: str
    at_ms: int
    kind: str
    title: str
    text: str = ""
    href: str = ""
    tone: Tone = "info"
    parties: tuple[str, ...] = ()
    """Alpha-3 codes; the command centre sees owner, searcher and itself."""


class RecentRecord(View, frozen=True, kw_only=True):
    title: str
    href: str
    register: str
    state: State
    seen_ms: int


class ExpiringNotice(View, frozen=True, kw_only=True):
    title: str
    href: str
    expires_ms: int


class DeskMessage(View, frozen=True, kw_only=True):
    subject: str
    href: str
    sender: str
    received_ms: int
    urgent: bool = False


class NodeState(View, frozen=True, kw_only=True):
    """How the node is: a word, and the few figures behind it."""

    state: State
    cells: tuple[Cell, ...] = ()


class DeskPage(View, frozen=True, kw_only=True):
    """``last_event_id`` is the newest alert's id; the feed resumes after it.

    ``without_reason``: purpose and case are not chosen yet, so that lists are left out and alerts name nobody.
    """

    waiting: tuple[Waiting, ...] = ()
    alerts: tuple[Alert, ...] = ()
    last_event_id: str = ""
    recent: tuple[RecentRecord, ...] = ()
    expiring: tuple[ExpiringNotice, ...] = ()
    messages: tuple[DeskMessage, ...] = ()
    node: NodeState
    without_reason: bool = False
    emergencies: int = 0
    """Emergency accesses of others that nobody has reviewed yet."""
