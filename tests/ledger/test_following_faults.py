"""Random batches with one fault are refused and change nothing; the honest continuation is then accepted."""

import sqlite3
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from allpoints.ground.refusal import Refusal
from allpoints.identity.keys import SigningKey
from allpoints.ledger import store
from allpoints.ledger.checkpoint import Checkpoint, sign
from allpoints.ledger.entry import Entry
from allpoints.ledger.following import accept
from allpoints.ledger.merkle import Frontier, leaf_hash
from allpoints.ledger.stub import read

if TYPE_CHECKING:
    from tests.ledger.conftest import Network

Contents = Callable[[sqlite3.Connection], list[list[Any]]]
ORIGIN = "ledger.allpoints.example"
FAULTS = (
    "gap",
    "missing",
    "duplicate",
    "reorder",
    "altered",
    "forged",
    "other size",
    "other root",
    "other key",
)


def checkpoint_of(leaves: list[bytes], key: SigningKey) -> str:
    tree = Frontier()
    for leaf in leaves:
        tree = tree.append(leaf)
    return sign(Checkpoint(ORIGIN, tree.size, tree.root()), key)


def leaf_of(data: bytes) -> bytes:
    """The leaf that a dishonest relay signs for these bytes, readable or not."""
    try:
        return read(data).leaf
    except Refusal:
        return leaf_hash(data)


def spoiled(
    network: "Network", history: list[Entry], held: int, end: int, fault: str, draw: Callable[..., Any]
) -> tuple[int, list[bytes], str]:
    """A batch from ``held + 1`` to ``end`` with one fault.

    Where the fault is in the entries, a dishonest relay signs the tree of the spoiled ledger or an honest one the
    right tree: both must be refused.
    """
    first, batch = held + 1, [entry.encoded for entry in history[held:end]]
    at = draw(st.integers(0, len(batch) - 1))
    dishonest = draw(st.booleans())
    if fault == "gap":
        return first + 1, batch, checkpoint_of([entry.leaf for entry in history[: end + 1]], network.relay)
    if fault == "missing":
        # Seen at the author's next entry: a relay that withholds a last entry shows a ledger that is whole.
        batch = [*batch[:at], *batch[at + 1 :], *[entry.encoded for entry in history[end : end + 3]]]
    elif fault == "duplicate":
        batch.insert(at, batch[at])
    elif fault == "reorder":
        # Entries of one author change places: between two authors either order would be honest.
        batch = [*batch, *[entry.encoded for entry in history[end : end + 3]]]
        batch[at], batch[at + 3] = batch[at + 3], batch[at]
    elif fault == "altered":
        place = draw(st.integers(0, len(batch[at]) - 1))
        data = bytearray(batch[at])
        data[place] ^= 1 << draw(st.integers(0, 7))
        batch[at] = bytes(data)
    elif fault == "forged":
        thief = network.author(history[held + at].header.author)
        thief.key = network.relay
        header = history[held + at].header
        batch[at] = thief.write(b"forged", author_seq=header.author_seq, prev=header.prev).encoded
    leaves = [entry.leaf for entry in history[:held]] + [leaf_of(data) for data in batch]
    honest = [entry.leaf for entry in history[: len(leaves)]]
    if fault == "other size":
        return first, batch, checkpoint_of(honest[:-1] if dishonest else [*honest, bytes(32)], network.relay)
    if fault == "other root":
        return first, batch, checkpoint_of([*honest[:-1], bytes(32)], network.relay)
    if fault == "other key":
        return first, batch, checkpoint_of(honest, network.keys["XAV"])
    return first, batch, checkpoint_of(leaves if dishonest else honest, network.relay)


@pytest.mark.parametrize("fault", FAULTS)
@given(data=st.data())
@settings(max_examples=12, deadline=None)
def test_a_batch_with_a_fault_is_refused_and_the_honest_one_is_then_accepted(
    network: "Network", history: list[Entry], contents: Contents, fault: str, data: st.DataObject
) -> None:
    db = network.database()
    held = data.draw(st.integers(0, 7), "held")
    end = data.draw(st.integers(held + 1, 8), "end")
    if held:
        honest = checkpoint_of([entry.leaf for entry in history[:held]], network.relay)
        run = [entry.encoded for entry in history[:held]]
        accept(db, 1, run, honest, network.relay_keys, network.author_key)
    before, changes = contents(db), db.total_changes
    first, batch, text = spoiled(network, history, held, end, fault, data.draw)
    with pytest.raises(Refusal):
        accept(db, first, batch, text, network.relay_keys, network.author_key)
    assert (contents(db), db.total_changes) == (before, changes)
    honest = checkpoint_of([entry.leaf for entry in history], network.relay)
    rest = [entry.encoded for entry in history[held:]]
    assert accept(db, held + 1, rest, honest, network.relay_keys, network.author_key) == history[held:]
    assert store.size(db) == len(history)
    db.close()
