from contextlib import suppress

import cbor2
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from allpoints.ground.refusal import Refusal
from allpoints.identity import row

KINDS = (str, int, bytes)
FIELD = st.one_of(st.text(max_size=300), st.integers(0, 2**64 - 1), st.binary(max_size=300))


@settings(max_examples=60, deadline=None)
@given(fields=st.lists(FIELD, max_size=row.FIELDS_LIMIT))
def test_a_row_reads_back_as_it_was_written(fields: list[int | str | bytes]) -> None:
    data = row.encode(*fields)
    assert row.decode(data, [type(field) for field in fields], what="row", limit=100_000) == fields


@settings(max_examples=100, deadline=None)
@given(data=st.one_of(st.binary(max_size=60), st.binary(max_size=60).map(lambda tail: b"\x83" + tail)))
def test_whatever_is_read_as_a_row_is_written_back_as_the_same_bytes(data: bytes) -> None:
    with suppress(Refusal):
        assert row.encode(*row.decode(data, KINDS, what="row", limit=100)) == data


@pytest.mark.parametrize(
    "data",
    [
        b"",
        row.encode("a", 1),
        row.encode("a", 1, b"c", 2),
        row.encode("a", 1, "c"),
        row.encode("a", 1, b"c") + b"\0",
        row.encode("a", 1, b"c")[:-1],
        b"\x83\x61a\x18\x01\x41c",
        b"\x83\x61a\x19\x00\x18\x41c",
        b"\x83\x61a\x20\x41c",
        b"\x83\x61a\xf5\x41c",
        b"\x83\x61a\xc1\x01\x41c",
        b"\x83\x7f\x61a\xff\x01\x41c",
        b"\x83\x61\xff\x01\x41c",
        b"\x9f\x61a\x01\x41c\xff",
        cbor2.dumps(["a", 1.5, b"c"]),
        row.encode("a", 1, b"c" * 200),
    ],
)
def test_other_forms_of_a_row_are_refused(data: bytes) -> None:
    assert row.decode(row.encode("a", 1, b"c"), KINDS, what="row", limit=100) == ["a", 1, b"c"]
    with pytest.raises(Refusal, match=r"."):
        row.decode(data, KINDS, what="row", limit=100)


def test_the_refusal_names_the_field() -> None:
    with pytest.raises(Refusal) as refused:
        row.decode(row.encode("a", "b", b"c"), KINDS, what="key file", limit=100)
    assert (refused.value.code, refused.value.path) == ("KEY-FILE-UNREADABLE", "[1]")
