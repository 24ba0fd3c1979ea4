"""What an owner gives each member of an epoch opens for that member alone, as that owner's and of that epoch."""

from collections.abc import Callable
from functools import partial
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from allpoints.ground.refusal import Refusal
from allpoints.identity.keystore import Keys
from allpoints.sealing import audience_tree, cbor
from allpoints.sealing.epoch import (
    PACKET_BYTES,
    Packets,
    Seat,
    new_epoch,
    open_packet,
    read_packets,
    seal_packets,
)

KeysOf = Callable[[str], Keys]
EPOCH, SECRET = bytes(16), bytes(range(32))


def code_of(act: Callable[[], object]) -> str:
    with pytest.raises(Refusal) as refused:
        act()
    return refused.value.code


def told(keys_of: KeysOf) -> bytes:
    seats = {name: Seat(slot, keys_of(name).reception.public) for slot, name in enumerate(("XAV", "XBM"))}
    return seal_packets("XAV", EPOCH, SECRET, seats)


def test_each_member_is_given_the_keys_of_its_own_path_and_nobody_elses(keys_of: KeysOf) -> None:
    packets = read_packets(told(keys_of))
    assert (packets.epoch, list(packets.by_name)) == (EPOCH, ["XAV", "XBM"])
    for slot, name in enumerate(("XAV", "XBM")):
        keys = open_packet(packets, "XAV", name, keys_of(name).reception)
        assert keys == audience_tree.path_keys(SECRET, slot)
    assert open_packet(packets, "XAV", "XCS", keys_of("XCS").reception) is None
    thief = keys_of("XCS").reception
    assert code_of(lambda: open_packet(packets, "XAV", "XBM", thief)) == "CANNOT-OPEN"


def test_a_packet_opens_only_as_its_owners_of_its_epoch_and_under_its_name(keys_of: KeysOf) -> None:
    packets, key = read_packets(told(keys_of)), keys_of("XBM").reception
    assert open_packet(packets, "XAV", "XBM", key)
    assert code_of(lambda: open_packet(packets, "XCS", "XBM", key)) == "CANNOT-OPEN"
    other = packets._replace(epoch=b"x" * 16)
    assert code_of(lambda: open_packet(other, "XAV", "XBM", key)) == "CANNOT-OPEN"
    renamed = Packets(EPOCH, {"XCS": packets.by_name["XBM"]})
    assert code_of(lambda: open_packet(renamed, "XAV", "XCS", key)) == "CANNOT-OPEN"
    packet = packets.by_name["XBM"]
    for at in range(0, len(packet), 17):
        changed = packet[:at] + bytes((packet[at] ^ 1,)) + packet[at + 1 :]
        broken = Packets(EPOCH, {"XBM": changed})
        assert code_of(partial(open_packet, broken, "XAV", "XBM", key)) == "CANNOT-OPEN"


def test_packets_are_read_in_order_once_each_and_in_one_size(keys_of: KeysOf) -> None:
    first, second = cbor.decode(told(keys_of), 10_000)[2]
    assert read_packets(cbor.encode([1, EPOCH, [first, second]])).epoch == EPOCH
    bad: list[Any] = [
        None,
        [1, EPOCH],
        [2, EPOCH, [first]],
        [1, EPOCH[1:], [first]],
        [1, EPOCH, []],
        [1, EPOCH, [second, first]],
        [1, EPOCH, [first, first]],
        [1, EPOCH, [["XAV", bytes(PACKET_BYTES - 1)]]],
        [1, EPOCH, [["", first[1]]]],
        [1, EPOCH, [[1, first[1]]]],
        [1, EPOCH, [[*first, 1]]],
    ]
    for value in bad:
        assert code_of(partial(read_packets, cbor.encode(value))) == "EPOCH-UNREADABLE"


def test_a_packet_of_something_that_is_no_path_is_refused(
    keys_of: KeysOf, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(audience_tree, "path_keys", lambda _secret, _slot: bytes(287))
    packets = Packets(EPOCH, read_longer(told(keys_of)))
    assert code_of(lambda: open_packet(packets, "XAV", "XBM", keys_of("XBM").reception)) == "CANNOT-OPEN"


def read_longer(data: bytes) -> dict[str, bytes]:
    return dict(cbor.decode(data, 10_000)[2])


def test_no_two_epochs_are_alike() -> None:
    assert len({part for _ in range(10) for part in new_epoch()}) == 20


@settings(max_examples=80, deadline=None)
@given(st.binary(max_size=200))
def test_arbitrary_bytes_are_no_epoch(data: bytes) -> None:
    with pytest.raises(Refusal):
        read_packets(data)
