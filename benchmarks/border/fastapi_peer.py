"""What one would build without this project: FastAPI, asyncpg and PostgreSQL answering the same check.

    python -m benchmarks.border.fastapi_peer PORT POSTGRES_PORT

Each check finds out who asks, reads the zone (with this project's own reader), looks the document up by its primary key and writes an audit line
before it answers. In its favour: tokens are remembered, one statement does both, and PostgreSQL need not sync before it
answers (``synchronous_commit=off``), as the check worker's line is synced within 50 ms.
"""

import datetime as dt
import os
import sys
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Annotated

import asyncpg
import uvicorn
from fastapi import FastAPI, Header, HTTPException
from pydantic import BaseModel

from allpoints.border.question import Asked, Question, understand
from allpoints.ground.refusal import Refusal
from allpoints.vocabulary.loading import load

SCHEMA = """
CREATE TABLE documents (key text PRIMARY KEY, owner text NOT NULL, reason text NOT NULL, published_ms bigint NOT NULL);
CREATE TABLE audit (number bigserial PRIMARY KEY, at_ms bigint NOT NULL, officer text NOT NULL, purpose text NOT NULL,
                    case_ref text NOT NULL, question text NOT NULL);
CREATE TABLE officers (token text PRIMARY KEY, officer text NOT NULL, roles text NOT NULL);
INSERT INTO officers VALUES ('bench', 'rita', 'border');
"""
STATEMENT = """
WITH line AS (INSERT INTO audit (at_ms, officer, purpose, case_ref, question) VALUES ($1,$2,$3,$4,$5))
SELECT owner, reason, published_ms FROM documents WHERE key = $6
"""
CONNECTIONS = 8


class Check(BaseModel):
    """The question as it comes."""

    mrz: str


class Answer(BaseModel):
    """The answer: a verdict and what to do."""

    check: str
    verdict: str
    headline: str
    asked_ms: int
    number: str
    issuer: str
    matches: list[dict[str, str]]


class Officers:
    """Who asks, by token; each is looked up once."""

    def __init__(self) -> None:
        self.known: dict[str, tuple[str, str]] = {}

    async def who(self, pool: asyncpg.Pool, authorization: str) -> str:
        token = authorization.removeprefix("Bearer ")
        if token not in self.known:
            row = await pool.fetchrow("SELECT officer, roles FROM officers WHERE token=$1", token)
            if row is None:
                raise HTTPException(401)
            self.known[token] = (row["officer"], row["roles"])
        officer, roles = self.known[token]
        if "border" not in roles:
            raise HTTPException(403)
        return officer


def pooled(app: FastAPI, postgres_port: int) -> AbstractAsyncContextManager[asyncpg.Pool]:
    """The connections that all requests share."""
    pool: AbstractAsyncContextManager[asyncpg.Pool] = asyncpg.create_pool(
        host="127.0.0.1", port=postgres_port, user="bench", database="postgres",
        min_size=CONNECTIONS, max_size=CONNECTIONS, server_settings={"synchronous_commit": "off"},
    )  # fmt: skip
    app.state.pool = pool
    return pool


def service(postgres_port: int) -> FastAPI:
    vocabulary, officers = load(), Officers()

    @asynccontextmanager
    async def life(app: FastAPI) -> AsyncIterator[None]:
        async with pooled(app, postgres_port):
            yield

    app = FastAPI(lifespan=life)

    @app.post("/api/v1/checks")
    async def check(
        body: Check,
        authorization: Annotated[str, Header()],
        allpoints_purpose: Annotated[str, Header()],
        allpoints_case: Annotated[str, Header()],
    ) -> Answer:
        officer = await officers.who(app.state.pool, authorization)
        now = dt.datetime.now(dt.UTC)
        try:
            asked = understand(Question(mrz=body.mrz), vocabulary, now.date())
        except Refusal as refusal:
            raise HTTPException(422, refusal.sentence) from refusal
        at_ms = int(now.timestamp() * 1_000)
        values = (at_ms, officer, allpoints_purpose, allpoints_case, body.mrz, asked.document)
        return answered(asked, at_ms, await app.state.pool.fetch(STATEMENT, *values))

    return app


def answered(asked: Asked, at_ms: int, rows: list[asyncpg.Record]) -> Answer:
    return Answer(
        check=os.urandom(12).hex(),
        verdict="document" if rows else "clear",
        headline="Document reported stolen, lost or invalid" if rows else "No record found",
        asked_ms=at_ms,
        number=asked.number,
        issuer=asked.issuer,
        matches=[{"owner": row["owner"], "reason": row["reason"]} for row in rows],
    )


def main() -> None:
    port, postgres_port = int(sys.argv[1]), int(sys.argv[2])
    uvicorn.run(
        service(postgres_port), port=port, loop="uvloop", http="httptools", log_config=None, access_log=False
    )


if __name__ == "__main__":
    main()
