"""A hit and its life, as rules."""

import itertools

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from allpoints.border.hit import (
    ORDINARY_ANSWER_MS,
    REASON_LIMIT,
    TRANSITIONS,
    URGENT_ANSWER_MS,
    HitState,
    answered,
    deadline,
    hit_id,
    may_become,
)
from allpoints.ground.refusal import Refusal

STATES = st.sampled_from(list(HitState))
ANSWERS = {HitState.CONFIRMED, HitState.REFUTED}


def test_every_state_has_its_transitions_written_down() -> None:
    assert set(TRANSITIONS) == set(HitState)


@settings(max_examples=60, deadline=None)
@given(STATES, STATES)
def test_nothing_leads_back_to_raised_and_no_answer_is_ever_taken_back(now: HitState, then: HitState) -> None:
    if then is HitState.RAISED or now in ANSWERS or now is then:
        assert not may_become(now, then)


@pytest.mark.parametrize("state", [one for one in HitState if one not in ANSWERS])
def test_whatever_is_open_can_still_be_answered_even_when_its_clock_ran_out(state: HitState) -> None:
    assert all(may_become(state, answer) for answer in ANSWERS)


@settings(max_examples=80, deadline=None)
@given(st.lists(STATES, max_size=12))
def test_any_course_of_events_ends_after_at_most_three_steps(events: list[HitState]) -> None:
    state, steps = HitState.RAISED, 0
    for then in events:
        if may_become(state, then):
            state, steps = then, steps + 1
    assert steps <= 3
    assert state in ANSWERS or not ANSWERS & set(events)


def test_an_answer_is_confirmed_or_refuted_and_gives_a_reason() -> None:
    given_answer = answered("h1", "refuted", "  Another bearer. ", "anna", 7)
    assert (given_answer.state, given_answer.reason) == (HitState.REFUTED, "Another bearer.")
    for state, reason, code in (
        ("raised", "why", "HIT-VERDICT"),
        ("expired", "why", "HIT-VERDICT"),
        ("maybe", "why", "HIT-VERDICT"),
        ("confirmed", "   ", "HIT-REASON"),
        ("confirmed", "x" * (REASON_LIMIT + 1), "HIT-REASON-LONG"),
    ):
        with pytest.raises(Refusal) as caught:
            answered("h1", state, reason, "anna", 7)
        assert caught.value.code == code


def test_the_same_check_and_record_are_the_same_hit_and_any_other_are_another() -> None:
    pairs = list(itertools.product(("c1", "c2", "c"), ("aa", "1aa", "bb")))
    assert len({hit_id(*pair) for pair in pairs}) == len(pairs)
    assert hit_id("c1", "aa") == hit_id("c1", "aa")


def test_a_waiting_traveller_is_urgent_and_an_earlier_check_is_not() -> None:
    assert deadline(1_000, late=False) == 1_000 + URGENT_ANSWER_MS
    assert deadline(1_000, late=True) == 1_000 + ORDINARY_ANSWER_MS
    assert URGENT_ANSWER_MS < ORDINARY_ANSWER_MS
