"""A node that starts on the database of an older version, or of a newer one, folds its ledger again by itself."""

import sqlite3

import pytest
import structlog
from tests.node.federation import Federation
from tests.node.samples import ASKS_PASSPORT, CENTRE, PERSON, RELAY
from tests.node.test_rebuilding import tables

from allpoints.ground.refusal import Refusal
from allpoints.node import state_form
from allpoints.node.bureau import STATE_VERSION, Bureau

PREVIOUS = """
DROP TABLE state_records; DROP TABLE state_record_history; DROP TABLE state_record_blocks;
DROP TABLE office_record_asks; DROP TABLE office_own_records;
CREATE TABLE state_records (
    row INTEGER PRIMARY KEY, record_id BLOB NOT NULL UNIQUE, register INTEGER NOT NULL, owner TEXT NOT NULL,
    ref TEXT NOT NULL, version INTEGER NOT NULL, status TEXT NOT NULL, seq INTEGER NOT NULL,
    published_ms INTEGER NOT NULL, expires_ms INTEGER NOT NULL, purpose TEXT NOT NULL, handling TEXT NOT NULL,
    reason TEXT NOT NULL, content BLOB NOT NULL, body BLOB);
CREATE INDEX state_records_ref ON state_records(ref);
CREATE INDEX state_records_expiry ON state_records(expires_ms) WHERE status = 'valid';
CREATE TABLE state_record_history (
    row INTEGER NOT NULL, version INTEGER NOT NULL, seq INTEGER NOT NULL, at_ms INTEGER NOT NULL,
    op TEXT NOT NULL, reason TEXT NOT NULL, by_role TEXT NOT NULL,
    PRIMARY KEY (row, version)) WITHOUT ROWID;
CREATE TABLE state_of_yesterday (one INTEGER);
CREATE TABLE office_own_records (
    record_id BLOB PRIMARY KEY, register INTEGER NOT NULL, ref TEXT NOT NULL, version INTEGER NOT NULL,
    content BLOB NOT NULL, withdrawn INTEGER NOT NULL, excluded TEXT NOT NULL) WITHOUT ROWID;
PRAGMA user_version = 0;
"""
"""How the first release left the tables of records, and one that there is no more."""

OWN = "SELECT record_id, register, ref, version, content, withdrawn, excluded FROM office_own_records"


def filled(federation: Federation) -> None:
    federation.enter()
    federation.enter(fraud="lost")
    federation.enter(raw=PERSON, register="persons", excluded=("XCS",))
    federation.enter(source_ref="AV-2", document_number="CD 777777")
    federation.tick()


def set_back(node: Bureau) -> None:
    """Leave the node's database as the first release would have."""
    own = node.db.execute(OWN).fetchall()
    node.db.executescript(PREVIOUS)
    node.db.executemany("INSERT INTO office_own_records VALUES (?,?,?,?,?,?,?)", own)


def version(db: sqlite3.Connection) -> int:
    return int(db.execute("PRAGMA user_version").fetchone()[0])


@pytest.mark.parametrize("name", ["XAV", "XBM", CENTRE])
def test_a_node_of_the_first_release_starts_with_the_state_it_would_have_now(
    posted: Federation, name: str
) -> None:
    filled(posted)
    node = posted.bureau(name)
    state, office = tables(node.db, "state_"), tables(node.db, "office_")
    set_back(node)
    structlog.reset_defaults()
    with structlog.testing.capture_logs() as logs:
        posted.restart(name)
    node = posted.bureau(name)
    assert tables(node.db, "state_") == state
    # What is signed is made up for, and the moment of the last whole view is that of the start.
    lasting = office.keys() - {"office_own_records", "office_view"}
    now = tables(node.db, "office_")
    assert {one: now[one] for one in lasting} == {one: office[one] for one in lasting}
    assert version(node.db) == STATE_VERSION
    assert [line["event"] for line in logs if "anew" in line["event"]] == [
        "the state has the form of another version and is folded anew",
        "folding anew",
        "the state is folded anew",
    ]
    assert posted.check(name, ASKS_PASSPORT).verdict == "document"
    assert posted.enter() != ""
    assert posted.relay.size == node.following.size


def test_what_is_changed_after_the_upgrade_goes_on_from_what_was_signed_before(two: Federation) -> None:
    filled(two)
    set_back(two.bureau("XAV"))
    two.restart("XAV")
    size = two.relay.size
    two.enter(fraud="lost")
    assert two.relay.size == size
    two.enter(fraud="revoked")
    (row,) = two.bureau("XBM").db.execute("SELECT version FROM state_records WHERE ref='AV-1'").fetchall()
    assert row == (3,)


def test_a_node_that_is_already_in_form_or_new_folds_nothing_again(two: Federation) -> None:
    filled(two)
    assert not two.bureau("XBM").folds_anew
    two.restart("XBM")
    assert not two.bureau("XBM").folds_anew
    assert version(two.bureau("XBM").db) == STATE_VERSION
    two.bureau("XBM").db.execute("PRAGMA user_version = 99")
    two.restart("XBM")
    assert two.bureau("XBM").folds_anew
    assert two.check("XBM", ASKS_PASSPORT).verdict == "document"
    two.restart(RELAY)
    assert not two.relay.folds_anew


def test_a_stop_in_the_middle_of_folding_anew_begins_again(
    two: Federation, monkeypatch: pytest.MonkeyPatch
) -> None:
    filled(two)
    node = two.bureau("XBM")
    state = tables(node.db, "state_")
    set_back(node)

    def stopped(_db: sqlite3.Connection, _version: int) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(state_form, "settle", stopped)
        with pytest.raises(KeyboardInterrupt):
            two.restart("XBM")
    two.start("XBM")
    two.connect("XBM")
    assert tables(two.bureau("XBM").db, "state_") == state


def test_an_entry_that_cannot_be_read_stops_the_start_and_says_so(two: Federation) -> None:
    filled(two)
    node = two.bureau("XBM")
    (whole,) = node.db.execute("SELECT bytes FROM ledger_entries WHERE seq=4").fetchone()
    node.db.execute("UPDATE ledger_entries SET bytes=x'00' WHERE seq=4")
    set_back(node)
    with pytest.raises(Refusal):
        two.restart("XBM")
    db = sqlite3.connect(two.folder / "XBM" / "node.sqlite")
    db.execute("UPDATE ledger_entries SET bytes=? WHERE seq=4", (whole,))
    db.commit()
    db.close()
    two.start("XBM")
    two.connect("XBM")
    assert two.check("XBM", ASKS_PASSPORT).verdict == "document"
