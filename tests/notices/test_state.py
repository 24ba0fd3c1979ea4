"""The states of a notice as a table."""

from allpoints.notices.state import TRANSITIONS, NoticeState

S = NoticeState


def test_every_state_has_its_row() -> None:
    assert set(TRANSITIONS) == set(NoticeState)


def test_withdrawal_is_open_to_the_owner_until_the_end() -> None:
    barred = {state for state in S if not state.may_become(S.WITHDRAWN)}
    assert barred == {S.WITHDRAWN, S.CANCELLED, S.REFUSED}


def test_nothing_is_refused_once_it_is_approved_and_nothing_is_published_from_a_draft() -> None:
    assert {state for state in S if state.may_become(S.REFUSED)} == {
        S.SUBMITTED,
        S.SCREENING,
        S.QUERY_TO_SOURCE,
        S.LEGAL_REVIEW,
    }
    assert not S.DRAFT.may_become(S.PUBLISHED)
    assert S.APPROVED.may_become(S.PUBLISHED)


def test_what_has_ended_never_comes_into_force_but_what_expired_by_the_own_clock_may() -> None:
    for state in (S.WITHDRAWN, S.CANCELLED, S.REFUSED):
        assert state.ended
        assert not TRANSITIONS[state]
    assert S.EXPIRED.ended
    assert S.EXPIRED.may_become(S.UPDATED)
    assert not S.EXPIRED.may_become(S.PUBLISHED)


def test_a_border_acts_on_what_is_published_or_updated_only() -> None:
    assert {state for state in S if state.in_force} == {S.PUBLISHED, S.UPDATED}
    assert {state for state in S if state.at_secretariat} == {
        S.SUBMITTED,
        S.SCREENING,
        S.QUERY_TO_SOURCE,
        S.LEGAL_REVIEW,
        S.APPROVED,
    }
