"""Nobody alone restores a member or limits it for long: every node counts the word of the root's holders."""

import msgspec
import pytest
from tests.node.federation import Federation
from tests.node.samples import ANNA, CENTRE, RELAY, approval, holder_key, keys, root

from allpoints.ground.clock import DAY, HOUR
from allpoints.ground.refusal import Refusal
from allpoints.identity.approval import MEASURE, RESTORATION, approve
from allpoints.identity.holder_key import HolderKey
from allpoints.identity.officers import Asker
from allpoints.identity.order_file import read_order, write_order
from allpoints.identity.root import Root, RootHolder
from allpoints.identity.standing import KINDS, SUSPENDED, Measure, Restoration, new_id
from allpoints.node import frames, membership
from allpoints.node.orders import RestorationOrder

RESOLUTION = "GA-2026-94-RES-03"
NODES = (CENTRE, "XAV", "XBM")


def suspension(world: Federation, days: int) -> Measure:
    now = world.clock.now()
    return Measure(new_id(), "XBM", SUSPENDED, KINDS, now, now + days * DAY, "Misuse", RESOLUTION)


def restoration(*lifts: bytes) -> Restoration:
    return Restoration(new_id(), "XBM", tuple(sorted(lifts)), "Cleared", RESOLUTION)


def without_holder(world: Federation) -> None:
    """The secretariat of a network that people hold: no folder of it has a holder's key."""
    for part in (world.centre.orders, world.centre.network):
        part.me = msgspec.structs.replace(part.me, holder=None)


def write(world: Federation, kind: str, order: Measure | Restoration, *approvals: bytes) -> None:
    """What a hostile secretariat writes past its own desk."""
    body = frames.pack(membership.Ordering(order.to_bytes(), list(approvals)))
    world.centre.do(lambda: world.centre.outbox.write_clear(kind, body))
    world.pump()


def code(act: object) -> str:
    with pytest.raises(Refusal) as caught:
        act()  # type: ignore[operator]
    return caught.value.code


def active(world: Federation, name: str) -> list[bool]:
    now = world.clock.now()
    return [world.bureau(one).following.directory.is_active(name, now) for one in NODES]


def test_a_member_is_suspended_for_long_and_restored_with_the_word_of_the_holders(two: Federation) -> None:
    without_holder(two)
    order = suspension(two, 180)
    assert code(lambda: two.order(order)) == "APPROVALS-NEEDED"
    assert code(lambda: two.order(order, approval(order.to_bytes(), RESTORATION))) == "APPROVAL-OTHER"
    assert active(two, "XBM") == [True] * 3
    assert "XBM is suspended" in two.order(order, approval(order.to_bytes(), MEASURE))
    assert active(two, "XBM") == [False] * 3
    two.clock.now_ms += 20 * DAY
    assert active(two, "XBM") == [False] * 3
    end = restoration(order.id)
    assert code(lambda: two.order(end)) == "APPROVALS-NEEDED"
    two.order(end, approval(end.to_bytes(), RESTORATION))
    assert active(two, "XBM") == [True] * 3
    assert code(lambda: two.order(end, approval(end.to_bytes(), RESTORATION))) == "ORDER-AGAIN"


def test_the_secretariat_alone_suspends_at_once_and_restores_nobody(two: Federation) -> None:
    without_holder(two)
    two.suspend("XBM")
    assert active(two, "XBM") == [False] * 3
    centre, order = two.centre, RestorationOrder("Cleared", RESOLUTION)
    assert code(lambda: centre.do(lambda: centre.orders.restore(ANNA, "XBM", order))) == "APPROVALS-NEEDED"
    assert centre.outbox.waiting() == 0


def test_a_relay_refuses_a_restoration_that_the_holders_did_not_approve(two: Federation) -> None:
    two.suspend("XBM")
    (held,) = two.centre.orders.measures(ANNA, "XBM")
    write(two, membership.RESTORED, restoration(bytes.fromhex(held.id)))
    assert two.relay.refusals["APPROVALS-MISSING"] == 1
    assert two.centre.outbox.blocked()[0][0] == "APPROVALS-MISSING"
    assert active(two, "XBM") == [False] * 3


@pytest.mark.parametrize("kind", [membership.LIMITED, membership.RESTORED])
def test_every_node_ignores_what_a_hostile_secretariat_and_its_relay_order_for_long_or_undo(
    three: Federation, kind: str
) -> None:
    held = suspension(three, 10)
    three.order(held, approval(held.to_bytes(), MEASURE))
    false = HolderKey.generate()
    services = (keys(CENTRE)[0].public, keys(RELAY)[0].public)
    own = Root.draft(root().network, 1, 1, [RootHolder("Ines", false.public)], services).signed(false)
    order = suspension(three, 300) if kind == membership.LIMITED else restoration(held.id)
    act = MEASURE if kind == membership.LIMITED else RESTORATION
    forged = approve(own, false, act, order.to_bytes(), three.clock.now() + DAY).to_bytes()
    for directory in (three.relay.directory, three.centre.following.directory):
        directory.root = own
    write(three, kind, order, forged)
    assert three.relay.size == three.bureau("XAV").following.size
    three.clock.now_ms += 9 * DAY
    for name in ("XAV", "XCS"):
        node = three.bureau(name)
        assert node.db.execute("SELECT code FROM state_refused").fetchall() == [("APPROVAL-HOLDER",)]
        assert not node.following.directory.is_active("XBM", three.clock.now())
        assert node.following.directory.is_active("XBM", three.clock.now() + 2 * DAY)


def test_an_approval_that_has_ended_orders_nothing(two: Federation) -> None:
    order = suspension(two, 60)
    given = approve(root(), holder_key(), MEASURE, order.to_bytes(), two.clock.now() + HOUR).to_bytes()
    two.clock.now_ms += HOUR
    assert code(lambda: two.order(order, given)) == "APPROVAL-EXPIRED"
    two.clock.now_ms -= 1
    two.order(order, given)
    assert active(two, "XBM") == [False] * 3


def test_an_order_comes_from_its_file_by_an_administrator_of_the_secretariat(two: Federation) -> None:
    order = suspension(two, 60)
    text, given = write_order(order), [approval(order.to_bytes(), MEASURE)]
    assert read_order(text) == order
    desk, centre, bureau = Asker("b", frozenset({"desk"})), two.centre, two.bureau("XAV")
    assert code(lambda: centre.orders.order(desk, text, given)) == "NOT-ALLOWED"
    assert code(lambda: bureau.orders.order(ANNA, text, given)) == "NOT-SECRETARIAT"
    altered = text.replace("Misuse", "Kindness")
    assert code(lambda: centre.orders.order(ANNA, altered, given)) == "FILE-CONTRADICTS"
    assert code(lambda: centre.orders.order(ANNA, text.replace('"measure"', '"wish"'), given)) == "ORDER-KIND"
    assert active(two, "XBM") == [True] * 3
    assert "Misuse" in centre.do(lambda: centre.orders.order(ANNA, text, given)).sentence
