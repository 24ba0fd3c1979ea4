"""A token bucket: how much somebody may do, at a steady rate with some at once."""

_MILLI = 1_000


class Bucket:
    """Fills at ``rate`` a second up to ``most``; whole numbers throughout, so that nothing drifts.

    Of ``charge`` alone holds: within any t seconds no more than ``most + rate * t``, and one last charge, gets by. A
    clock that goes back fills nothing.
    """

    __slots__ = ("_at_ms", "_level", "most", "rate")

    def __init__(self, rate: int, most: int, now_ms: int) -> None:
        self.rate = rate
        self.most = most
        # In thousandths, since it fills each millisecond.
        self._level = most * _MILLI
        self._at_ms = now_ms

    def take(self, amount: int, now_ms: int) -> int:
        """Take ``amount`` if it is there: 0 when it was, else the milliseconds until it would be."""
        self._fill(now_ms)
        wait_ms = self._until(amount * _MILLI)
        if wait_ms == 0:
            self._level -= amount * _MILLI
        return wait_ms

    def charge(self, amount: int, now_ms: int) -> int:
        """Take ``amount`` whether it is there or not; the milliseconds until nothing is owed."""
        self._fill(now_ms)
        self._level -= amount * _MILLI
        return self._until(0)

    def left(self, now_ms: int) -> int:
        """How much may be taken now; below zero when some is owed."""
        self._fill(now_ms)
        return self._level // _MILLI

    def _fill(self, now_ms: int) -> None:
        passed_ms = max(0, now_ms - self._at_ms)
        self._level = min(self.most * _MILLI, self._level + self.rate * passed_ms)
        self._at_ms = now_ms

    def _until(self, level: int) -> int:
        return max(0, -((self._level - level) // self.rate))
