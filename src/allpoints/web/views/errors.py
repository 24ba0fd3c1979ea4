"""Error pages: what is wrong, what to do, and a reference that the log also has."""

from allpoints.ground.refusal import Fault, Refusal
from allpoints.web.views.common import Cell, View


class ErrorPage(View, frozen=True, kw_only=True):
    """``missing`` (403) names the right; ``retry_at_ms`` (429) the moment; ``mine``/``theirs`` (409) both versions."""

    status: int
    code: str
    sentence: str
    hint: str = ""
    reference: str = ""
    missing: str = ""
    ask: str = ""
    retry_at_ms: int = 0
    mine: tuple[Cell, ...] = ()
    theirs: tuple[Cell, ...] = ()
    faults: tuple[Fault, ...] = ()

    @classmethod
    def of(cls, refusal: Refusal, reference: str = "") -> "ErrorPage":
        return cls(
            status=refusal.status,
            code=refusal.code,
            sentence=refusal.sentence,
            hint=refusal.hint,
            reference=reference,
            faults=refusal.faults,
        )
