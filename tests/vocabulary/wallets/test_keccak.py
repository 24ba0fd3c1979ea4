"""Keccak-256 against its published digests, and its permutation against SHA3-256 of the standard library."""

import hashlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from allpoints.vocabulary.wallets.keccak import keccak_256

pytestmark = pytest.mark.vectors


@pytest.mark.parametrize(
    ("data", "digest"),
    [
        (b"", "c5d2460186f7233c927e7db2dcc703c0e500b653ca82273b7bfad8045d85a470"),
        (b"abc", "4e03657aea45a94fc7d47ba826c8d667c0d1e6e33a64a036ec44f58fa12d6c45"),
    ],
)
def test_published_digests(data: bytes, digest: str) -> None:
    assert keccak_256(data).hex() == digest


@given(st.binary(max_size=300))
@settings(max_examples=40, deadline=None)
def test_with_the_padding_of_fips_202_it_is_sha3(data: bytes) -> None:
    assert keccak_256(data, suffix=0x06) == hashlib.sha3_256(data).digest()
