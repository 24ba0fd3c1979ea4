"""Whoever has no certificate of the network gets no TLS connection as a node; on real sockets, beside one that has."""

import asyncio

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from OpenSSL import SSL
from tests.identity.test_tls_certificate import forged
from tests.node.calling_tls import Server, caller, dial, said_back, serving
from tests.node.samples import NOW_MS, certificate, credentials, keys
from tests.node.surroundings import Clock

from allpoints.ground.clock import DAY
from allpoints.ground.refusal import Refusal
from allpoints.identity import tls_certificate
from allpoints.identity.tls_certificate import LIFE_MS, Projection
from allpoints.node.tls import Identity, is_peer
from allpoints.node.tls_session import HTTP, PROTOCOL, Session
from allpoints.sealing.line import Peer

WORDS = b"is anybody there"
RELAY = "XSC/relay"


async def told(server: Server, session: Session) -> bytes:
    """What comes back; nothing whichever side refused, and whenever it was noticed."""
    try:
        return await said_back(server, session, WORDS)
    except (Refusal, OSError):
        return b""


def tried(session: Session, clock: Clock, *, known_only: bool = False) -> tuple[bytes, list[str]]:
    """What a caller hears from a server at which a member was just served, and what the server refused."""

    async def run() -> tuple[bytes, list[str]]:
        async with serving(Server(clock, known_only=known_only)) as server:
            assert await told(server, caller("XAV", clock)) == WORDS
            assert server.refused == []
            heard = await told(server, session)
            await asyncio.wait([stream.made for stream in server.streams])
            return heard, server.refused

    return asyncio.run(run())


def plain(
    protocols: list[bytes] | None = None,
    version: int = 0,
    shown: Identity | None = None,
    *,
    classical: bool = False,
) -> Session:
    """A caller that believes anybody, as an attacker would."""
    context = SSL.Context(SSL.TLS_CLIENT_METHOD)
    if version:
        context.set_max_proto_version(version)
    if classical:
        context.set_tmp_ecdh(ec.SECP256R1())
    if protocols:
        context.set_alpn_protos(protocols)
    if shown is not None:
        context.use_certificate(shown.projection().certificate)
        context.use_privatekey(shown.projection().key)
    session = Session(context, lambda _data, _now: Peer("", keys("XAV")[0].public), Clock())
    session.connection.set_connect_state()
    return session


def test_a_member_is_served_and_its_keys_come_from_a_hybrid_exchange() -> None:
    async def run() -> None:
        async with serving(Server(Clock())) as server:
            session = caller("XBM", server.clock)
            assert await said_back(server, session, WORDS) == WORDS
            for secured in (session.secured, server.opened[0].secured):
                assert secured is not None
                assert (secured.version, secured.group) == ("TLSv1.3", "X25519MLKEM768")
            assert server.opened[0].secured.peer == Peer("XBM", keys("XBM")[0].public)
            assert server.door.secured == {("X25519MLKEM768", True): 1}

    asyncio.run(run())


def test_a_certificate_of_nobody_known_here_is_refused() -> None:
    heard, refused = tried(caller("XDO", Clock()), Clock())
    assert (heard, refused) == (b"", ["CALLER-UNKNOWN"])


def test_a_certificate_of_the_web_is_refused() -> None:
    """Self-signed by nobody's key of the tree."""
    stranger = Identity(certificate("XAV", "bureau"), keys("XAV")[0], Clock())
    made = tls_certificate.project(certificate("XAV", "bureau"), keys("XDO")[0], Clock().now())
    stranger._made = made
    heard, refused = tried(plain([PROTOCOL], shown=stranger), Clock())
    assert (heard, refused) == (b"", ["BAD-SIGNATURE"])


def test_a_caller_without_a_certificate_is_refused_as_a_node_and_served_as_a_browser() -> None:
    heard, refused = tried(plain([PROTOCOL]), Clock())
    assert (heard, refused) == (b"", ["TLS-FAILED"])
    for offered in ([HTTP], [b"h2"], None):
        assert tried(plain(offered), Clock()) == (WORDS, [])
        assert tried(plain(offered), Clock(), known_only=True) == (b"", ["TLS-FAILED"])


def test_an_expired_certificate_and_one_of_tomorrow_are_refused() -> None:
    """A member's clock, or its thief's copy of a key, is two days off."""
    for apart, code in ((-2 * DAY, "EXPIRED"), (2 * DAY, "EARLY")):
        shown = Identity(certificate("XAV", "bureau"), keys("XAV")[0], Clock(NOW_MS + apart))
        heard, refused = tried(plain([PROTOCOL], shown=shown), Clock())
        assert (heard, refused) == (b"", [f"TLS-CERTIFICATE-{code}"])


def test_another_members_certificate_is_nothing_without_its_key() -> None:
    """XDO shows what XAV once showed it, with a key of its own."""
    thief = Identity(certificate("XAV", "bureau"), keys("XAV")[0], Clock())
    true, key = thief.projection(), ec.generate_private_key(ec.SECP256R1())
    data = forged(true.certificate, key, "XAV")
    thief._made = Projection(x509.load_der_x509_certificate(data), key, true.made_ms)
    heard, refused = tried(plain([PROTOCOL], shown=thief), Clock())
    assert (heard, refused) == (b"", ["TLS-CERTIFICATE-UNREADABLE"])


def test_an_older_tls_is_refused() -> None:
    for version in (SSL.TLS1_2_VERSION, SSL.TLS1_1_VERSION):
        heard, refused = tried(plain([PROTOCOL], version), Clock())
        assert (heard, refused) == (b"", ["TLS-FAILED"])


def test_a_classical_exchange_is_refused_between_nodes_and_taken_from_a_browser() -> None:
    member = Identity(certificate("XAV", "bureau"), keys("XAV")[0], Clock())
    for offered, expected in (
        ([PROTOCOL], (b"", ["TLS-CLASSICAL"])),
        ([HTTP], (WORDS, [])),
    ):
        assert tried(plain(offered, shown=member, classical=True), Clock()) == expected


def test_a_node_calls_nobody_but_the_one_that_it_means() -> None:
    """Another node of the same network answers, and a proxy that speaks TLS and knows no tree."""
    clock = Clock()

    async def run(expected: str, offered: list[bytes] | None = None) -> str:
        async with serving(Server(clock)) as server:
            me = Identity(certificate("XAV", "bureau"), keys("XAV")[0], clock)
            session = me.dial(is_peer(credentials(expected).certificate))
            if offered is not None:
                session.connection.set_alpn_protos(offered)
            try:
                await dial(server, session)
            except Refusal as refusal:
                return refusal.code
            return ""

    assert asyncio.run(run(RELAY)) == ""
    assert asyncio.run(run("XSC")) == "WRONG-PEER"
    assert asyncio.run(run(RELAY, [HTTP])) == "TLS-NO-TREE"


def test_a_second_connection_shows_its_certificates_anew() -> None:
    """No ticket lets anybody in that was let in before."""

    async def run() -> None:
        async with serving(Server(Clock())) as server:
            first = caller("XAV", server.clock)
            assert await said_back(server, first, WORDS) == WORDS
            context = first.connection.get_context()
            again = Session(context, is_peer(credentials(RELAY).certificate), server.clock, dials=True)
            again.connection.set_connect_state()
            again.demand()
            if (held := first.connection.get_session()) is not None:
                again.connection.set_session(held)
            assert await said_back(server, again, WORDS) == WORDS
            assert again.secured is not None
            assert again.secured.peer == Peer(RELAY, keys(RELAY)[0].public)
            assert server.opened[1].secured.peer == Peer("XAV", keys("XAV")[0].public)

    asyncio.run(run())


def test_whatever_bytes_come_end_the_handshake_and_open_nothing() -> None:
    async def run() -> None:
        async with serving(Server(Clock())) as server:
            for data in (b"GET / HTTP/1.1\r\n\r\n", bytes(2_000), b"\x16\x03\x01\xff\xff" + bytes(70_000)):
                reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
                writer.write(data)
                while await reader.read(4096):
                    pass
                writer.close()
            assert server.refused == ["TLS-FAILED"] * 3
            assert server.opened == []

    asyncio.run(run())


def test_certificates_are_made_anew_long_before_they_end() -> None:
    clock = Clock()
    own = Identity(certificate("XAV", "bureau"), keys("XAV")[0], clock)
    first = own.projection()
    clock.now_ms += LIFE_MS // 2 - 1
    assert own.projection() is first
    clock.now_ms += 1
    assert own.projection() is not first
    clock.now_ms -= LIFE_MS
    assert own.projection().made_ms == clock.now()
