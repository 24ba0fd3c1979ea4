"""Whom a node dials, also when the root has put another key in the relay's place while the node was away.

A line is made with a key that the caller knows beforehand. A node that missed a change of the root asks the upper node's
address for it, over HTTP; whoever answers, the change is believed because the holders of the root signed it.
"""

from collections.abc import Callable

import httpx
import structlog

from allpoints.ground.refusal import Refusal
from allpoints.identity.certificate import Certificate
from allpoints.identity.directory import Directory
from allpoints.identity.root import VERSION_LIMIT
from allpoints.node import root_changes
from allpoints.node.credentials import Credentials

VERSIONS_AT_ONCE = 64
WAIT_SECONDS = 5.0
BEYOND = 2**48
"""A place that no entry has: where a change stands in the ledger, the node learns with the entry."""

log = structlog.get_logger("line")


class Upper:
    """The node above: a bureau's relay, a post's bureau."""

    def __init__(self, me: Credentials, known: Callable[[], Directory] | None = None) -> None:
        """``known`` gives what the node's copy of the ledger says; a post has none."""
        self.me = me
        self._known = known
        self._ahead: Directory | None = None

    def certificate(self) -> Certificate:
        """By which it is dialled at present. Raises Refusal NOT-JOINED."""
        if self.me.upper is None:
            raise Refusal("NOT-JOINED", "This node has nobody to dial.", status=503)
        directory = self._newest()
        found = directory.certificate(self.me.upper.subject) if directory is not None else None
        return found or self.me.upper

    def _newest(self) -> Directory | None:
        known = self._known() if self._known is not None else None
        if known is None or self._ahead is None or known.root.version >= self._ahead.root.version:
            return known
        return self._ahead

    async def catch_up(self) -> None:
        """Ask for later versions of the root than the ledger has here; nothing if there are none, or nobody answers."""
        directory = self._newest()
        if directory is None:
            return
        ahead = directory.copy()
        try:
            # The answer proves itself; whose machine gives it does not matter.
            async with httpx.AsyncClient(timeout=WAIT_SECONDS, trust_env=False, verify=False) as client:  # noqa: S501
                for _ in range(VERSIONS_AT_ONCE):
                    body = await _fetched(client, self.me.address, ahead.root.version + 1)
                    if body is None:
                        break
                    ahead.change_root(root_changes.read(body), BEYOND + ahead.root.version)
        except (httpx.HTTPError, httpx.InvalidURL, Refusal) as error:
            log.info("root not learned", why=getattr(error, "code", type(error).__name__))
        if ahead.root.version > directory.root.version:
            log.info("the root has changed", why=f"version {ahead.root.version}")
            self._ahead = ahead


async def _fetched(client: httpx.AsyncClient, address: str, version: int) -> bytes | None:
    """One change, or None when there is none."""
    if version >= VERSION_LIMIT:
        return None
    async with client.stream("GET", f"{address.rstrip('/')}/log/root/{version}") as answer:
        if answer.status_code != httpx.codes.OK:
            return None
        body = b""
        async for piece in answer.aiter_bytes():
            body += piece
            if len(body) > root_changes.CHANGE_LIMIT_BYTES:
                raise Refusal("ROOT-TOO-LARGE", "No change of a root is that large.", status=413)
    return body
