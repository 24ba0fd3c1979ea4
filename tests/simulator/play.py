"""One play: a seed, a federation, misfortunes and officers, a healing, and what does not hold afterwards."""

import logging
import shutil
import tempfile
import time
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import structlog
from tests.simulator import (
    cosigners,
    couriers,
    examiners,
    hits_hold,
    invariants,
    keepers,
    rebuilds,
    roots,
    rotations,
)
from tests.simulator.acts import Officers
from tests.simulator.cosigners import Cosigners
from tests.simulator.couriers import Couriers
from tests.simulator.examiners import Examiners
from tests.simulator.federation import Federation
from tests.simulator.keepers import Keepers
from tests.simulator.reviewers import Reviewers
from tests.simulator.settling import NIGHT_MS, heal, settle
from tests.simulator.truth import Truth
from tests.simulator.world import World

from allpoints.node import check_index

STEPS = 3_000
FLUSH_POSTINGS = check_index.FLUSH_POSTINGS
SHARED_MEMORY = Path("/dev/shm")


class Played(NamedTuple):
    """What became of one seed."""

    seed: int
    faults: tuple[str, ...]
    events: int
    frames: int
    entries: int
    done: dict[str, int]
    seconds: float


def play(seed: int, steps: int = STEPS, tell: Callable[[str], None] | None = None) -> Played:
    """Play one seed from founding to the last invariant; the same seed is the same play."""
    quiet()
    began = time.process_time()
    # Some seeds write the index into many small segments, which the small plays would never do.
    check_index.FLUSH_POSTINGS = 12 if seed % 3 == 0 else FLUSH_POSTINGS
    folder = Path(
        tempfile.mkdtemp(prefix="allpoints-", dir=SHARED_MEMORY if SHARED_MEMORY.is_dir() else None)
    )
    try:
        world = World(seed, tell=tell)
        federation = Federation(world, folder)
        officers = Officers(federation, Truth())
        Reviewers(officers)
        Keepers(officers)
        Examiners(officers)
        officers.also(1, rebuilds.act(federation, officers.luck, officers.truth.faults.extend))
        officers.also(1, rotations.act(federation))
        officers.also(1, roots.act(federation))
        sending = Couriers(officers)
        Cosigners(officers)
        faults = _played(federation, officers, sending, steps)
        entries = federation.relay().size if federation.alive("XSC/relay") else 0
        federation.close()
    finally:
        check_index.FLUSH_POSTINGS = FLUSH_POSTINGS
        shutil.rmtree(folder, ignore_errors=True)
    seconds = time.process_time() - began
    return Played(seed, tuple(faults), world.events, world.frames, entries, officers.done, seconds)


def _played(federation: Federation, officers: Officers, sending: Couriers, steps: int) -> list[str]:
    world = federation.world
    try:
        while world.events < steps:
            world.step()
        officers.working = False
        heal(federation)
        world.note("world", "healed")
        still = settle(federation, slept=False)
        if not still:
            world.passed_ms += NIGHT_MS
            world.note("world", "night")
            still = settle(federation)
        if still:
            return [f"never quiet: {still}"]
        truth = officers.truth
        return [
            *invariants.faults(federation, truth),
            *hits_hold.faults(federation, truth),
            *keepers.faults(federation),
            *examiners.faults(federation, truth),
            *couriers.faults(federation, sending),
            *cosigners.faults(federation),
            *rebuilds.at_end(federation),
            *roots.faults(federation),
        ]
    except Exception as error:  # noqa: BLE001 - whatever stops a play is a fault of its seed, to be told with it
        lines = traceback.format_exception(error)
        return [f"stopped by {type(error).__name__}: {error}\n{''.join(lines)}"]


def quiet() -> None:
    """What nodes log about misfortunes is expected here."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
