"""Fuzz the parsers for as long as you like: ``python -m tests.fuzz.run --seconds 600``.

Each parser gets that much processor time, not time by the clock. Prints one line for each: inputs, how many were
taken, refusals by code. A find ends the run with the input written to a file.
"""

import argparse
import logging
import sys
import time
from collections import Counter
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from random import Random
from typing import NamedTuple

import structlog
from tests.fuzz.mutating import damaged
from tests.fuzz.parsers import Parser, parsers

from allpoints.ground.refusal import Refusal

AT_ONCE = 200
"""Inputs between two looks at the clock."""


class Outcome(NamedTuple):
    """What one parser did; ``find`` is empty when all was well, else says what went wrong with ``data``."""

    name: str
    inputs: int
    taken: int
    refused: Counter[str]
    find: str = ""
    data: bytes = b""


def wrong(parser: Parser, data: bytes, refused: Counter[str]) -> str | None:
    """What is wrong with how a parser treats an input: empty when it takes it well, None when it refuses it well."""
    try:
        read = parser.read(data)
    except Refusal as refusal:
        if not refusal.sentence or not refusal.code:
            return "a refusal without code or sentence"
        refused[refusal.code] += 1
        return None
    except Exception as error:  # noqa: BLE001 - whatever else it raises is what is looked for
        return f"{type(error).__name__}: {error}"
    if parser.again is not None and parser.again(read) != data:
        return "two spellings of one thing were taken"
    return ""


def fuzzed(name: str, seed: int, seconds: float, inputs: int = sys.maxsize) -> Outcome:
    """Damage a parser's samples until the processor time or the inputs are used up, or something is found."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    parser, chance = parsers()[name], Random(f"{name} {seed}")
    refused: Counter[str] = Counter()
    done = taken = 0
    ends = time.process_time() + seconds
    while done < inputs and time.process_time() < ends:
        for _ in range(min(AT_ONCE, inputs - done)):
            data = damaged(parser.samples, chance)
            done += 1
            find = wrong(parser, data, refused)
            if find:
                return Outcome(name, done, taken, refused, find, data)
            taken += find is not None
    return Outcome(name, done, taken, refused)


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    arguments.add_argument("--seconds", type=float, default=60.0, help="of processor time for each parser")
    arguments.add_argument("--jobs", type=int, default=2)
    arguments.add_argument("--seed", type=int, default=1)
    arguments.add_argument("--only", nargs="*", default=[], help="names of parsers")
    options = arguments.parse_args()
    names = [name for name in parsers() if not options.only or name in options.only]
    total, finds = 0, 0
    with ProcessPoolExecutor(options.jobs) as pool:
        running = [pool.submit(fuzzed, name, options.seed, options.seconds) for name in names]
        for one in running:
            outcome = one.result()
            total += outcome.inputs
            finds += bool(outcome.find)
            print(_told(outcome), flush=True)
    print(f"{len(names)} parsers, {total:,} inputs, {finds} finds")
    sys.exit(bool(finds))


def _told(outcome: Outcome) -> str:
    codes = ", ".join(f"{code} {count:,}" for code, count in outcome.refused.most_common(4))
    line = f"{outcome.name}: {outcome.inputs:,} inputs, {outcome.taken:,} taken; {codes}"
    if not outcome.find:
        return line
    path = Path(f"find-{outcome.name.replace(' ', '-')}.bin")
    path.write_bytes(outcome.data)
    return f"{line}\n  FOUND: {outcome.find}; the input is in {path}"


if __name__ == "__main__":
    main()
