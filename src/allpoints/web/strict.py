"""Strict headers on whatever leaves over HTTP: what a part of the application forgot is added at the door."""

from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

from allpoints.web.csp import PAGE_HEADERS, SECURE_TRANSPORT

Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
Header = tuple[bytes, bytes]


def strict_headers(*, over_tls: bool) -> tuple[Header, ...]:
    """The headers of every answer, in the form of ASGI; over TLS also that browsers come by TLS alone."""
    wanted = {**PAGE_HEADERS, **(SECURE_TRANSPORT if over_tls else {})}
    return tuple((name.lower().encode(), value.encode()) for name, value in wanted.items())


def strictly(send: Send, headers: tuple[Header, ...]) -> Send:
    """A ``send`` that adds each of ``headers`` to an answer which does not set it itself."""

    async def strict(event: MutableMapping[str, Any]) -> None:
        if event["type"] == "http.response.start":
            given = list(event.get("headers", ()))
            names = {bytes(name).lower() for name, _ in given}
            event["headers"] = [*given, *(one for one in headers if one[0] not in names)]
        await send(event)

    return strict
