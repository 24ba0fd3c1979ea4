"""Rebuilding in the middle of a play, and at its end: the fold of the ledger must come out the same."""

import random
import sqlite3
from collections.abc import Callable

from tests.simulator import keys
from tests.simulator.federation import Federation
from tests.simulator.node import Crashed
from tests.simulator.truth import EVERYONE

from allpoints.node.bureau import Bureau
from allpoints.node.rebuilding import refold
from allpoints.node.relay import Relay

Table = list[tuple[object, ...]]


def state(db: sqlite3.Connection) -> dict[str, Table]:
    """Every row of every table that is a fold of the ledger."""
    names = db.execute(
        r"SELECT name FROM sqlite_master WHERE type='table' AND name LIKE 'state\_%' ESCAPE '\' ORDER BY name"
    ).fetchall()
    return {name: db.execute(f"SELECT * FROM {name}").fetchall() for (name,) in names}


def found(node: Bureau | Relay) -> dict[bytes, set[object]]:
    """What the index answers for every token that its log has ever held."""
    if isinstance(node, Relay):
        return {}
    tokens: set[bytes] = set()
    for (joined,) in node.db.execute("SELECT tokens FROM state_index_log"):
        tokens |= {joined[at : at + 16] for at in range(0, len(joined), 16)}
    return {token: set(node.index.index.lookup(token)) for token in tokens}


def compare(name: str, node: Bureau | Relay) -> list[str]:
    """Rebuild one node and say what came out otherwise."""
    before, looked = state(node.db), found(node)
    refold(node)
    after = state(node.db)
    faults = [f"a rebuild of {name} changes {table}" for table in before if before[table] != after[table]]
    if found(node) != looked:
        faults.append(f"a rebuild of {name} changes what its index finds")
    return faults


def at_end(federation: Federation) -> list[str]:
    """Rebuild the relay and two others, and compare."""
    luck = random.Random(f"{federation.world.seed}/rebuild")
    faults = compare(keys.RELAY, federation.relay())
    for name in luck.sample(EVERYONE, 2):
        faults += compare(name, federation.bureau(name))
    return faults


def act(federation: Federation, luck: random.Random, tell: Callable[[list[str]], None]) -> Callable[[], str]:
    """An administrator stops a node, rebuilds it and starts it again."""

    def rebuild_node() -> str:
        name = luck.choice((keys.RELAY, *EVERYONE))
        node = federation.nodes[name]
        if node.engine is None:
            raise Crashed
        federation.crash(node)
        node.start()
        engine = node.engine
        if isinstance(engine, (Bureau, Relay)):
            tell(compare(name, engine))
        return f"{name} {len(node.inbox)} frames waited"

    return rebuild_node
