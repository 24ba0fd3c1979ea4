"""What nodes weigh: their peak memory, sampled while they work, and what lies in their folders."""

import asyncio
import sqlite3
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path
from subprocess import Popen
from typing import NamedTuple, Protocol, Self

SAMPLE_SECONDS = 0.2
MEGABYTE = 1_000_000


class Held(NamedTuple):
    """Resident memory of a process in bytes: its own, and with the pages of files it has mapped."""

    own: int
    resident: int

    def most(self, other: "Held") -> "Held":
        return Held(max(self.own, other.own), max(self.resident, other.resident))


NOTHING = Held(0, 0)


class Runs(Protocol):
    """Whatever has a process: a node, or a command that is carried out."""

    process: Popen[bytes] | None


class Memory:
    """Samples the memory of nodes from ``/proc`` until it is left."""

    def __init__(self, nodes: Mapping[str, Runs]) -> None:
        self._nodes = nodes
        self.peaks = dict.fromkeys(nodes, NOTHING)
        self._sampling: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        self._sampling = asyncio.create_task(self._sample())
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._sampling is not None:
            self._sampling.cancel()
            await asyncio.gather(self._sampling, return_exceptions=True)

    async def _sample(self) -> None:
        while True:
            for name, node in self._nodes.items():
                if node.process is not None and node.process.poll() is None:
                    self.peaks[name] = self.peaks[name].most(held_by(node.process.pid))
            await asyncio.sleep(SAMPLE_SECONDS)


def held_by(pid: int) -> Held:
    """What a process holds now; ``resident`` is the kernel's own high-water mark."""
    found = dict.fromkeys(("RssAnon", "VmHWM"), 0)
    try:
        status = Path(f"/proc/{pid}/status").read_text()
    except OSError:
        # It ended between being asked and being looked at.
        return NOTHING
    for line in status.splitlines():
        name, _, value = line.partition(":")
        if name in found:
            found[name] = int(value.split()[0]) * 1024
    return Held(found["RssAnon"], found["VmHWM"])


def pages(database: Path, *prefixes: str) -> int:
    """Bytes of the pages of the tables whose names begin so, with their indexes."""
    with closing(sqlite3.connect(f"file:{database}?mode=ro", uri=True)) as db:
        rows = db.execute(
            "SELECT s.tbl_name, sum(d.pgsize) FROM dbstat d JOIN sqlite_schema s USING (name) GROUP BY s.tbl_name"
        ).fetchall()
    return sum(size for name, size in rows if name.startswith(prefixes))


def folder_bytes(folder: Path) -> int:
    """Bytes on the disk of the files under a folder, holes in them not counted."""
    return sum(path.stat().st_blocks * 512 for path in folder.rglob("*") if path.is_file())
