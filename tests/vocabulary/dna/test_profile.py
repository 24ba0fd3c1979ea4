"""Reading profiles by the rules of Council Decision 2008/616/JHA, annex, chapter 1."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from allpoints.ground.refusal import Refusal
from allpoints.vocabulary.dna import LEAST_LOCI, LOCI, Allele, Pair, read, written

FIVE = "D3S1358:15,17;D8S1179:12,14;D18S51:13,17;D21S11:29,30;FGA:22,22"

NUMBERS = st.builds(Allele, st.integers(2, 98), st.integers(0, 2))
PAIRS = st.tuples(NUMBERS, NUMBERS).map(lambda pair: (min(pair), max(pair))) | st.tuples(NUMBERS, st.none())
PROFILES = st.dictionaries(
    st.sampled_from([name for name in LOCI if name != "AMEL"]), PAIRS, min_size=LEAST_LOCI
).map(lambda found: {name: found[name] for name in LOCI if name in found})


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        ("9.3,6", "6,9.3"),
        ("6", "6,6"),
        ("09.3 06.0", "6,9.3"),
        ("6,0", "6,*"),
        ("1,6", "6,*"),
        ("6,99", "6,*"),
        ("6,OL", "6,*"),
        ("6,", "6,*"),
        ("6,*", "6,*"),
        ("7,8,9", "7,*"),
        ("9,7,8", "9,*"),
    ],
)
def test_values_become_alleles_or_wildcards(said: str, kept: str) -> None:
    assert written(*read(f"{FIVE};TH01:{said}")) == f"{FIVE};TH01:{kept}"


@pytest.mark.parametrize("said", ["", "*,*", "na,nr", "0,99"])
def test_a_locus_that_says_nothing_is_left_out(said: str) -> None:
    assert written(*read(f"{FIVE};TH01:6,7;VWA:{said}")) == f"{FIVE};TH01:6,7"
    with pytest.raises(Refusal) as caught:
        read(f"{FIVE};TH01:{said}")
    assert caught.value.code == "STR-FEW-LOCI"


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        ("X,Y", "X,Y"),
        ("y,x", "X,Y"),
        ("XY", "X,Y"),
        ("X", "X,X"),
        ("X,X", "X,X"),
        ("Y,Y", ""),
        ("?", ""),
        ("", ""),
    ],
)
def test_amelogenin_is_x_or_x_and_y(said: str, kept: str) -> None:
    assert read(f"{FIVE};TH01:6,7;AMEL:{said}")[0] == kept


@pytest.mark.parametrize(
    ("said", "code"),
    [
        ("TH01:6,7,8,9", "STR-MIXTURE"),
        ("TH01:6,100", "STR-ALLELE"),
        ("TH01:6,9.4", "STR-ALLELE"),
        ("D22S1045:15,16.3", "STR-ALLELE"),
        ("TH01", "STR-FORM"),
        ("DYS391:10", "STR-LOCUS"),
        ("FGA:21,22", "STR-LOCUS-TWICE"),
    ],
)
def test_what_is_no_profile_of_one_person_is_refused(said: str, code: str) -> None:
    with pytest.raises(Refusal) as caught:
        read(f"{FIVE};{said}", "profile")
    assert (caught.value.code, caught.value.path) == (code, "profile")
    assert read(f"{FIVE};PENTAD:6,9.4")[1]["PENTAD"] == (Allele(6), Allele(9, 4))


@given(st.sampled_from(["", "X,X", "X,Y"]), PROFILES)
def test_what_is_written_is_read_back(sex: str, profile: dict[str, Pair]) -> None:
    assert read(written(sex, profile)) == (sex, profile)
