import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from allpoints.ground.refusal import Refusal
from allpoints.matching import fuse
from allpoints.matching.fuse import Fuse, FuseWriter
from allpoints.matching.ordering import Rows, words

TOKENS = st.lists(st.binary(min_size=16, max_size=16), max_size=300)


def some(count: int, seed: int = 1) -> Rows:
    return np.random.default_rng(seed).integers(0, 256, (count, 16), dtype=np.uint8)


def refusal_of(data: bytes) -> str:
    with pytest.raises(Refusal) as refused:
        Fuse(memoryview(data))
    return refused.value.code


def written(tokens: Rows) -> bytes:
    pairs = words(tokens)
    writer = FuseWriter(len(tokens))
    writer.append(pairs[np.argsort(pairs[:, 0], kind="stable")])
    return writer.finish()


@given(TOKENS)
@settings(max_examples=60, deadline=None)
def test_no_token_that_was_put_in_is_ever_said_to_be_absent(listed: list[bytes]) -> None:
    held = Fuse.of(np.frombuffer(b"".join(listed), np.uint8).reshape(-1, 16))
    assert all(token in held for token in listed)
    assert held.count == len(set(listed))


@pytest.mark.parametrize("count", [1, 2, 3, 10, 1_000, 60_000])
@pytest.mark.parametrize("shard", [1 << 21, 5_000])
def test_of_absent_tokens_one_in_256_is_let_through(
    count: int, shard: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fuse, "SHARD_TOKENS", shard)
    tokens = some(count)
    held = Fuse.of(tokens)
    assert held.may_hold(tokens).all()
    assert len(held.shards) == 1 << max(0, math.ceil(math.log2(max(count / shard, 1))))
    let_through = held.may_hold(some(100_000, seed=2)).mean()
    assert 0.7 * fuse.FALSE_POSITIVES < let_through < 1.4 * fuse.FALSE_POSITIVES


def test_an_empty_filter_holds_nothing() -> None:
    held = Fuse.of(some(0))
    assert held.count == 0
    assert not held.may_hold(some(1_000)).any()


def test_a_filter_takes_about_nine_bits_a_token() -> None:
    assert Fuse.of(some(300_000)).byte_size * 8 / 300_000 < 9.4


def test_tokens_that_come_in_parts_make_the_same_filter(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fuse, "SHARD_TOKENS", 1_000)
    tokens = some(5_000)
    pairs = words(tokens)
    pairs = pairs[np.argsort(pairs[:, 0], kind="stable")]
    writer = FuseWriter(len(pairs))
    for start in range(0, len(pairs), 777):
        writer.append(pairs[start : start + 777])
    assert writer.finish() == written(tokens)


def test_a_seed_that_fails_gives_way_to_the_next(monkeypatch: pytest.MonkeyPatch) -> None:
    peel, seeds = fuse._peel, []

    def first_fails(hashes: fuse.Hashes, shape: fuse.Geometry) -> fuse.Placed | None:
        seeds.append(shape.seed)
        return peel(hashes, shape) if shape.seed else None

    monkeypatch.setattr(fuse, "_peel", first_fails)
    tokens = some(1_000)
    held = Fuse.of(tokens)
    assert (seeds, held.shards[0].seed) == ([0, 1], 1)
    assert held.may_hold(tokens).all()
    monkeypatch.setattr(fuse, "_peel", lambda _hashes, _shape: None)
    with pytest.raises(Refusal) as refused:
        Fuse.of(tokens)
    assert refused.value.code == "FUSE-UNBUILT"


def test_what_no_writer_makes_is_refused() -> None:
    whole = written(some(100))
    for cut in (0, 3, 4, 19, len(whole) - 1):
        assert refusal_of(whole[:cut]) == "FUSE-CORRUPT"
    assert refusal_of(whole + b"\x00") == "FUSE-CORRUPT"
    assert refusal_of(b"\x03\x00\x00\x00" + whole[4:]) == "FUSE-CORRUPT"
    assert refusal_of(b"\x00\x00\x00\x00") == "FUSE-CORRUPT"
    for place in (4, 6, 8):
        assert refusal_of(whole[:place] + b"\xff\xff" + whole[place + 2 :]) == "FUSE-CORRUPT"
    assert Fuse(memoryview(whole)).count == 100
