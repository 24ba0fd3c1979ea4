"""Versions by date, and every fault of a rule file named with its place."""

from datetime import UTC, date, datetime
from pathlib import Path

import pytest
import yaml

from allpoints.ground.refusal import Refusal
from allpoints.review.predicates.catalogue import CATALOGUE
from allpoints.review.rulebook import Rulebook, compile_files

GOOD = {
    "version": "red-2030-01",
    "kind": "red",
    "valid_from": date(2030, 1, 1),
    "words": "words-9",
    "gates": [
        {
            "id": "law",
            "code": "FACTS-VAGUE",
            "article": "83",
            "title": "The law is named",
            "test": "stated",
            "parameters": {"field": "law"},
            "severity": "query",
        }
    ],
}


def moment(text: str) -> int:
    return int(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp() * 1000)


def written(folder: Path, rules: object) -> list[Path]:
    (folder / "words-9.yaml").write_text(yaml.safe_dump({"few": ["one"]}), encoding="utf-8")
    (folder / "red-2030-01.yaml").write_text(yaml.safe_dump(rules), encoding="utf-8")
    return sorted(folder.iterdir())


@pytest.mark.parametrize(
    ("day", "version"),
    [
        ("2017-09-01", "red-2017-09"),
        ("2021-12-31T23:59:59.999", "red-2017-09"),
        ("2022-01-01", "red-2022-01"),
        ("2026-06-01", "red-2022-01"),
    ],
)
def test_the_day_chooses_the_version(day: str, version: str, rulebook: Rulebook) -> None:
    assert rulebook.in_force("red", moment(day)).version == version


def test_before_the_first_version_and_for_an_unknown_kind_there_are_no_rules(rulebook: Rulebook) -> None:
    for kind, day in (("red", "2017-08-31"), ("mauve", "2024-01-01")):
        with pytest.raises(Refusal) as refused:
            rulebook.in_force(kind, moment(day))
        assert refused.value.code == "RULES-NONE-IN-FORCE"


def test_unknown_versions_and_gates_are_refused_and_known_ones_found(rulebook: Rulebook) -> None:
    rules = rulebook.version("red-2022-01")
    assert rules.gate("penalty").waivable
    with pytest.raises(Refusal, match="no rules"):
        rulebook.version("red-1999-01")
    with pytest.raises(Refusal, match="no gate"):
        rules.gate("mood")


def test_only_the_gates_on_seriousness_and_penalty_can_be_waived(rulebook: Rulebook) -> None:
    for rules in rulebook.versions:
        waivable = {gate.code for gate in rules.gates if gate.waivable}
        assert waivable == {"NORMS", "PRIV", "ADMIN", "PENALTY"}
        assert all(gate.severity == "refuse" for gate in rules.gates if gate.waivable)


def test_the_gates_stand_in_the_order_of_the_domain_reference(rulebook: Rulebook) -> None:
    for rules in rulebook.versions:
        steps = [gate.code for gate in rules.gates]
        order = [
            "NORMS",
            "PENALTY",
            "NO-INTL-INTEREST",
            "ID-INSUFF",
            "NO-WARRANT",
            "NO-EXTRADITION",
            "A3-POL",
            "REFUGEE",
        ]
        assert [steps.index(code) for code in order] == sorted(steps.index(code) for code in order)


def test_every_test_of_the_catalogue_is_used_by_a_rule_file(rulebook: Rulebook) -> None:
    used = {gate.test for rules in rulebook.versions for gate in rules.gates}
    assert used == set(CATALOGUE)


def test_a_good_file_compiles(tmp_path: Path) -> None:
    rules = compile_files(written(tmp_path, GOOD)).versions[0]
    assert (rules.version, rules.gates[0].id) == ("red-2030-01", "law")


@pytest.mark.parametrize(
    ("gate", "place"),
    [
        ({"code": "MOOD"}, "gates.law.code"),
        ({"test": "guess"}, "gates.law.test"),
        ({"parameters": {"field": "law", "loud": True}}, "gates.law.parameters"),
        ({"parameters": {}}, "gates.law.parameters"),
        (
            {"test": "words_to_weigh", "parameters": {"fields": ["law"], "terms": "@many"}},
            "gates.law.parameters",
        ),
        ({"severity": "shrug"}, "red-2030-01.yaml"),
        ({"surprise": 1}, "red-2030-01.yaml"),
    ],
)
def test_a_fault_in_a_gate_is_named_with_its_place(
    gate: dict[str, object], place: str, tmp_path: Path
) -> None:
    gates = [GOOD["gates"][0] | gate]  # type: ignore[index]
    with pytest.raises(Refusal) as refused:
        compile_files(written(tmp_path, GOOD | {"gates": gates}))
    assert refused.value.code == "RULES-FAULT"
    assert refused.value.path.endswith(place)


@pytest.mark.parametrize(
    "change",
    [{"version": "red-2031-01"}, {"words": "words-8"}, {"gates": []}, {"gates": GOOD["gates"] * 2}],  # type: ignore[operator]
)
def test_a_fault_in_the_file_is_refused(change: dict[str, object], tmp_path: Path) -> None:
    with pytest.raises(Refusal) as refused:
        compile_files(written(tmp_path, GOOD | change))
    assert refused.value.code == "RULES-FAULT"
