"""The readable, authenticated head of a sealed message: who to whom, when, how urgent, after which other one."""

from collections.abc import Mapping
from typing import Any

import msgspec

from allpoints.ground.clock import DAY
from allpoints.ground.refusal import Refusal
from allpoints.sealing import cbor
from allpoints.sealing.fields import Fields
from allpoints.sealing.parties import KEY_ID_BYTES

VERSION = 1
"""Suite 1: HPKE X25519+ML-KEM-768, AES-256-GCM, Ed25519 and ML-DSA-65."""
ID_BYTES = 16
HASH_BYTES = 32
RECIPIENTS_LIMIT = 64
PRIORITIES = 4
HEADER_LIMIT_BYTES = 16 * 1024
LIFETIME_LIMIT_MS = 35 * DAY
"""The reception key that opens a message is kept no longer."""

_FIELDS = frozenset(range(1, 11))
_read = Fields("HEADER-UNREADABLE")


class Place(msgspec.Struct, frozen=True):
    """Where a message stands among those of one pair: its number, and the hash of the envelope before it."""

    sequence: int
    previous: bytes = bytes(HASH_BYTES)


class Header(msgspec.Struct, frozen=True):
    """What the relay may know of a message; ``places`` may leave recipients out, ``key_ids`` names them all."""

    id: bytes
    sender: str
    recipients: tuple[str, ...]
    created_ms: int
    expires_ms: int
    priority: int
    places: Mapping[str, Place]
    key_ids: Mapping[str, bytes]

    def to_bytes(self) -> bytes:
        return cbor.encode(
            {
                1: VERSION,
                2: self.id,
                3: self.sender,
                4: list(self.recipients),
                5: self.created_ms,
                6: self.expires_ms,
                7: self.priority,
                8: {name: place.sequence for name, place in self.places.items()},
                9: {name: place.previous for name, place in self.places.items()},
                10: dict(self.key_ids),
            }
        )


def read_header(data: bytes) -> Header:
    """Read a header strictly; nothing in it is proven before the envelope is opened."""
    fields = _read.mapping(cbor.decode(data, HEADER_LIMIT_BYTES), "header")
    version = _read.number(fields.get(1), "header.version")
    if version != VERSION:
        raise Refusal(
            "UNKNOWN-VERSION",
            f"This message is sealed in version {version}; this node knows version {VERSION} and no other.",
            path="header.version",
            hint="If the sender's node is newer, this one has to be brought up to date; nothing older is taken.",
            status=400,
        )
    if fields.keys() != _FIELDS:
        raise _read.refuse("header", "A header has the fields 1 to 10.")
    recipients = _recipients(fields[4])
    created_ms = _read.number(fields[5], "header.created")
    expires_ms = _read.number(fields[6], "header.expires")
    if not 0 < expires_ms - created_ms <= LIFETIME_LIMIT_MS:
        raise _read.refuse("header.expires", f"A message lives at most {LIFETIME_LIMIT_MS // DAY} days.")
    return Header(
        id=_read.data(fields[2], "header.id", size=ID_BYTES),
        sender=_read.text(fields[3], "header.sender"),
        recipients=recipients,
        created_ms=created_ms,
        expires_ms=expires_ms,
        priority=_read.number(fields[7], "header.priority", below=PRIORITIES),
        places=_places(fields[8], fields[9], recipients),
        key_ids=_key_ids(fields[10], recipients),
    )


def _recipients(value: Any) -> tuple[str, ...]:
    listed = _read.listed(value, "header.recipients", RECIPIENTS_LIMIT)
    names = [_read.text(name, f"header.recipients[{index}]") for index, name in enumerate(listed)]
    if names != sorted(set(names)):
        raise _read.refuse("header.recipients", "The recipients are not in order, or one is there twice.")
    return tuple(names)


def _places(sequences: Any, hashes: Any, recipients: tuple[str, ...]) -> dict[str, Place]:
    numbered = _read.mapping(sequences, "header.sequences")
    chained = _read.mapping(hashes, "header.previous")
    if numbered.keys() != chained.keys() or not numbered.keys() <= set(recipients):
        raise _read.refuse(
            "header.sequences", "Numbers and hashes are given for recipients, and for the same ones."
        )
    return {
        name: Place(
            _read.number(number, f"header.sequences.{name}"),
            _read.data(chained[name], f"header.previous.{name}", size=HASH_BYTES),
        )
        for name, number in numbered.items()
    }


def _key_ids(value: Any, recipients: tuple[str, ...]) -> dict[str, bytes]:
    ids = _read.mapping(value, "header.key_ids")
    if ids.keys() != set(recipients):
        raise _read.refuse("header.key_ids", "Each recipient's key is named, and no other.")
    return {name: _read.data(key, f"header.key_ids.{name}", size=KEY_ID_BYTES) for name, key in ids.items()}
