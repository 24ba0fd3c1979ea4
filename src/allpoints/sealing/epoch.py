"""An epoch of an owner's audience tree: what each member is given of it, sealed to that member's reception key.

Canonical CBOR ``[version, epoch, [[name, packet], …]]``, in the order of names. A packet is the nine keys of the member's
path, sealed so that it opens only as this owner's, of this epoch, for this member. One epoch may be told in several
parts: those who come later are given their keys when they come.
"""

import hashlib
import os
from collections.abc import Mapping
from typing import Any, NamedTuple

from allpoints.ground.refusal import Refusal
from allpoints.sealing import audience_tree, cbor
from allpoints.sealing.fields import Fields
from allpoints.sealing.parties import WRAP_OVERHEAD_BYTES, Opener, Reception

PACKET_BYTES = audience_tree.PATH_BYTES + WRAP_OVERHEAD_BYTES

_VERSION = 1
_LABEL = b"allpoints/epoch/1"
_LIMIT_BYTES = 64 + audience_tree.SLOTS * (PACKET_BYTES + 80)

_read = Fields("EPOCH-UNREADABLE")


class Seat(NamedTuple):
    """Where a member sits in the tree, and the key that its packet is sealed to."""

    slot: int
    key: Reception


class Packets(NamedTuple):
    """What an owner tells of an epoch: a packet for each member, by name."""

    epoch: bytes
    by_name: Mapping[str, bytes]


def new_epoch() -> tuple[bytes, bytes]:
    """The name of a new epoch, and its secret."""
    return os.urandom(audience_tree.EPOCH_BYTES), os.urandom(audience_tree.SECRET_BYTES)


def seal_packets(owner: str, epoch: bytes, secret: bytes, seats: Mapping[str, Seat]) -> bytes:
    """What the owner writes, so that each of these can open what is wrapped for its slot from now on."""
    packets = [
        [
            name,
            seats[name].key.seal(
                audience_tree.path_keys(secret, seats[name].slot), _info(owner, epoch, name)
            ),
        ]
        for name in sorted(seats)
    ]
    return cbor.encode([_VERSION, epoch, packets])


def read_packets(data: bytes) -> Packets:
    """Read strictly; nothing is opened yet."""
    version, epoch, packets = _read.array(cbor.decode(data, _LIMIT_BYTES), 3, "epoch")
    if _read.number(version, "version") != _VERSION:
        raise _read.refuse("version", "This version of epochs is not known.")
    _read.data(epoch, "epoch", size=audience_tree.EPOCH_BYTES)
    found: dict[str, bytes] = {}
    last = ""
    for index, item in enumerate(_read.listed(packets, "packets", audience_tree.SLOTS)):
        last = _packet(item, f"packets[{index}]", last, found)
    return Packets(epoch, found)


def _packet(item: Any, path: str, last: str, found: dict[str, bytes]) -> str:
    name, packet = _read.array(item, 2, path)
    if _read.text(name, f"{path}[0]") <= last:
        raise _read.refuse(f"{path}[0]", "The names are not in order, or one is there twice.")
    found[name] = _read.data(packet, f"{path}[1]", size=PACKET_BYTES)
    return str(name)


def open_packet(packets: Packets, owner: str, me: str, key: Opener) -> bytes | None:
    """The nine keys for ``me``, joined; None if there is no packet for this name. Raises Refusal CANNOT-OPEN."""
    packet = packets.by_name.get(me)
    if packet is None:
        return None
    keys = key.open(packet, _info(owner, packets.epoch, me))
    if len(keys) != audience_tree.PATH_BYTES:
        raise Refusal("CANNOT-OPEN", "The packet does not hold the nine keys of a path.", status=403)
    return keys


def _info(owner: str, epoch: bytes, name: str) -> bytes:
    return _LABEL + hashlib.sha256(cbor.encode([owner, epoch, name])).digest()
