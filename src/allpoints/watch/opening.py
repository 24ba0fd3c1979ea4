"""How often an owner's records were opened at another member: the question, the signed answer, and how it is counted.

The answer says on which days and for which purposes, never by whom: what few officers did is told in coarse words.
"""

import hashlib
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable
from typing import Annotated, Literal, TypeVar

import msgspec
from msgspec import Meta

from allpoints.ground.clock import DAY
from allpoints.ground.refusal import Refusal
from allpoints.ledger.anchor import Hash, Size
from allpoints.ledger.audit_line import Line

EVENT = "record:read"
LABEL = b"allpoints/openings/1"
EXACT_LEAST, OFFICERS_LEAST = 5, 3
"""A number is told when it is as large and as many officers stand behind it; else it is few or many."""
DAYS_LIMIT = 92
REFS_LIMIT = 100
CELLS_LIMIT = DAYS_LIMIT * 64
BODY_LIMIT_BYTES = 512 * 1024
ID_BYTES = 16

T = TypeVar("T")
Telling = Literal["exact", "few", "many"]
EXACT: Telling = "exact"
FEW: Telling = "few"
MANY: Telling = "many"

Day = Annotated[int, Meta(ge=0, le=200_000)]
Word = Annotated[str, Meta(min_length=1, max_length=64)]
Ref = Annotated[str, Meta(min_length=1, max_length=200)]
Identifier = Annotated[bytes, Meta(min_length=ID_BYTES, max_length=ID_BYTES)]


class Question(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Which of the asker's own records, by its own references (all of the register when none is named), on which days.

    Days are counted from 1970-01-01 in UTC; ``until`` itself is outside.
    """

    id: Identifier
    register: Word
    refs: Annotated[tuple[Ref, ...], Meta(max_length=REFS_LIMIT)]
    since: Day
    until: Day

    def hash(self) -> bytes:
        """SHA-256 by which an answer names its question."""
        return hashlib.sha256(_encode(self)).digest()


class Cell(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How often on one day for one purpose; ``count`` is 0 unless ``told`` is exact."""

    day: Day
    purpose: Annotated[str, Meta(max_length=64)]
    told: Telling
    count: Annotated[int, Meta(ge=0, le=2**53)]


class Answer(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a member says, bound to the head of its audit log that entry ``entry`` of the ledger anchors.

    ``asked`` is the question's hash. ``erased`` says that lines of those days say nothing more; how many would tell of
    the records of others. With a ``refusal``, a code,
    nothing was counted and no head is named.
    """

    asked: Hash
    by: Word
    to: Word
    log: Annotated[str, Meta(max_length=64)]
    generation: Annotated[int, Meta(ge=0, le=1_000_000)]
    size: Size
    root: Annotated[bytes, Meta(max_length=32)]
    entry: Size
    erased: bool
    cells: Annotated[tuple[Cell, ...], Meta(max_length=CELLS_LIMIT)]
    refusal: Annotated[str, Meta(max_length=64)] = ""


class Signed(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """An answer's bytes as they were signed, for that question, with the member's signature."""

    question: Identifier
    answer: Annotated[bytes, Meta(max_length=BODY_LIMIT_BYTES)]
    signature: Annotated[bytes, Meta(max_length=8192)]


_encode = msgspec.msgpack.Encoder().encode


def encode(value: Question | Answer | Signed) -> bytes:
    return _encode(value)


def read_question(data: bytes) -> Question:
    """Raises Refusal OPENINGS-FORMAT."""
    question = _read(data, Question)
    check_days(question.since, question.until)
    if list(question.refs) != sorted(set(question.refs)):
        raise _unreadable("Each reference is named once, in order.")
    return question


def read_signed(data: bytes) -> Signed:
    """Raises Refusal OPENINGS-FORMAT."""
    return _read(data, Signed)


def read_answer(data: bytes) -> Answer:
    """Raises Refusal OPENINGS-FORMAT; the signature is for the caller to check."""
    answer = _read(data, Answer)
    places = [(one.day, one.purpose) for one in answer.cells]
    if places != sorted(set(places)):
        raise _unreadable("Days and purposes stand once, in order.")
    if any(
        (one.told == EXACT) != (one.count >= EXACT_LEAST) or (one.told != EXACT and one.count)
        for one in answer.cells
    ):
        raise _unreadable("A number is exact and not small, or it is not told.")
    return answer


def check_days(since: int, until: int) -> None:
    """Refuse days that are no span, or too many."""
    if not 0 < until - since <= DAYS_LIMIT:
        raise Refusal("OPENINGS-DAYS", f"Ask about 1 to {DAYS_LIMIT} days.", path="since", status=400)


class Tally:
    """Counts the openings of an owner's records, line by line; ``is_theirs`` knows a record by its identifier."""

    def __init__(self, question: Question, is_theirs: Callable[[bytes], bool]) -> None:
        self.question = question
        self.is_theirs = is_theirs
        self.erased = False
        self._counts: Counter[tuple[int, str]] = Counter()
        self._officers: dict[tuple[int, str], set[tuple[str, str]]] = defaultdict(set)

    def take(self, lines: Iterable[Line]) -> None:
        """Count what is an opening on one of the days asked about."""
        for line in lines:
            day = line.at_ms // DAY
            if line.event != EVENT or not self.question.since <= day < self.question.until:
                continue
            if line.erased:
                self.erased = True
            elif self._is_asked(line.detail):
                self._counts[day, line.purpose] += 1
                self._officers[day, line.purpose].add((line.post, line.officer))

    def _is_asked(self, detail: bytes) -> bool:
        record = msgspec.json.decode(detail).get("record", "")
        return len(record) == 2 * ID_BYTES and self.is_theirs(bytes.fromhex(record))

    def cells(self) -> tuple[Cell, ...]:
        """What may be told."""
        return tuple(self._cell(place) for place in sorted(self._counts))[:CELLS_LIMIT]

    def _cell(self, place: tuple[int, str]) -> Cell:
        count = self._counts[place]
        if count < EXACT_LEAST:
            return Cell(*place, FEW, 0)
        if len(self._officers[place]) < OFFICERS_LEAST:
            return Cell(*place, MANY, 0)
        return Cell(*place, EXACT, count)


def _read(data: bytes, kind: type[T]) -> T:
    if len(data) > BODY_LIMIT_BYTES:
        raise _unreadable("It is too long.")
    try:
        read = msgspec.msgpack.decode(data, type=kind)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise _unreadable(f"It cannot be read ({error}).") from error
    if _encode(read) != data:
        raise _unreadable("It is not in its one form.")
    return read


def _unreadable(sentence: str) -> Refusal:
    return Refusal("OPENINGS-FORMAT", sentence, path="openings", status=400)
