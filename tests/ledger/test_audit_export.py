"""Exported audit lines prove themselves, and samples are drawn the same way again."""

import sqlite3
from collections.abc import Iterator

import msgspec
import pytest
from tests.node.samples import certificate, keys, post_certificate

from allpoints.ground.refusal import Refusal
from allpoints.identity.officers import Asker
from allpoints.ledger import audit, audit_export, audit_reading, audit_tree, checkpoint
from allpoints.ledger.anchor import origin
from allpoints.ledger.audit_export import Head
from allpoints.ledger.audit_reading import Filter
from allpoints.ledger.checkpoint import Checkpoint

LINES = 40
NET = "test.allpoints"
ANNA = Asker("anna", frozenset({"desk"}), "border-control", "C-17")
BERT = Asker("bert", frozenset({"desk"}), "analyse", "C-18")


@pytest.fixture
def db() -> Iterator[sqlite3.Connection]:
    connection = sqlite3.connect(":memory:", isolation_level=None)
    connection.executescript(audit.SCHEMA)
    for number in range(LINES):
        who = BERT if number % 4 == 3 else ANNA
        audit.record(
            connection, "search:asked", who, number, register="persons" if number % 2 else "firearms"
        )
    audit.erase(connection, 5, 10)
    audit_tree.grow(connection)
    yield connection
    connection.close()


def head_of(db: sqlite3.Connection, signer: str = "XAV") -> Head:
    root = audit_tree.root(db, LINES)
    text = checkpoint.sign(Checkpoint(origin(NET, "XAV", 1), LINES, root), keys(signer)[0])
    known = certificate(signer, "bureau").to_bytes().hex()
    return Head(audit_export.FORMAT, "XAV", NET, 1, LINES, root.hex(), 7, text, known)


def exported(db: sqlite3.Connection, wanted: Filter = Filter()) -> list[bytes]:  # noqa: B008 - frozen
    head = head_of(db)
    lines = audit_reading.after(db, wanted, 0, LINES, LINES)
    return [
        msgspec.json.encode(one) for one in (head, *(audit_export.prove(db, one, LINES) for one in lines))
    ]


def refused(lines: list[bytes]) -> str:
    with pytest.raises(Refusal) as caught:
        audit_export.check(lines)
    assert caught.value.code == "AUDIT-EXPORT"
    return caught.value.path


def test_an_export_is_sound_and_says_how_much_of_it_is_erased(db: sqlite3.Connection) -> None:
    assert audit_export.check(exported(db))[1:] == (LINES, 5)
    assert audit_export.check(exported(db, Filter(officer="bert")))[1:] == (LINES // 4 - 1, 0)


def test_no_altered_word_of_an_export_passes(db: sqlite3.Connection) -> None:
    lines = exported(db)
    for place in (1, 7):
        given = msgspec.json.decode(lines[place])
        for name, value in given.items():
            other = {int: 3, str: "00" * 16, list: given["path"][1:]}[type(value)]
            altered = [*lines[:place], msgspec.json.encode({**given, name: other}), *lines[place + 1 :]]
            assert refused(altered) == f"lines[{place + 1}]", name


@pytest.mark.parametrize(
    "spoil",
    [
        lambda lines: [],
        lambda lines: lines[1:],
        lambda lines: [lines[0], lines[3], lines[2]],
        lambda lines: [lines[0], lines[2], lines[2]],
        lambda lines: [lines[0], b"{"],
        lambda lines: [lines[0], b"\xff" * 9],
        lambda lines: [lines[0], b"x" * 300_000],
        lambda lines: [lines[0].replace(b"audit/2", b"audit/3")],
        lambda lines: [lines[0], lines[8].replace(b'"salt":"', b'"salt":" ')],
        lambda lines: [lines[0], lines[8].replace(b'"at_ms":', b'"at_ms":1000000000000000000000000')],
    ],
)
def test_what_is_no_export_is_refused(db: sqlite3.Connection, spoil: object) -> None:
    assert callable(spoil)
    refused(spoil(exported(db)))


def test_no_altered_word_of_a_head_passes_and_no_signature_but_the_logs_own_nodes(
    db: sqlite3.Connection,
) -> None:
    head, *lines = exported(db)
    given = msgspec.json.decode(head)
    other_log = Checkpoint(origin(NET, "XAV", 2), LINES, bytes.fromhex(given["root"]))
    spoiled = {
        "log": "XBM",
        "network": "other.allpoints",
        "generation": 2,
        "size": LINES - 1,
        "root": "00" * 32,
        "checkpoint": checkpoint.sign(other_log, keys("XAV")[0]),
        "certificate": certificate("XBM", "bureau").to_bytes().hex(),
    }
    for name, value in spoiled.items():
        assert refused([msgspec.json.encode({**given, name: value}), *lines]) == "lines[1]", name
    for text in ("", given["checkpoint"].rpartition("—")[0], given["checkpoint"][:-9] + "AAAAAAA=\n"):
        assert refused([msgspec.json.encode({**given, "checkpoint": text}), *lines]) == "lines[1]"
    for place in range(0, len(given["certificate"]), 199):
        flipped = bytearray.fromhex(given["certificate"].ljust(place + 2, "0"))
        flipped[place // 2] ^= 1
        assert refused([msgspec.json.encode({**given, "certificate": flipped.hex()}), *lines]) == "lines[1]"
    for forged in (head_of(db, "XBM"), msgspec.structs.replace(head_of(db), certificate="")):
        assert refused([msgspec.json.encode(forged), *lines]) == "lines[1]"
    post = post_certificate("XBM/post-1")
    signed = msgspec.structs.replace(head_of(db, "XBM"), certificate=post.to_bytes().hex(), log="XBM/post-1")
    assert refused([msgspec.json.encode(signed), *lines]) == "lines[1]"
    assert audit_export.check([head, *lines])[1] == LINES


def test_no_salt_of_another_length_passes(db: sqlite3.Connection) -> None:
    """Else a part of what was said could be moved into the salt."""
    lines = exported(db)
    given = msgspec.json.decode(lines[8])
    assert refused([lines[0], msgspec.json.encode({**given, "salt": given["salt"] + "00"})]) == "lines[2]"
    assert audit_export.check([lines[0], lines[8]])[1] == 1


def test_a_filter_asks_for_what_it_states(db: sqlite3.Connection) -> None:
    found = audit_reading.page(db, Filter(officer="anna", register="firearms", since_ms=10), 0, 5)
    assert [line.at_ms for line in found.lines] == [38, 36, 34, 32, 30]
    more = audit_reading.page(db, Filter(officer="anna", register="firearms", since_ms=10), found.before, 50)
    assert [line.at_ms for line in more.lines] == list(range(28, 8, -2))
    assert more.before == 0
    assert not audit_reading.page(db, Filter(case="C-18", until_ms=4), 0, 5).lines
    assert len(audit_reading.page(db, Filter(purpose="analyse", event="search:asked"), 0, 50).lines) == 9


def test_a_long_log_is_looked_through_page_by_page(
    db: sqlite3.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(audit_reading, "LOOKED_AT", 10)
    before, seen, pages = 0, [], 0
    while pages == 0 or before:
        page = audit_reading.page(db, Filter(officer="bert"), before, 50)
        seen += [line.number for line in page.lines]
        before, pages = page.before, pages + 1
    assert seen == list(range(LINES, 4, -4))
    assert pages == 4


def test_a_sample_is_drawn_the_same_way_again_also_after_the_log_grew(db: sqlite3.Connection) -> None:
    first = audit_reading.draw(db, Filter(officer="anna"), "5eed", LINES, 6)
    assert (first.among, len(first.lines)) == (26, 6)
    audit.record(db, "search:asked", ANNA, 99)
    again = audit_reading.draw(db, Filter(officer="anna"), "5eed", LINES, 6)
    assert again == first
    other = audit_reading.draw(db, Filter(officer="anna"), "5eee", LINES, 6)
    assert [one.number for one in other.lines] != [one.number for one in first.lines]


@pytest.mark.parametrize(("seed", "count"), [("", 5), ("x" * 65, 5), ("x", 0), ("x", 501)])
def test_a_sample_has_a_seed_and_a_size(db: sqlite3.Connection, seed: str, count: int) -> None:
    with pytest.raises(Refusal) as caught:
        audit_reading.draw(db, Filter(), seed, LINES, count)
    assert caught.value.code == "SAMPLE-SIZE"
