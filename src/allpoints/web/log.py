"""The ledger as static files (c2sp.org/tlog-tiles) under /log: for monitors, mirrors and caches, without sign-in.

Tiles hold hashes and commitments alone; whoever reads them learns how large the ledger is, when it grows, and nothing
of what it says. Beside them lie the later versions of the root, for nodes that missed one. They are read beside the engine, from a connection of their own, so that strangers delay nobody.
"""

import asyncio
import re
from contextlib import closing
from typing import NamedTuple

from allpoints.ground.refusal import Refusal
from allpoints.ledger import publishing, tiles
from allpoints.node import root_changes
from allpoints.node.host import Host
from allpoints.node.ledger_copy import DATABASE, open_copy
from allpoints.web.pace import Pace
from allpoints.web.problems import PROBLEM_TYPE, encoded

PREFIX = "/log/"
REQUESTS_A_SECOND = 200
"""From strangers all together. A cache in front of the node answers the rest: tiles never change."""

_ROOT = re.compile(r"root/([1-9][0-9]{0,9})")

TEXT = "text/plain; charset=utf-8"
BYTES = "application/octet-stream"
FRESH = "no-cache"
FOR_EVER = "public, max-age=31536000, immutable"


class Answered(NamedTuple):
    status: int
    body: bytes
    media_type: str
    cache: str


class LogDoor:
    """Answers for the checkpoint and the tiles."""

    def __init__(self, host: Host) -> None:
        self.host = host
        self._pace = Pace(host.clock, REQUESTS_A_SECOND, _busy)

    async def answer(self, method: str, path: str) -> Answered:
        """The answer to one request; ``path`` is what follows the prefix."""
        try:
            _check_method(method)
            self._pace.check()
            self.host.desk()
            return await asyncio.to_thread(self._read, path)
        except Refusal as refusal:
            return Answered(refusal.status, encoded(refusal.problem()), PROBLEM_TYPE, "no-store")

    def _read(self, path: str) -> Answered:
        version = _ROOT.fullmatch(path)
        if version is not None:
            with closing(open_copy(self.host.settings.folder / DATABASE)) as db:
                return Answered(200, root_changes.stored(db, int(version[1])), BYTES, FOR_EVER)
        tile = None if path == tiles.CHECKPOINT else tiles.parse_path(path)
        with closing(open_copy(self.host.settings.folder / DATABASE)) as db:
            size, text = publishing.published(db)
            if tile is None:
                return Answered(200, text.encode(), TEXT, FRESH)
            return Answered(200, publishing.tile_bytes(db, tile, size), BYTES, FOR_EVER)


def _check_method(method: str) -> None:
    if method not in {"GET", "HEAD"}:
        raise Refusal("METHOD-NOT-ALLOWED", "These files are only read.", status=405)


def _busy() -> Refusal:
    return Refusal("LOG-BUSY", "The log is asked too often.", hint="Ask again in a second.", status=429)
