"""TLS as nodes speak it, without any socket: bytes in, bytes out.

OpenSSL holds the state; this asks it what to send and what was said, and judges who showed which certificate itself.
"""

from collections.abc import Callable
from typing import NamedTuple

from cryptography.hazmat.primitives.serialization import Encoding
from OpenSSL import SSL
from OpenSSL.crypto import X509

from allpoints.ground.clock import Clock
from allpoints.ground.refusal import Refusal
from allpoints.identity import tls_certificate
from allpoints.sealing.line import Peer

PROTOCOL = b"allpoints/1"
HTTP = b"http/1.1"
PIECE_BYTES = 64 * 1024
HYBRID = "MLKEM"
"""What the name of a group has in it that no quantum computer opens later; by default it is X25519MLKEM768."""

FAILED = "TLS-FAILED"
NO_TREE = "TLS-NO-TREE"

Admit = Callable[[bytes, int], Peer]
"""Turns the bytes of a certificate of the tree and a time into a peer, or refuses."""


class Secured(NamedTuple):
    """How a connection is secured: the TLS version, the group that its keys come from, and who showed a certificate."""

    version: str
    group: str
    peer: Peer | None

    def text(self) -> str:
        """For people: ``TLSv1.3, X25519MLKEM768``."""
        return f"{self.version}, {self.group}"


class Session:
    """One end of one connection: give it what came, take what is to be sent, read and write what is meant."""

    def __init__(self, context: SSL.Context, admit: Admit, clock: Clock, *, dials: bool = False) -> None:
        self.connection = SSL.Connection(context, None)
        self.connection.set_app_data(self)
        self.secured: Secured | None = None
        self.ended = False
        """Whether the other side said that nothing more comes."""
        self._dials = dials
        self._admit = admit
        self._clock = clock
        self._peer: Peer | None = None
        self._why: Refusal | None = None

    def feed(self, data: bytes) -> list[bytes]:
        """Take bytes from the other side; gives what they said. Raises Refusal when nothing more can come of it."""
        taken, said = 0, []
        while taken < len(data):
            # More than one buffer holds is put in when there is room again.
            taken += self.connection.bio_write(data[taken : taken + PIECE_BYTES])
            if self.secured is None:
                self.shake_hands()
            if self.secured is not None:
                said += self._read()
        return said

    def shake_hands(self) -> None:
        """Go on with the handshake as far as what came allows."""
        try:
            self.connection.do_handshake()
        except SSL.WantReadError:
            return
        except SSL.Error as error:
            raise self._failed(error) from error
        mutual = self.connection.get_alpn_proto_negotiated() == PROTOCOL
        group = self.connection.get_group_name() or ""
        if mutual and HYBRID not in group:
            raise Refusal(
                "TLS-CLASSICAL",
                f"Nodes make their keys by a hybrid exchange, not by {group or 'an unknown one'}.",
                hint="Both sides need an OpenSSL from 3.5 on, as comes with the program.",
                status=403,
            )
        self.secured = Secured(self.connection.get_protocol_version_name(), group, self._peer)

    def _read(self) -> list[bytes]:
        said: list[bytes] = []
        try:
            while True:
                said.append(self.connection.recv(PIECE_BYTES))
        except SSL.WantReadError:
            return said
        except SSL.ZeroReturnError:
            self.ended = True
            return said
        except SSL.Error as error:
            raise self._failed(error) from error

    def write(self, data: bytes) -> None:
        """Say something; ``outgoing`` then has the bytes that carry it."""
        view = memoryview(data)
        try:
            while view:
                view = view[self.connection.send(view[:PIECE_BYTES]) :]
        except SSL.Error as error:
            raise self._failed(error) from error

    def end(self) -> None:
        """Say that nothing more comes from this side."""
        if self.secured is not None:
            try:
                self.connection.shutdown()
            except SSL.Error:
                # The other side is gone: there is nobody to say it to.
                self.ended = True

    def outgoing(self) -> bytes:
        """What is to be sent by now."""
        out = bytearray()
        try:
            while True:
                out += self.connection.bio_read(PIECE_BYTES)
        except SSL.WantReadError:
            return bytes(out)

    def demand(self) -> None:
        """Have the other side show a projection of a certificate that is admitted, or fail."""
        self.connection.set_verify(SSL.VERIFY_PEER | SSL.VERIFY_FAIL_IF_NO_PEER_CERT, self._looked_at)

    def _looked_at(
        self, _connection: SSL.Connection, shown: X509, _error: int, depth: int, _sound: int
    ) -> bool:
        """OpenSSL asks for each certificate and each fault; what it thinks of authorities does not matter here."""
        if depth or self._why is not None:
            return False
        if self._peer is None:
            try:
                self._peer = self._admitted(shown)
            except Refusal as refusal:
                self._why = refusal
        return self._peer is not None

    def _admitted(self, shown: X509) -> Peer:
        if self._dials and self.connection.get_alpn_proto_negotiated() != PROTOCOL:
            raise Refusal(
                NO_TREE,
                "Whoever answers does not know the certificates of this network: a proxy, perhaps.",
                hint="See tls.upper in allpoints.toml.",
                status=403,
            )
        said = tls_certificate.read(shown.to_cryptography().public_bytes(Encoding.DER))
        now_ms = self._clock.now()
        peer = self._admit(said.certificate.to_bytes(), now_ms)
        said.check(now_ms)
        return peer

    def _failed(self, error: SSL.Error) -> Refusal:
        if self._why is not None:
            return self._why
        queue = error.args[0] if error.args and isinstance(error.args[0], list) else []
        reasons = [str(one[-1]) for one in queue]
        return Refusal(
            FAILED,
            f"The other side does not speak TLS as this node does: {', '.join(reasons) or 'it hung up'}.",
            hint="TLS 1.3; between nodes with a certificate of the network on both sides.",
            status=403,
        )
