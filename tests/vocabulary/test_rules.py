"""Named rules and rules of heads: each refuses what it is for, and lets the rest through."""

import datetime as dt
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.registers.exhibits import FOLDER as EXHIBITS

from allpoints.ground.refusal import Refusal
from allpoints.vocabulary.loading import load
from allpoints.vocabulary.register import Register
from allpoints.vocabulary.rules import MAJORITY_YEARS, RULES, is_minor
from allpoints.vocabulary.types.base import faults_of

RELATIVES = """\
register: relatives
code: 210
short: REL
label: {en: Relatives}
plural: {en: Relatives}
description: {en: Relatives of the missing.}
writer: secretariat
readers: certified
person_data: true
retention_days: 1000
retention_by_status: {missing: 300, victim: 0}
status: status_of_person
achieved: [deceased]
sensitive_reason: why_relevant
minors: {born: birth_date, flag: minor}
rules: [consent, issued-before-expiry]
any_of: [[family_name, nick]]
facets: [sex, trades]
text: [story, trades]
names: [[family_name], [nick]]
featured: [family_name]
caption: "{family_name}"
identifiers:
  - {kind: exact, field: tags, key: tag, near: true, partial: true}
  - {kind: exact, field: code, key: tool, within: tools, with: [made_in]}
  - {kind: range, first: first, last: last, key: coupon, with: [home]}
fields:
  - {name: source_ref, type: text, required: true, label: {en: Reference}}
  - {name: family_name, type: person-name, label: {en: Family name}}
  - {name: nick, type: person-name, label: {en: Nickname}}
  - {name: birth_date, type: birth-date, label: {en: Born}}
  - {name: minor, type: boolean, label: {en: Minor}}
  - {name: consent, type: boolean, label: {en: Consent}}
  - {name: sex, type: code, list: sexes, label: {en: Sex}}
  - {name: status_of_person, type: code, list: statuses, required: true, label: {en: Status}}
  - {name: religion, type: text, sensitive: true, label: {en: Religion}}
  - {name: why_relevant, type: text, label: {en: Why it is relevant}}
  - {name: trades, type: list, of: text, label: {en: Trades}}
  - {name: story, type: text, multiline: true, label: {en: Story}}
  - {name: tags, type: list, of: document-number, label: {en: Tags}}
  - {name: home, type: country, label: {en: Home}}
  - {name: first, type: document-number, label: {en: First coupon}}
  - {name: last, type: document-number, label: {en: Last coupon}}
  - {name: issue_date, type: date, label: {en: Issued}}
  - {name: expiry_date, type: date, label: {en: Expires}}
  - name: tools
    type: list
    of: object
    label: {en: Tools}
    fields:
      - {name: code, type: document-number, label: {en: Code}}
      - {name: made_in, type: country, label: {en: Made in}}
"""

GIVEN: dict[str, Any] = {
    "source_ref": "R-1",
    "family_name": "Torvane",
    "status_of_person": "missing",
    "consent": True,
}


@pytest.fixture(scope="module")
def relatives(tmp_path_factory: pytest.TempPathFactory) -> Register:
    folder = tmp_path_factory.mktemp("own")
    (folder / "relatives.yaml").write_text(RELATIVES)
    return load((folder,)).registers["relatives"]


def _codes(act: Any) -> dict[str, str]:
    with pytest.raises(Refusal) as caught:
        act()
    return {fault.path: fault.code for fault in faults_of(caught.value)}


@pytest.mark.parametrize(
    ("changes", "faults"),
    [
        ({"consent": False}, {"consent": "CONSENT-MISSING"}),
        ({"consent": None}, {"consent": "CONSENT-MISSING"}),
        ({"religion": "none"}, {"religion": "SENSITIVE-NOT-RELEVANT"}),
        ({"family_name": ""}, {"family_name": "FIELD-ONE-OF"}),
        ({"issue_date": "2031-02-02", "expiry_date": "2031-02-01"}, {"expiry_date": "DATES-ORDER"}),
        ({"first": "AB10", "last": "AB01", "home": "XAV"}, {"last": "RANGE-ORDER"}),
    ],
)
def test_what_a_rule_is_for_is_refused_at_its_field(
    relatives: Register, changes: dict[str, Any], faults: dict[str, str]
) -> None:
    assert _codes(lambda: relatives.clean({**GIVEN, **changes})) == faults


@pytest.mark.parametrize(
    "changes",
    [
        {"religion": "none", "why_relevant": "The body was found in a shrine of that faith."},
        {"family_name": "", "nick": "Ferryman"},
        {"issue_date": "2031-02-01", "expiry_date": "2031-02-01"},
        {"first": "AB01", "last": "AB10", "home": "XAV"},
    ],
)
def test_what_keeps_the_rules_is_accepted(relatives: Register, changes: dict[str, Any]) -> None:
    assert relatives.clean({**GIVEN, **changes}) is not None


def test_only_the_secretariat_writes_an_analysts_register(relatives: Register) -> None:
    body = relatives.clean(GIVEN)
    relatives.may_write("XSC", body, "XSC")
    with pytest.raises(Refusal, match="secretariat's analysts"):
        relatives.may_write("XAV", body, "XSC")


def test_retention_follows_the_status_of_the_person(relatives: Register) -> None:
    days = {
        status: relatives.retention(relatives.clean({**GIVEN, "status_of_person": status}))
        for status in ("missing", "victim", "wanted")
    }
    assert days == {"missing": 300, "victim": 0, "wanted": 1000}


def test_a_minor_must_be_flagged_and_protected(relatives: Register) -> None:
    today = dt.date(2031, 3, 14)
    child = relatives.clean({**GIVEN, "birth_date": "2020-01-01"})
    assert _codes(lambda: relatives.check_entry(child, "restricted", today)) == {"minor": "MINOR-NOT-FLAGGED"}
    flagged = relatives.clean({**GIVEN, "birth_date": "2020-01-01", "minor": True})
    assert _codes(lambda: relatives.check_entry(flagged, "official-use", today)) == {
        "handling": "HANDLING-TOO-OPEN"
    }
    relatives.check_entry(flagged, "restricted", today)
    relatives.check_entry(relatives.clean({**GIVEN, "birth_date": "1979"}), "official-use", today)


def test_victims_and_witnesses_are_never_held_in_the_open(relatives: Register) -> None:
    victim = relatives.clean({**GIVEN, "status_of_person": "victim"})
    today = dt.date(2031, 3, 14)
    assert _codes(lambda: relatives.check_entry(victim, "official-use", today)) == {
        "handling": "HANDLING-TOO-OPEN"
    }
    relatives.check_entry(victim, "confidential", today)


@given(
    st.dates(dt.date(1920, 1, 1), dt.date(2050, 12, 31)), st.dates(dt.date(2000, 1, 1), dt.date(2060, 12, 31))
)
def test_a_whole_birth_date_makes_a_minor_until_the_eighteenth_birthday(
    born: dt.date, today: dt.date
) -> None:
    years = today.year - born.year - ((today.month, today.day) < (born.month, born.day))
    assert is_minor(born.isoformat(), today) == (years < MAJORITY_YEARS)


@given(
    st.dates(dt.date(1920, 1, 1), dt.date(2050, 12, 31)), st.dates(dt.date(2000, 1, 1), dt.date(2060, 12, 31))
)
def test_a_partial_birth_date_is_read_as_the_youngest_it_can_be(born: dt.date, today: dt.date) -> None:
    for length in (4, 7):
        part = born.isoformat()[:length]
        latest = {4: f"{part}-12-31", 7: f"{part}-28"}[length]
        if is_minor(latest, today):
            assert is_minor(part, today)
    assert not is_minor("", today)


def test_keys_facets_words_and_partial_values_come_from_the_declaration(relatives: Register) -> None:
    body = relatives.clean(
        {
            **GIVEN,
            "tags": ["AB 1", "CD2"],
            "sex": "F",
            "trades": ["Boat builder", "Smith"],
            "story": "Last seen with a smith.",
            "tools": [{"code": "x-1", "made_in": "XBM"}, {"code": "x2"}],
            "home": "XAV",
            "first": "K001",
            "last": "K003",
        }
    )
    keys = [tuple(key) for key in relatives.keys(body)]
    assert keys[:3] == [("tag", "AB1"), ("tag", "CD2"), ("tool", "XBM|X1")]
    assert ("coupon-shape", "XAV|K|4") in keys
    assert {kind for kind, _ in keys} == {"tag", "tool", "coupon-shape", "coupon-range"}
    assert [tuple(key) for key in relatives.partials(body)] == [("tag", "AB1"), ("tag", "CD2")]
    assert relatives.facets(body) == [("sex", "F"), ("trades", "boat builder"), ("trades", "smith")]
    assert relatives.words(body) == ["last", "seen", "with", "a", "smith", "boat", "builder"]
    assert relatives.names(body) == ["torvane"]


@pytest.mark.parametrize(
    "text",
    [
        "Write to elio@example.org",
        "Call +999 555 0100 200",
        "TORVANE<<ELIO<MAREK",
        "born 14 March",
        "Mr Torvane saw it",
    ],
)
def test_text_that_speaks_of_a_person_is_refused_in_a_register_of_things(
    tmp_path_factory: pytest.TempPathFactory, text: str
) -> None:
    folder = tmp_path_factory.mktemp("things")
    (folder / "things.yaml").write_text(
        """\
register: things
code: 211
short: THG
label: {en: Things}
plural: {en: Things}
description: {en: Things.}
writer: owner
person_data: false
retention_days: 10
featured: [what]
caption: "{what}"
rules: [no-person-text]
fields:
  - {name: source_ref, type: text, required: true, label: {en: Reference}}
  - {name: what, type: text, max: 100, label: {en: What}}
"""
    )
    things = load((folder,)).registers["things"]
    assert _codes(lambda: things.clean({"source_ref": "T-1", "what": text})) == {"what": "TEXT-PERSON"}
    assert things.clean({"source_ref": "T-1", "what": "A chair, model 1955-12, born of oak"}) is not None


@pytest.mark.parametrize(
    ("field", "refused"),
    [
        ("type: image", True),
        ("type: file", True),
        ("type: list, of: image", True),
        ("type: object, fields: [{name: view, type: image, label: {en: View}}]", True),
        ("type: list, of: object, fields: [{name: view, type: file, label: {en: View}}]", True),
        ("type: sha256", False),
        ("type: text", False),
    ],
)
def test_a_register_without_files_has_no_field_in_which_one_could_stand(
    tmp_path: Path, field: str, refused: bool
) -> None:
    text = (EXHIBITS / "exhibits.yaml").read_text().replace("\nfields:", "\nrules: [no-files]\n\nfields:")
    whole = text[: text.index("  - name: front")]
    (tmp_path / "own.yaml").write_text(f"{whole}  - {{name: proof, {field}, label: {{en: Proof}}}}\n")
    if not refused:
        assert "exhibits" in load((tmp_path,)).registers
        return
    with pytest.raises(Refusal) as caught:
        load((tmp_path,))
    assert [fault.code for fault in faults_of(caught.value)] == ["VOCABULARY-RULE"]
    assert "No picture" in caught.value.sentence


def test_every_rule_says_what_it_is_for() -> None:
    assert all(rule.sentence.endswith(".") for rule in RULES.values())


@pytest.mark.parametrize(
    ("old", "new", "place", "code"),
    [
        ("status: status_of_person", "status: sex", "retention_by_status", "STATUS"),
        ("status: status_of_person", "status: story", "status", "STATUS"),
        ("status: status_of_person\n", "", "retention_by_status", "STATUS"),
        ("{missing: 300, victim: 0}", "{lost: 300}", "retention_by_status", "STATUS"),
        ("achieved: [deceased]", "achieved: [gone]", "achieved", "STATUS"),
        ("list: statuses, required: true", "list: statuses", "status", "STATUS"),
        ("sensitive_reason: why_relevant\n", "", "fields", "SENSITIVE"),
        ("sensitive_reason: why_relevant", "sensitive_reason: nothing", "sensitive_reason", "SENSITIVE"),
        (", sensitive: true", "", "sensitive_reason", "SENSITIVE"),
        ("text: [story, trades]", "text: [religion]", "text", "SENSITIVE"),
        ("text: [story, trades]", "text: [home]", "text", "FIELD-TYPE"),
        ("facets: [sex, trades]", "facets: [religion]", "facets", "SENSITIVE"),
        ("facets: [sex, trades]", "facets: [tools]", "facets", "FIELD-TYPE"),
        ("facets: [sex, trades]", "facets: [horns]", "facets", "FIELD-UNKNOWN"),
        ("{born: birth_date, flag: minor}", "{born: sex, flag: minor}", "minors", "FIELD-TYPE"),
        ("{born: birth_date, flag: minor}", "{born: birth_date, flag: child}", "minors", "FIELD-UNKNOWN"),
        ("{born: birth_date, flag: minor}", "{born: birth_date}", "minors", "VALUE"),
        ("rules: [consent,", "rules: [goodness,", "rules", "RULE-UNKNOWN"),
        ("rules: [consent, issued-before-expiry]", "rules: [nameless]", "fields", "RULE"),
        ("name: consent,", "name: agreed,", "rules", "RULE"),
        ("any_of: [[family_name, nick]]", "any_of: [[family_name]]", "any_of", "ANY-OF"),
        ("any_of: [[family_name, nick]]", "any_of: [[family_name, horns]]", "any_of", "FIELD-UNKNOWN"),
        ("readers: certified", "readers: outsiders", "readers", "PUBLIC"),
        ("readers: certified", "readers: everybody", "readers", "VALUE"),
        ("readers: certified", "readers: certified\neffect: bearer", "effect", "EFFECT"),
        ("name: story, type: text", "name: story, public: true, type: text", "fields", "PUBLIC"),
        ("key: tag,", "key: tag-range,", "identifiers", "KEY"),
        ("key: tag,", "key: vin-shape,", "identifiers", "KEY"),
        ("with: [made_in]", "with: [horns]", "identifiers", "FIELD-UNKNOWN"),
        ("field: tags,", "field: tools,", "identifiers", "FIELD-TYPE"),
        ("field: tags,", "field: minor,", "identifiers", "FIELD-TYPE"),
        ("with: [home]}", "with: [trades]}", "identifiers", "FIELD-TYPE"),
        ("kind: exact, field: tags", "kind: exact, field: religion", "identifiers", "SENSITIVE"),
        ("writer: secretariat", "writer: everybody", "writer", "WRITER"),
        ("retention_days: 1000", "retention_days: -1", "retention_days", "VALUE"),
    ],
)
def test_each_fault_of_a_head_is_found_at_its_line(
    tmp_path: Path, old: str, new: str, place: str, code: str
) -> None:
    assert old in RELATIVES
    text = RELATIVES.replace(old, new, 1)
    (tmp_path / "own.yaml").write_text(text)
    with pytest.raises(Refusal) as caught:
        load((tmp_path,))
    lines = {int(fault.path.partition(":")[2]): fault.code for fault in faults_of(caught.value)}
    section = [name for name in text.splitlines() if name and not name.startswith(" ")]
    begins = 1 + next(at for at, line in enumerate(text.splitlines()) if line.startswith(f"{place}:"))
    after = [at for at, line in enumerate(text.splitlines(), 1) if at > begins and line in section]
    ends = after[0] if after else len(text.splitlines()) + 1
    assert any(begins <= line < ends and found == f"VOCABULARY-{code}" for line, found in lines.items()), (
        lines
    )


def test_one_key_is_made_of_the_same_types_everywhere(tmp_path: Path) -> None:
    (tmp_path / "one.yaml").write_text(RELATIVES)
    other = RELATIVES.replace("relatives", "others").replace("code: 210", "code: 212").replace("REL", "OTH")
    (tmp_path / "two.yaml").write_text(other)
    assert "others" in load((tmp_path,)).registers
    (tmp_path / "two.yaml").write_text(other.replace("type: list, of: document-number", "type: serial"))
    with pytest.raises(Refusal, match="made of other types"):
        load((tmp_path,))
