"""Which members witness the ledger, and whom to believe: two kinds of clear entries, folded by relay and members alike.

A member announces the public half of its witness key itself. The secretariat names a policy over keys that were
announced, and only one whose quorums overlap. A node with a policy file of its own goes by that instead.
"""

import sqlite3
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

import msgspec

from allpoints.ground.refusal import Refusal
from allpoints.ledger import policy, vkey
from allpoints.ledger.entry import Entry
from allpoints.ledger.policy import Policy
from allpoints.ledger.vkey import VKey
from allpoints.node import frames, membership
from allpoints.node.credentials import Credentials

SCHEMA = """
CREATE TABLE IF NOT EXISTS state_witnesses (
    member TEXT PRIMARY KEY, vkey TEXT NOT NULL, seq INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS state_witness_policy (
    one INTEGER PRIMARY KEY CHECK (one = 1), policy BLOB NOT NULL, seq INTEGER NOT NULL);
"""

KINDS = frozenset({membership.WITNESS_ANNOUNCED, membership.WITNESSES_NAMED})
POLICY_FILE = "witnesses.policy"


class Announcing(msgspec.Struct, frozen=True):
    """A member's witness key, as the line that verifiers read."""

    vkey: str


class Naming(msgspec.Struct, frozen=True):
    """The policy that holds from here on: a C2SP tlog-policy file, byte for byte."""

    policy: bytes


class Announced(NamedTuple):
    """A member that can witness."""

    member: str
    vkey: VKey


class WitnessStanding(msgspec.Struct, frozen=True):
    """One witness: its key if it announced one, whether the policy names it, and when it cosigned the head (0: not)."""

    name: str
    vkey: str
    announced: bool
    named: bool
    cosigned_ms: int


class LedgerStanding(msgspec.Struct, frozen=True):
    """How far the ledger that is held here was witnessed.

    ``log`` is the verifier key that signs checkpoints for whoever has a policy alone, empty before the first entry.
    ``policy`` is the file in force, ``policy_from`` is ledger, file or empty. ``size`` entries are held, ``witnessed`` of
    them under a quorum. ``forked`` says that evidence is open.
    """

    log: str
    size: int
    witnessed: int
    lagging: bool
    forked: bool
    policy: str
    policy_from: str
    witnesses: list[WitnessStanding]
    checkpoint: str


def witness_name(network: str, member: str) -> str:
    """The name under which a member cosigns the ledger of a network."""
    return f"{network}/witness/{member}"


def fold(db: sqlite3.Connection, me: Credentials, entry: Entry, seq: int) -> bool:
    """Apply an entry about witnesses; whether it was one. What it may not say is refused."""
    if entry.header.kind == membership.WITNESS_ANNOUNCED:
        _announced(db, me, entry, seq)
    elif entry.header.kind == membership.WITNESSES_NAMED:
        _named(db, me, entry, seq)
    return entry.header.kind in KINDS


def _announced(db: sqlite3.Connection, me: Credentials, entry: Entry, seq: int) -> None:
    member = entry.header.author
    key = vkey.parse(frames.body(entry.sealed, Announcing).vkey)
    if key.kind != vkey.ML_DSA_44_COSIGNATURE or key.name != witness_name(me.network, member):
        raise Refusal(
            "WITNESS-KEY",
            f"A member witnesses with an ML-DSA-44 key named {witness_name(me.network, member)}.",
            path="vkey",
        )
    db.execute("INSERT OR REPLACE INTO state_witnesses VALUES (?,?,?)", (member, key.text(), seq))


def _named(db: sqlite3.Connection, me: Credentials, entry: Entry, seq: int) -> None:
    if entry.header.author != me.secretariat.subject:
        raise Refusal("POLICY-AUTHOR", "Only the secretariat names the network's witnesses.", status=403)
    data = frames.body(entry.sealed, Naming).policy
    check(policy.read(data), me.network, announced(db))
    db.execute("INSERT OR REPLACE INTO state_witness_policy VALUES (1,?,?)", (data, seq))


def check(proposed: Policy, network: str, known: list[Announced]) -> None:
    """Refuse a policy whose quorums do not overlap, or whose witnesses are not members with announced keys."""
    proposed.check_overlap()
    keys = {(one.member, one.vkey) for one in known}
    for place, witness in enumerate(proposed.witnesses):
        if (witness.name, witness.vkey) not in keys:
            raise Refusal(
                "POLICY-WITNESS",
                f"{witness.name} has not announced this key.",
                path=f"policy.witnesses[{place}]",
                hint="A member announces its key: allpoints witness announce.",
            )
    for place, one in enumerate(proposed.logs):
        if one.vkey.name != network:
            raise Refusal("POLICY-LOG", f"The ledger is {network}.", path=f"policy.logs[{place}]")


@lru_cache(maxsize=4)
def parsed(data: bytes) -> Policy:
    """A policy that was checked when it was taken; it is asked for with each cosignature."""
    return policy.read(data)


def announced(db: sqlite3.Connection) -> list[Announced]:
    """Every member that announced a witness key, with its present one."""
    rows = db.execute("SELECT member, vkey FROM state_witnesses ORDER BY member")
    return [Announced(member, vkey.parse(text)) for member, text in rows]


def named(db: sqlite3.Connection) -> bytes:
    """The policy that the ledger names; empty before the first."""
    row = db.execute("SELECT policy FROM state_witness_policy").fetchone()
    return b"" if row is None else bytes(row[0])


def own_policy(folder: Path) -> bytes:
    """The policy file that this node's administrator wrote; empty if there is none."""
    path = folder / POLICY_FILE
    if not path.is_file():
        return b""
    with path.open("rb") as file:
        data = file.read(policy.POLICY_LIMIT_BYTES + 1)
    policy.read(data).check_overlap()
    return data
