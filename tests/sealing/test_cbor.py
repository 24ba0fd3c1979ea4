import datetime as dt
from contextlib import suppress
from typing import Any

import cbor2
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from allpoints.ground.refusal import Refusal
from allpoints.sealing import cbor

KEY = st.one_of(st.integers(-(2**64), 2**64 - 1), st.text(max_size=20), st.binary(max_size=20))
LEAF = st.one_of(KEY, st.booleans(), st.none())
VALUE = st.recursive(
    LEAF,
    lambda inner: st.one_of(st.lists(inner, max_size=5), st.dictionaries(KEY, inner, max_size=5)),
    max_leaves=20,
)
LIMIT = 100_000


def code_of(data: bytes, limit: int = LIMIT) -> str:
    with pytest.raises(Refusal) as refused:
        cbor.decode(data, limit)
    return refused.value.code


@settings(max_examples=100, deadline=None)
@given(value=VALUE)
def test_a_value_reads_back_as_it_was_written(value: Any) -> None:
    data = cbor.encode(value)
    again = cbor.decode(data, LIMIT)
    assert again == value
    assert cbor.encode(again) == data


@settings(max_examples=200, deadline=None)
@given(data=st.binary(max_size=60))
def test_whatever_is_read_is_written_back_as_the_same_bytes(data: bytes) -> None:
    with suppress(Refusal):
        assert cbor.encode(cbor.decode(data, LIMIT)) == data


@settings(max_examples=100, deadline=None)
@given(value=VALUE, place=st.integers(0, 10_000), byte=st.integers(0, 255))
def test_a_changed_byte_gives_another_value_or_a_refusal(value: Any, place: int, byte: int) -> None:
    data = bytearray(cbor.encode(value))
    data[place % len(data)] = byte
    with suppress(Refusal):
        assert cbor.encode(cbor.decode(bytes(data), LIMIT)) == bytes(data)


@pytest.mark.parametrize(
    ("data", "why"),
    [
        ("", "empty"),
        ("0100", "something after the end"),
        ("1817", "23 in two bytes"),
        ("190001", "1 in three bytes"),
        ("1a00000001", "1 in five bytes"),
        ("1b0000000000000001", "1 in nine bytes"),
        ("f97e00", "a float"),
        ("fb3ff8000000000000", "a double"),
        ("f7", "undefined"),
        ("f0", "an unassigned simple value"),
        ("f8ff", "a simple value in two bytes"),
        ("c11a514b67b0", "a tag: a time"),
        ("c249010000000000000000", "a tag: a large number"),
        ("c5821b7fffffffffffffff01", "a tag: a huge fraction"),
        ("d8236161", "a tag: a pattern"),
        ("d9d9f701", "a tag: itself"),
        ("9f01ff", "an array without length"),
        ("bf0102ff", "a map without length"),
        ("7f6161ff", "a text without length"),
        ("5f4161ff", "a byte string without length"),
        ("ff", "an end of nothing"),
        ("1c", "a reserved length"),
        ("a2010101 02", "a repeated key"),
        ("a202000100", "keys out of order"),
        ("a2616100 0100", "a longer key first"),
        ("a18000", "an array as a key"),
        ("a1f500", "a truth value as a key"),
        ("a1f600", "null as a key"),
        ("61ff", "text that is not UTF-8"),
        ("63eda080", "half a surrogate pair"),
        ("62c080", "an overlong zero"),
        ("6261", "a text that is cut off"),
        ("5bffffffffffffffff00", "a byte string longer than the world"),
        ("9bffffffffffffffff00", "an array longer than the world"),
        ("bbffffffffffffffff", "a map longer than the world"),
        ("82 01", "an array that is cut off"),
    ],
)
def test_other_forms_are_refused(data: str, why: str) -> None:
    assert code_of(bytes.fromhex(data)) in {"CBOR-UNREADABLE", "CBOR-NOT-CANONICAL"}, why


def test_the_forms_beside_them_are_read() -> None:
    for data, value in [
        ("00", 0),
        ("17", 23),
        ("1818", 24),
        ("3bffffffffffffffff", -(2**64)),
        ("f4", False),
        ("f6", None),
        ("a2010002 00", {1: 0, 2: 0}),
        ("a2010061 6100", {1: 0, "a": 0}),
        ("6161", "a"),
        ("820102", [1, 2]),
    ]:
        assert cbor.decode(bytes.fromhex(data), LIMIT) == value


def test_depth_is_limited() -> None:
    def nested(depth: int) -> bytes:
        return b"\x81" * depth + b"\x00"

    assert cbor.decode(nested(cbor.DEPTH_LIMIT), LIMIT)
    assert code_of(nested(cbor.DEPTH_LIMIT + 1)) == "CBOR-UNREADABLE"
    assert code_of(nested(90_000)) == "CBOR-UNREADABLE"
    deep: Any = 0
    for _ in range(cbor.DEPTH_LIMIT):
        deep = [deep]
    assert cbor.decode(cbor.encode(deep), LIMIT) == deep
    with pytest.raises(ValueError, match="deep"):
        cbor.encode([deep])


def test_size_and_number_of_values_are_limited() -> None:
    data = cbor.encode(b"x" * 100)
    assert cbor.decode(data, len(data)) == b"x" * 100
    assert code_of(data, len(data) - 1) == "CBOR-TOO-LARGE"
    most = cbor.ITEMS_LIMIT - 1
    assert len(cbor.decode(cbor2.dumps([0] * most), LIMIT)) == most
    assert code_of(cbor2.dumps([0] * (most + 1))) == "CBOR-UNREADABLE"


@pytest.mark.parametrize(
    "value",
    [
        1.5,
        {1, 2},
        dt.datetime(2030, 1, 1, tzinfo=dt.UTC),
        {(1,): 2},
        {True: 1},
        {None: 1},
        object(),
        2**64,
        -(2**64) - 1,
        "\ud800",
        bytearray(b"a"),
        [[1.0]],
    ],
)
def test_a_value_without_a_canonical_form_is_a_mistake_of_the_programmer(value: object) -> None:
    with pytest.raises((TypeError, ValueError)):
        cbor.encode(value)
    assert cbor.encode((1, "a", b"b", True, None, {1: [2]}))
