"""How much one peer may send on its line, so that one that floods starves nobody else.

Whoever is over its quota is not read until it is within it again: what it sends waits at its own end. Whoever keeps
pushing so for minutes is cut off, and its calls are refused until its quota has filled again.
"""

from typing import NamedTuple

from allpoints.ground.clock import SECOND, Clock
from allpoints.ground.quota import Bucket
from allpoints.ground.refusal import Refusal

MIB = 1024 * 1024
BURST_SECONDS = 4
"""How many seconds' worth may come at once."""
CALL_FRAMES = 100
"""What calling costs, in frames: two signatures to verify, two to make, and two secrets to open."""


AT_EASE = 0.5
"""A peer with more than this part of its quota left does not push."""


class LineLimits(NamedTuple):
    """The limits of each line; ``patience_s`` is how long a peer may push against them."""

    frames_a_second: int = 5_000
    bytes_a_second: int = 32 * MIB
    patience_s: int = 300


class PeerQuota:
    """What one peer has sent, on whichever line: calling again gives it nothing."""

    def __init__(self, limits: LineLimits, now_ms: int) -> None:
        self._limits = limits
        rate = limits.frames_a_second
        # A call must fit in, however narrow the limits are.
        self._frames = Bucket(rate, max(rate * BURST_SECONDS, CALL_FRAMES), now_ms)
        rate = limits.bytes_a_second
        self._bytes = Bucket(rate, rate * BURST_SECONDS, now_ms)
        self._pushing_since_ms: int | None = None
        self._cut_off = False

    def call(self, now_ms: int) -> None:
        """A call of this peer; raises Refusal LINE-TOO-SOON (429) after a flood, or when it calls without end."""
        resting = self._cut_off and self._left(now_ms) < 1
        if resting or self._frames.take(CALL_FRAMES, now_ms):
            raise Refusal(
                "LINE-TOO-SOON",
                "This peer called again before its quota had filled.",
                hint="It calls again by itself. If it is honest, raise lines.frames or lines.mebibytes.",
                status=429,
            )
        self._cut_off = False

    def frame(self, size_bytes: int, now_ms: int) -> int:
        """A frame of this peer: milliseconds to wait before the next; raises Refusal LINE-FLOODED (429)."""
        wait_ms = max(self._frames.charge(1, now_ms), self._bytes.charge(size_bytes, now_ms))
        if self._left(now_ms) > AT_EASE:
            self._pushing_since_ms = None
        elif wait_ms:
            self._push(now_ms)
        return wait_ms

    def _push(self, now_ms: int) -> None:
        if self._pushing_since_ms is None:
            self._pushing_since_ms = now_ms
        if now_ms - self._pushing_since_ms > self._limits.patience_s * SECOND:
            self._pushing_since_ms = None
            self._cut_off = True
            raise Refusal(
                "LINE-FLOODED",
                f"This peer pushed against its quota for more than {self._limits.patience_s} seconds.",
                hint="The line is closed; the peer is heard again once it has paused.",
                status=429,
            )

    def _left(self, now_ms: int) -> float:
        """Which part of the quota is left, of frames or bytes, whichever is less."""
        return min(one.left(now_ms) / one.most for one in (self._frames, self._bytes))


class Quotas:
    """The quotas of all peers of one engine; it knows only peers that it admitted, so they are not many."""

    def __init__(self, clock: Clock, limits: LineLimits) -> None:
        self.clock = clock
        self.limits = limits
        self._peers: dict[str, PeerQuota] = {}

    def of(self, peer: str) -> PeerQuota:
        if peer not in self._peers:
            self._peers[peer] = PeerQuota(self.limits, self.clock.now())
        return self._peers[peer]
