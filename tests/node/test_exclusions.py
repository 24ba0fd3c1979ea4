"""A member shut out of a record that it could read deletes it, says so, and never comes to hold it again by itself."""

import pytest
from tests.node.conftest import Make
from tests.node.excluding import (
    ASKS_WANTED,
    CANARY,
    RECORD,
    WANTED,
    enter,
    enter_together,
    holds,
    readers,
    settle,
    traces,
    words_in_state,
    words_on_disk,
)
from tests.node.federation import Federation
from tests.node.samples import ANNA, CARRIAGE, CENTRE, PASSPORT, POST
from tests.node.surroundings import Sent
from tests.node.test_rebuilding import tables

from allpoints.ground.clock import DAY, HOUR
from allpoints.ground.refusal import Refusal
from allpoints.ledger import store as ledger_store
from allpoints.ledger.entry import Entry, bound
from allpoints.ledger.stub import read
from allpoints.node import epoch_keys, frames, membership
from allpoints.node.exclusions import ExcludedMember
from allpoints.node.rebuilding import refold
from allpoints.registers import exclusion_store
from allpoints.registers.exclusion import ShutOut
from allpoints.sealing import wrapping


def written(federation: Federation, kind: str, author: str = "XAV") -> list[Entry]:
    """An author's entries of a kind, as the relay holds them."""
    rows = federation.relay.db.execute(
        "SELECT bytes FROM ledger_entries WHERE author=? AND kind=? ORDER BY seq", (author, kind)
    )
    return [entry for (data,) in rows if isinstance(entry := read(data), Entry)]


def test_who_is_shut_out_deletes_the_record_and_the_others_keep_it(three: Federation) -> None:
    enter(three)
    assert traces(three.bureau("XCS"))
    enter(three, ("XCS",))
    assert [holds(three.bureau(name)) for name in ("XAV", "XBM", "XCS", CENTRE)] == [True, True, False, True]
    assert not any(node.refusals for node in three.nodes.values())
    assert traces(three.bureau("XCS")) == []
    assert words_in_state(three.bureau("XCS")) == set()
    assert set(traces(three.bureau("XBM"))) == {"name", "number", "ref", "text", "year", "facets", "check", "read", "count", "index"}  # fmt: skip


def test_no_word_of_it_is_left_in_the_files_of_the_node(two: Federation) -> None:
    enter(two)
    reader, folder = two.bureau("XBM"), two.folder / "XBM"
    assert words_on_disk(reader, folder)
    enter(two, ("XBM",))
    settle(two)
    assert words_on_disk(reader, folder) == set()
    refold(reader)
    assert words_on_disk(reader, folder) == set()
    assert words_on_disk(two.bureau("XAV"), two.folder / "XAV")


def test_only_whom_an_order_is_for_can_open_it_and_it_looks_like_any_entry(three: Federation) -> None:
    enter(three)
    enter(three, ("XCS",))
    (order,) = written(three, membership.EXCLUDED)
    opened = {
        name: epoch_keys.content_key(three.bureau(name).db, order) is not None
        for name in ("XAV", "XBM", "XCS", CENTRE)
    }
    assert opened == {"XAV": False, "XBM": False, "XCS": True, CENTRE: False}
    assert b"XCS" not in order.encoded
    (before, after) = written(three, membership.RECORDS)
    assert {len(one.audience_bytes) for one in (before, order, after)} == {len(order.audience_bytes)}


def test_the_owner_learns_who_has_obeyed_and_since_when_another_has_not(three: Federation) -> None:
    enter(three)
    three.disconnect("XBM")
    asked_ms = three.clock.now_ms
    enter(three, ("XBM", "XCS"))
    settle(three)
    by_name = {one.member: one for one in readers(three)}
    assert by_name["XBM"] == ExcludedMember("XBM", asked_ms)
    assert by_name["XCS"].ordered_ms == asked_ms <= by_name["XCS"].obeyed_ms
    three.clock.now_ms += 30 * DAY
    three.connect("XBM")
    settle(three)
    assert all(one.obeyed_ms for one in readers(three))
    owner = three.bureau("XAV")
    before = readers(three)
    refold(owner)
    assert readers(three) == before


def test_orders_that_are_not_obeyed_are_listed_until_they_are(three: Federation) -> None:
    enter(three)
    three.disconnect("XCS")
    enter(three, ("XCS",))
    settle(three)
    owner = three.bureau("XAV")
    codes = [one.code for one in owner.vocabulary.registers.values()]
    (one,) = owner.records.exclusions.outstanding(codes)
    assert (one.record, one.ref, one.member) == (RECORD.hex(), WANTED["source_ref"], "XCS")
    assert owner.records.exclusions.outstanding([1]) == []
    three.connect("XCS")
    settle(three)
    assert owner.records.exclusions.outstanding(codes) == []


def test_only_the_owner_is_told_who_may_read_its_record(three: Federation) -> None:
    enter(three)
    enter(three, ("XCS",))
    assert [one.member for one in readers(three)] == ["XCS"]
    with pytest.raises(Refusal) as refused:
        readers(three, owner="XBM")
    assert refused.value.code == "NOT-OWNER"
    with pytest.raises(Refusal) as refused:
        readers(three, owner="XCS")
    assert refused.value.code == "UNKNOWN-RECORD"


def test_posts_of_who_is_shut_out_lose_it_at_once(make: Make) -> None:
    federation = make(("XAV", "XBM"), (POST,))
    enter(federation)
    assert [answer.verdict for answer in federation.check_at_post(ASKS_WANTED)] != ["clear"]  # type: ignore[union-attr]
    enter(federation, ("XBM",))
    federation.disconnect(POST)
    assert [answer.verdict for answer in federation.check_at_post(ASKS_WANTED)] == ["clear"]  # type: ignore[union-attr]


def test_a_rebuild_ends_in_the_same_state_and_says_nothing_twice(three: Federation) -> None:
    enter(three)
    enter(three, source_ref="OTHER", marks="none")
    enter(three, ("XCS",))
    settle(three)
    for name in ("XAV", "XCS"):
        bureau = three.bureau(name)
        state, office = tables(bureau.db, "state_"), tables(bureau.db, "office_")
        refold(bureau)
        assert tables(bureau.db, "state_") == state
        assert tables(bureau.db, "office_") == office
    assert not holds(three.bureau("XCS"))


def test_it_may_be_read_again_once_a_later_version_is_for_it_and_no_earlier_one_comes_with_it(
    three: Federation,
) -> None:
    enter(three)
    enter(three, ("XCS",))
    enter(three, (), height_cm=170)
    reader = three.bureau("XCS")
    assert holds(reader)
    found = reader.do(lambda: reader.records.read(ANNA, RECORD))
    assert (found.version, [event.version for event in found.history]) == (3, [3])
    assert readers(three) == []
    state = tables(reader.db, "state_")
    refold(reader)
    assert tables(reader.db, "state_") == state


def test_a_later_widening_for_another_brings_nothing_back_to_who_was_shut_out(make: Make) -> None:
    federation = make(("XAV", "XBM", "XCS", "XDV"))
    enter(federation, ("XDV",))
    enter(federation, ("XCS", "XDV"))
    enter(federation, ("XCS",))
    settle(federation)
    assert [holds(federation.bureau(name)) for name in ("XBM", "XCS", "XDV")] == [True, False, True]
    refold(federation.bureau("XCS"))
    assert words_in_state(federation.bureau("XCS")) == set()


def test_a_member_that_never_could_read_is_told_nothing(two: Federation) -> None:
    """It is no member yet, or was suspended before: an order would tell it that there is a record."""
    enter(two)
    enter(two, ("XCS",))
    assert written(two, membership.EXCLUDED) == []
    assert readers(two) == [ExcludedMember("XCS")]
    two.admit("XCS")
    two.start("XCS")
    two.connect("XCS")
    settle(two)
    assert words_in_state(two.bureau("XCS")) == set()
    assert two.bureau("XCS").db.execute("SELECT count(*) FROM state_exclusions").fetchone() == (0,)


def test_who_came_since_the_last_entry_is_shut_out_without_a_word(two: Federation) -> None:
    enter(two)
    two.admit("XCS")
    two.start("XCS")
    two.connect("XCS")
    # The owner seals for it for the first time now, and it is shut out in the same act.
    enter(two, ("XCS",))
    settle(two)
    assert written(two, membership.EXCLUDED) == []
    assert words_in_state(two.bureau("XCS")) == set()


def test_an_entry_on_its_way_back_from_the_relay_holds_up_what_a_newcomer_is_given(two: Federation) -> None:
    """The owner has handed it over and does not hold it yet: it cannot look into it, and gives no key of it either."""
    enter(two)
    enter(two, ("XCS",))
    owner, carriage = two.bureau("XAV"), CARRIAGE
    owner.do(lambda: owner.records.enter(ANNA, "travel-documents", PASSPORT, carriage))
    held = _hand_over_but_what_follows(two)
    (entry_id,) = owner.db.execute("SELECT id FROM office_own_entries ORDER BY number DESC").fetchone()
    assert owner.outbox.entry(entry_id) is None
    owner.db.execute("INSERT INTO office_left VALUES ('XBM', 0)")
    owner.run([owner.tick])
    assert owner.db.execute("SELECT number FROM office_left WHERE member='XBM'").fetchone() is None
    exclusion_store.note(owner.db, [ShutOut(RECORD, "XBM", 2, 1, "THISTLE-1")])
    exclusion_store.decide(owner.db, exclusion_store.undecided(owner.db), 1)
    owner.db.execute("INSERT INTO office_left VALUES ('XBM', 0)")
    owner.run([owner.tick])
    (waits,) = owner.db.execute("SELECT number FROM office_left WHERE member='XBM'").fetchone()
    assert waits == 2
    two.wire.queue.extend(held)
    two.pump()
    settle(two)
    assert owner.db.execute("SELECT count(*) FROM office_left").fetchone() == (0,)


def _hand_over_but_what_follows(federation: Federation) -> list[Sent]:
    """Everything reaches everybody, but for the entries that the relay streams to the owner; gives those."""
    held = []
    while federation.wire.queue:
        one = federation.wire.queue.popleft()
        if one.to == "XAV" and isinstance(one.frame, frames.Entries):
            held.append(one)
        else:
            federation.hand_over(one)
    return held


def test_a_newcomer_is_given_no_key_of_an_entry_from_which_it_was_shut_out_later(two: Federation) -> None:
    """It could look into the ledger with it, whatever its program does."""
    enter(two)
    two.enter()
    enter(two, ("XCS",))
    two.admit("XCS")
    two.start("XCS")
    two.connect("XCS")
    settle(two)
    newcomer = two.bureau("XCS")
    assert [holds(newcomer), newcomer.records.counted(ANNA)] == [False, {"travel-documents:valid": 1}]
    (widening,) = written(two, membership.WIDENED)
    key = epoch_keys.content_key(newcomer.db, widening)
    assert key is not None
    first, second, third = written(two, membership.RECORDS)
    for withheld, given in [(first, second), (third, second)]:
        assert withheld.header.id not in _body(widening, key)
        assert given.header.id in _body(widening, key)


def _body(entry: Entry, key: bytes) -> bytes:
    return wrapping.open_body(key, entry.sealed, bound(entry.header_bytes, entry.audience_bytes))


def test_of_an_entry_with_many_records_a_newcomer_is_given_the_others(two: Federation) -> None:
    enter_together(two)
    enter(two, ("XCS",))
    two.admit("XCS")
    two.start("XCS")
    two.connect("XCS")
    settle(two)
    newcomer, older = two.bureau("XCS"), two.bureau("XBM")
    select = "SELECT ref, version, seq, published_ms, since_ms, expires_ms, body FROM state_records WHERE ref='PLAIN-1'"
    assert newcomer.db.execute(select).fetchall() == older.db.execute(select).fetchall() != []
    assert words_in_state(newcomer) == set()
    assert not any(node.refusals for node in two.nodes.values())
    state = tables(newcomer.db, "state_")
    refold(newcomer)
    assert tables(newcomer.db, "state_") == state


def test_a_member_suspended_meanwhile_obeys_when_it_is_back(three: Federation) -> None:
    enter_together(three)
    three.suspend("XCS")
    enter(three, ("XCS",))
    settle(three)
    assert holds(three.bureau("XCS"))
    assert readers(three)[0].suspended
    three.clock.now_ms += HOUR
    three.restore("XCS")
    settle(three)
    assert not holds(three.bureau("XCS"))
    assert words_in_state(three.bureau("XCS")) == set()
    (one,) = readers(three)
    assert one.obeyed_ms > one.ordered_ms
    assert not one.suspended


def test_a_member_suspended_before_the_record_came_is_given_neither_it_nor_an_order(
    three: Federation,
) -> None:
    three.enter()
    three.suspend("XCS")
    enter_together(three)
    enter(three, ("XCS",))
    settle(three)
    assert written(three, membership.EXCLUDED) == []
    three.restore("XCS")
    settle(three)
    reader = three.bureau("XCS")
    assert words_in_state(reader) == set()
    assert reader.records.counted(ANNA) == {"persons:valid": 1, "travel-documents:valid": 1}


def test_an_absent_member_ends_in_the_same_state_after_a_month_and_new_epochs(three: Federation) -> None:
    enter(three)
    three.disconnect("XCS")
    enter(three, ("XCS",))
    three.clock.now_ms += 32 * DAY
    three.enter("XAV", PASSPORT)
    enter(three, ("XCS",), height_cm=171)
    three.connect("XCS")
    settle(three)
    assert words_in_state(three.bureau("XCS")) == set()
    assert three.bureau("XCS").records.counted(ANNA) == {"travel-documents:valid": 1}
    assert readers(three)[0].obeyed_ms


def test_an_ended_record_entered_again_for_fewer_is_forgotten_by_the_others(two: Federation) -> None:
    enter(two)
    owner = two.bureau("XAV")
    owner.do(lambda: owner.records.withdraw(ANNA, "persons", WANTED["source_ref"], f"{CANARY} was found."))
    two.pump()
    assert words_in_state(two.bureau("XBM"))
    enter(two, ("XBM",))
    assert words_in_state(two.bureau("XBM")) == set()
    assert holds(two.bureau(CENTRE))


def test_the_ledger_itself_is_whole_at_everybody(three: Federation) -> None:
    enter(three)
    enter(three, ("XCS",))
    settle(three)
    sizes = {ledger_store.size(three.bureau(name).db) for name in ("XAV", "XBM", "XCS", CENTRE)}
    assert len(sizes) == 1
