import hashlib
import sqlite3
from collections.abc import Iterator
from contextlib import closing

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.registers.exhibits import attachment

from allpoints.registers import file_folding, file_store
from allpoints.registers.file_folding import Attached, Author, fold_parts, refer, unrefer
from allpoints.registers.file_part import PART_BYTES, FilePart, parts_of
from allpoints.vocabulary.types.attachment import Attachment

LARGE = b"a" * PART_BYTES + b"b" * PART_BYTES + b"c"


@pytest.fixture
def files() -> Iterator[sqlite3.Connection]:
    with closing(opened()) as db:
        yield db


def opened() -> sqlite3.Connection:
    db = sqlite3.connect(":memory:", isolation_level=None)
    db.executescript(file_store.SCHEMA)
    return db


def cut(content: bytes) -> list[FilePart]:
    return list(parts_of(hashlib.sha256(content).digest(), content))


def fold(db: sqlite3.Connection, parts: list[FilePart], owner: str = "XAV", seq: int = 1) -> list[str]:
    return [fault.code for fault in fold_parts(db, parts, Author(owner, seq))]


def refers(db: sqlite3.Connection, row: int, *contents: bytes, owner: str = "XAV") -> None:
    refer(db, [Attached(row, owner, [attachment(content) for content in contents])])


def shown(db: sqlite3.Connection, content: bytes, owner: str = "XAV") -> bytes | None:
    """What a record of the owner could show of a file."""
    sha256 = hashlib.sha256(content).digest()
    held = file_store.file(db, owner, sha256)
    return b"".join(file_store.parts(db, owner, sha256)) if held is not None and held.complete else None


def bytes_held(db: sqlite3.Connection) -> int:
    (total,) = db.execute("SELECT coalesce(sum(length(data)), 0) FROM state_file_parts").fetchone()
    (counted,) = db.execute("SELECT coalesce(sum(held), 0) FROM state_files").fetchone()
    assert total == counted
    return int(total)


@pytest.mark.parametrize("order", [(0, 1, 2), (2, 0, 1), (1, 1, 2, 0, 0)])
def test_parts_make_the_file_in_whatever_order_and_however_often_they_come(
    files: sqlite3.Connection, order: tuple[int, ...]
) -> None:
    parts = cut(LARGE)
    for seq, position in enumerate(order, 1):
        assert fold(files, [parts[position]], seq=seq) == []
    refers(files, 1, LARGE)
    assert shown(files, LARGE) == LARGE
    assert bytes_held(files) == len(LARGE)


def test_a_file_with_a_missing_part_is_not_shown_until_the_part_comes(files: sqlite3.Connection) -> None:
    first, *others = cut(LARGE)
    fold(files, others)
    refers(files, 1, LARGE)
    assert shown(files, LARGE) is None
    assert fold(files, [first], seq=9) == []
    assert shown(files, LARGE) == LARGE


def test_forged_parts_are_dropped_all_together_and_sound_ones_are_taken_after_them(
    files: sqlite3.Connection,
) -> None:
    refers(files, 1, LARGE)
    first, second, third = cut(LARGE)
    forged = FilePart(second.sha256, second.size, 1, b"z" * PART_BYTES)
    assert fold(files, [first, forged]) == []
    assert fold(files, [third]) == ["FILE-HASH"]
    assert bytes_held(files) == 0
    assert fold(files, [first, second, third]) == []
    assert shown(files, LARGE) == LARGE


def test_a_part_that_claims_another_size_replaces_an_unfinished_file_but_never_a_whole_one(
    files: sqlite3.Connection,
) -> None:
    refers(files, 1, LARGE)
    parts = cut(LARGE)
    lie = FilePart(parts[0].sha256, 3, 0, b"lie")
    assert fold(files, [parts[0], lie]) == ["FILE-HASH"]
    assert fold(files, [FilePart(parts[0].sha256, PART_BYTES + 1, 0, parts[0].data), *parts]) == []
    assert shown(files, LARGE) == LARGE
    assert fold(files, [lie]) == ["FILE-SIZE"]
    assert shown(files, LARGE) == LARGE


def test_a_file_is_its_owners_and_shown_by_no_record_of_another(files: sqlite3.Connection) -> None:
    fold(files, cut(b"mine"))
    refers(files, 1, b"mine")
    refers(files, 2, b"mine", owner="XBM")
    assert shown(files, b"mine") == b"mine"
    assert shown(files, b"mine", "XBM") is None
    unrefer(files, [1])
    assert bytes_held(files) == 0


def test_a_file_goes_with_the_last_record_that_refers_to_it(files: sqlite3.Connection) -> None:
    for content in (b"one", b"two"):
        fold(files, cut(content))
    refers(files, 1, b"one", b"two")
    refers(files, 2, b"one")
    refers(files, 1)
    assert (shown(files, b"one"), shown(files, b"two")) == (b"one", None)
    unrefer(files, [2])
    assert bytes_held(files) == 0
    assert files.execute("SELECT count(*) FROM state_files").fetchone() == (0,)


def test_a_file_that_moves_from_one_record_to_another_in_one_batch_stays(files: sqlite3.Connection) -> None:
    fold(files, cut(b"one"))
    refers(files, 1, b"one")
    refer(files, [Attached(1, "XAV", ()), Attached(2, "XAV", [attachment(b"one")])])
    assert shown(files, b"one") == b"one"


def test_a_record_that_says_another_size_of_a_file_does_not_keep_it(files: sqlite3.Connection) -> None:
    fold(files, cut(b"one"))
    lie = Attachment("image/png", 99, hashlib.sha256(b"one").hexdigest())
    refer(files, [Attached(1, "XAV", [lie])])
    assert fold(files, [], seq=2 + file_folding.PENDING_ENTRIES_LIMIT) == []
    assert bytes_held(files) == 0


def test_parts_without_a_record_are_dropped_after_some_entries_of_their_author(
    files: sqlite3.Connection,
) -> None:
    fold(files, cut(b"kept"), seq=1)
    fold(files, cut(b"lost"), seq=1)
    fold(files, cut(b"other"), "XBM", seq=1)
    refers(files, 1, b"kept")
    limit = file_folding.PENDING_ENTRIES_LIMIT
    file_folding.drop_unreferred(files, Author("XAV", 1 + limit))
    assert shown(files, b"lost") == b"lost"
    file_folding.drop_unreferred(files, Author("XAV", 2 + limit))
    assert shown(files, b"lost") is None
    assert (shown(files, b"kept"), shown(files, b"other", "XBM")) == (b"kept", b"other")


def test_parts_that_come_again_wait_for_their_record_anew(files: sqlite3.Connection) -> None:
    limit = file_folding.PENDING_ENTRIES_LIMIT
    fold(files, cut(b"again"), seq=1)
    fold(files, cut(b"again"), seq=limit)
    file_folding.drop_unreferred(files, Author("XAV", 2 + limit))
    assert shown(files, b"again") == b"again"


def test_an_author_of_endless_parts_fills_no_more_than_its_allowance(
    files: sqlite3.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(file_folding, "PENDING_BYTES_LIMIT", 40)
    fold(files, cut(b"k" * 30))
    refers(files, 1, b"k" * 30)
    for seq in range(2, 30):
        fold(files, cut(b"%010d" % seq), seq=seq)
        assert bytes_held(files) <= 30 + 40
    assert shown(files, b"%010d" % 29) is not None
    assert shown(files, b"%010d" % 25) is None
    assert shown(files, b"k" * 30) is not None


def test_an_author_of_endless_tiny_files_fills_no_more_than_its_allowance(
    files: sqlite3.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(file_folding, "PENDING_FILES_LIMIT", 3)
    for seq in range(9):
        fold(files, cut(b"%d" % seq), seq=seq)
    assert files.execute("SELECT count(*) FROM state_files").fetchone() == (3,)


CONTENTS = (b"one", b"two", LARGE)
ACTS = st.one_of(
    st.tuples(st.just("part"), st.sampled_from([part for one in CONTENTS for part in cut(one)])),
    st.tuples(st.just("refer"), st.integers(1, 3), st.sets(st.sampled_from(CONTENTS))),
    st.tuples(st.just("unrefer"), st.integers(1, 3)),
)


@settings(max_examples=60, deadline=None)
@given(st.lists(ACTS, max_size=25))
def test_whatever_comes_a_file_is_held_like_in_a_plain_dictionary(acts: list[tuple[object, ...]]) -> None:
    """The model: parts by file, references by record; a file that loses its last record loses its parts."""
    held: dict[bytes, set[int]] = {content: set() for content in CONTENTS}
    records: dict[int, set[bytes]] = {}
    with closing(opened()) as db:
        for seq, act in enumerate(acts, 1):
            before = set().union(*records.values())
            match act:
                case ("part", FilePart() as part):
                    fold(db, [part], seq=seq)
                    whole = next(one for one in CONTENTS if hashlib.sha256(one).digest() == part.sha256)
                    held[whole].add(part.position)
                case ("refer", int() as row, set() as contents):
                    refers(db, row, *sorted(contents))
                    records[row] = contents
                case ("unrefer", int() as row):
                    unrefer(db, [row])
                    records.pop(row, None)
            for content in before - set().union(*records.values()):
                held[content] = set()
        for content, positions in held.items():
            assert (shown(db, content) == content) == (len(positions) == len(cut(content)))
        assert bytes_held(db) == sum(
            len(part.data) for one in CONTENTS for part in cut(one) if part.position in held[one]
        )
