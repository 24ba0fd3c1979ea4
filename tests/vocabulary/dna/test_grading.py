"""Grades by the rules of Council Decision 2008/616/JHA, annex, chapter 1."""

import pytest
from hypothesis import given
from tests.vocabulary.dna.test_profile import PROFILES

from allpoints.vocabulary.dna import Grades, Pair, grade, read

BASE = "D3S1358:15,17;D8S1179:12,14;D18S51:13,17;D21S11:29,30;FGA:22,22;VWA:16,18"


def graded(one: str, other: str) -> Grades:
    return grade(read(f"{BASE};{one}")[1], read(f"{BASE};{other}")[1])


@pytest.mark.parametrize(
    ("one", "other", "grades"),
    [
        ("TH01:6,9.3", "TH01:9.3,6", Grades(identical=7)),
        ("TH01:6,9.3", "TH01:6,*", Grades(identical=6, wildcard=1)),
        ("TH01:6,9.3", "TH01:9.3,*", Grades(identical=6, wildcard=1)),
        ("TH01:6,9.3", "TH01:6,9.2", Grades(identical=6, microvariant=1)),
        ("TH01:6,9.3", "TH01:6,10", Grades(identical=6, microvariant=1)),
        ("TH01:6,9", "TH01:6,9.1", Grades(identical=6, microvariant=1)),
        ("TH01:6,9", "TH01:6,10", Grades(identical=6, mismatch=1, alleles_apart=1)),
        ("TH01:6,9.1", "TH01:6,9.3", Grades(identical=6, mismatch=1, alleles_apart=1)),
        ("TH01:6,6", "TH01:6,9", Grades(identical=6, mismatch=1, alleles_apart=1)),
        ("TH01:6,7", "TH01:8,9", Grades(identical=6, mismatch=1, alleles_apart=2)),
        ("TH01:6,7", "TH01:8,*", Grades(identical=6, mismatch=1, alleles_apart=1)),
        ("PENTAD:9.4,12", "PENTAD:10,12", Grades(identical=6, microvariant=1)),
        ("D22S1045:15.2,17", "D22S1045:16,17", Grades(identical=6, microvariant=1)),
        ("TH01:6,7", "TPOX:6,7", Grades(identical=6)),
        ("AMEL:X,Y", "AMEL:X,X", Grades(identical=6)),
    ],
)
def test_a_locus_is_graded_in_the_order_that_agrees_best(one: str, other: str, grades: Grades) -> None:
    assert graded(one, other) == graded(other, one) == grades


@pytest.mark.parametrize(
    ("grades", "quality"),
    [
        (Grades(identical=6), 1),
        (Grades(identical=5, wildcard=1), 2),
        (Grades(identical=4, wildcard=1, microvariant=1), 3),
        (Grades(identical=6, mismatch=1, alleles_apart=1), 4),
        (Grades(identical=6, mismatch=1, alleles_apart=2), 0),
        (Grades(identical=6, mismatch=2, alleles_apart=2), 0),
        (Grades(identical=5, mismatch=1, alleles_apart=1), 0),
        (Grades(identical=5), 0),
        (Grades(), 0),
    ],
)
def test_six_loci_must_agree_and_one_allele_may_differ(grades: Grades, quality: int) -> None:
    assert grades.quality == quality


@given(PROFILES, PROFILES)
def test_grading_is_the_same_both_ways_and_counts_what_is_shared(
    one: dict[str, Pair], other: dict[str, Pair]
) -> None:
    grades = grade(one, other)
    assert grades == grade(other, one)
    assert grades.comparable == len(one.keys() & other.keys())
    assert 0 <= grades.alleles_apart <= 2 * grades.mismatch


@given(PROFILES)
def test_a_profile_never_differs_from_itself(profile: dict[str, Pair]) -> None:
    grades = grade(profile, profile)
    assert grades.quality in (1, 2)
    assert grades.agreeing == len(profile)
