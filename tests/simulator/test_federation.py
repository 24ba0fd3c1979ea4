"""A handful of seeds of the federation simulator; many more are played by ``python -m tests.simulator.run``."""

import pytest
from tests.simulator.play import STEPS, play
from tests.simulator.run import told

SEEDS = (1, 2, 3, 4, 5)
SHORT_STEPS = 1_200


@pytest.mark.parametrize("seed", SEEDS)
def test_a_federation_in_bad_weather_loses_nothing_doubles_nothing_and_shows_nothing(seed: int) -> None:
    played = play(seed)
    assert not played.faults, told(played, STEPS)
    assert played.entries > 10
    assert played.frames > 300


def test_the_same_seed_is_the_same_play_event_by_event() -> None:
    first: list[str] = []
    second: list[str] = []
    play(3, SHORT_STEPS, tell=first.append)
    play(3, SHORT_STEPS, tell=second.append)
    assert len(first) > 100
    assert first == second


def test_another_seed_is_another_play() -> None:
    first: list[str] = []
    second: list[str] = []
    play(4, 600, tell=first.append)
    play(5, 600, tell=second.append)
    assert first != second
