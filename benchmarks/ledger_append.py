"""Appends and verified follows a second, beside the bare primitives of the same run.

    PYTHONPATH=src python benchmarks/ledger_append.py

Method: in each round the floors (one hybrid signature, one hybrid verification, one synchronous SQLite commit of one
row of an entry's size) are measured first; then one group commit is appended and sealed on a disk with WAL and full
sync, and the chunk is accepted by a follower on the same disk. The floor of a group commit is one verification for each
entry plus one signature and one commit; that of a follow is one verification for each entry, one more for the
checkpoint, and one commit. The ratio is floor / measured: 1.0 would be nothing but the primitives. Figures are the
median of the rounds, with the smallest and the largest.
"""

import os
import platform
import secrets
import sqlite3
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from allpoints.ground.disk import FolderDisk
from allpoints.identity.keys import SigningKey, VerifyKey
from allpoints.ledger import store
from allpoints.ledger.appending import append, seal_checkpoint
from allpoints.ledger.checkpoint import RelayKeys
from allpoints.ledger.entry import Entry, Head, Header, compose
from allpoints.ledger.facts import CLEAR
from allpoints.ledger.following import accept
from allpoints.ledger.serving import Chunk, chunk

ROUNDS = 9
GROUPS = (1, 16, 256)
BODY_BYTES = 600
ROW_BYTES = BODY_BYTES + 3500
FLOOR_REPEATS = 30
ORIGIN = "benchmark.allpoints.example"
NOW_MS = 1_790_000_000_000


class Scene:
    """A relay and a follower on one disk, and one author."""

    def __init__(self, folder: Path) -> None:
        self.relay_key, self.author = SigningKey.generate(), SigningKey.generate()
        self.relay_keys = RelayKeys(ORIGIN, (self.relay_key.public,))
        self.head = Head()
        disk = FolderDisk(folder)
        self.relay, self.follower = disk.database("relay.sqlite"), disk.database("follower.sqlite")
        self.bare = disk.database("bare.sqlite")
        self.bare.execute("CREATE TABLE rows (number INTEGER PRIMARY KEY, bytes BLOB NOT NULL)")
        for db in (self.relay, self.follower):
            db.executescript(store.SCHEMA)

    def key(self, _name: str, _kind: str, _at_ms: int) -> VerifyKey:
        return self.author.public

    def write(self) -> Entry:
        header = Header(
            id=secrets.token_bytes(16),
            kind="records.entered",
            author="XAV",
            created_ms=NOW_MS,
            author_seq=self.head.author_seq + 1,
            prev=self.head.commitment,
            sealing=CLEAR,
            salt=secrets.token_bytes(32),
        )
        entry = compose(header, None, secrets.token_bytes(BODY_BYTES), self.author)
        self.head = Head(entry.header.author_seq, entry.commitment)
        return entry

    def append_group(self, entries: list[Entry]) -> None:
        self.relay.execute("BEGIN IMMEDIATE")
        for entry in entries:
            append(self.relay, entry.encoded, self.key, NOW_MS)
        seal_checkpoint(self.relay, ORIGIN, self.relay_key)
        self.relay.execute("COMMIT")

    def follow(self, part: Chunk) -> None:
        self.follower.execute("BEGIN IMMEDIATE")
        accept(self.follower, part.first_seq, part.entries, part.checkpoint, self.relay_keys, self.key)
        self.follower.execute("COMMIT")

    def next_chunk(self) -> Chunk:
        part = chunk(self.relay, store.size(self.follower) + 1)
        if part is None:
            raise RuntimeError("the follower already holds everything")
        return part


def seconds(act: Callable[[], object]) -> float:
    start = time.perf_counter()
    act()
    return time.perf_counter() - start


def floors(scene: Scene, row: bytes) -> tuple[float, float, float]:
    """Seconds for one signature, one verification, one commit: the median of a few of each."""

    def commit() -> None:
        scene.bare.execute("BEGIN IMMEDIATE")
        scene.bare.execute("INSERT INTO rows (bytes) VALUES (?)", (row,))
        scene.bare.execute("COMMIT")

    message = secrets.token_bytes(96)
    signature = scene.author.sign(b"benchmark", message)
    acts: tuple[Callable[[], object], ...] = (
        lambda: scene.author.sign(b"benchmark", message),
        lambda: scene.author.public.verify(b"benchmark", message, signature),
        commit,
    )
    sign_s, verify_s, commit_s = (
        statistics.median(seconds(act) for _ in range(FLOOR_REPEATS)) for act in acts
    )
    return sign_s, verify_s, commit_s


def show(label: str, values: list[float], unit: str) -> None:
    middle = statistics.median(values)
    print(f"  {label:<44} {middle:>10,.2f} {unit:<6} ({min(values):,.2f} to {max(values):,.2f})")


def run_group(scene: Scene, count: int) -> None:
    names = ("appends/s", "append ratio", "follows/s", "follow ratio")
    figures: dict[str, list[float]] = {name: [] for name in names}
    for _ in range(ROUNDS):
        entries = [scene.write() for _ in range(count)]
        sign_s, verify_s, commit_s = floors(scene, entries[0].encoded)
        append_s = seconds(lambda entries=entries: scene.append_group(entries))  # type: ignore[misc]
        part = scene.next_chunk()
        follow_s = seconds(lambda part=part: scene.follow(part))  # type: ignore[misc]
        figures["appends/s"].append(count / append_s)
        figures["append ratio"].append((count * verify_s + sign_s + commit_s) / append_s)
        figures["follows/s"].append(count / follow_s)
        figures["follow ratio"].append(((count + 1) * verify_s + commit_s) / follow_s)
    print(f"group commits of {count}")
    for name, values in figures.items():
        show(name, values, "of 1" if name.endswith("ratio") else "/s")


def machine() -> str:
    cpuinfo = Path("/proc/cpuinfo")
    lines = cpuinfo.read_text().splitlines() if cpuinfo.exists() else []
    model = next(
        (line.partition(":")[2].strip() for line in lines if line.startswith("model name")), "unknown"
    )
    return (
        f"{model}, {os.cpu_count()} cores, {platform.system()} {platform.machine()}, "
        f"Python {platform.python_version()}, SQLite {sqlite3.sqlite_version}, load {os.getloadavg()[0]:.1f}"
    )


def main() -> None:
    start = time.perf_counter()
    print(f"machine: {machine()}")
    print(
        f"method: {ROUNDS} rounds, bodies of {BODY_BYTES} bytes, WAL with full sync; median (smallest to largest)"
    )
    with tempfile.TemporaryDirectory() as name:
        scene = Scene(Path(name))
        measured = [floors(scene, secrets.token_bytes(ROW_BYTES)) for _ in range(ROUNDS)]
        print("floors")
        for place, label in enumerate(
            ("one hybrid signature", "one hybrid verification", "one row committed")
        ):
            show(label, [row[place] * 1000 for row in measured], "ms")
        for count in GROUPS:
            run_group(scene, count)
    print(f"took {time.perf_counter() - start:.1f} s")


if __name__ == "__main__":
    main()
