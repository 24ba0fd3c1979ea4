"""A register of one's own is one file and no code; a wrong folder or file is refused as a whole."""

from pathlib import Path

import pytest

from allpoints.ground.refusal import Refusal
from allpoints.vocabulary.identifying import Key
from allpoints.vocabulary.loading import OWN_FOLDER, load

LIVESTOCK = """\
register: livestock
code: 40
short: COW
label: {en: Stolen livestock, fr: Bétail volé}
plural: {en: Animals}
description: {en: "Animals stolen from farms, each with the number of its ear tag."}
writer: issuer:country
person_data: false
retention_days: 3653
featured: [ear_tag, species]
caption: "{species} {ear_tag} ({country})"
identifiers:
  - {kind: exact, field: ear_tag, key: ear-tag}
fields:
  - {name: ear_tag, type: document-number, required: true, label: {en: Ear tag}, examples: [XAV 00 123]}
  - {name: country, type: country, required: true, label: {en: Country}}
  - {name: species, type: code, list: beasts, required: true, label: {en: Species, fr: Espèce}}
  - {name: born_on, type: partial-date, label: {en: Born}}
  - {name: weight_kg, type: integer, from: 1, to: 2000, unit: kg, label: {en: Weight}}
  - {name: colours, type: list, of: text, max: 20, at_most: 3, label: {en: Colours}}
  - {name: insured, type: boolean, label: {en: Insured}}
"""

BEASTS = """\
list: beasts
label: {en: Species}
terms:
  - {code: cow, label: {en: Cow, fr: Vache}}
  - {code: goat, label: {en: Goat}}
"""


@pytest.fixture
def farm(tmp_path: Path) -> Path:
    (tmp_path / "lists").mkdir()
    (tmp_path / "livestock.yaml").write_text(LIVESTOCK)
    (tmp_path / "lists" / "beasts.yaml").write_text(BEASTS)
    return tmp_path


def test_a_register_of_ones_own_works_like_those_that_ship(farm: Path) -> None:
    vocabulary = load((farm,))
    livestock = vocabulary.registers["livestock"]
    row = {
        "ear_tag": "xav 00-123",
        "country": "xav",
        "species": "COW",
        "weight_kg": "640",
        "colours": "red;white",
    }
    body = livestock.clean(row)
    assert livestock.caption(body) == "Cow XAV00123 (XAV)"
    assert livestock.keys(body) == [Key("ear-tag", "XAV00123")]
    assert livestock.names(body) == []
    assert livestock.columns() == (
        "ear_tag", "country", "species", "born_on", "weight_kg", "colours", "insured",
    )  # fmt: skip
    assert livestock.accept(livestock.encode(body)) == body
    assert ("Espèce", "Vache") in livestock.describe(body, "fr")
    assert ("Weight", "640 kg") in livestock.describe(body)
    assert livestock.json_schema()["properties"]["species"]["enum"] == ["cow", "goat"]
    livestock.may_write("XAV", body)
    with pytest.raises(Refusal):
        livestock.may_write("XBM", body)
    known = {1: "travel-documents", 2: "persons", 40: "livestock", 101: "red"}
    assert vocabulary.register_names().items() >= known.items()


def test_what_ships_is_still_there_and_cannot_be_replaced(farm: Path) -> None:
    assert load((farm,)).registers.keys() == {"livestock", *load().registers}
    (farm / "again.yaml").write_text((OWN_FOLDER / "registers" / "persons.yaml").read_text())
    with pytest.raises(Refusal, match="persons"):
        load((farm,))


def test_a_folder_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Refusal) as caught:
        load((tmp_path / "none",))
    assert caught.value.code == "VOCABULARY-FOLDER"
    assert load((tmp_path,)).registers


def test_truncated_files_are_refused_or_still_whole_but_never_crash(farm: Path) -> None:
    whole = LIVESTOCK.encode()
    for length in range(0, len(whole), 97):
        (farm / "livestock.yaml").write_bytes(whole[:length])
        with pytest.raises(Refusal) as caught:
            load((farm,))
        assert all(fault.path for fault in caught.value.faults)


def test_the_shipped_folder_is_found_from_anywhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert load().registers.keys() >= {"travel-documents", "persons"}


def test_the_number_of_files_is_bounded(farm: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shipped = len(list(OWN_FOLDER.rglob("*.yaml")))
    monkeypatch.setattr("allpoints.vocabulary.loading.FILES_LIMIT", shipped + 1)
    with pytest.raises(Refusal, match="files"):
        load((farm,))
    monkeypatch.setattr("allpoints.vocabulary.loading.FILES_LIMIT", shipped + 2)
    assert load((farm,))
