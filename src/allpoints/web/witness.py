"""The two public addresses of a witness (c2sp.org/tlog-witness): whoever has a checkpoint may bring it.

Nobody signs in: a request counts only with the relay's own signature on it, and tells of nobody.
"""

import hashlib
from typing import NamedTuple

from allpoints.ground.refusal import Refusal
from allpoints.ledger import witnessing
from allpoints.node.host import Host
from allpoints.web.pace import Pace
from allpoints.web.problems import PROBLEM_TYPE, encoded

PREFIX = "/witness/"
ADD = "/witness/add-checkpoint"
BODY_LIMIT_BYTES = 2 * witnessing.REQUEST_LIMIT_CHARS
REQUESTS_A_SECOND = 20
"""From strangers all together: each costs signatures to verify, and one that is taken costs a disk sync."""

TEXT = "text/plain; charset=utf-8"
SIZE = "text/x.tlog.size"


class Answered(NamedTuple):
    status: int
    body: bytes
    media_type: str


class WitnessDoor:
    """Answers add-checkpoint, and serves what was cosigned last."""

    def __init__(self, host: Host) -> None:
        self.host = host
        self._pace = Pace(host.clock, REQUESTS_A_SECOND, _busy)

    async def answer(self, method: str, path: str, body: bytes) -> Answered:
        """The answer to one request, as the protocol words it."""
        try:
            text = await (self._add(body) if (method, path) == ("POST", ADD) else self._held(method, path))
        except Refusal as refusal:
            if refusal.code == "WITNESS-CONFLICT":
                return Answered(409, f"{refusal.hint}\n".encode(), SIZE)
            return Answered(refusal.status, encoded(refusal.problem()), PROBLEM_TYPE)
        return Answered(200, text.encode(), TEXT)

    async def _add(self, body: bytes) -> str:
        self._pace.check()
        desk = self.host.desk().witnesses
        try:
            addition = witnessing.read_addition(body.decode())
        except UnicodeDecodeError as error:
            raise Refusal("WITNESS-REQUEST", "A request is UTF-8.", status=400) from error
        line = await self.host.do(lambda: desk.decide(addition, "a request over HTTP"))
        if isinstance(line, Refusal):
            raise line
        return line

    async def _held(self, method: str, path: str) -> str:
        if method != "GET":
            raise Refusal("METHOD-NOT-ALLOWED", "This address is not asked so.", status=405)
        self._pace.check()
        desk = self.host.desk().witnesses
        origin = self.host.me.network
        if path != f"{PREFIX}{hashlib.sha256(origin.encode()).hexdigest()}/checkpoint":
            raise Refusal("NOT-FOUND", "There is nothing at this address.", status=404)
        return await self.host.do(lambda: desk.served(origin))


def _busy() -> Refusal:
    return Refusal(
        "WITNESS-BUSY", "This witness is asked too often.", hint="Ask again in a second.", status=429
    )
