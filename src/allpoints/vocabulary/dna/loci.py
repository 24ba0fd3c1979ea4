"""The places on the genome that profiles speak of, and the sets that laboratories agreed on.

Sources: the table of 24 loci of Council Decision 2008/616/JHA (the INTERPOL forms' loci), Council Resolution
2009/C 296/01 for the European set of 12, and the core loci of CODIS of 1997 and 2017. The alleles usually
seen are those of common kits' ladders with room on both sides: a value outside is looked at again, not refused.
"""

import re
from collections.abc import Mapping
from typing import NamedTuple

SEX = "AMEL"
"""Amelogenin tells X from Y; it never counts as a locus."""


class Locus(NamedTuple):
    """A locus: the bases of one repeat, and the repeats usually seen (0 where nobody says)."""

    name: str
    bases: int = 4
    fewest: int = 0
    most: int = 0


_AUTOSOMAL = (
    Locus("D1S1656", 4, 8, 21),
    Locus("D2S441", 4, 8, 18),
    Locus("D2S1338", 4, 10, 31),
    Locus("D3S1358", 4, 8, 21),
    Locus("D5S818", 4, 4, 19),
    Locus("D6S1043", 4, 7, 27),
    Locus("D7S820", 4, 5, 17),
    Locus("D8S1179", 4, 6, 20),
    Locus("D10S1248", 4, 7, 20),
    Locus("D12S391", 4, 13, 29),
    Locus("D13S317", 4, 5, 18),
    Locus("D16S539", 4, 4, 17),
    Locus("D18S51", 4, 5, 41),
    Locus("D19S433", 4, 5, 20),
    Locus("D21S11", 4, 12, 44),
    Locus("D22S1045", 3, 7, 21),
    Locus("CSF1PO", 4, 4, 18),
    Locus("FGA", 4, 12, 52),
    Locus("PENTAD", 5, 2, 20),
    Locus("PENTAE", 5, 4, 29),
    Locus("SE33", 4, 3, 50),
    Locus("TH01", 4, 3, 14),
    Locus("TPOX", 4, 4, 16),
    Locus("VWA", 4, 10, 26),
    Locus("CD4", 5),
    Locus("F13A1"),
    Locus("F13B"),
    Locus("FES"),
    Locus("GABA"),
)

LOCI: Mapping[str, Locus] = {locus.name: locus for locus in (Locus(SEX), *_AUTOSOMAL)}
"""Every locus by name, in the order in which a profile is written."""

_SPELLINGS = {
    "AMELOGENIN": SEX,
    "AM": SEX,
    "AMELXY": SEX,
    "CSF": "CSF1PO",
    "CSF1P0": "CSF1PO",
    "FIBRA": "FGA",
    "HUMFIBRA": "FGA",
    "TC11": "TH01",
    "HUMTH01": "TH01",
    "THO1": "TH01",
    "HUMVWA": "VWA",
    "VWA31": "VWA",
    "ACTBP2": "SE33",
    "FESFPS": "FES",
}
_SIGNS = re.compile(r"[\s_\-/.]+")

_ISSOL = frozenset({"FGA", "TH01", "VWA", "D3S1358", "D8S1179", "D18S51", "D21S11"})
_ESS = _ISSOL | {"D1S1656", "D2S441", "D10S1248", "D12S391", "D22S1045"}
_CODIS_13 = _ISSOL | {"CSF1PO", "TPOX", "D5S818", "D7S820", "D13S317", "D16S539"}
_CODIS_20 = _CODIS_13 | {"D1S1656", "D2S441", "D2S1338", "D10S1248", "D12S391", "D19S433", "D22S1045"}

SETS: Mapping[str, frozenset[str]] = {
    "ISSOL": _ISSOL,
    "ESS": _ESS,
    "CODIS-13": _CODIS_13,
    "CODIS-20": _CODIS_20,
    "SGM-Plus": _ISSOL | {"D2S1338", "D16S539", "D19S433"},
}
"""Sets by name: INTERPOL's, the European, the two of the United States, and the commonest kit of the 2000s."""


def locus_name(text: str) -> str:
    """The name under which a locus is kept, whatever a laboratory calls it; ``""`` when it is not known."""
    plain = _SIGNS.sub("", text).upper()
    name = _SPELLINGS.get(plain, plain)
    return name if name in LOCI else ""


def complete_sets(names: frozenset[str]) -> tuple[str, ...]:
    """The sets of which these loci have every one."""
    return tuple(label for label, wanted in SETS.items() if wanted <= names)
