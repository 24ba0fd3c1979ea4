"""Many checks in one request: JSON Lines or MessagePack in, the same out, one answer for each question in its order.

A question that is refused has its problem document in the place of an answer; so has one that could not be checked. It
never spoils its neighbours, and never reads as “no record found”.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence

import msgspec

from allpoints.border.question import Question
from allpoints.ground.refusal import Refusal
from allpoints.web.plain_answers import QUESTION_LIMIT_BYTES, read_question

QUESTIONS_LIMIT = 10_000
BODY_LIMIT_BYTES = 8 * 1024 * 1024
SLICE = 128
"""Questions answered in one go, some milliseconds: travellers at a gate wait no longer behind a batch."""
BATCH_SECONDS = 20.0
"""What was not answered by then is said not to have been checked."""
PACKED = b"application/msgpack"
LINES = b"application/jsonl"

Item = Question | Refusal
AnswersSlice = Callable[[Sequence[Item]], Awaitable[list[bytes]]]

_encode = msgspec.json.Encoder().encode
_raws = msgspec.msgpack.Decoder(list[msgspec.Raw])
_packed = msgspec.msgpack.Decoder(Question)
_pack = msgspec.msgpack.Encoder().encode


def is_packed(headers: Sequence[tuple[bytes, bytes]]) -> bool:
    """Whether a request is in MessagePack, and its answer too; else both are JSON Lines."""
    given = next((value for name, value in headers if name.lower() == b"content-type"), b"")
    return given.partition(b";")[0].strip().lower() == PACKED


def read(body: bytes, *, packed: bool) -> list[Item]:
    """The questions of a batch; one that cannot be read is its refusal. Raises Refusal for what is no batch."""
    lines = [] if packed else body.split(b"\n")
    items = _read_packed(body) if packed else [_line(line) for line in lines if line.strip()]
    if not items:
        raise Refusal(
            "BATCH-EMPTY", "There is nothing to check in this batch.", hint="Send one question a line."
        )
    if len(items) > QUESTIONS_LIMIT:
        raise Refusal(
            "BATCH-TOO-LONG",
            f"A batch has at most {QUESTIONS_LIMIT} questions.",
            hint="Send several.",
            status=413,
        )
    return items


def _line(line: bytes) -> Item:
    if len(line) > QUESTION_LIMIT_BYTES:
        return _too_large()
    try:
        return read_question(line)
    except Refusal as refusal:
        return refusal


def _too_large() -> Refusal:
    return Refusal("TOO-LARGE", f"A question has at most {QUESTION_LIMIT_BYTES} bytes.", status=413)


def _read_packed(body: bytes) -> list[Item]:
    try:
        return [_one_packed(raw) for raw in _raws.decode(body)]
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise Refusal(
            "CHECK-UNREADABLE",
            f"This is no batch of checks: {error}.",
            hint="Send one MessagePack array of questions.",
            status=400,
        ) from error


def _one_packed(raw: msgspec.Raw) -> Item:
    if len(raw) > QUESTION_LIMIT_BYTES:
        return _too_large()
    try:
        return _packed.decode(raw)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        return Refusal(
            "CHECK-UNREADABLE", f"This is no check: {error}.", hint='Send {"mrz": "…"}.', status=400
        )


def problem(refusal: Refusal) -> bytes:
    """What stands in the place of an answer."""
    return _encode(refusal.problem())


async def answered(items: Sequence[Item], answers_slice: AnswersSlice, late: Refusal) -> list[bytes]:
    """An answer for each question, as JSON; ``late`` is that of what could not be answered in time."""
    end = time.monotonic() + BATCH_SECONDS
    found: list[bytes] = []
    for start in range(0, len(items), SLICE):
        if time.monotonic() > end:
            return found + [problem(late)] * (len(items) - start)
        found += await answers_slice(items[start : start + SLICE])
        # Whoever asked one question meanwhile goes first.
        await asyncio.sleep(0)
    return found


def written(answers: Sequence[bytes], *, packed: bool) -> bytes:
    """The body of an answer to a batch."""
    if packed:
        return _pack([msgspec.json.decode(one) for one in answers])
    return b"\n".join(answers) + b"\n"
