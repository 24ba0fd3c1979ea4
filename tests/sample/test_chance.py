"""Chance is the same everywhere, and what is scattered loses nothing."""

from hypothesis import given
from hypothesis import strategies as st

from allpoints.sample.chance import Chance, Odds, Seed, scattered, spread


def drawn(chance: Chance, count: int = 12) -> list[int]:
    return [chance.below(1_000) for _ in range(count)]


def test_draws_never_change_from_one_release_to_the_next() -> None:
    assert drawn(Seed(1).chance("document", 3, 4), 4) == DRAWN


DRAWN = [140, 404, 302, 294]


def test_every_thing_has_draws_of_its_own() -> None:
    seed = Seed(1)
    assert drawn(seed.chance("document", 3, 4)) == drawn(seed.chance("document", 3, 4))
    others = [seed.chance("document", 4, 3), seed.chance("vehicle", 3, 4), Seed(2).chance("document", 3, 4)]
    assert all(drawn(other) != drawn(seed.chance("document", 3, 4)) for other in others)


def test_no_thing_runs_out_of_draws() -> None:
    chance = Seed(1).chance("long")
    many = [chance.below(1_000_000) for _ in range(2_000)]
    assert len(set(many)) > 1_990
    assert 480_000 < sum(many) / len(many) < 520_000


def test_weights_are_kept() -> None:
    chance, odds = Seed(1).chance("weights"), Odds((("often", 9), ("seldom", 1), ("never", 0)))
    found = [chance.weighed(odds) for _ in range(3_000)]
    assert 2_600 < found.count("often") < 2_800
    assert "never" not in found


@given(
    st.integers(0, 2**64), st.lists(st.integers(), min_size=1, max_size=20, unique=True), st.integers(0, 30)
)
def test_some_of_the_choices_are_different_ones(seed: int, choices: list[int], count: int) -> None:
    some = Seed(seed).chance("some").some(choices, count)
    assert len(set(some)) == len(some) == min(count, len(choices))
    assert set(some) <= set(choices)


@given(st.integers(1, 3_000), st.integers(0, 2**64))
def test_scattered_numbers_are_all_of_them_each_once(space: int, shift: int) -> None:
    assert sorted(scattered(number, space, shift) for number in range(space)) == list(range(space))


@given(st.integers(0, 10**9), st.lists(st.integers(0, 10_000), min_size=1).filter(any))
def test_shares_sum_up_and_are_less_than_one_from_right(total: int, weights: list[int]) -> None:
    shares = spread(total, weights)
    assert sum(shares) == total
    assert all(
        abs(share * sum(weights) - total * weight) < sum(weights)
        for share, weight in zip(shares, weights, strict=True)
    )
