"""The server's manners towards strangers: how long it listens to a head, how much of it, and to how many at once.

The server has no such limits of its own. Without them anyone could fill the node's memory with one endless header
line, or hold every connection with a head that never ends.
"""

import asyncio
import resource
from typing import Any

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

HEAD_LIMIT_BYTES = 64 * 1024
"""Request line and headers together."""
HEAD_SECONDS = 10.0
"""From the connection, or the first byte of a further request, to the end of its headers."""
CONNECTIONS_LIMIT = 2_000
FILES_KEPT = 256
"""Files that the node needs for itself whatever happens outside: databases, segments, spool."""
FILES_WANTED = 8_192

_TOO_LARGE = b"HTTP/1.1 431 Request Header Fields Too Large\r\ncontent-length: 0\r\nconnection: close\r\n\r\n"


def connections_limit() -> int:
    """How many connections are held at once; the rest of the process's files stay free for the node."""
    _soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    soft = FILES_WANTED if hard == resource.RLIM_INFINITY else min(hard, FILES_WANTED)
    resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    return max(1, min(CONNECTIONS_LIMIT, soft - FILES_KEPT))


class Patient(HttpToolsProtocol):
    """HTTP as the server speaks it, with an end to its patience."""

    connections_limit = CONNECTIONS_LIMIT
    head_seconds = HEAD_SECONDS

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._waiting: asyncio.TimerHandle | None = None
        self._head_bytes = 0
        self.in_head = True
        """Whether the headers of a request are still to come."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as the server has it
        super().connection_made(transport)
        if len(self.connections) > self.connections_limit:
            transport.abort()
            return
        self._wait()

    def connection_lost(self, exc: Exception | None) -> None:
        self._wait_no_more()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        if not self.in_head:
            return
        self._head_bytes += len(data)
        if self._head_bytes > HEAD_LIMIT_BYTES:
            self._wait_no_more()
            self.transport.write(_TOO_LARGE)
            self.transport.close()
        elif not self.transport.is_closing():
            # Most heads arrive whole, so the clock starts only when one has not.
            self._wait()

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self.head_begins()

    def on_headers_complete(self) -> None:
        self.head_is_there()
        super().on_headers_complete()

    def head_begins(self) -> None:
        """A request's first byte is there."""
        self._head_bytes = 0
        self.in_head = True

    def head_is_there(self) -> None:
        """The request's headers are complete."""
        self.in_head = False
        self._wait_no_more()

    def _wait(self) -> None:
        if self._waiting is None:
            self._waiting = self.loop.call_later(self.head_seconds, self._give_up)

    def _wait_no_more(self) -> None:
        if self._waiting is not None:
            self._waiting.cancel()
            self._waiting = None

    def _give_up(self) -> None:
        self._waiting = None
        self.transport.abort()
