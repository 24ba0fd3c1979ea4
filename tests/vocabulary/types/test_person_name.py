"""Names in several scripts; no digits, signs or hidden characters in them."""

import pytest

from allpoints.ground.refusal import Refusal
from allpoints.vocabulary.types.person_name import PersonName


@pytest.mark.parametrize(
    "name",
    ["Torvane", "D’Estrel-Òru", "Jr., Elio", "Щеглова", "محمّد", "田中", "Ο Χ", "मीरा", "نیلوفر\u200cزاده"],
)
def test_names_of_any_script_are_kept(name: str) -> None:
    assert PersonName().clean(f"  {name} ", "x") == name


@pytest.mark.parametrize("name", ["Henry 8", "a@b", "<b>", "-", "a\u202eb", "$", "A\x00"])
def test_what_no_name_holds_is_refused(name: str) -> None:
    with pytest.raises(Refusal) as caught:
        PersonName().clean(name, "family_name")
    assert caught.value.path == "family_name"
    assert PersonName().clean("Henry", "family_name") == "Henry"


def test_spaces_inside_are_single() -> None:
    assert PersonName().clean("Elio \u00a0 Marek", "x") == "Elio Marek"


def test_order_and_spelling_habits_do_not_part_names() -> None:
    name = PersonName()
    assert name.compare("Müller Elio", "ELIO MUELLER") == 1.0
    assert name.compare("Elio Marek", "Elio") == pytest.approx(0.5)
    assert name.compare("Elio", "Marek") == 0.0
