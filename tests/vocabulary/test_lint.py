"""The linter names every fault at once, each with file and line."""

import textwrap
from pathlib import Path

import pytest

from allpoints.ground.refusal import Fault, Refusal
from allpoints.vocabulary.loading import OWN_FOLDER, examined, load

GOOD = """\
register: livestock
code: 40
short: COW
label: {en: Stolen livestock}
plural: {en: Animals}
description: {en: Animals stolen from farms.}
writer: owner
person_data: false
retention_days: 3653
featured: [ear_tag]
caption: "{species} {ear_tag}"
identifiers:
  - {kind: exact, field: ear_tag, key: ear-tag}
fields:
  - name: ear_tag
    type: text
    max: 20
    required: true
    label: {en: Ear tag}
    examples: [XAV 00 123]
  - {name: species, type: text, label: {en: Species}}
"""


def _faults(folder: Path, text: str) -> dict[str, str]:
    (folder / "own.yaml").write_text(textwrap.dedent(text))
    try:
        load((folder,))
    except Refusal as refusal:
        return {fault.path: fault.code.removeprefix("VOCABULARY-") for fault in refusal.faults}
    return {}


def test_a_good_file_has_no_fault(tmp_path: Path) -> None:
    assert _faults(tmp_path, GOOD) == {}


@pytest.mark.parametrize(
    ("old", "new", "path", "code"),
    [
        ("code: 40", "code: 40\ncolor: red", "own.yaml:3", "KEY-UNKNOWN"),
        ("code: 40", "code: 40\ncode: 41", "own.yaml:3", "YAML"),
        ("code: 40", "code: 1", "own.yaml:2", "DUPLICATE"),
        ("code: 40", "code: 256", "own.yaml:2", "VALUE"),
        ("code: 40", "code: forty", "own.yaml:2", "VALUE"),
        ("short: COW", "short: SLTD", "own.yaml:3", "DUPLICATE"),
        ("short: COW", "short: CATTLE-AND-MORE", "own.yaml:3", "VALUE"),
        ("register: livestock", "register: persons", "own.yaml:1", "DUPLICATE"),
        ("register: livestock", "register: Live Stock", "own.yaml:1", "NAME"),
        ("register: livestock", "stock: livestock", "own.yaml:1", "KIND"),
        ("{en: Stolen livestock}", "{fr: Bétail volé}", "own.yaml:4", "LABEL"),
        ("{en: Stolen livestock}", "Stolen livestock", "own.yaml:4", "LABEL"),
        ("{en: Stolen livestock}", "{en: ' '}", "own.yaml:4", "LABEL"),
        ("{en: Stolen livestock}", "{en: Cows, de: Kühe}", "own.yaml:4", "LANGUAGE"),
        ("label: {en: Stolen livestock}\n", "", "own.yaml:1", "KEY-MISSING"),
        ("label: {en: Ear tag}\n", "\n", "own.yaml:15", "KEY-MISSING"),
        ("writer: owner", "writer: anybody", "own.yaml:7", "WRITER"),
        ("writer: owner", "writer: issuer:species", "own.yaml:7", "WRITER"),
        ("code: 40", "code: 40\ncolour: red", "own.yaml:3", "COLOUR"),
        ("code: 40", "code: 40\nincludes: nothing", "own.yaml:3", "INCLUDE"),
        ("featured: [ear_tag]", "featured: [ear_tag, horns]", "own.yaml:10", "FIELD-UNKNOWN"),
        ("{species} {ear_tag}", "{species} {horns}", "own.yaml:11", "FIELD-UNKNOWN"),
        ("{species} {ear_tag}", "{species", "own.yaml:11", "CAPTION"),
        ("{species} {ear_tag}", "{species!r}", "own.yaml:11", "FIELD-UNKNOWN"),
        ("field: ear_tag, key", "field: horns, key", "own.yaml:13", "FIELD-UNKNOWN"),
        (", key: ear-tag", "", "own.yaml:13", "KEY"),
        ("key: ear-tag", "key: document", "own.yaml:13", "KEY"),
        ("key: ear-tag", "key: ear-tag, number: ear_tag", "own.yaml:13", "OPTION"),
        ("kind: exact", "kind: smell", "own.yaml:13", "VALUE"),
        ("kind: exact, field: ear_tag, key: ear-tag", "kind: document", "own.yaml:13", "OPTION"),
        ("field: ear_tag, key: ear-tag", "field: ear_tag, key: Ear Tag", "own.yaml:13", "KEY"),
        ("field: ear_tag, key: ear-tag", "key: ear-tag", "own.yaml:13", "OPTION"),
        ("key: ear-tag", "key: ear-tag, nose: ear_tag", "own.yaml:13", "KEY-UNKNOWN"),
        ("key: ear-tag", "key: ear-tag, near: true", "own.yaml:13", "MANNER"),
        ("key: ear-tag", "key: ear-tag, partial: true", "own.yaml:13", "MANNER"),
        ("key: ear-tag", "key: ear-tag, near: often", "own.yaml:13", "VALUE"),
        ("key: ear-tag", "key: ear-tag, with: [horns]", "own.yaml:13", "FIELD-UNKNOWN"),
        ("key: ear-tag", "key: ear-tag, at_most: 5", "own.yaml:13", "OPTION"),
        ("  - {kind: exact", "  kinds: {kind: exact", "own.yaml:12", "TYPE"),
        ("kind: exact, field: ear_tag", "kind: range, first: ear_tag", "own.yaml:13", "OPTION"),
        (
            "kind: exact, field: ear_tag",
            "kind: range, first: species, last: ear_tag",
            "own.yaml:13",
            "FIELD-TYPE",
        ),
        ("{kind: exact, field: ear_tag, key: ear-tag}", "ear_tag", "own.yaml:13", "TYPE"),
        (
            "kind: exact, field: ear_tag, key: ear-tag",
            "kind: person, family: species, born: ear_tag",
            "own.yaml:13",
            "FIELD-TYPE",
        ),
        (
            "kind: exact, field: ear_tag, key: ear-tag",
            "kind: document, within: ear_tag",
            "own.yaml:13",
            "FIELD-UNKNOWN",
        ),
        (
            "kind: exact, field: ear_tag, key: ear-tag",
            "kind: document, number: ear_tag, issuer: ear_tag",
            "own.yaml:13",
            "FIELD-TYPE",
        ),
        ("name: species", "name: ear_tag", "own.yaml:21", "DUPLICATE"),
        ("name: species", "name: Species", "own.yaml:21", "NAME"),
        ("name: species", "name: class", "own.yaml:21", "NAME"),
        ("name: species, type: text", "name: species, type: beast", "own.yaml:21", "TYPE-UNKNOWN"),
        ("type: text, label", "type: list, of: beast, label", "own.yaml:21", "TYPE-UNKNOWN"),
        ("type: text, label", "type: list, of: list, label", "own.yaml:21", "TYPE-UNKNOWN"),
        ("type: text, label", "type: code, label", "own.yaml:21", "OPTION"),
        ("type: text, label", "type: code, list: beasts, label", "own.yaml:21", "LIST-UNKNOWN"),
        ("type: text, label", "type: date, max: 3, label", "own.yaml:21", "OPTION"),
        ("type: text, label", "type: integer, from: 5, to: 1, label", "own.yaml:21", "VALUE"),
        ("type: text, label", "type: text, max: 0, label", "own.yaml:21", "VALUE"),
        ("type: text, label", "type: object, fields: [], label", "own.yaml:21", "FIELDS"),
        ("type: text, label", "type: object, fields: [{name: a}], label", "own.yaml:21", "KEY-MISSING"),
        ("type: text, label", "type: person-name, label", "own.yaml:21", "PERSON-DATA"),
        ("type: text, label", "type: birth-date, label", "own.yaml:21", "PERSON-DATA"),
        ("type: text, label", "type: list, of: person-name, label", "own.yaml:21", "PERSON-DATA"),
        ("[XAV 00 123]", "[An ear tag far too long to be one]", "own.yaml:20", "EXAMPLE"),
        ("[XAV 00 123]", "[' ']", "own.yaml:20", "EXAMPLE"),
    ],
)
def test_each_fault_is_found_at_its_line(tmp_path: Path, old: str, new: str, path: str, code: str) -> None:
    assert old in GOOD
    faults = _faults(tmp_path, GOOD.replace(old, new, 1))
    assert faults.get(path) == code, faults


def test_near_and_part_are_for_types_that_know_them(tmp_path: Path) -> None:
    tag = GOOD.replace("type: text\n    max: 20", "type: document-number")
    assert _faults(tmp_path, tag.replace("key: ear-tag", "key: ear-tag, near: true, partial: true")) == {}


def test_all_faults_of_all_files_are_told_at_once(tmp_path: Path) -> None:
    (tmp_path / "other.yaml").write_text("list: beasts\nlabel: {en: Beasts}\nterms: []\nmore: 1\n")
    broken = (
        GOOD.replace("code: 40", "code: many").replace("[ear_tag]", "[horns]").replace("max: 20", "max: x")
    )
    faults = _faults(tmp_path, broken)
    assert {"own.yaml:2", "own.yaml:17", "other.yaml:1", "other.yaml:4"} <= set(faults)


def test_the_same_type_is_allowed_where_person_data_is_declared(tmp_path: Path) -> None:
    text = GOOD.replace("person_data: false", "person_data: true")
    assert _faults(tmp_path, text.replace("type: text, label", "type: person-name, label")) == {}


def test_a_list_with_the_same_code_twice_is_refused(tmp_path: Path) -> None:
    text = "list: beasts\nlabel: {en: Beasts}\nterms:\n  - {code: cow, label: {en: Cow}}\n"
    assert _faults(tmp_path, text) == {}
    assert _faults(tmp_path, text + "  - {code: COW, label: {en: Cow}}\n") == {"own.yaml:5": "DUPLICATE"}


def test_a_second_file_of_countries_is_refused(tmp_path: Path) -> None:
    assert _faults(tmp_path, "iso: []\nicao: []\nalias: []\nuser_assigned: []\n") == {
        "lists": "COUNTRIES",
    }


def test_a_range_may_only_depend_on_codes_that_exist(tmp_path: Path) -> None:
    text = """\
        register: papers
        code: 41
        short: PAP
        label: {en: Papers}
        plural: {en: Papers}
        description: {en: Papers.}
        writer: issuer:issuer
        person_data: false
        retention_days: 10
        featured: [first]
        caption: "{first}"
        identifiers:
          - {kind: document-range, first: first, last: last, issuer: issuer, only_when: {fraud: [stolen]}}
        fields:
          - {name: first, type: document-number, required: true, label: {en: First}}
          - {name: last, type: document-number, label: {en: Last}}
          - {name: issuer, type: country, required: true, label: {en: Issuer}}
          - {name: fraud, type: code, list: fraud-kinds, label: {en: Fraud}}
        """
    assert _faults(tmp_path, text) == {}
    assert _faults(tmp_path, text.replace("[stolen]", "[burnt]")) == {"own.yaml:13": "FIELD-UNKNOWN"}
    assert _faults(tmp_path, text.replace("country, required: true", "country")) == {"own.yaml:7": "WRITER"}


def test_lists_have_a_name_of_their_own_and_codes_without_spaces(tmp_path: Path) -> None:
    text = "list: beasts\nlabel: {en: Beasts}\nterms:\n  - {code: cow, label: {en: Cow}}\n"
    assert _faults(tmp_path, text.replace("list: beasts", "list: statuses"))["own.yaml:1"] == "DUPLICATE"
    assert _faults(tmp_path, text.replace("list: beasts", "list: The Beasts")) == {"own.yaml:1": "NAME"}
    assert _faults(tmp_path, text.replace("cow,", "' cow',")) == {"own.yaml:4": "NAME"}
    assert (
        _faults(tmp_path, text.replace("[", "").replace("terms:\n  - {", "terms: {"))["own.yaml:3"] == "TYPE"
    )
    assert _faults(tmp_path, text.replace("{code: cow, label: {en: Cow}}", "cow")) == {
        "own.yaml:4": "TYPE",
        "own.yaml:1": "LIST-EMPTY",
    }


def test_lists_that_the_program_asks_for_must_be_there(tmp_path: Path) -> None:
    faults: list[Fault] = []
    (tmp_path / "own.yaml").write_text(GOOD)
    assert examined((tmp_path,), faults) is None
    codes = {fault.code for fault in faults}
    assert codes == {"VOCABULARY-LIST-MISSING", "VOCABULARY-COUNTRIES"}


def test_a_country_stands_in_the_table_once(tmp_path: Path) -> None:
    table = (OWN_FOLDER / "lists" / "countries.yaml").read_text()
    (tmp_path / "own.yaml").write_text(table + "icao_more: 1\n")
    faults: list[Fault] = []
    examined((tmp_path,), faults)
    assert "VOCABULARY-KEY-UNKNOWN" in {fault.code for fault in faults}
    (tmp_path / "own.yaml").write_text(table.replace('"AND"', '"ARE"'))
    faults = []
    examined((tmp_path,), faults)
    assert any("ARE" in fault.sentence for fault in faults)


NOTICE = """\
notice: amber
colour: amber
code: 120
short: AMB
label: {en: Amber notice}
plural: {en: Amber notices}
description: {en: An invented colour.}
writer: owner
person_data: true
effect: none
retention_days: 30
featured: [family_name, story]
caption: "{family_name}"
includes: persons
relaxes: [sex]
requires: [birth_date]
fields:
  - {name: story, type: text, label: {en: Story}}
"""


def test_a_notice_of_ones_own_brings_a_registers_fields(tmp_path: Path) -> None:
    assert _faults(tmp_path, NOTICE) == {}
    amber = load((tmp_path,)).notices["amber"]
    wanted = {field.name for field in amber.fields if field.required}
    assert wanted == {"source_ref", "family_name", "status_of_person", "birth_date"}


@pytest.mark.parametrize(
    ("old", "new", "path", "code"),
    [
        ("relaxes: [sex]", "relaxes: [horns]", "own.yaml:15", "FIELD-UNKNOWN"),
        ("requires: [birth_date]", "requires: [horns]", "own.yaml:16", "FIELD-UNKNOWN"),
        ("name: story", "name: sex", "own.yaml:18", "DUPLICATE"),
        ("includes: persons", "includes: red", "own.yaml:14", "INCLUDE"),
        ("colour: amber\n", "", "own.yaml:1", "COLOUR"),
        ("code: 120", "code: 101", "own.yaml:3", "DUPLICATE"),
    ],
)
def test_faults_of_including_are_found(tmp_path: Path, old: str, new: str, path: str, code: str) -> None:
    assert _faults(tmp_path, NOTICE.replace(old, new, 1)).get(path) == code
