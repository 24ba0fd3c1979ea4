"""One check in one process: the identifier's token made and looked up, hit and miss and in batches, beside peers.

    python -m benchmarks.border.in_process --documents 1000000 [--rounds 5]

The index is filled from rows in the order of the documents, the peers from the same rows in the order of their keys. In each round
every engine answers other questions, and another engine begins.
"""

import argparse
import gc
import json
import resource
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from allpoints.matching.tokens import token
from benchmarks import measuring
from benchmarks.border import papers
from benchmarks.border.stores import Lmdb, Ours, Pairs, PostgreSql, Sqlite, Store

ASKED = 4_000
BATCH = 1_000
PEERS: dict[str, Callable[[Path, Callable[[], Pairs]], Store]] = {
    "lmdb": Lmdb,
    "sqlite": Sqlite,
    "postgresql": PostgreSql,
}

Times = dict[str, dict[str, list[float]]]


def per_item_us(ask: Callable[[Any], object], items: Sequence[Any]) -> float:
    began = time.perf_counter_ns()
    for item in items:
        ask(item)
    return (time.perf_counter_ns() - began) / 1e3 / len(items)


def ask_all(stores: Sequence[Store], count: int, rounds: int) -> Times:
    """Microseconds a question, by engine and way; the first round warms up and is thrown away."""
    times: Times = {store.name: {"hit": [], "miss": [], "batch": []} for store in stores}
    lot = 0
    for number in range(rounds + 1):
        first = number % len(stores)
        for store in [*stores[first:], *stores[:first]]:
            lot += 1
            asked = papers.questions(count, lot, ASKED)
            took = {kind: _one_by_one(store, values) for kind, values in asked.items()}
            took["batch"] = _in_batches(store, asked["miss"])
            if number:
                for way, us in took.items():
                    times[store.name][way].append(us)
    return times


def _one_by_one(store: Store, values: list[str]) -> float:
    look, key = store.look, papers.KEY
    return per_item_us(lambda value: look(token(key, "document", value)), values)


def _in_batches(store: Store, values: list[str]) -> float:
    """Tokens made beforehand: what the engine itself takes for one of a thousand misses."""
    made = [token(papers.KEY, "document", value) for value in values]
    lots = [made[start : start + BATCH] for start in range(0, len(made), BATCH)]
    return per_item_us(store.look_many, lots) / BATCH


def check_agreement(stores: Sequence[Store], count: int) -> None:
    """Stop rather than time engines that disagree."""
    for kind, values in papers.questions(count, 0, 300).items():
        for value in values:
            found = [bool(store.look(token(papers.KEY, "document", value))) for store in stores]
            if found != [kind == "hit"] * len(stores):
                raise SystemExit(f"the engines disagree about {value}: {found}")


def filled(count: int, folder: Path, peers: Sequence[str]) -> tuple[list[Store], dict[str, dict[str, float]]]:
    """The engines with their rows, and what filling took."""
    ours = Ours(folder)
    took: dict[str, dict[str, float]] = {}
    began = time.perf_counter()
    ours.fill(count)
    seconds = time.perf_counter() - began
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    began = time.perf_counter()
    ours.open()
    took[ours.name] = {
        "load_per_s": count / seconds,
        "load_peak_mb": peak / 1e6,
        "open_s": time.perf_counter() - began,
        "bytes": ours.size() / count,
    }
    stores: list[Store] = [ours]
    for name in peers:
        peer = PEERS[name](folder, ours.pairs)
        began = time.perf_counter()
        peer.fill(count)
        took[peer.name] = {"load_per_s": count / (time.perf_counter() - began), "bytes": peer.size() / count}
        stores.append(peer)
    return stores, took


def measure(count: int, rounds: int, peers: Sequence[str]) -> dict[str, Any]:
    with tempfile.TemporaryDirectory(prefix="border-") as name:
        stores, took = filled(count, Path(name), peers)
        check_agreement(stores, count)
        gc.collect()
        gc.disable()
        times = ask_all(stores, count, rounds)
        gc.enable()
        for store in stores:
            store.close()
    return {"documents": count, "us": times, "filling": took}


def show(result: dict[str, Any]) -> None:
    print(f"{result['documents']:,} documents; microseconds a check, median (least to most)")
    for name, ways in result["us"].items():
        told = "; ".join(f"{way} {measuring.spread(values)}" for way, values in ways.items() if values)
        print(f"  {name:<22} {told}")
    for name, took in result["filling"].items():
        told = ", ".join(f"{what} {value:,.1f}" for what, value in took.items())
        print(f"  {name:<22} {told}")
    ours = result["us"][Ours.name]
    for name, ways in result["us"].items():
        if name != Ours.name:
            ratios = {
                way: [them / us for them, us in zip(values, ours[way], strict=True)]
                for way, values in ways.items()
            }
            told = "; ".join(f"{way} {measuring.spread(values)}" for way, values in ratios.items())
            print(f"  {name} / {Ours.name}: {told}")


def figures(result: dict[str, Any]) -> dict[str, float]:
    """What programs read: medians of the index alone."""
    ours = result["us"][Ours.name]
    return {f"{way}_us": statistics.median(values) for way, values in ours.items()}


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--documents", type=int, default=1_000_000)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--peers", nargs="*", choices=[*PEERS], default=[*PEERS])
    parser.add_argument("--json", action="store_true", help="the whole result as the last line")
    options = parser.parse_args()
    measuring.heading(
        "Checks in one process", f"{options.rounds} rounds of {ASKED:,} hits and misses, one thread"
    )
    result = measure(options.documents, options.rounds, options.peers)
    show(result)
    if options.json:
        print(json.dumps(result))
    else:
        measuring.closing(figures(result))
    sys.stdout.flush()


if __name__ == "__main__":
    main()
