"""A node has its own entries erased once nothing that they said stands any more, and no rebuild brings anything back."""

import pytest
from tests.node.federation import Federation
from tests.node.samples import ANNA, CENTRE

from allpoints.ground.clock import DAY
from allpoints.ledger import erasing, store
from allpoints.ledger.stub import Stub, read
from allpoints.node.erasure import GRACE_MS
from allpoints.node.rebuilding import refold
from allpoints.registers import store as record_store

EVERYONE = ("XAV", "XBM", CENTRE)


def erased(federation: Federation, name: str = "XAV") -> int:
    db = federation.bureau(name).db
    return sum(isinstance(read(data), Stub) for data in store.encoded(db, 1, store.size(db)))


def wait(federation: Federation, ms: int) -> None:
    """Let time pass, and the walk over a few entries come to its end."""
    federation.clock.now_ms += ms
    for _ in range(6):
        federation.tick()
        federation.pump()


def live(federation: Federation, name: str) -> int:
    return sum(
        count
        for (_, status), count in record_store.counts(federation.bureau(name).db).items()
        if status in record_store.LIVE
    )


def withdraw(federation: Federation, ref: str) -> None:
    bureau = federation.bureau("XAV")
    bureau.do(lambda: bureau.records.withdraw(ANNA, "travel-documents", ref, "Found again."))
    federation.pump()


def test_what_was_withdrawn_is_erased_everywhere_after_the_grace_and_not_before(two: Federation) -> None:
    two.enter()
    two.enter(source_ref="AV-2", document_number="P7654321")
    withdraw(two, "AV-1")
    wait(two, GRACE_MS - DAY)
    assert erased(two) == 0
    wait(two, 2 * DAY)
    assert [erased(two, name) for name in EVERYONE] == [1, 1, 1]
    assert [live(two, name) for name in EVERYONE] == [1, 1, 1]
    wait(two, 2 * DAY)
    assert erased(two) == 1


def test_a_rebuild_and_a_newcomer_come_to_the_same_live_records(two: Federation) -> None:
    two.enter()
    two.enter(source_ref="AV-2", document_number="P7654321")
    withdraw(two, "AV-1")
    wait(two, GRACE_MS + DAY)
    for name in EVERYONE:
        refold(two.bureau(name))
    refold(two.relay)
    two.admit("XCS")
    two.start("XCS")
    two.connect("XCS")
    two.tick()
    assert [live(two, name) for name in (*EVERYONE, "XCS")] == [1, 1, 1, 1]
    assert erased(two, "XCS") == 1
    newcomer = two.bureau("XCS")
    assert newcomer.following.live
    assert store.unordered(newcomer.db) == []


def test_the_end_itself_stays_so_that_nothing_comes_back(two: Federation) -> None:
    """The withdrawal's own entry is of an ended record too; without it a newcomer could hold an older version."""
    two.enter()
    withdraw(two, "AV-1")
    size = two.relay.size
    wait(two, GRACE_MS + DAY)
    db = two.bureau("XAV").db
    items = [read(data) for data in store.encoded(db, size - 1, size)]
    assert [isinstance(item, Stub) for item in items] == [True, False]


def test_an_entry_with_one_record_that_still_stands_is_kept(two: Federation) -> None:
    two.enter()
    wait(two, GRACE_MS + DAY)
    assert erased(two) == 0
    withdraw(two, "AV-1")
    wait(two, GRACE_MS + DAY)
    assert erased(two) == 1


def test_the_owner_forgets_the_key_of_what_is_erased(two: Federation) -> None:
    two.enter()
    bureau = two.bureau("XAV")
    (before,) = bureau.db.execute("SELECT count(*) FROM office_own_entries").fetchone()
    withdraw(two, "AV-1")
    wait(two, GRACE_MS + DAY)
    (after,) = bureau.db.execute("SELECT count(*) FROM office_own_entries").fetchone()
    assert (before, after) == (1, 1)
    (kept,) = bureau.db.execute("SELECT id FROM office_own_entries").fetchone()
    place = store.place(bureau.db, kept)
    assert place is not None
    assert not isinstance(read(store.encoded(bureau.db, place[0], place[0])[0]), Stub)


def test_the_bytes_are_in_no_database_file_of_any_node(two: Federation) -> None:
    """What is erased is overwritten, in the write-ahead log too once it is emptied."""
    two.enter()
    sealed = store.encoded(two.relay.db, two.relay.size, two.relay.size)[0][200:260]
    nodes = [two.relay, *(two.bureau(name) for name in EVERYONE)]

    def holders() -> int:
        for node in nodes:
            node.db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        files = [path for path in two.folder.rglob("*.sqlite*") if path.is_file()]
        return sum(sealed in path.read_bytes() for path in files)

    assert holders() == len(nodes)
    withdraw(two, "AV-1")
    wait(two, GRACE_MS + DAY)
    assert holders() == 0


@pytest.mark.parametrize("author", ["XBM", CENTRE])
def test_nobody_erases_what_another_member_wrote(two: Federation, author: str) -> None:
    identifier = two.enter()
    assert identifier
    row = two.relay.db.execute(
        "SELECT id, commitment FROM ledger_entries WHERE author='XAV' ORDER BY seq DESC"
    ).fetchone()
    body = erasing.order_body([erasing.Named(*row)])
    thief = two.bureau(author)
    thief.do(lambda: thief.outbox.write_clear(erasing.ERASED, body))
    two.pump()
    assert two.relay.refusals["ERASE-NOT-YOURS"] == 1
    assert erased(two) == 0
    owner = two.bureau("XAV")
    owner.do(lambda: owner.outbox.write_clear(erasing.ERASED, body))
    two.pump()
    assert erased(two) == 1
