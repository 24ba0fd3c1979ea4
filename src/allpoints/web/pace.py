"""How often strangers may ask at an address that needs no sign-in, all of them together."""

from collections.abc import Callable

from allpoints.ground.clock import SECOND, Clock
from allpoints.ground.refusal import Refusal


class Pace:
    """Lets so many requests pass in each second; ``busy`` makes the refusal of the others."""

    def __init__(self, clock: Clock, limit: int, busy: Callable[[], Refusal]) -> None:
        self.clock = clock
        self.limit = limit
        self.busy = busy
        self._second = 0
        self._count = 0

    def check(self) -> None:
        """Count a request, and refuse it if there were too many in this second."""
        second = self.clock.now() // SECOND
        if second != self._second:
            self._second, self._count = second, 0
        self._count += 1
        if self._count > self.limit:
            raise self.busy()
