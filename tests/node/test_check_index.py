"""The check index against a plain dictionary, over restarts, undone items and broken files."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from allpoints.border import extract
from allpoints.matching.posting import Posting, pack
from allpoints.node import check_index
from allpoints.node.check_index import LOG, SCHEMA, CheckIndex

KEY = b"k" * 32
RECORDS = [bytes([number]) * 16 for number in (1, 2, 3)]
VALUES = ["XAV|AB1", "XAV|AB2", "XAV|AB3"]


def posting(record: bytes, version: int) -> Posting:
    return Posting(record, 1_790_000_000_000, 1, 1, "XAV", version)


@contextmanager
def opened(folder: Path) -> Iterator[CheckIndex]:
    folder.mkdir(parents=True, exist_ok=True)
    db = sqlite3.connect(folder / "node.sqlite", isolation_level=None)
    db.executescript(SCHEMA)
    index = CheckIndex(db, folder / "index", KEY)
    index.load()
    yield index
    index.close()
    db.close()


def put(
    index: CheckIndex, record: bytes, version: int, values: list[str]
) -> tuple[bytes, int, bytes | None, bytes]:
    tokens = b"".join(index.token("document", value) for value in values)
    return (record, version, pack(posting(record, version)), tokens)


def found(index: CheckIndex) -> dict[str, set[tuple[bytes, int]]]:
    return {
        value: {(one.record_id, one.version) for one in index.lookup("document", value)} for value in VALUES
    }


STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("put"), st.integers(0, 2), st.sets(st.sampled_from(VALUES)), st.booleans()),
        st.tuples(st.just("end"), st.integers(0, 2), st.just(set()), st.booleans()),
        st.tuples(st.just("restart"), st.just(0), st.just(set()), st.just(True)),
        st.tuples(st.just("flush"), st.just(0), st.just(set()), st.just(True)),
    ),
    max_size=14,
)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(STEPS)
def test_the_index_behaves_like_a_dictionary_over_undone_items_and_restarts(
    tmp_path_factory: pytest.TempPathFactory, steps: list[tuple[str, int, set[str], bool]]
) -> None:
    folder = tmp_path_factory.mktemp("index")
    model: dict[bytes, tuple[int, set[str]]] = {}
    versions = dict.fromkeys(RECORDS, 0)
    with opened(folder) as index:
        for kind, number, values, kept in steps:
            record = RECORDS[number]
            if kind == "restart":
                index.load()
            elif kind == "flush":
                index.index.flush(index.number)
            else:
                version = versions[record] + 1
                change: Any = put(index, record, version, sorted(values))
                if kind == "end":
                    change = (record, version, None, b"")
                _item(index, change, kept=kept)
                if kept:
                    versions[record] = version
                    model[record] = (version, values if kind == "put" else set())
            expected = {
                value: {(one, held[0]) for one, held in model.items() if value in held[1]} for value in VALUES
            }
            assert found(index) == expected
        log = list(extract.read_all(index.db, LOG))
        assert index.chain == extract.chain_all(extract.NOTHING, log)
        assert index.number == len(log)


def _item(index: CheckIndex, change: Any, *, kept: bool) -> None:
    """One item of work as the engine runs it."""
    index.db.execute("BEGIN")
    index.step([change])
    if kept:
        index.released()
        index.db.execute("COMMIT")
    else:
        index.db.execute("ROLLBACK")
        index.undone()


def test_what_an_item_changes_can_be_looked_up_once_it_has_succeeded_and_asked_for_before(
    tmp_path: Path,
) -> None:
    with opened(tmp_path) as index:
        index.step([put(index, RECORDS[0], 1, VALUES[:1])])
        assert index.lookup("document", VALUES[0]) == []
        pending = index.pending_lookup("document", VALUES[0], RECORDS[0])
        assert pending == [posting(RECORDS[0], 1)]
        assert index.pending_lookup("document", VALUES[0], RECORDS[1]) == []
        assert index.pending_lookup("document", VALUES[1], RECORDS[0]) == []
        index.released()
        assert index.lookup("document", VALUES[0]) == pending


def test_an_empty_step_leaves_no_trace(tmp_path: Path) -> None:
    with opened(tmp_path) as index:
        index.step([])
        assert index.db.execute("SELECT count(*) FROM state_index_steps").fetchone() == (0,)


def test_a_large_index_goes_into_segments_and_is_read_from_them_at_the_next_start(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(check_index, "FLUSH_POSTINGS", 1)
    with opened(tmp_path) as index:
        for number, record in enumerate(RECORDS):
            index.step([put(index, record, 1, [VALUES[number]])])
            index.released()
            index.flush_if_large()
        assert index.index.stats().segments == 3
        before = found(index)
    with opened(tmp_path) as index:
        assert found(index) == before
        assert index.index.stats().live_postings == 0


@pytest.mark.parametrize("harm", ["altered", "gone", "ahead"])
def test_broken_missing_or_future_files_are_made_again_from_the_log(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, harm: str
) -> None:
    monkeypatch.setattr(check_index, "FLUSH_POSTINGS", 1)
    with opened(tmp_path) as index:
        index.step([put(index, RECORDS[0], 1, VALUES[:2])])
        index.released()
        index.flush_if_large()
        before = found(index)
        if harm == "ahead":
            index.index.flush(99)
    for path in (tmp_path / "index").iterdir():
        if harm == "gone":
            path.unlink()
        elif harm == "altered" and path.stat().st_size > 100:
            data = bytearray(path.read_bytes())
            data[-3] ^= 1
            path.write_bytes(bytes(data))
    with opened(tmp_path) as index:
        assert found(index) == before
        # Made at once from the log, not act by act in memory.
        assert index.index.stats().live_postings == 0
        assert index.index.applied_seq == index.number


def test_another_key_finds_nothing(tmp_path: Path) -> None:
    with opened(tmp_path) as index:
        index.step([put(index, RECORDS[0], 1, VALUES[:1])])
        index.released()
        assert index.lookup("document", VALUES[0])
        index.key = b"j" * 32
        assert index.lookup("document", VALUES[0]) == []
