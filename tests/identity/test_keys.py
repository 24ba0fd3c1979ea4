from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from allpoints.ground.refusal import Refusal
from allpoints.identity.keys import (
    RECEPTION_KEY_BYTES,
    SEALED_OVERHEAD_BYTES,
    SIGNATURE_BYTES,
    VERIFY_KEY_BYTES,
    ReceptionKey,
    ReceptionPublic,
    Signature,
    SigningKey,
    VerifyKey,
)

KEY = SigningKey.from_seeds(bytes(range(64)))
OTHER = SigningKey.from_seeds(bytes(range(1, 65)))
RECEPTION = ReceptionKey.from_seeds(bytes(range(32)))
SIGNED = KEY.sign(b"test/1", b"words")


def code_of(key: VerifyKey, label: bytes, message: bytes, signature: Signature) -> str:
    try:
        key.verify(label, message, signature)
    except Refusal as refusal:
        return f"{refusal.code} {refusal.path}".strip()
    return "accepted"


def test_a_signature_verifies_for_its_own_key_label_and_message_only() -> None:
    assert code_of(KEY.public, b"test/1", b"words", SIGNED) == "accepted"
    assert code_of(OTHER.public, b"test/1", b"words", SIGNED).startswith("BAD-SIGNATURE")
    assert code_of(KEY.public, b"test/2", b"words", SIGNED).startswith("BAD-SIGNATURE")
    assert code_of(KEY.public, b"test/1", b"word", SIGNED).startswith("BAD-SIGNATURE")
    assert code_of(KEY.public, b"test/1w", b"ords", SIGNED).startswith("BAD-SIGNATURE")


def test_neither_half_of_a_signature_is_enough() -> None:
    forged = OTHER.sign(b"test/1", b"words")
    blank_first = Signature(bytes(64), SIGNED.ml_dsa_65)
    blank_second = Signature(SIGNED.ed25519, bytes(3309))
    mixed_first = Signature(forged.ed25519, SIGNED.ml_dsa_65)
    mixed_second = Signature(SIGNED.ed25519, forged.ml_dsa_65)
    for signature, half in [
        (blank_first, "ed25519"),
        (mixed_first, "ed25519"),
        (Signature(b"", SIGNED.ml_dsa_65), "ed25519"),
        (blank_second, "ml_dsa_65"),
        (mixed_second, "ml_dsa_65"),
        (Signature(SIGNED.ed25519, b""), "ml_dsa_65"),
    ]:
        assert code_of(KEY.public, b"test/1", b"words", signature) == f"BAD-SIGNATURE signature.{half}"
    assert code_of(KEY.public, b"test/1", b"words", SIGNED) == "accepted"


def test_a_signature_travels_as_one_string_of_one_length() -> None:
    data = SIGNED.to_bytes()
    assert len(data) == SIGNATURE_BYTES
    assert Signature.from_bytes(data) == SIGNED
    KEY.public.verify_bytes(b"test/1", b"words", data)
    for wrong in (b"", data[:-1], data + b"\0"):
        with pytest.raises(Refusal) as refused:
            KEY.public.verify_bytes(b"test/1", b"words", wrong)
        assert refused.value.code == "BAD-SIGNATURE"


def test_keys_come_back_from_their_seeds_and_bytes() -> None:
    again = SigningKey.from_seeds(KEY.seeds)
    assert again.public == KEY.public
    assert VerifyKey.from_bytes(KEY.public.to_bytes()) == KEY.public
    assert hash(VerifyKey.from_bytes(KEY.public.to_bytes())) == hash(KEY.public)
    assert KEY.public != OTHER.public
    assert len(KEY.public.to_bytes()) == VERIFY_KEY_BYTES
    assert ReceptionKey.from_seeds(RECEPTION.seeds).public == RECEPTION.public
    assert ReceptionPublic.from_bytes(RECEPTION.public.to_bytes()) == RECEPTION.public
    assert len(RECEPTION.public.to_bytes()) == RECEPTION_KEY_BYTES
    assert SigningKey.generate().public != SigningKey.generate().public
    assert ReceptionKey.generate().public != ReceptionKey.generate().public


def test_a_key_never_shows_its_seeds_when_printed() -> None:
    for key in (KEY, RECEPTION):
        assert key.seeds.hex() not in repr(key)
        assert key.public.key_id.hex() in repr(key)


def test_a_fingerprint_is_sixteen_groups_of_four() -> None:
    groups = KEY.public.fingerprint().split(" ")
    assert [len(group) for group in groups] == [4] * 16
    assert KEY.public.fingerprint() != OTHER.public.fingerprint()


def test_a_label_out_of_bounds_is_a_mistake_of_the_programmer() -> None:
    for label in (b"", b"x" * 65):
        with pytest.raises(ValueError, match="label"):
            KEY.sign(label, b"words")


def test_what_is_sealed_opens_with_its_key_and_its_info_only() -> None:
    sealed = RECEPTION.public.seal(b"secret", b"info")
    assert len(sealed) == len(b"secret") + SEALED_OVERHEAD_BYTES
    assert RECEPTION.open(sealed, b"info") == b"secret"
    attempts = [
        (ReceptionKey.generate(), sealed, b"info"),
        (RECEPTION, sealed, b"other"),
        (RECEPTION, sealed[:-1], b"info"),
        (RECEPTION, b"", b"info"),
        (RECEPTION, sealed[:1088] + bytes(32) + sealed[1120:], b"info"),
        (RECEPTION, bytes((sealed[0] ^ 1,)) + sealed[1:], b"info"),
    ]
    for key, data, info in attempts:
        with pytest.raises(Refusal) as refused:
            key.open(data, info)
        assert refused.value.code == "CANNOT-OPEN"


@settings(max_examples=60, deadline=None)
@given(
    data=st.one_of(
        st.binary(max_size=80), st.binary(min_size=1, max_size=40).map(lambda b: (b * 2000)[:1984])
    )
)
def test_arbitrary_bytes_are_a_key_or_a_refusal(data: bytes) -> None:
    for read in (
        VerifyKey.from_bytes,
        ReceptionPublic.from_bytes,
        SigningKey.from_seeds,
        ReceptionKey.from_seeds,
    ):
        with suppress(Refusal):
            read(data)


@settings(max_examples=40, deadline=None)
@given(data=st.binary(max_size=3400))
def test_arbitrary_bytes_are_never_a_signature(data: bytes) -> None:
    with pytest.raises(Refusal):
        KEY.public.verify_bytes(b"test/1", b"words", data)


@pytest.mark.parametrize("half", [bytes(32), b"\x01" + bytes(31), (2**255 - 20).to_bytes(32, "little")])
def test_a_reception_key_to_which_nothing_can_be_sealed_is_none(half: bytes) -> None:
    whole = ReceptionKey.generate().public.to_bytes()
    assert ReceptionPublic(whole).to_bytes() == whole
    with pytest.raises(Refusal) as refused:
        ReceptionPublic(whole[:-32] + half)
    assert refused.value.code == "BAD-KEY"
