"""The states of a case as a table."""

from allpoints.review.case import TRANSITIONS, CaseState


def test_every_state_has_its_row_and_a_closed_one_leads_nowhere() -> None:
    assert set(TRANSITIONS) == set(CaseState)
    assert {state for state in CaseState if state.closed} == {
        CaseState.APPROVED,
        CaseState.REFUSED,
        CaseState.WITHDRAWN,
    }


def test_refused_ends_from_every_state_of_the_review_and_approved_only_from_legal_review() -> None:
    open_states = {state for state in CaseState if not state.closed}
    assert {state for state in CaseState if state.may_become(CaseState.REFUSED)} == open_states
    assert {state for state in CaseState if state.may_become(CaseState.APPROVED)} == {CaseState.LEGAL_REVIEW}
