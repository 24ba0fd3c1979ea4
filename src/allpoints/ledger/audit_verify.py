"""Reading a whole audit log again: every line against its leaf, the leaves against the tree, the tree against anchors."""

import sqlite3
from collections.abc import Iterable

from allpoints.ground.refusal import Refusal
from allpoints.ledger import audit_tree
from allpoints.ledger.audit_line import Line
from allpoints.ledger.audit_tree import Head, broken
from allpoints.ledger.merkle import Frontier

AT_ONCE = 1_000


class Verification:
    """One verification, a piece at a time; it can be taken up again from where ``frontier`` stands.

    ``anchors`` are heads of this log that stand in the ledger: whoever rewrites the log cannot rewrite those.
    """

    def __init__(
        self, db: sqlite3.Connection, anchors: Iterable[Head] = (), frontier: Frontier | None = None
    ) -> None:
        self.db = db
        self.frontier = frontier or Frontier()
        self.erased = 0
        self.anchored = 0
        self._anchors = {one.size: one.root for one in anchors}
        self._tree = audit_tree.frontier(db)

    @property
    def done(self) -> int:
        return self.frontier.size

    def total(self) -> int:
        """How many lines there should be: numbers are never given twice, not even after lines were cut off."""
        row = self.db.execute("SELECT seq FROM sqlite_sequence WHERE name = 'office_audit'").fetchone()
        return int(row[0]) if row else 0

    def step(self, limit: int = AT_ONCE) -> bool:
        """Verify the next lines; False when there are no more. Refuses (AUDIT-BROKEN) at the first unsound one."""
        rows = self.db.execute(
            "SELECT * FROM office_audit WHERE number > ? ORDER BY number LIMIT ?", (self.done, limit)
        ).fetchall()
        for row in rows:
            self._line(Line(*row))
        if len(rows) < limit:
            self._finish()
            return False
        return True

    def _line(self, line: Line) -> None:
        number = self.done + 1
        if line.number != number or not line.holds():
            raise broken(number)
        self.frontier, completed = self.frontier.grow(line.leaf)
        self.erased += line.erased
        if number <= self._tree.size:
            for level in range(audit_tree.TILE_LEVELS, len(completed), audit_tree.TILE_LEVELS):
                if audit_tree.node(self.db, level, (number >> level) - 1) != completed[level]:
                    raise broken(number, f"The audit log's tree was changed at line {number}.")
        if number == self._tree.size and self._tree != self.frontier:
            raise broken(
                number, f"The audit log is not the one whose tree was kept, at or before line {number}."
            )
        self._anchor(number)

    def _anchor(self, size: int) -> None:
        expected = self._anchors.get(size)
        if expected is None:
            return
        if expected != self.frontier.root():
            raise rewritten(size)
        self.anchored = size

    def _finish(self) -> None:
        if max(self.total(), self._tree.size) != self.done:
            raise broken(self.done + 1)
        beyond = max(self._anchors, default=0)
        if beyond > self.done:
            raise rolled_back(self.done, beyond)


def whole(db: sqlite3.Connection, anchors: Iterable[Head] = ()) -> int:
    """Verify a whole log at once and return its length."""
    verification = Verification(db, anchors)
    while verification.step():
        pass
    return verification.done


def rewritten(size: int) -> Refusal:
    """The log is not the one that was anchored."""
    return Refusal(
        "AUDIT-REWRITTEN",
        f"The first {size} lines of the audit log are not those whose root is anchored in the ledger.",
        path=f"office_audit[{size}]",
        hint="Keep this machine as it is and tell your data-protection officer.",
        status=409,
    )


def rolled_back(size: int, anchored: int) -> Refusal:
    """The log is shorter than what was anchored."""
    return Refusal(
        "AUDIT-ROLLED-BACK",
        f"The audit log has {size} lines, and one of {anchored} is anchored in the ledger.",
        path=f"office_audit[{size + 1}]",
        hint="Restore a newer backup; if there is none, begin the log again, which everybody will see.",
        status=409,
    )
