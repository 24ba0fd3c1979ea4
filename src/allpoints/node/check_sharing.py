"""A bureau's index and log shared with check workers: kept in step with the engine, and their journals taken in."""

import asyncio
import contextlib
import os
from collections.abc import Awaitable, Callable, Coroutine
from functools import partial
from pathlib import Path
from typing import Any, Protocol

from allpoints.border import journal
from allpoints.ground.refusal import Refusal
from allpoints.identity import access_changes
from allpoints.node.bureau import Bureau
from allpoints.node.check_intake import (
    LINES_AT_ONCE,
    WAITING_LIMIT_BYTES,
    CheckIntake,
    Read,
    waiting_bytes,
)
from allpoints.node.quotas import MIB
from allpoints.node.second_look import SecondLook

BEAT_SECONDS = 0.5
REST_SECONDS = 0.05
LAST_ROUND_SECONDS = 5.0

Act = Callable[[], Any]
Begins = Callable[[Coroutine[Any, Any, None]], None]
"""Lets something run beside everything else, for as long as the node does."""


class Does(Protocol):
    def __call__(self, work: Act) -> Awaitable[Any]:
        """Run one item of work in the engine."""
        ...


class CheckSharing:
    """What a bureau does for its check workers; with none it only takes in what earlier ones left."""

    def __init__(self, bureau: Bureau, monotonic_ms: Callable[[], int]) -> None:
        self.bureau = bureau
        self.monotonic_ms = monotonic_ms
        self.intake = CheckIntake(
            bureau, (bureau.index, bureau.checks, bureau.alerts), SecondLook(bureau, bureau)
        )
        self.waiting_bytes = 0
        """What workers answered and the engine has not taken in yet."""
        self._changes = 0
        self._one_round = asyncio.Lock()
        self._places: dict[str, int] = {}

    @property
    def folder(self) -> Path:
        return self.intake.folder

    async def start(self, do: Does, begin: Begins, *, shared: bool) -> None:
        """Take in what workers of an earlier run left; with workers, share the index with them from now on."""
        await self.begin_taking(do)
        if shared:
            self.share()
            begin(self.beat_for_ever(do))
            begin(self.take_for_ever(do))

    async def stop(self, do: Does) -> None:
        """Take in what the workers left, who have ended by now."""
        if self.bureau.index.live is not None:
            # An engine that stands still must not keep the node from stopping: the rest is taken in at the next start.
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self.take_round(do), LAST_ROUND_SECONDS)

    def share(self) -> None:
        """Let other processes read the index, and tell them of every change once it is committed."""
        bureau = self.bureau
        bureau.index.share()
        access_changes.count_changes(bureau.db)
        self._changes = access_changes.changes(bureau.db)
        bureau.committed.append(bureau.index.publish)
        bureau.committed.append(self._tell_changes)
        self._beat()

    def _tell_changes(self) -> None:
        changes = access_changes.changes(self.bureau.db)
        live = self.bureau.index.live
        if changes != self._changes and live is not None:
            self._changes = changes
            live.standings_changed()

    def _beat(self) -> None:
        live = self.bureau.index.live
        if live is not None:
            live.beat(self.monotonic_ms(), self.bureau.as_of())

    async def beat_for_ever(self, do: Does) -> None:
        """Say that the engine runs: only work that it did itself can say so."""
        while True:
            # An engine with more to do than it can take says nothing, and workers draw their conclusion.
            with contextlib.suppress(Refusal):
                await do(self._beat)
            await asyncio.sleep(BEAT_SECONDS)

    async def begin_taking(self, do: Does) -> None:
        """Take in whatever finished journals there are, before anything else is answered here."""
        self._places = await do(self.intake.places)
        await self.take_round(do)

    async def take_for_ever(self, do: Does) -> None:
        """Take in what workers answer, for as long as this runs."""
        while True:
            # What the engine cannot take now it takes in the next round.
            with contextlib.suppress(Refusal):
                await self.take_round(do)
            await asyncio.sleep(REST_SECONDS)

    async def take_round(self, do: Does) -> None:
        """Take in everything that is in the journals now."""
        async with self._one_round:
            await self._take_round(do)

    async def _take_round(self, do: Does) -> None:
        for path, finished in await asyncio.to_thread(_listed, self.folder):
            await self._take_file(path, finished, do)
        self.waiting_bytes = await asyncio.to_thread(waiting_bytes, self.folder, self._places)
        live = self.bureau.index.live
        if live is not None:
            live.hold(held=self.waiting_bytes > WAITING_LIMIT_BYTES)

    async def _take_file(self, path: Path, finished: bool, do: Does) -> None:
        more = True
        while more:
            start = self._places.get(path.name, 0)
            try:
                piece = await asyncio.to_thread(journal.read, path, start, LINES_AT_ONCE)
            except Refusal as refusal:
                # While it is being written, a line may be there in part.
                if finished:
                    why = refusal.code
                    await do(partial(self.intake.set_aside, path, why))
                return
            more = len(piece.lines) == LINES_AT_ONCE
            if piece.lines:
                await do(partial(self.intake.take, Read(path, start, piece)))
                self._places[path.name] = piece.end
        if finished:
            await self._end(path, piece.end, do)

    async def _end(self, path: Path, end: int, do: Does) -> None:
        self._places.pop(path.name, None)
        if await asyncio.to_thread(_remove_if_whole, path, end):
            return
        await do(partial(self.intake.set_aside, path, "CHECK-JOURNAL-BROKEN"))


def _remove_if_whole(path: Path, end: int) -> bool:
    """Delete a journal that was taken in to its end; False when something stands behind that."""
    size = path.stat().st_size
    if size > end:
        return False
    # What was asked about people must not lie in free blocks of a stolen disk.
    with path.open("r+b") as file:
        for start in range(0, size, MIB):
            file.write(bytes(min(MIB, size - start)))
        file.flush()
        os.fdatasync(file.fileno())
    path.unlink()
    return True


def _listed(folder: Path) -> list[tuple[Path, bool]]:
    """Every journal, and whether it is finished: asked before it is read, so that its end is its end."""
    return [(path, journal.is_finished(path)) for path in journal.files(folder)]
