"""The file with a holder's key: it opens with its passphrase as it was written, and in no other way."""

from collections.abc import Iterator
from unittest import mock

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from allpoints.ground.refusal import Refusal
from allpoints.identity import holder_file, row
from allpoints.identity.holder_file import HeldKey, lock, unlock
from allpoints.identity.holder_key import HolderKey

PASSPHRASE = "six words drawn by our dice"
HELD = HeldKey("Ines of Arvandia", HolderKey.generate())


@pytest.fixture(autouse=True, scope="module")
def cheap() -> Iterator[None]:
    """A guess that costs next to nothing; the true cost is paid by the tests of the commands."""
    with mock.patch.object(holder_file, "SCRYPT_N", 16):
        yield


@pytest.fixture(scope="module")
def locked(cheap: None) -> bytes:
    return lock(HELD, PASSPHRASE)


def test_a_key_reads_back_with_its_passphrase_and_with_no_other(locked: bytes) -> None:
    again = unlock(locked, PASSPHRASE)
    assert (again.name, again.key.seeds) == (HELD.name, HELD.key.seeds)
    for other in ("", PASSPHRASE[:-1], PASSPHRASE.upper(), f"{PASSPHRASE} "):
        with pytest.raises(Refusal) as caught:
            unlock(locked, other)
        assert caught.value.code == "PASSPHRASE-WRONG"


def test_the_same_words_typed_on_another_keyboard_open_it() -> None:
    composed, decomposed = "sé cu ri té en six mots", "se\u0301 cu ri te\u0301 en six mots"
    assert unlock(lock(HELD, composed), decomposed).key.seeds == HELD.key.seeds


def test_no_changed_bit_is_accepted(locked: bytes) -> None:
    for place in range(len(locked)):
        altered = bytearray(locked)
        altered[place] ^= 1 << place % 8
        with pytest.raises(Refusal):
            unlock(bytes(altered), PASSPHRASE)
    unlock(locked, PASSPHRASE)


def test_two_files_of_one_key_have_nothing_in_common_to_compare(locked: bytes) -> None:
    head, sealed = row.decode(locked, (bytes, bytes), what="holder file", limit=1024)
    other_head, other_sealed = row.decode(
        lock(HELD, PASSPHRASE), (bytes, bytes), what="holder file", limit=1024
    )
    assert head != other_head
    assert sealed != other_sealed
    assert HELD.key.seeds not in locked


@pytest.mark.parametrize("short", ["", "eleven-char", "\u0301" * 11])
def test_a_passphrase_has_twelve_characters(short: str) -> None:
    with pytest.raises(Refusal) as caught:
        lock(HELD, short)
    assert caught.value.code == "PASSPHRASE-SHORT"


@given(st.binary(max_size=300))
@settings(max_examples=200, deadline=None)
def test_no_other_bytes_are_a_key(data: bytes) -> None:
    with pytest.raises(Refusal):
        unlock(data, PASSPHRASE)
