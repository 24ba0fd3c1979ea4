from collections.abc import Callable
from contextlib import suppress

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from allpoints.ground.refusal import Refusal
from allpoints.identity.keystore import Keys
from allpoints.sealing import cbor
from allpoints.sealing.receipt import KINDS, Receipt, check_receipt, read_receipt, sign_receipt

KeysOf = Callable[[str], Keys]
RECEIPT = Receipt("read", bytes(range(32)), "XBM", "desk", 1_800_000_000_000)


@pytest.mark.parametrize("kind", KINDS)
def test_a_receipt_is_read_as_it_was_signed(keys_of: KeysOf, kind: str) -> None:
    reason = "key-used" if kind == "unopened" else ""
    receipt = msgspec.structs.replace(RECEIPT, kind=kind, role="", reason=reason)
    data = sign_receipt(receipt, keys_of("XBM").signing)
    assert read_receipt(data) == receipt
    assert check_receipt(data, keys_of("XBM").signing.public) == receipt


def test_a_receipt_by_another_service_is_refused(keys_of: KeysOf) -> None:
    data = sign_receipt(RECEIPT, keys_of("XCS").signing)
    assert check_receipt(data, keys_of("XCS").signing.public) == RECEIPT
    with pytest.raises(Refusal) as refused:
        check_receipt(data, keys_of("XBM").signing.public)
    assert refused.value.code == "BAD-SIGNATURE"


@pytest.mark.parametrize(
    ("change", "path"),
    [
        ({"kind": "burnt"}, "kind"),
        ({"kind": "unopened"}, "reason"),
        ({"kind": "unopened", "reason": "mood"}, "reason"),
        ({"reason": "altered"}, "reason"),
        ({"envelope_hash": bytes(31)}, "envelope_hash"),
        ({"by": ""}, "by"),
        ({"role": "x" * 65}, "role"),
        ({"at_ms": -1}, "at_ms"),
    ],
)
def test_a_field_out_of_form_is_refused_by_its_path(
    keys_of: KeysOf, change: dict[str, object], path: str
) -> None:
    assert sign_receipt(RECEIPT, keys_of("XBM").signing)
    with pytest.raises(Refusal) as refused:
        sign_receipt(msgspec.structs.replace(RECEIPT, **change), keys_of("XBM").signing)
    assert (refused.value.code, refused.value.path) == ("RECEIPT-UNREADABLE", path)


def test_another_version_or_kind_of_field_is_refused(keys_of: KeysOf) -> None:
    body, signature = cbor.decode(sign_receipt(RECEIPT, keys_of("XBM").signing), 10_000)
    fields = cbor.decode(body, 10_000)
    assert read_receipt(cbor.encode([cbor.encode(fields), signature])) == RECEIPT
    for index, value in [(0, 2), (1, ["read"]), (1, {}), (5, "now")]:
        changed = [*fields[:index], value, *fields[index + 1 :]]
        with pytest.raises(Refusal) as refused:
            read_receipt(cbor.encode([cbor.encode(changed), signature]))
        assert refused.value.code == "RECEIPT-UNREADABLE"


def test_no_flipped_byte_passes(keys_of: KeysOf) -> None:
    data = sign_receipt(RECEIPT, keys_of("XBM").signing)
    key = keys_of("XBM").signing.public
    accepted = []
    for place in range(0, len(data), 2):
        with suppress(Refusal):
            check_receipt(data[:place] + bytes((data[place] ^ (1 << place % 8),)) + data[place + 1 :], key)
            accepted.append(place)
    assert accepted == []
    assert check_receipt(data, key) == RECEIPT


@settings(max_examples=60, deadline=None)
@given(data=st.binary(max_size=100))
def test_arbitrary_bytes_are_a_refusal(data: bytes) -> None:
    with pytest.raises(Refusal):
        read_receipt(data)
