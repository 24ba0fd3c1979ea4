"""Base58Check: round trips, and that no single mistyped character passes."""

from hypothesis import given
from hypothesis import strategies as st

from allpoints.vocabulary.wallets.base58 import ALPHABET, BASE58_LIMIT, decoded, encoded

GENESIS = "1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa"
"""The first address that Bitcoin ever paid to."""


def test_the_first_address_is_decoded() -> None:
    assert decoded(GENESIS) == bytes.fromhex("0062e907b15cbf27d5425399ebf6f0fb50ebb88f18")


def test_what_is_no_base58_is_none() -> None:
    for text in ("", "0", "O" * 30, "1" * 4, "é", "1" * (BASE58_LIMIT + 1)):
        assert decoded(text) is None
    assert decoded(encoded(b"")) is None or decoded(encoded(b"")) == b""


@given(st.binary(min_size=1, max_size=30))
def test_what_is_encoded_is_decoded(payload: bytes) -> None:
    assert decoded(encoded(payload)) == payload


@given(st.binary(min_size=21, max_size=21), st.data())
def test_a_mistyped_character_is_found(payload: bytes, data: st.DataObject) -> None:
    text = encoded(payload)
    at = data.draw(st.integers(0, len(text) - 1))
    other = data.draw(st.sampled_from(ALPHABET).filter(lambda letter: letter != text[at]))
    assert decoded(text[:at] + other + text[at + 1 :]) is None
