"""How much one address may ask over HTTP: checks, steps of signing in, and requests under way at once."""

import ipaddress
from collections import Counter, OrderedDict
from collections.abc import Iterable, Iterator, MutableMapping
from contextlib import contextmanager
from typing import Any

from allpoints.ground.clock import SECOND, Clock
from allpoints.ground.quota import Bucket
from allpoints.ground.refusal import Refusal
from allpoints.node.quotas import BURST_SECONDS
from allpoints.node.setting import Block, blocks
from allpoints.node.settings import Settings

ADDRESSES_LIMIT = 10_000
"""Addresses that are remembered; beyond it the one that was quiet longest starts anew."""
FORWARDED_LIMIT = 20
"""Addresses read of one X-Forwarded-For, from its end."""
PROVING = ("/en/sign-in", "/en/enrol", "/en/verify")
"""Where a password is stretched, a code or a passkey's answer verified."""
ASKING = ("/en/sign-in/provider", "/en/verify/provider")
"""Where a provider is asked who came back, whatever the method."""
_SIX_BITS = 64
_SIXTY_PER_MINUTE = 60

Scope = MutableMapping[str, Any]


class TooMuch(Refusal):
    """Refused for its address' sake, before anything of the request was read."""


class Remembered:
    """One bucket for each address, the most recent ones."""

    def __init__(self, rate: int, most: int) -> None:
        self._rate = rate
        self.most = most
        self._buckets: OrderedDict[str, Bucket] = OrderedDict()

    def take(self, address: str, amount: int, now_ms: int) -> int:
        """0 when there was enough, else the milliseconds until there is."""
        bucket = self._buckets.get(address)
        if bucket is None:
            bucket = self._buckets[address] = Bucket(self._rate, self.most, now_ms)
            if len(self._buckets) > ADDRESSES_LIMIT:
                self._buckets.popitem(last=False)
        else:
            self._buckets.move_to_end(address)
        return bucket.take(amount, now_ms)


class AddressQuotas:
    """The quotas of all addresses at one node."""

    def __init__(self, settings: Settings, clock: Clock) -> None:
        self.clock = clock
        self.trusted = blocks(settings.text("http.trusted_proxies"))
        checks = settings.number("http.checks")
        self._checks = Remembered(checks, checks * BURST_SECONDS)
        # A sixtieth a second each is a whole one a minute.
        sign_ins = settings.number("http.sign_ins")
        self._sign_ins = Remembered(sign_ins, sign_ins * _SIXTY_PER_MINUTE)
        self._open_limit = settings.number("http.open_requests")
        self._open: Counter[str] = Counter()

    @contextmanager
    def under_way(self, scope: Scope) -> Iterator[str]:
        """Hold one request of an address open; raises Refusal ADDRESS-BUSY (429) beyond its bound."""
        address = caller(scope, self.trusted)
        if self._open[address] >= self._open_limit:
            raise TooMuch(
                "ADDRESS-BUSY",
                "Too many requests from this address are under way.",
                hint="Wait for some to end.",
                status=429,
                retry_s=1,
            )
        self._open[address] += 1
        try:
            yield address
        finally:
            self._open[address] -= 1
            if self._open[address] == 0:
                del self._open[address]

    def check(self, address: str, count: int = 1) -> None:
        """So many checks from ``address``; raises Refusal ADDRESS-TOO-FAST (429).

        More at once than ever may be asked at once count as that many.
        """
        _refuse_within(self._checks.take(address, min(count, self._checks.most), self.clock.now()))

    def sign_in(self, address: str) -> None:
        """One step of signing in from ``address``; raises Refusal ADDRESS-TOO-FAST (429)."""
        _refuse_within(self._sign_ins.take(address, _SIXTY_PER_MINUTE, self.clock.now()))


def _refuse_within(wait_ms: int) -> None:
    if wait_ms:
        seconds = -(-wait_ms // SECOND)
        raise TooMuch(
            "ADDRESS-TOO-FAST",
            f"This address asks too often; try again in {seconds} s.",
            hint="Behind a proxy, set http.trusted_proxies so that each caller counts for itself.",
            status=429,
            retry_s=seconds,
        )


def proves(scope: Scope) -> bool:
    """Whether a request is a step of signing in, enrolling or proving again."""
    path = str(scope["path"])
    return (scope["method"] == "POST" and path.startswith(PROVING)) or path in ASKING


def caller(scope: Scope, trusted: tuple[Block, ...]) -> str:
    """Whose request this is: the peer's address, or the last address before the trusted proxies that it came through.

    An IPv6 address counts with its whole /64, which one caller has to itself. What is no address counts as the peer.
    """
    client = scope.get("client")
    peer = str(client[0]) if client else ""
    found = _address(peer)
    if found is None:
        return peer
    if trusted and _within(found, trusted):
        for hop in _forwarded(scope["headers"]):
            earlier = _address(hop)
            if earlier is None:
                break
            found = earlier
            if not _within(found, trusted):
                break
    return _told(found)


def _forwarded(headers: Iterable[tuple[bytes, bytes]]) -> list[str]:
    """The hops of X-Forwarded-For, the nearest first."""
    told = b",".join(value for name, value in headers if name.lower() == b"x-forwarded-for")
    hops = told.decode("latin-1").rsplit(",", FORWARDED_LIMIT)[-FORWARDED_LIMIT:]
    return [hop.strip() for hop in reversed(hops)]


def _address(text: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        found = ipaddress.ip_address(text)
    except ValueError:
        return None
    mapped = found.ipv4_mapped if isinstance(found, ipaddress.IPv6Address) else None
    return mapped or found


def is_within(text: str, networks: tuple[Block, ...]) -> bool:
    """Whether a text is an address within one of the networks."""
    found = _address(text)
    return found is not None and _within(found, networks)


def _within(address: ipaddress.IPv4Address | ipaddress.IPv6Address, networks: tuple[Block, ...]) -> bool:
    return any(address in network for network in networks)


def _told(address: ipaddress.IPv4Address | ipaddress.IPv6Address) -> str:
    if isinstance(address, ipaddress.IPv4Address):
        return str(address)
    return str(ipaddress.ip_network((int(address), _SIX_BITS), strict=False))
