"""Bundles of reception keys: signed by their node, of one form, never older than what is known."""

from collections.abc import Callable

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from allpoints.ground.clock import DAY, HOUR
from allpoints.ground.refusal import Refusal
from allpoints.identity.keys import ReceptionKey
from allpoints.identity.keystore import Keys
from allpoints.sealing import cbor
from allpoints.sealing.reception import (
    KEPT_MS,
    RECEPTION_KEY_BYTES,
    Bundle,
    check_bundle,
    check_one_time,
    check_successor,
    hash_of,
    read_bundle,
    sign_bundle,
)

KeysOf = Callable[[str], Keys]
NOW_MS = 1_790_000_000_000
ONE_TIME = [ReceptionKey.generate().public.to_bytes() for _ in range(3)]
BUNDLE = Bundle(
    "XBM",
    NOW_MS,
    NOW_MS + KEPT_MS,
    ReceptionKey.generate().public.to_bytes(),
    tuple(hash_of(one) for one in ONE_TIME),
)


def code_of(act: Callable[[], object]) -> str:
    with pytest.raises(Refusal) as refused:
        act()
    return refused.value.code


def test_a_bundle_is_taken_as_its_node_signed_it(keys_of: KeysOf) -> None:
    data = sign_bundle(BUNDLE, keys_of("XBM").signing)
    assert read_bundle(data) == BUNDLE
    assert check_bundle(data, "XBM", keys_of("XBM").signing.public, NOW_MS) == BUNDLE


def test_a_bundle_of_another_node_or_signed_by_another_is_refused(keys_of: KeysOf) -> None:
    data = sign_bundle(BUNDLE, keys_of("XBM").signing)
    forged = sign_bundle(BUNDLE, keys_of("XCS").signing)
    key = keys_of("XBM").signing.public
    assert code_of(lambda: check_bundle(data, "XCS", key, NOW_MS)) == "BUNDLE-FOREIGN"
    assert code_of(lambda: check_bundle(forged, "XBM", key, NOW_MS)) == "BAD-SIGNATURE"
    assert check_bundle(data, "XBM", key, NOW_MS) == BUNDLE


def test_a_bundle_is_of_use_from_an_hour_before_it_begins_until_its_keys_are_gone(keys_of: KeysOf) -> None:
    data, key = sign_bundle(BUNDLE, keys_of("XBM").signing), keys_of("XBM").signing.public
    for now_ms in (NOW_MS - HOUR, NOW_MS + KEPT_MS - 1):
        assert check_bundle(data, "XBM", key, now_ms) == BUNDLE
    assert code_of(lambda: check_bundle(data, "XBM", key, NOW_MS - HOUR - 1)) == "BUNDLE-FROM-FUTURE"
    assert code_of(lambda: check_bundle(data, "XBM", key, NOW_MS + KEPT_MS)) == "BUNDLE-ENDED"


def test_an_older_bundle_and_another_of_the_same_moment_are_refused_and_a_newer_one_is_taken(
    keys_of: KeysOf,
) -> None:
    def signed(bundle: Bundle) -> bytes:
        return sign_bundle(bundle, keys_of("XBM").signing)

    known, older = signed(BUNDLE), msgspec.structs.replace(BUNDLE, from_ms=NOW_MS - DAY, kept_ms=NOW_MS + DAY)
    newer = msgspec.structs.replace(BUNDLE, from_ms=NOW_MS + 1)
    other = msgspec.structs.replace(BUNDLE, one_time=BUNDLE.one_time[:1])
    check_successor(BUNDLE, known, newer, signed(newer))
    check_successor(BUNDLE, known, BUNDLE, known)
    assert code_of(lambda: check_successor(BUNDLE, known, older, signed(older))) == "BUNDLE-ROLLBACK"
    assert code_of(lambda: check_successor(BUNDLE, known, other, signed(other))) == "BUNDLE-FORKED"


def test_only_one_time_keys_of_the_bundle_are_taken() -> None:
    for key in ONE_TIME:
        check_one_time(BUNDLE, key)
    for foreign in (ReceptionKey.generate().public.to_bytes(), ONE_TIME[0][:-1], b""):
        assert code_of(lambda key=foreign: check_one_time(BUNDLE, key)) == "ONE-TIME-KEY-FOREIGN"  # type: ignore[misc]


def test_no_flipped_byte_of_a_bundle_is_accepted(keys_of: KeysOf) -> None:
    data, key = sign_bundle(BUNDLE, keys_of("XBM").signing), keys_of("XBM").signing.public
    assert check_bundle(data, "XBM", key, NOW_MS) == BUNDLE
    accepted = 0
    for place in range(len(data)):
        changed = bytearray(data)
        changed[place] ^= 1 << (place % 8)
        try:
            check_bundle(bytes(changed), "XBM", key, NOW_MS)
        except Refusal:
            continue
        accepted += 1
    assert accepted == 0


@pytest.mark.parametrize(
    ("place", "value", "code"),
    [
        (0, 2, "UNKNOWN-VERSION"),
        (1, "", "BUNDLE-UNREADABLE"),
        (2, -1, "BUNDLE-UNREADABLE"),
        (3, NOW_MS, "BUNDLE-UNREADABLE"),
        (3, NOW_MS + KEPT_MS + 1, "BUNDLE-UNREADABLE"),
        (4, bytes(32), "BUNDLE-UNREADABLE"),
        (5, [bytes(31)], "BUNDLE-UNREADABLE"),
        (5, [bytes(32), bytes(32)], "BUNDLE-UNREADABLE"),
        (5, [bytes([at, *bytes(31)]) for at in range(256)] + [b"x" * 32], "BUNDLE-UNREADABLE"),
        (5, None, "BUNDLE-UNREADABLE"),
    ],
)
def test_a_field_out_of_form_is_refused(keys_of: KeysOf, place: int, value: object, code: str) -> None:
    fields: list[object] = [1, "XBM", NOW_MS, NOW_MS + KEPT_MS, bytes(RECEPTION_KEY_BYTES), [bytes(32)]]

    def data() -> bytes:
        body = cbor.encode(fields)
        return cbor.encode([body, keys_of("XBM").signing.sign(b"allpoints/reception/1", body).to_bytes()])

    assert read_bundle(data()).node == "XBM"
    fields[place] = value
    assert code_of(lambda: read_bundle(data())) == code


@settings(max_examples=100, deadline=None)
@given(st.binary(max_size=200))
def test_arbitrary_bytes_are_a_refusal(data: bytes) -> None:
    with pytest.raises(Refusal):
        read_bundle(data)
