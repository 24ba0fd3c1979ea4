"""A TLS server on a real socket that says back what it hears, and callers of every kind."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import cast

from tests.node.samples import certificate, credentials, keys
from tests.node.surroundings import Clock

from allpoints.ground.refusal import Refusal
from allpoints.identity.certificate import Certificate
from allpoints.node.tls import Door, Identity, is_peer
from allpoints.node.tls_session import Secured, Session
from allpoints.node.tls_stream import Stream
from allpoints.sealing.line import Peer

RELAY = "XSC/relay"
ADMITTED = ("XAV", "XBM")


class Heard(asyncio.Protocol):
    """Keeps what it hears."""

    def __init__(self, secured: Secured) -> None:
        self.secured = secured
        self.heard = bytearray()
        self.lost = asyncio.Event()
        self.came = asyncio.Event()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast("asyncio.Transport", transport)

    def data_received(self, data: bytes) -> None:
        self.heard += data
        self.came.set()

    def connection_lost(self, exc: Exception | None) -> None:
        self.lost.set()
        self.came.set()

    async def until(self, size: int) -> bytes:
        """Wait for so many bytes, or for the end."""
        while len(self.heard) < size and not self.lost.is_set():
            self.came.clear()
            await self.came.wait()
        return bytes(self.heard)


class Echo(Heard):
    """Says back what it hears."""

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        self.transport.write(data)


class Server:
    """A relay's door on a port of this machine; members of this network may come in."""

    def __init__(self, clock: Clock, *, known_only: bool = False) -> None:
        self.clock = clock
        me = credentials(RELAY)
        self.identity = Identity(me.certificate, me.signing, clock)
        self.door = Door(self.identity, self.admit, known_only=known_only)
        self.refused: list[str] = []
        self.inner: type[Heard] = Echo
        self.opened: list[Heard] = []
        self.some = asyncio.Event()
        self.streams: list[Stream] = []
        self.port = 0

    def admit(self, data: bytes, _now_ms: int) -> Peer:
        offered = Certificate.from_bytes(data)
        if offered.subject not in ADMITTED or offered != certificate(offered.subject, "bureau"):
            raise Refusal("CALLER-UNKNOWN", f"{offered.subject} is not admitted here.", status=403)
        return Peer(offered.subject, offered.verify_key)

    async def first(self) -> Heard:
        """The inner side of the first connection, once it is there."""
        await self.some.wait()
        return self.opened[0]

    def stream(self) -> Stream:
        made = Stream(self.door.session(), self._open, lambda refusal: self.refused.append(refusal.code))
        self.streams.append(made)
        return made

    def _open(self, secured: Secured) -> asyncio.Protocol:
        self.door.count(secured)
        self.opened.append(self.inner(secured))
        self.some.set()
        return self.opened[-1]


@asynccontextmanager
async def serving(server: Server) -> AsyncIterator[Server]:
    """Listen as long as this lasts."""
    listening = await asyncio.get_running_loop().create_server(server.stream, "127.0.0.1", 0)
    server.port = listening.sockets[0].getsockname()[1]
    try:
        yield server
    finally:
        for stream in server.streams:
            stream.abort()
        listening.close()
        await listening.wait_closed()


def caller(name: str, clock: Clock) -> Session:
    """The dialling end of a member that calls the relay."""
    me = Identity(certificate(name, "bureau"), keys(name)[0], clock)
    return me.dial(is_peer(credentials(RELAY).certificate))


async def dial(server: Server, session: Session) -> Heard:
    """Connect with a session and wait for the handshake; raises why it came to nothing."""
    stream = Stream(session, Heard, lambda _refusal: None)
    await asyncio.get_running_loop().create_connection(lambda: stream, "127.0.0.1", server.port)
    await stream.made
    return cast("Heard", stream.protocol)


async def said_back(server: Server, session: Session, data: bytes = b"is anybody there") -> bytes:
    """What the server says back to a session; empty if it lets nobody in."""
    heard = await dial(server, session)
    heard.transport.write(data)
    try:
        return await heard.until(len(data))
    finally:
        heard.transport.abort()
