"""The node's side of its check workers: starts them, answers what they cannot, starts again what has died."""

import asyncio
import contextlib
import socket
import sys
from collections.abc import Coroutine
from functools import partial
from typing import Any

import msgspec
import structlog

from allpoints.ground.refusal import Refusal
from allpoints.identity import policy
from allpoints.identity.policy import Act
from allpoints.web.asgi import Entrance
from allpoints.web.checking import wire
from allpoints.web.checking.wire import Link
from allpoints.web.plain_answers import read_question

MODULE = "allpoints.web.checking.worker"
STOP_SECONDS = 5.0
AGAIN_SECONDS = 0.2
AGAIN_LIMIT_SECONDS = 5.0
"""How long after its end a worker is started again: doubled each time it ends unready, up to this."""
BACKLOG = 2_048

_encode = msgspec.json.Encoder().encode
log = structlog.get_logger("checks")


class CheckWorkers:
    """All workers of one node. They share one listening socket, so that none has a port or callers of its own."""

    def __init__(self, entrance: Entrance, listening: socket.socket, count: int) -> None:
        self.entrance = entrance
        self.host = entrance.host
        self.count = count
        self.ready = 0
        self.ended = 0
        """How many ended that should not have."""
        self._listening = listening
        self._stopping: bool = False
        self._processes: set[asyncio.subprocess.Process] = set()
        self._tasks: set[asyncio.Task[None]] = set()

    async def start(self) -> None:
        """Callers that come before a worker is ready wait for it."""
        self._listening.listen(BACKLOG)
        for _ in range(self.count):
            self._begin(self._keep_one())

    def _begin(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def stop(self) -> None:
        """Let workers finish what they answer, and end those that do not."""
        self._stopping = True
        processes = list(self._processes)
        for process in processes:
            with contextlib.suppress(ProcessLookupError):
                process.terminate()
        ends = [asyncio.wait_for(process.wait(), STOP_SECONDS) for process in processes]
        await asyncio.gather(*ends, return_exceptions=True)
        for process in processes:
            with contextlib.suppress(ProcessLookupError):
                process.kill()
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self._listening.close()

    async def _keep_one(self) -> None:
        wait_seconds = AGAIN_SECONDS
        while True:
            was_ready = await self._run_one()
            if self._stopping:
                return
            self.ended += 1
            wait_seconds = AGAIN_SECONDS if was_ready else min(2 * wait_seconds, AGAIN_LIMIT_SECONDS)
            log.error("a check worker ended", why="it is started again")
            await asyncio.sleep(wait_seconds)

    async def _run_one(self) -> bool:
        """Run one worker until it ends; whether it was ready meanwhile."""
        mine, theirs = socket.socketpair()
        listening = self._listening.fileno()
        with theirs:
            process = await asyncio.create_subprocess_exec(
                *(sys.executable, "-m", MODULE, str(theirs.fileno()), str(listening)),
                pass_fds=(theirs.fileno(), listening),
                stdin=asyncio.subprocess.DEVNULL,
            )
        self._processes.add(process)
        link = await Link.over(mine)
        try:
            link.say(self._start())
            was_ready = await self._answer(link)
            await process.wait()
        finally:
            link.close()
        self._processes.discard(process)
        return was_ready

    def _start(self) -> wire.Start:
        host = self.host
        return wire.Start(
            str(host.settings.folder),
            {setting.path: origin.value for setting, origin in host.settings.rows()},
            host.me.index_key,
            host.vocabulary.policies.digest,
            tuple(sorted(host.vocabulary.searches())),
        )

    async def _answer(self, link: Link) -> bool:
        """Answer one worker until it is gone."""
        was_ready = False
        try:
            while (data := await link.hear()) is not None:
                match wire.to_node.decode(data):
                    case wire.Ready():
                        was_ready = True
                        self.ready += 1
                    case wire.Who() as who:
                        link.say(self._standing(who))
                    case wire.Ask() as ask:
                        self._begin(self._tell(link, ask))
                    case wire.Counted() as counted:
                        self._count(counted)
        except msgspec.DecodeError:
            log.exception("a check worker says what none says")
        finally:
            self.ready -= was_ready
        return was_ready

    def _count(self, counted: wire.Counted) -> None:
        for code, number in counted.refusals.items():
            self.entrance.measures.refused(code, number)

    def _standing(self, who: wire.Who) -> wire.Standing:
        vocabulary = self.host.vocabulary
        try:
            asker = self.entrance.access.asker(who.headers, anew=True)
        except Refusal as refusal:
            return wire.Standing(who.id, outright=_problem(refusal))
        emergency = asker.emergency
        return wire.Standing(
            who.id,
            asker.officer,
            asker.purpose,
            "" if emergency is None else str(emergency.id),
            0 if emergency is None else emergency.ends_ms,
            _refused(partial(policy.require_could, vocabulary, asker, Act.CHECK)),
            _refused(partial(policy.require, vocabulary, asker, Act.CHECK)),
        )

    async def _tell(self, link: Link, ask: wire.Ask) -> None:
        entrance = self.entrance
        try:
            asker = entrance.access.asker(ask.headers)
            policy.require_could(self.host.vocabulary, asker, Act.CHECK)
            found = await entrance.check(asker, read_question(ask.body))
        except Refusal as refusal:
            entrance.measures.refused(refusal.code)
            problem = _problem(refusal)
            link.say(wire.Told(ask.id, problem.status, problem.body, problem.retry_s))
        else:
            link.say(wire.Told(ask.id, 200, _encode(found)))


def _refused(require: "partial[None]") -> wire.Problem | None:
    try:
        require()
    except Refusal as refusal:
        return _problem(refusal)
    return None


def _problem(refusal: Refusal) -> wire.Problem:
    return wire.Problem(refusal.status, refusal.code, _encode(refusal.problem()), refusal.retry_s)
