"""The policy table: every rule of the program by examples, and no rule that could be taken away unnoticed."""

from dataclasses import replace
from pathlib import Path

import msgspec
import pytest

from allpoints.ground.refusal import Refusal
from allpoints.identity.policy import Act
from allpoints.identity.policy_examples import Example, misses, read_examples
from allpoints.vocabulary.loading import load
from allpoints.vocabulary.policy_set import OWN_FOLDER, load_policies
from allpoints.vocabulary.register import Vocabulary

RULES = load_policies().rules
EXAMPLES = read_examples(OWN_FOLDER)


@pytest.fixture(scope="module")
def words() -> Vocabulary:
    return load()


def test_every_rule_has_an_allowed_and_a_refused_example_and_each_is_decided_so(words: Vocabulary) -> None:
    assert list(misses(words, [OWN_FOLDER])) == []
    assert set(EXAMPLES) == set(RULES)


def test_a_rule_without_examples_and_one_that_is_decided_otherwise_are_told(
    tmp_path: Path, words: Vocabulary
) -> None:
    (tmp_path / "examples.yaml").write_text(
        "check: {allowed: [{act: check, roles: [reviewer]}], refused: [{act: check, roles: [border]}]}\n"
        "gone: {allowed: [], refused: []}\n"
    )
    told = list(misses(words, [OWN_FOLDER, tmp_path]))
    assert told == [
        "check: example 1 of allowed is decided otherwise.",
        "check: example 1 of refused is decided otherwise.",
        "gone: there is no such rule.",
    ]


def test_a_bureaus_own_rule_needs_examples_and_may_narrow_what_the_programs_allow(
    tmp_path: Path, words: Vocabulary
) -> None:
    (tmp_path / "ours.cedar").write_text(
        '@id("no-exports") @says("Nobody exports.") forbid (principal, action == Action::"export-records", resource);'
    )
    narrowed = replace(words, policies=load_policies([tmp_path]))
    assert list(misses(narrowed, [tmp_path])) == ["no-exports: there is no allowed or no refused example."]
    (tmp_path / "examples.yaml").write_text(
        "no-exports: {allowed: [{act: search, roles: [desk]}], refused: [{act: export-records, roles: [desk]}]}"
    )
    assert list(misses(narrowed, [tmp_path])) == []


@pytest.mark.parametrize("name", RULES)
def test_no_rule_can_be_taken_away_without_an_example_that_shows_it(name: str, words: Vocabulary) -> None:
    without = replace(words, policies=words.policies.without(name))
    forbids = RULES[name].forbids
    group = EXAMPLES[name].refused if forbids else EXAMPLES[name].allowed
    assert [one.decided(words).allowed for one in group] == [not forbids] * len(group)
    flipped = [one for one in group if one.decided(without).allowed == forbids]
    assert flipped, name
    assert name in {rule for one in flipped for rule in one.decided(words).rules}


@pytest.mark.parametrize("act", Act)
def test_every_act_is_allowed_to_somebody_by_an_example(act: Act) -> None:
    assert act in {
        one.act for examples in EXAMPLES.values() for one in (*examples.allowed, *examples.refused)
    }


@pytest.mark.parametrize(
    "text",
    [
        "- a",
        "check: {allowed: [], refused: [], more: []}",
        "check: {allowed: [{act: dance, roles: []}], refused: []}",
        "check: [",
        "x" * 300_000,
    ],
)
def test_examples_that_cannot_be_read_are_refused(tmp_path: Path, text: str) -> None:
    (tmp_path / "examples.yaml").write_text(text)
    with pytest.raises(Refusal) as refused:
        read_examples(tmp_path)
    assert refused.value.code == "POLICY-EXAMPLES"
    assert read_examples(tmp_path / "nowhere") == {}


def test_an_example_about_a_register_that_is_not_declared_is_refused(words: Vocabulary) -> None:
    known = Example(Act.READ_REGISTER, ("desk",), register="travel-documents")
    assert known.decided(words).allowed
    with pytest.raises(Refusal) as refused:
        msgspec.structs.replace(known, register="gone").decided(words)
    assert refused.value.code == "UNKNOWN-REGISTER"
