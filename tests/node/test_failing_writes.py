"""The disk fails at the n-th statement of a whole node, for every n: nothing is half done, and the next try succeeds."""

import sqlite3
from collections.abc import Callable
from typing import Any

import pytest
from tests.node.conftest import Make
from tests.node.federation import AnyNode, Federation, dump
from tests.node.samples import ANNA, ASKS_PASSPORT, CARRIAGE, PASSPORT, POST, RELAY
from tests.node.surroundings import FailingConnection, FailingDisk, Sent

from allpoints.border.question import Question
from allpoints.messages.letter import Draft
from allpoints.node import frames
from allpoints.node.bureau import Bureau
from allpoints.node.post import Post

MOST_STATEMENTS = 400


def memory(node: AnyNode) -> dict[str, Any]:
    """What a node holds in memory and could have got wrong."""
    held: dict[str, Any] = {}
    if isinstance(node, Bureau):
        held["index"] = (node.index.number, node.index.chain, node.index.lookup("document", "XAV|AB123456"))
        held["members"] = [one.code for one in node.following.directory.members()]
        held["size"] = node.following.size
    elif isinstance(node, Post):
        held["extract"] = (node.extract.stamp, len(node.extract.lookup("document", "XAV|AB123456")))
    else:
        held["members"] = [one.code for one in node.directory.members()]
        held["size"] = node.size
    return held


def fail_at_each(federation: Federation, name: str, act: Callable[[], object]) -> int:
    """Run ``act`` with a failure at statement 1, 2, 3 … until it meets none; how many failures there were."""
    node = federation.nodes[name]
    db = node.db
    assert isinstance(db, FailingConnection)
    committed = []
    db.set_trace_callback(lambda sql: committed.append(sql) if sql == "COMMIT" else None)
    for number in range(1, MOST_STATEMENTS):
        before, held, sent = dump(db), memory(node), len(federation.wire.seen)
        committed.clear()
        db.arm(number)
        try:
            act()
        except sqlite3.OperationalError:
            db.arm(0)
            if committed:
                # Beyond the commit all is on the disk; a process that fails here starts again from it.
                federation.restart(name)
                return number
            assert (dump(db), memory(node)) == (before, held)
            assert len(federation.wire.seen) == sent
        else:
            db.arm(0)
            return number
    pytest.fail(f"still failing after {MOST_STATEMENTS} statements")


def settle(federation: Federation) -> None:
    federation.pump()
    for _ in range(8):
        federation.tick()


def test_entering_a_record(make: Make) -> None:
    federation = make(disks={"XAV": FailingDisk})
    owner = federation.bureau("XAV")

    def enter() -> None:
        node = federation.bureau("XAV")
        node.do(lambda: node.records.enter(ANNA, "travel-documents", PASSPORT, CARRIAGE))

    assert owner is federation.nodes["XAV"]
    assert fail_at_each(federation, "XAV", enter) > 10
    settle(federation)
    assert federation.check("XBM", ASKS_PASSPORT).verdict == "document"
    assert federation.relay.db.execute(
        "SELECT count(*) FROM ledger_entries WHERE author='XAV' AND kind='records.entered'"
    ).fetchone() == (1,)


def frame_for(federation: Federation, name: str, kind: type[frames.Frame]) -> Sent:
    """Hand over everything but the first frame of a kind to a node, and give that one."""
    held: list[Sent] = []
    while federation.wire.queue:
        one = federation.wire.queue.popleft()
        if one.to == name and isinstance(one.frame, kind) and not held:
            held.append(one)
        else:
            federation.hand_over(one)
    (found,) = held
    return found


def receive(federation: Federation, one: Sent) -> Callable[[], object]:
    return lambda: federation.nodes[one.to].do(lambda: federation.nodes[one.to].receive(one.sender, one.data))


def test_following_a_record_that_hits_an_earlier_check(make: Make) -> None:
    federation = make(disks={"XBM": FailingDisk})
    federation.check("XBM", ASKS_PASSPORT)
    owner = federation.bureau("XAV")
    owner.do(lambda: owner.records.enter(ANNA, "travel-documents", PASSPORT, CARRIAGE))
    entries = frame_for(federation, "XBM", frames.Entries)
    assert fail_at_each(federation, "XBM", receive(federation, entries)) > 30
    settle(federation)
    assert len(federation.bureau("XBM").hits.list_(ANNA)) == 1
    assert len(federation.bureau("XAV").hits.list_(ANNA)) == 1
    assert federation.check("XBM", ASKS_PASSPORT).verdict == "document"


def test_appending_at_the_relay(make: Make) -> None:
    federation = make(disks={RELAY: FailingDisk})
    owner = federation.bureau("XAV")
    owner.do(lambda: owner.records.enter(ANNA, "travel-documents", PASSPORT, CARRIAGE))
    append = frame_for(federation, RELAY, frames.Append)
    assert fail_at_each(federation, RELAY, receive(federation, append)) > 10
    for name in ("XSC", "XAV", "XBM"):
        federation.connect(name)
    settle(federation)
    assert owner.outbox.waiting() == 0
    assert federation.check("XBM", ASKS_PASSPORT).verdict == "document"


def test_depositing_and_fetching_mail_at_the_relay(make: Make) -> None:
    federation = make(disks={RELAY: FailingDisk})
    owner = federation.bureau("XAV")
    owner.do(lambda: owner.letters.send(ANNA, Draft(("XBM",), "Subject", "Text")))
    deposit = frame_for(federation, RELAY, frames.Deposit)
    assert fail_at_each(federation, RELAY, receive(federation, deposit)) > 5
    for name in ("XSC", "XAV", "XBM"):
        federation.connect(name)
    settle(federation)
    assert len(federation.bureau("XBM").letters.list_(ANNA, "inbox")) == 1
    assert federation.relay.db.execute("SELECT count(*) FROM relay_mail").fetchone() == (0,)


def test_taking_a_hit_in_at_its_owner(make: Make) -> None:
    federation = make(disks={"XAV": FailingDisk})
    federation.enter()
    bureau = federation.bureau("XBM")
    bureau.do(lambda: bureau.check(ANNA, ASKS_PASSPORT))
    mail = frame_for(federation, "XAV", frames.Mail)
    assert fail_at_each(federation, "XAV", receive(federation, mail)) > 10
    settle(federation)
    assert [view.state for view in federation.bureau("XAV").hits.list_(ANNA)] == ["notified"]
    assert [view.state for view in federation.bureau("XBM").hits.list_(ANNA)] == ["notified"]


def test_taking_a_part_of_an_extract_in_at_a_post(make: Make) -> None:
    federation = make(posts=(POST,), disks={POST: FailingDisk})
    owner = federation.bureau("XAV")
    owner.do(lambda: owner.records.enter(ANNA, "travel-documents", PASSPORT, CARRIAGE))
    part = frame_for(federation, POST, frames.ExtractPart)
    assert fail_at_each(federation, POST, receive(federation, part)) > 4
    settle(federation)
    federation.disconnect(POST)
    (answer,) = federation.check_at_post(ASKS_PASSPORT)
    assert getattr(answer, "verdict", "") == "document"


def test_telling_a_check_made_alone(make: Make) -> None:
    federation = make(posts=(POST,), disks={"XBM": FailingDisk})
    federation.enter()
    federation.tick()
    federation.disconnect(POST)
    federation.check_at_post(ASKS_PASSPORT)
    row = federation.post().db.execute("SELECT check_id, sealed FROM office_alone").fetchone()
    told = Sent(POST, "XBM", frames.encode(frames.Record(*row)))
    assert fail_at_each(federation, "XBM", receive(federation, told)) > 20
    federation.connect(POST)
    settle(federation)
    assert len(federation.bureau("XAV").hits.list_(ANNA)) == 1
    assert federation.post().to_tell() == 0


def test_a_refused_item_of_a_node_does_not_disturb_its_neighbours(make: Make) -> None:
    federation = make()
    federation.enter()
    bureau = federation.bureau("XBM")
    outcomes = bureau.run(
        [
            lambda: bureau.check(ANNA, ASKS_PASSPORT),
            lambda: bureau.check(ANNA, Question(number="AB1")),
            lambda: bureau.receive(RELAY, b"nonsense"),
            lambda: bureau.check(ANNA, Question(number="ZZ1", issuer="XAV")),
        ]
    )
    assert [getattr(one, "code", "") or one.verdict for one in outcomes] == [
        "document",
        "CHECK-NO-ISSUER",
        "FRAME-UNREADABLE",
        "clear",
    ]
    federation.pump()
    assert len(federation.bureau("XAV").hits.list_(ANNA)) == 1
