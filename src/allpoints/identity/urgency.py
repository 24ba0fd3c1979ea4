"""What the secretariat may order against a member alone: something short, and not again and again."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from allpoints.ground.clock import DAY
from allpoints.ground.refusal import Refusal
from allpoints.identity.standing import MODES, URGENT_AGAIN_MS, URGENT_TERM_MS, Measure

if TYPE_CHECKING:
    from allpoints.identity.known import Ordered


def check_alone(before: "Sequence[Ordered]", measure: Measure, at_ms: int) -> None:
    """Refuse what the secretariat may not order alone: nobody limits a member for long, or again and again."""
    if not measure.until_ms or measure.until_ms > max(at_ms, measure.from_ms) + URGENT_TERM_MS:
        raise Refusal(
            "MEASURE-TOO-LONG",
            f"The secretariat alone limits a member for {URGENT_TERM_MS // DAY} days at most.",
            path="until_ms",
            hint="Longer ones the holders of the root approve: --draft writes the order for them.",
            status=403,
        )
    if any(_chained(one, measure, at_ms) for one in before):
        raise Refusal(
            "MEASURE-AGAIN",
            f"The secretariat alone limited {measure.member} as much in the last"
            f" {URGENT_AGAIN_MS // DAY} days already.",
            path="member",
            hint="The holders of the root may approve it: --draft writes the order for them.",
            status=409,
        )


def _chained(before: "Ordered", measure: Measure, at_ms: int) -> bool:
    """Whether a measure would only go on where an earlier one ends; a lifted one was decided on, and counts no more."""
    as_strict = MODES.index(before.measure.mode) >= MODES.index(measure.mode)
    return as_strict and not before.lifted and at_ms < before.at_ms + URGENT_AGAIN_MS
