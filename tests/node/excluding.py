"""Narrowing the readers of records, and looking for what is left of them at whoever was shut out."""

import contextlib
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

from tests.node.federation import Federation
from tests.node.samples import ANNA, CARRIAGE

from allpoints.border.question import Question
from allpoints.ground.refusal import Refusal
from allpoints.node.bureau import Bureau
from allpoints.node.exclusions import ExcludedMember
from allpoints.registers import entering
from allpoints.registers.record import record_id
from allpoints.registers.searching import Query

CANARY = "Thistlewick"
"""A name that stands in no sample and no schema."""
NUMBER = "QX7700123"
WANTED: dict[str, Any] = {
    "source_ref": "THISTLE-1",
    "family_name": CANARY,
    "given_names": "Odalys",
    "sex": "F",
    "birth_date": "1981-07-09",
    "nationalities": ["XAV"],
    "documents": [{"number": NUMBER, "issuer": "XAV", "type": "passport"}],
    "status_of_person": "wanted",
    "marks": f"{CANARY} on the left arm",
}
ASKS_WANTED = Question(number=NUMBER, issuer="XAV", document_type="passport")
WORDS = (CANARY, CANARY.upper(), CANARY.casefold(), WANTED["source_ref"], NUMBER)
RECORD = record_id("persons", "XAV", WANTED["source_ref"])


def enter(federation: Federation, excluded: tuple[str, ...] = (), **fields: Any) -> bytes:
    """Enter the wanted person, or change its readers and fields."""
    raw = WANTED | fields
    return bytes.fromhex(federation.enter("XAV", raw, register="persons", excluded=excluded))


def enter_together(federation: Federation) -> None:
    """Two persons in one entry."""

    owner = federation.bureau("XAV")
    register = owner.records.register("persons")

    def act() -> None:
        writer = owner.records.writer()
        cleaned = [
            entering.clean(register, writer, raw, CARRIAGE.handling)
            for raw in (
                WANTED,
                WANTED | {"source_ref": "PLAIN-1", "family_name": "Plain", "marks": "none", "documents": []},
            )
        ]
        planned = entering.plan(owner.db, register, "XAV", cleaned, CARRIAGE)
        entering.remember(owner.db, planned)
        owner.records.seal(register, planned.ops, ())

    owner.do(act)
    federation.pump()


def settle(federation: Federation, times: int = 3) -> None:
    for _ in range(times):
        federation.tick()


def readers(federation: Federation, record: bytes = RECORD, owner: str = "XAV") -> list[ExcludedMember]:
    bureau = federation.bureau(owner)
    found: list[ExcludedMember] = bureau.do(lambda: bureau.records.readers(ANNA, record))
    return found


def holds(bureau: Bureau, record: bytes = RECORD) -> bool:
    row = bureau.db.execute("SELECT body FROM state_records WHERE record_id=?", (record,)).fetchone()
    return row is not None and row[0] is not None


def traces(bureau: Bureau, record: bytes = RECORD) -> list[str]:
    """Every way in which an officer of a bureau still finds a record, beside its tables."""
    return list(_traces(bureau, record))


def _traces(bureau: Bureau, record: bytes) -> Iterator[str]:
    queries = {
        "name": Query(name=CANARY),
        "number": Query(number=NUMBER, issuer="XAV"),
        "ref": Query(ref=str(WANTED["source_ref"])),
        "text": Query(text=CANARY, register="persons"),
        "year": Query(name="Odalys", birth_year=1981),
        "facets": Query(register="persons", filters={"sex": "F"}),
    }
    for name, query in queries.items():
        found = bureau.do(partial(bureau.records.search, ANNA, query))
        if found.results or found.more or any(one.values for one in found.facets):
            yield name
    if bureau.do(lambda: bureau.check(ANNA, ASKS_WANTED)).verdict != "clear":
        yield "check"
    with contextlib.suppress(Refusal):
        bureau.do(lambda: bureau.links.read(ANNA, record))
        yield "read"
    if any(name.startswith("persons:") for name in bureau.records.counted(ANNA)):
        yield "count"
    if any(bureau.index.index.lookup(one) for one in tokens_of(bureau, record)):
        yield "index"


def tokens_of(bureau: Bureau, record: bytes) -> Iterator[bytes]:
    """Every token under which the log of a bureau's index ever had a record."""
    for (joined,) in bureau.db.execute("SELECT tokens FROM state_index_log WHERE record_id=?", (record,)):
        yield from (joined[at : at + 16] for at in range(0, len(joined), 16))


def words_in_state(bureau: Bureau) -> set[str]:
    """The tables of the state in which any of the record's words stands."""
    db = bureau.db
    tables = [name for (name,) in db.execute("SELECT name FROM sqlite_master WHERE type='table'")]
    return {
        name
        for name in tables
        if name.startswith("state_")
        and any(word in repr(row) for row in db.execute(f"SELECT * FROM {name}") for word in WORDS)
    }


def words_on_disk(bureau: Bureau, folder: Path) -> set[str]:
    """The words that can be read in the files of a bureau, once its write-ahead log is emptied."""
    bureau.db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    data = b"".join(path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file())
    return {word for word in WORDS if word.encode() in data}
