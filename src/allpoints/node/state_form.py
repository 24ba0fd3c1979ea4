"""The form of a node's tables: what an older or newer program left is brought into the form that this one reads.

State is a fold of the ledger, so its tables have no migrations: in another form they are dropped, and the node folds
its ledger again at its start. A node's own tables only ever grow by columns.
"""

import sqlite3
from collections.abc import Iterable

Column = tuple[str, str, str]
"""A table of a node's own, a column that it lacked once, and the column's declaration."""


def drop_other(db: sqlite3.Connection, version: int) -> bool:
    """Drop state tables of another form; True when the ledger must be folded again, which ``settle`` then confirms.

    A stop before that confirmation finds the old version again, and begins anew.
    """
    (found,) = db.execute("PRAGMA user_version").fetchone()
    if found == version:
        return False
    tables = db.execute("SELECT name FROM sqlite_master WHERE type='table'").fetchall()
    if not tables:
        settle(db, version)
        return False
    db.execute("BEGIN IMMEDIATE")
    for (table,) in tables:
        if table.startswith("state_"):
            db.execute(f"DROP TABLE {table}")
    db.execute("COMMIT")
    return True


def settle(db: sqlite3.Connection, version: int) -> None:
    """Write down the form of the state, inside the transaction that made it."""
    db.execute(f"PRAGMA user_version={version:d}")


def add_columns(db: sqlite3.Connection, columns: Iterable[Column]) -> None:
    """Give tables of an older node the columns that they lack."""
    for table, column, declaration in columns:
        if column not in {row[1] for row in db.execute(f"PRAGMA table_info({table})")}:
            db.execute(f"ALTER TABLE {table} ADD COLUMN {column} {declaration}")
