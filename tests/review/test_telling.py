"""What the requester hears, and above all what it does not."""

import sqlite3
from collections.abc import Callable
from itertools import combinations

import msgspec
import pytest

from allpoints.ground.refusal import Refusal
from allpoints.identity.officers import Asker
from allpoints.review import store
from allpoints.review.case import Opinion, Protection
from allpoints.review.codes import known, reasons, tellable
from allpoints.review.deciding import decide
from allpoints.review.opening import open_case
from allpoints.review.protecting import note_protection
from allpoints.review.request import Request
from allpoints.review.rulebook import Rulebook
from allpoints.review.telling import Told, told_reasons
from allpoints.vocabulary.register import Vocabulary

NOW_MS = 1_731_000_000_000
SEALED = ("A2-TORTURE", "A2-TRIAL", "A2-DEATH", "REFUGEE")
SECRET = "Castrovia granted asylum on 3 May"


@pytest.fixture
def told_after(
    rulebook: Rulebook,
    request_with: Callable[..., Request],
    officers: tuple[Asker, ...],
    vocabulary: Vocabulary,
) -> Callable[..., list[Told | None]]:
    def run(
        *opinions: Opinion, body: dict[str, object] | None = None, noted: bool = False
    ) -> list[Told | None]:
        db = sqlite3.connect(":memory:", isolation_level=None)
        db.executescript(store.SCHEMA)
        case = open_case(db, rulebook, request_with(body), NOW_MS)
        if noted:
            note_protection(
                db, vocabulary, officers[2], case.id, Protection("XCS", "XAV", "granted", SECRET), NOW_MS
            )
        told = [
            decide(db, rulebook, officers[at % 2], case.id, opinion, NOW_MS + 1).told
            for at, opinion in enumerate(opinions)
        ]
        db.close()
        return told

    return run


def test_every_refusal_with_a_sealed_reason_tells_the_same_generic_words(
    told_after: Callable[..., list[Told | None]],
) -> None:
    answers = []
    for sealed in SEALED:
        opinion = Opinion("refuse", (sealed, "PENALTY"), SECRET)
        answers.append(told_after(opinion, opinion, body={"maximum_penalty_months": 1}, noted=True)[-1])
    assert answers[0] is not None
    assert (answers[0].codes, answers[0].text) == ((reasons().generic.code,), reasons().generic.title)
    assert answers == [answers[0]] * len(SEALED)


def test_a_sealed_reason_among_any_others_gives_the_generic_words() -> None:
    generic = ((reasons().generic.code,), reasons().generic.title)
    for size in range(3):
        for others in combinations(sorted(known()), size):
            for sealed in SEALED:
                assert told_reasons((*others, sealed)) == generic
            if not set(others) & set(SEALED):
                assert told_reasons(others)[0] == others


def test_neither_code_nor_country_nor_officers_words_of_a_sealed_reason_reach_the_requester(
    told_after: Callable[..., list[Told | None]],
) -> None:
    for code in SEALED:
        opinion = Opinion("refuse", (code, "PENALTY"), SECRET)
        sent = msgspec.json.encode(told_after(opinion, opinion, noted=True)).decode()
        for canary in (*SEALED, "PENALTY", "Castrovia", "XCS", "asylum", "ada", "ben"):
            assert canary not in sent


def test_a_first_refusal_on_sealed_reasons_looks_like_a_first_approval(
    told_after: Callable[..., list[Told | None]],
) -> None:
    (refusing,) = told_after(Opinion("refuse", ("REFUGEE",), SECRET))
    (approving,) = told_after(Opinion("approve"))
    assert refusing == approving
    assert refusing is not None
    assert (refusing.state, refusing.codes, refusing.text) == ("legal_review", (), "")


def test_a_plain_refusal_tells_its_reasons_and_what_the_gates_measured_but_not_the_officers_reasoning(
    told_after: Callable[..., list[Told | None]],
) -> None:
    opinion = Opinion("refuse", ("PENALTY",), "Ada thinks little of this source.")
    (told,) = told_after(opinion, body={"maximum_penalty_months": 12})
    assert told is not None
    assert (told.state, told.codes) == ("refused", ("PENALTY",))
    assert "The maximum penalty of 12 months is below 24 months." in told.text
    assert "Ada" not in told.text


def test_an_unshared_sealed_reason_beside_a_shared_one_still_makes_the_answer_generic(
    told_after: Callable[..., list[Told | None]],
) -> None:
    told = told_after(
        Opinion("refuse", ("A3-POL",), SECRET), Opinion("refuse", ("A3-POL", "A2-DEATH"), SECRET)
    )[-1]
    assert told is not None
    assert told.codes == (reasons().generic.code,)


def test_a_query_carries_its_words_and_cannot_name_a_sealed_reason(
    told_after: Callable[..., list[Told | None]],
) -> None:
    (told,) = told_after(Opinion("query", ("NO-WARRANT",), "Please send the warrant."))
    assert told is not None
    assert (told.state, told.codes) == ("query_to_source", ("NO-WARRANT",))
    assert told.text.endswith("Please send the warrant.")
    for code in SEALED:
        with pytest.raises(Refusal) as refused:
            told_after(Opinion("query", (code,), "Was asylum granted?"))
        assert refused.value.code == "REVIEW-QUERY-TELLS"


def test_the_second_approval_is_told_and_a_step_that_is_none_is_not(
    told_after: Callable[..., list[Told | None]],
) -> None:
    told = told_after(Opinion("approve"), Opinion("approve"))
    assert [one.state for one in told if one] == ["legal_review", "approved"]
    assert told_after(Opinion("approve"), Opinion("refuse", ("A3-POL",), "doubt"))[1] is None


def test_only_tellable_codes_are_ever_told() -> None:
    for code in known():
        assert set(told_reasons([code])[0]) <= set(tellable())
