"""The raw way in: health, metrics, the check path and the line between nodes; all else goes to the framework.

A check is what travellers wait for, so it passes no router, no middleware and no model of the request.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from functools import partial
from typing import Protocol

import msgspec

from allpoints.border.question import Question
from allpoints.border.verdict import Answer
from allpoints.ground.carrier import FRAME_LIMIT_BYTES
from allpoints.ground.refusal import Refusal
from allpoints.identity import policy
from allpoints.identity.officers import Asker
from allpoints.identity.policy import Act
from allpoints.node.host import Host
from allpoints.web import batches, log
from allpoints.web.access import Access
from allpoints.web.batches import Item
from allpoints.web.measures import Measures
from allpoints.web.plain_answers import (
    BATCH,
    CHECKS,
    QUESTION_LIMIT_BYTES,
    Receive,
    Scope,
    Send,
    answer,
    headers_of,
    read_body,
    read_question,
)
from allpoints.web.problems import PROBLEM_TYPE
from allpoints.web.quotas import AddressQuotas, TooMuch, proves
from allpoints.web.secure import secured_of
from allpoints.web.strict import strict_headers, strictly
from allpoints.web.terminator import Terminators
from allpoints.web.witness import BODY_LIMIT_BYTES as REQUEST_LIMIT_BYTES
from allpoints.web.witness import PREFIX as WITNESS
from allpoints.web.witness import WitnessDoor

App = Callable[[Scope, Receive, Send], Awaitable[None]]

PAGES = "/en/"

_encode = msgspec.json.Encoder().encode
_JSON = [(b"content-type", b"application/json"), (b"cache-control", b"no-store")]


class Beside(Protocol):
    """Processes that answer checks beside this one."""

    async def start(self) -> None: ...

    async def stop(self) -> None: ...


class Entrance:
    """The ASGI application of a node."""

    def __init__(self, host: Host, access: Access, framework: App, measures: Measures) -> None:
        self.host = host
        self.access = access
        self.framework = framework
        self.workers: Beside | None = None
        self.measures = measures
        self.witness = WitnessDoor(host)
        self.log = log.LogDoor(host)
        self.quotas = AddressQuotas(host.settings, host.clock)
        self.terminators = Terminators(host.settings)
        self._headers = strict_headers(over_tls=host.settings.over_tls)
        # Joined once: a check is what travellers wait for.
        self._found = [*_JSON, *(one for one in self._headers if one[0] != b"cache-control")]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self._live(receive, send)
            return
        self.terminators.strip(scope)
        try:
            with self.quotas.under_way(scope) as address:
                await self._within(address, scope, receive, send)
        except TooMuch as refused:
            await self._too_much(refused, scope, receive, send)

    async def _within(self, address: str, scope: Scope, receive: Receive, send: Send) -> None:
        path = scope.get("path", "")
        if scope["type"] == "websocket":
            await self._line(scope, receive, send)
        elif path == CHECKS and scope["method"] == "POST":
            self.quotas.check(address)
            await self._check(scope, receive, send)
        elif path == BATCH and scope["method"] == "POST":
            await self._batch(address, scope, receive, strictly(send, self._headers))
        else:
            if proves(scope):
                self.quotas.sign_in(address)
            await self._other(path, scope, receive, strictly(send, self._headers))

    async def _other(self, path: str, scope: Scope, receive: Receive, send: Send) -> None:
        if path == "/health":
            await self._health(send)
        elif path.startswith(log.PREFIX):
            await self._log(scope, send)
        elif path == "/metrics":
            await self._metrics(scope, send)
        elif path.startswith(WITNESS):
            await self._witness(scope, receive, send)
        else:
            await self.framework(scope, receive, send)

    async def _too_much(self, refusal: Refusal, scope: Scope, receive: Receive, send: Send) -> None:
        """Turn away what is beyond the quota of its address, before anything of it was read."""
        self.measures.refused(refusal.code)
        if scope["type"] == "websocket":
            await receive()
            await send({"type": "websocket.close", "code": 1013})
            return
        page = str(scope["path"]).startswith(PAGES)
        body = refusal.sentence.encode() if page else _encode(refusal.problem())
        kind = b"text/plain; charset=utf-8" if page else PROBLEM_TYPE.encode()
        await answer(strictly(send, self._headers), 429, body, kind, retry_s=refusal.retry_s)

    async def _live(self, receive: Receive, send: Send) -> None:
        await receive()
        await self.host.start()
        if self.workers is not None:
            await self.workers.start()
        await send({"type": "lifespan.startup.complete"})
        await receive()
        if self.workers is not None:
            await self.workers.stop()
        await self.host.stop()
        await send({"type": "lifespan.shutdown.complete"})

    async def _health(self, send: Send) -> None:
        """200 while the node answers; what it says of its line is for people, not for a supervisor."""
        await answer(send, 200, _encode(self.measures.health()), b"application/json")

    async def _log(self, scope: Scope, send: Send) -> None:
        """The ledger's checkpoint and tiles, for everyone."""
        answered = await self.log.answer(scope["method"], scope["path"].removeprefix(log.PREFIX))
        body = b"" if scope["method"] == "HEAD" else answered.body
        await answer(send, answered.status, body, answered.media_type.encode(), answered.cache.encode())

    async def _metrics(self, scope: Scope, send: Send) -> None:
        """Everyone may measure the node; what it was asked and what it found is counted for officers alone."""
        headers = headers_of(scope)
        try:
            asker = self.access.asker(headers) if self.access.secret(headers) else None
        except Refusal as refusal:
            await answer(send, refusal.status, _encode(refusal.problem()), PROBLEM_TYPE.encode())
            return
        within = asker is not None and policy.could(self.host.vocabulary, asker, Act.MEASURE)
        text = self.measures.text(within=within)
        await answer(send, 200, text, b"text/plain; version=0.0.4; charset=utf-8")

    async def _check(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            asker = self.access.asker(headers_of(scope))
            policy.require_could(self.host.vocabulary, asker, Act.CHECK)
            question = read_question(await read_body(receive, QUESTION_LIMIT_BYTES))
            found = await self.check(asker, question)
        except Refusal as refusal:
            self.measures.refused(refusal.code)
            strict = strictly(send, self._headers)
            await answer(strict, refusal.status, _encode(refusal.problem()), PROBLEM_TYPE.encode())
            return
        await send({"type": "http.response.start", "status": 200, "headers": self._found})
        await send({"type": "http.response.body", "body": _encode(found)})

    async def _batch(self, address: str, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            asker = self.access.asker(headers_of(scope))
            policy.require_could(self.host.vocabulary, asker, Act.CHECK)
            packed = batches.is_packed(scope["headers"])
            body = await read_body(receive, batches.BODY_LIMIT_BYTES)
            policy.require(self.host.vocabulary, asker, Act.CHECK)
            items = batches.read(body, packed=packed)
            self.quotas.check(address, len(items))
            late = Refusal("CHECK-UNABLE", "Could not be checked. The batch took too long.", status=503)
            found = await batches.answered(items, partial(self._slice, asker), late)
        except TooMuch:
            raise
        except Refusal as refusal:
            self.measures.refused(refusal.code)
            await answer(send, refusal.status, _encode(refusal.problem()), PROBLEM_TYPE.encode())
            return
        kind = batches.PACKED if packed else batches.LINES
        await answer(send, 200, batches.written(found, packed=packed), kind)

    async def _slice(self, asker: Asker, items: Sequence[Item]) -> list[bytes]:
        return list(await asyncio.gather(*(self._told(asker, item) for item in items)))

    async def _told(self, asker: Asker, item: Item) -> bytes:
        try:
            if isinstance(item, Refusal):
                raise item
            return _encode(await self.check(asker, item))
        except Refusal as refusal:
            self.measures.refused(refusal.code)
            return batches.problem(refusal)

    async def _witness(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            body = await read_body(receive, REQUEST_LIMIT_BYTES)
        except Refusal as refusal:
            self.measures.refused(refusal.code)
            await answer(send, refusal.status, _encode(refusal.problem()), PROBLEM_TYPE.encode())
            return
        answered = await self.witness.answer(scope["method"], scope["path"], body)
        await answer(send, answered.status, answered.body, answered.media_type.encode())

    async def check(self, asker: Asker, question: Question) -> Answer:
        """Ask this node's office one question; a post asks its bureau first."""
        bureau, post = self.host.bureau, self.host.post
        if bureau is not None:
            return await self.host.do(lambda: bureau.check(asker, question))
        if post is None:
            raise Refusal("NO-OFFICE", "This node has no office.", status=503)
        future: asyncio.Future[Answer | Refusal] = asyncio.get_running_loop().create_future()

        def reply(outcome: Answer | Refusal) -> None:
            if not future.done():
                future.set_result(outcome)

        await self.host.do(lambda: post.check(asker, question, reply))
        outcome = await future
        if isinstance(outcome, Refusal):
            raise outcome
        return outcome

    async def _line(self, scope: Scope, receive: Receive, send: Send) -> None:
        await receive()
        if scope.get("path") != "/line":
            await send({"type": "websocket.close", "code": 1008})
            return
        await send({"type": "websocket.accept"})
        await self.host.answer_line(_Answered(receive, send), secured_of(scope))


class _Answered:
    """The dialled side's socket."""

    def __init__(self, receive: Receive, send: Send) -> None:
        self._receive = receive
        self._send = send
        self._closed = False

    async def receive(self) -> bytes | None:
        event = await self._receive()
        data = event.get("bytes")
        if event["type"] != "websocket.receive" or data is None or len(data) > FRAME_LIMIT_BYTES + 65_536:
            self._closed = event["type"] == "websocket.disconnect"
            return None
        return bytes(data)

    async def send(self, message: bytes) -> None:
        if self._closed:
            raise OSError("the line is gone")
        await self._send({"type": "websocket.send", "bytes": message})

    async def close(self) -> None:
        if not self._closed:
            self._closed = True
            await self._send({"type": "websocket.close", "code": 1000})
