"""Emergency access: what is open, what may be opened, and what waits for a review."""

from allpoints.ground.refusal import Fault
from allpoints.web.views.common import Countdown, Input, State, View


class AccessRow(View, frozen=True, kw_only=True):
    """One access. ``ends``: who looks may end it; ``reviews``: who looks is to review it."""

    number: int
    officer: str
    opened: str
    reason: str
    opened_ms: int
    ends_ms: int
    ended_by: str
    clock: Countdown | None = None
    state: State
    reviewer: str = ""
    review: str = ""
    ends: bool = False
    reviews: bool = False


class EmergencyPage(View, frozen=True, kw_only=True):
    """POST fields: ``act`` (open, end, review), ``number``; ``register``, ``role``, ``reason``; ``verdict``, ``text``.

    ``allowed``: the node has emergency access; ``fresh``: what needs a new proof can be done now; ``reviewing``: the
    number of the access whose review is being written.
    """

    allowed: bool
    fresh: bool
    waits: bool = False
    """An access of one's own has not been reviewed yet, so that there is no second one."""
    inputs: tuple[Input, ...] = ()
    review: tuple[Input, ...] = ()
    reviewing: int = 0
    rows: tuple[AccessRow, ...] = ()
    errors: tuple[Fault, ...] = ()
