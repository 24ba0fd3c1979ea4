"""One check at a worker: looked up, written to the journal and answered, as long as nothing at all is found.

What is found, near, unreadable or out of the ordinary is the node's: it raises hits and tells whom they concern.
"""

import datetime as dt
import os
import time
from collections import Counter
from collections.abc import Sequence
from typing import NamedTuple

import msgspec
import numpy as np

from allpoints.border import checking, journal
from allpoints.border.checking import Circumstances
from allpoints.border.journal import FRAME_LIMIT_BYTES, Journal, JournalLine
from allpoints.border.question import Asked, Question, understand
from allpoints.border.quick import Zone, read_plain
from allpoints.border.store import TOKENS_LIMIT
from allpoints.border.verdict import ACTIONS, HEADLINES, Verdict
from allpoints.ground.clock import DAY, day_of, monotonic_ms
from allpoints.ground.refusal import Refusal
from allpoints.matching.following_index import FollowingIndex
from allpoints.matching.posting import Posting
from allpoints.matching.tokens import TOKEN_BYTES, minting, token
from allpoints.vocabulary.identifying import DOCUMENT, DOCUMENT_SHAPE, PERSON
from allpoints.vocabulary.register import Vocabulary
from allpoints.web.batches import Item
from allpoints.web.checking.wire import Standing

CHECK_BYTES = 12
DRAWN = 512
"""Identifiers of checks drawn from the system at a time."""

_encode = msgspec.json.Encoder().encode
_CLEAR = ",".join(
    f'"{name}":{_encode(value).decode()}'
    for name, value in (
        ("verdict", Verdict.CLEAR),
        ("headline", HEADLINES[Verdict.CLEAR]),
        ("action", ACTIONS[Verdict.CLEAR]),
    )
)


class Asking(NamedTuple):
    """Who asks: what the node said of it, the case that this check is for, and how often standings had changed."""

    standing: Standing
    case: str
    epoch: object


class Miss(NamedTuple):
    """A check that found nothing: its line for the journal, and the answer to send once that is written."""

    line: bytes
    body: bytes


class Answering:
    """Answers checks from the shared index."""

    def __init__(
        self, vocabulary: Vocabulary, following: FollowingIndex, index_key: bytes, out: Journal
    ) -> None:
        self.vocabulary = vocabulary
        self.following = following
        self.journal = out
        self.refusals: Counter[str] = Counter()
        self._key = index_key
        self._document, self._person, self._shape, self._pair = (
            minting(index_key, kind) for kind in (DOCUMENT, PERSON, DOCUMENT_SHAPE, "pair")
        )
        self._drawn = b""
        self._drawn_at = 0
        self._day = -1
        self._today = dt.date.min

    def ready(self) -> None:
        """Make sure that an answer could be relied on; raises Refusal CHECK-UNABLE (503) or TOO-BUSY (429)."""
        following = self.following
        try:
            following.refresh()
        except (Refusal, OSError):
            raise unable("This process does not have the whole index at the moment.") from None
        if not following.is_fresh(monotonic_ms()):
            raise unable("This process has not heard from its node.")
        if following.held:
            raise busy()

    def miss(self, question: Question, asking: Asking, now_ms: int) -> Miss | None:
        """The answer to a check that finds nothing, None when it must go to the node.

        Call ``ready`` first. Raises Refusal for a question that cannot be asked.
        """
        began = time.perf_counter_ns()
        if question.mrz and not question.identifiers and (zone := self._plain(question.mrz, now_ms)):
            return self._plain_miss(zone, question, asking, now_ms, began)
        return self._ordinary(question, asking, now_ms, began)

    def _ordinary(self, question: Question, asking: Asking, now_ms: int, began: int) -> Miss | None:
        asked = understand(question, self.vocabulary, day_of(now_ms))
        tokens = self._tokens(asked)
        if not asked.readable or len(tokens) > TOKENS_LIMIT:
            return None
        at = Circumstances(self._new_check(), now_ms, "live", self.following.as_of_ms, {}, _never_dismissed)
        answer = checking.examine(asked, self._lookup, at)
        if answer.verdict is not Verdict.CLEAR or answer.warnings:
            return None
        answer = checking.timed(answer, (time.perf_counter_ns() - began) // 1_000)
        line = JournalLine(
            answer.check,
            now_ms,
            asking.standing.officer,
            asking.standing.purpose,
            asking.case,
            asking.standing.emergency,
            _encode(asked.question),
            asked.number,
            asked.issuer,
            token(self._key, "pair", asked.pair) if asked.pair else b"",
            tokens,
        )
        return _missed(line, _encode(answer))

    def _plain(self, text: str, now_ms: int) -> Zone | None:
        day = now_ms // DAY
        if day != self._day:
            self._day, self._today = day, day_of(now_ms)
        return read_plain(text, self._today)

    def _plain_miss(
        self, zone: Zone, question: Question, asking: Asking, now_ms: int, began: int
    ) -> Miss | None:
        """What ``miss`` gives of a plain zone, in a third of the time."""
        look, tokens = self.following.index.lookup, self._tokens_of(zone)
        if any(map(look, tokens)):
            return self._ordinary(question, asking, now_ms, began)
        return self._nothing(zone, question, asking, tokens, (now_ms, began))

    def _tokens_of(self, zone: Zone) -> tuple[bytes, bytes, bytes]:
        return self._document(zone.document), self._person(zone.person), self._shape(zone.shape)

    def _nothing(
        self,
        zone: Zone,
        question: Question,
        asking: Asking,
        tokens: tuple[bytes, ...],
        times: tuple[int, int],
    ) -> Miss | None:
        """Line and answer of a plain zone that finds nothing."""
        check, (standing, case, _), (now_ms, began) = self._new_check(), asking, times
        line = JournalLine(
            check,
            now_ms,
            standing.officer,
            standing.purpose,
            case,
            standing.emergency,
            _encode(question),
            zone.number,
            zone.issuer,
            self._pair(f"{zone.document}#{zone.person}"),
            tokens,
        )
        took_us = (time.perf_counter_ns() - began) // 1_000
        # Nothing in a plain zone needs escaping: its characters are A to Z, 0 to 9, spaces and hyphens.
        body = (
            f'{{"check":"{check}",{_CLEAR},"asked_ms":{now_ms},"source":"live","as_of_ms":{self.following.as_of_ms},'
            f'"took_us":{took_us},"matches":[],"warnings":[],"faults":[],"number":"{zone.number}",'
            f'"issuer":"{zone.issuer}","document_type":"{zone.document_type}","bearer":"{zone.bearer}",'
            f'"birth_date":"{zone.birth_date}","things":[]}}'
        )
        return _missed(line, body.encode())

    def misses(self, items: Sequence[Item], asking: Asking, now_ms: int) -> list[Miss | Refusal | None]:
        """What ``miss`` gives of each of many questions, with the look-ups of all plain zones in one go.

        A refusal among ``items`` is its own answer.
        """
        began = time.perf_counter_ns()
        found: list[Miss | Refusal | None] = [None] * len(items)
        plain: list[tuple[int, Question, Zone, tuple[bytes, bytes, bytes]]] = []
        for place, item in enumerate(items):
            if isinstance(item, Refusal):
                found[place] = item
                continue
            zone = self._plain(item.mrz, now_ms) if item.mrz and not item.identifiers else None
            if zone is None:
                found[place] = self._one(item, asking, now_ms, began)
            else:
                plain.append((place, item, zone, self._tokens_of(zone)))
        something = self._something([one[3] for one in plain])
        for number, (place, item, zone, tokens) in enumerate(plain):
            if number in something:
                found[place] = self._one(item, asking, now_ms, began)
            else:
                found[place] = self._nothing(zone, item, asking, tokens, (now_ms, began))
        return found

    def _one(self, question: Question, asking: Asking, now_ms: int, began: int) -> Miss | Refusal | None:
        try:
            return self._ordinary(question, asking, now_ms, began)
        except Refusal as refusal:
            return refusal

    def _something(self, tokens: Sequence[tuple[bytes, ...]]) -> set[int]:
        """The places of those of which any token finds anything."""
        if not tokens:
            return set()
        rows = np.frombuffer(b"".join([b"".join(one) for one in tokens]), np.uint8).reshape(-1, TOKEN_BYTES)
        found = self.following.index.lookup_many(rows).rows // len(tokens[0])
        return set(found.tolist())

    def write(self, lines: bytes) -> None:
        """Write lines to the journal: only then may their answers go; raises Refusal CHECK-UNABLE (503)."""
        try:
            self.journal.write(lines)
        except OSError:
            raise unable("The check could not be written down.") from None

    def _tokens(self, asked: Asked) -> tuple[bytes, ...]:
        return tuple(dict.fromkeys(token(self._key, kind, value) for kind, value in asked.kept_under()))

    def _lookup(self, kind: str, value: str) -> list[Posting]:
        return self.following.index.lookup(token(self._key, kind, value))

    def _new_check(self) -> str:
        at = self._drawn_at
        if at == len(self._drawn):
            self._drawn, at = os.urandom(CHECK_BYTES * DRAWN), 0
        self._drawn_at = at + CHECK_BYTES
        return self._drawn[at : at + CHECK_BYTES].hex()


def _missed(line: JournalLine, body: bytes) -> Miss | None:
    """Line and answer; None where no journal holds the line, and the node must write it."""
    framed = journal.frame(line)
    return Miss(framed, body) if len(framed) <= FRAME_LIMIT_BYTES else None


def _never_dismissed(_posting: Posting) -> bool:
    return False


def busy() -> Refusal:
    """More is asked than can be answered now."""
    return Refusal(
        "TOO-BUSY",
        "This node has more to do than it can take.",
        hint="Try again shortly.",
        status=429,
        retry_s=1,
    )


def unable(why: str) -> Refusal:
    """A check that could not be made says so: this is never a “no record found”."""
    return Refusal(
        "CHECK-UNABLE",
        f"Could not be checked. {why}",
        hint="Do not treat this as a clear result. Ask again, or call your bureau.",
        status=503,
        retry_s=1,
    )
