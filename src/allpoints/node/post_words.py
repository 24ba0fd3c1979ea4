"""What a bureau has to tell its posts, kept until the post says that it has it on its disk."""

import sqlite3

from allpoints.ground.clock import SECOND
from allpoints.node import frames
from allpoints.node.engine import Engine

RETRY_MS = 3 * SECOND
AT_ONCE = 64

SCHEMA = """
CREATE TABLE IF NOT EXISTS office_post_words (
    number INTEGER PRIMARY KEY AUTOINCREMENT, post TEXT NOT NULL, about TEXT NOT NULL, frame BLOB NOT NULL,
    UNIQUE (post, about));
"""


class PostWords:
    """One bureau's words to its posts; a later word about the same thing takes the place of an earlier one."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self._sent_ms: dict[int, int] = {}

    @property
    def db(self) -> sqlite3.Connection:
        return self.engine.db

    def keep(self, post: str, about: str, frame: frames.Frame) -> None:
        """Keep a word for a post and say it after the commit."""
        self.db.execute(
            "INSERT OR REPLACE INTO office_post_words (post, about, frame) VALUES (?,?,?)",
            (post, about, frames.encode(frame)),
        )
        self.engine.after(lambda: self.say(post))

    def say(self, post: str, *, again: bool = False) -> None:
        """Send the oldest words that were not sent lately; ``again``: the line is new, nothing counts as sent."""
        now = self.engine.clock.now()
        rows = self.db.execute(
            "SELECT number, frame FROM office_post_words WHERE post=? ORDER BY number LIMIT ?",
            (post, AT_ONCE),
        ).fetchall()
        for number, data in rows:
            if again or not 0 <= now - self._sent_ms.get(number, -RETRY_MS) < RETRY_MS:
                self._sent_ms[number] = now
                self.engine.carrier.send(post, frames.encode(frames.Word(number, data)))

    def heard(self, post: str, numbers: list[int]) -> None:
        """The post has these on its disk."""
        self.db.executemany(
            "DELETE FROM office_post_words WHERE post=? AND number=?", [(post, one) for one in numbers]
        )
        for one in numbers:
            self._sent_ms.pop(one, None)
        self.engine.after(lambda: self.say(post))
