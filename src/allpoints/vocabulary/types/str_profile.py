"""A DNA profile of short tandem repeats."""

import unicodedata
from typing import Annotated, Any, ClassVar

import msgspec

from allpoints.vocabulary import dna
from allpoints.vocabulary.types.base import FieldType, plain_text

PROFILE_TEXT_LIMIT = 1_000
"""Longest text of a profile: thirty loci need half of it."""

_ALLELE = r"([0-9]{1,2}(\.[1-4])?|\*)"
_PROFILE = rf"(AMEL:X,[XY];)?[A-Z0-9]+:{_ALLELE},{_ALLELE}(;[A-Z0-9]+:{_ALLELE},{_ALLELE}){{5,}}"


class StrProfile(FieldType, frozen=True):
    """Two alleles for each of at least six loci, written in one order; it never says whose they are."""

    name: ClassVar[str] = "str-profile"
    personal: ClassVar[bool] = True
    separator: ClassVar[str] = "|"

    def clean(self, raw: object, path: str) -> str:
        text = plain_text(raw, path, PROFILE_TEXT_LIMIT, lines=True)
        text = unicodedata.normalize("NFKC", text).replace("\n", ";")
        return dna.written(*dna.read(text, path)) if text else ""

    def normal(self, value: str) -> str:
        return value

    def compare(self, one: str, other: str) -> float:
        """The share of the loci in both that agree; 0.0 with fewer than six loci in both."""
        grades = grade(one, other)
        return grades.agreeing / grades.comparable if grades.comparable >= dna.LEAST_LOCI else 0.0

    def caption(self, value: str, language: str = "en") -> str:
        del language
        _, profile = dna.read(value)
        sets = ", ".join(dna.complete_sets(frozenset(profile)))
        return f"{len(profile)} loci ({sets})" if sets else f"{len(profile)} loci"

    def advice(self, value: str) -> tuple[str, ...]:
        _, profile = dna.read(value)
        return tuple(
            f"{name} has {allele.text()}, and {dna.LOCI[name].fewest} to {dna.LOCI[name].most} are usual: "
            "look whether loci were exchanged."
            for name, pair in profile.items()
            for allele in dict.fromkeys(pair)
            if allele is not None and _unusual(allele, dna.LOCI[name])
        )

    def facts(self, value: str) -> tuple[tuple[str, str], ...]:
        sex, profile = dna.read(value)
        sets = dna.complete_sets(frozenset(profile))
        return (
            ("Loci", str(len(profile))),
            ("Complete sets", ", ".join(sets) or "none"),
            *((("Amelogenin", sex),) if sex else ()),
        )

    @property
    def examples(self) -> tuple[str, ...]:
        return (
            "AMEL:X,Y;D3S1358:15,17;D8S1179:13,13;D18S51:14,16;D21S11:28,32.2;FGA:21,24;TH01:6,9.3;VWA:16,18",
            "D3S1358:15,*;D8S1179:12,14;D18S51:13,17;D21S11:29,30;FGA:22,22;TH01:7,9",
        )

    def annotation(self) -> Any:
        return Annotated[str, msgspec.Meta(max_length=PROFILE_TEXT_LIMIT, pattern=rf"^({_PROFILE})?\Z")]

    def schema(self) -> dict[str, Any]:
        return {"type": "string", "pattern": f"^{_PROFILE}$", "maxLength": PROFILE_TEXT_LIMIT}


def grade(one: str, other: str) -> dna.Grades:
    """How far two clean profiles agree, locus by locus."""
    return dna.grade(dna.read(one)[1], dna.read(other)[1])


def _unusual(allele: dna.Allele, locus: dna.Locus) -> bool:
    return bool(locus.most) and not locus.fewest <= allele.repeats <= locus.most
