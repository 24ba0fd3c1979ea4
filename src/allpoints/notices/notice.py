"""What a notice is on the wire, and the ledger entries it may write."""

from typing import Annotated, Any, Literal, TypeVar

import msgspec
from msgspec import Meta

from allpoints.ground.refusal import Refusal

SUBMISSION_LIMIT_BYTES = 256 * 1024
SIGNED_LIMIT_BYTES = SUBMISSION_LIMIT_BYTES + 8 * 1024
PUBLISHED_LIMIT_BYTES = SIGNED_LIMIT_BYTES + 8 * 1024
ENDED_LIMIT_BYTES = 16 * 1024
TOLD_LIMIT_BYTES = 128 * 1024
BODY_DEPTH_LIMIT = 6
EXCLUDED_LIMIT = 250
REFERENCE_LIMIT = 100
REASON_LIMIT = 2_000
TEXT_LIMIT = 20_000
LAST_MS = 253_402_300_799_999
"""The last millisecond of the year 9999: later times are not times."""

SIGNING_LABEL = b"allpoints/notice/1"

ENTRY_PUBLISHED = "notice.published"
ENTRY_WITHDRAWN = "notice.withdrawn"
ENTRY_CANCELLED = "notice.cancelled"

Id = Annotated[str, Meta(pattern=r"\A[0-9a-f]{32}\Z")]
Member = Annotated[str, Meta(pattern=r"\A[A-Z]{3}\Z")]
NoticeId = Annotated[str, Meta(pattern=r"\A[0-9]{4}/[1-9][0-9]{0,6}\Z")]
NoticeIdOrNone = Annotated[str, Meta(pattern=r"\A([0-9]{4}/[1-9][0-9]{0,6})?\Z")]
ControlNumber = Annotated[str, Meta(pattern=r"\A[A-Z]-[1-9][0-9]{0,6}/([1-9]|1[0-2])-[0-9]{4}\Z")]
Reference = Annotated[str, Meta(min_length=1, max_length=REFERENCE_LIMIT)]
Code = Annotated[str, Meta(pattern=r"\A[A-Z0-9]+(-[A-Z0-9]+)*\Z", max_length=40)]
Instant = Annotated[int, Meta(ge=0, le=LAST_MS)]
Counted = Annotated[int, Meta(ge=1, le=10_000)]


class _Wire(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    pass


class Submission(_Wire, frozen=True):
    """A member's request for a notice, as it signs it: ``body`` is the cleaned body in plain values.

    ``revision`` counts the answers to the secretariat's queries under one ``id``; ``updates`` names the
    published notice that this one is to replace.
    """

    id: Id
    kind: Literal["red"]
    owner: Member
    owner_ref: Reference
    body: dict[str, Any]
    excluded: Annotated[tuple[Member, ...], Meta(max_length=EXCLUDED_LIMIT)]
    language: Literal["ar", "en", "es", "fr"]
    submitted_ms: Instant
    submitted_by: Reference
    revision: Counted = 1
    updates: NoticeIdOrNone = ""


class Signed(_Wire, frozen=True):
    """The bytes of a submission with its owner's two signatures; these bytes are kept and never made again."""

    submission: Annotated[bytes, Meta(min_length=1, max_length=SUBMISSION_LIMIT_BYTES)]
    ed25519: Annotated[bytes, Meta(min_length=64, max_length=64)]
    ml_dsa_65: Annotated[bytes, Meta(min_length=3309, max_length=3309)]


class Published(_Wire, frozen=True):
    """The body of a ``notice.published`` entry."""

    notice_id: NoticeId
    control_number: ControlNumber
    signed: Signed
    rule_version: Annotated[str, Meta(min_length=1, max_length=40)]
    published_ms: Instant
    expires_ms: Instant
    urgent: bool
    version: Counted = 1


class Withdrawn(_Wire, frozen=True):
    """The body of a ``notice.withdrawn`` or ``notice.cancelled`` entry; which of the two is the entry's kind."""

    notice_id: NoticeId
    reason: Annotated[str, Meta(min_length=1, max_length=REASON_LIMIT)]
    code: Code


class Told(_Wire, frozen=True):
    """What the secretariat tells the owner about one revision of a submission: the step reached, and why."""

    submission_id: Id
    revision: Counted
    state: Literal["screening", "query_to_source", "legal_review", "approved", "refused"]
    codes: Annotated[tuple[Code, ...], Meta(max_length=50)]
    text: Annotated[str, Meta(max_length=TEXT_LIMIT)]
    at_ms: Instant


T = TypeVar("T", Submission, Signed, Published, Withdrawn, Told)
Wire = Submission | Signed | Published | Withdrawn | Told

_ENCODER = msgspec.msgpack.Encoder()
_SUBMISSIONS = msgspec.msgpack.Decoder(Submission)
_SIGNED = msgspec.msgpack.Decoder(Signed)
_PUBLISHED = msgspec.msgpack.Decoder(Published)
_WITHDRAWN = msgspec.msgpack.Decoder(Withdrawn)
_TOLD = msgspec.msgpack.Decoder(Told)


def encode(value: Wire) -> bytes:
    """The wire bytes of a submission, a signed one, a publication or an end; refuses what no node would read."""
    try:
        data = _ENCODER.encode(value)
    except (TypeError, OverflowError, RecursionError, UnicodeEncodeError) as cause:
        raise Refusal("NOTICE-UNREADABLE", f"This notice cannot be written: {cause}.") from cause
    match value:
        case Submission():
            decode_submission(data)
        case Signed():
            decode_signed(data)
        case Published():
            decode_published(data)
        case Withdrawn():
            decode_withdrawn(data)
        case Told():
            decode_told(data)
    return data


def decode_submission(data: bytes) -> Submission:
    """Read a submission; refuses whatever would not be written as exactly these bytes again."""
    submission = _read(data, _SUBMISSIONS, SUBMISSION_LIMIT_BYTES)
    if list(submission.excluded) != sorted(set(submission.excluded)):
        raise Refusal(
            "NOTICE-UNREADABLE", "Excluded members must stand in order, each once.", path="excluded"
        )
    _check_plain(submission.body, "body", 0)
    return submission


def decode_signed(data: bytes) -> Signed:
    return _read(data, _SIGNED, SIGNED_LIMIT_BYTES)


def decode_published(data: bytes) -> Published:
    published = _read(data, _PUBLISHED, PUBLISHED_LIMIT_BYTES)
    if published.expires_ms <= published.published_ms:
        raise Refusal("NOTICE-UNREADABLE", "A notice expires after it is published.", path="expires_ms")
    return published


def decode_withdrawn(data: bytes) -> Withdrawn:
    return _read(data, _WITHDRAWN, ENDED_LIMIT_BYTES)


def decode_told(data: bytes) -> Told:
    return _read(data, _TOLD, TOLD_LIMIT_BYTES)


def _read(data: bytes, decoder: msgspec.msgpack.Decoder[T], limit: int) -> T:
    if len(data) > limit:
        raise Refusal(
            "NOTICE-TOO-LARGE", f"{len(data)} bytes; a notice of this form has at most {limit}.", status=413
        )
    try:
        value = decoder.decode(data)
        same = _ENCODER.encode(value) == data
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError, OverflowError, TypeError) as cause:
        raise Refusal("NOTICE-UNREADABLE", f"Not a notice: {cause}.", status=400) from cause
    if not same:
        raise Refusal("NOTICE-NOT-CANONICAL", "These bytes are not the one way to write it.", status=400)
    return value


def _check_plain(value: object, path: str, depth: int) -> None:
    """Refuse anything but text, numbers, truth values, lists and maps with text keys."""
    if depth > BODY_DEPTH_LIMIT:
        raise Refusal("NOTICE-UNREADABLE", f"Nested more than {BODY_DEPTH_LIMIT} deep.", path=path)
    if isinstance(value, dict):
        for key, inner in value.items():
            if not isinstance(key, str):
                raise Refusal("NOTICE-UNREADABLE", "A field's name must be text.", path=path)
            _check_plain(inner, f"{path}.{key}", depth + 1)
    elif isinstance(value, list):
        for at, inner in enumerate(value):
            _check_plain(inner, f"{path}[{at}]", depth + 1)
    elif value is not None and not isinstance(value, (str, int, float)):
        raise Refusal("NOTICE-UNREADABLE", f"{type(value).__name__} has no place in a notice.", path=path)


def plain_body(cleaned: object) -> dict[str, Any]:
    """A cleaned body as plain values, without what was left empty."""
    body = _without_none(msgspec.to_builtins(cleaned))
    if not isinstance(body, dict):
        raise Refusal("NOTICE-UNREADABLE", "A notice's body is a map of fields.", path="body")
    return body


def _without_none(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _without_none(inner) for key, inner in value.items() if inner is not None}
    if isinstance(value, (list, tuple)):
        return [_without_none(inner) for inner in value]
    return value
