"""Links between records: said by an owner, shown to whoever may read both, undone, hidden with the records they join."""

from collections.abc import Callable
from typing import Any

import pytest
from tests.node.conftest import Make
from tests.node.federation import Federation
from tests.node.samples import ALL_ROLES, ANNA, CENTRE, PASSPORT, PERSON, PURPOSE
from tests.node.surroundings import FailingDisk
from tests.node.test_failing_writes import fail_at_each, frame_for, receive, settle
from tests.node.test_rebuilding import tables

from allpoints.ground.clock import DAY
from allpoints.ground.refusal import Refusal
from allpoints.identity.officers import Asker
from allpoints.ledger import audit
from allpoints.node import frames
from allpoints.node.rebuilding import refold
from allpoints.node.record_links import LinkView
from allpoints.registers.linking import Between


def person(federation: Federation, **fields: Any) -> str:
    return federation.enter("XAV", PERSON | fields, register="persons")


def paper(federation: Federation, owner: str = "XAV", number: str = "AB123456", **fields: Any) -> str:
    raw = PASSPORT | {"issuer": owner, "document_number": number, "source_ref": number}
    return federation.enter(owner, raw, **fields)


def link(
    federation: Federation,
    source: str,
    target: str,
    *,
    by: str = "XAV",
    relation: str = "bears",
    reason: str = "Found on him.",
    asker: Asker = ANNA,
) -> str:
    bureau = federation.bureau(by)
    said = Between(bytes.fromhex(source), bytes.fromhex(target), relation, reason, "")
    identifier = bureau.do(lambda: bureau.links.enter(asker, said))
    federation.pump()
    return str(identifier)


def undo(federation: Federation, identifier: str, by: str = "XAV", reason: str = "An error.") -> None:
    bureau = federation.bureau(by)
    bureau.do(lambda: bureau.links.undo(ANNA, bytes.fromhex(identifier), reason))
    federation.pump()


def links(federation: Federation, name: str, record: str, *, undone: bool = False) -> list[LinkView]:
    bureau = federation.bureau(name)
    _, found = bureau.do(lambda: bureau.links.read(ANNA, bytes.fromhex(record), undone=undone))
    return list(found)


def refused(act: Callable[[], object]) -> str:
    with pytest.raises(Refusal) as caught:
        act()
    return caught.value.code


def test_a_link_is_shown_from_both_records_to_everyone_who_may_read_them(three: Federation) -> None:
    bearer, document = person(three), paper(three, "XBM")
    identifier = link(three, bearer, document)
    for name in ("XAV", "XBM", "XCS", CENTRE):
        (there,) = links(three, name, bearer)
        assert (there.link, there.phrase, there.outward) == (identifier, "bears", True)
        assert (there.record, there.register, there.owner, there.ref) == (
            *(document, "travel-documents", "XBM"),
            "AB123456",
        )
        assert (there.author, there.by_role, there.reason) == ("XAV", "desk of XAV", "Found on him.")
        (back,) = links(three, name, document)
        assert (back.link, back.phrase, back.outward, back.record) == (
            *(identifier, "is borne by", False),
            bearer,
        )
        assert "Bellweather" in back.caption.title()


def test_reading_a_record_writes_down_whose_captions_were_shown_with_it(two: Federation) -> None:
    bearer, document = person(two), paper(two)
    link(two, bearer, document)
    links(two, "XBM", bearer)
    line = audit.lines(two.bureau("XBM").db)[0]
    assert line.event == "record:read"
    assert document.encode() in line.detail


def test_a_link_is_for_those_alone_who_may_read_both_records(three: Federation) -> None:
    bearer = three.enter("XAV", PERSON, register="persons", excluded=("XCS",))
    document = paper(three)
    link(three, bearer, document)
    assert len(links(three, "XBM", document)) == 1
    assert links(three, "XCS", document) == []
    assert three.bureau("XCS").db.execute("SELECT count(*) FROM state_links").fetchone() == (0,)
    assert three.bureau("XCS").following.size == three.relay.size


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"asker": Asker("b", frozenset({"border", "command", "reviewer"}), PURPOSE)}, "NOT-ALLOWED"),
        ({"asker": Asker("b", ALL_ROLES)}, "NO-PURPOSE"),
        ({"reason": " "}, "NO-REASON"),
        ({"relation": "married-to"}, "UNKNOWN-RELATION"),
        ({"target": "00" * 16}, "UNKNOWN-RECORD"),
        ({"by": "XCS"}, "LINK-NOT-OWNER"),
        ({"by": "XBM"}, "UNKNOWN-RECORD"),
        ({"target": None}, "LINK-TO-ITSELF"),
    ],
)
def test_what_may_not_be_linked_leaves_no_trace_and_what_may_be_is(
    three: Federation, change: dict[str, Any], code: str
) -> None:
    bearer, document = person(three), paper(three, excluded=("XBM",))
    bureau = three.bureau(change.get("by", "XAV"))
    lines, size = audit.verify(bureau.db), three.relay.size
    target = change.pop("target", document) or bearer
    assert refused(lambda: link(three, bearer, target, **change)) == code
    assert (audit.verify(bureau.db), three.relay.size) == (lines, size)
    link(three, bearer, document)
    assert audit.lines(three.bureau("XAV").db)[0].event == "link:entered"
    assert refused(lambda: link(three, bearer, document)) == "LINK-EXISTS"
    link(three, bearer, document, relation="owns")
    assert len(links(three, "XCS", bearer)) == 2


def test_only_its_author_undoes_a_link_once_and_that_it_was_there_stays_known(two: Federation) -> None:
    bearer, document = person(two), paper(two, "XBM")
    identifier = link(two, bearer, document)
    assert refused(lambda: undo(two, identifier, "XBM")) == "LINK-NOT-AUTHOR"
    assert refused(lambda: undo(two, "00" * 16)) == "UNKNOWN-LINK"
    assert refused(lambda: undo(two, identifier, reason="")) == "NO-REASON"
    undo(two, identifier)
    assert refused(lambda: undo(two, identifier)) == "LINK-UNDONE"
    for name in ("XAV", "XBM"):
        assert links(two, name, bearer) == []
        (told,) = links(two, name, bearer, undone=True)
        assert (told.undone_ms, told.undone_reason) == (two.clock.now(), "An error.")
    link(two, bearer, document)
    assert len(links(two, "XBM", bearer)) == 1
    assert audit.lines(two.bureau("XAV").db)[0].event == "link:entered"


def test_a_link_is_hidden_with_a_blocked_record_and_gone_for_good_with_one_that_ended(
    two: Federation,
) -> None:
    bearer, document = person(two), paper(two)
    link(two, bearer, document)
    centre, owner = two.centre, two.bureau("XAV")
    centre.do(lambda: centre.blocks.block(ANNA, bytes.fromhex(document), "Doubts."))
    two.pump()
    assert [links(two, name, bearer) for name in ("XAV", "XBM", CENTRE)] == [[], [], []]
    assert refused(lambda: link(two, bearer, document, relation="owns")) == "RECORD-NOT-VALID"
    centre.do(lambda: centre.blocks.unblock(ANNA, bytes.fromhex(document), "None left."))
    two.pump()
    assert [len(links(two, name, bearer)) for name in ("XAV", "XBM", CENTRE)] == [1, 1, 1]
    owner.do(lambda: owner.records.withdraw(ANNA, "travel-documents", "AB123456", "Handed in."))
    two.pump()
    assert links(two, "XBM", bearer) == []
    paper(two)
    assert links(two, "XBM", bearer) == links(two, "XBM", document) == []
    link(two, bearer, document)
    assert len(links(two, "XBM", document)) == 1


def test_a_link_ends_with_the_retention_of_either_record(two: Federation) -> None:
    bearer, document = person(two), paper(two)
    link(two, bearer, document)
    days = two.centre.vocabulary.registers["persons"].retention_days
    two.clock.now_ms += (days - 1) * DAY
    assert len(links(two, "XBM", document)) == 1
    two.clock.now_ms += DAY
    assert links(two, "XBM", document) == []
    two.tick(DAY)
    assert links(two, "XBM", document) == []
    assert links(two, "XBM", bearer) == []


def test_a_newcomer_is_given_the_links_of_what_it_may_read_and_not_those_undone(two: Federation) -> None:
    bearer, document, other = person(two), paper(two), paper(two, number="CD777777", excluded=("XDV",))
    link(two, bearer, document)
    link(two, bearer, other)
    gone = link(two, document, bearer, relation="part-of")
    two.admit("XDV")
    two.start("XDV")
    undo(two, gone)
    two.connect("XDV")
    for _ in range(3):
        two.tick()
    assert [one.record for one in links(two, "XDV", bearer)] == [document]
    assert two.bureau("XDV").db.execute("SELECT count(*) FROM state_links").fetchone() == (2,)


def test_rebuilt_nodes_hold_the_same_links(two: Federation) -> None:
    bearer, document = person(two), paper(two)
    undo(two, link(two, bearer, document))
    link(two, bearer, document, relation="owns")
    for name in ("XAV", "XBM", CENTRE):
        bureau = two.bureau(name)
        state, office = tables(bureau.db, "state_"), tables(bureau.db, "office_")
        refold(bureau)
        assert tables(bureau.db, "state_") == state
        assert tables(bureau.db, "office_") == office


@pytest.mark.parametrize("failing", ["XAV", "XBM"])
def test_a_failing_disk_leaves_no_half_of_a_link(make: Make, failing: str) -> None:
    federation = make(disks={failing: FailingDisk})
    bearer, document = person(federation), paper(federation)
    said = Between(bytes.fromhex(bearer), bytes.fromhex(document), "bears", "Found on him.", "")

    def enter() -> None:
        bureau = federation.bureau("XAV")
        bureau.do(lambda: bureau.links.enter(ANNA, said))

    if failing == "XAV":
        assert fail_at_each(federation, "XAV", enter) > 8
    else:
        enter()
        entries = frame_for(federation, "XBM", frames.Entries)
        assert fail_at_each(federation, "XBM", receive(federation, entries)) > 8
    settle(federation)
    assert len(links(federation, "XBM", bearer)) == 1
