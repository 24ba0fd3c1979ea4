"""Penalty: the thresholds themselves, and that heavier never turns a yes into a no."""

from hypothesis import given, settings
from hypothesis import strategies as st

from allpoints.review.answer import Result
from allpoints.review.predicates.parameters import Parameters, PenaltyLimits
from allpoints.review.predicates.penalty import penalty_reaches, penalty_stated
from allpoints.review.request import Request

LIMITS = PenaltyLimits(24, 6, 6)
months = st.integers(0, 600)


def asked(**body: object) -> Request:
    return Request("0" * 32, "red", "XAV", "ref", 1, dict(body), 0)


@settings(max_examples=60, deadline=None)
@given(maximum=months)
def test_a_prosecution_needs_a_maximum_of_two_years(maximum: int) -> None:
    answer = penalty_reaches(asked(request_for="prosecution", maximum_penalty_months=maximum), LIMITS)
    assert (answer.result is Result.PASSED) == (maximum >= 24)
    assert answer.looked_at["maximum_months"] == str(maximum)


@settings(max_examples=60, deadline=None)
@given(sentence=st.none() | months, remaining=st.none() | months)
def test_a_sentence_needs_six_months_imposed_or_six_months_left(
    sentence: int | None, remaining: int | None
) -> None:
    request = asked(request_for="sentence", sentence_months=sentence, remaining_months=remaining)
    enough = (sentence or 0) >= 6 or (remaining or 0) >= 6
    unstated = sentence is None and remaining is None
    assert (penalty_reaches(request, LIMITS).result is Result.PASSED) == (enough or unstated)
    contradiction = sentence is not None and remaining is not None and remaining > sentence
    assert (penalty_stated(request, Parameters()).result is Result.FAILED) == (unstated or contradiction)


def test_a_truth_value_is_no_number_of_months() -> None:
    stated = penalty_stated(asked(request_for="prosecution", maximum_penalty_months=True), Parameters())
    assert stated.result is Result.FAILED
    assert stated.looked_at == {"maximum_months": "not stated"}
