"""Frames: what is encoded is decoded, and any other bytes are refused."""

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from allpoints.border.hit import Hit
from allpoints.border.question import Question
from allpoints.ground.carrier import FRAME_LIMIT_BYTES
from allpoints.ground.refusal import Fault, Refusal
from allpoints.identity.grant import Standing
from allpoints.node import frames
from allpoints.node.posts import AskedAlone

COUNT = st.integers(0, frames.COUNT_LIMIT)
INSTANT = st.integers(0, 253_402_300_799_999)
BYTES = st.binary(max_size=20)
TEXT = st.text(max_size=20)
FAULT = st.builds(Fault, TEXT, TEXT, TEXT, TEXT)
CHANGE = st.tuples(
    COUNT,
    st.binary(min_size=16, max_size=16),
    st.integers(0, 2**24 - 1),
    st.none() | st.binary(min_size=32, max_size=32),
    BYTES,
)
ALL_FRAMES = st.one_of(
    st.builds(frames.Follow, COUNT),
    st.builds(frames.Entries, COUNT, st.lists(BYTES, max_size=3), TEXT, COUNT),
    st.builds(frames.Followed, COUNT),
    st.builds(frames.Beat, INSTANT, COUNT),
    st.builds(frames.Append, st.lists(BYTES, max_size=3)),
    st.builds(frames.Appended, st.lists(BYTES, max_size=3), st.lists(COUNT, max_size=3)),
    st.builds(frames.NotAppended, BYTES, FAULT),
    st.builds(frames.Deposit, BYTES),
    st.builds(frames.Deposited, BYTES, BYTES),
    st.builds(frames.NotDeposited, BYTES, FAULT),
    st.builds(frames.Mail, st.lists(COUNT, max_size=3), st.lists(BYTES, max_size=3)),
    st.builds(frames.Took, st.lists(COUNT, max_size=3)),
    st.builds(frames.Ask, TEXT, BYTES, BYTES, INSTANT),
    st.builds(frames.Answered, TEXT, BYTES, st.none() | FAULT),
    st.builds(frames.Record, TEXT, BYTES),
    st.builds(frames.Recorded, st.lists(TEXT, max_size=3)),
    st.builds(frames.ExtractFrom, COUNT, BYTES),
    st.builds(frames.ExtractPart, st.lists(CHANGE, max_size=3), COUNT, st.booleans()),
    st.builds(frames.ExtractStamp, BYTES),
    st.builds(frames.ExtractKey, BYTES),
    st.builds(frames.Dismissals, st.lists(st.tuples(BYTES, BYTES, COUNT), max_size=3)),
    st.builds(frames.Outcome, TEXT, TEXT, TEXT, TEXT, INSTANT),
)


def read(data: bytes) -> str:
    """Nothing when the bytes are a frame, else the code of their refusal."""
    try:
        frames.decode(data)
    except Refusal as refusal:
        return refusal.code
    return ""


def refused(data: bytes) -> Refusal:
    with pytest.raises(Refusal) as caught:
        frames.decode(data)
    return caught.value


@settings(max_examples=200, deadline=None)
@given(ALL_FRAMES)
def test_every_frame_comes_out_as_it_went_in(frame: frames.Frame) -> None:
    assert frames.decode(frames.encode(frame)) == frame


@settings(max_examples=300, deadline=None)
@given(st.binary(max_size=60))
def test_arbitrary_bytes_are_a_frame_or_refused_and_never_anything_else(data: bytes) -> None:
    assert read(data) in {"", "FRAME-UNREADABLE"}


@settings(max_examples=200, deadline=None)
@given(ALL_FRAMES, st.data())
def test_a_frame_with_a_byte_altered_is_a_frame_or_refused(frame: frames.Frame, data: st.DataObject) -> None:
    whole = bytearray(frames.encode(frame))
    whole[data.draw(st.integers(0, len(whole) - 1))] = data.draw(st.integers(0, 255))
    assert read(bytes(whole)) in {"", "FRAME-UNREADABLE"}


@settings(max_examples=100, deadline=None)
@given(ALL_FRAMES, st.data())
def test_a_frame_that_is_cut_off_or_goes_on_is_refused(frame: frames.Frame, data: st.DataObject) -> None:
    whole = frames.encode(frame)
    cut = data.draw(st.integers(0, len(whole) - 1))
    assert refused(whole[:cut]).code == "FRAME-UNREADABLE"
    assert refused(whole + b"\x00").code == "FRAME-UNREADABLE"


def test_a_frame_larger_than_the_limit_is_refused_unread() -> None:
    assert refused(bytes(FRAME_LIMIT_BYTES + 1)).code == "FRAME-TOO-LARGE"


@pytest.mark.parametrize(
    "raw",
    [
        ["Follow", -1],
        ["Follow", 2**63],
        ["Took", [2**64 - 1]],
        ["Beat", 2**62, 1],
        ["Beat", -1, 1],
        ["ExtractFrom", 2**63, b""],
        ["ExtractPart", [[1, b"short", 1, None, b""]], 1, False],
        ["ExtractPart", [[1, bytes(16), 2**24, None, b""]], 1, False],
        ["Outcome", "h", "c", "s", "r", 2**63],
        ["Unheard", 1],
        ["Follow", "1"],
        ["Follow"],
        [],
        {},
    ],
    ids=str,
)
def test_a_number_no_table_can_hold_or_a_field_of_the_wrong_kind_is_refused(raw: object) -> None:
    assert refused(msgspec.msgpack.encode(raw)).code == "FRAME-UNREADABLE"


def test_text_that_is_no_text_is_refused() -> None:
    data = frames.encode(frames.Recorded(["ab"])).replace(b"ab", b"\xff\xfe")
    assert refused(data).code == "FRAME-UNREADABLE"
    with pytest.raises(Refusal) as caught:
        frames.body(msgspec.msgpack.encode({"mrz": "ab"}).replace(b"ab", b"\xff\xfe"), Question)
    assert caught.value.code == "BODY-UNREADABLE"


@settings(max_examples=150, deadline=None)
@given(st.binary(max_size=60), st.sampled_from([Question, Standing, Hit, AskedAlone]))
def test_arbitrary_bytes_as_a_body_are_read_or_refused(data: bytes, kind: type[object]) -> None:
    try:
        found = frames.body(data, kind)
    except Refusal as refusal:
        found = refusal.code
    assert found == "BODY-UNREADABLE" or isinstance(found, kind)


@settings(max_examples=100, deadline=None)
@given(st.lists(st.binary(max_size=9), max_size=8), st.integers(0, 30))
def test_as_many_items_fit_as_the_limit_allows_and_always_one(items: list[bytes], limit: int) -> None:
    count = frames.sized([len(item) for item in items], limit)
    assert count == len(items) or count >= 1
    if count > 1:
        assert sum(map(len, items[:count])) <= limit
    if count < len(items):
        assert sum(map(len, items[: count + 1])) > limit
