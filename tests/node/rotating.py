"""A member of the test federation rotates its keys, as its administrator does with the node stopped."""

import msgspec
from tests.node.federation import Federation
from tests.node.samples import keys

from allpoints.ground.clock import DAY, HOUR
from allpoints.identity.certificate import Certificate, commitment, issue
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
    bureau.do(lambda: bureau.rotations.write(certificate))
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
