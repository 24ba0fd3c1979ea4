"""Verdicts against the golden table, and what holds for any question."""

import datetime as dt
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from allpoints.border import checking
from allpoints.border.checking import Circumstances, examine, unable
from allpoints.border.question import Asked, Question, understand
from allpoints.border.verdict import Answer, Verdict
from allpoints.matching.posting import Posting
from allpoints.vocabulary import identifying, normal
from allpoints.vocabulary.loading import load
from allpoints.vocabulary.mrz import Fields, build

GOLDEN = yaml.safe_load((Path(__file__).parent / "golden.yaml").read_text(encoding="utf-8"))
CASES: list[dict[str, Any]] = GOLDEN["cases"]
NOW_MS = 1_790_000_000_000
TODAY = dt.datetime.fromtimestamp(NOW_MS / 1000, tz=dt.UTC).date()
EFFECTS = {"none": 0, "document": checking.EFFECT_DOCUMENT, "bearer": checking.EFFECT_BEARER}
VOCABULARY = load()


class Held:
    """What an index would answer, kept in a plain dictionary."""

    def __init__(self, rows: list[dict[str, Any]]) -> None:
        self.postings: dict[tuple[str, str], list[Posting]] = {}
        self.dismissed: set[bytes] = set()
        self.asked: list[tuple[str, str]] = []
        for row in rows:
            for _ in range(row.get("times", 1)):
                self.add(row)

    def add(self, row: dict[str, Any]) -> None:
        number = sum(map(len, self.postings.values())) + 1
        effect = EFFECTS[row.get("effect", "document")]
        posting = Posting(number.to_bytes(16, "big"), NOW_MS, 1, effect, "XAV", 1)
        for key in self._keys(row):
            self.postings.setdefault(key, []).append(posting)
        if row.get("dismissed"):
            self.dismissed.add(posting.record_id)

    def _keys(self, row: dict[str, Any]) -> list[tuple[str, str]]:
        issuer = row.get("issuer", "XAV")
        keys = []
        if "document" in row:
            keys.append((identifying.DOCUMENT, normal.document_key(issuer, row["document"])))
        if "range" in row:
            first, last = row["range"]
            keys += [(identifying.DOCUMENT_RANGE, one) for one in normal.range_cover(issuer, first, last)]
            keys.append((identifying.DOCUMENT_SHAPE, normal.range_shape(issuer, first)))
        if "person" in row:
            keys.append((identifying.PERSON, normal.person_key(*row["person"])))
        return keys

    def lookup(self, kind: str, value: str) -> list[Posting]:
        self.asked.append((kind, value))
        return self.postings.get((kind, value), [])


def circumstances(held: Held) -> Circumstances:
    return Circumstances(
        "c1", NOW_MS, "live", NOW_MS, {1: "persons"}, lambda one: one.record_id in held.dismissed
    )


def asked_of(case: dict[str, Any]) -> Asked:
    if "mrz" not in case:
        return understand(Question(**case["ask"]), VOCABULARY, TODAY)
    lines = list(build(Fields(**(GOLDEN["mrz"] | case["mrz"]))))
    if "misread" in case:
        line, column, letter = case["misread"]
        whole = lines[line - 1]
        assert whole[column - 1] != letter
        lines[line - 1] = whole[: column - 1] + letter + whole[column:]
    return understand(Question(mrz="\n".join(lines)), VOCABULARY, TODAY)


def test_the_golden_table_has_at_least_forty_cases_with_names_of_their_own() -> None:
    assert len(CASES) >= 40
    assert len({case["name"] for case in CASES}) == len(CASES)


@pytest.mark.parametrize("case", CASES, ids=lambda case: str(case["name"]).replace(" ", "-"))
def test_a_case_of_the_golden_table_has_the_verdict_written_there(case: dict[str, Any]) -> None:
    held = Held(case["held"])
    answer = examine(asked_of(case), held.lookup, circumstances(held))
    assert answer.verdict == case["expect"]
    if "count" in case:
        assert len(answer.matches) == case["count"]
    else:
        assert [match.verdict.value for match in answer.matches] == case.get("matches", [])
    for match, part in zip(answer.matches, case.get("says", ()), strict=False):
        assert part in match.reasons[0].sentence
    assert len(answer.warnings) == case.get("warns", 0)
    assert case.get("headline", "") in answer.headline
    assert bool(answer.faults) == (case["expect"] == "unreadable")


@pytest.mark.parametrize(
    "case", [case for case in CASES if case["expect"] != "clear"], ids=lambda case: str(case["name"])
)
def test_whatever_is_not_clear_never_reads_like_clear(case: dict[str, Any]) -> None:
    held = Held(case["held"])
    answer = examine(asked_of(case), held.lookup, circumstances(held))
    clear = examine(asked_of(CASES[0]), Held([]).lookup, circumstances(Held([])))
    assert answer.headline != clear.headline
    assert answer.action != clear.action


def test_a_document_that_is_bad_is_never_called_valid() -> None:
    for case in CASES:
        held = Held(case["held"])
        answer = examine(asked_of(case), held.lookup, circumstances(held))
        if any(match.verdict is Verdict.DOCUMENT for match in answer.matches):
            assert "Document valid" not in answer.headline, case["name"]


def test_an_unreadable_zone_is_looked_up_nowhere() -> None:
    held = Held([{"document": "AB1234567"}])
    case = {"mrz": {}, "misread": [2, 3, "9"]}
    answer = examine(asked_of(case), held.lookup, circumstances(held))
    assert answer.verdict is Verdict.UNREADABLE
    assert held.asked == []
    assert answer.faults[0].asked
    examine(asked_of({"mrz": {}}), held.lookup, circumstances(held))
    assert held.asked


def test_a_miss_asks_for_the_shape_of_the_number_and_for_no_range() -> None:
    held = Held([])
    examine(asked_of({"ask": {"number": "AB123456", "issuer": "XAV"}}), held.lookup, circumstances(held))
    assert [
        kind for kind, _ in held.asked if kind in {identifying.DOCUMENT_SHAPE, identifying.DOCUMENT_RANGE}
    ] == [identifying.DOCUMENT_SHAPE]


def test_the_answer_of_a_post_that_could_not_ask_is_unable_and_says_why() -> None:
    held = Held([{"document": "AB123456"}])
    asked = asked_of({"ask": {"number": "AB123456", "issuer": "XAV"}})
    answer = unable(asked, circumstances(held), "This post has no extract yet.")
    assert answer.verdict is Verdict.UNABLE
    assert answer.faults[0].sentence == "This post has no extract yet."
    assert "Do not treat this as a clear result" in answer.action
    assert held.asked == []


def test_an_answer_says_how_old_its_source_is_and_never_less_than_nothing() -> None:
    asked = asked_of({"ask": {"number": "AB123456", "issuer": "XAV"}})
    at = circumstances(Held([]))
    old = examine(asked, Held([]).lookup, at._replace(as_of_ms=NOW_MS - 5_000))
    ahead = examine(asked, Held([]).lookup, at._replace(as_of_ms=NOW_MS + 5_000))
    assert (old.age_ms, ahead.age_ms) == (5_000, 0)


ROWS = st.lists(
    st.one_of(
        st.fixed_dictionaries(
            {"document": st.sampled_from(["AB1", "AB2", "AB3"]), "effect": st.sampled_from(sorted(EFFECTS))}
        ),
        st.fixed_dictionaries(
            {"person": st.just(["Sorin", "Maro", "1979-03-14"]), "effect": st.sampled_from(sorted(EFFECTS))}
        ),
        st.fixed_dictionaries({"range": st.sampled_from([["AB0", "AB1"], ["AB2", "AB9"]])}),
    ),
    max_size=30,
)


def examined(rows: list[dict[str, Any]]) -> Answer:
    held = Held(rows)
    question = Question(
        number="AB1", issuer="XAV", family_name="Sorin", given_names="Maro", birth_date="1979-03-14"
    )
    return examine(understand(question, VOCABULARY, TODAY), held.lookup, circumstances(held))


@settings(max_examples=80, deadline=None)
@given(ROWS, st.randoms(use_true_random=False))
def test_the_verdict_is_the_gravest_finding_whatever_the_order_of_entry(rows: list[Any], random: Any) -> None:
    answer = examined(rows)
    shuffled = list(rows)
    random.shuffle(shuffled)
    assert examined(shuffled).verdict == answer.verdict
    assert [one.verdict for one in examined(shuffled).matches] == [one.verdict for one in answer.matches]
    bearers = [row for row in rows if row.get("document") == "AB1" and row["effect"] == "bearer"]
    assert (answer.verdict is Verdict.BEARER) == bool(bearers)


@settings(max_examples=60, deadline=None)
@given(ROWS)
def test_each_record_is_matched_at_most_once_and_no_more_are_shown_than_can_be_weighed(
    rows: list[Any],
) -> None:
    answer = examined(rows)
    records = [match.record for match in answer.matches]
    assert len(records) == len(set(records)) <= checking.MATCH_LIMIT
    assert answer.verdict.is_hit == bool(records)


@settings(max_examples=60, deadline=None)
@given(
    st.sampled_from(["", "A", "AB", "A1B"]),
    st.integers(0, 9_999),
    st.integers(0, 300),
    st.integers(0, 9_999),
)
def test_a_number_is_found_in_a_range_exactly_when_it_lies_in_it(
    head: str, first: int, size: int, asked: int
) -> None:
    last = min(first + size, 9_999)
    held = Held([{"range": [f"{head}{first:04d}", f"{head}{last:04d}"]}])
    question = understand(Question(number=f"{head}{asked:04d}", issuer="XAV"), VOCABULARY, TODAY)
    answer = examine(question, held.lookup, circumstances(held))
    assert (answer.verdict is Verdict.DOCUMENT) == (first <= asked <= last)
