"""The check index and its peers, each filled with the same rows and asked one token at a time or many."""

import asyncio
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, Protocol

import asyncpg
import lmdb
import numpy as np

from allpoints.matching.bulk import BulkLoad
from allpoints.matching.index import ExactIndex
from allpoints.matching.posting import Posting, unpack
from benchmarks.border import papers
from benchmarks.postgres import Postgres

Pairs = Iterator[list[tuple[bytes, bytes]]]


class Store(Protocol):
    """One engine: filled once, then asked."""

    name: str

    def fill(self, count: int) -> None: ...

    def look(self, token: bytes) -> object:
        """What stands under a token; false when nothing does."""
        ...

    def look_many(self, tokens: Sequence[bytes]) -> object: ...

    def size(self) -> int:
        """Bytes on the disk."""
        ...

    def close(self) -> None: ...


class Ours:
    """The exact index, loaded at once from rows in any order."""

    name = "check index"

    def __init__(self, folder: Path) -> None:
        self.folder = folder / "index"
        self.index = ExactIndex(None)

    def fill(self, count: int) -> None:
        with BulkLoad(self.folder, count) as load:
            for keys, postings in papers.chunks(count):
                load.add_many(keys, postings)
            load.finish(count)

    def open(self) -> None:
        self.index = ExactIndex(self.folder)
        # A node is never without discards and live postings.
        self.index.discard(b"another record's", 1)

    def look(self, token: bytes) -> list[Posting]:
        return self.index.lookup(token)

    def look_many(self, tokens: Sequence[bytes]) -> object:
        return self.index.lookup_many(np.frombuffer(b"".join(tokens), np.uint8).reshape(-1, 16))

    def size(self) -> int:
        return sum(path.stat().st_size for path in self.folder.iterdir())

    def pairs(self) -> Pairs:
        """All rows in order, as other engines like them best."""
        (segment,) = self.index._segments  # noqa: SLF001 - the one segment of a bulk load
        for start in range(0, segment.count, papers.CHUNK):
            rows = slice(start, min(start + papers.CHUNK, segment.count))
            keys, postings = segment.keys(rows).tobytes(), segment.postings(rows).tobytes()
            yield [
                (keys[at * 16 : at * 16 + 16], postings[at * 32 : at * 32 + 32])
                for at in range(len(keys) // 16)
            ]

    def close(self) -> None:
        self.index.close()


class Lmdb:
    """LMDB, one read transaction; rows appended in order; what is found is unpacked as an index would have to."""

    name = "LMDB"

    def __init__(self, folder: Path, pairs: Callable[[], Pairs]) -> None:
        self.path = folder / "lmdb"
        self.pairs = pairs
        self.environment = lmdb.open(str(self.path), map_size=1 << 36)

    def fill(self, _count: int) -> None:
        with self.environment.begin(write=True) as writing:
            cursor = writing.cursor()
            for part in self.pairs():
                cursor.putmulti(part, append=True)
        self.environment.sync(True)
        reading = self.environment.begin()
        self.get, self.many = reading.get, reading.cursor().getmulti

    def look(self, token: bytes) -> object:
        found = self.get(token)
        return None if found is None else unpack(found)

    def look_many(self, tokens: Sequence[bytes]) -> object:
        return [(key, unpack(found)) for key, found in self.many(tokens)]

    def size(self) -> int:
        return (self.path / "data.mdb").stat().st_size

    def close(self) -> None:
        self.environment.close()


class Sqlite:
    """SQLite, WITHOUT ROWID and memory-mapped; rows inserted in order."""

    name = "SQLite"

    def __init__(self, folder: Path, pairs: Callable[[], Pairs]) -> None:
        self.path = folder / "peer.sqlite"
        self.pairs = pairs
        self.db = sqlite3.connect(self.path, isolation_level=None)

    def fill(self, _count: int) -> None:
        for setting in ("journal_mode=WAL", "mmap_size=34359738368", "cache_size=-65536"):
            self.db.execute(f"PRAGMA {setting}")
        self.db.execute("CREATE TABLE postings (token BLOB PRIMARY KEY, posting BLOB) WITHOUT ROWID")
        self.db.execute("BEGIN")
        for part in self.pairs():
            self.db.executemany("INSERT INTO postings VALUES (?, ?)", part)
        self.db.execute("COMMIT")
        self.db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        self.db.execute("BEGIN")

    def look(self, token: bytes) -> object:
        row = self.db.execute("SELECT posting FROM postings WHERE token = ?", (token,)).fetchone()
        return None if row is None else unpack(row[0])

    def look_many(self, tokens: Sequence[bytes]) -> object:
        marks = ",".join("?" * len(tokens))
        return self.db.execute(
            f"SELECT token, posting FROM postings WHERE token IN ({marks})", tokens
        ).fetchall()

    def size(self) -> int:
        return self.path.stat().st_size

    def close(self) -> None:
        self.db.close()


class PostgreSql:
    """PostgreSQL through asyncpg: COPY into a table with a primary key, prepared questions over loopback."""

    name = "PostgreSQL (asyncpg)"

    def __init__(self, folder: Path, pairs: Callable[[], Pairs]) -> None:
        self.server = Postgres(folder)
        self.pairs = pairs
        self.loop = asyncio.new_event_loop()
        self.server.start()
        self.connection: asyncpg.Connection = self._run(self.server.connect())

    def _run(self, what: Any) -> Any:
        return self.loop.run_until_complete(what)

    def fill(self, _count: int) -> None:
        self._run(self._fill())

    async def _fill(self) -> None:
        await self.connection.execute("CREATE TABLE postings (token bytea, posting bytea)")
        for part in self.pairs():
            await self.connection.copy_records_to_table("postings", records=part, timeout=3_600)
        await self.connection.execute("ALTER TABLE postings ADD PRIMARY KEY (token)", timeout=3_600)
        await self.connection.execute("VACUUM ANALYZE postings", timeout=3_600)
        self.one = await self.connection.prepare("SELECT posting FROM postings WHERE token = $1")
        self.many = await self.connection.prepare("SELECT token, posting FROM postings WHERE token = ANY($1)")

    def look(self, token: bytes) -> object:
        found = self._run(self.one.fetchval(token))
        return None if found is None else unpack(found)

    def look_many(self, tokens: Sequence[bytes]) -> object:
        return self._run(self.many.fetch(list(tokens)))

    def size(self) -> int:
        return int(self._run(self.connection.fetchval("SELECT pg_total_relation_size('postings')")))

    def close(self) -> None:
        self._run(self.connection.close())
        self.server.stop()
        self.loop.close()
