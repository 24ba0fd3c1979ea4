"""The ASGI application of a check worker: one address, no router, no framework."""

import asyncio
import time
from typing import Any, Protocol, TypeVar

import msgspec

from allpoints.ground.refusal import Refusal
from allpoints.web import batches
from allpoints.web.access import HEADER_LIMIT
from allpoints.web.checking.answering import Answering, Asking, Miss, busy, unable
from allpoints.web.checking.batching import Batching, Refused
from allpoints.web.checking.standings import Standings, Words, headers_of
from allpoints.web.checking.wire import Problem, Standing, Told
from allpoints.web.plain_answers import (
    BATCH,
    CHECKS,
    QUESTION_LIMIT_BYTES,
    Receive,
    Scope,
    Send,
    answer,
    read_body,
    read_question,
)
from allpoints.web.problems import PROBLEM_TYPE
from allpoints.web.quotas import AddressQuotas, caller
from allpoints.web.strict import strict_headers, strictly

HANDED_LIMIT = 256
"""Checks of one worker that wait for the node; further ones are told to come back."""
TELL_SECONDS = 5.0
"""How long the node may take to say who asks, or for a check that was handed to it."""
ASK_AGAIN = 3
CALLERS_LIMIT = 4_096
T = TypeVar("T")
Headers = list[tuple[bytes, bytes]]
DURABLE = b"durable=true"

_problem = msgspec.json.Encoder().encode
_JSON = [(b"content-type", b"application/json"), (b"cache-control", b"no-store")]


class Node(Protocol):
    """What the door needs beyond its own process."""

    def hand_over(self, headers: dict[str, str], body: bytes) -> "asyncio.Future[Told]":
        """Let the node answer a check."""
        ...

    async def synced(self) -> None:
        """Wait until every check answered so far is on the disk; raises Refusal CHECK-UNABLE."""
        ...


class Connection(Protocol):
    """What the door needs of a connection whose request came on the short way."""

    def answer(self, body: bytes) -> None:
        """Send a good answer."""
        ...

    def refuse(self, status: int, body: bytes) -> None:
        """Send a problem document."""
        ...


class Door:
    """Answers POST /api/v1/checks."""

    def __init__(
        self, answering: Answering, standings: Standings, node: Node, quotas: AddressQuotas, *, over_tls: bool
    ) -> None:
        self.answering = answering
        self.standings = standings
        self.node = node
        self.quotas = quotas
        self.handed = 0
        self.batching = Batching(self)
        self._strict = strict_headers(over_tls=over_tls)
        self._pending: list[tuple[Connection, Miss]] = []
        self._callers: dict[str, str] = {}
        self.refusal_headers = [(b"content-type", PROBLEM_TYPE.encode()), *self._strict]
        self.found_headers = [*_JSON, *(one for one in self._strict if one[0] != b"cache-control")]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            if scope["type"] == "websocket":
                await receive()
                await send({"type": "websocket.close", "code": 1008})
            return
        try:
            body, kind = await self._answered(scope, receive)
        except Refusal as refusal:
            problem = Problem(refusal.status, refusal.code, _problem(refusal.problem()), refusal.retry_s)
            await self._refuse(problem, send)
        except Refused as refused:
            await self._refuse(refused.problem, send)
        else:
            headers = [
                (b"content-type", kind),
                (b"content-length", b"%d" % len(body)),
                *self.found_headers[1:],
            ]
            await send({"type": "http.response.start", "status": 200, "headers": headers})
            await send({"type": "http.response.body", "body": body})

    def at_once(
        self, client: tuple[str, int] | None, headers: Headers, state: dict[str, Any], body: bytes
    ) -> Miss | None:
        """A good answer that needs nothing from anybody, for ``put``; None for every other request.

        ``state`` goes with the request to the ordinary way, which then does not count it once more.
        """
        answering = self.answering
        try:
            words, case = _words(headers)
            answering.ready()
            now_ms = time.time_ns() // 1_000_000
            epoch = answering.following.epoch
            standing = self.standings.known(words, epoch, now_ms)
            if standing is None or standing.outright is not None or standing.so is not None:
                return None
            self.quotas.check(self._caller(client, headers))
            state["counted"] = True
            return answering.miss(read_question(body), Asking(standing, case, epoch), now_ms)
        except Refusal:
            return None

    def _caller(self, client: tuple[str, int] | None, headers: Headers) -> str:
        if self.quotas.trusted or client is None:
            return caller({"client": client, "headers": headers}, self.quotas.trusted)
        known = self._callers.get(client[0])
        if known is None:
            if len(self._callers) >= CALLERS_LIMIT:
                self._callers.clear()
            known = self._callers[client[0]] = caller({"client": client}, ())
        return known

    def put(self, connection: Connection, miss: Miss) -> None:
        """Answer on ``connection`` once the line is written, together with all others of this turn of the loop."""
        if not self._pending:
            asyncio.get_running_loop().call_soon(self.flush)
        self._pending.append((connection, miss))

    def flush(self) -> None:
        """Write every line that waits, in one write, and then let the answers go."""
        pending, self._pending = self._pending, []
        try:
            self.answering.write(b"".join([miss.line for _, miss in pending]))
        except Refusal as refusal:
            self.answering.refusals[refusal.code] += len(pending)
            body = _problem(refusal.problem())
            for connection, _ in pending:
                connection.refuse(refusal.status, body)
        else:
            for connection, miss in pending:
                connection.answer(miss.body)

    async def _refuse(self, problem: Problem, send: Send) -> None:
        self.answering.refusals[problem.code] += 1
        strict = strictly(send, self._strict)
        await answer(strict, problem.status, problem.body, PROBLEM_TYPE.encode(), retry_s=problem.retry_s)

    async def _answered(self, scope: Scope, receive: Receive) -> tuple[bytes, bytes]:
        """The body of a good answer, and what it is."""
        path = scope["path"]
        if path not in {CHECKS, BATCH}:
            raise Refusal("NOT-FOUND", "Only checks are answered here.", hint=f"POST {CHECKS}.", status=404)
        if scope["method"] != "POST":
            raise Refusal("METHOD-NOT-ALLOWED", "A check is sent by POST.", status=405)
        if path == CHECKS and "counted" not in scope["state"]:
            self.quotas.check(caller(scope, self.quotas.trusted))
        words, case = _words(scope["headers"])
        self.answering.ready()
        now_ms = time.time_ns() // 1_000_000
        epoch: object = self.answering.following.epoch
        with self.quotas.under_way(scope):
            standing = self.standings.known(words, epoch, now_ms)
            if standing is None:
                standing, epoch = await self._standing(words)
            asking = Asking(standing, case, epoch)
            if standing.outright is not None:
                raise Refused(standing.outright)
            if path == BATCH:
                return await self._batch(scope, receive, words, asking)
            body = await read_body(receive, QUESTION_LIMIT_BYTES)
            # What is new by now counts, and who may ask by now.
            self.still_ready(asking)
            return await self._checked(scope, body, words, asking), _JSON[0][1]

    def still_ready(self, asking: Asking) -> None:
        """Refuse when an answer could not be relied on any more, or who asks may have changed."""
        self.answering.ready()
        if self.answering.following.epoch != asking.epoch:
            raise unable("Who may ask is being changed.")

    async def _batch(
        self, scope: Scope, receive: Receive, words: Words, asking: Asking
    ) -> tuple[bytes, bytes]:
        """The answers to many checks, in the form of the questions."""
        packed = batches.is_packed(scope["headers"])
        body = await read_body(receive, batches.BODY_LIMIT_BYTES)
        if asking.standing.so is not None:
            raise Refused(asking.standing.so)
        items = batches.read(body, packed=packed)
        self.quotas.check(caller(scope, self.quotas.trusted), len(items))
        found = await self.batching.answer(items, words, asking)
        await self._durable(scope)
        return batches.written(found, packed=packed), batches.PACKED if packed else batches.LINES

    async def _durable(self, scope: Scope) -> None:
        """Wait for the disk where the request asks for it."""
        if scope["query_string"] and DURABLE in scope["query_string"].split(b"&"):
            await self.node.synced()

    async def _standing(self, words: Words) -> tuple[Standing, object]:
        """Who asks, as the node says it, and at which count of changes: none came while it said so."""
        for _ in range(ASK_AGAIN):
            epoch = self.answering.following.epoch
            asked = self.standings.asked(words, epoch, time.time_ns() // 1_000_000)
            # Others may wait for the same word of the node: giving up must not take it from them.
            standing = await _in_time(asyncio.shield(asked))
            self.answering.ready()
            if epoch == self.answering.following.epoch:
                return standing, epoch
        raise unable("Who may ask is being changed.")

    async def _checked(self, scope: Scope, body: bytes, words: Words, asking: Asking) -> bytes:
        question = read_question(body)
        if asking.standing.so is not None:
            raise Refused(asking.standing.so)
        answering = self.answering
        miss = answering.miss(question, asking, time.time_ns() // 1_000_000)
        if miss is None:
            return await self.handed_over(words, asking, body)
        answering.write(miss.line)
        await self._durable(scope)
        return miss.body

    async def handed_over(self, words: Words, asking: Asking, body: bytes) -> bytes:
        """The node's own answer: it raises the hit, says what it knows of the record and tells whom it concerns."""
        if self.handed >= HANDED_LIMIT:
            raise busy()
        headers = headers_of(words) | {"allpoints-case": asking.case}
        self.handed += 1
        try:
            told = await _in_time(self.node.hand_over(headers, body))
        finally:
            self.handed -= 1
        if told.status != 200:
            raise Refused(Problem(told.status, "", told.body, told.retry_s))
        return told.body


async def _in_time(answer: "asyncio.Future[T]") -> T:
    """What the node answers; raises Refusal CHECK-UNABLE when it does not in time."""
    try:
        return await asyncio.wait_for(answer, TELL_SECONDS)
    except TimeoutError:
        raise unable("The node did not answer in time.") from None


def _words(headers: Headers) -> tuple[Words, str]:
    """What the caller says of itself, and the case."""
    authorization = cookie = purpose = case = b""
    for name, value in headers:
        if name == b"authorization":
            authorization = value
        elif name == b"cookie":
            cookie = value
        elif name == b"allpoints-purpose":
            purpose = value
        elif name == b"allpoints-case":
            case = value
    told = case.decode("latin-1")[:HEADER_LIMIT]
    return (authorization, cookie, purpose, bool(told.strip())), told
