"""The dialling end of a line: over TLS with the tree's certificates, over a proxy's TLS, or over none.

An address with https is dialled with a certificate of the tree first. Whoever answers without knowing such certificates
is a proxy, or a node that shows browsers another certificate: then the machine's own authorities have to vouch for it,
unless ``tls.upper`` says that only the tree counts. What the line carries is sealed for the upper node in any case.
"""

import asyncio
import random
from typing import NamedTuple

import structlog
import websockets
from websockets.asyncio.client import ClientConnection
from websockets.asyncio.connection import Connection
from websockets.client import ClientProtocol
from websockets.uri import parse_uri

from allpoints.ground.clock import Clock
from allpoints.ground.refusal import Refusal
from allpoints.node import tls
from allpoints.node.lines import HANDSHAKE_SECONDS, SOCKET_LIMIT_BYTES, Ends, Lines
from allpoints.node.tls_session import FAILED, NO_TREE, Session
from allpoints.node.tls_stream import Stream
from allpoints.node.upper import Upper
from allpoints.sealing.line import Initiator, Peer

WAIT_LEAST_SECONDS = 0.2
WAIT_MOST_SECONDS = 5.0

ANY, TREE, AUTHORITIES = "any", "tree", "authorities"
UPPER = (ANY, TREE, AUTHORITIES)
"""Who may vouch for the upper node in TLS."""

log = structlog.get_logger("line")


class Made(NamedTuple):
    """A connection, and by which TLS it was made, in words."""

    connection: ClientConnection
    secured: str


class _Dialled:
    """The dialling side's socket."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    async def receive(self) -> bytes | None:
        try:
            message = await self._connection.recv()
        except websockets.ConnectionClosed:
            return None
        return message if isinstance(message, bytes) else None

    async def send(self, message: bytes) -> None:
        await self._connection.send(message)

    async def close(self) -> None:
        await self._connection.close()


async def dial_for_ever(upper: Upper, clock: Clock, lines: Lines, ends: Ends, vouching: str = ANY) -> None:
    """Keep a line to the upper node, dialling again whenever it breaks; ``vouching`` is one of ``UPPER``."""
    wait = WAIT_LEAST_SECONDS
    own = tls.Identity(upper.me.certificate, upper.me.signing, clock)
    while True:
        try:
            await _dial(upper, own, lines, ends, vouching)
            wait = WAIT_LEAST_SECONDS
        except (OSError, TimeoutError, websockets.WebSocketException, Refusal) as error:
            log.info("line not made", why=getattr(error, "code", type(error).__name__))
            wait = min(wait * 1.6, WAIT_MOST_SECONDS)
            await upper.catch_up()
        # Whoever was cut off together must not all come back in the same instant.
        await asyncio.sleep(wait * random.uniform(0.7, 1.3))  # noqa: S311 - spreads load, guards nothing


async def _dial(upper: Upper, own: tls.Identity, lines: Lines, ends: Ends, vouching: str) -> None:
    me, above = upper.me, upper.certificate()
    made = await connect(line_address(me.address), own.dial(tls.is_peer(above)), vouching)
    async with made.connection as connection:
        socket = _Dialled(connection)
        peer = Peer(above.subject, above.verify_key)
        initiator = Initiator(me.certificate.to_bytes(), me.signing, peer, above.reception_key)
        await socket.send(initiator.hello(own.clock.now()))
        reply = await asyncio.wait_for(socket.receive(), HANDSHAKE_SECONDS)
        if reply is None:
            raise Refusal("LINE-REFUSED", f"{above.subject} did not accept this node.", status=403)
        lines.secured[peer.name] = made.secured
        try:
            await lines.carry(initiator.finish(reply), socket, ends)
        finally:
            del lines.secured[peer.name]


async def connect(address: str, session: Session, vouching: str) -> Made:
    """Connect to the line at an address; raises OSError, TimeoutError, WebSocketException or Refusal."""
    if not address.startswith("wss://"):
        if vouching == TREE:
            raise Refusal(
                "TLS-PLAIN",
                "The upper node's address is without TLS, and tls.upper asks for the tree's.",
                path="network.address",
            )
        return Made(await _websocket(address), "")
    if vouching != AUTHORITIES:
        try:
            return await _by_tree(address, session)
        except Refusal as refusal:
            if vouching == TREE or refusal.code not in {NO_TREE, FAILED}:
                raise
    connection = await _websocket(address)
    spoken = connection.transport.get_extra_info("ssl_object").version()
    return Made(connection, f"{spoken}, vouched for by an authority")


async def _websocket(address: str) -> ClientConnection:
    return await websockets.connect(
        address, max_size=SOCKET_LIMIT_BYTES, compression=None, proxy=None, open_timeout=HANDSHAKE_SECONDS
    )


async def _by_tree(address: str, session: Session) -> Made:
    uri = parse_uri(address)
    connection = ClientConnection(ClientProtocol(uri, max_size=SOCKET_LIMIT_BYTES))
    stream = Stream(session, lambda _secured: connection, lambda _refusal: None)
    async with asyncio.timeout(HANDSHAKE_SECONDS):
        try:
            await asyncio.get_running_loop().create_connection(lambda: stream, uri.host, uri.port)
            await stream.made
            await connection.handshake()
        except BaseException:
            stream.abort()
            raise
    connection.start_keepalive()
    secured = session.secured
    return Made(connection, "" if secured is None else secured.text())


def line_address(address: str) -> str:
    """The WebSocket address of the line behind a node's address."""
    scheme, _, rest = address.partition("://")
    return f"{'wss' if scheme == 'https' else 'ws'}://{rest.rstrip('/')}/line"
