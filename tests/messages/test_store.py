"""A node's correspondence: letters, receipts, and the chains of envelopes with each peer."""

import hashlib
import sqlite3
from contextlib import closing

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st

from allpoints.messages import store
from allpoints.messages.letter import Letter, LetterView, Receipt
from allpoints.messages.store import START

NOW_MS = 1_790_000_000_000
KEY = bytes(range(32))


def view(reference: str = "aa", folder: str = "inbox", at_ms: int = NOW_MS) -> LetterView:
    letter = Letter("Subject", "Text", "C-17", "desk of XAV")
    return LetterView(
        reference, folder, "XAV", ("XBM", "XSC"), letter, "urgent", "official-use", "warn", at_ms
    )


def test_a_letter_is_read_back_as_it_was_kept(db: sqlite3.Connection) -> None:
    store.add_letter(db, KEY, view())
    assert store.read_letter(db, KEY, "aa") == view()
    assert store.read_letter(db, KEY, "bb") is None


def test_a_letter_that_comes_twice_is_kept_once_as_it_came_first(db: sqlite3.Connection) -> None:
    store.add_letter(db, KEY, view())
    store.mark_read(db, "aa", NOW_MS + 1)
    store.add_letter(db, KEY, view())
    held = store.read_letter(db, KEY, "aa")
    assert held is not None
    assert held.read_ms == NOW_MS + 1


def test_folders_are_apart_and_newest_first(db: sqlite3.Connection) -> None:
    for number in range(3):
        store.add_letter(db, KEY, view(f"in{number}", at_ms=NOW_MS + number))
    store.add_letter(db, KEY, view("out", "sent"))
    assert [one.reference for one in store.list_letters(db, KEY, "inbox")] == ["in2", "in1", "in0"]
    assert [one.reference for one in store.list_letters(db, KEY, "sent")] == ["out"]
    assert [one.reference for one in store.list_letters(db, KEY, "inbox", limit=1)] == ["in2"]


def test_a_letter_is_read_for_the_first_time_once_and_only_in_the_inbox(db: sqlite3.Connection) -> None:
    store.add_letter(db, KEY, view("in"))
    store.add_letter(db, KEY, view("out", "sent"))
    assert store.unread(db) == 1
    assert store.mark_read(db, "in", NOW_MS + 1)
    assert not store.mark_read(db, "in", NOW_MS + 2)
    assert not store.mark_read(db, "out", NOW_MS + 2)
    assert store.unread(db) == 0


def test_receipts_stand_with_their_letter_each_once_in_the_order_of_time(db: sqlite3.Connection) -> None:
    store.add_letter(db, KEY, view("out", "sent"))
    read = Receipt("read", "XBM", "desk", NOW_MS + 2)
    delivered = Receipt("delivered", "XBM", "bureau", NOW_MS + 1)
    assert store.add_receipt(db, "out", read, b"signed")
    assert store.add_receipt(db, "out", delivered, b"signed")
    assert not store.add_receipt(db, "out", msgspec.structs.replace(read, at_ms=NOW_MS + 9), b"signed")
    held = store.read_letter(db, KEY, "out")
    assert held is not None
    assert held.receipts == (delivered, read)


def test_an_envelope_is_opened_for_the_first_time_once_until_it_has_expired(db: sqlite3.Connection) -> None:
    assert store.first_time(db, b"id", NOW_MS)
    assert not store.first_time(db, b"id", NOW_MS)
    store.forget_envelopes(db, NOW_MS)
    assert not store.first_time(db, b"id", NOW_MS)
    store.forget_envelopes(db, NOW_MS + 1)
    assert store.first_time(db, b"id", NOW_MS)


class Chain:
    """The envelopes that a peer sent: number, hash of the one before, own hash."""

    def __init__(self, length: int) -> None:
        self.links: list[tuple[int, bytes, bytes]] = []
        previous = START
        for number in range(1, length + 1):
            digest = hashlib.sha256(b"%d" % number).digest()
            self.links.append((number, previous, digest))
            previous = digest


def follow(arriving: list[int], chain: Chain) -> tuple[store.Pair, list[bool]]:
    with closing(sqlite3.connect(":memory:", isolation_level=None)) as db:
        db.executescript(store.SCHEMA)
        whole = [store.got(db, "XAV", *chain.links[one], NOW_MS) for one in arriving]
        return store.pair(db, "XAV"), whole


def test_a_chain_that_arrives_whole_has_no_gap() -> None:
    pair, whole = follow(list(range(8)), Chain(8))
    assert (pair.got, pair.gaps, all(whole)) == (8, 0, True)


@settings(max_examples=100, deadline=None)
@given(st.lists(st.integers(0, 7), max_size=20))
def test_loss_doubling_and_reordering_show_and_hold_nothing_back(arriving: list[int]) -> None:
    chain = Chain(8)
    pair, whole = follow(arriving, chain)
    highest, gaps = -1, 0
    for one, was_whole in zip(arriving, whole, strict=True):
        assert was_whole == (one == highest + 1)
        if one > highest:
            gaps += one != highest + 1
            highest = one
    assert (pair.got, pair.gaps) == (highest + 1, gaps)
    assert pair.got_hash == (chain.links[highest][2] if highest >= 0 else START)
    if set(arriving) != set(range(highest + 1)):
        assert pair.gaps > 0


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 6))
def test_an_envelope_put_in_the_place_of_another_shows_at_the_next_one(place: int) -> None:
    chain = Chain(8)
    number, previous, _ = chain.links[place]
    chain.links[place] = (number, previous, bytes(31) + b"x")
    pair, _ = follow(list(range(8)), chain)
    assert pair.gaps == 1


def test_what_is_sent_and_what_is_got_are_counted_apart_for_each_peer(db: sqlite3.Connection) -> None:
    store.sent(db, "XBM", 1, b"s" * 32)
    store.got(db, "XBM", 1, START, b"g" * 32, NOW_MS)
    store.sent(db, "XCS", 1, b"c" * 32)
    assert store.pair(db, "XBM") == store.Pair(1, b"s" * 32, 1, b"g" * 32, 0)
    assert store.pair(db, "XCS") == store.Pair(1, b"c" * 32, 0, START, 0)
    assert store.pair(db, "XDV") == store.Pair(0, START, 0, START, 0)
