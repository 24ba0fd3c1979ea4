import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from allpoints.ground.refusal import Refusal
from allpoints.matching import layout, segment, writing
from allpoints.matching.layout import HEADER_BYTES, read_header
from allpoints.matching.segment import Segment, SegmentLabel, write_segment

if TYPE_CHECKING:
    from tests.matching.conftest import MakeRows

EDGES = st.sampled_from([bytes(16), b"\x01" * 16, bytes(8) + b"\xff" * 8, b"\xff" * 16, b"\x01\x02" * 8])
KEYS = st.one_of(EDGES, st.binary(min_size=16, max_size=16))
LISTED = st.lists(st.tuples(KEYS, st.integers(0, 3)), max_size=60)


def rows_of(listed: list[tuple[bytes, int]]) -> tuple[list[bytes], list[bytes]]:
    return [key for key, _ in listed], [bytes([last]) * 32 for _, last in listed]


def array_of(rows: list[bytes], width: int) -> "np.ndarray[tuple[int, int], np.dtype[np.uint8]]":
    return np.frombuffer(b"".join(rows), np.uint8).reshape(-1, width)


def refusal_of(path: Path) -> str:
    with pytest.raises(Refusal) as refused:
        Segment.open(path)
    return refused.value.code


@given(LISTED, st.lists(KEYS, max_size=10))
@settings(max_examples=60, deadline=None)
def test_a_segment_answers_as_a_dictionary_does(
    tmp_path_factory: pytest.TempPathFactory, listed: list[tuple[bytes, int]], others: list[bytes]
) -> None:
    keys, postings = rows_of(listed)
    path = tmp_path_factory.mktemp("segment") / "a"
    write_segment(path, array_of(keys, 16), array_of(postings, 32))
    expected: dict[bytes, dict[bytes, None]] = {}
    for key, posting in zip(keys, postings, strict=True):
        expected.setdefault(key, {})[posting] = None
    asked = keys + others
    held = Segment.open(path)
    first, counts = held.lookup_many(array_of(asked, 16))
    for number, key in enumerate(asked):
        answer = list(expected.get(key, {}))
        assert held.lookup(key) == answer
        batch = held.postings(slice(int(first[number]), int(first[number] + counts[number])))
        assert [row.tobytes() for row in batch] == answer
    assert held.count == sum(map(len, expected.values()))
    held.close()


def test_a_segment_of_many_keys_finds_each_and_nothing_else(tmp_path: Path, make_rows: "MakeRows") -> None:
    keys, postings = make_rows(5_000)
    write_segment(tmp_path / "a", keys, postings)
    held = Segment.open(tmp_path / "a")
    assert all(
        held.lookup(key.tobytes()) == [posting.tobytes()] for key, posting in zip(keys, postings, strict=True)
    )
    strangers, _ = make_rows(5_000, seed=2)
    assert not any(held.lookup(key.tobytes()) for key in strangers)
    first, counts = held.lookup_many(np.vstack((keys, strangers)))
    assert counts.tolist() == [1] * 5_000 + [0] * 5_000
    assert (held.postings(first[:5_000]) == postings).all()


@pytest.fixture
def large(monkeypatch: pytest.MonkeyPatch) -> None:
    """Segments of a thousand keys are written as those of millions are: short keys, and a filter."""
    monkeypatch.setattr(layout, "SHORT_KEYS_FROM", 1_000)
    monkeypatch.setattr(writing, "FILTER_FROM", 1_000)


@pytest.mark.usefixtures("large")
def test_short_keys_and_a_filter_change_no_answer(tmp_path: Path, make_rows: "MakeRows") -> None:
    keys, postings = make_rows(70_000)
    keys[1::7] = keys[::7][: len(keys[1::7])]
    write_segment(tmp_path / "a", keys, postings)
    held = Segment.open(tmp_path / "a")
    assert (held.header.key_prefix, held.header.stride) == (1, 15)
    assert held.fuse is not None
    expected: dict[bytes, list[bytes]] = {}
    for key, posting in zip(keys, postings, strict=True):
        expected.setdefault(key.tobytes(), []).append(posting.tobytes())
    assert all(held.lookup(key) == answer for key, answer in expected.items())
    strangers, _ = make_rows(70_000, seed=2)
    assert not any(held.lookup(key.tobytes()) for key in strangers[:5_000])
    first, counts = held.lookup_many(np.vstack((keys[:9_000], strangers)))
    assert not counts[9_000:].any()
    for row in range(9_000):
        found = held.postings(slice(int(first[row]), int(first[row] + counts[row])))
        assert [one.tobytes() for one in found] == expected[keys[row].tobytes()]
    held.close()


@pytest.mark.usefixtures("large")
def test_short_keys_are_whole_again_when_they_are_read(tmp_path: Path, make_rows: "MakeRows") -> None:
    keys, postings = make_rows(40_000)
    write_segment(tmp_path / "a", keys, postings)
    held = Segment.open(tmp_path / "a")
    ordered = keys[np.lexsort(keys.T[::-1])]
    assert (held.keys(slice(0, held.count)) == ordered).all()
    assert (held.keys(slice(5_000, 5_100)) == ordered[5_000:5_100]).all()
    for row in (0, 1, 77, 39_999):
        assert held.first_from(ordered[row].tobytes()) == row
    assert held.first_from(b"\xff" * 16) == 40_000


@pytest.mark.usefixtures("large")
def test_no_altered_byte_of_a_large_segment_is_accepted(tmp_path: Path, make_rows: "MakeRows") -> None:
    write_segment(tmp_path / "a", *make_rows(2_000))
    whole = (tmp_path / "a").read_bytes()
    header = read_header(whole)
    places = [header.table_at, header.kinds_at, header.filter_at, header.filter_at + 9, header.note_at - 1]
    for place in places:
        (tmp_path / "b").write_bytes(whole[:place] + bytes([whole[place] ^ 0xFF]) + whole[place + 1 :])
        assert refusal_of(tmp_path / "b") == "SEGMENT-CORRUPT"
    (tmp_path / "b").write_bytes(resealed(whole, lambda data: data.__setitem__(header.filter_at, 3)))
    assert refusal_of(tmp_path / "b") == "FUSE-CORRUPT"
    (tmp_path / "b").write_bytes(whole)
    assert Segment.open(tmp_path / "b").count == 2_000


def test_a_batch_longer_than_its_parts_is_answered_whole(
    tmp_path: Path, make_rows: "MakeRows", monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(segment, "BATCH_ROWS", 7)
    keys, postings = make_rows(100)
    write_segment(tmp_path / "a", keys, postings)
    assert Segment.open(tmp_path / "a").lookup_many(keys).counts.tolist() == [1] * 100


def test_bytes_across_two_keys_are_not_taken_for_a_key(tmp_path: Path) -> None:
    keys = [b"\x01" + bytes(15), b"\x01" + bytes(14) + b"\x01"]
    write_segment(tmp_path / "a", array_of(keys, 16), array_of([b"a" * 32, b"b" * 32], 32))
    held = Segment.open(tmp_path / "a")
    assert held.lookup(bytes(15) + b"\x01") == []
    assert held.lookup(keys[1]) == [b"b" * 32]


def test_one_token_may_have_thousands_of_postings(tmp_path: Path) -> None:
    postings = [number.to_bytes(32, "big") for number in range(3_000)]
    keys = array_of([b"k" * 16] * 3_000 + [b"j" * 16], 16)
    write_segment(tmp_path / "a", keys, array_of([*postings, bytes(32)], 32))
    held = Segment.open(tmp_path / "a")
    assert held.lookup(b"k" * 16) == postings
    assert held.lookup_many(keys[-2:]).counts.tolist() == [3_000, 1]


def test_a_wide_bucket_table_answers_as_a_narrow_one(
    tmp_path: Path, make_rows: "MakeRows", monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(layout, "_NARROW_LIMIT_BYTES", 0)
    keys, postings = make_rows(200)
    for name in ("allpoints.matching.writing.table_width", "allpoints.matching.segment.table_width"):
        monkeypatch.setattr(name, layout.table_width)
    write_segment(tmp_path / "a", keys, postings)
    held = Segment.open(tmp_path / "a")
    assert held.lookup(keys[5].tobytes()) == [postings[5].tobytes()]
    assert held.lookup_many(keys).counts.tolist() == [1] * 200


def test_a_segment_says_who_wrote_it_when_and_why(tmp_path: Path, make_rows: "MakeRows") -> None:
    label = SegmentLabel(flags=5, created_ms=1_700_000_000_000, note='{"extract":"é"}')
    digest = write_segment(tmp_path / "a", *make_rows(10), label)
    held = Segment.open(tmp_path / "a")
    assert (held.flags, held.created_ms, held.note, held.count) == (
        5,
        1_700_000_000_000,
        '{"extract":"é"}',
        10,
    )
    assert held.digest == digest
    assert held.byte_size == (tmp_path / "a").stat().st_size


def test_the_hash_in_the_header_is_of_everything_after_it(tmp_path: Path, make_rows: "MakeRows") -> None:
    digest = write_segment(tmp_path / "a", *make_rows(10))
    data = (tmp_path / "a").read_bytes()
    assert read_header(data).payload_sha256 == hashlib.sha256(data[HEADER_BYTES:]).digest()
    assert digest == hashlib.sha256(data[:96]).digest()


def test_no_altered_byte_anywhere_in_the_file_is_accepted(tmp_path: Path, make_rows: "MakeRows") -> None:
    write_segment(tmp_path / "a", *make_rows(300), SegmentLabel(note="made for a test"))
    whole = (tmp_path / "a").read_bytes()
    altered = tmp_path / "altered"
    codes: dict[str, int] = {}
    for place in [*range(HEADER_BYTES), *range(HEADER_BYTES, len(whole), 61), len(whole) - 1]:
        for flip in (0x01, 0x80, 0xFF):
            altered.write_bytes(whole[:place] + bytes([whole[place] ^ flip]) + whole[place + 1 :])
            code = refusal_of(altered)
            codes[code] = codes.get(code, 0) + 1
    assert set(codes) == {"SEGMENT-CORRUPT", "SEGMENT-VERSION"}
    assert codes["SEGMENT-VERSION"] == 6
    altered.write_bytes(whole)
    assert Segment.open(altered).note == "made for a test"


def test_a_file_cut_anywhere_is_truncated_and_one_that_goes_on_is_corrupt(
    tmp_path: Path, make_rows: "MakeRows"
) -> None:
    write_segment(tmp_path / "a", *make_rows(50))
    whole = (tmp_path / "a").read_bytes()
    for length in [0, 1, 127, 128, 129, *range(130, len(whole), 97), len(whole) - 1]:
        (tmp_path / "cut").write_bytes(whole[:length])
        assert refusal_of(tmp_path / "cut") == "SEGMENT-TRUNCATED"
    (tmp_path / "long").write_bytes(whole + b"\x00")
    assert refusal_of(tmp_path / "long") == "SEGMENT-CORRUPT"


def resealed(whole: bytes, change: Callable[[bytearray], None]) -> bytes:
    """The file after a change by someone who then computes both hashes anew."""
    data = bytearray(whole)
    change(data)
    data[40:72] = hashlib.sha256(data[HEADER_BYTES:]).digest()
    data[96:128] = hashlib.sha256(data[:96]).digest()
    return bytes(data)


def test_a_senseless_bucket_table_is_refused_even_with_right_hashes(
    tmp_path: Path, make_rows: "MakeRows"
) -> None:
    write_segment(tmp_path / "a", *make_rows(50), SegmentLabel(note="n"))
    whole = (tmp_path / "a").read_bytes()
    table_at = read_header(whole).table_at

    def swap(data: bytearray) -> None:
        data[table_at + 4 : table_at + 8] = b"\xff\xff\x00\x00"

    def spoil_note(data: bytearray) -> None:
        data[-1] = 0xFF

    for change in (swap, spoil_note):
        (tmp_path / "b").write_bytes(resealed(whole, change))
        assert refusal_of(tmp_path / "b") == "SEGMENT-CORRUPT"
    (tmp_path / "b").write_bytes(resealed(whole, lambda _: None))
    assert Segment.open(tmp_path / "b").count == 50


def test_a_segment_that_is_not_there_is_missing(tmp_path: Path) -> None:
    assert refusal_of(tmp_path / "none") == "SEGMENT-MISSING"


@pytest.mark.parametrize("shape", [(2, 15), (2, 16, 1), (32,)])
def test_a_batch_of_another_shape_is_refused(
    tmp_path: Path, make_rows: "MakeRows", shape: tuple[int, ...]
) -> None:
    write_segment(tmp_path / "a", *make_rows(3))
    with pytest.raises(Refusal) as refused:
        Segment.open(tmp_path / "a").lookup_many(np.zeros(shape, np.uint8))
    assert refused.value.code == "TOKEN-ROWS"


def test_an_empty_segment_finds_nothing(tmp_path: Path, make_rows: "MakeRows") -> None:
    write_segment(tmp_path / "a", *make_rows(0))
    held = Segment.open(tmp_path / "a")
    assert held.lookup(bytes(16)) == []
    assert held.lookup_many(make_rows(3)[0]).counts.tolist() == [0, 0, 0]


def test_a_closed_segment_does_not_answer(tmp_path: Path, make_rows: "MakeRows") -> None:
    write_segment(tmp_path / "a", *make_rows(3))
    held = Segment.open(tmp_path / "a")
    held.close()
    with pytest.raises(ValueError, match="released"):
        held.lookup(bytes(16))
