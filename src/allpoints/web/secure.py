"""The way in over TLS: each connection is opened here, and what is in it goes to the server as from a plain one."""

import asyncio
from collections.abc import MutableMapping
from typing import Any, cast

from allpoints.node.host import Host
from allpoints.node.tls import Door
from allpoints.node.tls_session import Secured
from allpoints.node.tls_stream import Stream
from allpoints.web.patience import Patient

STATE = "tls"
"""Under this name each request's state says how its connection is secured."""


class SecureDoorway:
    """Makes the protocol of each new connection, as the server asks for one."""

    def __init__(self, host: Host, door: Door) -> None:
        self.host = host
        self.door = door
        self._shaking: set[Stream] = set()

    def __call__(self, *, app_state: dict[str, Any], **given: Any) -> asyncio.Protocol:
        """The outer side of a connection; ``given`` is what the server has for the inner one."""
        if len(self._shaking) >= Patient.connections_limit:
            return _Full()

        def inner(secured: Secured) -> asyncio.Protocol:
            self.door.count(secured)
            return Patient(app_state={**app_state, STATE: secured}, **given)

        stream = Stream(self.door.session(), inner, self.host.refused_tls)
        self._shaking.add(stream)
        stream.made.add_done_callback(lambda _made: self._shaking.discard(stream))
        return stream

    def close(self) -> None:
        """Give up whoever is still shaking hands: the server does not know of them."""
        for stream in list(self._shaking):
            stream.abort()


class _Full(asyncio.Protocol):
    """One connection too many."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        cast("asyncio.Transport", transport).abort()


def secured_of(scope: MutableMapping[str, Any]) -> Secured | None:
    """How the connection of a request is secured; None where TLS ends before this process, or there is none."""
    found: Secured | None = scope.get("state", {}).get(STATE)
    return found
