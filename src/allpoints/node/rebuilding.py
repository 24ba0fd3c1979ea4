"""Rebuilding: drop what was folded from the ledger and fold all of it again. What officers did stays.

State is a fold of the ledger and of nothing else, so dropping it loses nothing. The whole rebuild is one
transaction: a node that is killed in the middle starts with the state that it had.
"""

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing

from allpoints.ground.clock import SystemClock
from allpoints.ground.disk import FolderDisk
from allpoints.ground.refusal import Refusal
from allpoints.ledger import store as ledger_store
from allpoints.ledger.entry import Entry, parse
from allpoints.matching.index import ExactIndex
from allpoints.node import membership, setting_up
from allpoints.node.bureau import Bureau
from allpoints.node.relay import Relay
from allpoints.node.settings import Settings
from allpoints.vocabulary.loading import load

PAGE_ENTRIES = 64

Progress = Callable[[int, int], None]
"""``progress(done, total)``: told after every page of entries."""


class _Nowhere:
    """The carrier of a node that talks to nobody."""

    def send(self, peer: str, frame: bytes) -> None:
        """Lose the frame, as a line that is down does."""


def rebuild(settings: Settings, progress: Progress = lambda _done, _total: None) -> int:
    """Rebuild the stopped node of a folder, and the relay beside the secretariat's desk; returns the entries folded."""
    me = setting_up.credentials(settings)
    if me.role == "post":
        raise Refusal(
            "REBUILD-POST",
            "A post folds no ledger.",
            hint="Its bureau sends the extract again when the post connects.",
            status=409,
        )
    clock, carrier, disk = SystemClock(), _Nowhere(), FolderDisk(settings.folder)
    with closing(Bureau(disk, clock, carrier, me, load(settings.vocabulary_folders))) as desk:
        folded = refold(desk, progress)
    if me.is_secretariat:
        relay_disk = FolderDisk(settings.folder / setting_up.RELAY_FOLDER)
        relay_me = setting_up.relay_credentials(settings, me.certificate)
        with closing(Relay(relay_disk, clock, carrier, relay_me)) as relay:
            refold(relay)
    return folded


def refold(node: Bureau | Relay, progress: Progress = lambda _done, _total: None) -> int:
    """Empty every ``state_*`` table and the index, fold the ledger again, and return how many entries it has.

    For a node that talks to nobody at the time. Raises the Refusal of an entry that cannot be read, and then
    nothing has changed: run ``allpoints verify``.
    """

    def work() -> int:
        return _refold_bureau(node, progress) if isinstance(node, Bureau) else _refold_relay(node, progress)

    try:
        folded: int = node.do(work)
    except Refusal:
        node.reload()
        raise
    return folded


def _refold_bureau(bureau: Bureau, progress: Progress) -> int:
    records, alerts = bureau.records, bureau.alerts
    sweep, quiet = records.sweep, alerts.quiet
    # Whoever was to be told of these entries was told when they came. An earlier version of a record must not meet
    # a check that was made after it was gone.
    records.sweep, alerts.quiet = (lambda _postings: None), True
    bureau.index.close()
    if bureau.index.folder is not None:
        # Before the commit: segments of the old log must never be taken for those of the new one.
        ExactIndex.erase(bureau.index.folder)
    try:
        _empty(bureau.db)
        bureau.following.load()
        total = 0
        for total, entry in _entries(bureau.db, progress):
            bureau.following.fold(entry, total)
            # The index is read from its log when all is done: what waits for look-ups would fill the memory.
            bureau.index.undone()
    finally:
        records.sweep, alerts.quiet = sweep, quiet
    bureau.after(bureau.index.load)
    bureau.after(bureau.posts.connected.clear)
    return total


def _refold_relay(relay: Relay, progress: Progress) -> int:
    _empty(relay.db)
    directory = membership.load(relay.db, relay.me)
    total = 0
    for total, entry in _entries(relay.db, progress):
        membership.fold(relay.db, directory, relay.me, entry, total)
    relay.after(relay.reload)
    return total


def _empty(db: sqlite3.Connection) -> None:
    tables = db.execute(
        r"SELECT name FROM sqlite_master WHERE type='table' AND name LIKE 'state\_%' ESCAPE '\'"
    ).fetchall()
    for (table,) in tables:
        db.execute(f"DELETE FROM {table}")


def _entries(db: sqlite3.Connection, progress: Progress) -> Iterator[tuple[int, Entry]]:
    total = ledger_store.size(db)
    for first in range(1, total + 1, PAGE_ENTRIES):
        last = min(first + PAGE_ENTRIES - 1, total)
        for seq, data in enumerate(ledger_store.encoded(db, first, last), first):
            yield seq, parse(data)
        progress(last, total)
