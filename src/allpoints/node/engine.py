"""The engine under every role: a batch of work, one transaction, one disk sync, and only then the answers."""

import sqlite3
from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any

from allpoints.ground.carrier import Carrier
from allpoints.ground.clock import Clock
from allpoints.ground.disk import Disk
from allpoints.ground.refusal import Refusal
from allpoints.node import state_form
from allpoints.node.state_form import Column

Work = Callable[[], Any]
Outcome = Any
"""What an item of work returned, or the Refusal that undid it."""


class Engine:
    """Runs work so that nothing leaves before what it rests on is on disk.

    Each item runs in a savepoint: a ``Refusal`` undoes that item alone and is its outcome. Any other error undoes
    the whole batch and is raised, after the memory has been loaded again from the disk.
    """

    SCHEMAS: tuple[str, ...] = ()
    COLUMNS: tuple[Column, ...] = ()
    """Columns that tables of an older node lack."""
    STATE_VERSION = 0
    """The form of the ``state_*`` tables; it goes up with every change of it."""

    def __init__(self, disk: Disk, database: str, clock: Clock, carrier: Carrier) -> None:
        self.disk = disk
        self.clock = clock
        self.carrier = carrier
        self.db: sqlite3.Connection = disk.database(database)
        self.refusals: Counter[str] = Counter()
        self._leaving: list[tuple[str, bytes]] = []
        self._afterwards: list[Callable[[], None]] = []
        self.committed: list[Callable[[], None]] = []
        """What is done after every commit, before anything that rests on it leaves."""
        self.folds_anew = state_form.drop_other(self.db, self.STATE_VERSION)
        """Whether the state was in another form: it is empty now, and the ledger must be folded again."""
        for schema in self.SCHEMAS:
            self.db.executescript(schema)
        state_form.add_columns(self.db, self.COLUMNS)

    def run(self, batch: Sequence[Work]) -> list[Outcome]:
        """Run a batch in one transaction and return each item's outcome, in order."""
        outcomes: list[Outcome] = []
        leaving: list[tuple[str, bytes]] = []
        afterwards: list[Callable[[], None]] = []
        try:
            self.db.execute("BEGIN IMMEDIATE")
            for work in batch:
                outcomes.append(self._one(work))
                leaving += self._leaving
                afterwards += self._afterwards
            self.db.execute("COMMIT")
        except BaseException:
            self._leaving, self._afterwards = [], []
            if self.db.in_transaction:
                self.db.execute("ROLLBACK")
            self.reload()
            raise
        for act in (*self.committed, *afterwards):
            act()
        for peer, frame in leaving:
            self.carrier.send(peer, frame)
        return outcomes

    def _one(self, work: Work) -> Outcome:
        self._leaving, self._afterwards = [], []
        self.db.execute("SAVEPOINT item")
        try:
            outcome = work()
        except Refusal as refusal:
            self.refusals[refusal.code] += 1
            self._leaving, self._afterwards = [], []
            self.db.execute("ROLLBACK TO item")
            self.db.execute("RELEASE item")
            self.undone()
            return refusal
        self.db.execute("RELEASE item")
        self.released()
        return outcome

    def do(self, work: Work) -> Any:
        """Run one item; its refusal is raised."""
        (outcome,) = self.run([work])
        if isinstance(outcome, Refusal):
            raise outcome
        return outcome

    def send(self, peer: str, frame: bytes) -> None:
        """Let a frame out after the commit; an item that is refused sends nothing."""
        self._leaving.append((peer, frame))

    def after(self, act: Callable[[], None]) -> None:
        """Do something in memory after the commit."""
        self._afterwards.append(act)

    def reload(self) -> None:
        """Load what is held in memory again from the disk, after a batch that failed."""

    def released(self) -> None:
        """Let the next item see in memory what this one changed."""

    def undone(self) -> None:
        """Forget what an item held in memory that was undone."""

    def close(self) -> None:
        self.db.close()
