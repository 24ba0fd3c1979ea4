"""A node's copy of the ledger, opened beside the running node to be read only."""

import base64
import sqlite3
from pathlib import Path

from allpoints.ground.refusal import Refusal
from allpoints.identity.keys import VerifyKey
from allpoints.ledger import store, vkey
from allpoints.ledger.entry import Entry
from allpoints.ledger.stub import read
from allpoints.ledger.vkey import VKey
from allpoints.node import frames, membership
from allpoints.node.credentials import Credentials

DATABASE = "node.sqlite"


def open_copy(path: Path, table: str = "ledger_entries") -> sqlite3.Connection:
    """The database as it is at this moment; what a running node writes meanwhile is not looked at."""
    if path.is_file():
        db = sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True, isolation_level=None)
        db.execute("BEGIN")
        if db.execute("SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = ?", (table,)).fetchone():
            return db
        db.close()
    raise Refusal(
        "NOTHING-TO-VERIFY",
        f"There is nothing to verify in {path} yet.",
        hint="Serve the node once.",
        status=404,
    )


def authors(db: sqlite3.Connection, me: Credentials) -> str:
    """Whoever signs in this ledger, one line for each key: name, key in base64, and the first entry it may sign.

    The relay is among them: its key signs checkpoints of so many entries and more. A key signs until the next line of the
    same name; one without a key (-) says that nobody signs from there on.
    """
    directory = membership.load(db, me)
    names = [me.secretariat.subject, *(one.code for one in directory.members())]
    if me.relay is not None:
        names.append(me.relay.subject)
    signers = [(name, one) for name in names for one in directory.signers(name)]
    return "".join(f"{name} {_key(one.verify_key)} {one.from_seq}\n" for name, one in signers)


def _key(key: VerifyKey | None) -> str:
    return "-" if key is None else base64.b64encode(key.to_bytes()).decode()


def log_line(db: sqlite3.Connection) -> str:
    """The log's verifier key as a policy names it; empty if the first entry is not there or names none."""
    data = store.encoded(db, 1, 1)
    first = read(data[0]) if data else None
    if isinstance(first, Entry) and first.header.kind == membership.FOUNDED:
        return frames.body(first.sealed, membership.Founding).log
    return ""


def log_vkey(db: sqlite3.Connection) -> VKey:
    """The log's verifier key, as the first entry of the ledger names it (NO-LOG-KEY)."""
    if text := log_line(db):
        return vkey.parse(text)
    raise Refusal("NO-LOG-KEY", "The first entry of this ledger names no key of its log.", status=404)
