"""After the misfortunes: the world is healed, and everyone goes on until nobody has anything left to say."""

import sqlite3
from collections.abc import Iterator

from tests.simulator import cosigners, couriers, keys
from tests.simulator.federation import Federation
from tests.simulator.world import CALM

from allpoints.ground.clock import HOUR, MINUTE, SECOND
from allpoints.messages import kept
from allpoints.registers import exclusion_store

QUIET_LIMIT_MS = 25 * MINUTE
"""Longer than clocks differ, retries wait and stamps take; a federation that talks on is a fault."""
LOOK_EVERY_MS = 3 * SECOND
LATER_MS = 2**52
NIGHT_MS = 30 * HOUR
"""Longer than any owner's clock for an answer."""


def heal(federation: Federation) -> None:
    """No more misfortunes: every node runs, every line can be dialled, nothing is lost."""
    world = federation.world
    federation.troubled = False
    world.weather = CALM._replace(delay_ms=world.weather.delay_ms, skew_ms=world.weather.skew_ms)
    for line in federation.lines.lines.values():
        line.cut_until_ms = 0
    for node in federation.nodes.values():
        node.misfortune = ""


def settle(federation: Federation, *, slept: bool = True) -> str:
    """Let time pass until all is quiet; what is still open when it does not become quiet.

    Before a night has passed a message may wait for keys of its recipient's next day.
    """
    world = federation.world
    end_ms = world.now_ms + QUIET_LIMIT_MS
    while True:
        look_ms = world.now_ms + LOOK_EVERY_MS
        while world.next_ms() < look_ms:
            world.step()
        world.now_ms = look_ms
        still = unrest(federation, slept=slept)
        if not still or world.now_ms > end_ms:
            return still


def unrest(federation: Federation, *, slept: bool = True) -> str:
    """What is not yet where it belongs, in words; empty when all is quiet."""
    return next(_unrest(federation, slept=slept), "")


def _unrest(federation: Federation, *, slept: bool) -> Iterator[str]:
    for name, node in federation.nodes.items():
        if node.engine is None:
            yield f"{name} is down"
        elif node.inbox:
            yield f"{name} has frames to take"
    for line in federation.lines.lines.values():
        if not line.up:
            yield f"the line of {line.lower} is down"
    mail = _count(federation.relay().db, "relay_mail_for")
    if mail:
        yield f"{mail} envelopes wait at the relay"
    for name in (keys.DESK, *keys.BUREAUS):
        yield from _unrest_at_bureau(federation, name, slept=slept)
    for name in federation.posts:
        yield from _unrest_at_post(federation, name)


def _unrest_at_bureau(federation: Federation, name: str, *, slept: bool) -> Iterator[str]:
    bureau = federation.bureau(name)
    waiting = bureau.outbox.waiting("entry") + bureau.outbox.waiting("mail")
    if waiting:
        yield f"{name} has {waiting} things to hand over"
    for peer, count in kept.waiting(bureau.db) if slept else ():
        yield f"{name} has {count} messages that wait for keys of {peer}"
    if bureau.following.size != federation.relay().size:
        yield f"{name} holds {bureau.following.size} of {federation.relay().size} entries"
    if exclusion_store.unanswered(bureau.db, LATER_MS, 1):
        yield f"{name} has not said what it deleted"
    if bureau.imports.going():
        yield f"{name} imports"
    yield from couriers.unrest(federation, name)
    yield from cosigners.unrest(federation, name)


def _unrest_at_post(federation: Federation, name: str) -> Iterator[str]:
    post, bureau = federation.post(name), federation.bureau(name[:3])
    if post.to_tell() or post.waiting:
        yield f"{name} has {post.to_tell()} checks to tell"
    stamp = post.extract.stamp
    if stamp is None or stamp.chain != bureau.index.chain or not post.extract.key:
        yield f"{name} has no proven extract of all that {name[:3]} holds"


def _count(db: sqlite3.Connection, table: str) -> int:
    return int(db.execute(f"SELECT count(*) FROM {table}").fetchone()[0])
