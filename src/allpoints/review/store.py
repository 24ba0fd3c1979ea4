"""The review's tables. Screenings, decisions, waivers and notes of protection can be added and nothing else."""

import sqlite3
from typing import Any

import msgspec

from allpoints.ground.refusal import Refusal
from allpoints.review.case import Case, CaseState, Decision, Protection, ProtectionNote, Waiver
from allpoints.review.gates import Finding
from allpoints.review.request import Request

_APPEND_ONLY = {
    "office_review_screenings": ("case_id", "round"),
    "office_review_decisions": ("case_id", "number"),
    "office_review_waivers": ("case_id", "round", "gate"),
    "office_review_protection": ("case_id", "number"),
}


def _guards(table: str, key: tuple[str, ...]) -> str:
    """Triggers that refuse any change; the one on insert also stops a REPLACE, which fires no delete trigger."""
    same = " AND ".join(f"{column}=NEW.{column}" for column in key)
    stop = f"BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END;"
    return (
        f"CREATE TRIGGER IF NOT EXISTS {table}_kept BEFORE UPDATE ON {table} {stop}\n"
        f"CREATE TRIGGER IF NOT EXISTS {table}_stays BEFORE DELETE ON {table} {stop}\n"
        f"CREATE TRIGGER IF NOT EXISTS {table}_once BEFORE INSERT ON {table}"
        f" WHEN EXISTS (SELECT 1 FROM {table} WHERE {same}) {stop}\n"
    )


SCHEMA = """
CREATE TABLE IF NOT EXISTS office_reviews (
    id TEXT PRIMARY KEY, kind TEXT NOT NULL, owner TEXT NOT NULL, owner_ref TEXT NOT NULL, revision INTEGER NOT NULL,
    round INTEGER NOT NULL, state TEXT NOT NULL, urgent INTEGER NOT NULL, received_ms INTEGER NOT NULL,
    due_ms INTEGER NOT NULL, changed_ms INTEGER NOT NULL, rule_version TEXT NOT NULL, digest TEXT NOT NULL,
    codes BLOB NOT NULL) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS office_reviews_due ON office_reviews(state, due_ms);
CREATE TABLE IF NOT EXISTS office_review_screenings (
    case_id TEXT NOT NULL, round INTEGER NOT NULL, rule_version TEXT NOT NULL, at_ms INTEGER NOT NULL,
    request BLOB NOT NULL, findings BLOB NOT NULL, PRIMARY KEY (case_id, round)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS office_review_decisions (
    case_id TEXT NOT NULL, number INTEGER NOT NULL, round INTEGER NOT NULL, reviewer TEXT NOT NULL,
    verdict TEXT NOT NULL, codes BLOB NOT NULL, text TEXT NOT NULL, at_ms INTEGER NOT NULL,
    rule_version TEXT NOT NULL, PRIMARY KEY (case_id, number)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS office_review_waivers (
    case_id TEXT NOT NULL, round INTEGER NOT NULL, gate TEXT NOT NULL, officer TEXT NOT NULL, why TEXT NOT NULL,
    at_ms INTEGER NOT NULL, rule_version TEXT NOT NULL, PRIMARY KEY (case_id, round, gate)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS office_review_protection (
    case_id TEXT NOT NULL, number INTEGER NOT NULL, officer TEXT NOT NULL, at_ms INTEGER NOT NULL,
    protection BLOB NOT NULL, PRIMARY KEY (case_id, number)) WITHOUT ROWID;
""" + "".join(_guards(table, key) for table, key in _APPEND_ONLY.items())

_CASE = ", ".join(Case.__struct_fields__)
_DECISION = ", ".join(Decision.__struct_fields__)
_WAIVER = ", ".join(Waiver.__struct_fields__)


def keep_case(db: sqlite3.Connection, case: Case) -> None:
    values = msgspec.structs.asdict(case) | {
        "state": case.state.value,
        "codes": msgspec.msgpack.encode(case.codes),
    }
    marks = ",".join("?" * len(values))
    db.execute(f"INSERT OR REPLACE INTO office_reviews ({_CASE}) VALUES ({marks})", tuple(values.values()))


def _case(row: tuple[Any, ...]) -> Case:
    values = dict(zip(Case.__struct_fields__, row, strict=True))
    values["codes"] = msgspec.msgpack.decode(values["codes"])
    values["urgent"] = bool(values["urgent"])
    return msgspec.convert(values, Case)


def find_case(db: sqlite3.Connection, case_id: str) -> Case | None:
    row = db.execute(f"SELECT {_CASE} FROM office_reviews WHERE id=?", (case_id,)).fetchone()
    return _case(row) if row else None


def known_case(db: sqlite3.Connection, case_id: str) -> Case:
    """Refuses REVIEW-UNKNOWN."""
    case = find_case(db, case_id)
    if case is None:
        raise Refusal("REVIEW-UNKNOWN", "There is no such case.", path="case", status=404)
    return case


def cases_in(db: sqlite3.Connection, states: tuple[CaseState, ...], limit: int) -> list[Case]:
    """Cases in these states, the first due first; among equals the first received."""
    marks = ",".join("?" * len(states))
    rows = db.execute(
        f"SELECT {_CASE} FROM office_reviews WHERE state IN ({marks}) ORDER BY due_ms, received_ms, id LIMIT ?",
        (*(one.value for one in states), limit),
    )
    return [_case(row) for row in rows]


def add_screening(
    db: sqlite3.Connection, case: Case, request: Request, findings: tuple[Finding, ...], now_ms: int
) -> None:
    encode = msgspec.msgpack.encode
    db.execute(
        "INSERT INTO office_review_screenings VALUES (?,?,?,?,?,?)",
        (case.id, case.round, case.rule_version, now_ms, encode(request), encode(findings)),
    )


def request_of(db: sqlite3.Connection, case_id: str, in_round: int) -> Request:
    (data,) = db.execute(
        "SELECT request FROM office_review_screenings WHERE case_id=? AND round=?", (case_id, in_round)
    ).fetchone()
    return msgspec.msgpack.decode(data, type=Request)


def findings_of(db: sqlite3.Connection, case_id: str, in_round: int) -> tuple[Finding, ...]:
    (data,) = db.execute(
        "SELECT findings FROM office_review_screenings WHERE case_id=? AND round=?", (case_id, in_round)
    ).fetchone()
    return msgspec.msgpack.decode(data, type=tuple[Finding, ...])


def add_decision(db: sqlite3.Connection, decision: Decision) -> None:
    values = msgspec.structs.asdict(decision) | {"codes": msgspec.msgpack.encode(decision.codes)}
    marks = ",".join("?" * len(values))
    db.execute(f"INSERT INTO office_review_decisions ({_DECISION}) VALUES ({marks})", tuple(values.values()))


def decisions(db: sqlite3.Connection, case_id: str) -> list[Decision]:
    """All decisions of a case, oldest first."""
    rows = db.execute(
        f"SELECT {_DECISION} FROM office_review_decisions WHERE case_id=? ORDER BY number", (case_id,)
    )
    found = []
    for row in rows:
        values = dict(zip(Decision.__struct_fields__, row, strict=True))
        values["codes"] = msgspec.msgpack.decode(values["codes"])
        found.append(msgspec.convert(values, Decision))
    return found


def add_waiver(db: sqlite3.Connection, waiver: Waiver) -> None:
    values = msgspec.structs.astuple(waiver)
    marks = ",".join("?" * len(values))
    db.execute(f"INSERT INTO office_review_waivers ({_WAIVER}) VALUES ({marks})", values)


def waivers(db: sqlite3.Connection, case_id: str, in_round: int) -> list[Waiver]:
    rows = db.execute(
        f"SELECT {_WAIVER} FROM office_review_waivers WHERE case_id=? AND round=? ORDER BY gate",
        (case_id, in_round),
    )
    return [Waiver(*row) for row in rows]


def add_protection(db: sqlite3.Connection, note: ProtectionNote) -> None:
    data = msgspec.msgpack.encode(note.protection)
    db.execute(
        "INSERT INTO office_review_protection VALUES (?,?,?,?,?)",
        (note.case_id, note.number, note.officer, note.at_ms, data),
    )


def protection_notes(db: sqlite3.Connection, case_id: str) -> list[ProtectionNote]:
    rows = db.execute(
        "SELECT number, officer, at_ms, protection FROM office_review_protection WHERE case_id=? ORDER BY number",
        (case_id,),
    )
    return [
        ProtectionNote(case_id, number, officer, at_ms, msgspec.msgpack.decode(data, type=Protection))
        for number, officer, at_ms, data in rows
    ]
