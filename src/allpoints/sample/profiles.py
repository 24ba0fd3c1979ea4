"""DNA profiles of whole families: founders draw their alleles, children get one of each parent's, as Mendel found."""

from collections.abc import Sequence
from typing import NamedTuple

from allpoints.sample.chance import Chance, Odds

AMELOGENIN = "AMEL"

_RANGES = {
    "CSF1PO": "7 8 9 10 11 12 13 14 15",
    "D1S1656": "10 11 12 13 14 14.3 15 15.3 16 16.3 17 17.3 18.3",
    "D2S441": "9 10 11 11.3 12 13 14 15",
    "D2S1338": "16 17 18 19 20 21 22 23 24 25 26",
    "D3S1358": "13 14 15 16 17 18 19",
    "D5S818": "8 9 10 11 12 13 14",
    "D7S820": "7 8 9 10 11 12 13",
    "D8S1179": "8 9 10 11 12 13 14 15 16",
    "D10S1248": "11 12 13 14 15 16 17",
    "D12S391": "16 17 17.3 18 18.3 19 20 21 22 23 24",
    "D13S317": "8 9 10 11 12 13 14",
    "D16S539": "8 9 10 11 12 13 14",
    "D18S51": "11 12 13 14 15 16 17 18 19 20",
    "D19S433": "12 13 13.2 14 14.2 15 15.2 16",
    "D21S11": "27 28 29 30 30.2 31 31.2 32.2 33.2",
    "D22S1045": "11 12 13 14 15 16 17",
    "FGA": "18 19 20 21 22 23 24 25 26",
    "TH01": "6 7 8 9 9.3 10",
    "TPOX": "8 9 10 11 12",
    "VWA": "14 15 16 17 18 19 20",
}
"""The alleles that each locus has here; the middle ones are the commonest, which is near enough to nature."""


class Locus(NamedTuple):
    name: str
    alleles: Odds[str]


def _locus(name: str, alleles: Sequence[str]) -> Locus:
    middle = (len(alleles) - 1) / 2
    weights = [round(10 * (middle + 1 - abs(at - middle))) for at in range(len(alleles))]
    return Locus(name, Odds(zip(alleles, weights, strict=True)))


LOCI = tuple(_locus(name, alleles.split()) for name, alleles in _RANGES.items())
"""The twenty loci of the large American set, which holds the older sets and most of the European one."""

STANDARD = ("D3S1358", "D8S1179", "D18S51", "D21S11", "FGA", "TH01", "VWA")
EUROPEAN = (*STANDARD, "D1S1656", "D2S441", "D10S1248", "D12S391", "D22S1045")

Profile = dict[str, tuple[str, str]]
"""Two alleles for each locus, the smaller first."""


def founder(chance: Chance, sex: str) -> Profile:
    """The profile of someone whose parents are not in the world."""
    return {
        **{locus.name: _pair(chance.weighed(locus.alleles), chance.weighed(locus.alleles)) for locus in LOCI},
        AMELOGENIN: _amelogenin(sex),
    }


def child(chance: Chance, father: Profile, mother: Profile, sex: str) -> Profile:
    """The profile of a child: of each locus one allele from the father and one from the mother."""
    inherited = {
        locus.name: _pair(chance.one(father[locus.name]), chance.one(mother[locus.name])) for locus in LOCI
    }
    return {**inherited, AMELOGENIN: _amelogenin(sex)}


def _pair(one: str, other: str) -> tuple[str, str]:
    return (one, other) if float(one) <= float(other) else (other, one)


def _amelogenin(sex: str) -> tuple[str, str]:
    return ("X", "Y") if sex == "M" else ("X", "X")


def written(profile: Profile, loci: Sequence[str]) -> str:
    """A profile as text: the loci in the order given, each with its two alleles."""
    return ";".join(f"{name}:{','.join(profile[name])}" for name in loci)
