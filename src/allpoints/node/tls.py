"""Who a node is in TLS, and the door through which others come in.

Who asks for ``allpoints/1`` (by ALPN) speaks as a node or as a command of this one: both sides show a projection of
their certificate in the tree, and the keys come from a hybrid exchange. Browsers and programs ask for nothing of the
kind, show nothing, and get the certificate of ``web.certificate`` where there is one. What is said in here is sealed and
signed without TLS too; TLS hides who says it to whom.
"""

from collections import Counter
from pathlib import Path
from typing import Any

from OpenSSL import SSL

from allpoints.ground.clock import Clock
from allpoints.ground.refusal import Refusal
from allpoints.identity import tls_certificate
from allpoints.identity.certificate import Certificate
from allpoints.identity.keys import SigningKey
from allpoints.identity.tls_certificate import LIFE_MS, Projection
from allpoints.node.tls_session import HTTP, PROTOCOL, Admit, Secured, Session
from allpoints.sealing.line import Peer


class Identity:
    """Who a node is in TLS: its certificate in the tree, projected anew twice a day."""

    def __init__(self, certificate: Certificate, signing: SigningKey, clock: Clock) -> None:
        self.clock = clock
        self._certificate = certificate
        self._signing = signing
        self._made: Projection | None = None

    def projection(self) -> Projection:
        """The present projection; a new one once half of its life is over, or the clock was set back before it."""
        now_ms, made = self.clock.now(), self._made
        if made is None or not made.made_ms <= now_ms < made.made_ms + LIFE_MS // 2:
            made = self._made = tls_certificate.project(self._certificate, self._signing, now_ms)
        return made

    def dial(self, admit: Admit) -> Session:
        """The dialling end of a connection to a node; ``admit`` says whether it is the one that is meant."""
        context = _context(SSL.TLS_CLIENT_METHOD)
        shown = self.projection()
        context.use_certificate(shown.certificate)
        context.use_privatekey(shown.key)
        context.set_alpn_protos([PROTOCOL, HTTP])
        session = Session(context, admit, self.clock, dials=True)
        session.connection.set_connect_state()
        session.demand()
        return session


class Door:
    """The answering end: makes a session for whoever calls, and counts how they were secured."""

    def __init__(
        self,
        identity: Identity,
        admit: Admit,
        files: tuple[Path, Path] | None = None,
        *,
        known_only: bool = False,
    ) -> None:
        """``files`` are certificate and key (PEM) for browsers; ``known_only`` keeps browsers out."""
        self.identity = identity
        self.secured: Counter[tuple[str, bool]] = Counter()
        """Connections by group, and whether the caller showed a certificate of the tree."""
        self._admit = admit
        self._files = files
        self._known_only = known_only
        self._context: SSL.Context | None = None
        self._projection: Projection | None = None
        self._current()

    def session(self) -> Session:
        """The answering end of a new connection."""
        session = Session(self._current(), self._admit, self.identity.clock)
        session.connection.set_accept_state()
        if self._known_only:
            session.demand()
        return session

    def count(self, secured: Secured) -> None:
        """Count a connection whose handshake is done."""
        self.secured[secured.group, secured.peer is not None] += 1

    def _current(self) -> SSL.Context:
        shown = self.identity.projection()
        if self._context is None or shown is not self._projection:
            context = _context(SSL.TLS_SERVER_METHOD)
            if self._files is None:
                context.use_certificate(shown.certificate)
                context.use_privatekey(shown.key)
            else:
                _use_files(context, *self._files)
            context.set_alpn_select_callback(self._chosen)
            self._context, self._projection = context, shown
        return self._context

    def _chosen(self, connection: SSL.Connection, offered: list[bytes]) -> bytes | Any:
        """A node or a command gets the tree's certificate and has to show its own; OpenSSL asks before it shows any."""
        if PROTOCOL in offered:
            shown = self.identity.projection()
            connection.use_certificate(shown.certificate)
            connection.use_privatekey(shown.key)
            connection.get_app_data().demand()
            return PROTOCOL
        return HTTP if HTTP in offered else SSL.NO_OVERLAPPING_PROTOCOLS


def _context(method: int) -> SSL.Context:
    """TLS 1.3 alone, with ciphers of 256 bits and nothing resumed: each connection shows its certificates anew."""
    context = SSL.Context(method)
    context.set_min_proto_version(SSL.TLS1_3_VERSION)
    context.set_tls13_ciphersuites(b"TLS_AES_256_GCM_SHA384:TLS_CHACHA20_POLY1305_SHA256")
    context.set_session_cache_mode(SSL.SESS_CACHE_OFF)
    context.set_options(SSL.OP_NO_TICKET)
    return context


def _use_files(context: SSL.Context, certificate: Path, key: Path) -> None:
    try:
        context.use_certificate_chain_file(str(certificate))
        context.use_privatekey_file(str(key))
        context.check_privatekey()
    except SSL.Error as error:
        raise Refusal(
            "TLS-FILES",
            f"{certificate} and {key} are no TLS certificate with its key.",
            path="web.certificate",
            hint="PEM files: the certificate with its chain, and the key without a passphrase.",
        ) from error


def is_peer(expected: Certificate) -> Admit:
    """Admit whoever has the name and key of this certificate, be it renewed since."""

    def admit(data: bytes, _now_ms: int) -> Peer:
        shown = Certificate.from_bytes(data)
        if (shown.subject, shown.verify_key) != (expected.subject, expected.verify_key):
            raise Refusal(
                "WRONG-PEER",
                f"{expected.subject} was called, and {shown.subject} answered with another key.",
                status=403,
            )
        return Peer(shown.subject, shown.verify_key)

    return admit
