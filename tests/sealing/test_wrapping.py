from collections.abc import Callable
from functools import partial
from typing import Any

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from hypothesis import given, settings
from hypothesis import strategies as st

from allpoints.ground.refusal import Refusal
from allpoints.identity.keystore import Keys
from allpoints.sealing import cbor, wrapping

KeysOf = Callable[[str], Keys]
KEY = bytes(range(32))


def code_of(act: Callable[[], object]) -> str:
    with pytest.raises(Refusal) as refused:
        act()
    return refused.value.code


def test_each_of_an_audience_unwraps_the_key_and_nobody_else(keys_of: KeysOf) -> None:
    audience = {name: keys_of(name).reception.public for name in ("XCS", "XAV")}
    wraps = wrapping.wrap(KEY, audience, b"context")
    assert [name for name, _ in wraps] == ["XAV", "XCS"]
    assert {len(wrapped) for _, wrapped in wraps} == {wrapping.WRAP_BYTES}
    for name in audience:
        assert wrapping.unwrap(wraps, name, keys_of(name).reception, b"context") == KEY
    excluded = keys_of("XBM").reception
    assert code_of(lambda: wrapping.unwrap(wraps, "XBM", excluded, b"context")) == "NOT-IN-AUDIENCE"
    assert code_of(lambda: wrapping.unwrap(wraps, "XAV", excluded, b"context")) == "CANNOT-OPEN"


def test_a_wrap_opens_only_in_its_context_and_under_its_name(keys_of: KeysOf) -> None:
    key = keys_of("XAV").reception
    wraps = wrapping.wrap(KEY, {"XAV": key.public}, b"context")
    assert wrapping.unwrap(wraps, "XAV", key, b"context") == KEY
    assert code_of(lambda: wrapping.unwrap(wraps, "XAV", key, b"other")) == "CANNOT-OPEN"
    renamed = [("XBM", wraps[0][1])]
    assert code_of(lambda: wrapping.unwrap(renamed, "XBM", key, b"context")) == "CANNOT-OPEN"


def test_a_wrap_of_something_that_is_no_key_is_refused(keys_of: KeysOf) -> None:
    key = keys_of("XAV").reception
    wraps = wrapping.wrap(KEY[:-1], {"XAV": key.public}, b"context")
    assert code_of(lambda: wrapping.unwrap(wraps, "XAV", key, b"context")) == "CANNOT-OPEN"


def test_wraps_are_read_in_order_once_each_and_in_one_size(keys_of: KeysOf) -> None:
    audience = {name: keys_of(name).reception.public for name in ("XAV", "XBM")}
    good = cbor.decode(cbor.encode(wrapping.wrap(KEY, audience, b"")), 10_000)
    assert [name for name, _ in wrapping.read_wraps(good)] == ["XAV", "XBM"]
    first, second = good
    bad: list[Any] = [
        None,
        [],
        [second, first],
        [first, first],
        [["XAV", b"short"]],
        [["XAV", first[1], 1]],
        [["", first[1]]],
        [[1, first[1]]],
        [["X\nV", first[1]]],
        [["X" * 65, first[1]]],
    ]
    for value in bad:
        assert code_of(partial(wrapping.read_wraps, value)) == "WRAPS-UNREADABLE"
    assert code_of(lambda: wrapping.read_wraps(good, limit=1)) == "WRAPS-UNREADABLE"


@settings(max_examples=60, deadline=None)
@given(body=st.binary(max_size=500), aad=st.binary(max_size=50))
def test_a_body_opens_with_its_key_and_its_aad(body: bytes, aad: bytes) -> None:
    sealed = wrapping.seal_body(KEY, body, aad)
    assert len(sealed) == len(body) + wrapping.BODY_OVERHEAD_BYTES
    assert wrapping.open_body(KEY, sealed, aad) == body
    assert code_of(lambda: wrapping.open_body(KEY, sealed, aad + b"x")) == "CANNOT-OPEN"


def test_every_byte_of_a_sealed_body_counts() -> None:
    sealed = wrapping.seal_body(KEY, b"words", b"aad")
    assert wrapping.open_body(KEY, sealed, b"aad") == b"words"
    for place in range(len(sealed)):
        changed = sealed[:place] + bytes((sealed[place] ^ 1,)) + sealed[place + 1 :]
        assert code_of(partial(wrapping.open_body, KEY, changed, b"aad")) == "CANNOT-OPEN"
        cut = sealed[:place]
        assert code_of(partial(wrapping.open_body, KEY, cut, b"aad")) == "CANNOT-OPEN"


def test_a_body_that_another_key_would_also_open_is_refused() -> None:
    # A dishonest author gives a second key whose AES-GCM accepts the bytes; the commitment still names the first.
    sealed = wrapping.seal_body(KEY, b"words for one", b"aad")
    second = bytes(reversed(KEY))
    second_cipher, _ = wrapping._keys(second)
    nonce = sealed[32:44]
    crafted = sealed[:44] + AESGCM(second_cipher).encrypt(nonce, b"words for another", b"aad")
    assert code_of(lambda: wrapping.open_body(second, crafted, b"aad")) == "CANNOT-OPEN"
    assert wrapping.open_body(KEY, sealed, b"aad") == b"words for one"


def test_no_two_bodies_look_alike() -> None:
    assert wrapping.new_content_key() != wrapping.new_content_key()
    assert wrapping.seal_body(KEY, b"words", b"") != wrapping.seal_body(KEY, b"words", b"")


@settings(max_examples=60, deadline=None)
@given(sealed=st.binary(max_size=200))
def test_arbitrary_bytes_never_open(sealed: bytes) -> None:
    assert code_of(lambda: wrapping.open_body(KEY, sealed, b"")) == "CANNOT-OPEN"
