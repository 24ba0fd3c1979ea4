"""A token bucket: its bound holds for whatever is asked whenever, and who waits as told gets what it asked for."""

from hypothesis import given
from hypothesis import strategies as st

from allpoints.ground.quota import Bucket

NUMBERS = st.integers(1, 10_000)
ASKED = st.lists(st.tuples(st.integers(0, 5_000), st.integers(0, 3_000)), max_size=40)


@given(NUMBERS, NUMBERS, ASKED)
def test_within_any_time_no_more_is_taken_than_bucket_and_rate_give(
    rate: int, most: int, asked: list[tuple[int, int]]
) -> None:
    bucket, now_ms, taken = Bucket(rate, most, 0), 0, []
    for passed_ms, amount in asked:
        now_ms += passed_ms
        if bucket.take(amount, now_ms) == 0:
            taken.append((now_ms, amount))
    for first in range(len(taken)):
        for last in range(first, len(taken)):
            passed_ms = taken[last][0] - taken[first][0]
            assert (
                sum(amount for _, amount in taken[first : last + 1]) * 1_000
                <= most * 1_000 + rate * passed_ms
            )


@given(NUMBERS, NUMBERS, ASKED)
def test_who_waits_as_told_is_served_and_a_millisecond_earlier_is_not(
    rate: int, most: int, asked: list[tuple[int, int]]
) -> None:
    bucket, now_ms = Bucket(rate, most, 0), 0
    for passed_ms, amount in asked:
        now_ms += passed_ms
        wait_ms = bucket.take(min(amount, most), now_ms)
        if wait_ms:
            assert bucket.take(min(amount, most), now_ms + wait_ms - 1) > 0
            now_ms += wait_ms
            assert bucket.take(min(amount, most), now_ms) == 0


@given(NUMBERS, NUMBERS, ASKED)
def test_whoever_is_charged_and_waits_as_told_keeps_to_the_rate_but_for_one_charge(
    rate: int, most: int, asked: list[tuple[int, int]]
) -> None:
    bucket, now_ms, charged = Bucket(rate, most, 0), 0, 0
    for passed_ms, amount in asked:
        now_ms += passed_ms
        assert charged * 1_000 <= most * 1_000 + rate * now_ms
        charged += amount
        now_ms += bucket.charge(amount, now_ms)
        assert bucket.left(now_ms) >= 0


@given(NUMBERS, NUMBERS, st.integers(0, 10**9))
def test_a_clock_that_goes_back_fills_nothing_and_one_that_jumps_fills_no_more_than_all(
    rate: int, most: int, jump_ms: int
) -> None:
    bucket = Bucket(rate, most, jump_ms)
    assert bucket.take(most, jump_ms) == 0
    assert bucket.left(0) == 0
    assert bucket.left(10**12) == most


def test_more_than_the_bucket_holds_is_never_taken() -> None:
    bucket = Bucket(10, 10, 0)
    assert bucket.take(11, 0) > 0
    assert bucket.take(11, 10**9) > 0
    assert bucket.take(10, 10**9) == 0
