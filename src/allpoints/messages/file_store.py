"""A node's files of letters: what leaves, what comes, how far each is. The chunks themselves lie sealed in files."""

import sqlite3
from collections.abc import Sequence
from typing import NamedTuple

from allpoints.messages.letter_file import FileView
from allpoints.sealing.at_rest import open_at_rest, seal_at_rest
from allpoints.sealing.chunks import FileKey, count_of

ATTACHED, LEAVING, LEFT = "attached", "leaving", "left"
"""Uploaded and in no letter yet; on its way to the relay; whole at the relay."""
COMING, HERE, REFUSED = "coming", "here", "refused"
"""On its way from the relay; whole at this node; not taken, since its sender has sent too much."""

SCHEMA = """
CREATE TABLE IF NOT EXISTS office_files (
    id BLOB PRIMARY KEY, state TEXT NOT NULL, peer TEXT NOT NULL, size INTEGER NOT NULL,
    have INTEGER NOT NULL DEFAULT 0, sha256 BLOB NOT NULL, name TEXT NOT NULL, key BLOB NOT NULL,
    reference TEXT NOT NULL DEFAULT '', at_ms INTEGER NOT NULL, ends_ms INTEGER NOT NULL) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS office_files_state ON office_files(state);
CREATE INDEX IF NOT EXISTS office_files_letter ON office_files(reference);
"""

_COLUMNS = "id, state, peer, size, have, sha256, name, key, reference, at_ms, ends_ms"


class Held(NamedTuple):
    """One file: ``peer`` is its sender, or its recipients with commas; ``have`` counts the chunks that moved."""

    id: bytes
    state: str
    peer: str
    size: int
    have: int
    sha256: bytes
    name: str
    sealed_key: bytes
    reference: str
    at_ms: int
    ends_ms: int

    @property
    def chunks(self) -> int:
        return count_of(self.size)

    def key(self, storage_key: bytes) -> FileKey:
        """The file's own key, out from under the storage key."""
        return FileKey(self.id, open_at_rest(storage_key, _place(self.id), self.sealed_key))

    def view(self) -> FileView:
        """The file as its desk sees it."""
        return FileView(
            self.id.hex(), self.name, self.size, self.sha256.hex(), self.state, self.have, self.chunks
        )


def seal_key(storage_key: bytes, file: FileKey) -> bytes:
    """A file's key as it is kept."""
    return seal_at_rest(storage_key, _place(file.id), file.key)


def add(db: sqlite3.Connection, one: Held) -> bool:
    """Keep a new file; False when one of this identifier is here already."""
    return bool(
        db.execute(
            f"INSERT OR IGNORE INTO office_files ({_COLUMNS}) VALUES (?,?,?,?,?,?,?,?,?,?,?)", one
        ).rowcount
    )


def find(db: sqlite3.Connection, file_id: bytes) -> Held | None:
    row = db.execute(f"SELECT {_COLUMNS} FROM office_files WHERE id=?", (file_id,)).fetchone()
    return Held(*row) if row else None


def in_state(db: sqlite3.Connection, *states: str) -> list[Held]:
    marks = ",".join("?" * len(states))
    rows = db.execute(
        f"SELECT {_COLUMNS} FROM office_files WHERE state IN ({marks}) ORDER BY at_ms, id", states
    )
    return [Held(*row) for row in rows]


def of_letter(db: sqlite3.Connection, reference: str) -> list[Held]:
    rows = db.execute(
        f"SELECT {_COLUMNS} FROM office_files WHERE reference=? ORDER BY name, id", (reference,)
    )
    return [Held(*row) for row in rows]


def leave(db: sqlite3.Connection, file_id: bytes, to: Sequence[str], reference: str, ends_ms: int) -> None:
    """The letter with this file was sealed: the file follows it."""
    db.execute(
        "UPDATE office_files SET state=?, peer=?, reference=?, ends_ms=?, have=0 WHERE id=? AND state=?",
        (LEAVING, ",".join(to), reference, ends_ms, file_id, ATTACHED),
    )


def moved(db: sqlite3.Connection, file_id: bytes, have: int) -> None:
    """So many chunks are where they go; the state follows when they are all there."""
    held = find(db, file_id)
    if held is not None and have > held.have:
        state = {LEAVING: LEFT, COMING: HERE}[held.state] if have == held.chunks else held.state
        db.execute("UPDATE office_files SET have=?, state=? WHERE id=?", (have, state, file_id))


def refuse(db: sqlite3.Connection, file_id: bytes) -> None:
    """The relay does not carry this file, or no longer."""
    db.execute(
        "UPDATE office_files SET state=? WHERE id=? AND state IN (?,?)", (REFUSED, file_id, LEAVING, COMING)
    )


def bytes_of(db: sqlite3.Connection, peer: str, *states: str) -> int:
    """What the files of a sender in these states have together."""
    marks = ",".join("?" * len(states))
    row = db.execute(
        f"SELECT coalesce(sum(size), 0) FROM office_files WHERE peer=? AND state IN ({marks})",
        (peer, *states),
    ).fetchone()
    return int(row[0])


def end(db: sqlite3.Connection, now_ms: int) -> list[bytes]:
    """Forget the files whose time is over; gives those whose chunks can go."""
    rows = db.execute("DELETE FROM office_files WHERE ends_ms <= ? RETURNING id", (now_ms,)).fetchall()
    return [bytes(one) for (one,) in rows]


def _place(file_id: bytes) -> bytes:
    return b"office_files/" + file_id
