"""Two people decide: who may say what, when, and what it leads to."""

import sqlite3
from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from allpoints.ground.clock import DAY, HOUR, MINUTE
from allpoints.ground.refusal import Refusal
from allpoints.identity.officers import Asker
from allpoints.review import store
from allpoints.review.case import Case, CaseState, Opinion
from allpoints.review.deciding import Outcome, approved, decide, matter_of, waive, why_not
from allpoints.review.opening import close_withdrawn, open_case
from allpoints.review.request import Request
from allpoints.review.rulebook import Rulebook, load

NOW_MS = 1_731_000_000_000
APPROVE = Opinion("approve")


class Desk:
    """A reviewers' desk with one good case unless the body says otherwise."""

    def __init__(
        self, db: sqlite3.Connection, make: Callable[..., Request], people: tuple[Asker, ...]
    ) -> None:
        self.db = db
        self.make = make
        self.ada, self.ben, self.cem = people
        self.rulebook = load()

    def open(self, **body: object) -> Case:
        return open_case(self.db, self.rulebook, self.make(body), NOW_MS)

    def say(self, who: Asker, case: Case, opinion: Opinion) -> Outcome:
        return decide(self.db, self.rulebook, who, case.id, opinion, NOW_MS + 1)

    def refused(self, who: Asker, case: Case, opinion: Opinion) -> list[str]:
        before = (store.known_case(self.db, case.id), store.decisions(self.db, case.id))
        with pytest.raises(Refusal) as refused:
            self.say(who, case, opinion)
        assert (store.known_case(self.db, case.id), store.decisions(self.db, case.id)) == before
        return [fault.code for fault in refused.value.faults]


@pytest.fixture
def desk(db: sqlite3.Connection, request_with: Callable[..., Request], officers: tuple[Asker, ...]) -> Desk:
    return Desk(db, request_with, officers)


def test_two_different_officers_approve_and_the_result_names_both(desk: Desk) -> None:
    case = desk.open()
    assert desk.say(desk.ben, case, APPROVE).case.state is CaseState.LEGAL_REVIEW
    assert desk.refused(desk.ben, case, APPROVE) == ["REVIEW-SAME-OFFICER"]
    assert desk.say(desk.ada, case, APPROVE).case.state is CaseState.APPROVED
    result = approved(desk.db, case.id)
    assert result.reviewers == ("ada", "ben")
    assert (result.digest, result.rule_version, result.waived) == (case.digest, "red-2022-01", ())


def test_what_is_not_approved_has_no_result(desk: Desk) -> None:
    case = desk.open()
    desk.say(desk.ada, case, APPROVE)
    with pytest.raises(Refusal) as refused:
        approved(desk.db, case.id)
    assert refused.value.code == "REVIEW-NOT-APPROVED"


def test_a_refusing_gate_bars_approval_until_it_is_waived_with_who_and_why(desk: Desk) -> None:
    case = desk.open(maximum_penalty_months=12)
    assert desk.refused(desk.ada, case, APPROVE) == ["REVIEW-GATE-REFUSES"]
    with pytest.raises(Refusal) as refused:
        waive(desk.db, desk.rulebook, desk.ada, case.id, "penalty", "  ", NOW_MS)
    assert refused.value.code == "REVIEW-NO-TEXT"
    waiver = waive(desk.db, desk.rulebook, desk.ada, case.id, "penalty", "Nine countries seek him.", NOW_MS)
    assert (waiver.officer, waiver.why, waiver.rule_version) == (
        "ada",
        "Nine countries seek him.",
        "red-2022-01",
    )
    with pytest.raises(Refusal) as refused:
        waive(desk.db, desk.rulebook, desk.ben, case.id, "penalty", "again", NOW_MS)
    assert refused.value.code == "REVIEW-WAIVED"
    desk.say(desk.ada, case, APPROVE)
    desk.say(desk.ben, case, APPROVE)
    assert approved(desk.db, case.id).waived == ("penalty",)


@pytest.mark.parametrize(
    ("gate", "code"),
    [
        ("extradition", "REVIEW-NOT-WAIVABLE"),
        ("penalty", "REVIEW-NOTHING-TO-WAIVE"),
        ("mood", "RULES-UNKNOWN-GATE"),
    ],
)
def test_a_gate_that_does_not_refuse_or_is_not_of_steps_1_and_2_cannot_be_waived(
    gate: str, code: str, desk: Desk
) -> None:
    case = desk.open(extradition_assured=False)
    with pytest.raises(Refusal) as refused:
        waive(desk.db, desk.rulebook, desk.ada, case.id, gate, "because", NOW_MS)
    assert refused.value.code == code
    assert desk.refused(desk.ada, case, APPROVE) == ["REVIEW-GATE-REFUSES"]


def test_what_is_incomplete_is_not_approved_but_queried(desk: Desk) -> None:
    case = desk.open(law=None)
    assert desk.refused(desk.ada, case, APPROVE) == ["REVIEW-INCOMPLETE"]
    asked = desk.say(desk.ada, case, Opinion("query", ("FACTS-VAGUE",), "Which law?"))
    assert asked.case.state is CaseState.QUERY_TO_SOURCE
    assert desk.refused(desk.ben, case, APPROVE) == ["REVIEW-WAITING"]
    assert desk.refused(desk.ben, case, Opinion("query", ("FACTS-VAGUE",), "And?")) == ["REVIEW-WAITING"]


def test_a_source_counts_as_silent_only_when_its_time_is_over_and_then_whatever_rules_are_in_force(
    desk: Desk,
) -> None:
    new_year_ms = 1_640_995_200_000
    case = open_case(desk.db, desk.rulebook, desk.make(), new_year_ms - HOUR)
    silent = Opinion("refuse", ("SOURCE-SILENT",), "No answer.")
    assert desk.refused(desk.ben, case, silent) == ["REVIEW-NOT-SILENT"]
    query = Opinion("query", ("DUP",), "Which one?")
    decide(desk.db, desk.rulebook, desk.ada, case.id, query, new_year_ms - MINUTE)
    due_ms = new_year_ms - MINUTE + 14 * DAY
    with pytest.raises(Refusal) as refused:
        decide(desk.db, desk.rulebook, desk.ben, case.id, silent, due_ms)
    assert refused.value.code == "REVIEW-NOT-SILENT"
    with pytest.raises(Refusal) as refused:
        decide(desk.db, desk.rulebook, desk.ben, case.id, Opinion("refuse", ("DUP",), "twice"), due_ms + 1)
    assert refused.value.code == "REVIEW-RULES-CHANGED"
    done = decide(desk.db, desk.rulebook, desk.ben, case.id, silent, due_ms + 1).case
    assert (done.state, done.codes) == (CaseState.REFUSED, ("SOURCE-SILENT",))


def test_a_case_that_waits_for_its_source_can_be_refused_for_what_is_known(desk: Desk) -> None:
    case = desk.open()
    desk.say(desk.ada, case, Opinion("query", ("DUP",), "Which one?"))
    first = desk.say(desk.ben, case, Opinion("refuse", ("A3-POL",), "weighed"))
    assert first.case.state is CaseState.QUERY_TO_SOURCE
    assert first.told is None
    assert desk.say(desk.ada, case, Opinion("refuse", ("A3-POL",), "weighed")).case.state is CaseState.REFUSED


def test_both_officers_name_what_a_person_had_to_weigh_and_say_how(desk: Desk) -> None:
    case = desk.open(
        charge="Fraud by an opposition leader", international_interest="Army stores were sold abroad."
    )
    assert desk.refused(desk.ada, case, APPROVE) == ["REVIEW-NOT-WEIGHED"]
    assert desk.refused(desk.ada, case, Opinion("approve", ("A3-POL",), "private gain")) == [
        "REVIEW-NOT-WEIGHED"
    ]
    assert desk.refused(desk.ada, case, Opinion("approve", ("A3-POL", "A3-MIL"))) == ["REVIEW-NO-TEXT"]
    weighed = Opinion("approve", ("A3-POL", "A3-MIL"), "Private gain, no link to office.")
    desk.say(desk.ada, case, weighed)
    assert desk.refused(desk.ben, case, APPROVE) == ["REVIEW-NOT-WEIGHED"]
    assert desk.say(desk.ben, case, weighed).case.state is CaseState.APPROVED


def test_a_refusal_names_known_reasons_and_says_why(desk: Desk) -> None:
    case = desk.open()
    assert desk.refused(desk.ada, case, Opinion("refuse", (), "no")) == ["REVIEW-NO-CODE"]
    assert desk.refused(desk.ada, case, Opinion("refuse", ("MOOD",), "no")) == ["REVIEW-UNKNOWN-CODE"]
    assert desk.refused(desk.ada, case, Opinion("refuse", ("DUP",), " ")) == ["REVIEW-NO-TEXT"]
    assert desk.refused(desk.ada, case, Opinion("refuse", ("DUP",), "x" * 10_001)) == ["REVIEW-TEXT"]
    assert desk.refused(desk.ada, case, Opinion("shrug", ("DUP",), "no")) == ["REVIEW-VERDICT"]  # type: ignore[arg-type]
    assert desk.refused(desk.ada, case, Opinion("refuse", ("DUP",) * 31, "no")) == ["REVIEW-CODES"]
    done = desk.say(desk.ada, case, Opinion("refuse", ("DUP", "PENALTY"), "Both."))
    assert (done.case.state, done.case.codes) == (CaseState.REFUSED, ("DUP", "PENALTY"))
    assert desk.refused(desk.ben, case, Opinion("refuse", ("DUP",), "too")) == ["REVIEW-NOT-OPEN"]


@pytest.mark.parametrize("code", ["A3-POL", "A3-RAC", "A2-TRIAL", "A2-DEATH", "REFUGEE"])
def test_articles_2_and_3_and_asylum_are_refused_by_two_officers_for_the_same_reason(
    code: str, desk: Desk
) -> None:
    case = desk.open()
    first = desk.say(desk.ada, case, Opinion("refuse", (code, "PENALTY"), "Weighed."))
    assert (first.case.state, first.case.codes) == (CaseState.LEGAL_REVIEW, ())
    assert desk.refused(desk.ada, case, Opinion("refuse", ("PENALTY", code), "Still.")) == [
        "REVIEW-SAME-OFFICER"
    ]
    other = "A3-MIL" if code != "A3-MIL" else "A3-REL"
    assert (
        desk.say(desk.ben, case, Opinion("refuse", (other,), "Other.")).case.state is CaseState.LEGAL_REVIEW
    )
    last = desk.say(desk.cem, case, Opinion("refuse", (code, "DUP"), "Agreed."))
    assert (last.case.state, last.case.codes) == (CaseState.REFUSED, tuple(sorted((code, "DUP"))))


def test_one_officer_may_change_his_mind_and_then_counts_once(desk: Desk) -> None:
    case = desk.open()
    desk.say(desk.ada, case, APPROVE)
    assert (
        desk.say(desk.ada, case, Opinion("refuse", ("A3-POL",), "Now I doubt.")).case.state
        is CaseState.LEGAL_REVIEW
    )
    assert desk.say(desk.ben, case, APPROVE).case.state is CaseState.LEGAL_REVIEW
    assert desk.say(desk.cem, case, APPROVE).case.state is CaseState.APPROVED
    assert approved(desk.db, case.id).reviewers == ("ben", "cem")


def test_a_case_taken_back_by_its_owner_is_not_decided(desk: Desk) -> None:
    case = desk.open()
    close_withdrawn(desk.db, case.id, "XAV", NOW_MS)
    assert desk.refused(desk.ada, case, APPROVE) == ["REVIEW-NOT-OPEN"]
    with pytest.raises(Refusal, match="withdrawn"):
        waive(desk.db, desk.rulebook, desk.ada, case.id, "penalty", "why", NOW_MS)


def test_why_not_says_in_sentences_what_stands_in_the_way(desk: Desk) -> None:
    case = desk.open(law=None)
    assert why_not(desk.db, desk.rulebook, desk.ada, case.id, NOW_MS) == ("FACTS-VAGUE: Law: not stated.",)
    good = open_case(desk.db, desk.rulebook, desk.make({"charge": "Treason"}, id="e" * 32), NOW_MS)
    assert why_not(desk.db, desk.rulebook, desk.ada, good.id, NOW_MS) == ()


GOOD_BODY = yaml.safe_load((Path(__file__).parent / "golden.yaml").read_text(encoding="utf-8"))["good"][
    "body"
]
RED = load().version("red-2022-01")
FEW_GATES = Rulebook((msgspec.structs.replace(RED, gates=(RED.gate("penalty"), RED.gate("political"))),))
opinions = st.tuples(
    st.integers(0, 2),
    st.sampled_from(
        [
            APPROVE,
            Opinion("refuse", ("A3-POL",), "weighed"),
            Opinion("refuse", ("REFUGEE", "DUP"), "weighed"),
            Opinion("refuse", ("DUP",), "twice"),
            Opinion("query", ("DUP",), "which one?"),
        ]
    ),
)


@settings(max_examples=60, deadline=None)
@given(said=st.lists(opinions, max_size=8))
def test_whatever_officers_say_in_any_order_no_case_ends_by_fewer_people_than_it_takes(
    said: list[tuple[int, Opinion]],
) -> None:
    db = sqlite3.connect(":memory:", isolation_level=None)
    db.executescript(store.SCHEMA)
    rulebook = FEW_GATES
    people = [Asker(name, frozenset({"reviewer"})) for name in ("ada", "ben", "cem")]
    request = Request("a" * 32, "red", "XAV", "ref", 1, GOOD_BODY, NOW_MS, submission=b"1")
    open_case(db, rulebook, request, NOW_MS)
    for who, opinion in said:
        before = store.known_case(db, request.id).state
        try:
            after = decide(db, rulebook, people[who], request.id, opinion, NOW_MS).case.state
        except Refusal:
            continue
        assert before.may_become(after) or before is after
    matter = matter_of(db, rulebook, request.id, NOW_MS)
    given_by = {
        verdict: {one.reviewer for one in matter.decisions if one.verdict == verdict}
        for verdict in ("approve", "refuse")
    }
    if matter.case.state is CaseState.APPROVED:
        assert len(given_by["approve"]) >= 2
    if matter.case.state is CaseState.REFUSED and {"A3-POL", "REFUGEE"} & set(matter.case.codes):
        assert len(given_by["refuse"]) >= 2
    db.close()
