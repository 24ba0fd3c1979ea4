"""A witness key is one seed, and what it signs is its own."""

import pytest

from allpoints.ground.refusal import Refusal
from allpoints.identity.witness_key import (
    ML_DSA_44_KEY_BYTES,
    ML_DSA_44_SIGNATURE_BYTES,
    WitnessKey,
    signed_by,
)


def test_a_key_comes_back_from_its_seed() -> None:
    key = WitnessKey.generate()
    assert WitnessKey(key.seed).public == key.public
    assert len(key.public) == ML_DSA_44_KEY_BYTES
    assert key.public[:8].hex() in repr(key)
    assert key.seed.hex() not in repr(key)
    with pytest.raises(Refusal):
        WitnessKey(key.seed[:-1])


def test_a_signature_is_of_one_key_and_one_message() -> None:
    key = WitnessKey.generate()
    signature = key.sign(b"message")
    assert len(signature) == ML_DSA_44_SIGNATURE_BYTES
    assert signed_by(key.public, b"message", signature)
    assert not signed_by(key.public, b"another", signature)
    assert not signed_by(WitnessKey.generate().public, b"message", signature)
    assert not signed_by(key.public, b"message", signature[:-1])
    assert not signed_by(b"", b"message", signature)
