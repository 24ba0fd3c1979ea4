"""How much there is of everything."""

import pytest

from allpoints.ground.refusal import Refusal
from allpoints.sample.countries import countries
from allpoints.sample.world import COAST, COUNTS, SCALE_LIMIT, World
from allpoints.vocabulary.loading import load


@pytest.mark.parametrize("scale", [0.0001, 0.1, 1, 3.7, 2_000])
def test_members_have_together_what_the_world_has(scale: float) -> None:
    world = World(1, scale)
    for kind, count in COUNTS.items():
        assert world.total(kind) == max(1, round(count * scale))
        assert sum(world.count(kind, one.code) for one in countries()) == world.total(kind)


def test_only_members_with_a_coast_have_ships() -> None:
    world = World(1, 10)
    for one in countries():
        for kind in COAST:
            assert bool(world.count(kind, one.code)) == one.has_coast
    assert {one.has_coast for one in countries()} == {True, False}


@pytest.mark.parametrize("scale", [0, -1, SCALE_LIMIT * 2, float("nan")])
def test_a_world_of_no_size_is_refused(scale: float) -> None:
    with pytest.raises(Refusal) as refused:
        World(1, scale)
    assert refused.value.path == "scale"
    assert World(1, SCALE_LIMIT).scale == SCALE_LIMIT


def test_members_have_codes_that_no_country_has() -> None:
    known = load().countries
    for one in countries():
        assert one.code in known
        assert known.alpha2(one.code) == ""
        assert known.caption(one.code) == one.code
    for part in ("code", "name", "mid", "hull"):
        assert len({getattr(one, part) for one in countries()}) == len(countries()) == 12
