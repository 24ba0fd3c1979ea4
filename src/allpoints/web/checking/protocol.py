"""HTTP as check workers speak it: the server's own protocol, with a short way for the plain check.

A check that arrives whole and finds nothing is answered within the callback of the parser, in one write. Everything
else takes the server's ordinary way to the application: another address, a body in pieces too many, a request behind
another one that is not answered yet, and whatever the short way leaves open.
"""

import asyncio
from typing import Any

from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol

from allpoints.web.checking.door import Door
from allpoints.web.patience import Patient
from allpoints.web.plain_answers import CHECKS, QUESTION_LIMIT_BYTES

_CHECKS = CHECKS.encode()


class Swift(Patient):
    """One connection."""

    door: Door
    """The application, of which the short way asks first; one for the process."""
    start: tuple[object, bytes] = (None, b"")
    """The first lines of a good answer up to its length, and the server's headers that they were made from."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._question: bytes | None = None
        """The body so far of a check on the short way."""
        self._state: dict[str, Any] = {}
        self._idle_since = 0.0
        self._idle: asyncio.TimerHandle | None = None

    # -- what the parser calls

    def on_message_begin(self) -> None:
        # The request's scope is made when the application is to see it.
        self.url, self.headers, self.expect_100_continue = b"", [], False
        self._state = {}
        self.head_begins()

    def on_headers_complete(self) -> None:
        free = (self.cycle is None or self.cycle.response_complete) and not self.flow.write_paused
        plain = free and self.url == _CHECKS and not self.expect_100_continue
        if plain and self.parser.get_method() == b"POST" and self._stays_open():
            self._question = b""
            self.head_is_there()
        else:
            self._take_ordinary_way()

    def _stays_open(self) -> bool:
        parser = self.parser
        return bool(
            parser.get_http_version() == "1.1" and parser.should_keep_alive() and not parser.should_upgrade()
        )

    def _take_ordinary_way(self) -> None:
        """Let the server take the request as if the short way had never seen it."""
        body, self._question = self._question, None
        url, headers, expects = self.url, self.headers, self.expect_100_continue
        super().on_message_begin()
        self.url, self.headers, self.expect_100_continue = url, headers, expects
        self.scope["headers"] = headers
        self.scope["state"] = self._state
        super().on_headers_complete()
        if body:
            super().on_body(body)

    def on_body(self, body: bytes) -> None:
        if self._question is None:
            super().on_body(body)
            return
        self._question += body
        if len(self._question) > QUESTION_LIMIT_BYTES:
            self._take_ordinary_way()

    def on_message_complete(self) -> None:
        if self._question is None:
            super().on_message_complete()
            return
        miss = self.door.at_once(self.client, self.headers, self._state, self._question)
        if miss is None:
            self._take_ordinary_way()
            super().on_message_complete()
        else:
            self._question = None
            self._idle_since = self.loop.time()
            self.door.put(self, miss)

    # -- answers on the short way

    def answer(self, body: bytes) -> None:
        self._send(b"%b%d\r\n\r\n%b" % (self._start(), len(body), body))

    def refuse(self, status: int, body: bytes) -> None:
        lines = [
            b"%b: %b\r\n" % one for one in (*self.server_state.default_headers, *self.door.refusal_headers)
        ]
        start = STATUS_LINE[status] + b"".join(lines)
        self._send(b"%bcontent-length: %d\r\n\r\n%b" % (start, len(body), body))

    def _send(self, data: bytes) -> None:
        if not self.transport.is_closing():
            self.transport.write(data)
            self.server_state.total_requests += 1
            self._rest()

    def _start(self) -> bytes:
        """What stands in front of an answer; the server makes new headers each second, for their date."""
        given = self.server_state.default_headers
        made_from, start = Swift.start
        if made_from is not given:
            lines = [b"%b: %b\r\n" % one for one in (*given, *self.door.found_headers)]
            start = b"HTTP/1.1 200 OK\r\n" + b"".join(lines) + b"content-length: "
            Swift.start = (given, start)
        return start

    # -- how long a connection may be silent

    def _rest(self) -> None:
        """Note that the connection is idle from now on; one timer serves many requests."""
        self._idle_since = self.loop.time()
        if self._idle is None:
            self._idle = self.loop.call_later(self.timeout_keep_alive, self._look)

    def _look(self) -> None:
        self._idle = None
        if self.transport.is_closing():
            return
        under_way = self._question is not None or not (self.cycle is None or self.cycle.response_complete)
        left = self._idle_since + self.timeout_keep_alive - self.loop.time()
        if under_way or self.in_head or self.timeout_keep_alive_task is not None:
            # Others watch over these: the application, the patience with heads, the server's own timer.
            left = self.timeout_keep_alive
        if left > 0:
            self._idle = self.loop.call_later(left, self._look)
        else:
            self.timeout_keep_alive_handler()

    def connection_lost(self, exc: Exception | None) -> None:
        super().connection_lost(exc)
        if self._idle is not None:
            self._idle.cancel()


def protocol_of(door: Door) -> type[asyncio.Protocol]:
    """The class for the server's settings; there is one door in a process."""
    Swift.door = door
    return Swift


assert issubclass(Swift, HttpToolsProtocol)  # noqa: S101 - the server takes no other
