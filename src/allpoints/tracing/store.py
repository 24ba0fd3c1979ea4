"""The tables of traces: those of this node's own, those it was asked about, and at the centre those that wait."""

import sqlite3

import msgspec

from allpoints.ground.clock import DAY
from allpoints.ground.refusal import Refusal
from allpoints.tracing.hearing import at_centre, supersedes
from allpoints.tracing.trace import RUNNING, Overdue, Side, Trace, TraceState, TraceView, Withdrawn

LIST_LIMIT = 200
OPEN_LIMIT = 1_000
"""Unanswered questions, and early withdrawals, of one member; who asks more is not believed."""
DUE_LIMIT = 200
"""Clocks that run out in one tick; the others wait a second."""
KEPT_MS = 5 * 365 * DAY
"""How long a trace that has ended is kept: holders may be persons."""

SCHEMA = """
CREATE TABLE IF NOT EXISTS office_traces (
    trace TEXT PRIMARY KEY, side TEXT NOT NULL, requester TEXT NOT NULL, state TEXT NOT NULL,
    waits INTEGER NOT NULL, started_ms INTEGER NOT NULL, clock_ms INTEGER NOT NULL, ended_ms INTEGER NOT NULL,
    body BLOB NOT NULL) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS office_traces_clock ON office_traces(clock_ms) WHERE clock_ms > 0;
CREATE INDEX IF NOT EXISTS office_traces_waits ON office_traces(waits) WHERE waits = 1;
CREATE INDEX IF NOT EXISTS office_traces_state ON office_traces(state, started_ms);
CREATE TABLE IF NOT EXISTS office_trace_ends (
    trace TEXT PRIMARY KEY, requester TEXT NOT NULL, at_ms INTEGER NOT NULL, body BLOB NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS office_trace_overdue (
    trace TEXT NOT NULL, country TEXT NOT NULL, requester TEXT NOT NULL, state TEXT NOT NULL, at_ms INTEGER NOT NULL,
    body BLOB NOT NULL, PRIMARY KEY (trace, country)) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS office_trace_overdue_requester ON office_trace_overdue(requester, state);
"""

_encode = msgspec.msgpack.encode


def put(db: sqlite3.Connection, side: Side, trace: Trace) -> None:
    """Keep a trace as it stands now."""
    db.execute(
        "INSERT OR REPLACE INTO office_traces VALUES (?,?,?,?,?,?,?,?,?)",
        (
            trace.trace,
            side,
            trace.requester,
            trace.state,
            waits_here(TraceView(side, trace)),
            trace.started_ms,
            trace.clock_ms,
            trace.ended_ms,
            _encode(trace),
        ),
    )


def read(db: sqlite3.Connection, trace: str) -> TraceView | None:
    """A trace as this node knows it."""
    row = db.execute("SELECT side, body FROM office_traces WHERE trace=?", (trace,)).fetchone()
    if row is not None:
        return _view(*row)
    told = [_overdue(body) for (body,) in db.execute(_TOLD + " WHERE trace=?", (trace,))]
    return TraceView(Side.CENTRE, at_centre(told)) if told else None


def list_traces(db: sqlite3.Connection, *, only_open: bool, limit: int = LIST_LIMIT) -> list[TraceView]:
    """Newest first; ``only_open`` leaves out what has ended or was answered here."""
    where = " WHERE state IN (?,?,?,?) AND NOT (side='asked' AND state='answered')" if only_open else ""
    rows = db.execute(
        f"SELECT side, body FROM office_traces{where} ORDER BY started_ms DESC, trace LIMIT ?",
        (*(RUNNING if only_open else ()), limit),
    )
    found = [_view(*row) for row in rows] + _at_centre(db, only_open=only_open, limit=limit)
    return sorted(found, key=lambda one: (-one.trace.started_ms, one.trace.trace))[:limit]


def _at_centre(db: sqlite3.Connection, *, only_open: bool, limit: int) -> list[TraceView]:
    wanted = "SELECT DISTINCT trace FROM office_trace_overdue"
    where = f"{wanted} WHERE state='overdue'" if only_open else wanted
    by_trace: dict[str, list[Overdue]] = {}
    for (body,) in db.execute(
        f"{_TOLD} WHERE trace IN ({where} ORDER BY at_ms DESC LIMIT ?) ORDER BY trace", (limit,)
    ):
        one = _overdue(body)
        by_trace.setdefault(one.trace, []).append(one)
    return [TraceView(Side.CENTRE, at_centre(told)) for told in by_trace.values()]


_TOLD = "SELECT body FROM office_trace_overdue"


def _overdue(body: bytes) -> Overdue:
    return msgspec.msgpack.decode(body, type=Overdue)


def _view(side: str, body: bytes) -> TraceView:
    return TraceView(Side(side), msgspec.msgpack.decode(body, type=Trace))


def due(db: sqlite3.Connection, now_ms: int) -> list[TraceView]:
    """Traces whose clock has run out, the longest first."""
    rows = db.execute(
        "SELECT side, body FROM office_traces WHERE clock_ms > 0 AND clock_ms <= ? ORDER BY clock_ms LIMIT ?",
        (now_ms, DUE_LIMIT),
    ).fetchall()
    return [_view(*row) for row in rows]


def waiting_count(db: sqlite3.Connection) -> int:
    """How many traces wait for this node's own desk: questions to answer, and decisions to take."""
    (count,) = db.execute("SELECT count(*) FROM office_traces WHERE waits = 1").fetchone()
    return int(count)


def waits_here(view: TraceView) -> bool:
    """Whether it is this node's own desk that must act."""
    trace, step = view.trace, view.trace.current
    if view.side is Side.ASKED:
        return trace.state in {TraceState.AWAITING, TraceState.OVERDUE}
    if view.side is Side.CENTRE or step is None:
        return trace.running
    return trace.running and (trace.state is not TraceState.AWAITING or step.country == trace.requester)


def check_room(db: sqlite3.Connection, requester: str) -> None:
    """Refuse a member's question when too many of its others are not answered yet."""
    (waiting,) = db.execute(
        "SELECT count(*) FROM office_traces WHERE side='asked' AND requester=? AND state IN (?,?)",
        (requester, TraceState.AWAITING, TraceState.OVERDUE),
    ).fetchone()
    if waiting >= OPEN_LIMIT:
        raise _too_many()


def _too_many() -> Refusal:
    return Refusal("TRACE-TOO-MANY", "Too many traces of this member are open here.", status=429)


def keep_end(db: sqlite3.Connection, told: Withdrawn, requester: str, at_ms: int) -> None:
    """A withdrawal that overtook its question waits for it."""
    (waiting,) = db.execute(
        "SELECT count(*) FROM office_trace_ends WHERE requester=?", (requester,)
    ).fetchone()
    if waiting >= OPEN_LIMIT:
        raise Refusal("TRACE-UNKNOWN", "There is no such trace here.", path="trace", status=404)
    db.execute(
        "INSERT OR IGNORE INTO office_trace_ends VALUES (?,?,?,?)",
        (told.trace, requester, at_ms, _encode(told)),
    )


def take_end(db: sqlite3.Connection, trace: str) -> Withdrawn | None:
    """The withdrawal that waits for this question."""
    row = db.execute("DELETE FROM office_trace_ends WHERE trace=? RETURNING body", (trace,)).fetchone()
    return msgspec.msgpack.decode(row[0], type=Withdrawn) if row else None


def note_overdue(db: sqlite3.Connection, told: Overdue, at_ms: int) -> bool:
    """Keep what the centre is told, unless more is known already."""
    row = db.execute(_TOLD + " WHERE trace=? AND country=?", (told.trace, told.country)).fetchone()
    if row is not None and not supersedes(told, _overdue(row[0])):
        return False
    requester = told.trace.partition("-")[0]
    (silent,) = db.execute(
        "SELECT count(*) FROM office_trace_overdue WHERE requester=? AND state=?",
        (requester, TraceState.OVERDUE),
    ).fetchone()
    if row is None and silent >= OPEN_LIMIT:
        raise _too_many()
    db.execute(
        "INSERT OR REPLACE INTO office_trace_overdue VALUES (?,?,?,?,?,?)",
        (told.trace, told.country, requester, told.state, at_ms, _encode(told)),
    )
    return True


def forget(db: sqlite3.Connection, now_ms: int) -> None:
    """Erase traces that ended long ago, or were asked long ago and never answered."""
    before = now_ms - KEPT_MS
    db.execute("DELETE FROM office_traces WHERE clock_ms=0 AND max(started_ms, ended_ms) < ?", (before,))
    db.execute("DELETE FROM office_trace_ends WHERE at_ms < ?", (before,))
    db.execute("DELETE FROM office_trace_overdue WHERE at_ms < ?", (before,))
