"""The entry by which the root and the keys that serve the network are replaced, and whose checkpoints count by it."""

import contextlib
import sqlite3
from collections.abc import Sequence

import msgspec

from allpoints.ground.refusal import Refusal
from allpoints.identity.directory import Directory
from allpoints.identity.root import ROOT_LIMIT_BYTES
from allpoints.identity.root_change import RootChange
from allpoints.ledger.checkpoint import RelayKeys
from allpoints.ledger.entry import parse
from allpoints.node import frames
from allpoints.node.credentials import Credentials

CHANGED = "root.changed"

CHANGE_LIMIT_BYTES = ROOT_LIMIT_BYTES + 32 * 1024
"""A root, and two certificates."""

_MARK = CHANGED.encode()


class Changing(msgspec.Struct, frozen=True):
    """The next version of the root, and the certificates of secretariat and relay that it names, byte for byte."""

    root: bytes
    secretariat: bytes
    relay: bytes


def pack(change: RootChange) -> bytes:
    """The body of the entry."""
    parts = (change.root, change.secretariat, change.relay)
    return frames.pack(Changing(*(one.to_bytes() for one in parts)))


def read(body: bytes) -> RootChange:
    """What such an entry says, read strictly."""
    said = frames.body(body, Changing)
    return RootChange.from_bytes(said.root, said.secretariat, said.relay)


def stored(db: sqlite3.Connection, version: int) -> bytes:
    """The body of the entry that made a version the root in force; ROOT-UNKNOWN if none here did."""
    row = db.execute(
        "SELECT body FROM state_membership WHERE kind=? ORDER BY seq LIMIT 1 OFFSET ?", (CHANGED, version - 2)
    ).fetchone()
    if version < 2 or row is None:
        raise Refusal("ROOT-UNKNOWN", "No entry of this ledger made that version the root.", status=404)
    return bytes(row[0])


def relay_keys(directory: Directory, me: Credentials) -> RelayKeys:
    """The keys that sign this network's checkpoints, each from so many entries on (NO-RELAY at a post)."""
    if me.relay is None:
        raise Refusal("NO-RELAY", "This node follows nobody.", status=503)
    signers = [
        (one.verify_key, one.from_seq)
        for one in directory.signers(me.relay.subject)
        if one.verify_key is not None
    ]
    return RelayKeys(me.network, tuple(key for key, _ in signers), tuple(since for _, since in signers))


def keys_after(directory: Directory, me: Credentials, first_seq: int, entries: Sequence[bytes]) -> RelayKeys:
    """The same, once these entries have come: one of them may put another key in the relay's place."""
    if any(_MARK in data for data in entries):
        directory = directory.copy()
        for seq, data in enumerate(entries, first_seq):
            # The holders of the root signed it, or it changes nothing.
            with contextlib.suppress(Refusal):
                entry = parse(data) if _MARK in data else None
                if entry is not None and (entry.header.kind, entry.header.author) == (
                    CHANGED,
                    me.secretariat.subject,
                ):
                    directory.change_root(read(entry.sealed), seq)
    return relay_keys(directory, me)
