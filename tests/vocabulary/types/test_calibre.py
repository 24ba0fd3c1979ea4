"""One cartridge has one name, however it is written; what is not known stays as it was written."""

import pytest

from allpoints.ground.refusal import Refusal
from allpoints.vocabulary.types.calibre import LONGEST, Calibre

CALIBRE = Calibre()


@pytest.mark.parametrize(
    ("written", "name"),
    [
        (("9 x 19 mm Parabellum", "9mm Luger", "9x19", "9×19", "9 х 19 мм", "9 PARA"), "9x19mm Parabellum"),
        ((".45 ACP", "45acp", "0.45 Auto", "cal. .45 ACP", "11,43x23"), ".45 ACP"),
        (("12 gauge", "12 GA.", "12-bore", "Cal. 12"), "12 gauge"),
        (("12/70", "12 x 70", "12/70 mm", "12 gauge 70", "12-70"), "12/70"),
        (("12/76 Magnum",), "12/76"),
        ((".410", "36 gauge", ".410 bore"), ".410 bore"),
        (("9mm kurz", ".380 Auto", "9 x 17", "9mm Short"), ".380 ACP"),
        (("7.62x54R", "7,62х54", "7.62 x 54 mmR"), "7.62x54mmR"),
        (("8x57", "7.92 x 57", "8mm Mauser"), "7.92x57mm Mauser"),
        ((".22lr", ".22 Long Rifle", "22 l.r."), ".22 LR"),
        (("30-06", ".30-06 Sprg"), ".30-06 Springfield"),
    ],
)
def test_what_is_written_differently_meets(written: tuple[str, ...], name: str) -> None:
    assert {CALIBRE.clean(one, "x") for one in written} == {name}
    assert CALIBRE.clean(name, "x") == name


def test_unknown_cartridges_are_tidied_and_still_meet() -> None:
    assert CALIBRE.clean("6,5 ×  47   Lapua", "x") == "6.5 x 47 Lapua"
    assert CALIBRE.normal("6.5 x 47 Lapua") == CALIBRE.normal(CALIBRE.clean("6.5x47mm LAPUA", "x"))
    assert CALIBRE.clean("20x82", "x") == "20x82"


def test_one_gauge_is_found_whatever_its_chamber() -> None:
    assert (
        CALIBRE.normal("12/70")
        == CALIBRE.normal("12 gauge")
        == CALIBRE.normal("12/76")
        != CALIBRE.normal("20/70")
    )
    assert CALIBRE.compare("12/70", "12 gauge") == 0.9
    assert CALIBRE.facts("12/70") == (("Gauge", "12"), ("Chamber", "70 mm"))
    assert CALIBRE.facts("12 gauge") == CALIBRE.facts("30/40 Krag") == ()


def test_a_bore_alone_does_not_tell_the_cartridge() -> None:
    assert "9x18mm Makarov" in CALIBRE.advice(CALIBRE.clean("9mm", "x"))[0]
    assert CALIBRE.advice("9x19mm Parabellum") == ()


def test_cartridges_taken_for_each_other_are_near_and_not_the_same() -> None:
    one, other = ".223 Remington", "5.56x45mm NATO"
    assert CALIBRE.near(CALIBRE.normal(one)) == (CALIBRE.normal(other),)
    assert CALIBRE.compare(one, other) == CALIBRE.compare(other, one) == 0.5
    assert CALIBRE.compare(one, ".45 ACP") == 0.0


def test_signs_alone_are_no_calibre() -> None:
    for raw, code in (
        ("???", "CALIBRE-FORM"),
        ("9" * (LONGEST + 1), "FIELD-TOO-LONG"),
        ("ﷺ" * 5, "FIELD-TOO-LONG"),
    ):
        with pytest.raises(Refusal) as caught:
            CALIBRE.clean(raw, "calibre")
        assert (caught.value.code, caught.value.path) == (code, "calibre")
