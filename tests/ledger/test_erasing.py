"""Entries are erased on their owner's order alone, everywhere, and the tree, the chains and the proofs stay whole."""

import sqlite3
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import pytest
from tests.ledger.conftest import NOW_MS, Author

from allpoints.ground.refusal import Refusal
from allpoints.ledger import erasing, store
from allpoints.ledger.appending import append
from allpoints.ledger.checkpoint import Checkpoint, sign
from allpoints.ledger.entry import Entry
from allpoints.ledger.erasing import ERASED, Named, order_body, read_order
from allpoints.ledger.following import accept
from allpoints.ledger.merkle import Frontier
from allpoints.ledger.serving import chunk
from allpoints.ledger.stub import Item, Stub, read, stub_of
from allpoints.ledger.verify import verify_ledger
from allpoints.sealing import audience_tree, cbor

if TYPE_CHECKING:
    from tests.ledger.conftest import Network

Refused = Callable[..., Refusal]
Contents = Callable[[sqlite3.Connection], list[list[Any]]]
CANARY = b"what a person wants gone"
WRAP = audience_tree.wrap(bytes(32), bytes(16), [0], bytes(32), b"")


def named(entries: Sequence[Item]) -> list[Named]:
    return [Named(stub_of(one).id, one.commitment) for one in entries]


def order(author: Author, entries: Sequence[Item], **changes: Any) -> Entry:
    return author.write(order_body(named(entries)), kind=ERASED, **changes)


def sealed(author: Author, body: bytes = CANARY) -> Entry:
    return author.write(body, WRAP)


class Scene:
    """A relay that holds three sealed entries of one author and one of another, and a follower of it."""

    def __init__(self, network: "Network") -> None:
        self.network = network
        self.relay, self.early = network.database(), network.database()
        self.author, self.other = network.author(), network.author("XBM")
        self.entries = [sealed(self.author) for _ in range(3)]
        self.foreign = sealed(self.other)
        self.append([*self.entries, self.foreign])

    def append(self, entries: Sequence[Entry]) -> None:
        self.network.append(self.relay, entries)
        self.follow(self.early)

    def follow(self, db: sqlite3.Connection) -> list[Item]:
        taken: list[Item] = []
        while (part := chunk(self.relay, store.size(db) + 1)) is not None:
            taken += accept(
                db,
                part.first_seq,
                part.entries,
                part.checkpoint,
                self.network.relay_keys,
                self.network.author_key,
            )
        return taken

    def verify(self, db: sqlite3.Connection) -> str:
        report = verify_ledger(
            db, lambda: self.network.relay_keys, self.network.author_key, lambda _done, _total: None
        )
        return "" if report.fault is None else report.fault.code


def signed(network: "Network", items: Sequence[Item]) -> str:
    tree = Frontier()
    for item in items:
        tree = tree.append(item.leaf)
    return sign(Checkpoint(network.relay_keys.origin, tree.size, tree.root()), network.relay)


@pytest.fixture
def scene(network: "Network") -> Scene:
    return Scene(network)


def canary_in(db: sqlite3.Connection) -> bool:
    return CANARY in b"".join(row[0] for row in db.execute("SELECT bytes FROM ledger_entries"))


def test_an_order_erases_at_the_relay_and_at_every_follower(scene: Scene, contents: Contents) -> None:
    """Whoever followed before the order and whoever comes after it end with the very same tables."""
    root = store.frontier(scene.relay).root()
    scene.append([order(scene.author, scene.entries)])
    late = scene.network.database()
    taken = scene.follow(late)
    assert [type(item) for item in taken] == [Stub, Stub, Stub, Entry, Entry]
    assert contents(late) == contents(scene.early) == contents(scene.relay)
    assert scene.relay.execute("SELECT frontier FROM ledger_tree").fetchall()
    assert store.frontier(scene.relay).root() != root
    for db in (scene.relay, scene.early, late):
        assert scene.verify(db) == ""
        assert store.unordered(db) == []
        assert [read(data) for data in store.encoded(db, 1, 3)] == [stub_of(one) for one in scene.entries]
    erased_by_another = order(scene.other, [scene.foreign])
    assert canary_in(late)
    scene.append([erased_by_another])
    assert not canary_in(scene.relay)


def test_chains_and_ids_go_on_after_an_erasure(scene: Scene, refused: Refused) -> None:
    scene.append([order(scene.author, scene.entries), sealed(scene.author, b"later")])
    late = scene.network.database()
    scene.follow(late)
    assert store.head(late, "XAV").author_seq == 5
    again = append(scene.relay, scene.entries[0].encoded, scene.network.author_key, NOW_MS)
    assert (again.seq, again.already) == (1, True)
    assert not canary_in(scene.relay) or read(store.encoded(scene.relay, 1, 1)[0]) == stub_of(
        scene.entries[0]
    )
    reused = scene.author.write(b"new", id=scene.entries[0].header.id)
    refused("ENTRY-ID-REUSED", append, scene.relay, reused.encoded, scene.network.author_key, NOW_MS)


def test_a_place_that_comes_erased_is_unordered_until_its_owners_order_comes(scene: Scene) -> None:
    scene.append([sealed(scene.other, b"between")])
    scene.append([order(scene.author, scene.entries[1:2])])
    late = scene.network.database()
    first = store.encoded(scene.relay, 1, 5)
    text = signed(scene.network, [read(data) for data in first])
    accept(late, 1, first, text, scene.network.relay_keys, scene.network.author_key)
    assert store.unordered(late) == [2]
    assert scene.verify(late) == "LEDGER-UNORDERED"
    scene.follow(late)
    assert store.unordered(late) == []
    assert scene.verify(late) == ""


def test_a_relay_that_erases_without_an_order_is_found_out(scene: Scene) -> None:
    """The place stays unordered for ever: the newcomer never calls itself complete, and verifying names the entry."""
    store.erase(scene.relay, stub_of(scene.entries[0]))
    late = scene.network.database()
    scene.follow(late)
    assert store.unordered(late) == [1]
    assert scene.verify(late) == "LEDGER-UNORDERED"
    honest = scene.early
    assert scene.verify(honest) == ""


@pytest.mark.parametrize("wrong", ["foreign", "clear", "unknown", "other commitment", "order itself"])
def test_an_order_that_may_not_be_is_refused_by_the_relay(
    scene: Scene, refused: Refused, contents: Contents, wrong: str
) -> None:
    clear = scene.author.write(b"a certificate")
    scene.append([clear])
    cases: dict[str, tuple[str, list[Named]]] = {
        "foreign": ("ERASE-NOT-YOURS", named([scene.foreign])),
        "clear": ("ERASE-CLEAR", named([clear])),
        "unknown": ("ERASE-UNKNOWN", [Named(bytes(16), bytes(32))]),
        "other commitment": ("ERASE-UNKNOWN", [Named(scene.entries[0].header.id, bytes(32))]),
        "order itself": ("ERASE-CLEAR", []),
    }
    code, bad = cases[wrong]
    if wrong == "order itself":
        earlier = order(scene.author, scene.entries[:1])
        scene.append([earlier])
        bad = named([earlier])
    before, head = contents(scene.relay), scene.author.head
    refusing = scene.author.write(order_body(bad), kind=ERASED)
    refused(code, append, scene.relay, refusing.encoded, scene.network.author_key, NOW_MS)
    assert contents(scene.relay) == before
    scene.author.head = head
    scene.append([order(scene.author, scene.entries)])
    assert isinstance(read(store.encoded(scene.relay, 1, 1)[0]), Stub)


def test_a_follower_refuses_a_batch_with_an_order_or_a_stub_that_may_not_be(
    scene: Scene, refused: Refused, contents: Contents
) -> None:
    network, late = scene.network, scene.network.database()
    forged = order(scene.other, scene.entries[:1])
    clear = network.author("XSC").write(b"a certificate")
    before = contents(late)
    cases: list[tuple[list[Item], str]] = [
        ([*scene.entries, scene.foreign, forged], "ERASE-NOT-YOURS"),
        ([stub_of(clear)], "ERASE-CLEAR"),
        ([scene.entries[0], stub_of(scene.entries[2])], "AUTHOR-GAP"),
        ([scene.entries[0], stub_of(scene.entries[0])], "ENTRY-ID-REUSED"),
    ]
    for items, code in cases:
        text = signed(network, items)
        data = [one.encoded for one in items]
        refused(code, accept, late, 1, data, text, network.relay_keys, network.author_key)
        assert contents(late) == before
    sound: list[Item] = [stub_of(scene.entries[0]), scene.entries[1]]
    data = [one.encoded for one in sound]
    assert accept(late, 1, data, signed(network, sound), network.relay_keys, network.author_key) == sound


def test_an_order_and_what_it_erases_may_come_in_one_batch(scene: Scene) -> None:
    network, late = scene.network, scene.network.database()
    items = [*scene.entries, order(scene.author, scene.entries)]
    data = [one.encoded for one in items]
    accept(late, 1, data, signed(network, items), network.relay_keys, network.author_key)
    assert not canary_in(late)
    assert scene.verify(late) == ""


def test_verifying_finds_bytes_that_should_be_gone(scene: Scene) -> None:
    scene.append([order(scene.author, scene.entries)])
    scene.early.execute("UPDATE ledger_entries SET bytes=? WHERE seq=2", (scene.entries[1].encoded,))
    assert scene.verify(scene.early) == "LEDGER-NOT-ERASED"
    assert scene.verify(scene.relay) == ""


def test_erasing_twice_changes_nothing(scene: Scene, contents: Contents) -> None:
    scene.append([order(scene.author, scene.entries)])
    entries_before = contents(scene.relay)[0][:4]
    scene.append([order(scene.author, scene.entries)])
    assert contents(scene.relay)[0][:4] == entries_before
    assert scene.verify(scene.early) == ""


def test_erasing_survives_a_failure_at_every_statement(network: "Network", contents: Contents) -> None:
    scene = Scene(network)
    db = scene.relay
    last = order(scene.author, scene.entries)
    for number in range(1, 60):
        before = contents(db)
        db.execute("BEGIN")
        db.arm(number)
        try:
            append(db, last.encoded, network.author_key, NOW_MS)
            network.seal(db)
        except sqlite3.OperationalError:
            db.arm(0)
            db.execute("ROLLBACK")
            assert contents(db) == before
            continue
        db.arm(0)
        db.execute("COMMIT")
        break
    assert number > 10
    assert scene.verify(db) == ""
    assert isinstance(read(store.encoded(db, 1, 1)[0]), Stub)


BAD_ORDERS: list[Any] = [
    [],
    [[bytes(16)]],
    [[bytes(16), "text"]],
    [[bytes(15), bytes(32)]],
    [[bytes(16), bytes(31)]],
    [[bytes(16), bytes(32)], [bytes(16), bytes(32)]],
    [[b"\x01" * 16, bytes(32)], [bytes(16), bytes(32)]],
    [[number.to_bytes(16, "big"), bytes(32)] for number in range(erasing.ORDER_LIMIT + 1)],
    {},
]


@pytest.mark.parametrize("body", BAD_ORDERS, ids=range(len(BAD_ORDERS)))
def test_an_order_of_another_form_is_refused(network: "Network", refused: Refused, body: Any) -> None:
    author = network.author()
    assert len(read_order(author.write(cbor.encode([[bytes(16), bytes(32)]]), kind=ERASED))) == 1
    assert read_order(author.write(cbor.encode(body))) == ()
    refused("ERASE-FORMAT", read_order, author.write(cbor.encode(body), kind=ERASED))


def test_an_order_is_never_sealed(network: "Network", refused: Refused) -> None:
    body = order_body([Named(bytes(16), bytes(32))])
    assert read_order(network.author().write(body, kind=ERASED))
    refused("ENTRY-HEADER", lambda: network.author().write(body, WRAP, kind=ERASED))
