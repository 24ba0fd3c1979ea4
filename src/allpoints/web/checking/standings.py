"""Who may check, as a worker remembers it: asked of the node, and forgotten at once when anybody's standing changes."""

import asyncio
from collections.abc import Callable

from allpoints.ground.clock import SECOND
from allpoints.web.checking.wire import Standing

REFRESH_MS = 2 * SECOND
"""A standing in use is asked for again so often, while checks go on with the one that is there."""
LIFE_MS = 10 * SECOND
"""Nobody is believed for longer: sessions also end by time, which no change tells of."""
REFUSED_LIFE_MS = SECOND
LIMIT = 4_096

WORDS_LIMIT_BYTES = 8_192
"""Longer words are not remembered: strangers must not fill the worker's memory."""

Words = tuple[bytes, bytes, bytes, bool]
"""What a caller says of itself: Authorization, Cookie and purpose as they came, and whether it names a case."""
AsksWho = Callable[[dict[str, str]], asyncio.Future[Standing]]


class Standings:
    """The standings that one worker knows."""

    def __init__(self, asks_who: AsksWho) -> None:
        self._asks_who = asks_who
        self.epoch: object = None
        """How often standings had changed when these were true."""
        self._known: dict[Words, tuple[int, Standing]] = {}
        self._asked: dict[Words, asyncio.Future[Standing]] = {}

    def known(self, words: Words, epoch: object, now_ms: int) -> Standing | None:
        """The standing behind these words, if it is known and nothing has changed since."""
        if epoch != self.epoch:
            self.epoch = epoch
            self._known.clear()
            self._asked.clear()
        held = self._known.get(words)
        if held is None:
            return None
        at_ms, standing = held
        age_ms = now_ms - at_ms
        if not 0 <= age_ms < REFRESH_MS:
            life_ms = LIFE_MS if standing.outright is None else REFUSED_LIFE_MS
            over = standing.emergency_ends_ms and now_ms >= standing.emergency_ends_ms
            if over or not 0 <= age_ms < life_ms:
                return None
            self._ask(words, now_ms)
        elif standing.emergency_ends_ms and now_ms >= standing.emergency_ends_ms:
            return None
        return standing

    def asked(self, words: Words, epoch: object, now_ms: int) -> asyncio.Future[Standing]:
        """The standing behind these words, as the node will say it."""
        self.known(words, epoch, now_ms)
        return self._ask(words, now_ms)

    def _ask(self, words: Words, now_ms: int) -> asyncio.Future[Standing]:
        asked = self._asked.get(words)
        if asked is None:
            asked = self._asked[words] = self._asks_who(headers_of(words))
            epoch = self.epoch
            asked.add_done_callback(lambda done: self._learn(words, epoch, now_ms, done))
        return asked

    def _learn(self, words: Words, epoch: object, now_ms: int, done: asyncio.Future[Standing]) -> None:
        if self._asked.get(words) is done:
            del self._asked[words]
        if done.cancelled() or done.exception() is not None or epoch != self.epoch:
            # What was asked before a change says nothing about after it.
            return
        if sum(map(len, words[:3])) > WORDS_LIMIT_BYTES:
            return
        if len(self._known) >= LIMIT:
            self._known.clear()
        self._known[words] = (now_ms, done.result())


def headers_of(words: Words) -> dict[str, str]:
    """The headers that a node needs to know who asks."""
    authorization, cookie, purpose, has_case = words
    return {
        "authorization": authorization.decode("latin-1"),
        "cookie": cookie.decode("latin-1"),
        "allpoints-purpose": purpose.decode("latin-1"),
        "allpoints-case": "given" if has_case else "",
    }
