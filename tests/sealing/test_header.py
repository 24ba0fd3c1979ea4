from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from allpoints.ground.refusal import Refusal
from allpoints.sealing import cbor
from allpoints.sealing.header import LIFETIME_LIMIT_MS, RECIPIENTS_LIMIT, Header, Place, read_header

HEADER = Header(
    id=bytes(16),
    sender="XAV",
    recipients=("XBM", "XCS"),
    created_ms=1000,
    expires_ms=2000,
    priority=3,
    places={"XCS": Place(7, bytes(range(32)))},
    key_ids={"XBM": b"b" * 16, "XCS": b"c" * 16},
)


def changed(field: int, value: Any) -> bytes:
    return cbor.encode({**cbor.decode(HEADER.to_bytes(), 10_000), field: value})


def test_a_header_reads_back_as_it_was_written() -> None:
    assert read_header(HEADER.to_bytes()) == HEADER
    assert sorted(cbor.decode(HEADER.to_bytes(), 10_000)) == list(range(1, 11))


@pytest.mark.parametrize(
    ("field", "value", "path"),
    [
        (1, "1", "header.version"),
        (2, bytes(15), "header.id"),
        (3, "", "header.sender"),
        (3, "X" * 65, "header.sender"),
        (3, b"XAV", "header.sender"),
        (4, [], "header.recipients"),
        (4, "XBM", "header.recipients"),
        (4, ["XCS", "XBM"], "header.recipients"),
        (4, ["XBM", "XBM"], "header.recipients"),
        (4, ["XBM", 1], "header.recipients[1]"),
        (4, [f"{n:03}" for n in range(RECIPIENTS_LIMIT + 1)], "header.recipients"),
        (5, -1, "header.created"),
        (5, True, "header.created"),
        (5, 2**53, "header.created"),
        (6, 1000, "header.expires"),
        (6, 1001 + LIFETIME_LIMIT_MS, "header.expires"),
        (7, 4, "header.priority"),
        (7, -1, "header.priority"),
        (8, {}, "header.sequences"),
        (8, {"XCS": -1}, "header.sequences.XCS"),
        (8, {"XDD": 1}, "header.sequences"),
        (8, [], "header.sequences"),
        (9, {"XCS": bytes(31)}, "header.previous.XCS"),
        (9, {"XCS": bytes(32), "XBM": bytes(32)}, "header.sequences"),
        (10, {}, "header.key_ids"),
        (10, {"XBM": b"b" * 16, "XCS": b"c"}, "header.key_ids.XCS"),
        (11, 0, "header"),
    ],
)
def test_a_field_out_of_form_is_refused_by_its_path(field: int, value: Any, path: str) -> None:
    with pytest.raises(Refusal) as refused:
        read_header(changed(field, value))
    assert (refused.value.code, refused.value.path) == ("HEADER-UNREADABLE", path)


@pytest.mark.parametrize("version", [0, 2, 7])
def test_another_version_older_or_newer_is_refused_with_a_sentence_and_this_one_is_read(version: int) -> None:
    assert read_header(changed(1, 1)).sender == "XAV"
    with pytest.raises(Refusal) as refused:
        read_header(changed(1, version))
    assert (refused.value.code, refused.value.path) == ("UNKNOWN-VERSION", "header.version")
    assert f"version {version}" in refused.value.sentence


def test_the_longest_life_and_the_most_recipients_are_taken() -> None:
    assert read_header(changed(6, 1000 + LIFETIME_LIMIT_MS)).expires_ms == 1000 + LIFETIME_LIMIT_MS
    names = tuple(f"{n:03}" for n in range(RECIPIENTS_LIMIT))
    full = Header(
        bytes(16), "XAV", names, 0, 1, 0, {n: Place(1) for n in names}, {n: bytes(16) for n in names}
    )
    assert read_header(full.to_bytes()) == full


@settings(max_examples=60, deadline=None)
@given(
    field=st.integers(1, 10),
    value=st.one_of(
        st.none(),
        st.integers(-5, 5),
        st.text(max_size=5),
        st.binary(max_size=20),
        st.lists(st.text(max_size=3)),
        st.dictionaries(st.one_of(st.text(max_size=3), st.integers(0, 9)), st.integers(0, 9)),
    ),
)
def test_arbitrary_fields_are_read_or_refused(field: int, value: Any) -> None:
    data = changed(field, value)
    try:
        header = read_header(data)
    except Refusal:
        return
    assert header.to_bytes() == data


@settings(max_examples=100, deadline=None)
@given(data=st.binary(max_size=100))
def test_arbitrary_bytes_are_a_refusal(data: bytes) -> None:
    with pytest.raises(Refusal):
        read_header(data)
