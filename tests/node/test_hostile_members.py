"""A member that turned hostile, with its own keys and its own node: what it does stays its own."""

import msgspec
import pytest
from tests.node.federation import Federation
from tests.node.rotating import with_keys
from tests.node.samples import approval, keys
from tests.node.test_approved_orders import suspension

from allpoints.ground.clock import DAY
from allpoints.ground.refusal import Refusal
from allpoints.identity.approval import MEASURE
from allpoints.identity.certificate import commitment, issue
from allpoints.node import frames
from allpoints.node.post_office import Missing


def test_no_number_of_a_missing_letter_is_larger_than_any_that_was_given() -> None:
    assert frames.body(frames.pack(Missing((1, 2**53 - 1))), Missing).numbers == (1, 2**53 - 1)
    for numbers in ((2**53,), (2**63,), (-1,), tuple(range(10_001))):
        with pytest.raises(Refusal) as refused:
            frames.body(frames.pack(Missing(numbers)), Missing)
        assert refused.value.code == "BODY-UNREADABLE"


def postdated(world: Federation, member: str) -> None:
    """Let a member rotate to a certificate that begins in 400 days."""
    bureau, now = world.bureau(member), world.clock.now()
    signing, reception = keys(f"{member}/2")
    holder = msgspec.structs.replace(
        bureau.me.certificate.holder, verify_key=signing.public, reception_key=reception.public
    )
    certificate = issue(
        member, signing, holder, not_before_ms=now + 400 * DAY, not_after_ms=now + 700 * DAY,
        next_key=commitment(keys(f"{member}/3")[0].public),
    )  # fmt: skip
    bureau.do(lambda: bureau.keys.rotations.write(certificate))
    world.own[member] = with_keys(bureau.me, f"{member}/2", certificate)
    world.restart(member)
    world.pump()


@pytest.mark.parametrize("rotates_first", [True, False])
def test_a_certificate_that_begins_later_carries_no_member_past_its_suspension(
    three: Federation, rotates_first: bool
) -> None:
    if rotates_first:
        postdated(three, "XBM")
        assert "XBM" in three.bureau("XAV").audience.readers()
    order = suspension(three, 180)
    three.order(order, approval(order.to_bytes(), MEASURE))
    if not rotates_first:
        postdated(three, "XBM")
    three.tick()
    three.pump()
    assert set(three.bureau("XAV").audience.readers()) == {"XAV", "XCS", "XSC"}
    size = three.bureau("XAV").following.size
    bureau = three.bureau("XBM")
    bureau.outbox.limit = lambda _kind: None
    three.enter("XBM", source_ref="S-9", issuer="XBM")
    three.tick()
    three.pump()
    assert three.relay.refusals["AUTHOR-SUSPENDED"] > 0
    assert three.bureau("XAV").following.size == size
    assert not three.bureau("XAV").db.execute("SELECT 1 FROM state_records WHERE owner='XBM'").fetchone()
