"""The gates against the golden table, and what holds for any body."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from allpoints.review.answer import Result
from allpoints.review.gates import querying, refusing, screen, standing, to_judge
from allpoints.review.request import Request
from allpoints.review.rulebook import Rulebook, load

CASES = yaml.safe_load((Path(__file__).parent / "golden.yaml").read_text(encoding="utf-8"))["cases"]
SHORT = {Result.FAILED: "f", Result.NEEDS_HUMAN: "h"}

Make = Callable[..., Request]


def changed(case: dict[str, Any], golden: dict[str, Any]) -> dict[str, Any]:
    if case.get("empty"):
        return dict.fromkeys(golden["good"]["body"])
    listed: dict[str, Any] = case.get("body", {})
    return {name.removeprefix("-"): None if name.startswith("-") else value for name, value in listed.items()}


def test_the_golden_table_has_at_least_forty_cases_with_names_of_their_own() -> None:
    assert len(CASES) >= 40
    assert len({case["name"] for case in CASES}) == len(CASES)


@pytest.mark.parametrize("case", CASES, ids=lambda case: str(case["name"]).replace(" ", "-"))
def test_a_case_of_the_golden_table_has_the_findings_written_there(
    case: dict[str, Any], rulebook: Rulebook, request_with: Make, golden: dict[str, Any]
) -> None:
    request = request_with(changed(case, golden), **case.get("request", {}))
    findings = screen(rulebook.version(case.get("rules", "red-2022-01")), request)
    assert {one.gate: SHORT[one.result] for one in findings if one.result in SHORT} == case["expect"]


@pytest.mark.parametrize("version", ["red-2017-09", "red-2022-01"])
def test_a_complete_good_notice_passes_under_every_version(
    version: str, rulebook: Rulebook, request_with: Make
) -> None:
    findings = screen(rulebook.version(version), request_with())
    assert standing(findings) == "passed"
    assert {one.result for one in findings} == {Result.PASSED}


def test_the_heaviest_finding_speaks_and_a_waived_gate_is_left_out(
    rulebook: Rulebook, request_with: Make
) -> None:
    rules = rulebook.version("red-2022-01")
    findings = screen(rules, request_with({"maximum_penalty_months": 3, "law": None, "charge": "Treason"}))
    assert [one.gate for one in refusing(findings)] == ["penalty"]
    assert [one.gate for one in querying(findings)] == ["law-stated"]
    assert to_judge(findings) == {"A3-POL"}
    assert standing(findings) == "refuse"
    assert standing(findings, {"penalty"}) == "query"
    assert standing(screen(rules, request_with({"charge": "Treason"}))) == "human"


def test_neutrality_names_the_words_and_the_factors_and_says_when_an_offence_is_pure(
    rulebook: Rulebook, request_with: Make
) -> None:
    rules = rulebook.version("red-2022-01")
    found = {one.gate: one for one in screen(rules, request_with({"charge": "Sedition by a journalist"}))}
    political = found["political"]
    assert political.looked_at["pure"] == "sedition"
    assert political.looked_at["words"] == "journalist"
    assert "general context" in political.looked_at["factors"]
    assert "never publishable" in political.sentence
    relative = {one.gate: one for one in screen(rules, request_with({"charge": "Fraud by a journalist"}))}
    assert "predominates" in relative["political"].sentence


plain = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**6), 10**6) | st.text(max_size=30),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)
FIELDS = [
    "family_name",
    "given_names",
    "sex",
    "birth_date",
    "documents",
    "nationalities",
    "offences",
    "facts",
    "charge",
    "law",
    "request_for",
    "warrants",
    "maximum_penalty_months",
    "sentence_months",
    "remaining_months",
    "extradition_assured",
    "appeal_to_judge",
    "photos",
    "aliases",
    "international_interest",
    "height_cm",
]
bodies = st.dictionaries(st.sampled_from(FIELDS), plain, max_size=10)
telling = st.sampled_from(
    ["treason", "asylum", "adultery", "bad cheque USD 5,000", "torture", "imam", "in 2019 in Lind"]
)


@settings(max_examples=60, deadline=None)
@given(body=bodies, charge=telling, version=st.sampled_from(["red-2017-09", "red-2022-01"]))
def test_findings_of_any_body_are_replayed_from_rule_version_and_stored_request(
    body: dict[str, Any], charge: str, version: str
) -> None:
    request = Request("0" * 32, "red", "XAV", "ref", 1, {"charge": charge, **body}, 1_731_000_000_000)
    findings = screen(load().version(version), request)
    stored = msgspec.msgpack.decode(msgspec.msgpack.encode(request), type=Request)
    assert screen(load().version(version), stored) == findings
    assert [one.gate for one in findings] == [gate.id for gate in load().version(version).gates]
    assert all(one.sentence for one in findings)


@settings(max_examples=60, deadline=None)
@given(body=bodies, words=st.lists(telling, max_size=4))
def test_no_machine_ever_refuses_on_articles_2_and_3_or_asylum(
    body: dict[str, Any], words: list[str]
) -> None:
    told = {"facts": " ".join(words), "charge": " ".join(reversed(words)), **body}
    findings = screen(load().versions[-1], Request("0" * 32, "red", "XAV", "ref", 1, told, 0))
    judged = [one for one in findings if one.code.startswith(("A2-", "A3-")) or one.code == "REFUGEE"]
    assert len(judged) >= 10
    assert Result.FAILED not in {one.result for one in judged}


def test_a_failure_of_a_gate_that_asks_for_a_person_is_a_persons_to_judge(
    rulebook: Rulebook, request_with: Make
) -> None:
    rules = rulebook.version("red-2022-01")
    asking = msgspec.structs.replace(rules.gate("penalty"), severity="human")
    few = msgspec.structs.replace(rules, gates=(asking,))
    (found,) = screen(few, request_with({"maximum_penalty_months": 1}))
    assert found.result is Result.NEEDS_HUMAN
    assert screen(few, request_with())[0].result is Result.PASSED
