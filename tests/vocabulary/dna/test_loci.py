"""Loci: names of laboratories, sets of the agreements."""

import pytest

from allpoints.vocabulary.dna.loci import LOCI, SETS, SEX, complete_sets, locus_name


@pytest.mark.parametrize(
    ("said", "name"),
    [
        ("vWA", "VWA"),
        ("Penta D", "PENTAD"),
        ("PENTA_E", "PENTAE"),
        ("Amelogenin", "AMEL"),
        ("HUMTH01", "TH01"),
        ("d3s1358", "D3S1358"),
        ("FES/FPS", "FES"),
        ("DYS391", ""),
        ("", ""),
    ],
)
def test_what_laboratories_call_a_locus_is_understood(said: str, name: str) -> None:
    assert locus_name(said) == name


@pytest.mark.parametrize(
    ("label", "count"), [("ISSOL", 7), ("ESS", 12), ("CODIS-13", 13), ("CODIS-20", 20), ("SGM-Plus", 10)]
)
def test_sets_have_the_number_of_loci_they_are_known_for(label: str, count: int) -> None:
    assert len(SETS[label]) == count
    assert SETS[label] <= LOCI.keys() - {SEX}


def test_larger_sets_complete_the_smaller_ones() -> None:
    assert complete_sets(SETS["ESS"]) == ("ISSOL", "ESS")
    assert complete_sets(SETS["CODIS-20"]) == ("ISSOL", "ESS", "CODIS-13", "CODIS-20", "SGM-Plus")
    assert complete_sets(SETS["ISSOL"] - {"FGA"}) == ()


def test_usual_repeats_are_in_order() -> None:
    for locus in LOCI.values():
        assert 0 <= locus.fewest <= locus.most < 99
        assert locus.bases in (3, 4, 5)
