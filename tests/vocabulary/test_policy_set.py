"""The policy set as it is read: every rule named and said, a bureau's own narrowing, one digest for the same bytes."""

from pathlib import Path

import pytest

from allpoints.ground.refusal import Refusal
from allpoints.vocabulary.policy_set import FILES_LIMIT, OWN_FOLDER, load_policies
from allpoints.vocabulary.types.base import faults_of

NO_EXPORTS = """
@id("no-exports")
@says("Nothing is exported here.")
forbid (principal, action == Action::"export-records", resource);
"""
PERMITS = NO_EXPORTS.replace("forbid", "permit")


def faults(tmp_path: Path, text: str | bytes, name: str = "ours.cedar") -> list[str]:
    data = text.encode() if isinstance(text, str) else text
    (tmp_path / name).write_bytes(data)
    with pytest.raises(Refusal) as refused:
        load_policies([tmp_path])
    return sorted({fault.code for fault in faults_of(refused.value)})


def test_every_rule_of_the_program_has_a_name_a_sentence_and_its_file() -> None:
    policies = load_policies()
    assert policies.version
    for name, rule in policies.rules.items():
        assert (rule.name, rule.added) == (name, False)
        assert rule.says.endswith(".")
        assert (OWN_FOLDER / rule.file).is_file()
        assert f'@id("{name}")' in rule.text


def test_a_bureaus_own_rule_narrows_and_changes_the_digest(tmp_path: Path) -> None:
    (tmp_path / "ours.cedar").write_text(NO_EXPORTS)
    widened = load_policies([tmp_path])
    assert widened.rules["no-exports"].added
    assert widened.digest != load_policies().digest == load_policies().digest
    (tmp_path / "ours.cedar").write_text(NO_EXPORTS + "\n")
    assert load_policies([tmp_path]).digest != widened.digest


def test_a_bureaus_own_rule_permits_only_where_the_setting_says_so(tmp_path: Path) -> None:
    assert faults(tmp_path, PERMITS, "work.cedar") == ["POLICY-WIDENS"]
    assert not load_policies([tmp_path], widening=True).rules["no-exports"].forbids


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        ("permit (", ["POLICY-UNREADABLE"]),
        (b"\xff\xfe", ["POLICY-UNREADABLE"]),
        (b"// " + b"x" * 70_000, ["POLICY-UNREADABLE"]),
        (NO_EXPORTS.replace("export-records", "dance"), ["POLICY-WRONG"]),
        (NO_EXPORTS.replace(";", " when { principal.rank > 3 };"), ["POLICY-WRONG"]),
        (NO_EXPORTS.replace('@id("no-exports")', ""), ["POLICY-NAME"]),
        (NO_EXPORTS.replace("no-exports", "No Exports"), ["POLICY-NAME"]),
        (NO_EXPORTS.replace('@says("Nothing is exported here.")', ""), ["POLICY-SAYS"]),
        (NO_EXPORTS.replace("no-exports", "purpose"), ["POLICY-TWICE"]),
        (NO_EXPORTS.replace("(principal,", "(principal == ?principal,"), ["POLICY-TEMPLATE"]),
    ],
)
def test_rules_with_a_fault_are_refused_when_they_are_read(
    tmp_path: Path, text: str | bytes, codes: list[str]
) -> None:
    assert faults(tmp_path, text) == codes


def test_folders_that_are_not_there_and_too_many_files_are_refused(tmp_path: Path) -> None:
    with pytest.raises(Refusal) as refused:
        load_policies([tmp_path / "nowhere"])
    assert refused.value.code == "POLICY-FOLDER"
    for number in range(FILES_LIMIT):
        (tmp_path / f"p{number}.cedar").touch()
    with pytest.raises(Refusal) as refused:
        load_policies([tmp_path])
    assert refused.value.code == "POLICY-FILES"
