"""What surrounds a record goes with it at whoever is shut out: files, links, words of an examination, bytes of the ledger."""

import pytest
from tests.node import exhibits
from tests.node.conftest import Make
from tests.node.excluding import RECORD, WANTED, enter, enter_together, holds, readers, words_in_state
from tests.node.excluding import settle as tick
from tests.node.exhibits import CANARY_IMAGE, PLAIN_IMAGE, parts_held, shown, state_with
from tests.node.federation import Federation
from tests.node.samples import ANNA, CENTRE
from tests.node.surroundings import FailingDisk
from tests.node.test_erasure import erased, wait
from tests.node.test_failing_writes import fail_at_each, frame_for, receive, settle
from tests.node.test_record_links import link, links, paper, undo
from tests.registers.exhibits import vocabulary

from allpoints.ground.clock import DAY
from allpoints.ground.refusal import Refusal
from allpoints.node import frames
from allpoints.node.erasure import GRACE_MS
from allpoints.node.rebuilding import refold
from allpoints.registers.entering import Carriage


def test_files_go_with_the_record_and_come_back_with_it(make: Make) -> None:
    federation = make(("XAV", "XBM", "XCS"), words=vocabulary())
    exhibits.enter(federation, CANARY_IMAGE)
    whole = parts_held(federation)
    assert set(whole) == {"XAV", "XBM", "XCS", CENTRE}
    identifier = exhibits.enter(federation, CANARY_IMAGE, excluded=("XCS",), uploading=False)
    assert set(parts_held(federation)) == {"XAV", "XBM", CENTRE}
    assert state_with(federation.bureau("XCS"), exhibits.CANARY) == []
    with pytest.raises(Refusal) as refused:
        shown(federation, "XCS", identifier, CANARY_IMAGE)
    assert refused.value.code == "UNKNOWN-RECORD"
    exhibits.enter(federation, CANARY_IMAGE, uploading=False)
    assert parts_held(federation) == whole
    assert shown(federation, "XCS", identifier, CANARY_IMAGE) == CANARY_IMAGE


def test_a_file_that_another_record_shows_stays(make: Make) -> None:
    federation = make(("XAV", "XBM"), words=vocabulary())
    exhibits.enter(federation, PLAIN_IMAGE, ref="E-1")
    other = exhibits.enter(federation, PLAIN_IMAGE, ref="E-2", uploading=False)
    exhibits.enter(federation, PLAIN_IMAGE, ref="E-1", excluded=("XBM",), uploading=False)
    assert shown(federation, "XBM", other, PLAIN_IMAGE) == PLAIN_IMAGE


def test_a_newcomer_is_given_no_part_of_a_file_that_only_what_is_kept_from_it_shows(make: Make) -> None:
    federation = make(("XAV", "XBM"), words=vocabulary())
    exhibits.enter(federation, CANARY_IMAGE, ref="E-1")
    other = exhibits.enter(federation, PLAIN_IMAGE, ref="E-2")
    exhibits.enter(federation, ref="E-1", excluded=("XCS",))
    federation.admit("XCS")
    federation.start("XCS")
    federation.connect("XCS")
    tick(federation)
    assert shown(federation, "XCS", other, PLAIN_IMAGE) == PLAIN_IMAGE
    assert parts_held(federation)["XCS"] == len(PLAIN_IMAGE)
    # It could have looked into the entries with their keys, whatever its program does.
    db = federation.bureau("XAV").db
    given = db.execute("SELECT count(*) FROM ledger_entries WHERE kind='audience.widened'").fetchone()
    assert given == (1,)


def test_links_to_the_record_are_forgotten_by_who_is_shut_out_and_by_no_other(three: Federation) -> None:
    record = enter(three).hex()
    other = paper(three, "XBM", "QQ100200")
    said = link(three, record, other, by="XBM", reason="Thistlewick bore it.")
    assert len(links(three, "XCS", other)) == 1
    enter(three, ("XCS",))
    assert words_in_state(three.bureau("XCS")) == set()
    assert [len(links(three, name, other)) for name in ("XAV", "XBM", "XCS")] == [1, 1, 0]
    # What is said of the link later is not told to it either.
    undo(three, said, by="XBM", reason="Thistlewick did not.")
    assert words_in_state(three.bureau("XCS")) == set()


def test_who_comes_later_is_not_told_of_links_to_what_is_kept_from_it(two: Federation) -> None:
    record = enter(two).hex()
    other = paper(two, "XBM", "QQ100200")
    link(two, record, other, by="XBM", reason="Thistlewick bore it.")
    enter(two, ("XCS",))
    two.admit("XCS")
    two.start("XCS")
    two.connect("XCS")
    tick(two)
    newcomer = two.bureau("XCS")
    assert newcomer.records.counted(ANNA) == {"travel-documents:valid": 1}
    assert words_in_state(newcomer) == set()
    assert newcomer.db.execute("SELECT count(*) FROM state_links").fetchone() == (0,)


def test_a_members_own_link_to_what_it_may_not_read_any_more_counts_for_nobody(three: Federation) -> None:
    record = enter(three).hex()
    other = paper(three, "XCS", "QQ100300")
    link(three, record, other, by="XCS")
    enter(three, ("XCS",))
    assert [len(links(three, name, other)) for name in ("XAV", "XBM", "XCS")] == [0, 0, 0]
    three.admit("XDV")
    three.start("XDV")
    three.connect("XDV")
    tick(three)
    assert three.bureau("XDV").db.execute("SELECT count(*) FROM state_links").fetchone() == (0,)


def test_the_readers_of_a_record_under_examination_stay_and_its_words_go_with_it(three: Federation) -> None:
    record, centre, owner = enter(three), three.centre, three.bureau("XAV")
    centre.do(lambda: centre.blocks.block(ANNA, record, "Is Thistlewick sought at all?"))
    three.pump()
    narrower = Carriage("border-control", "official-use", ("XCS",))
    with pytest.raises(Refusal) as refused:
        owner.do(lambda: owner.records.enter(ANNA, "persons", WANTED, narrower))
    assert refused.value.code == "RECORD-BLOCKED"
    centre.do(lambda: centre.blocks.unblock(ANNA, record, "Thistlewick is."))
    three.pump()
    assert "state_record_blocks" in words_in_state(three.bureau("XCS"))
    enter(three, ("XCS",))
    assert words_in_state(three.bureau("XCS")) == set()
    reader = three.bureau("XBM")
    history = reader.do(lambda: reader.records.read(ANNA, RECORD)).history
    assert [one.reason for one in history if one.op in {"block", "unblock"}] == [
        "Is Thistlewick sought at all?",
        "Thistlewick is.",
    ]


def test_a_month_later_the_bytes_of_what_they_were_shut_out_of_leave_every_ledger(three: Federation) -> None:
    enter(three)
    enter(three, ("XCS",))
    wait(three, GRACE_MS - DAY)
    assert erased(three) == 0
    wait(three, 2 * DAY)
    assert [erased(three, name) for name in ("XAV", "XBM", "XCS", CENTRE)] == [1, 1, 1, 1]
    for name in ("XAV", "XBM", "XCS", CENTRE):
        refold(three.bureau(name))
    three.admit("XDV")
    three.start("XDV")
    three.connect("XDV")
    tick(three)
    assert [holds(three.bureau(name)) for name in ("XBM", "XCS", "XDV")] == [True, False, True]


def test_an_earlier_version_of_which_nobody_was_shut_out_stays_in_the_ledger(three: Federation) -> None:
    enter(three)
    enter(three, height_cm=171)
    wait(three, GRACE_MS + DAY)
    assert erased(three) == 0


def test_shutting_a_member_out_is_all_or_nothing_at_the_owner(make: Make) -> None:
    federation = make(disks={"XAV": FailingDisk})
    enter(federation)
    narrower = Carriage("border-control", "official-use", ("XBM",))

    def narrow() -> None:
        node = federation.bureau("XAV")
        node.do(lambda: node.records.enter(ANNA, "persons", WANTED, narrower))

    assert fail_at_each(federation, "XAV", narrow) > 12
    settle(federation)
    assert not holds(federation.bureau("XBM"))
    assert [(one.member, bool(one.obeyed_ms)) for one in readers(federation)] == [("XBM", True)]


def test_obeying_an_order_is_all_or_nothing_at_who_is_shut_out(make: Make) -> None:
    federation = make(disks={"XBM": FailingDisk})
    enter(federation)
    owner, narrower = federation.bureau("XAV"), Carriage("border-control", "official-use", ("XBM",))
    owner.do(lambda: owner.records.enter(ANNA, "persons", WANTED, narrower))
    entries = frame_for(federation, "XBM", frames.Entries)
    assert fail_at_each(federation, "XBM", receive(federation, entries)) > 12
    settle(federation)
    assert not holds(federation.bureau("XBM"))
    assert readers(federation)[0].obeyed_ms


def test_who_was_let_in_by_an_act_that_is_still_on_its_way_is_told_all_the_same(three: Federation) -> None:
    enter(three, ("XCS",))
    three.disconnect("XAV")
    enter(three)
    enter(three, ("XCS",))
    three.connect("XAV")
    tick(three)
    assert words_in_state(three.bureau("XCS")) == set()
    assert [(one.member, bool(one.obeyed_ms)) for one in readers(three)] == [("XCS", True)]


def test_giving_the_rest_of_an_entry_is_all_or_nothing(make: Make) -> None:
    federation = make(disks={"XAV": FailingDisk})
    enter_together(federation)
    enter(federation, ("XCS",))
    federation.admit("XCS")
    federation.start("XCS")
    federation.connect("XCS")

    def tick_owner() -> None:
        node = federation.nodes["XAV"]
        node.do(node.tick)

    assert fail_at_each(federation, "XAV", tick_owner) > 12
    settle(federation)
    newcomer = federation.bureau("XCS")
    assert newcomer.records.counted(ANNA) == {"persons:valid": 1}
    assert words_in_state(newcomer) == set()
