"""So many requests of strangers a second, and with the next second as many again."""

import pytest
from tests.node.surroundings import Clock

from allpoints.ground.refusal import Refusal
from allpoints.web.pace import Pace


def test_what_is_over_is_refused_until_the_next_second() -> None:
    clock = Clock(5_000)
    pace = Pace(clock, 3, lambda: Refusal("BUSY", "Too often.", status=429))
    for _ in range(3):
        pace.check()
    clock.now_ms = 5_999
    with pytest.raises(Refusal) as refused:
        pace.check()
    assert refused.value.code == "BUSY"
    clock.now_ms = 6_000
    for _ in range(3):
        pace.check()
    with pytest.raises(Refusal):
        pace.check()
