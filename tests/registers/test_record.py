"""A batch reads back as it was written, and nothing else reads at all."""

import zlib
from contextlib import suppress

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from allpoints.ground.refusal import Refusal
from allpoints.registers import record
from allpoints.registers.record import Batch, RecordOp, content_of, decode_batch, encode_batch, record_id

OP = RecordOp("put", "AV-1", 1, b"body", "p", "h")


def texts(most: int, least: int = 0) -> st.SearchStrategy[str]:
    return st.text(st.characters(exclude_categories=["Cs"]), min_size=least, max_size=most)


OPS = st.builds(
    RecordOp,
    op=st.sampled_from(["put", "withdraw"]),
    ref=texts(record.REF_LIMIT, 1),
    version=st.integers(1, record.VERSION_LIMIT),
    body=st.binary(max_size=100),
    purpose=texts(record.TERM_LIMIT),
    handling=texts(record.TERM_LIMIT),
    reason=texts(30),
    by_role=texts(record.TERM_LIMIT),
)
BATCHES = st.builds(
    Batch,
    register=texts(record.TERM_LIMIT, 1),
    declaration=st.integers(1, 10),
    ops=st.lists(OPS, min_size=1, max_size=4).map(tuple),
    excluded=st.lists(st.from_regex(r"[A-Z]{3}", fullmatch=True), max_size=4).map(tuple),
)


def packed(value: object) -> bytes:
    return zlib.compress(msgspec.msgpack.encode(value), 1)


@given(BATCHES)
@settings(max_examples=60, deadline=None)
def test_a_batch_reads_back_as_it_was_written(batch: Batch) -> None:
    assert decode_batch(encode_batch(batch)) == batch


@given(st.binary(max_size=200))
@settings(max_examples=60, deadline=None)
def test_any_other_bytes_are_refused_and_nothing_worse(data: bytes) -> None:
    for given_bytes in (data, zlib.compress(data)):
        with pytest.raises(Refusal) as refused:
            decode_batch(given_bytes)
        assert refused.value.code in {"BATCH-PACKING", "BATCH-SHAPE"}


@given(BATCHES, st.data())
@settings(max_examples=60, deadline=None)
def test_a_changed_or_shortened_batch_is_refused_or_another_batch(batch: Batch, data: st.DataObject) -> None:
    whole = bytearray(encode_batch(batch))
    at = data.draw(st.integers(0, len(whole) - 1))
    with pytest.raises(Refusal):
        decode_batch(bytes(whole[:at]))
    whole[at] ^= 1 << data.draw(st.integers(0, 7))
    with suppress(Refusal):
        assert decode_batch(bytes(whole)).ops


def test_a_batch_with_something_after_its_end_is_refused() -> None:
    good = encode_batch(Batch("travel-documents", 1, (OP,)))
    assert decode_batch(good).ops == (OP,)
    with pytest.raises(Refusal, match="after its end"):
        decode_batch(good + b"x")


def test_a_small_batch_that_unfolds_without_end_is_cut_off_at_the_limit() -> None:
    bomb = zlib.compress(bytes(record.BATCH_BYTES_LIMIT + 1), 9)
    assert len(bomb) < 100_000
    with pytest.raises(Refusal) as refused:
        decode_batch(bomb)
    assert (refused.value.code, refused.value.status) == ("BATCH-TOO-LARGE", 413)


@pytest.mark.parametrize(
    "change",
    [
        {"ops": []},
        {"ops": [msgspec.structs.asdict(OP)] * (record.BATCH_LIMIT + 1)},
        {"declaration": 0},
        {"declaration": "1"},
        {"register": ""},
        {"excluded": ["xav"]},
        {"excluded": ["XAV\n"]},
        {"more": 1},
        {"ops": [msgspec.structs.asdict(OP) | {"op": "erase"}]},
        {"ops": [msgspec.structs.asdict(OP) | {"version": 0}]},
        {"ops": [msgspec.structs.asdict(OP) | {"version": record.VERSION_LIMIT + 1}]},
        {"ops": [msgspec.structs.asdict(OP) | {"ref": "x" * (record.REF_LIMIT + 1)}]},
        {"ops": [msgspec.structs.asdict(OP) | {"body": bytes(record.BODY_BYTES_LIMIT + 1)}]},
        {"ops": [msgspec.structs.asdict(OP) | {"more": 1}]},
    ],
)
def test_a_batch_outside_its_limits_is_refused(change: dict[str, object]) -> None:
    plain: dict[str, object] = {
        "register": "travel-documents",
        "declaration": 1,
        "ops": [msgspec.structs.asdict(OP)],
    }
    assert decode_batch(packed(plain)).ops == (OP,)
    with pytest.raises(Refusal) as refused:
        decode_batch(packed(plain | change))
    assert refused.value.code == "BATCH-SHAPE"


def test_text_that_is_no_text_is_refused() -> None:
    good = msgspec.msgpack.encode(Batch("travel-documents", 1, (OP,)))
    with pytest.raises(Refusal) as refused:
        decode_batch(zlib.compress(good.replace(b"AV-1", b"AV-\xff")))
    assert refused.value.code == "BATCH-SHAPE"


def test_the_writer_refuses_what_its_readers_would_refuse() -> None:
    with pytest.raises(Refusal) as refused:
        encode_batch(Batch("r", 1, ()))
    assert refused.value.code == "BATCH-SIZE"
    with pytest.raises(Refusal) as refused:
        encode_batch(Batch("r", 1, (OP,) * (record.BATCH_LIMIT + 1)))
    assert refused.value.code == "BATCH-SIZE"
    large = msgspec.structs.replace(OP, body=bytes(record.BODY_BYTES_LIMIT))
    with pytest.raises(Refusal) as refused:
        encode_batch(Batch("r", 1, (large,) * 200))
    assert refused.value.code == "BATCH-TOO-LARGE"


def test_a_record_is_known_by_register_owner_and_reference_together() -> None:
    ids = {
        record_id(*parts)
        for parts in [("a", "XAV", "1"), ("b", "XAV", "1"), ("a", "XBM", "1"), ("a", "XAV", "2")]
    }
    assert len(ids) == 4
    assert record_id("a", "XAV", "1") == record_id("a", "XAV", "1")
    assert len(record_id("a", "XAV", "1")) == 16


def test_content_changes_with_what_readers_may_know_and_not_with_version_or_reason() -> None:
    same = msgspec.structs.replace(OP, version=7, reason="why", by_role="desk")
    assert content_of(same, ["XBM"]) == content_of(OP, ["XBM"])
    others = [
        content_of(msgspec.structs.replace(OP, body=b"b"), ["XBM"]),
        content_of(msgspec.structs.replace(OP, purpose="q"), ["XBM"]),
        content_of(msgspec.structs.replace(OP, handling="q"), ["XBM"]),
        content_of(OP, []),
        content_of(msgspec.structs.replace(OP, op="withdraw"), ["XBM"]),
    ]
    assert len({content_of(OP, ["XBM"]), *others}) == 6
