"""Names are written as ICAO Doc 9303 part 3 writes them, or refused; nothing is guessed."""

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from allpoints.ground.refusal import Refusal
from allpoints.vocabulary.transliteration import ARABIC, CYRILLIC, LATIN, NAME_LIMIT, to_mrz

WRITTEN = re.compile(r"([A-Z]+( [A-Z]+)*)?")


@pytest.mark.parametrize(
    ("name", "zone"),
    [
        ("Eriksson", "ERIKSSON"),
        ("Müller-Straße", "MUELLER STRASSE"),
        ("O’Connor", "OCONNOR"),
        ("D'Artagnan", "DARTAGNAN"),
        ("Ångström", "AANGSTROEM"),
        ("Æðelþryð", "AEDELTHRYD"),
        ("Øre Œuvre", "OERE OEUVRE"),
        ("Ĳsbrand", "IJSBRAND"),
        ("Łódź", "LODZ"),
        ("Işık İnan", "ISIK INAN"),
        ("Nguyễn Thị Ửng", "NGUYEN THI UNG"),
        ("Smith, Jr.", "SMITH JR"),
        ("  van   der  Muellen ", "VAN DER MUELLEN"),
        ("Щеглова Юлия", "SHCHEGLOVA IULIIA"),
        ("Объедков", "OBIEEDKOV"),
        ("Ђорђевић", "DORDEVIC"),
        ("Їжакевич", "IZHAKEVICH"),
        ("ابو بكر محمد بن زكريا الرازي", "ABW BKR MXHMD BN ZKRYA ALRAZY"),
        ("عبّاس", "EBBAS"),
        ("فاطمة", "FAXTTMXAH"),
        ("", ""),
    ],
)
def test_the_standards_tables_are_followed(name: str, zone: str) -> None:
    assert to_mrz(name) == zone


@pytest.mark.parametrize("name", ["Henry 8", "田中", "Παπαδόπουλος", "Ann\x00a", "a\u202eb"])
def test_a_letter_without_transliteration_is_refused_with_its_field(name: str) -> None:
    with pytest.raises(Refusal) as caught:
        to_mrz(name, "family_name")
    assert caught.value.path == "family_name"
    assert caught.value.hint
    assert to_mrz("Anna", "family_name") == "ANNA"


def test_a_name_beyond_every_field_is_refused() -> None:
    with pytest.raises(Refusal, match="at most"):
        to_mrz("ä" * (NAME_LIMIT + 1))
    assert to_mrz("é" * NAME_LIMIT) == "E" * NAME_LIMIT


def test_every_entry_of_the_tables_is_written_in_the_zones_letters() -> None:
    for table in (LATIN, CYRILLIC, ARABIC):
        for letter, written in table.items():
            assert re.fullmatch("[A-Z]*", written), letter


@given(st.text(max_size=60))
@settings(max_examples=60, deadline=None)
def test_the_result_is_words_of_a_to_z_and_does_not_change_again(text: str) -> None:
    try:
        zone = to_mrz(text)
    except Refusal:
        return
    assert WRITTEN.fullmatch(zone)
    assert to_mrz(zone) == zone


@given(st.text(st.sampled_from(list(LATIN) + list(CYRILLIC) + list("abcxyzÉéçñ '-’")), max_size=40))
@settings(max_examples=60, deadline=None)
def test_upper_and_lower_case_are_written_alike(text: str) -> None:
    assert to_mrz(text) == to_mrz(text.upper()) == to_mrz(to_mrz(text).lower())
