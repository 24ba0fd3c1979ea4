"""Checks at a bureau: the audit line first, then the look-up, then the answer with what the bureau may add to it."""

import os
import sqlite3
import time
from typing import NamedTuple, Protocol

import msgspec

from allpoints.border import checking, store
from allpoints.border.checking import Circumstances
from allpoints.border.question import Asked, Question, understand
from allpoints.border.verdict import Answer, Match, Reason
from allpoints.ground.clock import day_of
from allpoints.identity import policy
from allpoints.identity.officers import Asker
from allpoints.identity.policy import Act
from allpoints.ledger import audit
from allpoints.matching.posting import Posting
from allpoints.node.check_index import CheckIndex
from allpoints.vocabulary.register import Vocabulary


class Known(NamedTuple):
    """What the bureau can say of a record beyond its posting."""

    caption: str
    reference: str
    held: str


class RecordsBehind(Protocol):
    def behind(self, posting: Posting) -> Known | None:
        """Caption and reference of the record of a posting, if this node holds it."""
        ...


class Raiser(Protocol):
    def raise_hit(self, asked: Asked, answer: Answer, match: Match, *, late: bool) -> str:
        """Raise one hit and return its identifier; the same one twice is the same hit."""
        ...


class Told(NamedTuple):
    """A check that a post made by itself and tells now: its own identifier, instant and verdict."""

    check: str
    asked_ms: int
    verdict: str
    records: tuple[str, ...]


class Checks:
    """Answers checks from this node's own copy of what it may see."""

    def __init__(self, db: sqlite3.Connection, vocabulary: Vocabulary, index: CheckIndex) -> None:
        self.db = db
        self.vocabulary = vocabulary
        self.index = index
        self.registers = dict(vocabulary.register_names())
        self.counts = {"asked": 0, "hits": 0}

    def understood(self, asker: Asker, question: Question, asked_ms: int) -> Asked:
        """What is asked, by someone who may ask it; refused without role or purpose."""
        policy.require(self.vocabulary, asker, Act.CHECK)
        return understand(question, self.vocabulary, day_of(asked_ms))

    def ask(
        self, asker: Asker, asked: Asked, at: Circumstances, records: RecordsBehind, raiser: Raiser
    ) -> Answer:
        """Answer one check; nothing is looked up before the audit line is written."""
        audit.record(self.db, "check:asked", asker, at.asked_ms, check=at.check, **_question(asked))
        began = time.perf_counter_ns()
        answer = checking.examine(asked, self.index.lookup, at)
        answer = checking.timed(answer, (time.perf_counter_ns() - began) // 1_000)
        self.keep(asker, asked, answer)
        if answer.matches:
            answer = self._enriched(asked, answer, records, raiser)
        self.counts["asked"] += 1
        return answer

    def circumstances(self, check: str, asked_ms: int, as_of_ms: int, asked_pair: bytes) -> Circumstances:
        """A live check by this node: what its own records say now, less what was found false before."""
        return Circumstances(
            check or new_check(),
            asked_ms,
            "live",
            as_of_ms,
            self.registers,
            lambda posting: store.is_dismissed(self.db, asked_pair, posting.record_id, posting.version),
        )

    def pair_of(self, asked: Asked) -> bytes:
        """The token of the traveller, empty when document and bearer are not both known."""
        return self.index.token("pair", asked.pair) if asked.pair else b""

    def keep(self, asker: Asker, asked: Asked, answer: Answer) -> None:
        """Keep the check for records that come after it."""
        kept = store.KeptCheck(
            answer.check,
            answer.asked_ms,
            asker.post,
            answer.verdict,
            msgspec.json.encode(asked.question).decode(),
            self.pair_of(asked),
        )
        store.keep_check(self.db, kept, self.tokens(asked))

    def tokens(self, asked: Asked) -> list[bytes]:
        """Every token under which a later record would concern this check."""
        return [self.index.token(kind, value) for kind, value in asked.kept_under()]

    def question_of(self, kept: store.KeptCheck) -> Question:
        return msgspec.json.decode(kept.asked, type=Question)

    def described(self, match: Match, known: Known | None, asked: Asked) -> Match:
        """The match with what this node knows of its record."""
        return _with(match, known, asked) if known else match

    def _enriched(self, asked: Asked, answer: Answer, records: RecordsBehind, raiser: Raiser) -> Answer:
        matches = []
        for match in answer.matches:
            known = records.behind(_posting(match))
            full = self.described(match, known, asked)
            hit = raiser.raise_hit(asked, answer, full, late=False)
            matches.append(msgspec.structs.replace(full, hit=hit))
        self.counts["hits"] += len(matches)
        return msgspec.structs.replace(answer, matches=tuple(matches))


def new_check() -> str:
    return os.urandom(12).hex()


def _question(asked: Asked) -> dict[str, object]:
    typed = msgspec.to_builtins(asked.question)
    return {"question": typed, "number": asked.number, "issuer": asked.issuer}


def _posting(match: Match) -> Posting:
    return Posting(bytes.fromhex(match.record), match.published_ms, 0, 0, match.owner, match.version)


def _with(match: Match, known: Known, asked: Asked) -> Match:
    reasons = match.reasons
    if known.held and asked.bearer:
        reasons = (*reasons, Reason("Compare the bearer with the subject.", asked.bearer, known.held))
    return msgspec.structs.replace(match, caption=known.caption, reference=known.reference, reasons=reasons)
