"""A witness cosigns what grew out of what it cosigned last, and nothing else, whatever it is asked in whatever order."""

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from allpoints.ground.refusal import Refusal
from allpoints.identity.keys import SigningKey
from allpoints.identity.witness_key import WitnessKey
from allpoints.ledger import checkpoint, cosignature, serving, store, witnessing
from allpoints.ledger.checkpoint import Checkpoint, RelayKeys, parse
from allpoints.ledger.merkle import EMPTY_ROOT, Frontier, consistency_path, leaf_hash, node_hash
from allpoints.ledger.witnessing import Addition

if TYPE_CHECKING:
    from tests.ledger.conftest import FailingConnection, Network

Refused = Callable[..., Refusal]
ORIGIN = "ledger.allpoints.example"
NAME = f"{ORIGIN}/witness/XAV"
KEY = WitnessKey(bytes(32))
OWN = cosignature.witness_vkey(NAME, KEY)
NOW_S = 1_790_000_000
MOST = 12


class History:
    """One tree of a relay that may have others too: ``fork_at`` says from which leaf on it differs."""

    def __init__(self, key: SigningKey, fork_at: int = MOST, mark: bytes = b"") -> None:
        self.key = key
        self.leaves = [
            leaf_hash(b"entry %d" % number + (mark if number >= fork_at else b"")) for number in range(MOST)
        ]

    def _node(self, level: int, position: int) -> bytes:
        if level == 0:
            return self.leaves[position]
        return node_hash(self._node(level - 1, 2 * position), self._node(level - 1, 2 * position + 1))

    def root(self, size: int) -> bytes:
        return Frontier.of(self._node, size).root() if size else EMPTY_ROOT

    def note(self, size: int) -> str:
        return checkpoint.sign(Checkpoint(ORIGIN, size, self.root(size)), self.key)

    def proof(self, old: int, size: int) -> tuple[bytes, ...]:
        return tuple(consistency_path(self._node, old, size)) if 0 < old <= size else ()

    def addition(self, old: int, size: int) -> Addition:
        return Addition(old, self.proof(old, size), self.note(size))


@pytest.fixture
def desk(network: "Network") -> Iterator["FailingConnection"]:
    with closing(network.database()) as db:
        db.executescript(witnessing.SCHEMA)
        yield db


@pytest.fixture(scope="module")
def true(network: "Network") -> History:
    return History(network.relay)


@pytest.fixture(scope="module")
def forged(network: "Network") -> History:
    """The relay's own key over a tree in which entry 4 is another."""
    return History(network.relay, 4, b" rewritten")


def add(db: sqlite3.Connection, addition: Addition, keys: RelayKeys, **more: Any) -> str:
    return witnessing.add_checkpoint(db, addition, keys, (NAME, KEY), NOW_S, **more)


def test_a_growing_ledger_is_cosigned_step_by_step(
    desk: "FailingConnection", true: History, network: "Network"
) -> None:
    last = 0
    for size in (0, 1, 1, 5, 8, 12):
        line = add(desk, true.addition(last, size), network.relay_keys)
        signed = parse(true.note(size))[0]
        assert cosignature.cosigned_at(signed, OWN, cosignature.read_line(line).signature) == NOW_S
        held = witnessing.held(desk, ORIGIN)
        assert (held.size, held.root) == (size, true.root(size))
        kept, lines = parse(held.checkpoint)
        assert cosignature.cosigners(kept, lines, [OWN]) == {OWN: NOW_S}
        last = size


def test_a_rewrite_is_refused_and_the_true_history_still_taken(
    desk: "FailingConnection", true: History, forged: History, network: "Network", refused: Refused
) -> None:
    keys = network.relay_keys
    add(desk, true.addition(0, 6), keys)
    refused("WITNESS-PROOF", add, desk, forged.addition(6, 9), keys)
    refused("WITNESS-PROOF", add, desk, Addition(6, true.proof(6, 9), forged.note(9)), keys)
    refused("WITNESS-PROOF", add, desk, Addition(6, (), true.note(9)), keys)
    refused("WITNESS-PROOF", add, desk, Addition(6, (*true.proof(6, 9), bytes(32)), true.note(9)), keys)
    assert witnessing.held(desk, ORIGIN).size == 6
    assert add(desk, true.addition(6, 9), keys)


def test_two_trees_of_one_size_are_a_fork_whatever_old_size_is_claimed(
    desk: "FailingConnection", true: History, forged: History, network: "Network", refused: Refused
) -> None:
    keys = network.relay_keys
    add(desk, true.addition(0, 6), keys)
    for old in (0, 3, 6):
        refused("WITNESS-FORK", add, desk, forged.addition(old, 6), keys)
    assert add(desk, true.addition(6, 6), keys)


def test_a_witness_that_holds_the_entries_compares_them_too(
    desk: "FailingConnection", true: History, forged: History, network: "Network", refused: Refused
) -> None:
    def own(size: int) -> bytes | None:
        return true.root(size) if size <= 8 else None

    keys = network.relay_keys
    with pytest.raises(Refusal) as caught:
        add(desk, forged.addition(0, 7), keys, own_root=own)
    assert caught.value.code == "WITNESS-FORK"
    assert add(desk, true.addition(0, 7), keys, own_root=own)
    assert add(desk, true.addition(7, 11), keys, own_root=own)


def test_a_rollback_or_an_old_request_is_answered_with_where_the_witness_stands(
    desk: "FailingConnection", true: History, network: "Network", refused: Refused
) -> None:
    keys = network.relay_keys
    first = true.addition(0, 5)
    add(desk, first, keys)
    add(desk, true.addition(5, 9), keys)
    for request in (first, true.addition(0, 9), true.addition(5, 7), true.addition(4, 12)):
        refusal = refused("WITNESS-CONFLICT", add, desk, request, keys)
        assert (refusal.hint, refusal.status) == ("9", 409)
    assert refused("WITNESS-OLD-SIZE", add, desk, Addition(9, (), true.note(5)), keys).status == 400
    assert witnessing.held(desk, ORIGIN).size == 9
    assert add(desk, true.addition(9, 12), keys)


def test_a_foreign_key_or_ledger_is_refused(
    desk: "FailingConnection", true: History, network: "Network", refused: Refused
) -> None:
    stranger = History(SigningKey.generate())
    assert (
        refused("CHECKPOINT-SIGNATURE", add, desk, stranger.addition(0, 3), network.relay_keys).status == 403
    )
    elsewhere = RelayKeys("other.example", network.relay_keys.keys)
    assert refused("CHECKPOINT-ORIGIN", add, desk, true.addition(0, 3), elsewhere).status == 404
    assert (
        refused("CHECKPOINT-FORMAT", add, desk, Addition(0, (), "nonsense"), network.relay_keys).status == 400
    )
    assert add(desk, true.addition(0, 3), network.relay_keys)


def test_the_empty_ledger_has_the_empty_root(
    desk: "FailingConnection", true: History, network: "Network", refused: Refused
) -> None:
    wrong = checkpoint.sign(Checkpoint(ORIGIN, 0, bytes(32)), network.relay)
    assert refused("WITNESS-FORK", add, desk, Addition(0, (), wrong), network.relay_keys).status == 422
    refused("WITNESS-PROOF", add, desk, Addition(0, (bytes(32),), true.note(3)), network.relay_keys)
    assert add(desk, true.addition(0, 0), network.relay_keys)


steps = st.lists(
    st.tuples(st.booleans(), st.integers(0, MOST), st.integers(0, MOST), st.booleans()), max_size=12
)


@given(steps)
@settings(max_examples=40, deadline=None)
def test_whatever_is_asked_all_that_was_cosigned_is_one_history(
    network: "Network", true: History, forged: History, asked: list[tuple[bool, int, int, bool]]
) -> None:
    with closing(network.database()) as db:
        db.executescript(witnessing.SCHEMA)
        cosigned: list[tuple[int, bytes]] = []
        for honest, claimed, size, follows in asked:
            history = true if honest else forged
            old = witnessing.held(db, ORIGIN).size if follows else claimed
            try:
                add(db, history.addition(old, size), network.relay_keys)
            except Refusal:
                continue
            cosigned.append((size, history.root(size)))
            assert witnessing.held(db, ORIGIN).size == size
    assert [size for size, _ in cosigned] == sorted(size for size, _ in cosigned)
    assert any(all(root == one.root(size) for size, root in cosigned) for one in (true, forged))


def test_a_disk_that_fails_at_any_statement_gives_no_cosignature_and_keeps_the_state(
    desk: "FailingConnection", true: History, network: "Network"
) -> None:
    add(desk, true.addition(0, 4), network.relay_keys)
    failures = 0
    for number in range(1, 20):
        desk.execute("BEGIN IMMEDIATE")
        desk.arm(number)
        try:
            line = add(desk, true.addition(4, 9), network.relay_keys)
        except sqlite3.OperationalError:
            failures += 1
            desk.arm(0)
            desk.execute("ROLLBACK")
            assert witnessing.held(desk, ORIGIN).size == 4
            continue
        desk.arm(0)
        desk.execute("COMMIT")
        assert line
        break
    assert failures >= 2
    assert witnessing.held(desk, ORIGIN).size == 9


def test_a_witness_killed_before_its_answer_never_cosigns_another_history(
    desk: "FailingConnection", true: History, forged: History, network: "Network", refused: Refused
) -> None:
    """The state was written and the answer is lost: the relay asks again, and is told where the witness stands."""
    add(desk, true.addition(0, 8), network.relay_keys)
    refused("WITNESS-FORK", add, desk, forged.addition(0, 8), network.relay_keys)
    assert refused("WITNESS-CONFLICT", add, desk, true.addition(0, 8), network.relay_keys).hint == "8"
    assert add(desk, true.addition(8, 8), network.relay_keys)


def test_a_request_is_read_back_and_malformed_ones_are_refused(true: History, refused: Refused) -> None:
    for request in (true.addition(0, 5), true.addition(3, 11), true.addition(8, 8)):
        assert witnessing.read_addition(request.text()) == request
    text = true.addition(3, 11).text()
    for bad in (
        "",
        text.replace("old 3", "old 03"),
        text.replace("old 3", "old -3"),
        text.replace("old 3", "new 3"),
        text.replace("old 3\n", "old 3 \n"),
        text.replace("old 3", f"old {2**63}"),
        "old 3\nAAAA\n\n" + true.note(11),
        "old 3\n!\n\n" + true.note(11),
        "old 3\n" + "A" * 43 + "=\n" * 1 + ("A" * 43 + "=\n") * 63 + "\n" + true.note(11),
        "old 3\n" + true.note(11).partition("\n\n")[0],
        "old 3\n\n" + "x" * witnessing.REQUEST_LIMIT_CHARS,
    ):
        refused("WITNESS-REQUEST", witnessing.read_addition, bad)


@given(st.text(max_size=80) | st.lists(st.sampled_from(["old 1", "\n", "AA==", " ", "é"])).map("".join))
@settings(max_examples=100, deadline=None)
def test_arbitrary_text_is_no_request(text: str) -> None:
    try:
        read = witnessing.read_addition(text)
    except Refusal:
        return
    assert read.text() == text


def test_the_witnessed_checkpoint_only_grows(desk: "FailingConnection", true: History) -> None:
    assert witnessing.witnessed(desk) == (0, "")
    notes = {size: true.note(size) for size in (4, 6, 9)}
    for size, kept in ((4, 4), (9, 9), (6, 9)):
        witnessing.keep_witnessed(desk, size, notes[size])
        assert witnessing.witnessed(desk) == (kept, notes[kept])


def test_the_relays_own_proofs_are_what_a_witness_takes(
    desk: "FailingConnection", network: "Network", history: list[Any]
) -> None:
    with closing(network.database()) as relay:
        last = 0
        for count in (3, 4, 5):
            text = network.append(relay, history[last : last + count])
            proof = serving.consistency_proof(relay, last, last + count) if last else []
            add(desk, Addition(last, tuple(proof), text), network.relay_keys)
            last += count
        assert witnessing.held(desk, ORIGIN).size == store.size(relay) == 12
