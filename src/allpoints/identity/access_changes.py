"""How often anything changed by which this node knows who may ask, so that what was remembered of it ends at once.

The database itself counts, by temporary triggers on the tables, so that no act can forget to tell.
"""

import sqlite3

COUNTED = (
    "office_officers",
    "office_tokens",
    "office_certifications",
    "office_emergencies",
)
"""Every change counts here. A session counts when it begins or ends; that it was used does not."""

_SESSIONS = "office_sessions"
_COUNT = "UPDATE access_changes SET number = number + 1"


def count_changes(db: sqlite3.Connection) -> None:
    """Count from now on every change that is made over this connection."""
    db.execute("CREATE TEMP TABLE IF NOT EXISTS access_changes (number INTEGER NOT NULL)")
    db.execute(
        "INSERT INTO temp.access_changes SELECT 0 WHERE NOT EXISTS (SELECT 1 FROM temp.access_changes)"
    )
    acts = [(table, act) for table in COUNTED for act in ("INSERT", "UPDATE", "DELETE")]
    acts += [(_SESSIONS, act) for act in ("INSERT", "UPDATE OF hash, officer, verified_ms", "DELETE")]
    present = {name for (name,) in db.execute("SELECT name FROM main.sqlite_master WHERE type = 'table'")}
    for number, (table, act) in enumerate(acts):
        if table in present:
            db.execute(
                f"CREATE TEMP TRIGGER IF NOT EXISTS access_change_{number} AFTER {act} ON main.{table}"
                f" BEGIN {_COUNT}; END"
            )


def changes(db: sqlite3.Connection) -> int:
    """The count so far, what is not committed yet included."""
    return int(db.execute("SELECT number FROM temp.access_changes").fetchone()[0])
