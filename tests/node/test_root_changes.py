"""The root changes in a whole network: everybody follows from the entry on, who was away too, and a false one nowhere."""

from collections.abc import Callable

import msgspec
import pytest
from tests.node.federation import Federation
from tests.node.rotating import with_keys
from tests.node.samples import (
    CENTRE,
    RELAY,
    approval,
    centre_certificate,
    certificate,
    holder_key,
    keys,
    relay_certificate,
    root,
)

from allpoints.ground.clock import DAY, HOUR
from allpoints.ground.refusal import Refusal
from allpoints.identity.approval import ADMISSION, approve
from allpoints.identity.certificate import Certificate, issue
from allpoints.identity.directory import Directory
from allpoints.identity.holder_key import HolderKey
from allpoints.identity.root import Root, RootHolder
from allpoints.identity.root_change import RootChange
from allpoints.ledger import checkpoint
from allpoints.ledger import store as ledger_store
from allpoints.node import frames, membership, root_changes
from allpoints.node.bureau import Bureau
from allpoints.node.relay import Relay

BRAM, CLEO = HolderKey.generate(), HolderKey.generate()
NEXT = (f"{CENTRE}/2", f"{RELAY}/2")
GHOST = "XDV"


def next_root(
    world: Federation,
    *signers: HolderKey,
    version: int = 2,
    names: tuple[str, str] = (CENTRE, RELAY),
    certificates: tuple[str, str] | None = None,
) -> RootChange:
    """A version held by two of Bram and Cleo that names the keys called ``names``."""
    holders = [RootHolder("Bram", BRAM.public), RootHolder("Cleo", CLEO.public)]
    services = (keys(names[0])[0].public, keys(names[1])[0].public)
    drafted = Root.draft(root().network, version, 2, holders, services)
    for key in signers:
        drafted = drafted.signed(key)
    called = certificates or names
    own, relay = (
        _certified(world, subject, name, called[0])
        for subject, name in zip((CENTRE, RELAY), called, strict=True)
    )
    return RootChange(drafted, own, relay)


def _certified(world: Federation, subject: str, name: str, issuer: str) -> Certificate:
    present = world.nodes[subject].me.certificate
    if name == subject and issuer == CENTRE:
        return present
    signing, reception = keys(name)
    holder = msgspec.structs.replace(
        present.holder, verify_key=signing.public, reception_key=reception.public
    )
    now = world.clock.now()
    return issue(CENTRE, keys(issuer)[0], holder, not_before_ms=now - HOUR, not_after_ms=now + 300 * DAY)


def change(world: Federation, made: RootChange) -> None:
    """What ``allpoints root change`` does: the entry by the present key, appended with the relay's next one."""
    centre = world.centre
    centre.do(lambda: centre.outbox.write_clear(root_changes.CHANGED, root_changes.pack(made)))
    handed_in = frames.encode(frames.Append(centre.outbox.entries()))
    world.wire.queue.clear()
    for name, own in ((CENTRE, made.secretariat), (RELAY, made.relay)):
        if own != world.nodes[name].me.certificate:
            key = NEXT[name == RELAY]
            world.own[name] = msgspec.structs.replace(
                with_keys(world.nodes[name].me, key, own),
                first_relay=world.relay.me.relay if name == RELAY else None,
            )
    world.relay.close()
    relay = world.start(RELAY)
    assert isinstance(relay, Relay)
    relay.do(lambda: relay.receive(CENTRE, handed_in))
    world.nodes[CENTRE].close()
    world.start(CENTRE)
    for name in (CENTRE, *(one for one in world.nodes if len(one) == 3 and one != CENTRE)):
        if name not in world.cut:
            world.connect(name)


def directory(world: Federation, name: str) -> Directory:
    node = world.nodes[name]
    assert isinstance(node, Relay | Bureau)
    return node.directory if isinstance(node, Relay) else node.following.directory


def refused(world: Federation, name: str) -> list[str]:
    return [row[0] for row in world.bureau(name).db.execute("SELECT code FROM state_refused")]


def code(act: object) -> str:
    with pytest.raises(Refusal) as caught:
        act()  # type: ignore[operator]
    return caught.value.code


def test_other_holders_decide_at_every_node_and_those_before_no_more(three: Federation) -> None:
    made = next_root(three, holder_key(), BRAM, CLEO)
    change(three, made)
    for name in (RELAY, CENTRE, "XAV", "XBM", "XCS"):
        assert directory(three, name).root == made.root
    for name in (CENTRE, "XAV"):
        titles = [row[0] for row in three.bureau(name).db.execute("SELECT title FROM office_alerts")]
        assert any("2 of 2 holders" in one and made.root.fingerprint() in one for one in titles)
    centre = three.centre
    centre.network.me = msgspec.structs.replace(centre.network.me, holder=None)
    own = certificate(GHOST, "bureau")
    data = own.to_bytes()
    now = three.clock.now()

    def admit(*given: bytes) -> None:
        body = frames.pack(membership.Admitting(data, list(given)))
        centre.do(lambda: centre.outbox.write_clear(membership.ADMITTED, body))
        three.pump()

    both = [approve(made.root, key, ADMISSION, data, now + DAY).to_bytes() for key in (BRAM, CLEO)]
    admit(*both)
    for name in (RELAY, CENTRE, "XAV", "XBM", "XCS"):
        assert directory(three, name).certificate(GHOST) == own
    other = certificate("XEL", "bureau").to_bytes()
    data = other
    admit(approval(other))
    assert three.relay.refusals["APPROVAL-HOLDER"] == 1


def test_the_keys_that_serve_the_network_are_replaced_and_a_node_that_missed_it_catches_up(
    three: Federation,
) -> None:
    three.enter("XAV")
    three.disconnect("XCS")
    made = next_root(three, holder_key(), BRAM, CLEO, names=NEXT)
    change(three, made)
    three.enter("XBM", issuer="XBM", source_ref="B-1", document_number="BB1")
    three.tick(20_000)
    assert directory(three, "XCS").root.version == 1
    three.connect("XCS")
    three.tick(20_000)
    for name in (RELAY, CENTRE, "XAV", "XBM", "XCS"):
        held = directory(three, name)
        assert held.root.version == 2
        assert held.certificate(CENTRE) == made.secretariat
        assert held.certificate(RELAY) == made.relay
        assert refused(three, name) == [] if name != RELAY else True
    assert three.bureau("XCS").following.size == three.relay.size
    # What the secretariat writes, reads and is written to goes on with its next key.
    three.suspend("XBM")
    assert not directory(three, "XCS").is_active("XBM", three.clock.now())
    three.restart("XCS")
    assert directory(three, "XCS").root.version == 2


def test_a_newcomer_begins_with_the_first_root_and_reads_every_change(two: Federation) -> None:
    change(two, next_root(two, holder_key(), BRAM, CLEO, names=NEXT))
    data = certificate(GHOST, "bureau").to_bytes()
    given = [
        approve(two.relay.directory.root, key, ADMISSION, data, two.clock.now() + DAY).to_bytes()
        for key in (BRAM, CLEO)
    ]
    body = frames.pack(membership.Admitting(data, given))
    two.centre.do(lambda: two.centre.outbox.write_clear(membership.ADMITTED, body))
    two.pump()
    two.start(GHOST)
    two.connect(GHOST)
    node = two.bureau(GHOST)
    assert node.me.root.version == 1
    assert node.following.size == two.relay.size
    assert node.following.directory.root.version == 2
    assert refused(two, GHOST) == []


FALSE: dict[str, tuple[Callable[[Federation], RootChange], str]] = {
    "signed by the holders now alone": (lambda world: next_root(world, BRAM, CLEO), "ROOT-THRESHOLD"),
    "signed by the holders before alone": (lambda world: next_root(world, holder_key()), "ROOT-THRESHOLD"),
    "one holder too few": (lambda world: next_root(world, holder_key(), BRAM), "ROOT-THRESHOLD"),
    "a version left out": (
        lambda world: next_root(world, holder_key(), BRAM, CLEO, version=3),
        "ROOT-NOT-NEXT",
    ),
    "the version in force again": (
        lambda world: next_root(world, holder_key(), BRAM, CLEO, version=1),
        "ROOT-NOT-NEXT",
    ),
    "the certificates of others": (
        lambda world: next_root(world, holder_key(), BRAM, CLEO, names=NEXT, certificates=("XAV", "XBM")),
        "NOT-IN-ROOT",
    ),
    "a stranger among the signers": (
        lambda world: next_root(world, holder_key(), BRAM, CLEO, HolderKey.generate()),
        "ROOT-SIGNER",
    ),
}


@pytest.mark.parametrize("what", FALSE)
def test_a_root_that_does_not_follow_is_refused_by_the_relay_and_ignored_by_every_node(
    two: Federation, what: str
) -> None:
    make, expected = FALSE[what]
    centre, body = two.centre, root_changes.pack(make(two))
    centre.do(lambda: centre.outbox.write_clear(root_changes.CHANGED, body))
    two.pump()
    assert two.relay.refusals[expected] == 1
    assert centre.outbox.blocked()[0][0] == expected
    # A relay that takes it all the same is not followed in it.
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(membership, "fold", lambda *_: None)
        two.relay.do(lambda: two.relay.receive(CENTRE, frames.encode(frames.Append(_again(centre)))))
    two.pump()
    two.tick(20_000)
    for name in ("XAV", "XBM"):
        assert two.bureau(name).following.size == two.relay.size
        assert directory(two, name).root == root()
        assert refused(two, name) == [expected]
        two.restart(name)
        assert directory(two, name).root == root()


def _again(centre: Bureau) -> list[bytes]:
    return [bytes(row[0]) for row in centre.db.execute("SELECT bytes FROM office_outbox WHERE kind='entry'")]


def test_a_bureau_changes_no_root_and_a_key_that_was_replaced_never_serves_again(two: Federation) -> None:
    made = next_root(two, holder_key(), BRAM, CLEO, names=NEXT)
    member = two.bureau("XAV")
    member.do(lambda: member.outbox.write_clear(root_changes.CHANGED, root_changes.pack(made)))
    two.pump()
    assert two.relay.refusals["KIND-NOT-ALLOWED"] == 1
    change(two, made)
    held = directory(two, "XBM").copy()
    back = next_root(two, BRAM, CLEO, version=3)
    again = RootChange(back.root, centre_certificate(), relay_certificate())
    assert code(lambda: held.change_root(again, 99)) == "KEY-AGAIN"
    assert held.root.version == 2
    same = next_root(two, BRAM, CLEO, version=3, names=NEXT)
    held.change_root(msgspec.structs.replace(same, secretariat=made.secretariat, relay=made.relay), 99)
    assert held.root.version == 3


def test_after_the_change_a_checkpoint_by_the_relays_former_key_counts_no_more(two: Federation) -> None:
    change(two, next_root(two, holder_key(), BRAM, CLEO, names=NEXT))
    two.enter("XAV")
    follower = two.bureau("XBM")
    size, text = ledger_store.latest_checkpoint(two.relay.db) or (0, "")
    known = root_changes.relay_keys(follower.following.directory, follower.me)
    assert checkpoint.verify(text, known).size == size
    forged = checkpoint.sign(checkpoint.verify(text, known), keys(RELAY)[0])
    assert code(lambda: checkpoint.verify(forged, known)) == "CHECKPOINT-SIGNATURE"
