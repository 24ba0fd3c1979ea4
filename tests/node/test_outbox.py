"""What is signed waits until the relay has it: in the chain's order, sent again when lost, kept when refused."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.node.federation import Federation
from tests.node.samples import ANNA, CARRIAGE, RELAY
from tests.node.surroundings import Sent

from allpoints.ground.refusal import Fault
from allpoints.ledger.entry import parse
from allpoints.messages.letter import Draft
from allpoints.node import frames
from allpoints.node.outbox import PASSING, RETRY_MS, Seal


def entered(federation: Federation, count: int) -> list[Sent]:
    """Enter records of Arvandia one by one; the frames to the relay that came of it, still on the wire."""
    owner = federation.bureau("XAV")
    for number in range(count):
        raw = {
            "source_ref": f"R{number}",
            "document_number": f"AB{number}",
            "issuer": "XAV",
            "document_type": "passport",
            "fraud": "lost",
        }
        owner.do(lambda r=raw: owner.records.enter(ANNA, "travel-documents", r, CARRIAGE))  # type: ignore[misc]
    return list(federation.wire.queue)


def numbers(federation: Federation, author: str = "XAV") -> list[int]:
    rows = federation.relay.db.execute(
        "SELECT author_seq FROM ledger_entries WHERE author=? ORDER BY seq", (author,)
    )
    return [row[0] for row in rows]


def test_entries_are_forgotten_once_the_relay_has_them_and_not_before(two: Federation) -> None:
    owner = two.bureau("XAV")
    entered(two, 3)
    # The first entry of an epoch gives its keys.
    assert owner.outbox.waiting() == 4
    two.pump()
    assert owner.outbox.waiting() == 0
    assert numbers(two) == [1, 2, 3, 4]


def test_what_was_lost_is_sent_again_in_order_after_a_while(two: Federation) -> None:
    owner = two.bureau("XAV")
    entered(two, 3)
    two.wire.queue.clear()
    two.tick(RETRY_MS - 1_000)
    # Its first audit lines are anchored behind them, and wait as well.
    assert owner.outbox.waiting() == 5
    two.tick(1_000)
    assert (owner.outbox.waiting(), numbers(two)) == (0, [1, 2, 3, 4, 5])


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(st.integers(0, 9), st.sampled_from(["lose", "double", "late"])), max_size=6))
def test_whatever_the_carrier_does_every_entry_stands_once_and_in_order(
    still: Federation, faults: list[tuple[int, str]]
) -> None:
    owner = still.bureau("XAV")
    still.tick()
    seal = Seal(bytes(16), bytes(32), [0])
    before = owner.db.execute("SELECT coalesce(max(seq), 0) FROM office_author").fetchone()[0]
    for number in range(3):
        owner.do(lambda n=number: owner.outbox.write("records.entered", b"%d" % n, seal))  # type: ignore[misc]
    for place, fault in faults:
        queue = still.wire.queue
        if place >= len(queue):
            continue
        one = queue[place]
        if fault == "double":
            queue.append(one)
        else:
            del queue[place]
            if fault == "late":
                queue.append(one)
    still.pump()
    for _ in range(8):
        still.tick()
    assert owner.outbox.waiting() == 0
    assert numbers(still) == list(range(1, before + 4))


def test_a_node_that_stops_keeps_what_it_signed_and_goes_on_with_its_chain(two: Federation) -> None:
    entered(two, 2)
    two.restart("XAV")
    two.pump()
    entered(two, 3)
    two.pump()
    assert numbers(two) == [1, 2, 3, 4]


def test_what_the_relay_refuses_for_good_is_kept_for_the_administrator(two: Federation) -> None:
    owner = two.bureau("XAV")
    two.enter()
    (append,) = entered(two, 1)
    assert isinstance(append.frame, frames.Append)
    two.wire.queue.clear()
    identifier = parse(append.frame.entries[0]).header.id
    two.tell(RELAY, "XAV", frames.NotAppended(identifier, Fault("KIND-NOT-ALLOWED", "Not this.")))
    assert (owner.outbox.waiting(), owner.outbox.blocked()) == (0, [("KIND-NOT-ALLOWED", "Not this.")])


@pytest.mark.parametrize("code", sorted(PASSING))
def test_what_time_mends_is_tried_again(two: Federation, code: str) -> None:
    owner = two.bureau("XAV")
    owner.do(lambda: owner.letters.send(ANNA, Draft(("XBM",), "Subject", "Text")))
    (deposit,) = two.wire.queue
    two.wire.queue.clear()
    digest = owner.db.execute("SELECT key FROM office_outbox").fetchone()[0]
    two.tell(RELAY, "XAV", frames.NotDeposited(digest, Fault(code, "Later.")))
    assert (owner.outbox.waiting("mail"), owner.outbox.blocked()) == (1, [])
    for _ in range(5):
        two.tick()
    assert owner.outbox.waiting("mail") == 0
    assert isinstance(deposit.frame, frames.Deposit)
