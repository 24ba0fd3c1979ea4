"""One check worker as a process: ``python -m allpoints.web.checking.worker LINK LISTENING`` (file descriptors).

It has neither the node's keys nor its database: the index, read-only; the key of the tokens; and a line to the node.
When that line ends, so does the worker, at once: everything it answered is in its journal.
"""

import asyncio
import contextlib
import gc
import os
import socket
import sys
from itertools import count
from pathlib import Path
from typing import Any

import structlog
import uvicorn

from allpoints.border import journal
from allpoints.border.journal import Journal
from allpoints.ground.clock import SystemClock
from allpoints.ground.refusal import Refusal
from allpoints.matching.following_index import FollowingIndex
from allpoints.node import logs
from allpoints.node.settings import Origin, Settings
from allpoints.vocabulary.loading import load
from allpoints.web.checking import wire
from allpoints.web.checking.answering import Answering, unable
from allpoints.web.checking.door import Door
from allpoints.web.checking.protocol import protocol_of
from allpoints.web.checking.standings import Standings
from allpoints.web.checking.wire import Ask, Link, Standing, Start, Told, Who
from allpoints.web.patience import Patient, connections_limit
from allpoints.web.quotas import AddressQuotas
from allpoints.web.tls import certificate_file, key_file

SYNC_SECONDS = 0.04
"""How long after an answer its journal is synced to the disk at the latest."""
LOOK_SECONDS = 0.2
"""How often a worker without checks looks for what is new, so that it never falls far behind."""
COUNT_SECONDS = 1.0
STOP_SECONDS = 3
COLLECT_AFTER_OBJECTS = 50_000

log = structlog.get_logger("checks")


class Worker:
    """The parts of one worker, wired together."""

    def __init__(self, link: Link, start: Start) -> None:
        self.link = link
        values = {path: Origin(value, "the node") for path, value in start.values.items()}
        self.settings = Settings(values, Path(start.folder))
        vocabulary = load(self.settings.vocabulary_folders)
        if tuple(sorted(vocabulary.searches())) != start.kinds:
            raise SystemExit("The registers changed after the node was started: start it again.")
        following = FollowingIndex(self.settings.folder / "index")
        self.journal = Journal(self.settings.folder / journal.FOLDER, start.policy)
        self.answering = Answering(vocabulary, following, start.index_key, self.journal)
        self._numbers = count()
        self._waiting: dict[int, asyncio.Future[Any]] = {}
        quotas = AddressQuotas(self.settings, SystemClock())
        self.door = Door(self.answering, Standings(self._who), self, quotas, over_tls=self.settings.over_tls)

    # -- what is asked of the node

    def _who(self, headers: dict[str, str]) -> asyncio.Future[Standing]:
        number = next(self._numbers)
        self.link.say(Who(number, headers))
        return self._expected(number)

    def hand_over(self, headers: dict[str, str], body: bytes) -> asyncio.Future[Told]:
        number = next(self._numbers)
        self.link.say(Ask(number, headers, body))
        return self._expected(number)

    def _expected(self, number: int) -> asyncio.Future[Any]:
        expected: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        self._waiting[number] = expected
        expected.add_done_callback(lambda _: self._waiting.pop(number, None))
        return expected

    async def hear_for_ever(self) -> None:
        """Take the node's answers; ends the process when the node is gone."""
        while (data := await self.link.hear()) is not None:
            message = wire.to_worker.decode(data)
            if isinstance(message, Standing | Told):
                expected = self._waiting.get(message.id)
                if expected is not None and not expected.done():
                    expected.set_result(message)
        os._exit(1)

    # -- what goes on beside the checks

    async def synced(self) -> None:
        """Wait until everything written so far is on the disk."""
        try:
            await asyncio.to_thread(self.journal.sync)
        except OSError:
            raise unable("The check could not be written to the disk.") from None

    async def sync_for_ever(self) -> None:
        while True:
            await asyncio.sleep(SYNC_SECONDS)
            if self.journal.unsynced:
                with contextlib.suppress(Refusal):
                    await self.synced()

    async def look_for_ever(self) -> None:
        """Follow the index while nobody asks, and open it anew when its segments have changed."""
        following = self.answering.following
        while True:
            await asyncio.sleep(LOOK_SECONDS)
            with contextlib.suppress(Refusal, OSError):
                following.refresh()
            if following.wants_opening:
                try:
                    following.adopt(await asyncio.to_thread(following.opened))
                except (Refusal, OSError) as error:
                    log.warning("the index cannot be opened", error=repr(error))

    async def count_for_ever(self) -> None:
        """Tell the node what was refused here."""
        refusals = self.answering.refusals
        while True:
            await asyncio.sleep(COUNT_SECONDS)
            if refusals:
                self.link.say(wire.Counted(dict(refusals)))
                refusals.clear()


async def serve(link_end: socket.socket, listening: socket.socket) -> None:
    """Answer checks until told to stop, or until the node is gone."""
    link = await Link.over(link_end)
    data = await link.hear()
    if data is None:
        return
    start = wire.to_worker.decode(data)
    if not isinstance(start, Start):
        raise SystemExit("A worker is started by its node alone.")
    logs.set_up(start.values["log.level"], start.values["log.form"])
    worker = Worker(link, start)
    gc.collect()
    gc.freeze()
    gc.set_threshold(COLLECT_AFTER_OBJECTS, 20, 50)
    beside = [
        asyncio.create_task(work)
        for work in (
            worker.hear_for_ever(),
            worker.sync_for_ever(),
            worker.look_for_ever(),
            worker.count_for_ever(),
        )
    ]
    server = uvicorn.Server(_configuration(worker))
    link.say(wire.Ready())
    await server.serve(sockets=[listening])
    for task in beside:
        task.cancel()
    worker.journal.close()


def _configuration(worker: Worker) -> uvicorn.Config:
    settings = worker.settings
    Patient.connections_limit = connections_limit()
    return uvicorn.Config(
        worker.door,
        http=protocol_of(worker.door),
        ws="none",
        lifespan="off",
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,
        timeout_graceful_shutdown=STOP_SECONDS,
        ssl_certfile=certificate_file(settings),
        ssl_keyfile=key_file(settings),
    )


def main() -> None:
    import uvloop

    link_end, listening = (socket.socket(fileno=int(word)) for word in sys.argv[1:3])
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(serve(link_end, listening))


if __name__ == "__main__":
    main()
