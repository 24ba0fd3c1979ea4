"""What check workers answered is taken in exactly once, and what they must know is told to them at once."""

import asyncio
import contextlib
import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import pytest
from tests.node.conftest import Make
from tests.node.federation import Federation
from tests.node.samples import ANNA, ASKS_PASSPORT
from tests.node.surroundings import FailingConnection, FailingDisk

from allpoints.border import journal, store
from allpoints.border.hit import HitState
from allpoints.border.journal import Journal, JournalLine, frame
from allpoints.border.question import Asked, Question, understand
from allpoints.ground.clock import day_of
from allpoints.ground.refusal import Refusal
from allpoints.identity import officers
from allpoints.ledger import audit
from allpoints.ledger.audit_line import Line
from allpoints.matching.following_index import FollowingIndex
from allpoints.node.bureau import Bureau
from allpoints.node.check_intake import Read
from allpoints.node.check_sharing import CheckSharing


def line_of(bureau: Bureau, question: Question, check: str = "c" * 24) -> JournalLine:
    """What a worker of this bureau writes when it has found nothing."""
    asked: Asked = understand(question, bureau.vocabulary, day_of(bureau.clock.now()))
    encoded = msgspec.json.encode(asked.question)
    return JournalLine(
        check,
        bureau.clock.now(),
        "anna",
        "border-control",
        "K-7",
        "",
        encoded,
        asked.number,
        asked.issuer,
        bureau.checks.pair_of(asked),
        tuple(bureau.checks.tokens(asked)),
    )


def sharing_of(bureau: Bureau) -> CheckSharing:
    return CheckSharing(bureau, lambda: 1_000)


def taken_in(sharing: CheckSharing) -> None:
    """Take in all journals, as a node does it again and again."""

    async def do(work: Callable[[], Any]) -> Any:
        return sharing.bureau.do(work)

    async def begin() -> None:
        await sharing.begin_taking(do)

    asyncio.run(begin())


def wrote(bureau: Bureau, *lines: JournalLine, policy: str = "its policy") -> Path:
    out = Journal(bureau.disk.folder / journal.FOLDER, policy)
    for line in lines:
        out.write(frame(line))
    out.close()
    return journal.files(bureau.disk.folder / journal.FOLDER)[0]


def asked_lines(bureau: Bureau) -> list[Line]:
    return [line for line in audit.walk(bureau.db) if line.event == "check:asked"]


def test_a_check_of_a_worker_stands_in_the_audit_log_as_one_of_the_node_would(two: Federation) -> None:
    bureau = two.bureau("XBM")
    two.check("XBM", ASKS_PASSPORT)
    path = wrote(bureau, line_of(bureau, ASKS_PASSPORT))
    taken_in(sharing_of(bureau))
    own, taken = asked_lines(bureau)
    assert (taken.officer, taken.purpose, taken.case_ref) == ("anna", "border-control", "K-7")
    assert taken.policy == "its policy"
    decoded = msgspec.json.decode
    assert decoded(taken.detail) == decoded(own.detail) | {"check": "c" * 24}
    assert audit.verify(bureau.db) == audit.size(bureau.db)
    assert store.kept_check(bureau.db, "c" * 24) is not None
    assert not path.exists()


def test_an_emergency_access_is_named_in_the_line(two: Federation) -> None:
    bureau = two.bureau("XBM")
    line = msgspec.structs.replace(line_of(bureau, ASKS_PASSPORT), emergency="4")
    wrote(bureau, line)
    taken_in(sharing_of(bureau))
    (taken,) = asked_lines(bureau)
    assert msgspec.json.decode(taken.detail)["emergency"] == "4"


def test_a_record_that_came_between_a_workers_answer_and_its_line_raises_a_late_hit(two: Federation) -> None:
    bureau = two.bureau("XBM")
    line = line_of(bureau, ASKS_PASSPORT)
    two.enter()
    assert not store.list_hits(bureau.db)
    wrote(bureau, line)
    taken_in(sharing_of(bureau))
    two.pump()
    (view,) = store.list_hits(bureau.db)
    assert view.hit.late
    assert view.hit.check == line.check
    assert store.list_hits(two.bureau("XAV").db)[0].state is HitState.NOTIFIED


def test_a_record_that_comes_after_the_line_raises_a_late_hit_as_ever(two: Federation) -> None:
    bureau = two.bureau("XBM")
    wrote(bureau, line_of(bureau, ASKS_PASSPORT))
    taken_in(sharing_of(bureau))
    two.enter()
    (view,) = store.list_hits(bureau.db)
    assert view.hit.late


def test_a_check_that_cannot_be_looked_at_again_holds_no_other_up(two: Federation) -> None:
    bureau = two.bureau("XBM")
    two.enter()
    line = line_of(bureau, ASKS_PASSPORT)
    strange = msgspec.structs.replace(line, check="e" * 24, asked=b'{"identifiers":{"shoe-size":"44"}}')
    wrote(bureau, strange, line)
    taken_in(sharing_of(bureau))
    assert len(asked_lines(bureau)) == 2
    assert [view.hit.check for view in store.list_hits(bureau.db)] == [line.check]


def test_a_piece_is_taken_in_once_whoever_brings_it_again(two: Federation) -> None:
    bureau = two.bureau("XBM")
    path = wrote(bureau, *(line_of(bureau, ASKS_PASSPORT, f"{number:024}") for number in range(3)))
    sharing = sharing_of(bureau)
    first = Read(path, 0, journal.read(path, 0, 2))
    bureau.do(lambda: sharing.intake.take(first))
    with pytest.raises(Refusal) as refused:
        bureau.do(lambda: sharing.intake.take(first))
    assert refused.value.code == "STALE-CHUNK"
    taken_in(sharing_of(bureau))
    assert len(asked_lines(bureau)) == 3
    assert not sharing_of(bureau).intake.places()


@pytest.mark.parametrize("number", range(1, 16))
def test_a_disk_that_fails_at_any_write_loses_and_doubles_no_check(make: Make, number: int) -> None:
    federation = make(disks={"XBM": FailingDisk})
    bureau = federation.bureau("XBM")
    wrote(bureau, *(line_of(bureau, ASKS_PASSPORT, f"{at:024}") for at in range(3)))
    db = bureau.db
    assert isinstance(db, FailingConnection)
    db.arm(number)
    with contextlib.suppress(sqlite3.OperationalError):
        taken_in(sharing_of(bureau))
    db.arm(0)
    taken_in(sharing_of(bureau))
    lines = asked_lines(bureau)
    assert sorted(msgspec.json.decode(line.detail)["check"] for line in lines) == [
        f"{at:024}" for at in range(3)
    ]
    assert audit.verify(db) == audit.size(db)


def test_a_journal_that_cannot_be_read_to_its_end_is_set_aside_and_said_aloud(two: Federation) -> None:
    bureau = two.bureau("XBM")
    path = wrote(bureau, line_of(bureau, ASKS_PASSPORT), line_of(bureau, ASKS_PASSPORT, "d" * 24))
    raw = bytearray(path.read_bytes())
    raw[-1] ^= 1
    path.write_bytes(bytes(raw))
    taken_in(sharing_of(bureau))
    assert len(asked_lines(bureau)) == 1
    assert not path.exists()
    assert path.with_suffix(".broken").read_bytes() == bytes(raw)
    titles = [row[0] for row in bureau.db.execute("SELECT title FROM office_alerts")]
    assert any("could not be read to its end" in title for title in titles)


def test_a_journal_that_is_being_written_is_taken_in_as_far_as_it_is_whole(two: Federation) -> None:
    bureau = two.bureau("XBM")
    folder = bureau.disk.folder / journal.FOLDER
    out = Journal(folder, "its policy")
    out.write(frame(line_of(bureau, ASKS_PASSPORT)))
    (path,) = journal.files(folder)
    with path.open("ab") as file:
        file.write(b"\0\0\1")
    taken_in(sharing_of(bureau))
    assert len(asked_lines(bureau)) == 1
    assert path.exists()
    out.close()


def test_what_is_committed_is_seen_by_other_processes_before_anything_leaves(two: Federation) -> None:
    bureau = two.bureau("XBM")
    sharing_of(bureau).share()
    reader = FollowingIndex(bureau.disk.folder / "index")
    key = bureau.index.token("document", "XAV|AB123456")
    seen: list[int] = []

    def look() -> None:
        reader.refresh()
        seen.append(len(reader.index.lookup(key)))

    bureau.committed.append(look)
    two.enter()
    assert seen
    assert seen[-1] == 1
    reader.close()


def test_whoever_loses_a_right_is_told_to_other_processes_with_the_commit(two: Federation) -> None:
    bureau = two.bureau("XBM")
    bureau.do(lambda: officers.add_officer(bureau.db, "bo", ["border"], 1))
    sharing_of(bureau).share()
    reader = FollowingIndex(bureau.disk.folder / "index")
    before = reader.epoch
    two.check("XBM", ASKS_PASSPORT, ANNA)
    assert reader.epoch == before
    bureau.do(lambda: officers.remove_officer(bureau.db, "bo"))
    assert reader.epoch != before
    reader.close()


def test_too_much_that_waits_makes_workers_hold(two: Federation, monkeypatch: pytest.MonkeyPatch) -> None:
    bureau = two.bureau("XBM")
    sharing = sharing_of(bureau)
    sharing.share()
    reader = FollowingIndex(bureau.disk.folder / "index")
    folder = bureau.disk.folder / journal.FOLDER
    out = Journal(folder, "its policy")
    out.write(frame(line_of(bureau, ASKS_PASSPORT)))
    (path,) = journal.files(folder)
    with path.open("ab") as file:
        file.write(b"\0\0\1")
    monkeypatch.setattr("allpoints.node.check_sharing.WAITING_LIMIT_BYTES", 2)
    taken_in(sharing)
    assert reader.held
    monkeypatch.setattr("allpoints.node.check_sharing.WAITING_LIMIT_BYTES", 3)
    taken_in(sharing)
    released = not reader.held
    assert released
    out.close()
    reader.close()
