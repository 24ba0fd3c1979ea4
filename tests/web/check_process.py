"""A real check worker at a node of the tests' network, asked over real sockets."""

import asyncio
import os
import signal
import socket
from collections.abc import Callable
from typing import Any, NamedTuple

import httpx
import msgspec
from tests.web.console_network import SEARCHER, Network, Server

from allpoints.border import journal
from allpoints.identity import tokens
from allpoints.ledger import audit
from allpoints.node.check_sharing import CheckSharing
from allpoints.web.checking.supervising import CheckWorkers

WHO = {"allpoints-purpose": "border-control", "allpoints-case": "W-1"}
CHECKS = "/api/v1/checks"


class Both(NamedTuple):
    """The same request, answered by a worker and by the node."""

    worker: httpx.Response
    node: httpx.Response


class Process:
    """One worker of Belmora, beside Belmora's own server."""

    def __init__(self, network: Network) -> None:
        self.network = network
        self.host = network.hosts[SEARCHER]
        self.app = network.apps[SEARCHER]
        assert self.host.sharing is not None
        self.sharing: CheckSharing = self.host.sharing
        self.listening = socket.create_server(("127.0.0.1", 0))
        self.port: int = self.listening.getsockname()[1]
        self.workers = CheckWorkers(self.app, self.listening, 1)
        self.beat: asyncio.Task[None] | None = None
        self.server = network.run(Server.start(self.app))
        network.run(self._start())
        self.token = network.do(SEARCHER, lambda: tokens.issue_token(self.host.office.db, "bea", 1))
        self.until_ready()

    async def _start(self) -> None:
        await self.sharing.begin_taking(self.host.do)
        self.sharing.share()
        self.beat = asyncio.create_task(self.sharing.beat_for_ever(self.host.do))
        self.taking = asyncio.create_task(self.sharing.take_for_ever(self.host.do))
        await self.workers.start()

    def until_ready(self) -> None:
        self.network.until(lambda: self.workers.ready == 1)

    def close(self) -> None:
        async def end() -> None:
            await self.workers.stop()
            for task in (self.beat, self.taking):
                if task is not None:
                    task.cancel()
            await self.server.stop()
            self.host.desk().committed.clear()
            live, self.host.desk().index.live = self.host.desk().index.live, None
            if live is not None:
                live.followed()

        self.network.run(end())

    # -- asking

    def ask(self, question: object, query: str = "", **headers: str) -> httpx.Response:
        """Ask the worker, with the token and purpose of a border officer unless ``headers`` say otherwise."""
        return self.send("POST", CHECKS + query, question, headers).worker

    def both(self, question: object, **headers: str) -> Both:
        return self.send("POST", CHECKS, question, headers, node=True)

    def batch(
        self, questions: list[Any], *, packed: bool = False, query: str = "", **headers: str
    ) -> tuple[list[Any], list[Any]]:
        """The same batch to the worker and to the node: what each answered, in order."""
        encode = msgspec.json.encode
        lines = b"\n".join(one if isinstance(one, bytes) else encode(one) for one in questions)
        body = msgspec.msgpack.encode(questions) if packed else lines
        kind = {"content-type": "application/msgpack" if packed else "application/jsonl"}
        both = self.send("POST", f"{CHECKS}/batch{query}", body, kind | headers, node=True)
        assert both.worker.status_code == both.node.status_code == 200, both
        assert (
            both.worker.headers["content-type"] == both.node.headers["content-type"] == kind["content-type"]
        )
        worker, node = (
            msgspec.msgpack.decode(one.content)
            if packed
            else [msgspec.json.decode(line) for line in one.content.splitlines()]
            for one in both
        )
        return worker, node

    def send(
        self, method: str, path: str, question: object, headers: dict[str, str], *, node: bool = False
    ) -> Both:
        body = question if isinstance(question, bytes) else msgspec.json.encode(question)
        given = {"authorization": f"Bearer {self.token}", **WHO, **headers}
        kept = {name: value for name, value in given.items() if value}

        async def asked() -> Both:
            async with httpx.AsyncClient(timeout=30, trust_env=False) as client:
                worker = await client.request(
                    method, f"http://127.0.0.1:{self.port}{path}", content=body, headers=kept
                )
                if not node:
                    return Both(worker, worker)
                return Both(
                    worker,
                    await client.request(method, f"{self.server.address}{path}", content=body, headers=kept),
                )

        return self.network.run(asked())

    def raw(self, *pieces: bytes, answers: int = 1) -> bytes:
        """Send bytes as they are, each piece by itself, and give back what comes until so many answers are there."""

        async def sent() -> bytes:
            reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
            for piece in pieces:
                writer.write(piece)
                await writer.drain()
                await asyncio.sleep(0.01)
            found = b""
            while found.count(b"HTTP/1.1 ") < answers or not _whole(found):
                more = await reader.read(65_536)
                found += more
                if not more:
                    break
            writer.close()
            return found

        return self.network.run(sent())

    # -- what is on the disk

    def written(self, check: str) -> bool:
        """Whether a check stands in a journal or in the audit log at this moment."""
        in_journals = any(
            line.check == check
            for path in journal.files(self.sharing.folder)
            for line in journal.read(path, 0, 10_000).lines
        )
        return in_journals or self.in_audit(check) > 0

    def in_audit(self, check: str) -> int:
        """How often a check stands in the audit log."""
        db = self.host.office.db
        return sum(
            msgspec.json.decode(line.detail).get("check") == check
            for line in audit.walk(db)
            if line.event == "check:asked"
        )

    def until_taken(self, check: str) -> None:
        self.network.until(lambda: self.in_audit(check))

    def kill_worker(self) -> None:
        (process,) = self.workers._processes
        os.kill(process.pid, signal.SIGKILL)

    def while_silent(self, work: Callable[[], Any]) -> Any:
        """Do something while the engine does not say that it runs, and has not for long."""

        async def fall_silent() -> None:
            if self.beat is not None:
                self.beat.cancel()
            live = self.host.desk().index.live
            assert live is not None
            live.beat(0, 0)

        async def speak() -> None:
            self.beat = asyncio.create_task(self.sharing.beat_for_ever(self.host.do))

        self.network.run(fall_silent())
        try:
            return work()
        finally:
            self.network.run(speak())


def _whole(found: bytes) -> bool:
    """Whether the last answer is there to its end; answers here say their length."""
    head, _, body = found.rpartition(b"HTTP/1.1 ")[2].partition(b"\r\n\r\n")
    for line in head.split(b"\r\n"):
        if line.lower().startswith(b"content-length:"):
            return len(body) >= int(line.split(b":")[1])
    return b"transfer-encoding" in head.lower() and found.endswith(b"0\r\n\r\n")
