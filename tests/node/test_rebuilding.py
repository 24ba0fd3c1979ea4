"""A rebuild folds the ledger again and comes to the same; what officers did stays, and nobody is told twice."""

import sqlite3
from pathlib import Path

import pytest
from tests.node.federation import Federation
from tests.node.samples import ASKS_PASSPORT, CENTRE, POST
from tests.node.surroundings import Clock

from allpoints.border import store as border_store
from allpoints.ground.refusal import Refusal
from allpoints.node import setting_up
from allpoints.node import settings as node_settings
from allpoints.node.founding import Wish
from allpoints.node.rebuilding import rebuild, refold


def tables(db: sqlite3.Connection, beginning: str) -> dict[str, list[tuple[object, ...]]]:
    names = [row[0] for row in db.execute("SELECT name FROM sqlite_master WHERE type='table' ORDER BY name")]
    return {
        name: db.execute(f"SELECT * FROM {name}").fetchall() for name in names if name.startswith(beginning)
    }


def test_a_rebuilt_bureau_holds_finds_and_remembers_what_it_did(posted: Federation) -> None:
    posted.enter()
    posted.enter(theft_date="2026-05-03")
    posted.enter(source_ref="AV-2", document_number="CD 777777")
    bureau = posted.bureau("XBM")
    posted.check("XBM", ASKS_PASSPORT)
    state, office = tables(bureau.db, "state_"), tables(bureau.db, "office_")
    told: list[tuple[int, int]] = []
    assert refold(bureau, lambda done, total: told.append((done, total))) == bureau.following.size
    assert told[-1] == (bureau.following.size, bureau.following.size)
    assert tables(bureau.db, "state_") == state
    assert tables(bureau.db, "office_") == office
    assert posted.check("XBM", ASKS_PASSPORT).verdict == "document"


def test_a_check_after_a_record_was_changed_meets_no_earlier_version_in_a_rebuild(two: Federation) -> None:
    two.enter()
    owner, searcher = two.bureau("XAV"), two.bureau("XBM")
    two.check("XBM", ASKS_PASSPORT)
    two.enter(document_number="EF 555555")
    assert two.check("XBM", ASKS_PASSPORT).verdict == "clear"
    hits = len(border_store.list_hits(searcher.db))
    refold(searcher)
    two.pump()
    assert len(border_store.list_hits(searcher.db)) == hits
    assert len(border_store.list_hits(owner.db)) == hits


def test_posts_of_a_rebuilt_bureau_come_to_its_index_again(posted: Federation) -> None:
    posted.enter()
    posted.tick()
    refold(posted.bureau("XBM"))
    posted.enter(source_ref="AV-2", document_number="CD 777777")
    for _ in range(15):
        posted.tick()
    assert posted.post(POST).extract.chain == posted.bureau("XBM").index.chain


def test_a_relay_is_rebuilt_to_the_members_it_had(two: Federation) -> None:
    before = tables(two.relay.db, "state_")
    refold(two.relay)
    assert tables(two.relay.db, "state_") == before
    assert [one.code for one in two.relay.directory.members()] == ["XAV", "XBM"]


def test_an_entry_that_cannot_be_read_stops_a_rebuild_and_changes_nothing(two: Federation) -> None:
    two.enter()
    bureau = two.bureau("XBM")
    state = tables(bureau.db, "state_")
    (whole,) = bureau.db.execute("SELECT bytes FROM ledger_entries WHERE seq=5").fetchone()
    bureau.db.execute("UPDATE ledger_entries SET bytes=x'00' WHERE seq=5")
    with pytest.raises(Refusal):
        refold(bureau)
    assert tables(bureau.db, "state_") == state
    assert two.check("XBM", ASKS_PASSPORT).verdict == "document"
    bureau.db.execute("UPDATE ledger_entries SET bytes=? WHERE seq=5", (whole,))
    assert refold(bureau) == 5


def test_a_folder_is_rebuilt_with_its_relay_and_a_post_has_nothing_to_rebuild(tmp_path: Path) -> None:
    wish = Wish("secretariat", CENTRE, "General Secretariat", "test.allpoints", "127.0.0.1", 8470)
    setting_up.init(tmp_path, wish, Clock())
    assert rebuild(node_settings.load(tmp_path, {})) == 0
