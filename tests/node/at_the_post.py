"""What the tests of a post ask it, and how they read its answers."""

from tests.node.federation import Federation
from tests.node.samples import ASKS_PASSPORT

from allpoints.border.question import Question
from allpoints.border.verdict import Answer, Verdict
from allpoints.ground.refusal import Refusal

UNKNOWN = Question(number="ZZ999999", issuer="XAV")
Shown = list[Answer | Refusal]


def verdict(shown: Shown) -> tuple[Verdict, str]:
    (answer,) = shown
    assert isinstance(answer, Answer)
    return answer.verdict, answer.source


def offline(federation: Federation, question: Question = ASKS_PASSPORT) -> tuple[Verdict, str]:
    return verdict(federation.check_at_post(question))
