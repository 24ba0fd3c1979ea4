"""How far two profiles agree, by the grades of the Prüm decisions."""

from enum import IntEnum

import msgspec

from allpoints.vocabulary.dna.loci import LOCI
from allpoints.vocabulary.dna.profile import LEAST_LOCI, Allele, Pair, Profile


class Grade(IntEnum):
    """How two alleles, or the two pairs of a locus, agree; a higher one agrees less."""

    IDENTICAL = 1
    WILDCARD = 2
    MICROVARIANT = 3
    MISMATCH = 4


class Grades(msgspec.Struct, frozen=True):
    """Loci in both profiles, counted by grade, and how many single alleles differ."""

    identical: int = 0
    wildcard: int = 0
    microvariant: int = 0
    mismatch: int = 0
    alleles_apart: int = 0

    @property
    def comparable(self) -> int:
        """Loci that both profiles have; Amelogenin never counts."""
        return self.identical + self.wildcard + self.microvariant + self.mismatch

    @property
    def agreeing(self) -> int:
        return self.comparable - self.mismatch

    @property
    def quality(self) -> int:
        """1 identical, 2 with wildcards, 3 with a microvariant, 4 one allele differs (near), 0 no match.

        Nothing is reported on fewer than six loci that agree.
        """
        if self.agreeing < LEAST_LOCI or self.alleles_apart > 1:
            return 0
        if self.mismatch:
            return Grade.MISMATCH
        if self.microvariant:
            return Grade.MICROVARIANT
        return Grade.WILDCARD if self.wildcard else Grade.IDENTICAL


def grade(one: Profile, other: Profile) -> Grades:
    """The grades of the loci that both profiles have."""
    counts = dict.fromkeys(Grade, 0)
    apart = 0
    for name, pair in one.items():
        against = other.get(name)
        if against is None:
            continue
        worst, mismatches = _locus(pair, against, LOCI[name].bases)
        counts[worst] += 1
        apart += mismatches
    return Grades(
        counts[Grade.IDENTICAL],
        counts[Grade.WILDCARD],
        counts[Grade.MICROVARIANT],
        counts[Grade.MISMATCH],
        apart,
    )


def _locus(one: Pair, other: Pair, bases: int) -> tuple[Grade, int]:
    """The grade of a locus and its mismatches, the alleles paired in whichever order agrees better."""
    straight = _alleles(one[0], other[0], bases), _alleles(one[1], other[1], bases)
    crossed = _alleles(one[0], other[1], bases), _alleles(one[1], other[0], bases)
    best = min(straight, crossed, key=lambda found: (found.count(Grade.MISMATCH), max(found), sum(found)))
    return max(best), best.count(Grade.MISMATCH)


def _alleles(one: Allele | None, other: Allele | None, bases: int) -> Grade:
    if one is None or other is None:
        return Grade.WILDCARD
    if one == other:
        return Grade.IDENTICAL
    # Laboratories differ by one base in what they call a microvariant: 9.3 is 9.2, 9.3 or 10 elsewhere.
    apart = abs((one.repeats - other.repeats) * bases + one.bases - other.bases)
    return Grade.MICROVARIANT if apart == 1 else Grade.MISMATCH
