"""Documents a second from CSV to checkable at another country's post, beside PostgreSQL COPY in the same run.

    python -m benchmarks.import_documents [--documents 100000] [--rounds 3]

The path measured is whole: upload, cleaning, signing, sealing for every member, the relay's disk, opening and folding at
the other bureau, its index, the extract of its post. PostgreSQL gets the same file by COPY into a table with a unique
index, then counts as checkable at once; it neither signs, seals nor sends anything to anybody.
"""

import argparse
import asyncio
import tempfile
import time
from pathlib import Path

import asyncpg
from demo import world
from demo.network import until

from benchmarks import measuring, postgres
from benchmarks.postgres import Postgres
from benchmarks.stage import Stage

TABLE = """
CREATE TABLE documents (source_ref text PRIMARY KEY, document_number text, issuer text, document_type text,
    fraud text, last_number text, theft_country text, theft_date date, issue_date date, expiry_date date)
"""


async def copied(connection: asyncpg.Connection, path: Path) -> float:
    """Seconds of COPY into a fresh table with both its indexes."""
    await connection.execute("DROP TABLE IF EXISTS documents")
    await connection.execute(TABLE)
    await connection.execute("CREATE INDEX ON documents (issuer, document_number)")
    return await postgres.copied(connection, "documents", path)


async def imported(stage: Stage, path: Path, total: int) -> tuple[float, float]:
    """Seconds until checkable at the other bureau, and until its post's extract holds everything."""
    post = stage.posts["XBM/gate"]
    began = time.perf_counter()
    await stage.imported("XAV", path)

    async def held() -> bool:
        status = await stage.bureaus["XBM"].get("/api/v1/status")
        return bool(status["records"].get("travel-documents:valid", 0) >= total)

    async def carried() -> bool:
        return bool((await post.get("/health"))["ledger"] >= total)

    await until(held, "the other bureau", 600.0, 0.05)
    at_bureau = time.perf_counter() - began
    await until(carried, "the post's extract", 600.0, 0.05)
    return at_bureau, time.perf_counter() - began


async def measure(documents: int, rounds: int) -> None:
    measuring.heading("Import", f"{documents:,} documents a round, {rounds} rounds, PostgreSQL in turn")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        server = Postgres(folder)
        stage = Stage(folder, ("XAV", "XBM"), ("XBM/gate",))
        server.start()
        try:
            await stage.start()
            connection = await server.connect()
            bureau, border, peer = [], [], []
            for number in range(rounds):
                path = folder / f"documents-{number}.csv"
                world.write_documents(path, "XAV", documents, first=documents * number)
                at_bureau, at_post = await imported(stage, path, documents * (number + 1))
                bureau.append(documents / at_bureau)
                border.append(documents / at_post)
                peer.append(documents / await copied(connection, path))
            await connection.close()
        finally:
            await stage.stop()
            server.stop()
    ratios = [one / other for one, other in zip(border, peer, strict=True)]
    print(f"CSV → checkable at another bureau: {measuring.spread(bureau)} documents/s")
    print(f"CSV → in the extract of its post:  {measuring.spread(border)} documents/s")
    print(f"PostgreSQL COPY, two indexes:      {measuring.spread(peer)} documents/s")
    print(f"ours / PostgreSQL: {measuring.spread(ratios)}")
    middle = rounds // 2
    measuring.closing(
        {
            "import_per_second": sorted(border)[middle],
            "postgres_copy_per_second": sorted(peer)[middle],
            "import_vs_postgres": sorted(ratios)[middle],
        }
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--documents", type=int, default=100_000)
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    asyncio.run(measure(options.documents, options.rounds))


if __name__ == "__main__":
    main()
