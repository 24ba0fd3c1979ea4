"""A stated reason: what every act that ends, blocks, renews or links needs, in words that a person can read."""

from allpoints.ground.refusal import Refusal
from allpoints.registers.record import REASON_LIMIT
from allpoints.vocabulary.types.base import plain_text


def stated(reason: str, act: str = "This is done") -> str:
    """The reason for an act, trimmed; raises Refusal NO-REASON, REASON-TOO-LONG and those of plain text."""
    if len(reason) > REASON_LIMIT:
        raise Refusal("REASON-TOO-LONG", f"A reason has at most {REASON_LIMIT} characters.", path="reason")
    clean = plain_text(reason, "reason", REASON_LIMIT, lines=True)
    if not clean:
        raise Refusal("NO-REASON", f"{act} for a stated reason.", path="reason", hint="Say why.")
    return clean


def check_stated(reason: str) -> None:
    """Refuse what another member's program calls a reason unless it is one already, as ``stated`` gives it."""
    if stated(reason) != reason:
        raise Refusal(
            "REASON-NOT-CLEAN", "The reason is not in the form that cleaning gives it.", path="reason"
        )
