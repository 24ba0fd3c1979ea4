"""The relay appends an entry once, in its author's order, and only with its author's signatures."""

import sqlite3
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from allpoints.ground.clock import MINUTE
from allpoints.ground.refusal import Refusal
from allpoints.identity.keys import SigningKey, VerifyKey
from allpoints.ledger import store
from allpoints.ledger.appending import Appended, append, seal_checkpoint
from allpoints.ledger.checkpoint import verify
from allpoints.ledger.entry import Entry, Head
from allpoints.ledger.merkle import Frontier
from allpoints.ledger.serving import CHUNK_LIMIT_BYTES, CHUNK_LIMIT_ENTRIES

if TYPE_CHECKING:
    from tests.ledger.conftest import Network

Refused = Callable[..., Refusal]
Contents = Callable[[sqlite3.Connection], list[list[Any]]]
NOW_MS = 1_790_000_000_000
ORIGIN = "ledger.allpoints.example"


def test_entries_are_numbered_from_one_and_the_same_bytes_again_keep_their_number(
    network: "Network", db: sqlite3.Connection, history: list[Entry], contents: Contents
) -> None:
    for seq, entry in enumerate(history[:5], 1):
        done = append(db, entry.encoded, network.author_key, NOW_MS)
        assert done == Appended(seq, entry.header.id, already=False)
    before = contents(db)
    again = append(db, history[1].encoded, network.author_key, NOW_MS)
    assert again == Appended(2, history[1].header.id, already=True)
    assert contents(db) == before


def test_other_bytes_under_a_known_id_are_refused(
    network: "Network", db: sqlite3.Connection, refused: Refused, contents: Contents
) -> None:
    author = network.author()
    first = author.write(b"one")
    network.append(db, [first])
    author.head = Head()
    other = author.write(b"two", id=first.header.id)
    before = contents(db)
    refusal = refused("ENTRY-ID-REUSED", append, db, other.encoded, network.author_key, NOW_MS)
    assert (refusal.status, contents(db)) == (409, before)


def test_a_gap_and_a_fork_in_an_authors_chain_are_told_apart(
    network: "Network", db: sqlite3.Connection, refused: Refused, contents: Contents
) -> None:
    author = network.author()
    first, second, third = author.write(), author.write(), author.write()
    network.append(db, [first])
    before = contents(db)
    refused("AUTHOR-GAP", append, db, third.encoded, network.author_key, NOW_MS)
    author.head = Head()
    refused("AUTHOR-FORK", append, db, author.write(b"other").encoded, network.author_key, NOW_MS)
    refused("AUTHOR-FORK", append, db, author.write(b"after it").encoded, network.author_key, NOW_MS)
    assert contents(db) == before
    assert append(db, second.encoded, network.author_key, NOW_MS).seq == 2
    assert append(db, third.encoded, network.author_key, NOW_MS).seq == 3


def test_an_entry_that_its_author_did_not_sign_is_refused(
    network: "Network", db: sqlite3.Connection, refused: Refused, contents: Contents
) -> None:
    thief = network.author("XBM")
    thief.key = SigningKey.generate()
    before = contents(db)
    refused("BAD-SIGNATURE", append, db, thief.write().encoded, network.author_key, NOW_MS)
    assert contents(db) == before
    assert append(db, network.author("XBM").write().encoded, network.author_key, NOW_MS).seq == 1


def test_an_author_who_may_not_write_is_refused_with_the_reason(
    network: "Network", db: sqlite3.Connection, refused: Refused
) -> None:
    stranger = network.author()
    stranger.name = "XCS"
    refused("UNKNOWN-AUTHOR", append, db, stranger.write().encoded, network.author_key, NOW_MS)
    wrong_kind = network.author().write(kind="not.allowed")
    refused("KIND-NOT-ALLOWED", append, db, wrong_kind.encoded, network.author_key, NOW_MS)
    assert append(db, network.author().write().encoded, network.author_key, NOW_MS).seq == 1


def test_an_entry_from_the_future_is_refused_beyond_ten_minutes(
    network: "Network", db: sqlite3.Connection, refused: Refused
) -> None:
    late = network.author().write(created_ms=NOW_MS + 10 * MINUTE + 1)
    assert (
        refused("ENTRY-FUTURE", append, db, late.encoded, network.author_key, NOW_MS).path
        == "header.created_ms"
    )
    just = network.author().write(created_ms=NOW_MS + 10 * MINUTE)
    assert append(db, just.encoded, network.author_key, NOW_MS).seq == 1
    assert append(db, network.author("XBM").write(created_ms=0).encoded, network.author_key, NOW_MS).seq == 2


def test_an_author_is_judged_by_when_the_entry_was_written_and_by_when_it_came(
    network: "Network", db: sqlite3.Connection, refused: Refused
) -> None:
    def active_between(start: int, end: int) -> Callable[[str, str, int], VerifyKey]:
        def author_key(name: str, kind: str, at_ms: int) -> VerifyKey:
            if not start <= at_ms < end:
                raise Refusal("AUTHOR-SUSPENDED", f"{name} is suspended.", status=403)
            return network.author_key(name, kind, at_ms)

        return author_key

    entry = network.author().write(created_ms=NOW_MS - 1000).encoded
    refused("AUTHOR-SUSPENDED", append, db, entry, active_between(0, NOW_MS), NOW_MS)
    refused("AUTHOR-SUSPENDED", append, db, entry, active_between(NOW_MS, NOW_MS + 1), NOW_MS)
    assert append(db, entry, active_between(NOW_MS - 1000, NOW_MS + 1), NOW_MS).seq == 1


def test_an_entry_signed_with_a_key_that_was_replaced_since_is_refused(
    network: "Network", db: sqlite3.Connection, refused: Refused
) -> None:
    new = SigningKey.generate().public

    def author_key(name: str, kind: str, at_ms: int) -> VerifyKey:
        return new if at_ms >= NOW_MS else network.author_key(name, kind, at_ms)

    old = network.author().write(created_ms=NOW_MS - 1000).encoded
    refused("AUTHOR-KEY-REPLACED", append, db, old, author_key, NOW_MS)
    assert append(db, old, author_key, NOW_MS - 1).seq == 1


def test_a_group_commit_is_signed_once_and_the_same_ledger_not_again(
    network: "Network", db: sqlite3.Connection, history: list[Entry]
) -> None:
    text = network.append(db, history)
    tree = Frontier()
    for entry in history:
        tree = tree.append(entry.leaf)
    signed = verify(text, network.relay_keys)
    assert (signed.size, signed.root) == (len(history), tree.root())
    assert seal_checkpoint(db, ORIGIN, network.relay) == text
    assert list(store.checkpoints(db)) == [(12, text)]


def test_an_empty_ledger_has_a_checkpoint_too(network: "Network", db: sqlite3.Connection) -> None:
    text = network.seal(db)
    assert verify(text, network.relay_keys).size == 0
    assert network.seal(db) == text


def test_a_large_group_commit_gets_a_checkpoint_for_each_chunk(
    network: "Network", db: sqlite3.Connection
) -> None:
    author = network.author()
    network.hold(db, [author.unsigned() for _ in range(2 * CHUNK_LIMIT_ENTRIES + 3)])
    network.seal(db)
    assert [size for size, _ in store.checkpoints(db)] == [256, 512, 515]
    for size, text in store.checkpoints(db):
        signed = verify(text, network.relay_keys)
        tree = Frontier()
        for leaf in store.leaves(db, 1, size):
            tree = tree.append(leaf)
        assert (signed.size, signed.root) == (size, tree.root())


def test_large_entries_get_a_checkpoint_before_the_chunk_is_full_of_bytes(
    network: "Network", db: sqlite3.Connection
) -> None:
    author = network.author()
    third = CHUNK_LIMIT_BYTES // 3
    network.hold(db, [author.unsigned(bytes(third)) for _ in range(5)])
    network.seal(db)
    assert [size for size, _ in store.checkpoints(db)] == [2, 4, 5]


def test_small_group_commits_leave_no_more_checkpoints_than_chunks_need(
    network: "Network", db: sqlite3.Connection
) -> None:
    author = network.author()
    for _ in range(60):
        network.hold(db, [author.unsigned() for _ in range(10)])
        network.seal(db)
    sizes = [size for size, _ in store.checkpoints(db)]
    assert sizes == [250, 500, 600]
