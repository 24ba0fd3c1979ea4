"""The tree is cut and named as C2SP tlog-tiles says."""

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from allpoints.ground.refusal import Refusal
from allpoints.ledger.tiles import Tile, bundle, index_path, parse_path, tiles_of

Refused = Callable[..., Refusal]


@pytest.mark.vectors
def test_an_index_is_written_as_the_specification_writes_it() -> None:
    assert index_path(1_234_067) == "x001/x234/067"
    assert [index_path(one) for one in (0, 999, 1_000)] == ["000", "999", "x001/000"]


@pytest.mark.vectors
def test_trees_are_cut_as_in_the_examples_of_the_specification() -> None:
    """70,000 leaves: 273 full tiles and one of 112; one full and one of 17; one of 1. 256 leaves: one full, one of 1."""
    tiles = [tile for tile in tiles_of(70_000) if tile.level is not None]
    assert len([tile for tile in tiles if tile.level == 0 and tile.width == 256]) == 273
    edges = [(tile.level, tile.index, tile.width) for tile in tiles if tile.width < 256]
    assert edges == [(0, 273, 112), (1, 1, 17), (2, 0, 1)]
    assert len([tile for tile in tiles if tile.level == 1 and tile.width == 256]) == 1
    small = [tile.path for tile in tiles_of(256)]
    assert small == ["tile/entries/000", "tile/0/000", "tile/1/000.p/1"]
    assert list(tiles_of(0)) == []


@given(st.one_of(st.none(), st.integers(0, 7)), st.integers(0, 2**40), st.integers(1, 256))
def test_every_path_is_read_back(level: int | None, index: int, width: int) -> None:
    tile = Tile(level, index, width)
    assert parse_path(tile.path) == tile


@pytest.mark.parametrize(
    "path",
    [
        "tile/0/0",
        "tile/0/0000",
        "tile/00/000",
        "tile/8/000",
        "tile/64/000",
        "tile/-1/000",
        "tile/0/x000/000",
        "tile/0/001/000",
        "tile/0/000.p/0",
        "tile/0/000.p/256",
        "tile/0/000.p/01",
        "tile/0/000.p",
        "tile/0/../000",
        "tile/entries/000/",
        "tile/entry/000",
        "tile/0/" + "x001/" * 20 + "000",
        "",
        "checkpoint",
    ],
)
def test_no_other_form_of_a_path_is_read(refused: Refused, path: str) -> None:
    parse_path("tile/0/000.p/255")
    refused("TILE-PATH", parse_path, path)


@given(st.text(max_size=70))
def test_any_text_is_a_path_or_refused(text: str) -> None:
    try:
        read = parse_path(text).path
    except Refusal:
        return
    assert read == text


@given(st.integers(0, 300_000))
def test_a_tree_has_every_tile_that_it_is_cut_into_and_none_beyond(size: int) -> None:
    edge = [tile for tile in tiles_of(size) if tile.width < 256]
    assert all(tile.fits(size) for tile in tiles_of(size))
    assert not any(Tile(tile.level, tile.index, tile.width + 1).fits(size) for tile in edge)


def test_leaves_data_stand_after_their_length() -> None:
    assert bundle([b"ab", b""]) == b"\x00\x02ab\x00\x00"
