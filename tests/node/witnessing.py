"""A federation whose members witness the ledger, and a relay that has two of them."""

import shutil
from collections.abc import Sequence
from pathlib import Path

from tests.node.federation import Federation, _quick
from tests.node.samples import ANNA, NETWORK, RELAY, credentials, keys

from allpoints.ledger import policy, serving
from allpoints.ledger import store as ledger_store
from allpoints.ledger.checkpoint import Checkpoint, sign
from allpoints.ledger.merkle import Frontier, leaf_hash
from allpoints.ledger.policy import Policy, Witness
from allpoints.ledger.witnessing import Addition
from allpoints.node import witnesses
from allpoints.node.relay import Relay

WITNESSES = ("XAV", "XBM", "XCS")
PATIENCE_TICKS = 12


def named(names: Sequence[str], quorum: int, federation: Federation) -> Policy:
    """The plain policy over the keys that these members announced."""
    known = {one.member: one.vkey for one in witnesses.announced(federation.centre.db)}
    return policy.majority([], [Witness(name, known[name]) for name in names], quorum)


def witness(federation: Federation, quorum: int = 2, names: Sequence[str] = WITNESSES) -> Policy:
    """Let members announce their keys and the secretariat name them; wait until the head is witnessed."""
    for name in names:
        desk = federation.bureau(name).witnesses
        federation.bureau(name).do(lambda desk=desk: desk.announce(ANNA))  # type: ignore[misc]
    federation.pump()
    made = named(names, quorum, federation)
    centre = federation.centre
    centre.do(lambda: centre.witnesses.name(ANNA, made.to_bytes()))
    federation.pump()
    settle(federation)
    return made


def settle(federation: Federation, ticks: int = PATIENCE_TICKS) -> None:
    for _ in range(ticks):
        federation.tick()


def forged(federation: Federation, size: int, changed: int = 1) -> tuple[str, list[bytes]]:
    """The relay's own signature over a ledger in which entry ``changed`` is another, and that ledger's leaves."""
    leaves = ledger_store.leaves(federation.relay.db, 1, size)
    leaves[changed - 1] = leaf_hash(b"another entry")
    leaves += [leaf_hash(b"more %d" % number) for number in range(size - len(leaves))]
    tree = Frontier()
    for leaf in leaves:
        tree = tree.append(leaf)
    return sign(Checkpoint(NETWORK, size, tree.root()), keys(RELAY)[0]), leaves


def addition(federation: Federation, old: int) -> Addition:
    """What the honest relay would send to a witness that stands at ``old``."""
    db = federation.relay.db
    latest = ledger_store.latest_checkpoint(db)
    assert latest is not None
    size, text = latest
    return Addition(old, tuple(serving.consistency_proof(db, old, size)) if old else (), text)


def second_relay(federation: Federation, folder: Path) -> Relay:
    """The same relay's other self: same keys, a copy of the ledger as it stands, a life of its own from here on."""
    federation.relay.db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    shutil.copytree(federation.folder / RELAY.replace("/", "-"), folder)
    return Relay(_quick(folder), federation.clock, federation.wire.carrier(RELAY), credentials(RELAY))
