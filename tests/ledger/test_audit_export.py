"""Exported audit lines prove themselves, and samples are drawn the same way again."""

import sqlite3
from collections.abc import Iterator

import msgspec
import pytest

from allpoints.ground.refusal import Refusal
from allpoints.identity.officers import Asker
from allpoints.ledger import audit, audit_export, audit_reading, audit_tree
from allpoints.ledger.audit_export import Head
from allpoints.ledger.audit_reading import Filter

LINES = 40
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


def exported(db: sqlite3.Connection, wanted: Filter = Filter()) -> list[bytes]:  # noqa: B008 - frozen
    root = audit_tree.root(db, LINES).hex()
    head = Head(audit_export.FORMAT, "XAV", "net", 1, LINES, root, 7, "")
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
        lambda lines: [lines[0].replace(b"audit/1", b"audit/2")],
    ],
)
def test_what_is_no_export_is_refused(db: sqlite3.Connection, spoil: object) -> None:
    assert callable(spoil)
    refused(spoil(exported(db)))


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
