"""Letters: what an officer hands in is taken whole, or refused with everything that is wrong with it."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from allpoints.ground.refusal import Refusal
from allpoints.messages.letter import (
    PRIORITIES,
    RECIPIENT_LIMIT,
    SUBJECT_LIMIT,
    TEXT_LIMIT,
    Draft,
    checked,
)

KNOWN = {"XAV", "XBM", "XCS", "XSC"}
HANDLING = {"official-use", "restricted"}


def faults(draft: Draft) -> dict[str, str]:
    with pytest.raises(Refusal) as caught:
        checked(draft, KNOWN, HANDLING)
    return {fault.path: fault.code for fault in caught.value.faults}


def test_a_good_letter_is_taken_with_its_recipients_once_each_in_order() -> None:
    draft = checked(Draft((" xbm", "XSC", "XBM", ""), "  Hello ", "text", "urgent"), KNOWN, HANDLING)
    assert draft == Draft(("XBM", "XSC"), "Hello", "text", "urgent")


def test_every_fault_of_a_letter_is_named_at_once() -> None:
    draft = Draft(("XBM", "XQQ"), " ", "t" * (TEXT_LIMIT + 1), "soon", "secret")
    assert faults(draft) == {
        "to[1]": "LETTER-UNKNOWN",
        "subject": "LETTER-NO-SUBJECT",
        "text": "LETTER-TOO-LONG",
        "priority": "LETTER-PRIORITY",
        "handling": "LETTER-HANDLING",
    }


def test_a_letter_to_nobody_or_to_too_many_is_refused() -> None:
    assert faults(Draft(("", " "), "s", "t")) == {"to": "LETTER-NO-RECIPIENT"}
    many = tuple(f"X{number:02d}" for number in range(RECIPIENT_LIMIT + 1))
    with pytest.raises(Refusal) as caught:
        checked(Draft(many, "s", "t"), set(many), HANDLING)
    assert caught.value.code == "LETTER-RECIPIENTS"
    assert checked(Draft(many[1:], "s", "t"), set(many), HANDLING).to == many[1:]


def test_the_longest_subject_and_text_are_taken() -> None:
    draft = Draft(("XBM",), "s" * SUBJECT_LIMIT, "t" * TEXT_LIMIT)
    assert checked(draft, KNOWN, HANDLING) == draft
    assert faults(Draft(("XBM",), "s" * (SUBJECT_LIMIT + 1), "t")) == {"subject": "LETTER-TOO-LONG"}


def test_priorities_are_ordered_as_their_words_say() -> None:
    assert PRIORITIES["normal"] < PRIORITIES["urgent"] < PRIORITIES["very-urgent"]


@settings(max_examples=80, deadline=None)
@given(
    st.lists(st.sampled_from(["XAV", "xbm ", "XQQ", ""]), max_size=4).map(tuple),
    st.text(max_size=5),
    st.sampled_from(["normal", "urgent", "later"]),
)
def test_any_letter_is_taken_or_refused_and_what_was_taken_is_taken_again_unchanged(
    to: tuple[str, ...], subject: str, priority: str
) -> None:
    try:
        draft = checked(Draft(to, subject, "text", priority), KNOWN, HANDLING)
    except Refusal:
        return
    assert checked(draft, KNOWN, HANDLING) == draft
    assert set(draft.to) <= KNOWN
