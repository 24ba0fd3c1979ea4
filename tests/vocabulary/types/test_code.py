"""Codes come from a closed list and are shown by their label."""

import pytest

from allpoints.ground.refusal import Refusal
from allpoints.vocabulary.declaration import Term
from allpoints.vocabulary.types.code import SHOWN_CODES, Code

BEASTS = Code.of([Term("cow", {"en": "Cow", "fr": "Vache"}), Term("goat", {"en": "Goat"})], "beasts")


def test_a_code_is_found_in_any_case_and_shown_in_the_readers_language() -> None:
    assert BEASTS.clean(" COW ", "x") == "cow"
    assert (BEASTS.caption("cow", "fr"), BEASTS.caption("goat", "fr")) == ("Vache", "Goat")
    assert BEASTS.caption("unicorn") == "unicorn"


def test_a_code_not_on_the_list_is_refused_with_the_list() -> None:
    with pytest.raises(Refusal) as caught:
        BEASTS.clean("unicorn", "species")
    assert (caught.value.path, caught.value.hint) == ("species", "Use one of: cow, goat.")
    long = Code.of([Term(f"c{number}", {"en": "x"}) for number in range(SHOWN_CODES + 1)], "many")
    with pytest.raises(Refusal, match="not on the list") as caught:
        long.clean("unicorn", "species")
    assert "“many”" in caught.value.hint
