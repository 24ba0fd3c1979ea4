"""Reading the whole copy again finds what was changed in the tables, and names the entry."""

import sqlite3
from typing import TYPE_CHECKING

import pytest

from allpoints.ground.refusal import Refusal
from allpoints.identity.keys import SigningKey, VerifyKey
from allpoints.ledger.checkpoint import Checkpoint, RelayKeys, sign
from allpoints.ledger.entry import Entry
from allpoints.ledger.merkle import Frontier
from allpoints.ledger.verify import Report, verify_ledger

if TYPE_CHECKING:
    from tests.ledger.conftest import Network

ORIGIN = "ledger.allpoints.example"


def reread(network: "Network", db: sqlite3.Connection, relay_keys: RelayKeys | None = None) -> Report:
    return verify_ledger(
        db, lambda: relay_keys or network.relay_keys, network.author_key, lambda _done, _total: None
    )


def test_a_sound_copy_is_reported_with_its_sizes(
    network: "Network", db: sqlite3.Connection, history: list[Entry]
) -> None:
    assert reread(network, db) == Report(0, 0)
    network.append(db, history[:5])
    network.append(db, history[5:])
    told: list[tuple[int, int]] = []
    report = verify_ledger(
        db, lambda: network.relay_keys, network.author_key, lambda done, total: told.append((done, total))
    )
    assert report.sound
    assert (report.entries, report.checkpoints) == (12, 1)
    assert told == [(12, 12)]


@pytest.mark.parametrize(
    ("change", "code", "seq"),
    [
        ("UPDATE ledger_entries SET bytes = x'00' WHERE seq = 4", "ENTRY-FORMAT", 4),
        ("UPDATE ledger_entries SET bytes = 'text' WHERE seq = 4", "LEDGER-UNREADABLE", 4),
        ("DELETE FROM ledger_entries WHERE seq = 7", "LEDGER-GAP", 7),
        ("DELETE FROM ledger_entries WHERE seq = 12", "LEDGER-GAP", 0),
        ("UPDATE ledger_entries SET commitment = zeroblob(32) WHERE seq = 3", "LEDGER-ROW", 3),
        ("UPDATE ledger_entries SET kind = 'notice.published' WHERE seq = 2", "LEDGER-ROW", 2),
        ("UPDATE ledger_entries SET author = 'XCS' WHERE seq = 5", "LEDGER-ROW", 5),
        ("UPDATE ledger_entries SET id = zeroblob(16) WHERE seq = 6", "LEDGER-ROW", 6),
        ("UPDATE ledger_heads SET seq = 9 WHERE author = 'XBM'", "LEDGER-HEADS", 0),
        ("DELETE FROM ledger_heads WHERE author = 'XSC'", "LEDGER-HEADS", 0),
        ("UPDATE ledger_tree SET frontier = zeroblob(8)", "LEDGER-FRONTIER", 12),
        ("UPDATE ledger_tree SET checkpoint = 'x'", "CHECKPOINT-FORMAT", 12),
        ("UPDATE ledger_tree SET checkpoint = x'00'", "LEDGER-UNREADABLE", 12),
        ("UPDATE ledger_tree SET checkpoint = NULL", "CHECKPOINT-MISSING", 0),
        ("DELETE FROM ledger_tree", "LEDGER-GAP", 0),
        ("INSERT INTO ledger_nodes VALUES (8, 0, zeroblob(32))", "LEDGER-NODE", 0),
        ("DROP TABLE ledger_heads", "LEDGER-UNREADABLE", 0),
    ],
)
def test_a_change_in_the_tables_is_found_and_the_entry_named(
    network: "Network", db: sqlite3.Connection, history: list[Entry], change: str, code: str, seq: int
) -> None:
    network.append(db, history)
    assert reread(network, db).sound
    db.execute(change)
    report = reread(network, db)
    assert report.fault is not None
    assert (report.fault.code, report.seq) == (code, seq)


def test_an_entry_exchanged_with_its_hash_is_found_by_its_signature(
    network: "Network", db: sqlite3.Connection, history: list[Entry]
) -> None:
    network.append(db, history)
    thief = network.author("XAV")
    thief.key = SigningKey.generate()
    old = history[4].header
    other = thief.write(b"other", id=old.id, author_seq=old.author_seq, prev=old.prev)
    db.execute(
        "UPDATE ledger_entries SET commitment = ?, bytes = ? WHERE seq = 5", (other.commitment, other.encoded)
    )
    report = reread(network, db)
    assert report.fault is not None
    assert (report.fault.code, report.seq, report.entries) == ("BAD-SIGNATURE", 5, 4)
    assert report.fault.sentence.startswith("Entry 5: ")


def test_entries_of_two_authors_that_changed_places_are_found_by_the_checkpoint(
    network: "Network", db: sqlite3.Connection, history: list[Entry]
) -> None:
    network.hold(db, [history[1], history[0], history[2]])
    tree = Frontier()
    for entry in history[:3]:
        tree = tree.append(entry.leaf)
    text = sign(Checkpoint(ORIGIN, 3, tree.root()), network.relay)
    db.execute("UPDATE ledger_tree SET checkpoint = ?", (text,))
    report = reread(network, db)
    assert report.fault is not None
    assert (report.fault.code, report.seq) == ("CHECKPOINT-ROOT", 3)


def test_a_wrong_subtree_hash_is_found(network: "Network", db: sqlite3.Connection) -> None:
    author = network.author()
    network.append(db, [author.write() for _ in range(256)])
    assert reread(network, db).sound
    db.execute("UPDATE ledger_nodes SET hash = zeroblob(32)")
    report = reread(network, db)
    assert report.fault is not None
    assert (report.fault.code, report.seq) == ("LEDGER-NODE", 256)


def test_the_checkpoint_of_another_relay_is_found(
    network: "Network", db: sqlite3.Connection, history: list[Entry]
) -> None:
    network.append(db, history[:2])
    other = RelayKeys(ORIGIN, (SigningKey.generate().public,))
    report = reread(network, db, other)
    assert report.fault is not None
    assert (report.fault.code, report.seq) == ("CHECKPOINT-SIGNATURE", 2)


def test_admissions_are_learnt_while_reading(
    network: "Network", db: sqlite3.Connection, history: list[Entry]
) -> None:
    network.append(db, history[:3])
    known: set[str] = {"XSC"}

    def author_key(name: str, kind: str, at_ms: int) -> VerifyKey:
        if name not in known:
            raise Refusal("UNKNOWN-AUTHOR", f"{name} is no member.", status=403)
        return network.author_key(name, kind, at_ms)

    def learn(entry: Entry) -> None:
        if entry.header.author == "XSC":
            known.update({"XAV", "XBM"})

    blind = verify_ledger(db, lambda: network.relay_keys, author_key, lambda _done, _total: None)
    assert blind.fault is not None
    assert (blind.fault.code, blind.seq) == ("UNKNOWN-AUTHOR", 2)
    assert verify_ledger(db, lambda: network.relay_keys, author_key, lambda _done, _total: None, learn).sound
