"""The way in over TLS: how many may shake hands at once, and what a request is told of its connection."""

import asyncio
from typing import Any, cast

import pytest
from tests.node.calling_tls import Server, caller, serving
from tests.node.surroundings import Clock

from allpoints.node.host import Host
from allpoints.node.tls_session import Secured
from allpoints.web.patience import Patient
from allpoints.web.secure import STATE, SecureDoorway, secured_of


class Nobody:
    """A host as the doorway sees it."""

    def __init__(self) -> None:
        self.refused: list[str] = []

    def refused_tls(self, refusal: Any) -> None:
        self.refused.append(refusal.code)


def test_more_than_so_many_do_not_shake_hands_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Patient, "connections_limit", 2)

    async def run() -> None:
        async with serving(Server(Clock())) as server:
            doorway = SecureDoorway(cast("Host", Nobody()), server.door)
            listening = await asyncio.get_running_loop().create_server(
                lambda: doorway(app_state={}), "127.0.0.1", 0
            )
            port = listening.sockets[0].getsockname()[1]
            quiet = [await asyncio.open_connection("127.0.0.1", port) for _ in range(2)]
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            with pytest.raises((ConnectionResetError, asyncio.IncompleteReadError)):
                await reader.readexactly(1)
            writer.close()
            assert len(doorway._shaking) == 2
            doorway.close()
            for reader, writer in quiet:
                with pytest.raises((ConnectionResetError, asyncio.IncompleteReadError)):
                    await reader.readexactly(1)
                writer.close()
            listening.close()
            await listening.wait_closed()

    asyncio.run(run())


def test_a_request_knows_how_its_connection_is_secured_and_a_plain_one_knows_of_none() -> None:
    secured = Secured("TLSv1.3", "X25519MLKEM768", None)
    assert secured_of({"state": {STATE: secured}}) is secured
    assert secured_of({"state": {}}) is None
    assert secured_of({}) is None
    assert secured.text() == "TLSv1.3, X25519MLKEM768"
    assert caller("XAV", Clock()).secured is None
