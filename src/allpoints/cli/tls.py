"""TLS between a command and its own node, for a client that expects sockets."""

import socket
from collections.abc import Callable

from allpoints.ground.clock import SystemClock
from allpoints.ground.refusal import Refusal
from allpoints.node import setting_up, tls
from allpoints.node.settings import Settings
from allpoints.node.tls_session import Session

PIECE_BYTES = 64 * 1024


class OwnNode:
    """Stands where the client has an ``ssl.SSLContext``: it wraps a socket to the node of a folder."""

    def __init__(self, settings: Settings) -> None:
        me = setting_up.credentials(settings)
        self._me = tls.Identity(me.certificate, me.signing, SystemClock())
        # A secretariat's process answers as its relay: lines are for that.
        answers = me.upper if me.is_secretariat and me.upper is not None else me.certificate
        self._admit = tls.is_peer(answers)
        self.refused: Refusal | None = None
        """Why a connection came to nothing, if it was for a reason of TLS: the client does not hand reasons on."""

    def set_alpn_protocols(self, _protocols: list[str]) -> None:
        """What is spoken inside is HTTP/1.1 in any case."""

    def wrap_socket(self, plain: socket.socket, server_hostname: str | None = None) -> "TlsSocket":
        """Shake hands over a connected socket; raises OSError if it does not come to that."""
        del server_hostname
        made = TlsSocket(plain, self._me.dial(self._admit), self._refuse)
        made.shake_hands()
        return made

    def _refuse(self, refusal: Refusal) -> None:
        self.refused = refusal


class TlsSocket:
    """A connected socket with TLS on it: as much of one as an HTTP client uses."""

    def __init__(self, plain: socket.socket, session: Session, refuse: Callable[[Refusal], None]) -> None:
        self._plain = plain
        self._refuse = refuse
        self._session = session
        self._said = bytearray()

    def shake_hands(self) -> None:
        self._go_on(self._session.shake_hands)
        while self._session.secured is None:
            self._more()

    def _more(self) -> bool:
        """Take what comes next; whether anything did."""
        data = self._plain.recv(PIECE_BYTES)
        if not data:
            if self._session.secured is None:
                raise ConnectionResetError("the node hung up")
            return False
        self._go_on(lambda: self._take(data))
        return True

    def _take(self, data: bytes) -> None:
        for said in self._session.feed(data):
            self._said += said

    def _go_on(self, step: Callable[[], None]) -> None:
        try:
            step()
        except Refusal as refusal:
            self._refuse(refusal)
            raise ConnectionError(refusal.sentence) from refusal
        finally:
            if out := self._session.outgoing():
                self._plain.sendall(out)

    # -- as a socket

    def recv(self, size: int) -> bytes:
        while not self._said and not self._session.ended and self._more():
            pass
        said = bytes(self._said[:size])
        del self._said[:size]
        return said

    def send(self, data: bytes) -> int:
        piece = bytes(data[:PIECE_BYTES])
        self._go_on(lambda: self._session.write(piece))
        return len(piece)

    def sendall(self, data: bytes) -> None:
        while data:
            data = data[self.send(data) :]

    def settimeout(self, seconds: float | None) -> None:
        self._plain.settimeout(seconds)

    def setsockopt(self, *option: int) -> None:
        self._plain.setsockopt(*option)

    def fileno(self) -> int:
        return self._plain.fileno()

    def close(self) -> None:
        self._session.end()
        self._plain.close()
