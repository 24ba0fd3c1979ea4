"""A member of the test federation rotates its keys, as its administrator does with the node stopped."""

import msgspec
from tests.node.federation import Federation
from tests.node.samples import RELAY, keys

from allpoints.ground.clock import DAY, HOUR
from allpoints.identity.certificate import Certificate, commitment, issue
from allpoints.ledger import store as ledger_store
from allpoints.ledger.entry import Entry, Header, compose
from allpoints.ledger.facts import CLEAR
from allpoints.node import frames, member_keys
from allpoints.node.credentials import Credentials


def follower(me: Credentials, name: str, now_ms: int, following: str = "later") -> Certificate:
    """A certificate for ``me`` by the keys called ``name``, committed to those called ``following``."""
    signing, reception = keys(name)
    holder = msgspec.structs.replace(
        me.certificate.holder, verify_key=signing.public, reception_key=reception.public
    )
    return issue(
        me.name,
        signing,
        holder,
        not_before_ms=now_ms - HOUR,
        not_after_ms=now_ms + 300 * DAY,
        next_key=commitment(keys(following)[0].public),
    )


def rotate(world: Federation, member: str, number: int = 2) -> Certificate:
    """The member's own keys number ``number`` take the place of those before; its node starts again with them."""
    bureau, name = world.bureau(member), f"{member}/{number}"
    certificate = follower(bureau.me, name, world.clock.now(), f"{member}/{number + 1}")
    bureau.do(lambda: bureau.keys.rotations.write(certificate))
    world.own[member] = with_keys(bureau.me, name, certificate)
    world.restart(member)
    world.pump()
    return certificate


def with_keys(me: Credentials, name: str, certificate: Certificate) -> Credentials:
    signing, reception = keys(name)
    return msgspec.structs.replace(
        me,
        signing=signing,
        reception=reception,
        certificate=certificate,
        former=(me.reception, *me.former),
    )


def forged(world: Federation, signer: str, body: bytes, kind: str = member_keys.ROTATED) -> Entry:
    """The next entry of XAV, signed by any key."""
    head = ledger_store.head(world.relay.db, "XAV")
    header = Header(
        id=b"forged" + bytes(10),
        kind=kind,
        author="XAV",
        created_ms=world.clock.now(),
        author_seq=head.author_seq + 1,
        prev=head.commitment,
        sealing=CLEAR,
        salt=bytes(32),
    )
    return compose(header, None, body, keys(signer)[0])


def handed_in(world: Federation, entry: Entry) -> str:
    """What the relay says of an entry that comes over XAV's line; empty when it takes it."""
    before = len(world.wire.seen)
    world.tell("XAV", RELAY, frames.Append([entry.encoded]))
    answers = [one.frame for one in world.wire.seen[before:] if one.to == "XAV"]
    refused = [one.fault.code for one in answers if isinstance(one, frames.NotAppended)]
    world.wire.queue.clear()
    return refused[0] if refused else ""
