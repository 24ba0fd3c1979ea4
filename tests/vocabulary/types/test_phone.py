"""Telephone numbers: E.164, E.123's spellings, and what no plan knows."""

import pytest

from allpoints.ground.refusal import Refusal
from allpoints.vocabulary.types.phone import NEAR_SCORE, Phone

PHONE = Phone()
LONDON = "+442079460958"


@pytest.mark.parametrize(
    "said",
    [
        "+44 20 7946 0958",
        "+44 (0)20 7946 0958",
        "(+44) 20-7946-0958",
        "tel:+44-20-7946-0958",
        "+44.20.7946.0958",
        "＋４４２０７９４６０９５８",
        "+٤٤٢٠٧٩٤٦٠٩٥٨",
    ],
)
def test_spellings_of_one_number_meet(said: str) -> None:
    assert PHONE.clean(said, "x") == LONDON


@pytest.mark.parametrize("said", ["020 7946 0958", "00442079460958", "2079460958"])
def test_a_national_number_is_refused_with_a_hint(said: str) -> None:
    with pytest.raises(Refusal) as caught:
        PHONE.clean(said, "phone")
    assert (caught.value.code, caught.value.path) == ("PHONE-NATIONAL", "phone")
    assert "+44" in caught.value.hint


@pytest.mark.parametrize(
    "said", ["+442079460958 ext. 5", "+0123456789", "+12345", "+1234567890123456", "+44CALLME1", "++4420"]
)
def test_what_is_no_international_number_is_refused(said: str) -> None:
    with pytest.raises(Refusal) as caught:
        PHONE.clean(said, "phone")
    assert caught.value.code == "PHONE-FORM"
    assert PHONE.clean("+6834002", "phone") == "+6834002"


@pytest.mark.parametrize(
    ("number", "advice"),
    [
        (LONDON, ""),
        ("+999123456789", "No country has this calling code."),
        ("+4402079460958", "+442079460958"),
        ("+4420794609", "of this length"),
        ("+12125550", "of this length"),
        ("+441079460958", "begin like this"),
    ],
)
def test_what_no_plan_knows_is_accepted_with_advice(number: str, advice: str) -> None:
    assert PHONE.clean(number, "x") == number
    said = PHONE.advice(number)
    assert advice in said[0] if advice else not said


def test_the_number_tells_country_and_kind() -> None:
    assert PHONE.facts(LONDON) == (
        ("Calling code", "+44"),
        ("Country", "United Kingdom"),
        ("Kind", "fixed line"),
    )
    assert PHONE.facts("+999123456789") == ()
    assert PHONE.caption(LONDON) == "+44 20 7946 0958"
    assert PHONE.caption("+999123456789") == "+999123456789"


def test_a_slip_is_near_and_never_equal() -> None:
    assert PHONE.compare(LONDON, "+442079469058") == NEAR_SCORE
    assert PHONE.compare(LONDON, "+4402079460958") == PHONE.compare("+4402079460958", LONDON) == NEAR_SCORE
    assert PHONE.compare(LONDON, "+442079460000") == 0.0
    assert LONDON not in PHONE.near(LONDON)


@pytest.mark.parametrize(
    ("said", "pattern"),
    [
        ("+44 20 7946 ????", "+44207946????"),
        ("7946 0958", "*79460958"),
        ("+44*0958", "+44*0958"),
        ("*79460", "*79460"),
    ],
)
def test_a_partial_number_is_understood(said: str, pattern: str) -> None:
    assert PHONE.pattern(said, "x") == pattern


@pytest.mark.parametrize("said", ["*", "+44*", "7946", "+44 20 ABCDE", "?" * 20, "1" * 30, ""])
def test_a_pattern_that_finds_everything_is_refused(said: str) -> None:
    with pytest.raises(Refusal) as caught:
        PHONE.pattern(said, "x")
    assert caught.value.code == "PHONE-PATTERN"
