"""The check index read by another process: random changes, flushes, merges, undone work and restarts, always the same."""

import sqlite3
import tempfile
from pathlib import Path
from unittest import mock

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from allpoints.ground.disk import FolderDisk
from allpoints.ground.refusal import Refusal
from allpoints.matching.following_index import FollowingIndex
from allpoints.matching.posting import Posting, pack
from allpoints.node import check_index
from allpoints.node.check_index import CheckIndex

VALUES = [f"XAV|{number}" for number in range(6)]
KEY = bytes(range(32))


class SharedMachine(RuleBasedStateMachine):
    """The model says which record each value finds, in which version; the reader must find just that."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp())
        self.records: dict[int, tuple[int, frozenset[str]]] = {}
        self.ended: dict[int, int] = {}

    @initialize()
    def begin(self) -> None:
        self.db = FolderDisk(self.folder, synchronous="OFF").database("node.sqlite")
        self.db.executescript(check_index.SCHEMA)
        self._open()
        self.reader = FollowingIndex(self.folder / "index")

    def _open(self) -> None:
        self.index = CheckIndex(self.db, self.folder / "index", KEY)
        self.index.load()
        self.index.share()

    def _step(self, record: int, version: int, values: frozenset[str] | None) -> None:
        record_id = bytes([record]) * 16
        packed = None if values is None else pack(Posting(record_id, 1_000, 1, 1, "XAV", version))
        tokens = b"".join(self.index.token("document", value) for value in sorted(values or ()))
        self.index.step([(record_id, version, packed, tokens)])

    @rule(record=st.integers(0, 5), values=st.frozensets(st.sampled_from(VALUES), min_size=1))
    def enter(self, record: int, values: frozenset[str]) -> None:
        version = max(self.records.get(record, (0, frozenset()))[0], self.ended.get(record, 0)) + 1
        self._step(record, version, values)
        self.index.released()
        self.index.publish()
        self.records[record] = (version, values)

    @precondition(lambda self: self.records)
    @rule(data=st.data())
    def withdraw(self, data: st.DataObject) -> None:
        record = data.draw(st.sampled_from(sorted(self.records)))
        version, _ = self.records.pop(record)
        self._step(record, version, None)
        self.index.released()
        self.index.publish()
        self.ended[record] = version

    @rule(record=st.integers(0, 5), values=st.frozensets(st.sampled_from(VALUES), min_size=1))
    def undo(self, record: int, values: frozenset[str]) -> None:
        self.db.execute("BEGIN")
        self._step(record, 9, values)
        self.db.execute("ROLLBACK")
        self.index.undone()

    @rule(record=st.integers(0, 5), values=st.frozensets(st.sampled_from(VALUES), min_size=1))
    def fail_at_the_commit(self, record: int, values: frozenset[str]) -> None:
        self.db.execute("BEGIN")
        self._step(record, 9, values)
        self.index.released()
        self.db.execute("ROLLBACK")
        self.index.load()

    @rule(segments=st.sampled_from((2, 100)))
    def flush(self, segments: int) -> None:
        with mock.patch.multiple(check_index, FLUSH_POSTINGS=1, MERGE_SEGMENTS=segments):
            self.index.flush_if_large()

    @rule()
    def restart(self) -> None:
        self.index.close()
        self._open()

    @rule()
    def look(self) -> None:
        """Nothing: the reader looks after each step, and misses files when it does not."""

    @rule()
    def open_anew(self) -> None:
        assert self.reader.adopt(self.reader.opened())

    @invariant()
    def every_value_finds_what_it_should(self) -> None:
        if not hasattr(self, "reader"):
            return
        try:
            self.reader.refresh()
        except Refusal:
            assert self.reader.adopt(self.reader.opened())
            self.reader.refresh()
        for value in VALUES:
            found = self.reader.index.lookup(self.index.token("document", value))
            wanted = {
                (bytes([record]) * 16, version)
                for record, (version, values) in self.records.items()
                if value in values
            }
            assert {(one.record_id, one.version) for one in found} == wanted
            own = self.index.lookup("document", value)
            assert set(own) == set(found)

    def teardown(self) -> None:
        if hasattr(self, "reader"):
            self.reader.close()
            self.index.close()
            self.db.close()


TestShared = SharedMachine.TestCase
TestShared.settings = settings(max_examples=25, stateful_step_count=25, deadline=None)


def test_an_index_in_memory_cannot_be_shared() -> None:
    db = sqlite3.connect(":memory:")
    db.executescript(check_index.SCHEMA)
    index = CheckIndex(db, None, KEY)
    with pytest.raises(Refusal) as refused:
        index.share()
    assert refused.value.code == "INDEX-IN-MEMORY"


def test_the_live_part_is_gone_once_the_node_has_stopped(tmp_path: Path) -> None:
    db = FolderDisk(tmp_path, synchronous="OFF").database("node.sqlite")
    db.executescript(check_index.SCHEMA)
    index = CheckIndex(db, tmp_path / "index", KEY)
    index.load()
    index.share()
    assert (tmp_path / "index" / "live.log").exists()
    index.close()
    assert not (tmp_path / "index" / "live.log").exists()
