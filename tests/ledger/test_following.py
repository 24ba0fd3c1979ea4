"""A follower takes a batch only as a whole and only under the relay's checkpoint of exactly its size."""

import sqlite3
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from allpoints.ground.refusal import Refusal
from allpoints.identity.keys import SigningKey, VerifyKey
from allpoints.ledger import store
from allpoints.ledger.checkpoint import Checkpoint, sign
from allpoints.ledger.entry import Entry
from allpoints.ledger.following import accept
from allpoints.ledger.merkle import Frontier
from allpoints.ledger.serving import CHUNK_LIMIT_BYTES, CHUNK_LIMIT_ENTRIES, chunk
from allpoints.ledger.stub import Item

if TYPE_CHECKING:
    from tests.ledger.conftest import Network

Refused = Callable[..., Refusal]
Contents = Callable[[sqlite3.Connection], list[list[Any]]]
ORIGIN = "ledger.allpoints.example"


def encoded(entries: list[Entry]) -> list[bytes]:
    return [entry.encoded for entry in entries]


def signed(network: "Network", entries: list[Entry], key: SigningKey | None = None) -> str:
    """The checkpoint that a relay would sign for exactly these entries."""
    tree = Frontier()
    for entry in entries:
        tree = tree.append(entry.leaf)
    return sign(Checkpoint(ORIGIN, tree.size, tree.root()), key or network.relay)


def follow(
    network: "Network", db: sqlite3.Connection, first: int, entries: list[Entry], text: str
) -> list[Item]:
    return accept(db, first, encoded(entries), text, network.relay_keys, network.author_key)


def test_a_follower_ends_with_what_the_relay_holds(
    network: "Network", db: sqlite3.Connection, history: list[Entry], contents: Contents
) -> None:
    relay = network.database()
    for start in (0, 5, 6):
        network.append(relay, history[start : {0: 5, 5: 6, 6: 12}[start]])
        part = chunk(relay, store.size(db) + 1)
        assert part is not None
        taken = accept(
            db, part.first_seq, part.entries, part.checkpoint, network.relay_keys, network.author_key
        )
        assert taken == history[start : part.size]
    assert contents(db) == contents(relay)


def test_a_batch_whose_head_is_held_gives_only_what_is_new(
    network: "Network", db: sqlite3.Connection, history: list[Entry]
) -> None:
    follow(network, db, 1, history[:5], signed(network, history[:5]))
    assert follow(network, db, 3, history[2:8], signed(network, history[:8])) == history[5:8]
    assert store.size(db) == 8


def test_the_same_batch_again_changes_nothing(
    network: "Network", db: sqlite3.Connection, history: list[Entry], contents: Contents
) -> None:
    follow(network, db, 1, history[:5], signed(network, history[:5]))
    before = contents(db)
    assert follow(network, db, 1, history[:5], signed(network, history[:5])) == []
    assert follow(network, db, 4, history[3:5], signed(network, history[:5])) == []
    assert contents(db) == before


def test_a_held_entry_with_other_bytes_is_a_fork(
    network: "Network", db: sqlite3.Connection, history: list[Entry], refused: Refused, contents: Contents
) -> None:
    follow(network, db, 1, history[:5], signed(network, history[:5]))
    before = contents(db)
    other = [*history[:4], network.author("XBM").write(b"other"), *history[5:7]]
    text = signed(network, history[:7])
    assert refused("LEDGER-FORK", follow, network, db, 1, other, text).path == "entries[4]"
    assert contents(db) == before
    assert follow(network, db, 1, history[:7], text) == history[5:7]


def test_another_tree_of_a_size_that_is_held_is_a_fork_and_an_older_one_a_rollback(
    network: "Network", db: sqlite3.Connection, history: list[Entry], refused: Refused
) -> None:
    follow(network, db, 1, history[:5], signed(network, history[:5]))
    other = [*history[:4], history[11]]
    refused("LEDGER-FORK", follow, network, db, 1, other, signed(network, other))
    refused("LEDGER-FORK", follow, network, db, 5, [history[4]], signed(network, other))
    refused("LEDGER-FORK", follow, network, db, 1, history[1:4], signed(network, history[1:4]))
    refusal = refused("LEDGER-ROLLBACK", follow, network, db, 1, history[:4], signed(network, history[:4]))
    assert refusal.status == 409
    assert follow(network, db, 1, history[:5], signed(network, history[:5])) == []


def test_a_gap_before_the_batch_is_refused_and_says_what_to_ask_for(
    network: "Network", db: sqlite3.Connection, history: list[Entry], refused: Refused
) -> None:
    refusal = refused("LEDGER-GAP", follow, network, db, 2, history[1:3], signed(network, history[:3]))
    assert "from 1 on" in refusal.hint
    refused("LEDGER-GAP", follow, network, db, 0, history[:3], signed(network, history[:3]))
    assert follow(network, db, 1, history[:3], signed(network, history[:3])) == history[:3]


def test_a_checkpoint_covers_the_batch_exactly_and_comes_from_the_relay(
    network: "Network", db: sqlite3.Connection, history: list[Entry], refused: Refused
) -> None:
    refused("CHECKPOINT-SIZE", follow, network, db, 1, history[:3], signed(network, history[:4]))
    refused("CHECKPOINT-SIZE", follow, network, db, 1, history[:3], signed(network, history[:2]))
    refused("CHECKPOINT-ROOT", follow, network, db, 1, history[:3], signed(network, history[1:4]))
    forged = signed(network, history[:3], SigningKey.generate())
    refused("CHECKPOINT-SIGNATURE", follow, network, db, 1, history[:3], forged)
    refused("CHECKPOINT-FORMAT", follow, network, db, 1, history[:3], "")
    assert follow(network, db, 1, history[:3], signed(network, history[:3])) == history[:3]


def test_a_relay_cannot_sign_in_what_no_author_wrote(
    network: "Network", db: sqlite3.Connection, history: list[Entry], refused: Refused, contents: Contents
) -> None:
    thief = network.author("XBM")
    thief.key = SigningKey.generate()
    forged = thief.write()
    skipped = [history[0], history[1], history[7]]
    twice = [*history[:3], history[0]]
    reused = [*history[:1], network.author("XBM").write(id=history[0].header.id)]
    cases = [
        ([*history[:2], forged], "BAD-SIGNATURE", 3),
        (skipped, "AUTHOR-GAP", 3),
        (twice, "ENTRY-ID-REUSED", 4),
        (reused, "ENTRY-ID-REUSED", 2),
        ([*history[:1], network.author().write(), network.author().write()], "AUTHOR-FORK", 3),
        ([network.author().write(kind="not.allowed")], "KIND-NOT-ALLOWED", 1),
    ]
    before = contents(db)
    for entries, code, seq in cases:
        refusal = refused(code, follow, network, db, 1, entries, signed(network, entries))
        assert refusal.path.startswith(f"entries[{seq}]"), refusal.path
        assert refusal.sentence.startswith(f"Entry {seq}: ")
    assert contents(db) == before
    assert follow(network, db, 1, history, signed(network, history)) == history


def test_what_the_relay_signed_but_is_no_entry_is_refused_with_its_place(
    network: "Network", db: sqlite3.Connection, history: list[Entry], refused: Refused
) -> None:
    tree = Frontier().append(history[0].leaf)
    author = network.author()
    later = author.unsigned()
    tree = tree.append(later.leaf)
    text = sign(Checkpoint(ORIGIN, 2, tree.root()), network.relay)
    refusal = refused("BAD-SIGNATURE", follow, network, db, 1, [history[0], later], text)
    assert refusal.path == "entries[2].signature.ed25519"


def test_an_entry_may_admit_the_author_of_the_next_one(
    network: "Network", db: sqlite3.Connection, refused: Refused
) -> None:
    entries = [network.author("XSC").write(b"XBM", kind="member.admitted"), network.author("XBM").write()]
    text = signed(network, entries)

    def run(learning: bool) -> list[Item]:
        admitted = {"XSC"}

        def author_key(name: str, kind: str, at_ms: int) -> VerifyKey:
            if name not in admitted:
                raise Refusal("UNKNOWN-AUTHOR", f"{name} is no member.", status=403)
            return network.author_key(name, kind, at_ms)

        def learn(entry: Entry) -> None:
            if learning and entry.header.kind == "member.admitted":
                admitted.add(entry.sealed.decode())

        return accept(db, 1, encoded(entries), text, network.relay_keys, author_key, learn)

    refused("UNKNOWN-AUTHOR", run, False)
    assert run(True) == entries


def test_a_batch_has_a_limit_of_entries_and_bytes(
    network: "Network", db: sqlite3.Connection, history: list[Entry], refused: Refused
) -> None:
    text = signed(network, history[:1])
    run = [history[0].encoded]
    for batch in (
        [],
        run * (CHUNK_LIMIT_ENTRIES + 1),
        [bytes(CHUNK_LIMIT_BYTES), b""],
        [*run, bytes(CHUNK_LIMIT_BYTES)],
    ):
        arguments = (db, 1, batch, text, network.relay_keys, network.author_key)
        if batch == [bytes(CHUNK_LIMIT_BYTES), b""]:
            refused("CHECKPOINT-SIZE", accept, *arguments)
        else:
            refused("BATCH-SIZE", accept, *arguments)
    assert accept(db, 1, run, text, network.relay_keys, network.author_key) == history[:1]


def test_a_follower_keeps_only_the_checkpoints_that_its_own_chunks_need(
    network: "Network", db: sqlite3.Connection, history: list[Entry]
) -> None:
    for end in range(1, len(history) + 1):
        follow(network, db, end, [history[end - 1]], signed(network, history[:end]))
    assert [size for size, _ in store.checkpoints(db)] == [12]
    part = chunk(db, 4)
    assert part is not None
    assert (part.size, list(part.entries)) == (12, encoded(history[3:]))
