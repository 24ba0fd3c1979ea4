"""Keys of the test federation's members are revoked and recovered, with the word of the root's only holder."""

import shutil

import msgspec
from tests.node.federation import Federation
from tests.node.rotating import follower, with_keys
from tests.node.samples import ANNA, keys

from allpoints.ground.clock import HOUR
from allpoints.identity.certificate import Certificate
from allpoints.identity.order_file import write_order
from allpoints.identity.recovery import Recovery, Revocation
from allpoints.identity.root import key_hash
from allpoints.identity.standing import new_id
from allpoints.node import membership

COOLING_MS = 73 * HOUR
NEW = "XAV/new"
"""The keys that take the place of Arvandia's."""


def present_key(world: Federation, member: str) -> bytes:
    held = world.relay.directory.latest(member)
    assert held is not None
    return key_hash(held.verify_key)


def revocation(world: Federation, member: str = "XAV", key: bytes = b"") -> Revocation:
    key = key or present_key(world, member)
    return Revocation(new_id(), member, key, "Keys were stolen", "Four holders")


def revoke(world: Federation, member: str = "XAV") -> Revocation:
    """A member's key counts no more, and its line ends."""
    centre, order = world.centre, revocation(world, member)
    centre.do(lambda: centre.orders.order(ANNA, write_order(order), []))
    world.pump()
    world.disconnect(member)
    return order


def recovery(
    world: Federation, member: str = "XAV", name: str = NEW, *, cooling_ms: int = COOLING_MS, key: bytes = b""
) -> Recovery:
    until_ms = world.clock.now() + cooling_ms if cooling_ms else 0
    certificate = follower(world.bureau(member).me, name, world.clock.now(), f"{name}/next")
    key = key or present_key(world, member)
    return Recovery(new_id(), member, key, until_ms, certificate, "Keys were lost", "Four holders")


def recover(
    world: Federation, member: str = "XAV", name: str = NEW, cooling_ms: int = COOLING_MS
) -> Recovery:
    """The holders let another key take the place of a member's: the time to object begins."""
    centre, order = world.centre, recovery(world, member, name, cooling_ms=cooling_ms)
    centre.do(lambda: centre.orders.order(ANNA, write_order(order), [], "http://127.0.0.1:1"))
    world.pump()
    return order


def cool(world: Federation) -> None:
    """The time to object passes, with everybody on the line now and then."""
    for _ in range(8):
        world.tick(10 * HOUR)
    world.tick()


def come_back(
    world: Federation, member: str, certificate: Certificate, name: str = NEW, *, bare: bool = False
) -> None:
    """The member's node starts with its new keys: in its folder, or in a new one that has nothing."""
    assert membership.may_call(world.relay.directory, certificate)
    me = with_keys(world.bureau(member).me, name, certificate)
    world.own[member] = msgspec.structs.replace(me, former=()) if bare else me
    if bare:
        world.nodes[member].close()
        shutil.rmtree(world.folder / member)
    world.restart(member)
    world.pump()
    for _ in range(3):
        world.tick(60_000)


def key_id(name: str) -> bytes:
    return keys(name)[0].public.key_id
