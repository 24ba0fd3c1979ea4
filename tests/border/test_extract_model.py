"""The log of changes against a plain dictionary: the last change of a record decides, over flushes, merges and crashes."""

import shutil
import tempfile
from pathlib import Path

import numpy as np
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from allpoints.border.extract import Change, apply
from allpoints.matching.index import ExactIndex
from allpoints.matching.merging import MergeJob
from allpoints.matching.posting import Posting, pack

TOKENS = [bytes([number]) * 16 for number in (0, 1, 128, 255)]
RECORDS = st.integers(0, 3)


class ChangesMachine(RuleBasedStateMachine):
    """A record is put, changed, ended and put back in the same version, as blocking and unblocking do."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp())
        self.steps_left = -1
        self.log: list[Change] = []
        self.versions: dict[int, int] = {}
        self.tokens: dict[int, bytes] = {}
        self.shown: dict[int, bool] = {}
        self.job: MergeJob | None = None

    @initialize()
    def begin(self) -> None:
        self.index = ExactIndex(self.folder, self.before)

    def before(self, step: str) -> None:
        if self.steps_left == 0:
            raise OSError(28, "no space left on the device")
        self.steps_left -= 1

    def say(self, record: int, *, shown: bool) -> None:
        identity, version = bytes([record]) * 16, self.versions[record]
        posting = pack(Posting(identity, 1_000, 1, 0, "XAV", version)) if shown else None
        tokens = self.tokens[record] if shown else b""
        self.log.append(Change(len(self.log) + 1, identity, version, posting, tokens))
        self.shown[record] = shown
        apply(self.index, self.log[-1])

    @rule(record=RECORDS, tokens=st.sets(st.sampled_from(TOKENS)), shown=st.booleans())
    def change(self, record: int, tokens: set[bytes], *, shown: bool) -> None:
        """A new version; one that is entered while the record is blocked is not shown."""
        self.versions[record] = self.versions.get(record, 0) + 1
        self.tokens[record] = b"".join(sorted(tokens))
        self.say(record, shown=shown)

    @precondition(lambda self: self.versions)
    @rule(data=st.data(), shown=st.booleans())
    def block_or_unblock(self, data: st.DataObject, *, shown: bool) -> None:
        self.say(data.draw(st.sampled_from(sorted(self.versions))), shown=shown)

    @rule(steps=st.integers(-1, 14))
    def flush(self, steps: int) -> None:
        self.steps_left = steps
        try:
            self.index.flush(len(self.log))
        except OSError:
            assert steps >= 0
        self.steps_left = -1

    @precondition(lambda self: self.job is None)
    @rule()
    def prepare_merge(self) -> None:
        self.job = self.index.prepare_merge()

    @precondition(lambda self: self.job is not None)
    @rule()
    def run_and_adopt(self) -> None:
        if self.job is not None:
            self.job.run()
            self.index.adopt(self.job)
        self.job = None

    @rule()
    def crash(self) -> None:
        self.job = None
        self.index = ExactIndex(self.folder, self.before)
        for change in self.log[self.index.applied_seq :]:
            apply(self.index, change)

    @invariant()
    def a_token_finds_what_was_said_last(self) -> None:
        if not hasattr(self, "index"):
            return
        rows, postings = self.index.lookup_many(np.frombuffer(b"".join(TOKENS), np.uint8).reshape(-1, 16))
        for row, token in enumerate(TOKENS):
            expected = {
                (record, self.versions[record])
                for record, shown in self.shown.items()
                if shown and token in {self.tokens[record][at : at + 16] for at in range(0, 64, 16)}
            }
            found = self.index.lookup(token)
            assert {(one.record_id[0], one.version) for one in found} == expected
            assert len(found) == len(expected)
            assert [postings[at] for at in np.flatnonzero(rows == row)] == found

    def teardown(self) -> None:
        if hasattr(self, "index"):
            self.index.close()
        shutil.rmtree(self.folder)


ChangesMachine.TestCase.settings = settings(max_examples=40, stateful_step_count=40, deadline=None)
TestChangesAgainstADictionary = ChangesMachine.TestCase
