"""Play many seeds: ``python -m tests.simulator.run --seeds 1000 --first 1 [--steps N] [--jobs 2] [--trace]``.

One line for each seed that fails, on standard output; a bar on standard error. Exit status 1 when a seed failed.
"""

import argparse
import multiprocessing
import sys
import time
from collections import Counter
from collections.abc import Iterator
from functools import partial

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from tests.simulator.node import vocabulary
from tests.simulator.play import STEPS, Played, play


def say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def replay(seed: int, steps: int) -> str:
    """The command that plays a seed again, event by event."""
    return f"python -m tests.simulator.run --first {seed} --seeds 1 --steps {steps} --trace"


def told(played: Played, steps: int) -> str:
    """A failed seed in one line, and what did not hold under it."""
    head = f"seed {played.seed} FAILED: {len(played.faults)} faults; again: {replay(played.seed, steps)}"
    return "\n    ".join((head, *played.faults))


def played_all(seeds: range, steps: int, jobs: int) -> Iterator[Played]:
    """Every seed's outcome, as they come."""
    one = partial(play, steps=steps)
    if jobs == 1:
        yield from map(one, seeds)
        return
    with multiprocessing.get_context("spawn").Pool(jobs, initializer=vocabulary) as pool:
        yield from pool.imap_unordered(one, seeds, chunksize=4)


def run(seeds: range, steps: int, jobs: int) -> int:
    """Play them all and say how it went; the number of failed seeds."""
    began, total, done = time.monotonic(), Counter[str](), Counter[str]()
    columns = (
        TextColumn("seeds"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
        TextColumn("{task.fields[bad]}"),
    )
    with Progress(*columns, console=Console(stderr=True)) as bar:
        task = bar.add_task("seeds", total=len(seeds), bad="")
        for played in played_all(seeds, steps, jobs):
            total.update(
                events=played.events,
                frames=played.frames,
                entries=played.entries,
                milliseconds=int(played.seconds * 1000),
                failed=bool(played.faults),
            )
            done.update(played.done)
            if played.faults:
                say(told(played, steps))
            bar.update(task, advance=1, bad=f"{total['failed']} failed")
    wall = time.monotonic() - began
    say(
        f"{len(seeds)} seeds from {seeds.start}, {total['failed']} failed: {total['events']} events,"
        f" {total['frames']} frames, {total['entries']} entries, {total['milliseconds'] / 1000:.0f} s of processor,"
        f" {wall:.0f} s"
    )
    say("acts: " + ", ".join(f"{name} {count}" for name, count in sorted(done.items())))
    return total["failed"]


def main() -> int:
    parser = argparse.ArgumentParser(description="Play the federation simulator.")
    parser.add_argument("--seeds", type=int, default=100, help="how many seeds to play")
    parser.add_argument("--first", type=int, default=1, help="the first of them; go on here after a stop")
    parser.add_argument("--steps", type=int, default=STEPS, help="events before the world is healed")
    parser.add_argument("--jobs", type=int, default=2, help="processes")
    parser.add_argument("--trace", action="store_true", help="one line for each event, in fixed columns")
    given = parser.parse_args()
    seeds = range(given.first, given.first + given.seeds)
    if not given.trace:
        return 1 if run(seeds, given.steps, given.jobs) else 0
    failed = 0
    for seed in seeds:
        played = play(seed, given.steps, tell=say)
        failed += bool(played.faults)
        say(told(played, given.steps) if played.faults else f"seed {seed} holds")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
