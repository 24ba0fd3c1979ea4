"""Checks over HTTP: one check worker of a bureau beside the empty handler of the same server and a FastAPI service.

    python -m benchmarks.border.over_http [--documents 100000] [--seconds 4] [--rounds 5]

The worker reads the zone, decides by policy, looks up and writes the audit line before it answers; so does the FastAPI service with asyncpg and
PostgreSQL on the same documents. Client and servers share the machine's cores: beside each rate stands what the answering
processes cost of a core, PostgreSQL's included.
"""

import argparse
import asyncio
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import asyncpg
import httpx
from demo import world
from demo.network import free_port, until

from benchmarks import measuring
from benchmarks.border.fastapi_peer import SCHEMA
from benchmarks.check_http import (
    CONNECTIONS,
    EMPTY,
    SETTLE_SECONDS,
    Load,
    Side,
    child_of,
    cpu_seconds,
    request,
)
from benchmarks.postgres import Postgres
from benchmarks.stage import Stage


class WithDatabase(Side):
    """A service whose database works for it in processes of its own."""

    def __init__(self, name: str, load: Load, process: int, database: int) -> None:
        super().__init__(name, load, process)
        self.database = database

    async def round(self, seconds: float) -> None:
        before = self._database_seconds()
        answered = len(self.rates)
        await super().round(seconds)
        requests = self.rates[answered] * seconds
        self.cpu_us[-1] += 1e6 * (self._database_seconds() - before) / requests

    def _database_seconds(self) -> float:
        return sum(map(cpu_seconds, processes_of(self.database)))


def processes_of(parent: int) -> Iterator[int]:
    yield parent
    for child in Path(f"/proc/{parent}/task/{parent}/children").read_text().split():
        yield from processes_of(int(child))


async def filled(postgres: Postgres, documents: int) -> None:
    """The same documents in PostgreSQL."""
    connection: asyncpg.Connection = await postgres.connect()
    await connection.execute(SCHEMA)
    rows = [
        (f"XAV|X{number:08d}", "XAV", "stolen", 1_760_000_000_000 + number) for number in range(documents)
    ]
    await connection.copy_records_to_table("documents", records=rows)
    await connection.execute("ANALYZE documents")
    await connection.close()


async def answering(port: int) -> None:
    async def asked() -> bool:
        try:
            async with httpx.AsyncClient(trust_env=False) as client:
                return (await client.get(f"http://127.0.0.1:{port}/docs")).status_code == 200
        except httpx.TransportError:
            return False

    await until(asked, "the FastAPI service", 30.0, 0.1)


async def measure(documents: int, seconds: float, rounds: int) -> None:
    measuring.heading(
        "Checks over HTTP beside a FastAPI service",
        f"{documents:,} documents; {rounds} rounds of {seconds:.0f} s each in turn; misses; {CONNECTIONS} connections",
    )
    with tempfile.TemporaryDirectory() as folder:
        stage = Stage(Path(folder), ("XAV",), (), workers=1)
        postgres = Postgres(Path(folder))
        empty_port, peer_port = free_port(), free_port()
        others = [subprocess.Popen([sys.executable, "-c", EMPTY, str(empty_port)])]
        try:
            postgres.start()
            await filled(postgres, documents)
            others.append(
                subprocess.Popen(
                    [
                        sys.executable,
                        "-m",
                        "benchmarks.border.fastapi_peer",
                        str(peer_port),
                        str(postgres.port),
                    ]
                )
            )
            await stage.start()
            path = Path(folder) / "documents.csv"
            world.write_documents(path, "XAV", documents)
            await stage.imported("XAV", path)
            await answering(peer_port)
            await report(sides(stage, postgres, others, (empty_port, peer_port)), seconds, rounds)
        finally:
            for one in others:
                one.terminate()
            await stage.stop()
            postgres.stop()


def sides(
    stage: Stage, postgres: Postgres, others: list[subprocess.Popen[bytes]], ports: tuple[int, int]
) -> tuple[Side, Side, Side]:
    """The worker, the empty handler, and the FastAPI service with its database."""
    bureau = stage.bureaus["XAV"]
    zones = [world.passport(f"N{n:08d}", "UTO", "Roe", "Iris", "1969-01-17") for n in range(9_999)]

    def load(port: int, token: str) -> Load:
        return Load(port, [request(port, token, {"mrz": zone}) for zone in zones])

    node = bureau.process.pid if bureau.process is not None else 0
    database = postgres.process.pid if postgres.process is not None else 0
    return (
        Side("worker", load(stage.check_ports["XAV"], bureau.token()), child_of(node)),
        Side("empty", load(ports[0], ""), others[0].pid),
        WithDatabase("FastAPI", load(ports[1], "bench"), others[1].pid, database),
    )


async def report(compared: tuple[Side, Side, Side], seconds: float, rounds: int) -> None:
    worker, empty, peer = compared
    for one in compared:
        await one.load.run(CONNECTIONS, 1.0)
    for number in range(rounds):
        for one in (*compared[number % 3 :], *compared[: number % 3]):
            await one.round(seconds)
            # What a worker answered is taken in behind it: that must not count against the next.
            await asyncio.sleep(SETTLE_SECONDS)
    for one in compared:
        print(one.told())
    figures: dict[str, float] = {"http_per_s": sorted(worker.rates)[rounds // 2]}
    for name, other in (("empty_handler", empty), ("fastapi_postgres", peer)):
        ratios = [one / two for one, two in zip(worker.rates, other.rates, strict=True)]
        per_core = [two / one for one, two in zip(worker.cpu_us, other.cpu_us, strict=True)]
        print(f"worker / {name}, requests a second: {measuring.spread(ratios)}")
        print(f"worker / {name}, requests for a second of a core: {measuring.spread(per_core)}")
        figures[f"http_vs_{name}"] = sorted(ratios)[rounds // 2]
        figures[f"http_vs_{name}_per_core"] = sorted(per_core)[rounds // 2]
    print(f"load of the machine: {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores")
    measuring.closing(figures)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--documents", type=int, default=100_000)
    parser.add_argument("--seconds", type=float, default=4.0)
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()
    asyncio.run(measure(options.documents, options.seconds, options.rounds))


if __name__ == "__main__":
    main()
