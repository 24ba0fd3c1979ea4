"""TLS between a socket and whoever speaks over it, for asyncio: the outer side sees bytes, the inner one a transport."""

import asyncio
from collections.abc import Callable
from typing import Any, cast

from allpoints.ground.refusal import Refusal
from allpoints.node.tls_session import Secured, Session

HANDSHAKE_SECONDS = 10.0
CLOSING_SECONDS = 5.0
"""How long the other side may take to end a connection that this side has ended."""

Inner = Callable[[Secured], asyncio.Protocol]
"""Makes whoever speaks inside, once it is known how the connection is secured."""
Failed = Callable[[Refusal], None]


class Stream(asyncio.Protocol):
    """One connection: what comes is opened and handed on, what is written is sealed and sent."""

    def __init__(self, session: Session, inner: Inner, failed: Failed) -> None:
        self.session = session
        self.made: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        """Done once the handshake is; its exception is why it never will be."""
        self.raw: asyncio.Transport | None = None
        self._inner = inner
        self._failed = failed
        self._protocol: asyncio.Protocol | None = None
        self._waiting: asyncio.TimerHandle | None = None
        self._held: list[bytes] | None = None
        """What came while the inner side wanted nothing; None while it does."""
        self._closing = False

    # -- from the socket

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.raw = cast("asyncio.Transport", transport)
        self._wait(HANDSHAKE_SECONDS)
        self._go_on(b"")

    def data_received(self, data: bytes) -> None:
        self._go_on(data)

    def _go_on(self, data: bytes) -> None:
        try:
            if data:
                said = self.session.feed(data)
            else:
                said = []
                self.session.shake_hands()
        except Refusal as refusal:
            self._fail(refusal)
            return
        self._flush()
        if self.session.secured is not None and self._protocol is None and not self._closing:
            self._open(self.session.secured)
        for piece in said:
            self._hand_on(piece)
        self._say_if_ended()

    def _open(self, secured: Secured) -> None:
        self._wait_no_more()
        self._protocol = self._inner(secured)
        self._protocol.connection_made(Secure(self))
        if not self.made.done():
            self.made.set_result(None)

    def _hand_on(self, piece: bytes) -> None:
        if self._held is not None:
            self._held.append(piece)
        elif self._protocol is not None and not self._closing:
            self._protocol.data_received(piece)

    def _say_if_ended(self) -> None:
        """The inner side hears of the end once it was handed all that came before."""
        if not self.session.ended or (self._held and not self._closing):
            return
        if self._closing:
            if self.raw is not None:
                self.raw.close()
            return
        if self._protocol is not None:
            self._protocol.eof_received()
        self.close()

    def eof_received(self) -> bool:
        self.session.ended = True
        self._say_if_ended()
        return False

    def connection_lost(self, exc: Exception | None) -> None:
        self._wait_no_more()
        self._closing = True
        if not self.made.done():
            self.made.set_exception(exc or ConnectionResetError("the connection ended during the handshake"))
            # Whoever answers calls waits for no future; nobody is to be told that its exception was never seen.
            self.made.exception()
        if self._protocol is not None:
            self._protocol.connection_lost(exc)

    def pause_writing(self) -> None:
        if self._protocol is not None:
            self._protocol.pause_writing()

    def resume_writing(self) -> None:
        if self._protocol is not None:
            self._protocol.resume_writing()

    # -- from the inner side

    def write(self, data: bytes) -> None:
        if self._closing or not data:
            return
        try:
            self.session.write(data)
        except Refusal as refusal:
            self._fail(refusal)
        else:
            self._flush()

    def close(self) -> None:
        if self._closing:
            return
        self._closing = True
        self.session.end()
        self._flush()
        if self.raw is None:
            return
        if self.session.ended:
            self.raw.close()
            return
        # A socket that is closed with something unread in it takes back what is on its way to the other side. So what
        # comes is read on, for nobody, until the other side has ended too, or does not in a while.
        self.raw.resume_reading()
        self._wait(CLOSING_SECONDS)

    def abort(self) -> None:
        self._closing = True
        if self.raw is not None:
            self.raw.abort()

    def pause(self) -> None:
        if self._held is None:
            self._held = []
            if self.raw is not None and not self._closing:
                self.raw.pause_reading()

    def resume(self) -> None:
        held, self._held = self._held or [], None
        for piece in held:
            # It may pause again while it takes what was held: the rest is then held as what comes next is.
            self._hand_on(piece)
        if self._held is None and self.raw is not None and not self._closing:
            self.raw.resume_reading()
            self._say_if_ended()

    @property
    def closing(self) -> bool:
        return self._closing

    @property
    def protocol(self) -> asyncio.Protocol | None:
        return self._protocol

    def set_protocol(self, protocol: asyncio.Protocol) -> None:
        self._protocol = protocol

    # -- inside

    def _flush(self) -> None:
        out = self.session.outgoing()
        if out and self.raw is not None and not self.raw.is_closing():
            self.raw.write(out)

    def _fail(self, refusal: Refusal) -> None:
        self._flush()
        if not self.made.done():
            self.made.set_exception(refusal)
            self.made.exception()
        self._failed(refusal)
        self._closing = True
        if self.raw is not None:
            self.raw.close()

    def _wait(self, seconds: float) -> None:
        self._wait_no_more()
        self._waiting = asyncio.get_running_loop().call_later(seconds, self.abort)

    def _wait_no_more(self) -> None:
        if self._waiting is not None:
            self._waiting.cancel()
            self._waiting = None


class Secure(asyncio.Transport):
    """The transport that the inner side writes to."""

    def __init__(self, stream: Stream) -> None:
        super().__init__()
        self._stream = stream

    @property
    def secured(self) -> Secured | None:
        return self._stream.session.secured

    def get_extra_info(self, name: str, default: Any = None) -> Any:
        if name == "sslcontext":
            return self
        raw = self._stream.raw
        return default if raw is None else raw.get_extra_info(name, default)

    def write(self, data: bytes | bytearray | memoryview) -> None:
        self._stream.write(bytes(data))

    def can_write_eof(self) -> bool:
        return False

    def write_eof(self) -> None:
        raise NotImplementedError("TLS ends both ways at once")

    def close(self) -> None:
        self._stream.close()

    def abort(self) -> None:
        self._stream.abort()

    def is_closing(self) -> bool:
        return self._stream.closing

    def is_reading(self) -> bool:
        raw = self._stream.raw
        return raw is not None and raw.is_reading()

    def pause_reading(self) -> None:
        self._stream.pause()

    def resume_reading(self) -> None:
        self._stream.resume()

    def set_write_buffer_limits(self, high: int | None = None, low: int | None = None) -> None:
        if self._stream.raw is not None:
            self._stream.raw.set_write_buffer_limits(high, low)

    def get_write_buffer_size(self) -> int:
        return 0 if self._stream.raw is None else self._stream.raw.get_write_buffer_size()

    def set_protocol(self, protocol: asyncio.BaseProtocol) -> None:
        self._stream.set_protocol(cast("asyncio.Protocol", protocol))

    def get_protocol(self) -> asyncio.BaseProtocol:
        return cast("asyncio.Protocol", self._stream.protocol)
