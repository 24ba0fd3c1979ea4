"""Names in all their scripts can be recorded, and written in the zone of a document."""

import unicodedata

import pytest

from allpoints.sample.chance import Seed
from allpoints.sample.countries import countries
from allpoints.sample.names import FEMALE, MALE, family_name, full_name, given_name, tongue, words
from allpoints.vocabulary.transliteration import to_mrz
from allpoints.vocabulary.types.person_name import PersonName

TONGUES = sorted({name for one in countries() for name in one.tongues})
SCRIPTS = {
    "ARABIC", "ARMENIAN", "CJK", "CYRILLIC", "DEVANAGARI", "ETHIOPIC", "GEORGIAN", "GREEK", "HANGUL", "HEBREW",
    "LATIN", "THAI",
}  # fmt: skip


@pytest.mark.parametrize("name", TONGUES)
def test_every_name_is_clean_in_its_script_and_can_stand_in_a_zone(name: str) -> None:
    clean = PersonName().clean
    for part in ("male", "female", "family"):
        known = words(name, part)
        assert len({word.original for word in known}) == len(known) >= 14
        for word in known:
            assert clean(word.original, "") == word.original
            assert clean(word.latin, "") == word.latin
            assert to_mrz(word.latin).replace(" ", "").isalpha()
            assert word.latin.isascii() or word.original == word.latin


def test_the_worlds_names_are_in_many_scripts() -> None:
    found = {
        unicodedata.name(letter).split()[0]
        for name in TONGUES
        for part in ("male", "female", "family")
        for word in words(name, part)
        for letter in word.original
        if letter.isalpha()
    }
    assert found >= SCRIPTS


def test_a_woman_bears_her_family_name_in_its_feminine_form_where_there_is_one() -> None:
    at = [word.latin for word in words("cyrillic", "family")].index("Ozerskii")
    assert family_name("cyrillic", at, MALE) == ("Озерский", "Ozerskii")
    assert family_name("cyrillic", at, FEMALE) == ("Озерская", "Ozerskaia")
    assert family_name("thai", 0, FEMALE) == family_name("thai", 0, MALE)


@pytest.mark.parametrize("name", TONGUES)
def test_every_feminine_ending_is_one_that_some_name_has(name: str) -> None:
    for ending in tongue(name).feminine:
        assert len(ending) in {2, 4}
        assert any(word.original.endswith(ending[0]) for word in words(name, "family"))


def test_the_original_name_keeps_the_order_of_its_own_script() -> None:
    chance = Seed(3).chance("name")
    family, given = family_name("chinese", 0, MALE), given_name("chinese", MALE, chance)
    assert full_name("chinese", family, given).original == family.original + given.original
    family, given = family_name("greek", 0, MALE), given_name("greek", MALE, chance)
    assert full_name("greek", family, given).original == f"{given.original} {family.original}"
    family, given = family_name("latin-belmoran", 0, MALE), given_name("latin-belmoran", MALE, chance)
    assert full_name("latin-belmoran", family, given).original == ""
