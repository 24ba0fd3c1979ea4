"""The overseer's page, and why somebody may do something or not."""

from allpoints.ground.refusal import Fault
from allpoints.web.views.common import Input, State, View
from allpoints.web.views.office import AuditRow


class Verified(View, frozen=True, kw_only=True):
    """How the verification of the whole log stands."""

    state: State
    verified: int
    total: int
    erased: int
    anchored: int
    started_ms: int
    finished_ms: int


class Drawn(View, frozen=True, kw_only=True):
    """A sample, with what is needed to draw it again."""

    seed: str
    size: int
    among: int
    rows: tuple[AuditRow, ...]


class OversightPage(View, frozen=True, kw_only=True):
    """POST fields: ``act`` (verify, sample) and the filter; ``/en/oversight/export`` takes the filter too."""

    verified: Verified | None
    filters: tuple[Input, ...]
    draw: tuple[Input, ...]
    may_export: bool
    drawn: Drawn | None = None
    errors: tuple[Fault, ...] = ()


class WatchRow(View, frozen=True, kw_only=True):
    """``settles``: whether there is something to say about it still."""

    number: int
    officer: str
    rule: str
    sentence: str
    at_ms: int
    line: int
    state: State
    settled_by: str
    settled_ms: int
    reason: str
    settles: bool


class WatchPage(View, frozen=True, kw_only=True):
    """POST fields: ``number``, ``verdict``, ``reason``. ``sound``: the alerts are those that the audit log binds."""

    sound: bool
    rows: tuple[WatchRow, ...]
    inputs: tuple[Input, ...]
    settling: int = 0
    errors: tuple[Fault, ...] = ()


class RuleRow(View, frozen=True, kw_only=True):
    name: str
    says: str
    file: str


class WhyAnswer(View, frozen=True, kw_only=True):
    """``question`` is what the same is asked with on the command line."""

    state: State
    question: str
    sentence: str
    rules: tuple[RuleRow, ...]
    version: str
    digest: str


class WhyPage(View, frozen=True, kw_only=True):
    """POST fields: ``officer``, ``act``, ``register``, ``purpose``."""

    inputs: tuple[Input, ...]
    answer: WhyAnswer | None = None
    errors: tuple[Fault, ...] = ()
