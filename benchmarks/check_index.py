"""How long one exact look-up takes, beside LMDB and SQLite on the same keys in the same run.

    python benchmarks/check_index.py [--documents 10000000] [--quick]

The full run needs about 3 GB of free disk and 4 GB of memory; ``--quick`` measures 100 thousand documents only.
"""

import argparse
import gc
import itertools
import json
import os
import platform
import sqlite3
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import lmdb
import numpy as np
from numpy.typing import NDArray

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "src"))

from allpoints.matching.index import ExactIndex
from allpoints.matching.manifest import Manifest, SegmentLine, segment_name, write_manifest
from allpoints.matching.ordering import distinct_order
from allpoints.matching.posting import Posting, pack, unpack
from allpoints.matching.segment import Segment, write_segment
from allpoints.matching.tokens import token, tokens

KEY = bytes(range(32))
SMALL = 100_000
ROUNDS = 7
"""Counted rounds; one more before them warms up and is thrown away."""
ASKED = 10_000
"""Questions at a time; each time others, so that nobody lives on what another just brought into the cache."""
POOL = 1_200_000
"""Identifiers to ask for: enough for all engines and rounds, when there are so many documents."""
BATCH = 1_000
WAYS = ("one by one", "token made too", "in batches")

Rows = NDArray[np.uint8]
LookMany = Callable[[Rows, list[bytes]], object]
Times = dict[str, dict[str, list[float]]]


class Documents(NamedTuple):
    """Keys in order with their postings, and identifiers that are among them or are not."""

    keys: Rows
    postings: Rows
    pools: dict[str, list[str]]

    def questions(self, kind: str, number: int) -> list[str]:
        """The ``number``-th lot of questions of a kind."""
        pool = self.pools[kind]
        start = number * ASKED % len(pool)
        return pool[start : start + ASKED]


class Engine(NamedTuple):
    """How one engine is asked: for one token, and for a batch of them if it can."""

    look: Callable[[bytes], object]
    look_many: LookMany | None


def documents(count: int) -> Documents:
    """Random keys, as keyed hashes are, with the tokens of known identifiers among them."""
    random = np.random.default_rng(count)
    pool = min(count, POOL) // ASKED * ASKED
    values = [f"XAV|P{number:08d}" for number in random.permutation(2 * pool).tolist()]
    keys = random.integers(0, 256, (count, 16), dtype=np.uint8)
    keys[:pool] = tokens(KEY, "document", values[:pool])
    postings = np.empty((count, 32), np.uint8)
    postings[:] = np.frombuffer(pack(Posting(bytes(16), 1_700_000_000_000, 1, 0, "XAV", 1)), np.uint8)
    postings[:, :16] = random.integers(0, 256, (count, 16), dtype=np.uint8)
    order = distinct_order(keys, postings)
    return Documents(keys[order], postings[order], {"hit": values[:pool], "miss": values[pool:]})


def pairs(made: Documents) -> Iterator[list[tuple[bytes, bytes]]]:
    """The rows as other engines take them, 100,000 at a time."""
    for start in range(0, len(made.keys), 100_000):
        keys = made.keys[start : start + 100_000].tobytes()
        postings = made.postings[start : start + 100_000].tobytes()
        yield [
            (keys[row * 16 : row * 16 + 16], postings[row * 32 : row * 32 + 32])
            for row in range(len(keys) // 16)
        ]


def build_ours(folder: Path, made: Documents) -> tuple[ExactIndex, Segment]:
    folder.mkdir()
    # Shuffled, because a register does not arrive in the order of its tokens; the others get sorted rows.
    mixed = np.random.default_rng(7).permutation(len(made.keys))
    digest = write_segment(folder / segment_name(1), made.keys[mixed], made.postings[mixed])
    line = SegmentLine(segment_name(1), digest.hex(), len(made.keys))
    write_manifest(folder, Manifest(applied_seq=1, generation=1, segments=(line,)))
    index = ExactIndex(folder)
    index.discard(b"another record's", 1)
    return index, Segment.open(folder / segment_name(1), verify=False)


def build_lmdb(folder: Path, made: Documents) -> Any:
    environment = lmdb.open(str(folder), map_size=1 << 36, max_readers=4)
    with environment.begin(write=True) as writing:
        cursor = writing.cursor()
        for part in pairs(made):
            cursor.putmulti(part, append=True)
    environment.sync(True)
    return environment


def build_sqlite(path: Path, made: Documents) -> sqlite3.Connection:
    database = sqlite3.connect(path, isolation_level=None)
    for setting in ("journal_mode=WAL", "mmap_size=34359738368", "cache_size=-65536"):
        database.execute(f"PRAGMA {setting}")
    database.execute("CREATE TABLE postings (token BLOB PRIMARY KEY, posting BLOB) WITHOUT ROWID")
    database.execute("BEGIN")
    for part in pairs(made):
        database.executemany("INSERT INTO postings VALUES (?, ?)", part)
    database.execute("COMMIT")
    database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    return database


def lmdb_engines(environment: Any) -> dict[str, Engine]:
    """LMDB as it is, and unpacking what it finds as an index would have to."""
    reading = environment.begin()
    cursor = reading.cursor()
    get, get_many = reading.get, cursor.getmulti

    def postings(asked: bytes) -> list[Posting]:
        found = get(asked)
        return [] if found is None else [unpack(found)]

    return {
        "LMDB": Engine(get, lambda _, listed: get_many(listed)),
        "LMDB unpacked": Engine(
            postings, lambda _, listed: [(key, unpack(found)) for key, found in get_many(listed)]
        ),
    }


def sqlite_engine(database: sqlite3.Connection) -> Engine:
    database.execute("BEGIN")
    execute = database.execute
    question = "SELECT posting FROM postings WHERE token = ?"
    return Engine(lambda asked: execute(question, (asked,)).fetchone(), None)


def per_item_us(ask: Callable[[Any], object], items: Sequence[Any]) -> float:
    """Microseconds an item, the loop's own few hundredths included."""
    begun = time.perf_counter()
    for item in items:
        ask(item)
    return (time.perf_counter() - begun) / len(items) * 1e6


def ask(engine: Engine, way: str, values: list[str]) -> float:
    """Microseconds a look-up in one of the three ways."""
    if way == "token made too":
        look = engine.look
        return per_item_us(lambda value: look(token(KEY, "document", value)), values)
    asked = [token(KEY, "document", value) for value in values]
    if way == "one by one":
        return per_item_us(engine.look, asked)
    rows = np.frombuffer(b"".join(asked), np.uint8).reshape(-1, 16)
    starts = range(0, len(asked), BATCH)
    batches = [(rows[start : start + BATCH], asked[start : start + BATCH]) for start in starts]
    many = engine.look_many
    return 0.0 if many is None else per_item_us(lambda batch: many(*batch), batches) / BATCH


def measure_rounds(engines: dict[str, Engine], made: Documents) -> Times:
    """Ask all engines in turns; the one that begins changes from round to round."""
    times: Times = {name: {} for name in engines}
    names, lots = list(engines), itertools.count()
    for number in range(ROUNDS + 1):
        first = number % len(names)
        for kind, way in itertools.product(made.pools, WAYS):
            for name in names[first:] + names[:first]:
                engine = engines[name]
                if way == "in batches" and engine.look_many is None:
                    continue
                took = ask(engine, way, made.questions(kind, next(lots)))
                if number:
                    times[name].setdefault(f"{kind}, {way}", []).append(took)
    return times


def check_answers(engines: dict[str, Engine], index: ExactIndex, made: Documents) -> None:
    """Stop rather than time engines that disagree."""
    for value in made.pools["hit"][:1_000] + made.pools["miss"][:1_000]:
        asked = token(KEY, "document", value)
        ours = [pack(posting) for posting in index.lookup(asked)]
        others = (engines["LMDB"].look(asked), (engines["SQLite"].look(asked) or (None,))[0])  # type: ignore[index]
        if any(other != (ours[0] if ours else None) for other in others):
            raise SystemExit(f"the engines disagree about {value}")


def timed(act: Callable[[], Any]) -> tuple[Any, float]:
    begun = time.perf_counter()
    made = act()
    return made, time.perf_counter() - begun


def measure(count: int, folder: Path) -> dict[str, Any]:
    """Build the engines on the same documents and ask them in turns."""
    made = documents(count)
    (index, segment), ours_s = timed(lambda: build_ours(folder / "ours", made))
    environment, lmdb_s = timed(lambda: build_lmdb(folder / "lmdb", made))
    database, sqlite_s = timed(lambda: build_sqlite(folder / "sqlite.db", made))
    engines = {
        "index": Engine(index.lookup, lambda rows, _: index.lookup_many(rows)),
        "segment": Engine(segment.lookup, lambda rows, _: segment.lookup_many(rows)),
        **lmdb_engines(environment),
        "SQLite": sqlite_engine(database),
        "no engine": Engine(lambda asked: asked, None),
    }
    check_answers(engines, index, made)
    gc.collect()
    gc.disable()
    times = measure_rounds(engines, made)
    gc.enable()
    upkeep = measure_upkeep(index, made)
    sizes = {
        "ours": segment.byte_size / count,
        "LMDB": (folder / "lmdb" / "data.mdb").stat().st_size / count,
        "SQLite": (folder / "sqlite.db").stat().st_size / count,
    }
    environment.close()
    database.close()
    index.close()
    loads = {"ours": count / ours_s, "LMDB": count / lmdb_s, "SQLite": count / sqlite_s}
    return {
        "documents": count,
        "us": {name: {way: spread(took) for way, took in ways.items()} for name, ways in times.items()},
        "ratios": ratios(times),
        "bytes_per_record": {name: round(size, 1) for name, size in sizes.items()},
        "built_per_s": {name: round(rate) for name, rate in loads.items()},
        "upkeep": upkeep,
    }


def measure_upkeep(index: ExactIndex, made: Documents) -> dict[str, float]:
    """Adding 100 thousand postings, making them durable, and merging them into the rest."""
    fresh = np.random.default_rng(3).integers(0, 256, (SMALL, 16), dtype=np.uint8).tobytes()
    posting = made.postings[0].tobytes()
    keys = [fresh[at : at + 16] for at in range(0, len(fresh), 16)]
    add_us = per_item_us(lambda key: index.add(key, posting), keys)
    _, flush_s = timed(lambda: index.flush(2))
    _, merge_s = timed(index.merge)
    merged = index.stats().segment_postings
    return {
        "add_us": round(add_us, 2),
        "flush_100k_ms": round(flush_s * 1_000),
        "merge_rows_per_s": round(merged / merge_s),
    }


def spread(values: list[float]) -> dict[str, float]:
    numbers = {"median": statistics.median(values), "min": min(values), "max": max(values)}
    return {name: round(number, 3) for name, number in numbers.items()}


def ratios(times: Times) -> dict[str, dict[str, float]]:
    """How many times longer another engine took in the same round."""
    compared = {}
    for other, ours in (("LMDB", "segment"), ("LMDB unpacked", "index"), ("SQLite", "segment")):
        for kind, theirs in times[other].items():
            by_round = [them / us for them, us in zip(theirs, times[ours][kind], strict=True)]
            compared[f"{other} / {ours}: {kind}"] = spread(by_round)
    return compared


def machine() -> dict[str, object]:
    cpuinfo = Path("/proc/cpuinfo")
    lines = cpuinfo.read_text().splitlines() if cpuinfo.exists() else []
    models = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return {
        "processor": models[0] if models else platform.machine(),
        "cores": os.cpu_count(),
        "python": platform.python_version(),
        "numpy": np.__version__,
        "lmdb": ".".join(map(str, lmdb.version())),
        "sqlite": sqlite3.sqlite_version,
        "load_average": [round(value, 2) for value in os.getloadavg()],
    }


def show(result: dict[str, Any]) -> None:
    def line(name: str, told: dict[str, float]) -> None:
        print(f"  {name:42} {told['median']:7.3f}  ({told['min']:.3f} to {told['max']:.3f})")

    print(f"\n{result['documents']:,} documents, microseconds a look-up: median (lowest to highest round)")
    for name, ways in result["us"].items():
        for way, told in ways.items():
            line(f"{name}: {way}", told)
    print("  ratios, above 1 ours is faster: median (lowest to highest round)")
    for name, told in result["ratios"].items():
        line(name, told)
    for name in ("bytes_per_record", "built_per_s", "upkeep"):
        print(f"  {name}: {result[name]}")


def main() -> None:
    reader = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    reader.add_argument("--documents", type=int, default=10_000_000)
    reader.add_argument("--quick", action="store_true", help="100 thousand documents only")
    chosen = reader.parse_args()
    if chosen.documents < SMALL:
        reader.error(f"--documents is at least {SMALL}")
    sizes = [SMALL] if chosen.quick else sorted({SMALL, chosen.documents})
    described = machine()
    print(f"machine: {described}")
    print(
        f"method: one process, one thread, files in the page cache; {ROUNDS} counted rounds after one to warm up; "
        f"in each round every engine answers {ASKED:,} hits and misses in each way, other ones each time, and another "
        f"engine begins; batches of {BATCH:,}. segment = packed bytes, as LMDB gives them (one read transaction); "
        "index = ExactIndex.lookup: live part, discards, unpacked postings. SQLite: WITHOUT ROWID, mmap on. 32-byte values. "
        "Built: ours from shuffled rows with checking, the others from sorted ones."
    )
    results = []
    for count in sizes:
        with tempfile.TemporaryDirectory(prefix="check-index-") as name:
            results.append(measure(count, Path(name)))
        show(results[-1])
    print(json.dumps({"benchmark": "check_index", "machine": described, "results": results}))


if __name__ == "__main__":
    main()
