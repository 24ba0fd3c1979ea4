import sqlite3

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.registers.exhibits import attachment, exhibit, identity, register
from tests.registers.writers import writer

from allpoints.ground.refusal import Refusal
from allpoints.registers import entering, file_folding, file_sealing, file_store, store
from allpoints.registers.attaching import FILES_BYTES_LIMIT, FILES_LIMIT
from allpoints.registers.entering import Carriage
from allpoints.registers.file_folding import PENDING_BYTES_LIMIT, PENDING_FILES_LIMIT
from allpoints.registers.file_part import BUNDLE_PARTS_LIMIT, PART_BYTES, parts_of
from allpoints.registers.file_sealing import GROUP_FILES_LIMIT, SEAL_AGAIN_MS, check_at_hand, groups, wanted
from allpoints.registers.file_store import Upload
from allpoints.registers.record import RecordOp
from allpoints.registers.store import Row
from allpoints.vocabulary.register import Register
from allpoints.vocabulary.types.attachment import Attachment

FILE = attachment(b"bronze")
NOW = 1_790_000_000_000


def sealed(db: sqlite3.Connection, ref: str, *excluded: str) -> None:
    file_store.note_sealed(db, identity("XAV", ref), [bytes.fromhex(FILE.sha256)], excluded)


def folded(db: sqlite3.Connection, ref: str, status: str = store.VALID, expires_ms: int = 2 * NOW) -> None:
    body = b"b" if status in store.LIVE else None
    name, ends = identity("XAV", ref), (NOW, NOW, expires_ms)
    row = Row(1, name, 240, "XAV", ref, 1, status, 1, *ends, "p", "h", "", "", b"c", body)
    store.put_rows(db, [row])


def test_a_file_is_sealed_for_its_first_record_and_for_further_ones_with_other_readers(
    db: sqlite3.Connection,
) -> None:
    assert wanted(db, [FILE], (), NOW) == [FILE]
    sealed(db, "E-1", "XCS")
    assert wanted(db, [FILE], ("XCS",), NOW) == []
    assert wanted(db, [FILE], ("XBM", "XCS"), NOW) == []
    assert wanted(db, [FILE], (), NOW) == [FILE]
    assert wanted(db, [FILE], ("XBM",), NOW) == [FILE]


@pytest.mark.parametrize(
    ("status", "expires_ms", "again"),
    [
        (store.VALID, NOW + SEAL_AGAIN_MS + 1, False),
        (store.VALID, NOW + SEAL_AGAIN_MS, True),
        (store.WITHDRAWN, 2 * NOW, True),
        (store.EXPIRED, 2 * NOW, True),
    ],
)
def test_a_file_is_sealed_again_when_the_record_that_carried_it_is_gone_or_ends_soon(
    db: sqlite3.Connection, status: str, expires_ms: int, again: bool
) -> None:
    sealed(db, "E-1")
    folded(db, "E-1", status, expires_ms)
    assert bool(wanted(db, [FILE], (), NOW)) is again


def test_a_record_that_lets_a_file_go_carries_it_for_no_other(db: sqlite3.Connection) -> None:
    sealed(db, "E-1")
    file_store.note_sealed(db, identity("XAV"), [], ())
    assert wanted(db, [FILE], (), NOW) == [FILE]


def why_not(db: sqlite3.Connection, one: Attachment, member: str = "XAV") -> str:
    try:
        check_at_hand(db, member, [one], ())
    except Refusal as refusal:
        return refusal.code
    return ""


def test_a_file_is_at_hand_when_it_was_uploaded_as_what_it_is_called(db: sqlite3.Connection) -> None:
    assert why_not(db, FILE) == "FILE-UNKNOWN"
    file_store.put_upload(db, Upload(bytes.fromhex(FILE.sha256), "image/png", FILE.size, NOW))
    assert why_not(db, FILE) == ""
    assert why_not(db, Attachment("image/jpeg", FILE.size, FILE.sha256)) == "FILE-OTHERWISE"
    assert why_not(db, Attachment("image/png", FILE.size + 1, FILE.sha256)) == "FILE-OTHERWISE"


def test_a_file_is_at_hand_when_this_member_published_it_and_not_when_another_did(
    db: sqlite3.Connection,
) -> None:
    parts = list(parts_of(bytes.fromhex(FILE.sha256), b"bronze"))
    file_folding.fold_parts(db, parts, file_folding.Author("XBM", 1))
    assert why_not(db, FILE) == "FILE-UNKNOWN"
    file_folding.fold_parts(db, parts, file_folding.Author("XAV", 1))
    assert why_not(db, FILE) == ""


def test_a_file_on_its_way_to_the_relay_is_at_hand_for_the_same_readers(db: sqlite3.Connection) -> None:
    sealed(db, "E-1")
    assert why_not(db, FILE) == ""


def put(number: int, *files: Attachment) -> RecordOp:
    raw = exhibit(f"E-{number}", views=[file.text() for file in files])
    cleaned = entering.clean(register(), writer("XAV"), raw, "official-use")
    return RecordOp("put", cleaned.ref, 1, cleaned.body)


@settings(max_examples=40, deadline=None)
@given(st.lists(st.lists(st.integers(1, FILES_BYTES_LIMIT // 4), max_size=3), max_size=12))
def test_groups_keep_the_order_and_what_readers_hold_for_a_record_to_come(sizes: list[list[int]]) -> None:
    ops = [
        put(
            at,
            *(Attachment("image/png", min(one, 2**25), f"{at:032x}{n:032x}") for n, one in enumerate(sized)),
        )
        for at, sized in enumerate(sizes)
    ]
    made = list(groups(register(), ops))
    assert [op for group in made for op in group] == ops
    for group in made:
        files = [one for op in group for one in file_sealing.files_of(register(), op)]
        assert sum(one.size for one in files) <= FILES_BYTES_LIMIT


def test_acts_in_a_register_without_files_stay_together(documents: Register) -> None:
    ops = [RecordOp("withdraw", f"R-{number}", 2, reason="Over.") for number in range(3)]
    assert list(groups(documents, ops)) == [ops]
    assert list(groups(register(), ops)) == [ops]


def test_readers_hold_as_much_for_a_record_to_come_as_a_group_can_bring() -> None:
    assert FILES_BYTES_LIMIT <= PENDING_BYTES_LIMIT
    assert GROUP_FILES_LIMIT + FILES_LIMIT <= PENDING_FILES_LIMIT
    entries = FILES_BYTES_LIMIT // PART_BYTES * 2 + GROUP_FILES_LIMIT // BUNDLE_PARTS_LIMIT + 2
    assert entries <= file_folding.PENDING_ENTRIES_LIMIT


def test_how_large_the_files_of_a_record_are_is_told_with_it(carriage: Carriage) -> None:
    raw = exhibit(front=FILE.text(), views=[FILE.text()])
    assert entering.clean(register(), writer("XAV"), raw, carriage.handling).file_bytes == FILE.size
    assert entering.clean(register(), writer("XAV"), exhibit(), carriage.handling).file_bytes == 0
