"""From a question understood to an answer: look up, weigh, say why. Pure, and the same on-line and off-line."""

from collections.abc import Callable, Iterator
from functools import reduce
from typing import NamedTuple

import msgspec

from allpoints.border.question import Asked, Thing
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
from allpoints.vocabulary.identifying import DOCUMENT, DOCUMENT_RANGE, DOCUMENT_SHAPE, PERSON

EFFECT_DOCUMENT = 1
EFFECT_BEARER = 2
EFFECT_OBJECT = 3
"""What a posting means at a border: bad papers, a subject, a thing that is sought; anything else is of no effect."""
EFFECTS = frozenset({EFFECT_DOCUMENT, EFFECT_BEARER, EFFECT_OBJECT})

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
    warnings = tuple(_warnings(asked, lookup, bool(matches)))
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
        things=tuple(f"{thing.label}: {thing.typed}" for thing in asked.things),
    )


def _matches(asked: Asked, lookup: Lookup, at: Circumstances) -> Iterator[Match]:
    seen: set[bytes] = set()
    for posting, kind, reason in _postings(asked, lookup):
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
                reasons=(reason,),
            )


def _postings(asked: Asked, lookup: Lookup) -> Iterator[tuple[Posting, str, Reason]]:
    """Everything that any identifier finds, with its kind and the reason."""
    if asked.document:
        reason = Reason("Issuing country and number are the same.", asked.document)
        for posting in lookup(DOCUMENT, asked.document):
            yield posting, DOCUMENT, reason
        reason = Reason("The number lies in a range of blank documents reported stolen.", asked.document)
        # Ranges of blanks are rare: one look-up of the number's shape says whether any can exist.
        if lookup(DOCUMENT_SHAPE, asked.shape):
            for probe in asked.probes:
                for posting in lookup(DOCUMENT_RANGE, probe):
                    yield posting, DOCUMENT, reason
    if asked.person:
        reason = Reason(
            "Name and birth date are the same as those of the subject; others may bear them too.",
            f"{asked.bearer}, {asked.birth_date}",
        )
        for posting in lookup(PERSON, asked.person):
            yield posting, PERSON, reason
    for thing in asked.things:
        for posting, reason in _of_thing(thing, lookup):
            yield posting, thing.key.kind, reason


def _of_thing(thing: Thing, lookup: Lookup) -> Iterator[tuple[Posting, Reason]]:
    reason = Reason(f"{thing.label} is the same.", thing.typed)
    for posting in lookup(*thing.key):
        yield posting, reason
    if thing.shape is not None and lookup(*thing.shape):
        reason = Reason(f"{thing.label} lies in a range on record.", thing.typed)
        for probe in thing.probes:
            for posting in lookup(*probe):
                yield posting, reason


def _verdict(kind: str, effect: int) -> Verdict | None:
    if effect == EFFECT_BEARER:
        # A document is proof of who bears it; a name, a telephone or a vehicle is not.
        return Verdict.BEARER if kind == DOCUMENT else Verdict.POSSIBLE
    if kind == PERSON:
        return None
    return {EFFECT_DOCUMENT: Verdict.DOCUMENT, EFFECT_OBJECT: Verdict.OBJECT}.get(effect)


def _warnings(asked: Asked, lookup: Lookup, found: bool) -> Iterator[Reason]:
    """Values one slip away that are on record, of each identifier that found nothing itself."""
    if asked.document and not found:
        for value in asked.near:
            if any(posting.flags in EFFECTS for posting in lookup(DOCUMENT, f"{asked.issuer}|{value}")):
                yield Reason(
                    "A document whose number differs by one easily confused character is on record. "
                    "This is a warning, not a hit: read the number again.",
                    asked.number,
                    value,
                )
    for thing in asked.things:
        if any(posting.flags in EFFECTS for posting, _ in _of_thing(thing, lookup)):
            continue
        for near in thing.near:
            if any(posting.flags in EFFECTS for posting in lookup(*near)):
                yield Reason(
                    f"{thing.label} differs by one easily confused character from one on record. "
                    "This is a warning, not a hit: read it again.",
                    thing.typed,
                    near.value.rpartition("|")[2],
                )


def timed(answer: Answer, took_us: int) -> Answer:
    return msgspec.structs.replace(answer, took_us=took_us)
