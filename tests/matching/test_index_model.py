"""Random acts, crashes and failing disks against a plain dictionary."""

import shutil
import tempfile
from pathlib import Path

import numpy as np
import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from allpoints.matching import writing
from allpoints.matching.index import ExactIndex
from allpoints.matching.merging import MergeJob
from allpoints.matching.posting import Posting, pack

TOKENS = [bytes([number]) * 16 for number in (0, 1, 127, 128, 255)] + [bytes(15) + b"\x01"]
Act = tuple[bytes, int, int]
"""An act of the ledger: token (empty for a discard), record, version."""


class IndexMachine(RuleBasedStateMachine):
    """The ledger is a list of acts; the index must always show the fold of those it was given."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp())
        self.steps_left = -1
        self.ledger: list[Act] = []
        self.versions: dict[int, int] = {}
        self.job: MergeJob | None = None

    @initialize()
    def begin(self) -> None:
        self.index = ExactIndex(self.folder, self.before)

    def before(self, step: str) -> None:
        if self.steps_left == 0:
            raise OSError(28, "no space left on the device")
        self.steps_left -= 1

    def apply(self, act: Act) -> None:
        token, record, version = act
        record_id = bytes([record]) * 16
        if token:
            self.index.add(token, pack(Posting(record_id, 1_000, 1, 0, "XAV", version)))
        else:
            self.index.discard(record_id, version)

    @rule(token=st.sampled_from(TOKENS), record=st.integers(0, 5))
    def publish(self, token: bytes, record: int) -> None:
        self.ledger.append((token, record, self.versions.setdefault(record, 1)))
        self.apply(self.ledger[-1])

    @rule(record=st.integers(0, 5))
    def discard(self, record: int) -> None:
        version = self.versions.setdefault(record, 1)
        self.versions[record] = version + 1
        self.ledger.append((b"", record, version))
        self.apply(self.ledger[-1])

    @rule(steps=st.integers(-1, 14))
    def flush(self, steps: int) -> None:
        self.steps_left = steps
        try:
            self.index.flush(len(self.ledger))
        except OSError:
            assert steps >= 0
        self.steps_left = -1

    @precondition(lambda self: self.job is None)
    @rule()
    def prepare_merge(self) -> None:
        self.job = self.index.prepare_merge()

    @precondition(lambda self: self.job is not None)
    @rule(steps=st.integers(-1, 14))
    def run_and_adopt(self, steps: int) -> None:
        self.steps_left = steps
        try:
            if self.job is not None:
                self.job.run()
                self.index.adopt(self.job)
            self.job = None
        except OSError:
            assert steps >= 0
        self.steps_left = -1

    @rule()
    def crash(self) -> None:
        """Whatever was in memory is gone; the ledger is applied again from where the index says."""
        self.job = None
        self.index = ExactIndex(self.folder, self.before)
        assert self.index.applied_seq <= len(self.ledger)
        for act in self.ledger[self.index.applied_seq :]:
            self.apply(act)

    @invariant()
    def every_token_finds_what_the_dictionary_says(self) -> None:
        if not hasattr(self, "index"):
            return
        expected: dict[bytes, set[tuple[int, int]]] = {token: set() for token in TOKENS}
        for token, record, version in self.ledger:
            if token and version == self.versions[record]:
                expected[token].add((record, version))
        rows, postings = self.index.lookup_many(np.frombuffer(b"".join(TOKENS), np.uint8).reshape(-1, 16))
        for row, token in enumerate(TOKENS):
            single = self.index.lookup(token)
            assert [(hit.record_id[0], hit.version) for hit in single] == list(
                dict.fromkeys((hit.record_id[0], hit.version) for hit in single)
            )
            assert {(hit.record_id[0], hit.version) for hit in single} == expected[token]
            assert [postings[at] for at in np.flatnonzero(rows == row)] == single

    def teardown(self) -> None:
        if hasattr(self, "index"):
            self.index.close()
        shutil.rmtree(self.folder)


class LargeMachine(IndexMachine):
    """The same with segments that all carry a filter, as large ones do."""

    @initialize()
    def begin(self) -> None:
        self.patch = pytest.MonkeyPatch()
        self.patch.setattr(writing, "FILTER_FROM", 1)
        super().begin()

    def teardown(self) -> None:
        self.patch.undo()
        super().teardown()


IndexMachine.TestCase.settings = settings(max_examples=25, stateful_step_count=40, deadline=None)
LargeMachine.TestCase.settings = IndexMachine.TestCase.settings
TestIndexAgainstADictionary = IndexMachine.TestCase
TestIndexOfLargeSegmentsAgainstADictionary = LargeMachine.TestCase
