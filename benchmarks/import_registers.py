"""A million vehicles and ten million documents, from CSV to checkable at another member, beside PostgreSQL COPY.

    python -m benchmarks.import_registers [--vehicles 1000000] [--documents 10000000] [--part 250000] [--rounds 1]

Each register is imported at one member's bureau in files of ``--part`` rows, one after another, and each file is
waited for until the other member's bureau has folded it into its check index. Then PostgreSQL gets the same file by COPY
into a table with indexes on the same fields. Every file gives one rate and one ratio; their medians are printed.
Making the files is not timed. The full size takes hours: Ctrl-C ends it and prints what was measured until then.
"""

import argparse
import asyncio
import csv
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import AsyncExitStack
from itertools import islice
from pathlib import Path
from typing import NamedTuple

import asyncpg
from demo.network import until
from demo.world import SEED

from allpoints.sample import documents, vehicles
from allpoints.sample.countries import country
from allpoints.sample.table import Row, Table, cell
from allpoints.sample.world import SCALE_LIMIT, World
from benchmarks import measuring, postgres, weighing
from benchmarks.postgres import Postgres
from benchmarks.stage import Stage
from benchmarks.weighing import Held, Memory

OWNER, READER = "XAV", "XBM"
MEMORY_LIMIT_BYTES = 500 * weighing.MEGABYTE
PART_SECONDS = 3600.0
POLL_SECONDS = 0.1


class Subject(NamedTuple):
    """One register: what of the sample world fills it, and the indexes that PostgreSQL keeps for the same searches."""

    table: Table
    kind: str
    indexes: tuple[str, ...]


SUBJECTS = {
    "vehicles": Subject(
        vehicles.TABLE,
        "vehicles",
        (
            "vin",
            "plate, plate_country",
            "engine_number",
            "part_number",
            "registration_document, plate_country",
        ),
    ),
    "documents": Subject(
        documents.TABLE, "documents", ("issuer, document_number", "issuer, document_number, last_number")
    ),
}


class Measured(NamedTuple):
    """What one file of one register took."""

    records: int
    seconds: float
    copy_seconds: float

    @property
    def rate(self) -> float:
        return self.records / self.seconds

    @property
    def ratio(self) -> float:
        return self.copy_seconds / self.seconds


class Weights(NamedTuple):
    """Bytes that lie on the disks."""

    relay_ledger: int
    reader_ledger: int
    reader_state: int
    reader_index: int

    def less(self, before: "Weights") -> "Weights":
        return Weights(*(one - other for one, other in zip(self, before, strict=True)))


class Account:
    """What has been measured so far, of each register and each node."""

    def __init__(self) -> None:
        self.parts: dict[str, list[Measured]] = {name: [] for name in SUBJECTS}
        self.weights: dict[str, list[tuple[int, Weights]]] = {name: [] for name in SUBJECTS}
        self.peaks: dict[str, Held] = {}

    def show(self) -> None:
        figures: dict[str, float] = {}
        for name, parts in self.parts.items():
            if parts:
                figures |= self._register(name, parts)
        for node, peak in self.peaks.items():
            verdict = "under" if peak.resident < MEMORY_LIMIT_BYTES else "OVER"
            own, resident = (size / weighing.MEGABYTE for size in peak)
            print(
                f"peak memory, {node}: {resident:,.0f} MB, {verdict} 500 MB; without mapped files {own:,.0f} MB"
            )
            figures[f"peak_mb_{node.split()[0]}"] = resident
        measuring.closing(figures)

    def _register(self, name: str, parts: Sequence[Measured]) -> dict[str, float]:
        rates = [part.rate for part in parts]
        copies = [part.records / part.copy_seconds for part in parts]
        ratios = [part.ratio for part in parts]
        print(f"{name}: {sum(part.records for part in parts):,} records in {len(parts)} files")
        print(f"  CSV → checkable at another member: {measuring.spread(rates)} records/s")
        print(f"  PostgreSQL COPY, same indexes:     {measuring.spread(copies)} records/s")
        print(f"  ours / PostgreSQL: {measuring.spread(ratios)}")
        for records, grown in self.weights[name]:
            print(
                "  bytes a record: "
                + ", ".join(
                    f"{field.replace('_', ' ')} {size / records:,.0f}"
                    for field, size in zip(Weights._fields, grown, strict=True)
                )
            )
        return {f"{name}_per_second": measuring.percentile(rates, 0.5),
                f"{name}_vs_postgres": measuring.percentile(ratios, 0.5)}  # fmt: skip


class Round:
    """One fresh network and one fresh database, filled from the sample world."""

    def __init__(self, folder: Path, account: Account, part: int) -> None:
        self.folder = folder
        self.account = account
        self.part = part
        self.stage = Stage(folder, (OWNER, READER), ())
        self.server = Postgres(folder)

    async def run(self, sizes: dict[str, int]) -> None:
        nodes = {"importing bureau": self.stage.bureaus[OWNER], "reading bureau": self.stage.bureaus[READER]}
        async with AsyncExitStack() as stack:
            stack.push_async_callback(self.stage.stop)
            stack.callback(self.server.stop)
            self.server.start()
            await self.stage.start()
            connection = await self.server.connect()
            stack.push_async_callback(connection.close)
            memory = await stack.enter_async_context(Memory(nodes))
            try:
                for name, total in sizes.items():
                    await self._fill(connection, name, total)
            finally:
                for node, peak in memory.peaks.items():
                    self.account.peaks[node] = peak.most(self.account.peaks.get(node, weighing.NOTHING))

    async def _fill(self, connection: asyncpg.Connection, name: str, total: int) -> None:
        subject = SUBJECTS[name]
        await self._create(connection, name, subject)
        before, done = self._weights(), 0
        rows = all_rows(subject, total)
        path = self.folder / f"{name}.csv"
        while count := write_part(path, subject.table, islice(rows, min(self.part, total - done))):
            done += count
            seconds = await self._imported(subject.table.register, path, done)
            copy_seconds = await postgres.copied(connection, name, path)
            measured = Measured(count, seconds, copy_seconds)
            self.account.parts[name].append(measured)
            print(f"{name}: {done:,} of {total:,}, {measured.rate:,.0f} a second", file=sys.stderr)
        if done:
            self.account.weights[name].append((done, self._weights().less(before)))

    async def _create(self, connection: asyncpg.Connection, name: str, subject: Subject) -> None:
        first, *others = subject.table.columns
        columns = ", ".join([f"{first} text PRIMARY KEY", *(f"{column} text" for column in others)])
        await connection.execute(f"CREATE TABLE {name} ({columns})")
        for index in subject.indexes:
            await connection.execute(f"CREATE INDEX ON {name} ({index})")

    async def _imported(self, register: str, path: Path, total: int) -> float:
        """Seconds until the reader's bureau has ``total`` records of the register in its index."""
        reader = self.stage.bureaus[READER]

        async def held() -> bool:
            status = await reader.get("/api/v1/status")
            return bool(status["records"].get(f"{register}:valid", 0) >= total)

        began = time.perf_counter()
        await self.stage.imported(OWNER, path, register, PART_SECONDS)
        await until(held, "the other member", PART_SECONDS, POLL_SECONDS)
        return time.perf_counter() - began

    def _weights(self) -> Weights:
        reader = self.stage.bureaus[READER].folder
        relay = self.stage.secretariat.folder / "relay" / "relay.sqlite"
        return Weights(
            weighing.pages(relay, "ledger_"),
            weighing.pages(reader / "node.sqlite", "ledger_"),
            weighing.pages(reader / "node.sqlite", "state_"),
            weighing.folder_bytes(reader / "index"),
        )


def all_rows(subject: Subject, total: int) -> Iterator[Row]:
    """Rows of the sample world's register, from a world in which the owner has at least ``total``; always the same."""
    world = World(SEED, SCALE_LIMIT)
    share = world.count(subject.kind, OWNER) / SCALE_LIMIT
    if total > share * SCALE_LIMIT:
        raise SystemExit(
            f"The sample world has at most {share * SCALE_LIMIT:,.0f} {subject.kind} of {OWNER}."
        )
    return islice(subject.table.rows(world, country(OWNER)), total)


def write_part(path: Path, table: Table, rows: Iterator[Row]) -> int:
    """Write the rows as a CSV; returns how many there were."""
    count = 0
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(table.columns)
        for row in rows:
            writer.writerow([cell(row.get(column)) for column in table.columns])
            count += 1
    return count


async def measure(sizes: dict[str, int], part: int, rounds: int, account: Account) -> None:
    for number in range(rounds):
        print(f"round {number + 1} of {rounds}", file=sys.stderr)
        with tempfile.TemporaryDirectory() as name:
            await Round(Path(name), account, part).run(sizes)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--vehicles", type=int, default=1_000_000)
    parser.add_argument("--documents", type=int, default=10_000_000)
    parser.add_argument("--part", type=int, default=250_000, help="rows of one file")
    parser.add_argument("--rounds", type=int, default=1)
    options = parser.parse_args()
    sizes = {"vehicles": options.vehicles, "documents": options.documents}
    wanted = ", ".join(f"{total:,} {name}" for name, total in sizes.items())
    measuring.heading(
        "Import of registers",
        f"{wanted}, files of {options.part:,}, {options.rounds} rounds, PostgreSQL in turn; median (least to most) of the files",
    )
    account = Account()
    try:
        asyncio.run(measure(sizes, options.part, options.rounds, account))
    except KeyboardInterrupt:
        print("interrupted: what follows is what was measured until then", file=sys.stderr)
    account.show()


if __name__ == "__main__":
    main()
