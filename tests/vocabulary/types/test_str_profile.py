"""DNA profiles as a field."""

import pytest

from allpoints.ground.refusal import Refusal
from allpoints.vocabulary.types.str_profile import PROFILE_TEXT_LIMIT, StrProfile, grade

PROFILE = StrProfile()
ISSOL, SIX = PROFILE.examples


def test_lines_spellings_and_order_do_not_matter() -> None:
    said = """vWA = 18/16
    THO1: 9.3 , 6
    d3s1358:17 15; FIBRA:24,21; D8S1179: 13; D18-S51:14,16; D21S11:２８,32.2
    amelogenin:XY"""
    assert PROFILE.clean(said, "x") == ISSOL


def test_too_few_loci_are_refused() -> None:
    with pytest.raises(Refusal) as caught:
        PROFILE.clean("AMEL:X,X;" + ";".join(SIX.split(";")[:5]), "profile")
    assert (caught.value.code, caught.value.path) == ("STR-FEW-LOCI", "profile")
    assert PROFILE.clean(SIX, "profile") == SIX


def test_an_absurd_length_is_refused() -> None:
    with pytest.raises(Refusal) as caught:
        PROFILE.clean("x" * (PROFILE_TEXT_LIMIT + 1), "profile")
    assert caught.value.code == "FIELD-TOO-LONG"


def test_likeness_is_the_share_of_loci_that_agree() -> None:
    assert PROFILE.compare(ISSOL, ISSOL) == 1.0
    assert PROFILE.compare(ISSOL, ISSOL.replace("VWA:16,18", "VWA:17,19")) == pytest.approx(6 / 7)
    assert PROFILE.compare(SIX, ISSOL) == pytest.approx(grade(SIX, ISSOL).agreeing / 6)
    five_shared = ISSOL.replace("FGA:21,24", "SE33:21,24").replace("VWA:16,18", "TPOX:8,8")
    assert grade(ISSOL, five_shared).comparable == 5
    assert PROFILE.compare(ISSOL, five_shared) == 0.0


def test_unusual_alleles_are_advice() -> None:
    assert PROFILE.advice(ISSOL) == ()
    exchanged = ISSOL.replace("TH01:6,9.3", "TH01:30,30").replace("FGA:21,24", "FGA:9.3,21")
    assert PROFILE.clean(exchanged, "x") == exchanged
    assert [said.split(",")[0] for said in PROFILE.advice(exchanged)] == ["FGA has 9.3", "TH01 has 30"]
    assert PROFILE.advice(f"{SIX};CD4:60,60") == ()


def test_the_profile_tells_which_sets_it_completes() -> None:
    assert PROFILE.facts(ISSOL) == (("Loci", "7"), ("Complete sets", "ISSOL"), ("Amelogenin", "X,Y"))
    assert PROFILE.facts(SIX) == (("Loci", "6"), ("Complete sets", "none"))
    assert PROFILE.caption(ISSOL) == "7 loci (ISSOL)"
    assert PROFILE.caption(SIX) == "6 loci"
