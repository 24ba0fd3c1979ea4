"""The border's tables: checks kept for late hits, hits with their events, and remembered false hits."""

import sqlite3
from collections.abc import Iterable, Sequence
from typing import NamedTuple

import msgspec

from allpoints.border.hit import Hit, HitAnswer, HitState, HitView, may_become
from allpoints.border.question import THINGS_LIMIT
from allpoints.ground.clock import HOUR
from allpoints.ground.refusal import Refusal

LATE_WINDOW_MS = 72 * HOUR
"""How long a check can still be found by a record that comes after it."""


EARLY_LIMIT = 1_000
EARLY_HIT_CHARACTERS = 64
"""Answers of one member that wait for their hits, and the longest identifier of one."""

ROW_TOKENS = 3
"""What nearly every check asks about: a document, its bearer, and the shape under which a range of blanks would hold it."""

TOKENS_LIMIT = ROW_TOKENS + 2 * THINGS_LIMIT
"""And further things, each by itself and by the shape of a range."""


class KeptCheck(NamedTuple):
    """A check within the window. ``pair`` stands for the traveller: document and bearer together."""

    check: str
    at_ms: int
    post: str
    verdict: str
    asked: str
    pair: bytes


SCHEMA = """
CREATE TABLE IF NOT EXISTS office_checks (
    check_id TEXT NOT NULL UNIQUE, at_ms INTEGER NOT NULL, post TEXT NOT NULL, verdict TEXT NOT NULL,
    asked TEXT NOT NULL, pair BLOB NOT NULL, first BLOB, second BLOB, third BLOB);
CREATE INDEX IF NOT EXISTS office_checks_at ON office_checks(at_ms);
CREATE INDEX IF NOT EXISTS office_checks_first ON office_checks(first) WHERE first IS NOT NULL;
CREATE INDEX IF NOT EXISTS office_checks_second ON office_checks(second) WHERE second IS NOT NULL;
CREATE INDEX IF NOT EXISTS office_checks_third ON office_checks(third) WHERE third IS NOT NULL;
CREATE TABLE IF NOT EXISTS office_check_more (
    token BLOB NOT NULL, check_id TEXT NOT NULL, PRIMARY KEY (token, check_id)) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS office_check_more_check ON office_check_more(check_id);
CREATE TABLE IF NOT EXISTS office_hits (
    hit_id TEXT PRIMARY KEY, state TEXT NOT NULL, side TEXT NOT NULL, owner TEXT NOT NULL,
    searcher TEXT NOT NULL, raised_ms INTEGER NOT NULL, deadline_ms INTEGER NOT NULL,
    body BLOB NOT NULL, answer BLOB) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS office_hits_open ON office_hits(state, deadline_ms);
CREATE TABLE IF NOT EXISTS office_hit_events (
    hit_id TEXT NOT NULL, at_ms INTEGER NOT NULL, event TEXT NOT NULL, detail TEXT NOT NULL);
CREATE INDEX IF NOT EXISTS office_hit_events_hit ON office_hit_events(hit_id);
CREATE TABLE IF NOT EXISTS office_early_answers (
    hit_id TEXT NOT NULL, by_name TEXT NOT NULL, answer BLOB NOT NULL,
    PRIMARY KEY (hit_id, by_name)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS office_dismissals (
    pair BLOB NOT NULL, record_id BLOB NOT NULL, version INTEGER NOT NULL, at_ms INTEGER NOT NULL,
    PRIMARY KEY (pair, record_id)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS office_check_journals (name TEXT PRIMARY KEY, taken INTEGER NOT NULL) WITHOUT ROWID;
"""

_KEPT = "check_id, at_ms, post, verdict, asked, pair"

OPEN_STATES = (HitState.RAISED, HitState.NOTIFIED, HitState.EXPIRED)


def keep_check(db: sqlite3.Connection, check: KeptCheck, tokens: Iterable[bytes]) -> bool:
    """Remember a check and what it was about; False when it is already known (a post told it twice).

    The first three tokens stand in the check's own row: a border writes far more checks than it looks up.
    """
    asked = list(dict.fromkeys(tokens))
    if len(asked) > TOKENS_LIMIT:
        raise Refusal("CHECK-TOKENS", f"A check has at most {TOKENS_LIMIT} identifiers.")
    first, more = asked[:ROW_TOKENS], asked[ROW_TOKENS:]
    padded = (*first, *[None] * (ROW_TOKENS - len(first)))
    made = db.execute("INSERT OR IGNORE INTO office_checks VALUES (?,?,?,?,?,?,?,?,?)", (*check, *padded))
    if made.rowcount and more:
        db.executemany("INSERT INTO office_check_more VALUES (?,?)", [(one, check.check) for one in more])
    return bool(made.rowcount)


def kept_check(db: sqlite3.Connection, check: str) -> KeptCheck | None:
    row = db.execute(f"SELECT {_KEPT} FROM office_checks WHERE check_id=?", (check,)).fetchone()
    return KeptCheck(*row) if row else None


def earlier_checks(
    db: sqlite3.Connection, tokens: Sequence[bytes], since_ms: int
) -> list[tuple[KeptCheck, bytes]]:
    """Checks since then that asked about any of ``tokens``, each with the token that it asked about."""
    if not tokens:
        return []
    marks = ",".join("?" * len(tokens))
    found = " UNION ALL ".join(
        f"SELECT {_KEPT}, {column} FROM office_checks WHERE {column} IN ({marks}) AND at_ms >= ?"
        for column in ("first", "second", "third")
    )
    found += (
        f" UNION ALL SELECT {_KEPT}, token FROM office_check_more JOIN office_checks USING (check_id)"
        f" WHERE token IN ({marks}) AND at_ms >= ?"
    )
    rows = db.execute(
        f"{found} ORDER BY at_ms, post, asked, check_id", (*tokens, since_ms) * (ROW_TOKENS + 1)
    ).fetchall()
    return [(KeptCheck(*row[:6]), row[6]) for row in rows]


def any_checks(db: sqlite3.Connection, since_ms: int) -> bool:
    row = db.execute("SELECT 1 FROM office_checks WHERE at_ms >= ? LIMIT 1", (since_ms,)).fetchone()
    return row is not None


def forget_checks(db: sqlite3.Connection, before_ms: int) -> int:
    """Drop what is out of the window: the audit log alone remembers who asked what for longer."""
    db.execute(
        "DELETE FROM office_check_more WHERE check_id IN (SELECT check_id FROM office_checks WHERE at_ms < ?)",
        (before_ms,),
    )
    return db.execute("DELETE FROM office_checks WHERE at_ms < ?", (before_ms,)).rowcount


def add_hit(db: sqlite3.Connection, hit: Hit, side: str, at_ms: int) -> bool:
    """Keep a hit as ``side`` (owner, searcher, both or centre) knows it; False when it is already there."""
    made = db.execute(
        "INSERT OR IGNORE INTO office_hits VALUES (?,?,?,?,?,?,?,?,NULL)",
        (
            hit.hit,
            HitState.RAISED,
            side,
            hit.owner,
            hit.searcher,
            hit.raised_ms,
            hit.deadline_ms,
            msgspec.msgpack.encode(hit),
        ),
    ).rowcount
    if not made:
        return False
    _event(db, hit.hit, at_ms, HitState.RAISED, hit.post or hit.searcher)
    early = db.execute(
        "SELECT answer FROM office_early_answers WHERE hit_id=? AND by_name=?", (hit.hit, hit.owner)
    ).fetchone()
    db.execute("DELETE FROM office_early_answers WHERE hit_id=?", (hit.hit,))
    if early is not None:
        settle(db, msgspec.msgpack.decode(early[0], type=HitAnswer), at_ms)
    return True


def notify(db: sqlite3.Connection, hit: str, whom: str, at_ms: int) -> bool:
    """The owner's node has the hit on its disk."""
    return _move(db, hit, HitState.NOTIFIED, at_ms, whom)


def settle(db: sqlite3.Connection, answer: HitAnswer, at_ms: int) -> bool:
    """Apply the owner's answer; kept for later when the hit itself has not arrived yet."""
    known = db.execute("SELECT 1 FROM office_hits WHERE hit_id=?", (answer.hit,)).fetchone()
    if known is None:
        _check_early(db, answer)
        db.execute(
            "INSERT OR IGNORE INTO office_early_answers VALUES (?,?,?)",
            (answer.hit, answer.by, msgspec.msgpack.encode(answer)),
        )
        return False
    if not _move(db, answer.hit, answer.state, at_ms, answer.reason):
        return False
    db.execute("UPDATE office_hits SET answer=? WHERE hit_id=?", (msgspec.msgpack.encode(answer), answer.hit))
    return True


def _check_early(db: sqlite3.Connection, answer: HitAnswer) -> None:
    """Answers overtake their hits rarely; a member that sends many about hits nobody raised is not believed."""
    waiting = db.execute(
        "SELECT count(*) FROM office_early_answers WHERE by_name=?", (answer.by,)
    ).fetchone()[0]
    if len(answer.hit) > EARLY_HIT_CHARACTERS or waiting >= EARLY_LIMIT:
        raise Refusal("HIT-UNKNOWN", "There is no such hit here.", path="hit", status=404)


def overdue(db: sqlite3.Connection, now_ms: int) -> list[HitView]:
    """Mark hits whose owner let the clock run out, and return them."""
    rows = db.execute(
        "SELECT hit_id FROM office_hits WHERE state IN (?,?) AND deadline_ms < ?",
        (HitState.RAISED, HitState.NOTIFIED, now_ms),
    ).fetchall()
    late = []
    for (hit,) in rows:
        _move(db, hit, HitState.EXPIRED, now_ms, "no answer in time")
        view = read_hit(db, hit)
        if view is not None:
            late.append(view)
    return late


def _move(db: sqlite3.Connection, hit: str, then: HitState, at_ms: int, detail: str) -> bool:
    row = db.execute("SELECT state FROM office_hits WHERE hit_id=?", (hit,)).fetchone()
    if row is None or not may_become(HitState(row[0]), then):
        return False
    db.execute("UPDATE office_hits SET state=? WHERE hit_id=?", (then, hit))
    _event(db, hit, at_ms, then, detail)
    return True


def _event(db: sqlite3.Connection, hit: str, at_ms: int, event: str, detail: str) -> None:
    db.execute("INSERT INTO office_hit_events VALUES (?,?,?,?)", (hit, at_ms, event, detail))


_VIEW = "SELECT hit_id, state, side, body, answer FROM office_hits"


def _view(db: sqlite3.Connection, row: tuple[str, str, str, bytes, bytes | None]) -> HitView:
    hit, state, side, body, answer = row
    events = db.execute(
        "SELECT at_ms, event, detail FROM office_hit_events WHERE hit_id=? ORDER BY rowid", (hit,)
    ).fetchall()
    return HitView(
        msgspec.msgpack.decode(body, type=Hit),
        HitState(state),
        side,
        msgspec.msgpack.decode(answer, type=HitAnswer) if answer else None,
        tuple(events),
    )


def read_hit(db: sqlite3.Connection, hit: str) -> HitView | None:
    row = db.execute(_VIEW + " WHERE hit_id=?", (hit,)).fetchone()
    return _view(db, row) if row else None


def list_hits(db: sqlite3.Connection, *, only_open: bool = False, limit: int = 200) -> list[HitView]:
    """Newest first; ``only_open`` leaves out what has been answered."""
    where = " WHERE state IN (?,?,?)" if only_open else ""
    values = OPEN_STATES if only_open else ()
    rows = db.execute(_VIEW + where + " ORDER BY raised_ms DESC, hit_id LIMIT ?", (*values, limit)).fetchall()
    return [_view(db, row) for row in rows]


def open_count(db: sqlite3.Connection) -> int:
    """How many hits wait for an answer."""
    row = db.execute("SELECT count(*) FROM office_hits WHERE state IN (?,?,?)", OPEN_STATES).fetchone()
    return int(row[0])


def dismiss(db: sqlite3.Connection, pair: bytes, record_id: bytes, version: int, at_ms: int) -> None:
    """Remember that this traveller is not this record, as long as the record stays as it is."""
    # Answers come in any order: what an earlier version was refuted for must not undo what a later one was.
    db.execute(
        "INSERT INTO office_dismissals VALUES (?1,?2,?3,?4) ON CONFLICT DO UPDATE"
        " SET version=?3, at_ms=?4 WHERE version < ?3",
        (pair, record_id, version, at_ms),
    )


def is_dismissed(db: sqlite3.Connection, pair: bytes, record_id: bytes, version: int) -> bool:
    row = db.execute(
        "SELECT 1 FROM office_dismissals WHERE pair=? AND record_id=? AND version>=?",
        (pair, record_id, version),
    ).fetchone()
    return row is not None


def dismissals(db: sqlite3.Connection) -> list[tuple[bytes, bytes, int]]:
    return db.execute("SELECT pair, record_id, version FROM office_dismissals ORDER BY at_ms").fetchall()
