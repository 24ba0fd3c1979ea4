"""How a member's own record stands: by this node's memory of what it signed, or by the ledger when that knows more.

The ledger knows more when a node was set up anew, or from an older copy, with its member's keys.
"""

import sqlite3
from collections.abc import Sequence
from typing import NamedTuple

from allpoints.ground.refusal import Refusal
from allpoints.registers import store
from allpoints.registers.record import PUT, REF_LIMIT, VERSION_LIMIT, RecordOp, content_of, record_id
from allpoints.registers.store import Held, Own
from allpoints.vocabulary.register import Register


class Standing(NamedTuple):
    """What was said last of a record, on its way or not; retention began at ``since_ms`` (0: not known yet).

    ``withdrawn`` and ``expired`` say why it is gone. ``blocked`` by the secretariat it is still there.
    """

    version: int
    content: bytes
    withdrawn: bool
    expired: bool
    blocked: bool
    excluded: tuple[str, ...]
    since_ms: int

    @property
    def gone(self) -> bool:
        return self.withdrawn or self.expired


NEW = Standing(0, b"", withdrawn=True, expired=False, blocked=False, excluded=(), since_ms=0)
"""A record that was never entered stands as one that was withdrawn."""


def standing_of(db: sqlite3.Connection, ids: Sequence[bytes]) -> dict[bytes, Standing]:
    """Those of ``ids`` that this member has entered."""
    signed, folded = store.own(db, ids), store.held(db, ids)
    return {
        identity: _latest(signed.get(identity), folded.get(identity))
        for identity in signed.keys() | folded.keys()
    }


def known(db: sqlite3.Connection, register: Register, member: str, ref: str) -> Standing:
    """How the record with this reference stands; raises Refusal UNKNOWN-RECORD."""
    identity = record_id(register.name, member, ref)
    found = standing_of(db, [identity]).get(identity)
    if found is None or len(ref) > REF_LIMIT:
        raise Refusal("UNKNOWN-RECORD", f"This member has entered no record {ref!r}.", path="ref", status=404)
    return found


def next_version(version: int) -> int:
    if version >= VERSION_LIMIT:
        raise Refusal("VERSIONS-SPENT", "This record has been changed too often.", path="ref", status=409)
    return version + 1


def own_of(identity: bytes, register: Register, op: RecordOp, excluded: Sequence[str]) -> Own:
    """What to remember of an act that is signed now."""
    content, ends = content_of(op, excluded), op.op != PUT
    return Own(identity, register.code, op.ref, op.version, content, ends, " ".join(excluded), op.since_ms)


def _latest(signed: Own | None, folded: Held | None) -> Standing:
    blocked = folded is not None and folded.status == store.BLOCKED
    if folded is None or (signed is not None and signed.version > folded.version):
        if signed is None:
            return NEW
        excluded = tuple(signed.excluded.split())
        return Standing(
            signed.version,
            signed.content,
            bool(signed.withdrawn),
            expired=False,
            blocked=blocked,
            excluded=excluded,
            since_ms=signed.since_ms,
        )
    # At its end the hash of the content goes with the content; what was signed is still known by this node's memory.
    same = signed is not None and signed.version == folded.version
    return Standing(
        folded.version,
        signed.content if signed is not None and same else folded.content,
        folded.status == store.WITHDRAWN,
        folded.status == store.EXPIRED,
        blocked,
        tuple(folded.excluded.split()),
        folded.since_ms,
    )
