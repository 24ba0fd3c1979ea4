"""Reading and writing a profile: ``AMEL:X,Y;D3S1358:15,17;VWA:16,18``."""

import re
from collections.abc import Mapping
from typing import NamedTuple

from allpoints.ground.refusal import Refusal
from allpoints.vocabulary.dna.loci import LOCI, SEX, Locus, locus_name

LEAST_LOCI = 6
"""Fewest loci of a profile, Amelogenin aside: with fewer, strangers would match."""

HIGHEST_REPEATS = 98
"""Largest number of repeats; 99 stands for an unknown allele."""

WILDCARD = "*"

_NUMBER = re.compile(r"0*([0-9]{1,4})(?:\.([0-9]))?", re.ASCII)
_BETWEEN = re.compile(r"\s*[,/]\s*|\s+")
_HINT = "Write it as AMEL:X,Y;D3S1358:15,17;VWA:16,18 with the loci of one person."


class Allele(NamedTuple):
    """Whole repeats and the bases beyond them: 9.3 is nine repeats and three bases."""

    repeats: int
    bases: int = 0

    def text(self) -> str:
        return f"{self.repeats}.{self.bases}" if self.bases else str(self.repeats)


Pair = tuple[Allele | None, Allele | None]
"""The two alleles of a locus, smaller first; None is a wildcard and comes last."""

Profile = Mapping[str, Pair]
"""The loci that count, in the order of the table; Amelogenin is not among them."""


def read(text: str, path: str = "") -> tuple[str, Profile]:
    """What Amelogenin says (``X,X``, ``X,Y`` or nothing) and the profile; raises ``Refusal``.

    As the Prüm rules have it, 0, 1, 99 and what is no number become wildcards, and of three alleles the first
    stays and the rest is a wildcard. A locus with nothing but wildcards says nothing and is left out.
    """
    sex = ""
    found: dict[str, Pair] = {}
    seen: set[str] = set()
    for part in filter(None, (part.strip() for part in text.split(";"))):
        label, values = _split(part, path)
        name = locus_name(label)
        if not name or name in seen:
            raise _wrong_locus(label, name, path)
        seen.add(name)
        if name == SEX:
            sex = _sex(values)
        elif values:
            pair = _pair(values, LOCI[name], path)
            if pair[0] is not None:
                found[name] = pair
    if len(found) < LEAST_LOCI:
        raise Refusal(
            "STR-FEW-LOCI",
            f"A profile needs at least {LEAST_LOCI} loci besides Amelogenin, and this has {len(found)}.",
            path=path,
            hint=_HINT,
        )
    return sex, {name: found[name] for name in LOCI if name in found}


def written(sex: str, profile: Profile) -> str:
    """The canonical text of a profile."""
    parts = [f"{SEX}:{sex}"] if sex else []
    parts += [f"{name}:{_shown(one)},{_shown(other)}" for name, (one, other) in profile.items()]
    return ";".join(parts)


def _shown(allele: Allele | None) -> str:
    return WILDCARD if allele is None else allele.text()


def _split(part: str, path: str) -> tuple[str, list[str]]:
    label, colon, said = part.partition(":")
    if not colon:
        label, colon, said = part.partition("=")
    if not colon:
        raise Refusal("STR-FORM", f"“{part[:40]}” is not a locus with its alleles.", path=path, hint=_HINT)
    values = _BETWEEN.split(said.strip()) if said.strip() else []
    if len(values) > 3:
        raise Refusal(
            "STR-MIXTURE",
            f"{label.strip()[:20]} has {len(values)} alleles, so this is a mixture of several persons.",
            path=path,
            hint="Separate the persons first; a profile has two alleles for each locus, at most three.",
        )
    return label, values


def _wrong_locus(label: str, name: str, path: str) -> Refusal:
    shown = label.strip()[:20]
    if name:
        return Refusal("STR-LOCUS-TWICE", f"{name} is given twice.", path=path, hint="Give each locus once.")
    return Refusal(
        "STR-LOCUS",
        f"“{shown}” is not a locus that profiles are compared by.",
        path=path,
        hint=f"Leave it out. Known are {', '.join(LOCI)}.",
    )


def _sex(values: list[str]) -> str:
    said = "".join(values).upper()
    if said in ("X", "XX"):
        return "X,X"
    return "X,Y" if said in ("XY", "YX") else ""


def _pair(values: list[str], locus: Locus, path: str) -> Pair:
    first = _allele(values[0], locus, path)
    # One value alone is how some laboratories write a homozygote.
    second = first if len(values) == 1 else None
    if len(values) == 2:
        second = _allele(values[1], locus, path)
    if first is None or (second is not None and second < first):
        first, second = second, first
    return first, second


def _allele(text: str, locus: Locus, path: str) -> Allele | None:
    found = _NUMBER.fullmatch(text)
    if found is None:
        return None
    allele = Allele(int(found[1]), int(found[2] or 0))
    if allele.repeats <= 1 or allele == (HIGHEST_REPEATS + 1, 0):
        return None
    if allele.repeats > HIGHEST_REPEATS or allele.bases >= locus.bases:
        raise Refusal(
            "STR-ALLELE",
            f"“{text}” is not an allele of {locus.name}.",
            path=path,
            hint=f"Give repeats up to {HIGHEST_REPEATS}, with at most {locus.bases - 1} bases behind the point.",
        )
    return allele
