"""What nodes say to each other inside an encrypted line; each frame is one MessagePack object with a tag.

What they carry is signed and sealed on its own; the frame is only as trustworthy as the line it came over.
"""

from collections.abc import Sequence
from typing import Annotated, TypeVar

import msgspec
from msgspec import Meta

from allpoints.ground.carrier import FRAME_LIMIT_BYTES
from allpoints.ground.clock import Instant
from allpoints.ground.refusal import Fault, Refusal
from allpoints.node.framing import COUNT_LIMIT, LIST_LIMIT, Blobs, Count, Counts, Frame, Name
from allpoints.node.mail_frames import (
    AskFile,
    AskKeys,
    AskOneTime,
    Deposit,
    Deposited,
    FileChunk,
    FileFrom,
    FileOffer,
    FileRefused,
    FileTook,
    KeysPublished,
    Mail,
    MailFrame,
    NotDeposited,
    OneTimeKeys,
    PeerKeys,
    PublishKeys,
    Took,
)
from allpoints.node.witness_frames import AddCheckpoint, Cosigned, NotCosigned, Witnessed

__all__ = [
    "COUNT_LIMIT",
    "LIST_LIMIT",
    "AddCheckpoint",
    "AskFile",
    "AskKeys",
    "AskOneTime",
    "Blobs",
    "Cosigned",
    "Count",
    "Counts",
    "Deposit",
    "Deposited",
    "FileChunk",
    "FileFrom",
    "FileOffer",
    "FileRefused",
    "FileTook",
    "Frame",
    "KeysPublished",
    "Mail",
    "Name",
    "NotCosigned",
    "NotDeposited",
    "OneTimeKeys",
    "PeerKeys",
    "PublishKeys",
    "Took",
    "Witnessed",
]


QUESTION_LIMIT_BYTES = 16 * 1024
RECORD_LIMIT_BYTES = 64 * 1024

Check = Name
Serial = Annotated[bytes, Meta(min_length=16, max_length=16)]
AskedBytes = Annotated[bytes, Meta(max_length=QUESTION_LIMIT_BYTES)]

ChangeRow = tuple[
    Count,
    Annotated[bytes, Meta(min_length=16, max_length=16)],
    Annotated[int, Meta(ge=0, lt=2**24)],
    Annotated[bytes, Meta(min_length=32, max_length=32)] | None,
    bytes,
]
"""One change of an extract: number, record, version, posting, tokens."""


class Follow(Frame, frozen=True):
    """Follower to relay: send entries from here on, live."""

    next_seq: Count


class Entries(Frame, frozen=True):
    """Relay to follower: entries in order, up to and including the checkpoint's size."""

    first_seq: Count
    entries: Blobs
    checkpoint: str
    size: Count


class Followed(Frame, frozen=True):
    """Follower to relay: everything up to here is on disk."""

    seq: Count


class Beat(Frame, frozen=True):
    """A sign of life with the sender's position: the ledger's size, or the extract's last number."""

    at_ms: Instant
    size: Count = 0


class Append(Frame, frozen=True):
    """Author to relay: append these, in order."""

    entries: Blobs


class Appended(Frame, frozen=True):
    """Relay to author: on disk, at these positions."""

    ids: Blobs
    seqs: Counts


class NotAppended(Frame, frozen=True):
    """Relay to author: this one is refused; what follows it in the author's chain is not looked at."""

    id: bytes
    fault: Fault


class Ask(Frame, frozen=True):
    """Post to bureau: one check, to be answered now. ``asker`` holds the officer's grant, purpose and case."""

    check: Check
    question: AskedBytes
    asker: AskedBytes
    asked_ms: Instant


class GrantsEnded(Frame, frozen=True):
    """Post to bureau: these grants ended before their time (serial, instant), said at each new line."""

    ended: Annotated[list[tuple[Serial, Instant]], Meta(max_length=LIST_LIMIT)]


class Answered(Frame, frozen=True):
    """Bureau to post: the answer, or why there is none."""

    check: str
    answer: bytes
    fault: Fault | None = None


class Record(Frame, frozen=True):
    """Post to bureau: a check made from the extract while the line was down, sealed to the bureau."""

    check: Check
    sealed: Annotated[bytes, Meta(max_length=RECORD_LIMIT_BYTES)]


class Recorded(Frame, frozen=True):
    """Bureau to post: these checks are on disk."""

    checks: Annotated[list[str], Meta(max_length=LIST_LIMIT)]


class ExtractFrom(Frame, frozen=True):
    """Post to bureau: send the extract's changes after this number; ``chain`` proves what the post holds."""

    number: Count
    chain: bytes


class ExtractPart(Frame, frozen=True):
    """Bureau to post: changes (number, record, version, posting, tokens); ``restart`` says to drop what was held."""

    changes: list[ChangeRow]
    last: Count
    restart: bool = False


class ExtractStamp(Frame, frozen=True):
    """Bureau to post: the signed word for everything sent up to its number."""

    stamp: bytes


class ExtractKey(Frame, frozen=True):
    """Bureau to post: the key of the extract's tokens."""

    key: bytes


class Word(Frame, frozen=True):
    """Bureau to post: something to keep (one frame: dismissals, an outcome), said again until it was heard."""

    number: Count
    frame: bytes


class Heard(Frame, frozen=True):
    """Post to bureau: these words are on disk."""

    numbers: Counts


class Dismissals(Frame, frozen=True):
    """Bureau to post, in a word: pairs that were found false (pair token, record, version)."""

    pairs: list[tuple[bytes, bytes, Count]]


class Withdrawn(Frame, frozen=True):
    """Bureau to post, in a word: the post was withdrawn and forgets its extract."""


class Outcome(Frame, frozen=True):
    """Bureau to post, in a word: how a hit of this post stands now."""

    hit: str
    check: str
    state: str
    reason: str
    at_ms: Instant


class AuditHead(Frame, frozen=True):
    """Post to bureau: the head of its audit log, signed, and the proof that it grew from ``previous`` lines."""

    generation: Count
    checkpoint: str
    previous: Count
    path: Blobs


class AuditKept(Frame, frozen=True):
    """Bureau to post: the newest head of the post's audit log that stands in the ledger; size 0 when none does."""

    generation: Count
    size: Count
    root: bytes


AnyFrame = (
    Follow | Entries | Followed | Beat | Append | Appended | NotAppended | AddCheckpoint
    | Cosigned | NotCosigned | Witnessed | MailFrame | Ask | GrantsEnded | Answered | Record
    | Recorded | ExtractFrom | ExtractPart | ExtractStamp | ExtractKey | Word | Heard
    | Dismissals | Withdrawn | Outcome | AuditHead | AuditKept
)  # fmt: skip

UNREADABLE = (msgspec.MsgspecError, UnicodeDecodeError, RecursionError)
"""Everything that a hostile MessagePack value can raise; invalid UTF-8 is not among msgspec's own errors."""

_encoder = msgspec.msgpack.Encoder()
_decoder: msgspec.msgpack.Decoder[AnyFrame] = msgspec.msgpack.Decoder(AnyFrame)


def encode(frame: Frame) -> bytes:
    return _encoder.encode(frame)


def decode(data: bytes) -> AnyFrame:
    """One frame; refuses what is too large, unknown or not well formed."""
    if len(data) > FRAME_LIMIT_BYTES:
        raise Refusal("FRAME-TOO-LARGE", f"A frame is at most {FRAME_LIMIT_BYTES} bytes.", status=413)
    try:
        frame: AnyFrame = _decoder.decode(data)
    except UNREADABLE as error:
        raise Refusal("FRAME-UNREADABLE", f"This frame is not understood: {error}.", status=400) from error
    return frame


T = TypeVar("T")


def body(data: bytes, kind: type[T]) -> T:
    """A typed MessagePack value inside a frame or a message."""
    try:
        return msgspec.msgpack.decode(data, type=kind)
    except UNREADABLE as error:
        raise Refusal("BODY-UNREADABLE", f"This content is not understood: {error}.", status=400) from error


def pack(value: object) -> bytes:
    return _encoder.encode(value)


def sized(lengths: Sequence[int], limit_bytes: int) -> int:
    """How many items of these lengths fit into ``limit_bytes``, at least one."""
    total = 0
    for count, length in enumerate(lengths):
        total += length
        if count and total > limit_bytes:
            return count
    return len(lengths)
