"""How officers prove who they are: enrolling, confirming it, one's own account, and the administrator's officers."""

from allpoints.ground.refusal import Fault
from allpoints.web.views.common import Input, Option, View


class EnrolPage(View, frozen=True, kw_only=True):
    """POST fields: ``name``, ``code``, ``label``, ``answer``; ``passwords``: a password may be had instead."""

    inputs: tuple[Input, ...]
    passwords: bool
    errors: tuple[Fault, ...] = ()


class SecretPage(View, frozen=True, kw_only=True):
    """A password, token or code, shown this once; ``onward`` is where to go next."""

    title: str
    sentence: str
    secret: str
    onward: str
    onward_label: str


class OnwardPage(View, frozen=True, kw_only=True):
    """On the way to a provider or back: the browser goes on to ``href`` by itself."""

    title: str
    href: str
    label: str


class VerifyPage(View, frozen=True, kw_only=True):
    """POST fields: ``answer`` or ``password``, and ``next``; ``provider`` is what one's provider is called."""

    next: str
    passkey: bool
    password: bool
    provider: str = ""
    errors: tuple[Fault, ...] = ()


class PasskeyRow(View, frozen=True, kw_only=True):
    id: str
    label: str
    model: str
    created_ms: int
    used_ms: int


class VouchedRow(View, frozen=True, kw_only=True):
    id: str
    kind: str
    value: str
    created_ms: int
    used_ms: int


class SessionRow(View, frozen=True, kw_only=True):
    id: str
    method: str
    started_ms: int
    seen_ms: int
    here: bool


class AccountPage(View, frozen=True, kw_only=True):
    """POST fields: ``act`` and what it is about. ``fresh``: what needs a new proof can be done now."""

    officer: str
    fresh: bool
    passkeys: tuple[PasskeyRow, ...] = ()
    sessions: tuple[SessionRow, ...] = ()
    has_password: bool = False
    has_token: bool = False
    label: Input
    permissions: Input
    errors: tuple[Fault, ...] = ()


class OfficerRow(View, frozen=True, kw_only=True):
    name: str
    href: str
    roles: str
    certified: str
    proofs: str
    created_ms: int


class OfficersPage(View, frozen=True, kw_only=True):
    """POST fields: ``name``, ``roles``."""

    rows: tuple[OfficerRow, ...]
    fresh: bool
    inputs: tuple[Input, ...] = ()
    errors: tuple[Fault, ...] = ()


class OfficerPage(View, frozen=True, kw_only=True):
    """POST fields: ``act`` and what it is about. The code of an enrolment that waits ends at ``code_ends_ms``."""

    officer: str
    fresh: bool
    proofs: str
    code_ends_ms: int = 0
    passwords: bool = False
    roles: Input
    passkeys: tuple[PasskeyRow, ...] = ()
    sessions: tuple[SessionRow, ...] = ()
    vouched: tuple[VouchedRow, ...] = ()
    vouching: tuple[Input, ...] = ()
    certified: tuple[Option, ...] = ()
    certifiable: Input | None = None
    permissions: Input
    errors: tuple[Fault, ...] = ()
