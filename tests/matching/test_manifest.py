from pathlib import Path

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from allpoints.ground.refusal import Refusal
from allpoints.matching import manifest
from allpoints.matching.manifest import (
    MANIFEST_NAME,
    Manifest,
    SegmentLine,
    read_manifest,
    remove_strays,
    segment_name,
    write_manifest,
)

SAMPLE = Manifest(
    applied_seq=9,
    generation=4,
    segments=(SegmentLine(segment_name(1), "ab" * 32, 100), SegmentLine(segment_name(4), "cd" * 32, 7)),
    discarded={"00" * 16: 3},
)


def refusal_of(folder: Path) -> str:
    with pytest.raises(Refusal) as refused:
        read_manifest(folder)
    return refused.value.code


@given(
    st.builds(
        Manifest,
        applied_seq=st.integers(0, 2**63),
        generation=st.integers(0, 10**10 - 1),
        segments=st.lists(
            st.builds(SegmentLine, st.just(segment_name(1)), st.text(), st.integers(0, 99))
        ).map(tuple),
        discarded=st.dictionaries(
            st.binary(min_size=16, max_size=16).map(bytes.hex), st.integers(0, 99), max_size=5
        ),
    )
)
@settings(max_examples=30, deadline=None)
def test_a_manifest_comes_back_as_it_went_in(
    tmp_path_factory: pytest.TempPathFactory, written: Manifest
) -> None:
    folder = tmp_path_factory.getbasetemp() / "manifest"
    folder.mkdir(exist_ok=True)
    write_manifest(folder, written)
    assert read_manifest(folder) == written


def test_a_folder_without_manifest_has_none(tmp_path: Path) -> None:
    assert read_manifest(tmp_path) is None


def test_no_altered_or_missing_byte_of_a_manifest_is_accepted(tmp_path: Path) -> None:
    write_manifest(tmp_path, SAMPLE)
    path = tmp_path / MANIFEST_NAME
    whole = path.read_bytes()
    for place in range(len(whole)):
        for altered in (
            whole[:place] + bytes([whole[place] ^ 0x01]) + whole[place + 1 :],
            whole[:place] + bytes([whole[place] ^ 0x20]) + whole[place + 1 :],
            whole[:place],
        ):
            path.write_bytes(altered)
            assert refusal_of(tmp_path) == "INDEX-BROKEN"
    path.write_bytes(whole)
    assert read_manifest(tmp_path) == SAMPLE


@pytest.mark.parametrize(
    "hostile",
    [
        msgspec.structs.replace(SAMPLE, format="allpoints-index/2"),
        msgspec.structs.replace(SAMPLE, segments=(SegmentLine("../../etc/passwd", "", 0),)),
        msgspec.structs.replace(SAMPLE, discarded={"00": 1}),
        msgspec.structs.replace(SAMPLE, discarded={"zz" * 16: 1}),
    ],
)
def test_a_manifest_that_names_what_no_index_has_is_refused(tmp_path: Path, hostile: Manifest) -> None:
    write_manifest(tmp_path, hostile)
    assert refusal_of(tmp_path) == "INDEX-BROKEN"


def test_a_manifest_beyond_the_limits_is_neither_written_nor_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_manifest(tmp_path, SAMPLE)
    monkeypatch.setattr(manifest, "SEGMENTS_LIMIT", 1)
    with pytest.raises(Refusal) as refused:
        write_manifest(tmp_path, SAMPLE)
    assert (refused.value.code, refused.value.hint) == ("INDEX-TOO-LARGE", "Merge it first.")
    monkeypatch.setattr(manifest, "MANIFEST_LIMIT_BYTES", 10)
    (tmp_path / MANIFEST_NAME).write_bytes(bytes(1_035))
    assert refusal_of(tmp_path) == "INDEX-BROKEN"


def test_only_what_an_index_left_behind_is_removed(tmp_path: Path) -> None:
    for name in (segment_name(1), segment_name(2), segment_name(3) + ".part", "notes.txt", MANIFEST_NAME):
        (tmp_path / name).touch()
    remove_strays(tmp_path, {segment_name(2)})
    assert {path.name for path in tmp_path.iterdir()} == {segment_name(2), "notes.txt", MANIFEST_NAME}
