"""From a question understood to an answer: look up, weigh, say why. Pure, and the same on-line and off-line."""

from collections.abc import Callable, Iterator
from functools import reduce
from typing import NamedTuple

import msgspec

from allpoints.border.question import Asked
from allpoints.border.verdict import (
    ACTIONS,
    BOTH_ACTION,
    BOTH_HEADLINE,
    HEADLINES,
    Answer,
    Match,
    Reason,
    Verdict,
)
from allpoints.matching.posting import Posting

DOCUMENT = "document"
RANGE = "document-range"
SHAPE = "document-shape"
PERSON = "person"

EFFECT_DOCUMENT = 1
EFFECT_BEARER = 2
"""What a posting means for the bearer's papers; anything else is of no effect at a border."""

MATCH_LIMIT = 20
"""An officer cannot weigh more; the desk can."""

Lookup = Callable[[str, str], list[Posting]]


class Circumstances(NamedTuple):
    """What a check is made with: its identifier, its source of records and the freshness of that source."""

    check: str
    asked_ms: int
    source: str
    as_of_ms: int
    registers: dict[int, str]
    dismissed: Callable[[Posting], bool]


def examine(asked: Asked, lookup: Lookup, at: Circumstances) -> Answer:
    """Look up every identifier of ``asked`` and weigh what comes back into one answer."""
    if asked.mrz is not None and not asked.mrz.valid:
        faults = tuple(Reason(fault.sentence, fault.path, fault.hint) for fault in asked.mrz.faults)
        return _answer(asked, at, Verdict.UNREADABLE, faults=faults)
    # Gravest first, so that a long list can hide nothing graver than what it shows.
    found = sorted(_matches(asked, lookup, at), key=lambda match: -match.verdict.gravity)
    matches = tuple(found[:MATCH_LIMIT])
    verdict = reduce(Verdict.with_, (match.verdict for match in matches), Verdict.CLEAR)
    warnings = () if matches or not asked.document else tuple(_near(asked, lookup))
    if {Verdict.DOCUMENT, Verdict.BEARER} <= {match.verdict for match in found}:
        answer = _answer(asked, at, verdict, matches=matches, warnings=warnings)
        return msgspec.structs.replace(answer, headline=BOTH_HEADLINE, action=BOTH_ACTION)
    return _answer(asked, at, verdict, matches=matches, warnings=warnings)


def unable(asked: Asked, at: Circumstances, why: str) -> Answer:
    """The answer of a post that could not ask anyone it may rely on: never a "no record found"."""
    return _answer(asked, at, Verdict.UNABLE, faults=(Reason(why),))


def _answer(
    asked: Asked,
    at: Circumstances,
    verdict: Verdict,
    *,
    matches: tuple[Match, ...] = (),
    warnings: tuple[Reason, ...] = (),
    faults: tuple[Reason, ...] = (),
) -> Answer:
    return Answer(
        at.check,
        verdict,
        HEADLINES[verdict],
        ACTIONS[verdict],
        at.asked_ms,
        at.source,
        at.as_of_ms,
        matches=matches,
        warnings=warnings,
        faults=faults,
        number=asked.number,
        issuer=asked.issuer,
        document_type=asked.document_type,
        bearer=asked.bearer,
        birth_date=asked.birth_date,
    )


def _matches(asked: Asked, lookup: Lookup, at: Circumstances) -> Iterator[Match]:
    seen: set[bytes] = set()
    for kind, posting in _postings(asked, lookup):
        if posting.record_id in seen or at.dismissed(posting):
            continue
        seen.add(posting.record_id)
        verdict = _verdict(kind, posting.flags)
        if verdict is not None:
            yield Match(
                record=posting.record_id.hex(),
                register=at.registers.get(posting.register, ""),
                verdict=verdict,
                owner=posting.owner,
                published_ms=posting.published_ms,
                version=posting.version,
                reasons=(_reason(kind, asked),),
            )


def _postings(asked: Asked, lookup: Lookup) -> Iterator[tuple[str, Posting]]:
    if asked.document:
        for posting in lookup(DOCUMENT, asked.document):
            yield DOCUMENT, posting
        # Ranges of blanks are rare: one look-up of the number's shape says whether any can exist.
        if lookup(SHAPE, asked.shape):
            for probe in asked.probes:
                for posting in lookup(RANGE, probe):
                    yield RANGE, posting
    if asked.person:
        for posting in lookup(PERSON, asked.person):
            yield PERSON, posting


def _verdict(kind: str, effect: int) -> Verdict | None:
    if kind == PERSON:
        return Verdict.POSSIBLE if effect == EFFECT_BEARER else None
    return {EFFECT_DOCUMENT: Verdict.DOCUMENT, EFFECT_BEARER: Verdict.BEARER}.get(effect)


def _reason(kind: str, asked: Asked) -> Reason:
    if kind == PERSON:
        return Reason(
            "Name and birth date are the same as those of the subject; others may bear them too.",
            f"{asked.bearer}, {asked.birth_date}",
        )
    if kind == RANGE:
        return Reason("The number lies in a range of blank documents reported stolen.", asked.document)
    return Reason("Issuing country and number are the same.", asked.document)


def _near(asked: Asked, lookup: Lookup) -> Iterator[Reason]:
    for value in asked.near:
        if lookup(DOCUMENT, f"{asked.issuer}|{value}"):
            yield Reason(
                "A document whose number differs by one easily confused character is on record. "
                "This is a warning, not a hit: read the number again.",
                asked.number,
                value,
            )


def timed(answer: Answer, took_us: int) -> Answer:
    return msgspec.structs.replace(answer, took_us=took_us)
