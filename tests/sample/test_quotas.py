"""Shares are exact and evenly spread."""

from hypothesis import given
from hypothesis import strategies as st

from allpoints.sample.quotas import MILLION, Quotas, occasions
from allpoints.sample.world import World

WORLD = World(3)


@given(st.integers(1, 400), st.integers(1, 200_000))
def test_occasions_come_in_order_as_many_as_their_share(share: int, among: int) -> None:
    found = list(occasions(WORLD, "x", share * 100, among))
    assert found == sorted(set(found))
    assert all(0 <= at < among for at in found)
    assert len(found) == min(among, max(1, round(among * share * 100 / MILLION)))


@given(st.integers(5, 3_000))
def test_at_most_one_thing_happens_to_a_number_and_nothing_is_lost(among: int) -> None:
    quotas = Quotas(WORLD, {"a": 200_000, "b": 300_000}, among)
    found = [quotas.what(number) for number in range(among + 2)]
    assert abs(found.count("a") - among * 0.2) <= 1
    assert abs(found.count("b") - among * 0.3) <= 1
