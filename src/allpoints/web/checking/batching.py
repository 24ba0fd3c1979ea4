"""Batches at a worker: a slice at a time, each written to the journal before the next, single checks in between."""

import asyncio
import time
from collections.abc import Sequence
from functools import partial
from typing import Protocol

import msgspec

from allpoints.ground.refusal import Refusal
from allpoints.web import batches
from allpoints.web.batches import Item
from allpoints.web.checking.answering import Answering, Asking, Miss, busy, unable
from allpoints.web.checking.standings import Words
from allpoints.web.checking.wire import Problem

BATCHES_LIMIT = 2
"""Batches that one worker answers at a time."""

_encode = msgspec.json.Encoder().encode


class Refused(Exception):  # noqa: N818 - a refusal is an answer, not a malfunction
    """Refused in the node's own words."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.code)
        self.problem = problem


class Single(Protocol):
    """What batches need of the door for single checks."""

    answering: Answering

    def still_ready(self, asking: Asking) -> None:
        """Refuse when an answer could not be relied on any more, or who asks may have changed."""
        ...

    async def handed_over(self, words: Words, asking: Asking, body: bytes) -> bytes:
        """The node's answer to one question; raises Refused, Refusal."""
        ...


class Batching:
    """The batches of one worker."""

    def __init__(self, single: Single) -> None:
        self.single = single
        self.answering = single.answering
        self.under_way = 0

    async def answer(self, items: Sequence[Item], words: Words, asking: Asking) -> list[bytes]:
        """An answer for each question; raises Refusal TOO-BUSY while others are under way."""
        if self.under_way >= BATCHES_LIMIT:
            raise busy()
        self.under_way += 1
        try:
            late = unable("The batch took too long.")
            return await batches.answered(items, partial(self._slice, words, asking), late)
        finally:
            self.under_way -= 1

    async def _slice(self, words: Words, asking: Asking, items: Sequence[Item]) -> list[bytes]:
        answering = self.answering
        try:
            self.single.still_ready(asking)
            found = answering.misses(items, asking, time.time_ns() // 1_000_000)
            answering.write(b"".join([one.line for one in found if isinstance(one, Miss)]))
        except Refusal as refusal:
            answering.refusals[refusal.code] += len(items)
            return [batches.problem(refusal)] * len(items)
        told = [one.body if isinstance(one, Miss) else b"" for one in found]
        left = [place for place, body in enumerate(told) if not body]
        others = await asyncio.gather(*(self._told(words, asking, items[at], found[at]) for at in left))
        for place, body in zip(left, others, strict=True):
            told[place] = body
        return told

    async def _told(self, words: Words, asking: Asking, item: Item, found: Miss | Refusal | None) -> bytes:
        """The answer to a question that is no plain miss: refused here, or the node's."""
        try:
            if isinstance(found, Refusal):
                raise found
            return await self.single.handed_over(words, asking, _encode(item))
        except Refusal as refusal:
            self.answering.refusals[refusal.code] += 1
            return batches.problem(refusal)
        except Refused as refused:
            return refused.problem.body
