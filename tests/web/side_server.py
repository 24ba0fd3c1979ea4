"""Servers beside the node that a test runs in a thread of its own."""

from collections.abc import Iterator
from contextlib import contextmanager
from http.server import HTTPServer
from threading import Thread
from typing import Protocol, TypeVar


class _Beside(Protocol):
    @property
    def http(self) -> HTTPServer: ...


B = TypeVar("B", bound=_Beside)


@contextmanager
def serving(beside: B) -> Iterator[B]:
    """It answers while this lasts."""
    thread = Thread(target=beside.http.serve_forever, daemon=True)
    thread.start()
    try:
        yield beside
    finally:
        beside.http.shutdown()
        beside.http.server_close()
        thread.join()
