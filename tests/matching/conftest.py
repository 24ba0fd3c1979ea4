"""Rows, postings and a disk that fails on demand."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from allpoints.matching.posting import Posting, pack

Rows = NDArray[np.uint8]
MakeRows = Callable[..., tuple[Rows, Rows]]


@pytest.fixture
def make_rows() -> MakeRows:
    """Seeded random keys and postings that ``pack`` could have written."""

    def made(count: int, seed: int = 1) -> tuple[Rows, Rows]:
        random = np.random.default_rng(seed)
        keys = random.integers(0, 256, (count, 16), dtype=np.uint8)
        postings = np.zeros((count, 32), np.uint8)
        postings[:, :16] = random.integers(0, 256, (count, 16), dtype=np.uint8)
        postings[:, 24:27] = np.frombuffer(b"XAV", np.uint8)
        postings[:, 29] = 1
        return keys, postings

    return made


@pytest.fixture
def make_posting() -> Callable[..., bytes]:
    def made(record: int = 1, version: int = 1, published_ms: int = 1_000) -> bytes:
        return pack(Posting(record.to_bytes(16, "big"), published_ms, 1, 0, "XAV", version))

    return made


class FailingDisk:
    """Fails at the n-th step (counted from 1) and at every later one; never while ``fails_at`` is 0."""

    def __init__(self) -> None:
        self.fails_at = 0
        self.steps: list[str] = []

    def __call__(self, step: str) -> None:
        self.steps.append(step)
        if self.fails_at and len(self.steps) >= self.fails_at:
            raise OSError(28, "no space left on the device")

    def fail_at(self, number: int) -> None:
        self.fails_at, self.steps = number, []


@pytest.fixture
def disk() -> FailingDisk:
    return FailingDisk()


@pytest.fixture
def names() -> Callable[[Path], set[str]]:
    """The names of the files in a folder."""
    return lambda folder: {path.name for path in folder.iterdir()}
