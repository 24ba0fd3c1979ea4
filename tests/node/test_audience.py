"""For whom a node seals, what a newcomer is given, and when the keys of an owner's tree are made anew."""

import shutil
from pathlib import Path

import pytest
from tests.node.federation import Federation
from tests.node.samples import ASKS_PASSPORT, CENTRE, PERSON
from tests.node.test_rebuilding import tables

from allpoints.border.question import Question
from allpoints.ground.clock import DAY
from allpoints.ground.refusal import Refusal
from allpoints.ledger.entry import Entry, parse
from allpoints.node import epoch_keys, membership
from allpoints.node.outbox import Seal
from allpoints.node.rebuilding import refold
from allpoints.sealing import audience_tree
from allpoints.sealing.epoch import read_packets

SECOND_PASSPORT = Question(number="CD1", issuer="XAV")


def written(federation: Federation, author: str, kind: str) -> list[Entry]:
    """Entries of one kind by one author, as the relay has them."""
    rows = federation.relay.db.execute(
        "SELECT bytes FROM ledger_entries WHERE author=? AND kind=? ORDER BY seq", (author, kind)
    )
    return [parse(data) for (data,) in rows]


def seated(federation: Federation, author: str = "XAV") -> list[list[str]]:
    """Whom each of an owner's entries on epochs gives keys, and whether it opened a new one."""
    return [
        list(read_packets(entry.sealed).by_name) for entry in written(federation, author, membership.EPOCH)
    ]


def epochs(federation: Federation, author: str = "XAV") -> int:
    return len({read_packets(one.sealed).epoch for one in written(federation, author, membership.EPOCH)})


def test_a_newcomer_reads_what_was_written_before_it_came_and_answers_from_it(two: Federation) -> None:
    two.enter()
    two.enter(raw=PERSON, register="persons")
    two.admit("XDV")
    two.start("XDV")
    two.connect("XDV")
    for _ in range(3):
        two.tick()
    assert two.check("XDV", ASKS_PASSPORT).verdict == "document"
    two.restart("XDV")
    assert two.check("XDV", ASKS_PASSPORT).verdict == "document"
    two.enter(source_ref="LATER", document_number="CD1")
    assert two.bureau("XDV").db.execute("SELECT count(*) FROM state_records").fetchone() == (3,)


def test_a_newcomer_is_given_keys_once_by_each_owner(two: Federation) -> None:
    two.enter()
    two.admit("XDV")
    for _ in range(3):
        two.tick()
    kinds = [row[0] for row in two.relay.db.execute("SELECT kind FROM ledger_entries WHERE author='XAV'")]
    assert kinds.count(membership.WIDENED) == 1
    two.restart("XAV")
    two.tick()
    assert two.relay.db.execute(
        "SELECT count(*) FROM ledger_entries WHERE kind=?", (membership.WIDENED,)
    ).fetchone() == (1,)


def test_a_member_seals_for_itself_the_secretariat_and_every_active_member(three: Federation) -> None:
    audience = three.bureau("XAV").audience
    assert set(audience.readers()) == {"XAV", "XBM", "XCS", CENTRE}
    three.suspend("XBM")
    assert set(audience.readers()) == {"XAV", "XCS", CENTRE}


def test_keys_are_given_out_with_an_owners_first_entry_and_not_before(three: Federation) -> None:
    assert seated(three) == []
    three.enter()
    three.enter(source_ref="LATER", document_number="CD1")
    three.tick()
    assert seated(three) == [["XAV", "XBM", "XCS", CENTRE]]
    assert seated(three, "XBM") == []


def test_who_is_excluded_cannot_open_and_stands_nowhere_in_what_the_relay_carries(three: Federation) -> None:
    three.enter(excluded=("XCS",))
    (entry,) = written(three, "XAV", membership.RECORDS)
    assert epoch_keys.content_key(three.bureau("XBM").db, entry)
    assert epoch_keys.content_key(three.bureau("XCS").db, entry) is None
    assert [three.check(name, ASKS_PASSPORT).verdict for name in ("XBM", "XCS")] == ["document", "clear"]
    assert b"XCS" not in entry.encoded
    three.enter(source_ref="LATER", document_number="CD1")
    # For all, for all but one, for all but two: the same number of bytes.
    sizes = {len(one.audience_bytes) for one in written(three, "XAV", membership.RECORDS)}
    assert sizes == {len(entry.audience_bytes)}


def test_all_that_two_excluded_members_hold_together_opens_nothing(three: Federation) -> None:
    three.enter(excluded=("XCS", CENTRE))
    (entry,) = written(three, "XAV", membership.RECORDS)
    assert entry.audience is not None
    held = [
        keys
        for name in ("XCS", CENTRE)
        for (keys,) in three.bureau(name).db.execute("SELECT keys FROM state_epochs WHERE author='XAV'")
    ]
    assert len(held) == 2
    assert audience_tree.unwrap(b"".join(held), entry.audience, entry.header_bytes) is None
    assert three.check("XBM", ASKS_PASSPORT).verdict == "document"


def test_a_newcomer_is_given_a_free_seat_of_the_epoch_and_then_what_it_missed(two: Federation) -> None:
    two.enter()
    two.enter(source_ref="NOT-FOR-XDV", document_number="CD1", excluded=("XDV",))
    two.admit("XDV")
    two.start("XDV")
    two.connect("XDV")
    two.tick()
    assert (seated(two), epochs(two)) == ([["XAV", "XBM", CENTRE], ["XDV"]], 1)
    newcomer = two.bureau("XDV")
    before = written(two, "XAV", membership.RECORDS)
    # Its own keys open nothing that was sealed while its seat was empty.
    assert [epoch_keys.content_key(newcomer.db, one) for one in before] == [None, None]
    assert [two.check("XDV", asks).verdict for asks in (ASKS_PASSPORT, SECOND_PASSPORT)] == [
        "document",
        "clear",
    ]
    (widening,) = written(two, "XAV", membership.WIDENED)
    assert epoch_keys.content_key(two.bureau("XBM").db, widening) is None
    assert b"XDV" not in widening.encoded


def test_a_new_month_brings_new_keys_to_all_with_the_next_entry(two: Federation) -> None:
    two.enter()
    two.clock.now_ms += 31 * DAY
    two.tick()
    assert epochs(two) == 1
    two.enter(source_ref="LATER", document_number="CD1")
    assert (epochs(two), len(seated(two))) == (2, 2)
    assert [two.check("XBM", asks).verdict for asks in (ASKS_PASSPORT, SECOND_PASSPORT)] == ["document"] * 2


def test_a_suspended_member_is_left_out_of_the_next_entry_and_of_a_new_epoch(three: Federation) -> None:
    three.enter()
    three.suspend("XCS")
    three.enter(source_ref="LATER", document_number="CD1")
    assert (seated(three)[1:], epochs(three)) == ([["XAV", "XBM", CENTRE]], 2)
    assert [three.check(name, SECOND_PASSPORT).verdict for name in ("XBM", "XCS")] == ["document", "clear"]
    assert three.check("XCS", ASKS_PASSPORT).verdict == "document"


def test_a_restored_member_is_given_what_it_missed_but_for_what_excludes_it(three: Federation) -> None:
    three.enter()
    three.suspend("XCS")
    three.enter(source_ref="MISSED", document_number="CD1")
    three.enter(source_ref="NOT-FOR-XCS", document_number="CD2", excluded=("XCS",))
    three.restore("XCS")
    three.tick()
    assert seated(three)[2:] == [["XCS"]]
    asked = [ASKS_PASSPORT, SECOND_PASSPORT, Question(number="CD2", issuer="XAV")]
    assert [three.check("XCS", one).verdict for one in asked] == ["document", "document", "clear"]
    three.enter(source_ref="AFTER", document_number="CD3")
    assert three.check("XCS", Question(number="CD3", issuer="XAV")).verdict == "document"
    # What it held before was not sent again.
    (widening,) = written(three, "XAV", membership.WIDENED)
    assert len(widening.sealed) < 200


def test_a_member_that_was_suspended_and_restored_between_two_entries_missed_nothing(
    three: Federation,
) -> None:
    three.enter()
    three.suspend("XCS")
    three.tick()
    three.restore("XCS")
    three.tick()
    three.enter(source_ref="LATER", document_number="CD1")
    assert (len(seated(three)), written(three, "XAV", membership.WIDENED)) == (1, [])
    assert three.check("XCS", SECOND_PASSPORT).verdict == "document"


def test_a_rebuilt_node_holds_the_same_keys_of_every_epoch(three: Federation) -> None:
    three.enter()
    three.suspend("XCS")
    three.enter(source_ref="MISSED", document_number="CD1")
    three.restore("XCS")
    three.tick()
    three.clock.now_ms += 31 * DAY
    three.enter(source_ref="AFTER", document_number="CD3")
    assert epochs(three) == 3
    for name in ("XAV", "XBM", "XCS", CENTRE):
        bureau = three.bureau(name)
        state, office = tables(bureau.db, "state_"), tables(bureau.db, "office_")
        refold(bureau)
        assert (tables(bureau.db, "state_"), tables(bureau.db, "office_")) == (state, office)


def test_a_node_restored_from_an_older_copy_seals_in_an_epoch_of_its_own(
    two: Federation, tmp_path: Path
) -> None:
    two.enter()
    two.disconnect("XAV")
    two.bureau("XAV").close()
    folder, copy = two.folder / "XAV", tmp_path / "copy"
    shutil.copytree(folder, copy)
    two.start("XAV")
    two.connect("XAV")
    two.admit("XDV")
    two.tick()
    assert seated(two)[1:] == [["XDV"]]
    two.disconnect("XAV")
    two.bureau("XAV").close()
    shutil.rmtree(folder)
    shutil.copytree(copy, folder)
    two.start("XAV")
    two.connect("XAV")
    # It does not know that XDV has a seat, and must give it to nobody else.
    two.admit("XCS")
    two.tick()
    two.enter(source_ref="LATER", document_number="CD1", excluded=("XDV",))
    assert epochs(two) == 2
    (_, entry) = written(two, "XAV", membership.RECORDS)
    readers = {name: two.start(name) for name in ("XDV", "XCS")}
    for name in readers:
        two.connect(name)
    assert epoch_keys.content_key(two.bureau("XCS").db, entry)
    assert epoch_keys.content_key(two.bureau("XDV").db, entry) is None


def test_an_owner_that_gives_out_broken_keys_harms_no_reader(two: Federation) -> None:
    owner = two.bureau("XAV")
    two.enter()
    for body in (b"nonsense", b"\x83\x01" + bytes(40)):
        owner.do(lambda body=body: owner.outbox.write_clear(membership.EPOCH, body))  # type: ignore[misc]
    owner.do(lambda: owner.outbox.write(membership.RECORDS, b"", Seal(bytes(16), bytes(32), [0])))
    two.pump()
    codes = [code for (code,) in two.bureau("XBM").db.execute("SELECT code FROM state_refused")]
    assert len(codes) == 2
    two.enter(source_ref="LATER", document_number="CD1")
    assert two.check("XBM", SECOND_PASSPORT).verdict == "document"


def test_more_members_than_a_tree_has_seats_are_refused_before_anything_is_written(
    two: Federation, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(audience_tree, "SLOTS", 2)
    with pytest.raises(Refusal) as refused:
        two.enter()
    assert refused.value.code == "AUDIENCE-FULL"
    assert (seated(two), two.bureau("XAV").outbox.waiting()) == ([], 0)
    monkeypatch.undo()
    two.enter()
    assert two.check("XBM", ASKS_PASSPORT).verdict == "document"


def test_an_epoch_with_all_seats_spent_is_followed_by_another(
    two: Federation, monkeypatch: pytest.MonkeyPatch
) -> None:
    two.enter()
    monkeypatch.setattr(audience_tree, "SLOTS", 4)
    two.admit("XDV")
    two.bureau("XAV").db.execute("UPDATE office_seats SET slot=3 WHERE slot=2")
    two.tick()
    assert (epochs(two), seated(two)[1]) == (2, ["XAV", "XBM", "XDV", CENTRE])
