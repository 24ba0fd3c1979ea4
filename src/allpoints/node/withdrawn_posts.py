"""Posts that their bureau has withdrawn: nothing that they sign counts, and whoever calls as one is told to forget all."""

import sqlite3

import msgspec

from allpoints.ground.refusal import Refusal
from allpoints.identity.certificate import Certificate
from allpoints.node import frames
from allpoints.node.engine import Engine

SCHEMA = """
CREATE TABLE IF NOT EXISTS office_withdrawn_posts (
    name TEXT PRIMARY KEY, certificate BLOB NOT NULL, withdrawn_ms INTEGER NOT NULL,
    wiped_ms INTEGER NOT NULL DEFAULT 0) WITHOUT ROWID;
"""
WORD = 0
"""The number of the only word that such a post is told; all others are counted from 1."""


class WithdrawnPost(msgspec.Struct, frozen=True):
    """A withdrawn post; ``wiped_ms`` is 0 until it said that its extract is gone."""

    name: str
    label: str
    withdrawn_ms: int
    wiped_ms: int
    not_after_ms: int


class WithdrawnPosts:
    """What a bureau remembers of them until their certificates have ended."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine

    @property
    def db(self) -> sqlite3.Connection:
        return self.engine.db

    def withdraw(self, name: str, now_ms: int) -> None:
        """Let a post's certificate count no more from now on; refuses one that there is not (POST-UNKNOWN)."""
        row = self.db.execute("SELECT certificate FROM office_posts WHERE name=?", (name,)).fetchone()
        if row is None:
            raise Refusal("POST-UNKNOWN", f"{name} is no post of this bureau.", path="post", status=404)
        self._sweep(now_ms)
        self.db.execute(
            "INSERT OR REPLACE INTO office_withdrawn_posts VALUES (?,?,?,0)", (name, row[0], now_ms)
        )
        self.db.execute("DELETE FROM office_posts WHERE name=?", (name,))
        self.db.execute("DELETE FROM office_post_words WHERE post=?", (name,))
        self.engine.send(name, self._word())

    def knows(self, certificate: Certificate) -> bool:
        """Whether exactly this certificate was withdrawn: who calls with it is told so, and nothing else."""
        row = self.db.execute(
            "SELECT certificate FROM office_withdrawn_posts WHERE name=?", (certificate.subject,)
        ).fetchone()
        return row is not None and row[0] == certificate.to_bytes()

    def receive(self, post: str, frame: frames.AnyFrame) -> bool:
        """Answer a withdrawn post's frame, whatever it is; False for a post that is not withdrawn."""
        now = self.engine.clock.now()
        if not self.db.execute("SELECT 1 FROM office_withdrawn_posts WHERE name=?", (post,)).fetchone():
            return False
        if isinstance(frame, frames.Heard) and WORD in frame.numbers:
            self.db.execute(
                "UPDATE office_withdrawn_posts SET wiped_ms=? WHERE name=? AND wiped_ms=0", (now, post)
            )
        else:
            self.engine.send(post, self._word())
        return True

    def _word(self) -> bytes:
        return frames.encode(frames.Word(WORD, frames.encode(frames.Withdrawn())))

    def admitted_again(self, name: str) -> None:
        self.db.execute("DELETE FROM office_withdrawn_posts WHERE name=?", (name,))

    def list_(self) -> list[WithdrawnPost]:
        rows = self.db.execute(
            "SELECT certificate, withdrawn_ms, wiped_ms FROM office_withdrawn_posts ORDER BY name"
        ).fetchall()
        found = [(Certificate.from_bytes(data), *times) for data, *times in rows]
        return [
            WithdrawnPost(one.subject, one.label, at, wiped, one.not_after_ms) for one, at, wiped in found
        ]

    def _sweep(self, now_ms: int) -> None:
        """Forget those whose certificates have ended: nobody can call as one any more."""
        gone = [(one.name,) for one in self.list_() if one.not_after_ms <= now_ms]
        self.db.executemany("DELETE FROM office_withdrawn_posts WHERE name=?", gone)
