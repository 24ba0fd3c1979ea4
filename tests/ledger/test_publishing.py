"""What is published of a ledger is what its tree is made of, and an export goes on where it was stopped."""

import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from allpoints.ground.refusal import Refusal
from allpoints.ledger import publishing, store, witnessing
from allpoints.ledger.entry import Entry
from allpoints.ledger.erasing import ERASED, Named, order_body
from allpoints.ledger.merkle import leaf_hash, node_hash
from allpoints.ledger.tiles import Tile, tiles_of
from allpoints.sealing.audience_tree import WRAP_BYTES, Audience

if TYPE_CHECKING:
    from tests.ledger.conftest import Network

Refused = Callable[..., Refusal]
WRAPS = Audience(bytes(16), b"".join(bytes((number,)) * WRAP_BYTES for number in range(16)))
CANARY = b"words that are sealed"


def quiet(_done: int, _total: int) -> None:
    """Tell nobody."""


def files(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.fixture(scope="module")
def large(network: "Network") -> sqlite3.Connection:
    """600 entries: two full tiles, one of 88, and a second level of two."""
    db, author = network.database(), network.author()
    network.hold(db, [author.unsigned(CANARY) for _ in range(600)])
    network.seal(db)
    return db


def test_tiles_hold_the_leaves_and_the_roots_of_full_tiles(large: sqlite3.Connection) -> None:
    leaves = store.leaves(large, 1, 600)
    assert publishing.tile_bytes(large, Tile(0, 1), 600) == b"".join(leaves[256:512])
    assert publishing.tile_bytes(large, Tile(0, 2, 88), 600) == b"".join(leaves[512:])
    row = leaves[:256]
    while len(row) > 1:
        row = [node_hash(row[at], row[at + 1]) for at in range(0, len(row), 2)]
    assert publishing.tile_bytes(large, Tile(1, 0, 2), 600)[:32] == row[0]
    data = publishing.tile_bytes(large, Tile(None, 2, 88), 600)
    assert [leaf_hash(data[at + 2 : at + 34]) for at in range(0, len(data), 34)] == leaves[512:]


def test_no_tile_is_given_beyond_the_published_tree(large: sqlite3.Connection, refused: Refused) -> None:
    for tile in (Tile(0, 2, 89), Tile(0, 2), Tile(0, 3, 1), Tile(1, 0, 3), Tile(2, 0, 1), Tile(None, 2, 89)):
        refused("TILE-BEYOND", publishing.tile_bytes, large, tile, 600)
    publishing.tile_bytes(large, Tile(0, 2, 88), 600)


def test_nothing_is_published_before_the_first_checkpoint(network: "Network", refused: Refused) -> None:
    db = network.database()
    refused("LEDGER-EMPTY", publishing.published, db)
    network.append(db, [network.author("XSC").write()])
    assert publishing.published(db)[0] == 1


def test_what_a_quorum_has_witnessed_is_published_and_nothing_newer(network: "Network") -> None:
    db, author = network.database(), network.author()
    first = network.append(db, [author.write()])
    network.append(db, [author.write()])
    assert publishing.published(db)[0] == 2
    witnessing.keep_witnessed(db, 1, first)
    assert publishing.published(db) == (1, first)
    witnessing.keep_witnessed(db, 9, "heard before the entries came")
    assert publishing.published(db)[0] == 2


def test_an_export_holds_every_tile_and_the_checkpoint_and_no_content(
    large: sqlite3.Connection, tmp_path: Path
) -> None:
    done = publishing.export(large, tmp_path, quiet)
    held = files(tmp_path)
    assert set(held) == {*(tile.path for tile in tiles_of(600)), "checkpoint"}
    assert held["checkpoint"].decode() == publishing.published(large)[1]
    assert not any(CANARY in data or b"records.entered" in data for data in held.values())
    assert (done.size, done.written, done.kept) == (600, len(held), 0)


def test_an_export_that_was_stopped_goes_on_and_ends_the_same(
    large: sqlite3.Connection, tmp_path: Path
) -> None:
    """Stopped at each file in turn: no checkpoint stands there before all that it covers does."""
    whole, parts = tmp_path / "whole", tmp_path / "parts"
    publishing.export(large, whole, quiet, contents=True)

    class Stopped(Exception):  # noqa: N818 - a power cut, not an error
        pass

    for stop in range(1, 8):

        def progress(done: int, _total: int, stop: int = stop) -> None:
            if done == stop:
                raise Stopped

        with pytest.raises(Stopped):
            publishing.export(large, parts, progress, contents=True)
        assert (parts / "checkpoint").exists() == (stop == 9)
    done = publishing.export(large, parts, quiet, contents=True)
    assert files(parts) == files(whole)
    assert done.kept >= 7


def test_what_was_erased_since_goes_from_the_folder_too(network: "Network", tmp_path: Path) -> None:
    db, author = network.database(), network.author()
    entries: list[Entry] = [author.write(CANARY, WRAPS) for _ in range(3)]
    network.append(db, entries)
    publishing.export(db, tmp_path, quiet, contents=True)
    assert any(CANARY in data for data in files(tmp_path).values())
    named = [Named(entry.header.id, entry.commitment) for entry in entries]
    network.append(db, [author.write(order_body(named), kind=ERASED)])
    publishing.export(db, tmp_path, quiet, contents=True)
    assert not any(CANARY in data for data in files(tmp_path).values())
