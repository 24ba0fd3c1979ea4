"""After the misfortunes: the world is healed, and everyone goes on until nobody has anything left to say."""

import sqlite3

from allpoints.ground.clock import HOUR, MINUTE, SECOND

from tests.simulator import keys
from tests.simulator.federation import Federation
from tests.simulator.world import CALM

QUIET_LIMIT_MS = 25 * MINUTE
"""Longer than clocks differ, retries wait and stamps take; a federation that talks on is a fault."""
LOOK_EVERY_MS = 3 * SECOND
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


def settle(federation: Federation) -> str:
    """Let time pass until all is quiet; what is still open when it does not become quiet."""
    world = federation.world
    end_ms = world.now_ms + QUIET_LIMIT_MS
    while True:
        look_ms = world.now_ms + LOOK_EVERY_MS
        while world.next_ms() < look_ms:
            world.step()
        world.now_ms = look_ms
        still = unrest(federation)
        if not still or world.now_ms > end_ms:
            return still


def unrest(federation: Federation) -> str:
    """What is not yet where it belongs, in words; empty when all is quiet."""
    for name, node in federation.nodes.items():
        if node.engine is None:
            return f"{name} is down"
        if node.inbox:
            return f"{name} has frames to take"
    for line in federation.lines.lines.values():
        if not line.up:
            return f"the line of {line.lower} is down"
    relay = federation.relay()
    mail = _count(relay.db, "relay_mail_for")
    if mail:
        return f"{mail} envelopes wait at the relay"
    for name in (keys.DESK, *keys.BUREAUS):
        still = _unrest_at_bureau(federation, name)
        if still:
            return still
    for name in keys.POSTS:
        still = _unrest_at_post(federation, name)
        if still:
            return still
    return ""


def _unrest_at_bureau(federation: Federation, name: str) -> str:
    bureau = federation.bureau(name)
    waiting = bureau.outbox.waiting("entry") + bureau.outbox.waiting("mail")
    if waiting:
        return f"{name} has {waiting} things to hand over"
    if bureau.following.size != federation.relay().size:
        return f"{name} holds {bureau.following.size} of {federation.relay().size} entries"
    if bureau.records.imports_going():
        return f"{name} imports"
    return ""


def _unrest_at_post(federation: Federation, name: str) -> str:
    post, bureau = federation.post(name), federation.bureau(name[:3])
    if post.to_tell() or post.waiting:
        return f"{name} has {post.to_tell()} checks to tell"
    stamp = post.extract.stamp
    if stamp is None or stamp.chain != bureau.index.chain or not post.extract.key:
        return f"{name} has no proven extract of all that {name[:3]} holds"
    return ""


def _count(db: sqlite3.Connection, table: str) -> int:
    return int(db.execute(f"SELECT count(*) FROM {table}").fetchone()[0])
