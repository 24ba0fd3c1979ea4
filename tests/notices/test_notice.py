"""The wire: what was written is read back, and nothing else is."""

from collections.abc import Callable
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from allpoints.ground.refusal import Refusal
from allpoints.notices.notice import (
    ENDED_LIMIT_BYTES,
    SUBMISSION_LIMIT_BYTES,
    Published,
    Signed,
    Submission,
    Told,
    Wire,
    Withdrawn,
    decode_published,
    decode_signed,
    decode_submission,
    decode_told,
    decode_withdrawn,
    encode,
    plain_body,
)

SUBMISSION = Submission("0" * 32, "red", "XAV", "AV-1", {"family_name": "SORIN"}, ("XBM",), "en", 5, "desk")
SIGNED = Signed(encode(SUBMISSION), bytes(64), bytes(3309))
PUBLISHED = Published("2026/1", "A-1/11-2026", SIGNED, "red-2022-01", 5, 6, False)
WITHDRAWN = Withdrawn("2026/1", "Found.", "ACHIEVED")
TOLD = Told("0" * 32, 1, "refused", ("DUP",), "An equivalent notice exists.", 7)

ALL: list[tuple[Wire, Callable[[bytes], Wire]]] = [
    (SUBMISSION, decode_submission),
    (SIGNED, decode_signed),
    (PUBLISHED, decode_published),
    (WITHDRAWN, decode_withdrawn),
    (TOLD, decode_told),
]
each = pytest.mark.parametrize(("value", "decode"), ALL, ids=lambda one: type(one).__name__)


@each
def test_what_is_written_is_read_back(value: Wire, decode: Callable[[bytes], Wire]) -> None:
    assert decode(encode(value)) == value


@each
@settings(max_examples=60, deadline=None)
@given(at=st.integers(0, 10**6), byte=st.integers(0, 255), cut=st.booleans())
def test_altered_bytes_are_refused_or_read_as_what_they_say(
    value: Wire, decode: Callable[[bytes], Wire], at: int, byte: int, cut: bool
) -> None:
    data = bytearray(encode(value))
    at %= len(data)
    altered = bytes(data[:at]) if cut else bytes((*data[:at], byte, *data[at + 1 :]))
    try:
        read = decode(altered)
    except Refusal as refused:
        assert refused.code.startswith("NOTICE-")  # noqa: PT017 - reading may also succeed
    else:
        assert encode(read) == altered


@each
@settings(max_examples=60, deadline=None)
@given(data=st.binary(max_size=200))
def test_any_bytes_are_refused_with_a_code(value: Wire, decode: Callable[[bytes], Wire], data: bytes) -> None:
    with pytest.raises(Refusal) as refused:
        decode(data)
    assert refused.value.code in {"NOTICE-UNREADABLE", "NOTICE-NOT-CANONICAL"}


@pytest.mark.parametrize(
    "change",
    [
        {"id": "0" * 31},
        {"id": "0" * 32 + "\n"},
        {"id": "G" * 32},
        {"kind": "mauve"},
        {"owner": "xav"},
        {"owner_ref": ""},
        {"owner_ref": "x" * 101},
        {"excluded": ["XCS", "XBM"]},
        {"excluded": ["XBM", "XBM"]},
        {"excluded": ["XB"]},
        {"language": "de"},
        {"submitted_ms": -1},
        {"submitted_by": ""},
        {"revision": 0},
        {"updates": "2026"},
        {"surprise": 1},
        {"body": []},
        {"body": {"a": {"b": {"c": {"d": {"e": {"f": {"g": 1}}}}}}}},
        {"body": {"a": {1: 2}}},
        {"body": {"a": b"bytes"}},
        {"body": {"a": msgspec.msgpack.Ext(5, b"x")}},
    ],
)
def test_a_submission_with_one_thing_wrong_is_refused(change: dict[str, Any]) -> None:
    fields = msgspec.structs.asdict(SUBMISSION) | change
    with pytest.raises(Refusal) as refused:
        decode_submission(msgspec.msgpack.encode(fields))
    assert refused.value.code == "NOTICE-UNREADABLE"


def test_a_second_way_to_write_the_same_is_refused() -> None:
    fields = msgspec.structs.asdict(SUBMISSION)
    turned = dict(reversed(fields.items()))
    for written in (turned, {name: value for name, value in fields.items() if name != "updates"}):
        with pytest.raises(Refusal) as refused:
            decode_submission(msgspec.msgpack.encode(written))
        assert refused.value.code == "NOTICE-NOT-CANONICAL"
    assert decode_submission(msgspec.msgpack.encode(fields)) == SUBMISSION


@pytest.mark.parametrize(
    ("decode", "data"),
    [
        (decode_submission, bytes(SUBMISSION_LIMIT_BYTES + 1)),
        (decode_withdrawn, bytes(ENDED_LIMIT_BYTES + 1)),
    ],
)
def test_too_much_is_refused_unread(decode: Callable[[bytes], Wire], data: bytes) -> None:
    with pytest.raises(Refusal) as refused:
        decode(data)
    assert (refused.value.code, refused.value.status) == ("NOTICE-TOO-LARGE", 413)


def test_endless_nesting_is_refused() -> None:
    data = encode(SUBMISSION).replace(b"\xabfamily_name\xa5SORIN", b"\xa1a" + b"\x91" * 50_000 + b"\x01")
    with pytest.raises(Refusal) as refused:
        decode_submission(data)
    assert refused.value.code == "NOTICE-UNREADABLE"


@pytest.mark.parametrize(
    "change",
    [
        {"notice_id": "2026/0"},
        {"notice_id": "26/1"},
        {"notice_id": "2026-1"},
        {"control_number": "A-1/13-2026"},
        {"control_number": "A-0/1-2026"},
        {"control_number": "1/1-2026"},
        {"expires_ms": 5},
        {"rule_version": ""},
        {"version": 0},
        {"signed": Signed(SIGNED.submission, bytes(63), bytes(3309))},
        {"signed": Signed(SIGNED.submission, bytes(64), bytes(3310))},
    ],
)
def test_a_publication_with_one_thing_wrong_is_neither_read_nor_written(change: dict[str, Any]) -> None:
    with pytest.raises(Refusal) as refused:
        encode(msgspec.structs.replace(PUBLISHED, **change))
    assert refused.value.code == "NOTICE-UNREADABLE"


@pytest.mark.parametrize(
    "change", [{"code": "a b"}, {"reason": ""}, {"reason": "x" * 2001}, {"code": "RULES\n"}]
)
def test_an_end_with_one_thing_wrong_is_refused(change: dict[str, Any]) -> None:
    with pytest.raises(Refusal):
        encode(msgspec.structs.replace(WITHDRAWN, **change))


def test_what_cannot_be_written_is_refused() -> None:
    with pytest.raises(Refusal) as refused:
        encode(msgspec.structs.replace(SUBMISSION, body={"a": object()}))
    assert refused.value.code == "NOTICE-UNREADABLE"


def test_a_plain_body_leaves_out_what_is_empty() -> None:
    assert plain_body({"a": None, "b": [{"c": None, "d": 0}], "e": ""}) == {"b": [{"d": 0}], "e": ""}
    with pytest.raises(Refusal):
        plain_body(["a"])
