import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from allpoints.ground.refusal import Refusal
from allpoints.identity.passwords import Cost, Stretching, check_chosen, make_password, new_stretching, same

FAST = Cost(n=2)


def test_made_passwords_differ_and_pass_their_own_rules() -> None:
    made = {make_password() for _ in range(50)}
    assert len(made) == 50
    for password in made:
        check_chosen(password, "m.orel")
        assert len(password) == 24


@pytest.mark.parametrize(
    "password",
    [
        "",
        "elevenchars",
        "aaaabbbbaaaabbbb",
        "m.orel-is-here",
        "x" * 5 + "M.OREL" + "abcdefg",
        "abcdefgh" * 33,
    ],
)
def test_a_poor_password_is_refused(password: str) -> None:
    check_chosen("twelve chars", "m.orel")
    with pytest.raises(Refusal) as refused:
        check_chosen(password, "m.orel")
    assert refused.value.code == "WEAK-PASSWORD"


def test_stretching_depends_on_password_salt_and_cost() -> None:
    stretching = Stretching(b"salt" * 4, FAST)
    assert stretching.stretch("a") == Stretching(b"salt" * 4, FAST).stretch("a")
    assert stretching.stretch("a") != stretching.stretch("b")
    assert stretching.stretch("a") != new_stretching(FAST).stretch("a")
    assert stretching.stretch("a") != Stretching(b"salt" * 4, Cost(n=4)).stretch("a")
    assert same(stretching.stretch("a"), stretching.stretch("a"))


def test_the_same_letters_from_another_keyboard_are_the_same_password() -> None:
    stretching = new_stretching(FAST)
    assert stretching.stretch("e\u0301t\u00e9") == stretching.stretch("\u00e9te\u0301")


@settings(max_examples=60, deadline=None)
@given(password=st.text(st.characters(), max_size=400))
def test_any_text_can_be_tried(password: str) -> None:
    assert len(Stretching(b"s" * 16, FAST).stretch(password)) == 32
