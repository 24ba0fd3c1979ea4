"""Folding a bureau's ledger again: for a rebuild, and at the start of a node whose state has the form of another version."""

import sqlite3
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

import structlog

from allpoints.ground.refusal import Refusal
from allpoints.ledger import store as ledger_store
from allpoints.ledger.stub import Item, read
from allpoints.matching.index import ExactIndex
from allpoints.node import state_form

if TYPE_CHECKING:
    from allpoints.node.bureau import Bureau

PAGE_ENTRIES = 64
TWENTIETH = 20
"""A long fold is logged so many times."""

Progress = Callable[[int, int], None]
"""``progress(done, total)``: told after every page of entries."""

log = structlog.get_logger("refolding")


def quiet(_done: int, _total: int) -> None:
    """Tell nobody."""


def fold_anew(bureau: "Bureau") -> None:
    """Fold the whole ledger at the start of a node whose state had the form of another version."""
    total = ledger_store.size(bureau.db)
    log.info("the state has the form of another version and is folded anew", entries=total)
    told = 0

    def progress(done: int, total: int) -> None:
        nonlocal told
        if done * TWENTIETH // total > told:
            told = done * TWENTIETH // total
            log.info("folding anew", done=done, total=total)

    refold_bureau(bureau, progress)
    log.info("the state is folded anew", entries=total)


def refold_bureau(bureau: "Bureau", progress: Progress = quiet) -> int:
    """Empty a bureau's state and index and fold its ledger again; returns how many entries it has."""
    try:
        folded: int = bureau.do(lambda: _refold(bureau, progress))
    except Refusal:
        bureau.reload()
        raise
    return folded


def _refold(bureau: "Bureau", progress: Progress) -> int:
    indexing, alerts = bureau.records.indexing, bureau.alerts
    sweep, silent = indexing.sweep, alerts.quiet
    # Whoever was to be told of these entries was told when they came. An earlier version of a record must not meet
    # a check that was made after it was gone.
    indexing.sweep, alerts.quiet = (lambda _postings: None), True
    bureau.index.close()
    if bureau.index.folder is not None:
        # Before the commit: segments of the old log must never be taken for those of the new one.
        ExactIndex.erase(bureau.index.folder)
    try:
        empty(bureau.db)
        bureau.following.load()
        total = 0
        for total, item in entries(bureau.db, progress):
            bureau.following.fold(item, total)
            # The index is read from its log when all is done: what waits for look-ups would fill the memory.
            bureau.index.undone()
        # What was past its retention had been erased before, and is again.
        now = bureau.clock.now()
        while bureau.life.expire(now):
            bureau.index.undone()
        state_form.settle(bureau.db, bureau.STATE_VERSION)
    finally:
        indexing.sweep, alerts.quiet = sweep, silent
    bureau.after(bureau.index.load)
    bureau.after(bureau.posts.connected.clear)
    return total


def empty(db: sqlite3.Connection) -> None:
    """Empty every table of the state."""
    tables = db.execute(
        r"SELECT name FROM sqlite_master WHERE type='table' AND name LIKE 'state\_%' ESCAPE '\'"
    ).fetchall()
    for (table,) in tables:
        db.execute(f"DELETE FROM {table}")


def entries(db: sqlite3.Connection, progress: Progress) -> Iterator[tuple[int, Item]]:
    """What stands in every place of the ledger, in order."""
    total = ledger_store.size(db)
    for first in range(1, total + 1, PAGE_ENTRIES):
        last = min(first + PAGE_ENTRIES - 1, total)
        for seq, data in enumerate(ledger_store.encoded(db, first, last), first):
            yield seq, read(data)
        progress(last, total)
