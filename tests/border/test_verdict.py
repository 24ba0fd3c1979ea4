"""Verdicts and their algebra."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from allpoints.border.verdict import ACTIONS, HEADLINES, Verdict

VERDICTS = st.sampled_from(list(Verdict))


@settings(max_examples=60, deadline=None)
@given(VERDICTS, VERDICTS, VERDICTS)
def test_two_findings_make_one_verdict_in_any_order_and_grouping(
    one: Verdict, two: Verdict, three: Verdict
) -> None:
    assert one.with_(two) is two.with_(one)
    assert one.with_(two).with_(three) is one.with_(two.with_(three))
    assert one.with_(one) is one
    assert one.with_(Verdict.CLEAR) is one


@settings(max_examples=60, deadline=None)
@given(VERDICTS, VERDICTS)
def test_nothing_that_is_found_makes_a_verdict_milder(one: Verdict, two: Verdict) -> None:
    assert one.with_(two).gravity >= max(one.gravity, two.gravity)


def test_what_could_not_be_checked_is_graver_than_clear_and_milder_than_any_hit() -> None:
    hits = [verdict for verdict in Verdict if verdict.is_hit]
    assert hits == [Verdict.POSSIBLE, Verdict.OBJECT, Verdict.DOCUMENT, Verdict.BEARER]
    for verdict in (Verdict.UNREADABLE, Verdict.UNABLE):
        assert verdict.with_(Verdict.CLEAR) is verdict
        assert all(hit.with_(verdict) is hit for hit in hits)


@pytest.mark.parametrize("verdict", list(Verdict))
def test_every_verdict_says_what_was_found_and_what_to_do_in_words_of_its_own(verdict: Verdict) -> None:
    assert list(HEADLINES.values()).count(HEADLINES[verdict]) == 1
    assert list(ACTIONS.values()).count(ACTIONS[verdict]) == 1


def test_a_bad_document_and_a_sought_bearer_are_said_in_opposite_words() -> None:
    assert "reported stolen" in HEADLINES[Verdict.DOCUMENT]
    assert "Document valid" in HEADLINES[Verdict.BEARER]
