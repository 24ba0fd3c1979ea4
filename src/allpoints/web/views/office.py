"""The bureau's own housekeeping: imports, members, audit, state of node and network."""

from allpoints.ground.refusal import Fault
from allpoints.web.views.common import Input, Paging, Section, State, View


class ImportRow(View, frozen=True, kw_only=True):
    id: str
    href: str
    file: str
    register: str
    state: State
    officer: str
    started_ms: int
    done: int
    total: int
    refused: int


class ImportsPage(View, frozen=True, kw_only=True):
    """POST (multipart): the inputs (``register``, ``file``, ``purpose``, ``keep_going``)."""

    rows: tuple[ImportRow, ...] = ()
    inputs: tuple[Input, ...] = ()
    errors: tuple[Fault, ...] = ()
    paging: Paging
    may_import: bool = False


class BadRow(View, frozen=True, kw_only=True):
    line: int
    field: str
    value: str = ""
    code: str
    sentence: str
    hint: str = ""


class ImportPage(View, frozen=True, kw_only=True):
    """While ``running`` the page asks for itself again every two seconds (fragment ``progress``)."""

    id: str
    file: str
    register: str
    state: State
    running: bool
    officer: str
    started_ms: int
    ended_ms: int = 0
    total: int
    done: int
    accepted: int
    unchanged: int = 0
    refused: int = 0
    per_second: int = 0
    bad: tuple[BadRow, ...] = ()
    bad_total: int = 0


class PostRow(View, frozen=True, kw_only=True):
    name: str
    label: str
    state: State
    seen_ms: int = 0
    extract_ms: int = 0
    """Moment up to which its extract knows."""
    key_ends_ms: int = 0


class MemberRow(View, frozen=True, kw_only=True):
    member: str
    label: str
    role: str
    state: State
    since_ms: int
    seen_ms: int = 0
    key: str
    """Fingerprint."""
    key_ends_ms: int = 0
    measures: tuple[str, ...] = ()
    """What limits it at present, a sentence each."""
    posts: tuple[PostRow, ...] = ()


class MembersPage(View, frozen=True, kw_only=True):
    rows: tuple[MemberRow, ...]
    may_admit: bool = False


class AuditRow(View, frozen=True, kw_only=True):
    seq: int
    at_ms: int
    officer: str
    event: str
    """The shown word of the event."""
    purpose: str = ""
    case: str = ""
    subject: str = ""
    reference: str


class AuditPage(View, frozen=True, kw_only=True):
    """GET filters: ``officer``, ``event``, ``purpose``, ``case``, ``register``, ``since``, ``until``, ``before``."""

    chain: State
    """Such as "Log whole", good."""
    head: str
    size: int
    anchored_ms: int = 0
    inputs: tuple[Input, ...] = ()
    rows: tuple[AuditRow, ...] = ()
    paging: Paging
    errors: tuple[Fault, ...] = ()


class PeerRow(View, frozen=True, kw_only=True):
    name: str
    label: str
    role: str
    state: State
    delay_ms: int | None = None
    seen_ms: int = 0
    waiting: int = 0
    version: str = ""


class Setting(View, frozen=True, kw_only=True):
    name: str
    value: str
    origin: str
    """Where the value came from: default, file, environment."""
    sentence: str = ""


class StatePage(View, frozen=True, kw_only=True):
    """The node's own figures by section (ledger, index, mailbox, disk), and its peers."""

    node: State
    sections: tuple[Section, ...]
    peers: tuple[PeerRow, ...] = ()
    settings: tuple[Setting, ...] = ()
    """For administrators only."""
