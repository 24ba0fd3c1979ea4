"""The tables of exclusions: rows in, rows out.

``state_exclusions`` is what this node was ordered to delete, ``office_obeyed`` which of those orders it has still to
answer. ``office_exclusions`` is whom this member has shut out of records of its own: who was told, who has obeyed.
"""

import sqlite3
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from allpoints.registers.exclusion import Exclusion, Obeyed, ShutOut

SCHEMA = """
CREATE TABLE IF NOT EXISTS state_exclusions (
    record_id BLOB PRIMARY KEY, below INTEGER NOT NULL, row INTEGER NOT NULL, seq INTEGER NOT NULL) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS state_exclusions_row ON state_exclusions(row);
CREATE TABLE IF NOT EXISTS office_obeyed (
    commitment BLOB PRIMARY KEY, owner TEXT NOT NULL, obeyed_ms INTEGER NOT NULL, message BLOB NOT NULL,
    again_ms INTEGER NOT NULL) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS office_obeyed_message ON office_obeyed(message);
CREATE TABLE IF NOT EXISTS office_exclusions (
    record_id BLOB NOT NULL, member TEXT NOT NULL, below INTEGER NOT NULL, register INTEGER NOT NULL,
    ref TEXT NOT NULL, at_ms INTEGER NOT NULL DEFAULT 0, commitment BLOB NOT NULL DEFAULT x'',
    obeyed_ms INTEGER NOT NULL DEFAULT 0, statement BLOB NOT NULL DEFAULT x'',
    PRIMARY KEY (record_id, member, below)) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS office_exclusions_member ON office_exclusions(member);
CREATE INDEX IF NOT EXISTS office_exclusions_open ON office_exclusions(at_ms) WHERE obeyed_ms = 0;
CREATE INDEX IF NOT EXISTS office_exclusions_order ON office_exclusions(commitment, member);
"""


# -- what this node was ordered to delete


class Ordered(NamedTuple):
    """An order on one record: nothing below this version is held; it was at this row (0: nowhere), ordered at ``seq``."""

    record_id: bytes
    below: int
    row: int
    seq: int


def keep_order(db: sqlite3.Connection, ordered: Ordered) -> None:
    """Keep that nothing of a record below a version is taken again; of two orders the one that deletes more holds."""
    db.execute(
        "INSERT INTO state_exclusions VALUES (?,?,?,?) ON CONFLICT DO UPDATE SET"
        " below=max(below, excluded.below), row=max(row, excluded.row), seq=max(seq, excluded.seq)",
        ordered,
    )


def forget_row(db: sqlite3.Connection, number: int, below: int = 0) -> None:
    """Forget that there ever was a record at a row; or what happened to it before a version, if one is given."""
    if below:
        db.execute("DELETE FROM state_record_history WHERE row=? AND version<?", (number, below))
        return
    db.execute("DELETE FROM state_record_history WHERE row=?", (number,))
    db.execute("DELETE FROM state_records WHERE row=?", (number,))


def floors(db: sqlite3.Connection, ids: Iterable[bytes]) -> dict[bytes, int]:
    """Below which version nothing of these records is taken; none for those that are not kept from this node."""
    if db.execute("SELECT 1 FROM state_exclusions LIMIT 1").fetchone() is None:
        return {}
    found = "SELECT record_id, below FROM state_exclusions WHERE record_id=?"
    rows = (db.execute(found, (record_id,)).fetchone() for record_id in ids)
    return dict(row for row in rows if row is not None)


def is_kept_from(db: sqlite3.Connection, record_id: bytes, seq: int) -> bool:
    """Whether what stands at ``seq`` in the ledger is about a record that this node was ordered to delete.

    What was said after the order counts once the record was given to this node again.
    """
    row = db.execute("SELECT seq FROM state_exclusions WHERE record_id=?", (record_id,)).fetchone()
    if row is None:
        return False
    held = db.execute("SELECT 1 FROM state_records WHERE record_id=?", (record_id,)).fetchone()
    return held is None or seq < row[0]


def last_row(db: sqlite3.Connection) -> int:
    """The highest row of a record that was deleted."""
    (last,) = db.execute("SELECT max(row) FROM state_exclusions").fetchone()
    return int(last or 0)


class Answer(NamedTuple):
    """An order that was obeyed, whose owner is not known to know: told in the message of this name, if in any."""

    commitment: bytes
    owner: str
    obeyed_ms: int


def keep_obeyed(db: sqlite3.Connection, answer: Answer) -> None:
    """Keep that an order was obeyed; a rebuild obeys it again and has nothing more to say."""
    db.execute("INSERT OR IGNORE INTO office_obeyed VALUES (?,?,?,x'',0)", answer)


def unanswered(db: sqlite3.Connection, now_ms: int, limit: int) -> list[Answer]:
    """Orders that were obeyed and are to be answered now, the oldest first."""
    rows = db.execute(
        "SELECT commitment, owner, obeyed_ms FROM office_obeyed WHERE message=x'' AND again_ms <= ?"
        " ORDER BY obeyed_ms, commitment LIMIT ?",
        (now_ms, limit),
    )
    return [Answer(*row) for row in rows]


def answered(db: sqlite3.Connection, commitment: bytes, message: bytes, again_ms: int) -> None:
    """An order was answered in a message; or in none yet, and is answered again from an instant on."""
    db.execute(
        "UPDATE office_obeyed SET message=?, again_ms=? WHERE commitment=?", (message, again_ms, commitment)
    )


def answer_again(db: sqlite3.Connection, message: bytes, again_ms: int) -> None:
    """What was answered in a message could not be read."""
    db.execute("UPDATE office_obeyed SET message=x'', again_ms=? WHERE message=?", (again_ms, message))


# -- whom this member has shut out


def note(db: sqlite3.Connection, shut_out: Iterable[ShutOut]) -> None:
    """Keep who is shut out of own records from now on: ``undecided`` until it is known who has to be told."""
    db.executemany(
        "INSERT OR REPLACE INTO office_exclusions (record_id, member, below, register, ref) VALUES (?,?,?,?,?)",
        shut_out,
    )


def undecided(db: sqlite3.Connection) -> list[ShutOut]:
    """Who is shut out by acts that are being written now."""
    rows = db.execute(
        "SELECT record_id, member, below, register, ref FROM office_exclusions WHERE at_ms=0"
        " ORDER BY record_id, member, below"
    )
    return [ShutOut(*row) for row in rows]


def decide(db: sqlite3.Connection, shut_out: Iterable[ShutOut], at_ms: int, commitment: bytes = b"") -> None:
    """These were told by the entry with this commitment, or need not be told."""
    db.executemany(
        "UPDATE office_exclusions SET at_ms=?, commitment=? WHERE record_id=? AND member=? AND below=?",
        [(at_ms, commitment, one.record_id, one.member, one.below) for one in shut_out],
    )


def kept_from(db: sqlite3.Connection, member: str) -> dict[bytes, int]:
    """The own records of which a member may not have what is below a version."""
    rows = db.execute(
        "SELECT record_id, max(below) FROM office_exclusions WHERE member=? GROUP BY record_id", (member,)
    )
    return dict(rows.fetchall())


def obeyed(db: sqlite3.Connection, word: Obeyed, at_ms: int, statement: bytes) -> bool:
    """Keep a member's word on an order; False when it was never given that order. The first word counts."""
    given = "WHERE commitment=? AND member=?"
    if not db.execute(
        f"SELECT 1 FROM office_exclusions {given} LIMIT 1", (word.commitment, word.by)
    ).fetchone():
        return False
    db.execute(
        f"UPDATE office_exclusions SET obeyed_ms=?, statement=? {given} AND obeyed_ms=0",
        (at_ms, statement, word.commitment, word.by),
    )
    return True


def of_record(db: sqlite3.Connection, record_id: bytes) -> dict[str, Exclusion]:
    """The last time that each member was shut out of an own record."""
    rows = db.execute("SELECT * FROM office_exclusions WHERE record_id=? ORDER BY below", (record_id,))
    return {one.member: one for one in map(Exclusion._make, rows)}


def shut_out_below(db: sqlite3.Connection, record_id: bytes, until_ms: int) -> int:
    """The version below which members were ordered by an instant to delete an own record; 0 when none were."""
    (below,) = db.execute(
        "SELECT coalesce(max(below), 0) FROM office_exclusions WHERE record_id=? AND commitment<>x'' AND at_ms<=?",
        (record_id, until_ms),
    ).fetchone()
    return int(below)


def outstanding(db: sqlite3.Connection, registers: Sequence[int], limit: int) -> list[Exclusion]:
    """Orders on own records of these registers that were given and not obeyed yet, the oldest first."""
    rows = db.execute(
        "SELECT * FROM office_exclusions WHERE obeyed_ms=0 AND commitment<>x''"
        f" AND register IN ({','.join('?' * len(registers))}) ORDER BY at_ms, record_id, member LIMIT ?",
        (*registers, limit),
    )
    return [Exclusion(*row) for row in rows]


def renamed(db: sqlite3.Connection, before: bytes, after: bytes) -> None:
    """An order of this node's stands in another entry than it was to: it was never handed in as it was."""
    db.execute("UPDATE office_exclusions SET commitment=? WHERE commitment=?", (after, before))
