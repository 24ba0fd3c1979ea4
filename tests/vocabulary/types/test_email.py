"""E-mail addresses: the limits of RFC 5321, domains in any script."""

import pytest

from allpoints.ground.refusal import Refusal
from allpoints.vocabulary.types.email import NEAR_SCORE, EMail

MAIL = EMail()


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        ("Elio.Torvane@Mail.EXAMPLE", "Elio.Torvane@mail.example"),
        ("mailto:desk@mail.example", "desk@mail.example"),
        ("o'brien+tag@mail.example", "o'brien+tag@mail.example"),
        ("desk@bücher.example", "desk@xn--bcher-kva.example"),
        ("desk@почта.example", "desk@xn--80a1acny.example"),
        ("desk@xn--bcher-kva.example", "desk@xn--bcher-kva.example"),
        ("a" * 64 + "@b.example", "a" * 64 + "@b.example"),
        ("a@" + "b" * 63 + ".example", "a@" + "b" * 63 + ".example"),
    ],
)
def test_an_address_is_kept_with_its_domain_in_small_letters(said: str, kept: str) -> None:
    assert MAIL.clean(said, "x") == kept
    assert MAIL.clean(kept, "x") == kept


@pytest.mark.parametrize(
    "said",
    [
        "mail.example",
        "@mail.example",
        "desk@",
        "desk@localhost",
        "desk@mail..example",
        "desk@-mail.example",
        "desk@mail.123",
        "desk@[192.0.2.1]",
        "desk@faß.example",
        ".desk@mail.example",
        "desk.@mail.example",
        "de..sk@mail.example",
        '"desk"@mail.example',
        "Desk <desk@mail.example>",
        "dešk@mail.example",
        "desk@mail.example, other@mail.example",
        "a" * 65 + "@b.example",
        "a@" + "b" * 64 + ".example",
    ],
)
def test_what_no_mailbox_has_is_refused(said: str) -> None:
    with pytest.raises(Refusal) as caught:
        MAIL.clean(said, "mail")
    assert (caught.value.code, caught.value.path) == ("E-MAIL-FORM", "mail")


def test_the_case_of_a_mailbox_does_not_part_it() -> None:
    assert MAIL.compare("Elio@mail.example", "elio@mail.example") == 1.0
    assert MAIL.normal("Elio@mail.example") == "elio@mail.example"


@pytest.mark.parametrize(
    ("one", "other", "score"),
    [
        ("elio@mail.example", "eilo@mail.example", NEAR_SCORE),
        ("elio0@mail.example", "elioo@mail.example", NEAR_SCORE),
        ("elio+shop@mail.example", "elio@mail.example", NEAR_SCORE),
        ("elio@mail.example", "elio+shop@mail.example", NEAR_SCORE),
        ("elio@mail.example", "elio@post.example", 0.0),
    ],
)
def test_slips_are_near(one: str, other: str, score: float) -> None:
    assert MAIL.compare(one, other) == score


def test_a_domain_in_another_script_is_shown_in_it() -> None:
    assert MAIL.facts("desk@mail.example") == (("Domain", "mail.example"),)
    assert ("Domain in its own script", "bücher.example") in MAIL.facts("desk@xn--bcher-kva.example")
    assert MAIL.facts("desk@xn--0.example") == (("Domain", "xn--0.example"),)
