"""Documents a second from CSV to checkable at another country's post, beside PostgreSQL COPY in the same run.

    python -m benchmarks.import_documents [--documents 100000] [--rounds 3]

The path measured is whole: upload, cleaning, signing, sealing for every member, the relay's disk, opening and folding at
the other bureau, its index, the extract of its post. PostgreSQL gets the same file by COPY into a table with a unique
index, then counts as checkable at once; it neither signs, seals nor sends anything to anybody.
"""

import argparse
import asyncio
import os
import pwd
import shutil
import subprocess
import tempfile
import time
from pathlib import Path

import asyncpg
from demo import world
from demo.network import free_port, until

from benchmarks import measuring
from benchmarks.stage import Stage

TABLE = """
CREATE TABLE documents (source_ref text PRIMARY KEY, document_number text, issuer text, document_type text,
    fraud text, last_number text, theft_country text, theft_date date, issue_date date, expiry_date date)
"""


class Postgres:
    """A throw-away server in a folder of its own; it refuses to run as root, so another user runs it then."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder / "postgres"
        self.port = free_port()
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        binaries = shutil.which("initdb") or next(
            map(str, Path("/usr/lib/postgresql").glob("*/bin/initdb")), ""
        )
        if not binaries:
            raise SystemExit("PostgreSQL is missing: apt-get install postgresql")
        home = Path(binaries).resolve().parent
        self.folder.mkdir()
        user = "postgres" if os.geteuid() == 0 else None
        if user is not None:
            entry = pwd.getpwnam(user)
            os.chown(self.folder, entry.pw_uid, entry.pw_gid)
            for parent in self.folder.parents:
                if str(parent).startswith(tempfile.gettempdir()) and parent != Path(tempfile.gettempdir()):
                    parent.chmod(0o711)
        subprocess.run(
            [home / "initdb", "-D", self.folder, "-U", "bench", "--auth=trust"],
            check=True,
            user=user,
            stdout=subprocess.DEVNULL,
        )
        self.process = subprocess.Popen(
            [
                home / "postgres",
                "-D",
                self.folder,
                "-p",
                str(self.port),
                "-k",
                self.folder,
                "-h",
                "127.0.0.1",
            ],
            user=user,
            stderr=subprocess.DEVNULL,
        )

    async def connect(self) -> asyncpg.Connection:
        async def connected() -> asyncpg.Connection | None:
            try:
                return await asyncpg.connect(
                    host="127.0.0.1", port=self.port, user="bench", database="postgres"
                )
            except (OSError, asyncpg.PostgresError):
                return None

        return await until(connected, "PostgreSQL to start", 30.0, 0.1)

    def stop(self) -> None:
        if self.process is not None:
            self.process.terminate()
            self.process.wait()


async def copied(connection: asyncpg.Connection, path: Path) -> float:
    """Seconds of COPY into the table with both its indexes."""
    await connection.execute("DROP TABLE IF EXISTS documents")
    await connection.execute(TABLE)
    await connection.execute("CREATE INDEX ON documents (issuer, document_number)")
    began = time.perf_counter()
    await connection.copy_to_table("documents", source=path, format="csv", header=True)
    return time.perf_counter() - began


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
        postgres = Postgres(folder)
        stage = Stage(folder, ("XAV", "XBM"), ("XBM/gate",))
        postgres.start()
        try:
            await stage.start()
            connection = await postgres.connect()
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
            postgres.stop()
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
