"""A file from one member to another, at any size: how fast, and how much memory every process needs for it.

    python -m benchmarks.send_file [--mebibytes 200] [--folder /var/tmp]

Three real processes: secretariat with relay, two bureaus. The file is random bytes. A command of the first bureau sends
it with a message, which uploads it to its node and seals it; it goes to the relay and on to the second bureau, sealed; a
command there saves it and compares its hash. Each process is sampled five times a second: memory of its own, and the
kernel's high-water mark of what was resident. The folder needs room for six files of the size. The floor is one copy of the file, with
a disk sync at its end, before and after.
"""

import argparse
import asyncio
import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from demo.network import CASE, Node, program, until

from benchmarks import measuring
from benchmarks.stage import Stage
from benchmarks.weighing import MEGABYTE, Held, Memory

MIB = 1024 * 1024
PURPOSE = "investigate"
HOURS = 4 * 3_600.0


class Typed:
    """A command in a process of its own, so that its memory can be sampled."""

    def __init__(self, node: Node) -> None:
        self.node = node
        self.process: subprocess.Popen[bytes] | None = None

    async def run(self, *words: str) -> bytes:
        line = program(self.node.folder, *words, "--purpose", PURPOSE, "--case", CASE)
        self.process = subprocess.Popen(line, stdout=subprocess.PIPE, stdin=subprocess.DEVNULL)
        out, _ = await asyncio.to_thread(self.process.communicate)
        if self.process.returncode:
            raise RuntimeError(f"allpoints {' '.join(words)} ended with {self.process.returncode}")
        return out


def write_random(path: Path, size: int) -> None:
    with path.open("wb") as file:
        for at in range(0, size, MIB):
            file.write(os.urandom(min(MIB, size - at)))


def copied(path: Path) -> float:
    """Seconds of one copy that is on the disk at its end."""
    began, copy = time.perf_counter(), path.with_name("copy")
    shutil.copyfile(path, copy)
    with copy.open("rb") as file:
        os.fsync(file.fileno())
    took = time.perf_counter() - began
    copy.unlink()
    return took


@asynccontextmanager
async def timed(took: dict[str, float], what: str) -> AsyncIterator[None]:
    began = time.perf_counter()
    yield
    took[what] = time.perf_counter() - began
    print(f"{what}: {took[what]:.1f} s", flush=True)


async def sent(stage: Stage, source: Path, took: dict[str, float], commands: dict[str, Typed]) -> None:
    """Send the file, wait until it is whole at the other end, save it there."""
    async with timed(took, "upload and send"):
        await commands["send command"].run(
            *("message", "send", "--to", "XBM", "--subject", "A file", "--text", "See the file."),
            *("--attach", str(source)),
        )
    receiver = stage.bureaus["XBM"]
    reference = ""

    async def whole() -> bool:
        nonlocal reference
        inbox = await receiver.get("/api/v1/messages", folder="inbox")
        if not inbox:
            return False
        reference = inbox[0]["reference"]
        shown = await receiver.get(f"/api/v1/messages/{reference}")
        return bool(shown["files"]) and shown["files"][0]["state"] == "here"

    async with timed(took, "from there until whole at the receiver"):
        await until(whole, "the file to be whole", HOURS, 0.5)
    async with timed(took, "fetch"):
        await commands["fetch command"].run(
            "message", "fetch", reference, "--to", str(stage.folder / "saved")
        )


async def measure(mebibytes: int, parent: Path | None) -> None:
    size = mebibytes * MIB
    measuring.heading("A file of a message", f"{mebibytes} MiB, two members and a relay")
    with tempfile.TemporaryDirectory(dir=parent, prefix="send-file-") as name:
        folder = Path(name)
        source = folder / "film.bin"
        write_random(source, size)
        floor = [copied(source)]
        stage = Stage(folder, ("XAV", "XBM"), ())
        took: dict[str, float] = {}
        commands = {"send command": Typed(stage.bureaus["XAV"]), "fetch command": Typed(stage.bureaus["XBM"])}
        try:
            await stage.start()
            (folder / "saved").mkdir()
            nodes = {
                "relay": stage.secretariat,
                "sender": stage.bureaus["XAV"],
                "receiver": stage.bureaus["XBM"],
            }
            async with Memory({**nodes, **commands}) as memory:
                await asyncio.sleep(1)
                at_rest = dict(memory.peaks)
                await sent(stage, source, took, commands)
            same = (
                subprocess.run(("cmp", source, folder / "saved" / source.name), check=False).returncode == 0
            )
        finally:
            await stage.stop()
        floor.append(copied(source))
    if not same:
        raise RuntimeError("what was saved is not what was sent")
    _tell(size, took, floor, memory, at_rest)


def _tell(
    size: int, took: dict[str, float], floor: list[float], memory: Memory, at_rest: dict[str, Held]
) -> None:
    print(f"copy and sync: {min(floor):.1f} to {max(floor):.1f} s")
    for name, held in memory.peaks.items():
        before = at_rest[name]
        print(
            f"{name}: peak {held.own / MEGABYTE:.0f} MB of its own, {held.resident / MEGABYTE:.0f} MB resident;"
            f" at rest {before.own / MEGABYTE:.0f} and {before.resident / MEGABYTE:.0f} MB"
        )
    results = {
        f"{what.split(' ')[0]}_mb_a_second": size / MEGABYTE / seconds for what, seconds in took.items()
    }
    results["floor_mb_a_second"] = size / MEGABYTE / min(floor)
    for name, held in memory.peaks.items():
        results[f"{name.replace(' ', '_')}_peak_mb"] = held.own / MEGABYTE
    measuring.closing(results)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--mebibytes", type=int, default=200)
    parser.add_argument(
        "--folder", type=Path, help="where to work, with room for six files; the system's choice without it"
    )
    given = parser.parse_args()
    asyncio.run(measure(given.mebibytes, given.folder))


if __name__ == "__main__":
    main()
