"""The database everybody knows: a throw-away server for one benchmark, and COPY into one of its tables."""

import os
import pwd
import shutil
import subprocess
import tempfile
import time
from pathlib import Path

import asyncpg
from demo.network import free_port, until

TIMEOUT_SECONDS = 3600.0


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


async def copied(connection: asyncpg.Connection, table: str, path: Path) -> float:
    """Seconds of COPY of a CSV into a table, with whatever indexes it has."""
    began = time.perf_counter()
    await connection.copy_to_table(table, source=path, format="csv", header=True, timeout=TIMEOUT_SECONDS)
    return time.perf_counter() - began
