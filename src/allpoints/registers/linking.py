"""Linking two records, taking it back, and which links are shown: all decided by what holds now, not by when it came.

A link counts while both its records are there and valid, its author owns one of them and may read both, and neither
has ended since. So every reader shows the same, in whatever order records, links and ends arrived.
"""

import sqlite3
from collections.abc import Container
from typing import NamedTuple

import msgspec

from allpoints.ground.refusal import Refusal
from allpoints.registers import exclusion_store, history, link, store
from allpoints.registers.link import End, Link, Linking, Undoing
from allpoints.registers.reading import Reader, status_at
from allpoints.registers.reasons import check_stated, stated
from allpoints.registers.store import Row

SHOWN_LIMIT = 200
"""Links of one record that are shown."""


class Between(NamedTuple):
    """What a member wants to say: which records, how they belong together, why, and in which role it says so."""

    source: bytes
    target: bytes
    relation: str
    reason: str
    by_role: str


class Shown(msgspec.Struct, frozen=True):
    """One link as a reader of ``record`` sees it: ``other`` is the record at its other end.

    ``outward`` says that ``record`` is its source. ``end`` tells that its author took it back.
    """

    link: Link
    other: Row
    outward: bool
    end: End | None


def prepare_link(
    db: sqlite3.Connection, relations: Container[str], said: Between, reader: Reader, readable: Container[int]
) -> Linking:
    """The body of the entry that links two records, sealed for none whom either leaves out.

    Raises Refusal NO-REASON, UNKNOWN-RELATION, LINK-TO-ITSELF, UNKNOWN-RECORD, RECORD-NOT-VALID, LINK-NOT-OWNER,
    LINK-EXISTS.
    """
    reason = stated(said.reason, "Records are linked")
    if said.relation not in relations:
        raise _unknown_relation(said.relation)
    if said.source == said.target:
        raise _to_itself()
    rows = [_valid(db, end, reader, readable) for end in (said.source, said.target)]
    if reader.member not in {row.owner for row in rows}:
        raise _not_owner()
    excluded = sorted({name for row in rows for name in row.excluded.split()})
    for one in link.links_of(db, said.source):
        same = (one.source, one.target, one.relation, one.author) == (*said[:3], reader.member)
        if same and link.end_of(db, one) is None and _counts(db, one, rows, reader.now_ms):
            raise Refusal("LINK-EXISTS", "These records are linked so already.", path="relation", status=409)
    return Linking(said.source, said.target, said.relation, reason, said.by_role, tuple(excluded))


def _valid(db: sqlite3.Connection, record_id: bytes, reader: Reader, readable: Container[int]) -> Row:
    rows = store.rows_of(db, [record_id])
    if not rows or rows[0].register not in readable:
        raise Refusal("UNKNOWN-RECORD", "There is no such record here.", path="record", status=404)
    status = status_at(rows[0], reader.now_ms)
    if status != store.VALID:
        raise Refusal(
            "RECORD-NOT-VALID", f"A record that is {status} is not linked.", path="record", status=409
        )
    return rows[0]


def apply_link(db: sqlite3.Connection, relations: Container[str], said: Linking, one: Link) -> None:
    """Fold a link; what its author may not say of records that are held here is refused and not kept."""
    check_stated(said.reason)
    if said.relation not in relations:
        raise _unknown_relation(said.relation)
    if said.source == said.target:
        raise _to_itself()
    rows = store.rows_of(db, [said.source, said.target])
    if len(rows) == 2:
        if one.author not in {row.owner for row in rows}:
            raise _not_owner()
        if any(one.author in row.excluded.split() for row in rows):
            raise Refusal("LINK-NOT-READER", "Its author may not read both records.", path="link", status=403)
    if not any(exclusion_store.is_kept_from(db, end, one.seq) for end in (said.source, said.target)):
        link.keep(db, one)


def left_out(db: sqlite3.Connection, one: Link) -> tuple[str, ...]:
    """Whom what is said of a link now is kept from: who may not read one of its records, then or since."""
    now = [row.excluded for row in store.rows_of(db, [one.source, one.target])]
    return tuple(sorted({name for names in (one.excluded, *now) for name in names.split()}))


def prepare_undo(db: sqlite3.Connection, link_id: bytes, member: str, reason: str, by_role: str) -> Undoing:
    """The body of the entry by which a member takes its own link back.

    Raises Refusal NO-REASON, UNKNOWN-LINK, LINK-NOT-AUTHOR, LINK-UNDONE.
    """
    reason = stated(reason, "A link is undone")
    one = link.link(db, link_id)
    if one is None:
        raise unknown_link()
    if one.author != member:
        raise Refusal(
            "LINK-NOT-AUTHOR",
            f"Only {one.author}, who linked these records, can undo it.",
            path="link",
            hint="Send it a message.",
            status=403,
        )
    if link.end_of(db, one) is not None:
        raise Refusal("LINK-UNDONE", "This link was undone already.", path="link", status=409)
    return Undoing(link_id, reason, by_role)


def apply_undo(db: sqlite3.Connection, said: Undoing, end: End) -> None:
    """Fold the end of a link, which may arrive before the link; the word of anybody but its author ends nothing."""
    check_stated(said.reason)
    one = link.link(db, said.link)
    if one is not None and one.author != end.author:
        raise Refusal("LINK-NOT-AUTHOR", f"Only {one.author} can undo its link.", path="link", status=403)
    link.keep_end(db, end)


def shown(
    db: sqlite3.Connection,
    record_id: bytes,
    reader: Reader,
    readable: Container[int],
    *,
    undone: bool = False,
) -> list[Shown]:
    """The links of a record that count now, the newest first; with those that were taken back, if they are wanted."""
    found: list[Shown] = []
    own = store.rows_of(db, [record_id])
    if not own or own[0].register not in readable:
        return found
    for one in link.links_of(db, record_id):
        outward = one.source == record_id
        rows = store.rows_of(db, [one.target if outward else one.source])
        end = link.end_of(db, one)
        if not rows or rows[0].register not in readable or (end is not None and not undone):
            continue
        if _counts(db, one, [own[0], rows[0]], reader.now_ms):
            found.append(Shown(one, rows[0], outward, end))
        if len(found) == SHOWN_LIMIT:
            break
    return found


def _counts(db: sqlite3.Connection, one: Link, rows: list[Row], now_ms: int) -> bool:
    owns = one.author in {row.owner for row in rows}
    reads = not any(one.author in row.excluded.split() for row in rows)
    there = all(status_at(row, now_ms) == store.VALID for row in rows)
    return owns and reads and there and all(history.lived_on(db, row.row, one.seq, now_ms) for row in rows)


def unknown_link() -> Refusal:
    return Refusal("UNKNOWN-LINK", "There is no such link here.", path="link", status=404)


def _unknown_relation(relation: str) -> Refusal:
    return Refusal("UNKNOWN-RELATION", f"There is no relation {relation!r}.", path="relation")


def _to_itself() -> Refusal:
    return Refusal("LINK-TO-ITSELF", "A record is not linked to itself.", path="target")


def _not_owner() -> Refusal:
    return Refusal(
        "LINK-NOT-OWNER",
        "A member links records of which at least one is its own.",
        path="source",
        hint="Tell one of their owners in a message.",
        status=403,
    )
