"""Orders to delete and the word that they were obeyed: read strictly, and as the published vectors say."""

import hashlib
import json
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import cbor2
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.registers.making_exclusion_vectors import KEY, WORD

from allpoints.ground.refusal import Refusal
from allpoints.identity.keys import SigningKey, VerifyKey
from allpoints.registers.exclusion import (
    ORDER_LIMIT,
    ORDER_LIMIT_BYTES,
    Named,
    Obeyed,
    check_obeyed,
    decode_order,
    encode_order,
    sign_obeyed,
)
from allpoints.registers.record import REF_LIMIT, VERSION_LIMIT
from allpoints.sealing import cbor

VECTORS = json.loads((Path(__file__).parents[1] / "vectors" / "exclusion" / "exclusion.json").read_text())

named = st.builds(
    Named,
    st.sampled_from(("persons", "travel-documents", "a")),
    st.text(st.characters(codec="utf-8"), min_size=1, max_size=REF_LIMIT),
    st.integers(2, VERSION_LIMIT),
)


def code_of(act: Callable[[], object]) -> str:
    with pytest.raises(Refusal) as refused:
        act()
    return refused.value.code


@pytest.mark.vectors
def test_orders_are_what_the_page_says() -> None:
    for one in VECTORS["orders"]:
        said = [[item["register"], item["ref"], item["below"]] for item in one["named"]]
        body = bytes.fromhex(one["body"])
        assert cbor2.dumps(said, canonical=True) == body
        assert [list(item) for item in decode_order(body)] == said
        for item in one["named"]:
            text = f"{item['register']}\0{one['author']}\0{item['ref']}".encode()
            digest = hashlib.blake2b(text, digest_size=16, person=b"allpoints-record")
            assert digest.hexdigest() == item["record"]


@pytest.mark.vectors
def test_what_is_no_order_is_refused_beside_what_is_one() -> None:
    assert decode_order(bytes.fromhex(VECTORS["orders"][0]["body"]))
    for one in VECTORS["refused"]:
        assert code_of(lambda one=one: decode_order(bytes.fromhex(one["body"]))) == "ORDER-SHAPE", one["what"]  # type: ignore[misc]


@pytest.mark.vectors
def test_a_word_is_signed_as_the_page_says() -> None:
    said = VECTORS["obeyed"]
    body, signature = cbor2.loads(bytes.fromhex(said["statement"]))
    assert cbor2.loads(body) == [1, bytes.fromhex(said["commitment"]), said["member"], said["when"]]
    label = b"allpoints/exclusion-obeyed/1"
    assert (len(label), len(signature)) == (28, 64 + 3309)
    word = check_obeyed(
        bytes.fromhex(said["statement"]), VerifyKey.from_bytes(bytes.fromhex(said["verify_key"]))
    )
    assert word == Obeyed(bytes.fromhex(said["commitment"]), said["member"], said["when"])


@given(st.lists(named, min_size=1, max_size=20, unique_by=lambda one: one[:2]))
@settings(max_examples=60, deadline=None)
def test_what_is_encoded_is_read_again_sorted(given: list[Named]) -> None:
    assert list(decode_order(encode_order(given))) == sorted(given)


@given(st.lists(named, min_size=1, max_size=4, unique_by=lambda one: one[:2]), st.data())
@settings(max_examples=100, deadline=None)
def test_damaged_bytes_are_refused_or_read_as_another_order(given: list[Named], data: st.DataObject) -> None:
    body = bytearray(encode_order(given))
    place = data.draw(st.integers(0, len(body) - 1))
    body[place] ^= data.draw(st.integers(1, 255))
    with suppress(Refusal):
        assert encode_order(decode_order(bytes(body))) == bytes(body)
    with suppress(Refusal):
        assert encode_order(decode_order(bytes(body[:place]))) == bytes(body[:place])


def test_an_order_is_bounded() -> None:
    most = [Named("r" * 64, f"{number:064}", VERSION_LIMIT) for number in range(ORDER_LIMIT)]
    assert len(decode_order(encode_order(most))) == ORDER_LIMIT
    widest = [
        Named("\U0001f9ff" * 64, "\U0001f9ff" * 60 + f"{number:04}", 2) for number in range(ORDER_LIMIT)
    ]
    assert len(encode_order(widest)) <= ORDER_LIMIT_BYTES
    assert len(decode_order(encode_order(widest))) == ORDER_LIMIT
    assert code_of(lambda: decode_order(encode_order([*most, Named("r", "s", 2)]))) == "ORDER-SHAPE"
    assert code_of(lambda: decode_order(bytes(ORDER_LIMIT_BYTES + 1))) == "ORDER-SHAPE"


def test_no_flipped_byte_of_a_word_is_taken_and_none_by_another() -> None:
    data = sign_obeyed(WORD, KEY)
    assert check_obeyed(data, KEY.public) == WORD
    for place in range(0, len(data), 7):
        flipped = data[:place] + bytes((data[place] ^ 1,)) + data[place + 1 :]
        with pytest.raises(Refusal):
            check_obeyed(flipped, KEY.public)
        with pytest.raises(Refusal):
            check_obeyed(data[:place], KEY.public)
    other = SigningKey.from_seeds(b"\x08" * 64)
    assert code_of(lambda: check_obeyed(data, other.public)) == "BAD-SIGNATURE"


@pytest.mark.parametrize(
    "fields",
    [
        [2, bytes(32), "XCS", 1],
        [1, bytes(31), "XCS", 1],
        [1, bytes(32), "", 1],
        [1, bytes(32), "XCS", -1],
        [1, bytes(32), "XCS"],
        [1, bytes(32), 7, 1],
    ],
)
def test_a_word_in_another_form_is_refused_whoever_signed_it(fields: list[object]) -> None:
    def signed(said: list[object]) -> bytes:
        body = cbor.encode(said)
        return cbor.encode([body, KEY.sign(b"allpoints/exclusion-obeyed/1", body).to_bytes()])

    assert check_obeyed(signed([1, bytes(32), "XCS", 1]), KEY.public)
    assert code_of(lambda: check_obeyed(signed(fields), KEY.public)) == "OBEYED-SHAPE"
