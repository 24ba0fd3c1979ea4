"""What a desk may answer: every finding with what it needs, and nothing that it does not mean."""

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from allpoints.ground.refusal import Refusal
from allpoints.tracing.answering import ALLOWED, Reply, checked
from allpoints.tracing.trace import NAME_LIMIT, TEXT_LIMIT, Finding
from allpoints.vocabulary.loading import load

COUNTRIES = load().countries
WHOLE = Reply("exported", " Shipped on 3 May 2019. ", " xbm ", "Selm Import", "2019-05-03", "INV 771")


def codes(reply: Reply) -> set[str]:
    with pytest.raises(Refusal) as caught:
        checked(reply, "XAV", COUNTRIES)
    return {one.code for one in caught.value.faults} or {caught.value.code}


def test_a_whole_answer_is_cleaned() -> None:
    answer = checked(WHOLE, "XAV", COUNTRIES)
    assert (answer.finding, answer.text, answer.country) == (
        Finding.EXPORTED,
        "Shipped on 3 May 2019.",
        "XBM",
    )
    assert (answer.party, answer.dated, answer.reference) == ("Selm Import", "2019-05-03", "INV 771")


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"finding": "gone"}, {"TRACE-FINDING"}),
        ({"text": " "}, {"TRACE-TEXT"}),
        ({"text": "x" * (TEXT_LIMIT + 1)}, {"TRACE-LONG"}),
        ({"party": "x" * (NAME_LIMIT + 1)}, {"TRACE-LINE"}),
        ({"party": "two\nlines"}, {"TRACE-LINE"}),
        ({"country": ""}, {"TRACE-NOT-SAID"}),
        ({"country": "nowhere"}, {"COUNTRY-UNKNOWN"}),
        ({"country": "XAV"}, {"TRACE-EXPORTED-HOME"}),
        ({"dated": "3 May"}, {"DATE-FORM"}),
        ({"finding": "sold"}, {"TRACE-NOT-MEANT"}),
        ({"finding": "no-record"}, {"TRACE-NOT-MEANT"}),
        ({"country": "", "text": "", "dated": "x"}, {"TRACE-NOT-SAID", "TRACE-TEXT", "DATE-FORM"}),
    ],
)
def test_what_is_wrong_is_said_all_at_once(changes: dict[str, str], expected: set[str]) -> None:
    assert codes(msgspec.structs.replace(WHOLE, **changes)) == expected


def test_every_finding_can_be_answered_with_no_more_than_a_sentence_and_what_it_needs() -> None:
    needed = {"exported": {"country": "XBM"}, "sold": {"party": "Harbour Arms"}}
    for finding in Finding:
        reply = Reply(finding, "As our files say.", **needed.get(finding, {}))
        assert checked(reply, "XAV", COUNTRIES).finding is finding
    assert set(ALLOWED) == set(Finding)


WORDS = st.text(max_size=120)


@settings(max_examples=200, deadline=None)
@given(st.builds(Reply, st.sampled_from(list(Finding)) | WORDS, WORDS, WORDS, WORDS, WORDS, WORDS))
def test_any_answer_is_refused_or_taken_and_then_taken_again_unchanged(reply: Reply) -> None:
    try:
        answer = checked(reply, "XAV", COUNTRIES)
    except Refusal:
        return
    again = Reply(answer.finding, answer.text, answer.country, answer.party, answer.dated, answer.reference)
    assert checked(again, "XAV", COUNTRIES) == answer
