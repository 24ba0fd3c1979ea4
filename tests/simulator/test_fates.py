"""A handful of seeds in which members lose keys and standing: all agree who signs, and no record is lost."""

import logging
from collections.abc import Iterator
from pathlib import Path

import pytest
import structlog
from tests.simulator import keys
from tests.simulator.fates import WAIT_MS, Fates
from tests.simulator.federation import Federation
from tests.simulator.invariants import EXPLAINED
from tests.simulator.settling import heal, settle
from tests.simulator.truth import EVERYONE
from tests.simulator.world import World

from allpoints.ground.clock import HOUR
from allpoints.identity.directory import Directory
from allpoints.ledger.entry import Entry
from allpoints.ledger.stub import read
from allpoints.node.membership import OVERTAKEN

STEPS = 2_500
EXPLAINED_BY_FATES = EXPLAINED | {
    "AUTHOR-SUSPENDED",
    "BAD-SIGNATURE",
    "KEY-REVOKED",
    "MEMBER-LIMITED",
    "PEER-UNKNOWN",
    *OVERTAKEN,
}


def played(seed: int, folder: Path) -> tuple[Federation, Fates]:
    """A play from its founding until all is quiet."""
    world = World(seed)
    federation = Federation(world, folder, ())
    fates = Fates(federation)
    while world.events < STEPS:
        world.step()
    fates.working = False
    heal(federation)
    for hours in (0, 90, 90, 0):
        wait(world)
        if hours:
            fates.homecoming()
            wait(world)
            world.passed_ms += hours * HOUR
    assert settle(federation) == ""
    return federation, fates


def wait(world: World) -> None:
    end_ms = world.now_ms + WAIT_MS
    while world.next_ms() < end_ms:
        world.step()
    world.now_ms = end_ms


def directories(federation: Federation) -> Iterator[tuple[str, Directory]]:
    yield keys.RELAY, federation.relay().directory
    for name in EVERYONE:
        yield name, federation.bureau(name).following.directory


def standings(directory: Directory) -> list[object]:
    """Everything that a directory knows of every member."""
    return [(one, directory.signers(one.code)) for one in directory.members()]


@pytest.mark.parametrize("seed", [1, 2, 3, 5])
def test_members_lose_keys_and_standing_in_bad_weather_and_all_agree_and_nothing_is_lost(
    seed: int, tmp_path: Path
) -> None:
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    federation, fates = played(seed, tmp_path)
    held = standings(federation.relay().directory)
    assert len(held) == len(keys.BUREAUS)
    assert {name: standings(one) == held for name, one in directories(federation)} == dict.fromkeys(
        (keys.RELAY, *EVERYONE), True
    )
    check_signatures(federation, fates)
    for name in EVERYONE:
        bureau = federation.bureau(name)
        refs = {ref for (ref,) in bureau.db.execute("SELECT ref FROM state_records")}
        assert refs == fates.entered, name
        assert bureau.outbox.blocked() == [], name
        refused = {code for (code,) in bureau.db.execute("SELECT code FROM state_refused")}
        assert refused <= OVERTAKEN, name
    for name, node in federation.nodes.items():
        federation.refusals(node)
        assert federation.refused.get(name, set()) <= EXPLAINED_BY_FATES, name
    federation.close()


def check_signatures(federation: Federation, fates: Fates) -> None:
    """Every entry is signed by the key that was its author's at its place, and no forged one stands anywhere."""
    relay = federation.relay()
    for seq, data in relay.db.execute("SELECT seq, bytes FROM ledger_entries ORDER BY seq").fetchall():
        entry = read(data)
        assert isinstance(entry, Entry)
        assert entry.header.id not in fates.forged
        signers = [one for one in relay.directory.signers(entry.header.author) if one.from_seq <= seq]
        key = signers[-1].verify_key
        assert key is not None, (seq, entry.header.author)
        entry.verify(key)
    for name in EVERYONE:
        rows = federation.bureau(name).db.execute("SELECT id FROM ledger_entries")
        assert not fates.forged & {one for (one,) in rows}
