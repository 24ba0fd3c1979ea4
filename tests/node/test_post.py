"""The post: asks, falls back to its extract in time, tells later, and never says clear when it cannot know."""

import sqlite3
from typing import Any

import msgspec
import pytest

from allpoints.border import extract
from allpoints.border.extract import EXTRACT_LIFE_MS
from allpoints.border.question import Question
from allpoints.border.verdict import Answer, Verdict
from allpoints.ground.clock import HOUR, MINUTE
from allpoints.ground.refusal import Fault, Refusal
from allpoints.identity.officers import Asker
from allpoints.ledger import audit
from allpoints.node import frames
from allpoints.node.post import ANSWER_WAIT_MS, LINE_QUIET_MS
from allpoints.vocabulary.mrz import Fields, build
from tests.node.conftest import Make
from tests.node.federation import (
    ALL_ROLES,
    ANNA,
    ASKS_PASSPORT,
    POST,
    FailingConnection,
    FailingDisk,
    Federation,
    dump,
    keys,
)

UNKNOWN = Question(number="ZZ999999", issuer="XAV")
Shown = list[Answer | Refusal]


def asked_and_waiting(federation: Federation, question: Question = ASKS_PASSPORT) -> Shown:
    """A check whose question and answer lie on the wire."""
    post = federation.post()
    shown: Shown = []
    post.do(lambda: post.check(ANNA, question, shown.append))
    return shown


def verdict(shown: Shown) -> tuple[Verdict, str]:
    (answer,) = shown
    assert isinstance(answer, Answer)
    return answer.verdict, answer.source


def offline(federation: Federation, question: Question = ASKS_PASSPORT) -> tuple[Verdict, str]:
    return verdict(federation.check_at_post(question))


@pytest.fixture
def cut_off(posted: Federation) -> Federation:
    """A post with the stolen passport in its extract, and no line."""
    posted.enter()
    posted.tick()
    posted.disconnect(POST)
    return posted


def test_with_its_line_up_a_post_shows_the_bureaus_answer(posted: Federation) -> None:
    posted.enter()
    assert verdict(posted.check_at_post(ASKS_PASSPORT)) == (Verdict.DOCUMENT, "live")
    assert verdict(posted.check_at_post(UNKNOWN)) == (Verdict.CLEAR, "live")
    assert posted.post().to_tell() == 0


def test_the_bureau_audits_who_asked_at_which_post(posted: Federation) -> None:
    posted.check_at_post(ASKS_PASSPORT)
    (line,) = audit.lines(posted.bureau("XBM").db)
    assert (line.event, line.officer, line.post, line.purpose) == ("check:asked", "anna", POST, "border-control")


@pytest.mark.parametrize(
    "asker", [Asker("anna", ALL_ROLES), Asker("anna", frozenset({"reviewer"}), "border-control")]
)
def test_without_purpose_or_role_a_post_answers_nothing_on_line_or_off(
    posted: Federation, asker: Asker
) -> None:
    posted.enter()
    posted.tick()
    post = posted.post()
    for _ in range(2):
        before, sent, shown = dump(post.db), len(posted.wire.seen), Shown()
        with pytest.raises(Refusal):
            post.do(lambda s=shown: post.check(asker, ASKS_PASSPORT, s.append))  # type: ignore[misc]
        assert (dump(post.db), len(posted.wire.seen), shown) == (before, sent, [])
        assert posted.check_at_post(ASKS_PASSPORT)
        posted.disconnect(POST)


def test_what_the_bureau_refuses_the_officer_reads(posted: Federation) -> None:
    shown = asked_and_waiting(posted)
    (check,) = posted.post().waiting
    posted.wire.queue.clear()
    posted.tell("XBM", POST, frames.Answered(check, b"", Fault("NO-PURPOSE", "Why?", "purpose")))
    (refusal,) = shown
    assert isinstance(refusal, Refusal)
    assert (refusal.code, refusal.path) == ("NO-PURPOSE", "purpose")


# Falling back


def test_a_post_falls_back_to_its_extract_after_eight_hundred_milliseconds_and_not_before(
    posted: Federation,
) -> None:
    posted.enter()
    posted.tick()
    shown = asked_and_waiting(posted)
    post = posted.post()
    posted.clock.now_ms += ANSWER_WAIT_MS - 1
    post.run([post.tick])
    assert shown == []
    posted.clock.now_ms += 1
    post.run([post.tick])
    assert verdict(shown) == (Verdict.DOCUMENT, "extract")
    assert ANSWER_WAIT_MS == 800


def test_the_same_check_answered_late_and_told_later_is_shown_once_and_raises_one_hit(
    posted: Federation,
) -> None:
    posted.enter()
    posted.tick()
    shown = asked_and_waiting(posted)
    post, bureau = posted.post(), posted.bureau("XBM")
    posted.clock.now_ms += ANSWER_WAIT_MS
    post.run([post.tick])
    for _ in range(5):
        posted.tick()
    assert len(shown) == 1
    assert post.to_tell() == 0
    assert len(bureau.hits.list_(ANNA)) == 1
    assert len(posted.bureau("XAV").hits.list_(ANNA)) == 1


def test_a_check_told_before_its_question_arrives_raises_one_hit_too(posted: Federation) -> None:
    posted.enter()
    posted.tick()
    asked_and_waiting(posted)
    (question,) = posted.wire.queue
    posted.wire.queue.clear()
    posted.clock.now_ms += ANSWER_WAIT_MS
    posted.post().run([posted.post().tick])
    posted.pump()
    posted.hand_over(question)
    posted.pump()
    assert len(posted.bureau("XBM").hits.list_(ANNA)) == 1


def test_an_answer_and_the_end_of_waiting_in_one_batch_show_one_answer(posted: Federation) -> None:
    posted.enter()
    posted.tick()
    shown = asked_and_waiting(posted)
    post = posted.post()
    posted.hand_over(posted.wire.queue.popleft())
    (answer,) = [one for one in posted.wire.queue if isinstance(one.frame, frames.Answered)]
    posted.clock.now_ms += ANSWER_WAIT_MS
    post.run([lambda: post.receive("XBM", answer.data), post.tick, post.tick])
    assert verdict(shown) == (Verdict.DOCUMENT, "live")


def test_a_waiting_check_survives_a_disk_that_fails_when_its_time_is_up(make: Make) -> None:
    federation = make(posts=(POST,), disks={POST: FailingDisk})
    federation.enter()
    federation.tick()
    shown = asked_and_waiting(federation)
    federation.wire.queue.clear()
    post = federation.post()
    db = post.db
    assert isinstance(db, FailingConnection)
    federation.clock.now_ms += ANSWER_WAIT_MS
    for number in range(1, 30):
        db.arm(number)
        try:
            post.run([post.tick])
        except sqlite3.OperationalError:
            # What is still to be told is read after the commit, when the officer has the answer.
            if db.broke.startswith("SELECT check_id, sealed"):
                break
            assert shown == []
        else:
            break
    db.arm(0)
    assert number > 4
    assert verdict(shown) == (Verdict.DOCUMENT, "extract")


def test_a_disk_that_stays_broken_raises_its_error_and_a_mended_one_works_again(make: Make) -> None:
    federation = make(posts=(POST,), disks={POST: FailingDisk})
    federation.enter()
    federation.tick()
    db = federation.post().db
    assert isinstance(db, FailingConnection)
    db.arm(3, stays_broken=True)
    with pytest.raises(sqlite3.OperationalError):
        asked_and_waiting(federation)
    db.arm(0)
    federation.post().reload()
    assert offline(federation)[0] is Verdict.DOCUMENT


def test_a_quiet_line_is_no_line(posted: Federation) -> None:
    posted.enter()
    posted.tick()
    posted.clock.now_ms += LINE_QUIET_MS
    assert verdict(asked_and_waiting(posted)) == (Verdict.DOCUMENT, "extract")


# Alone


def test_alone_a_post_answers_from_its_extract_and_says_how_old_it_is(cut_off: Federation) -> None:
    cut_off.clock.now_ms += HOUR
    (answer,) = cut_off.check_at_post(ASKS_PASSPORT)
    assert isinstance(answer, Answer)
    assert (answer.verdict, answer.source) == (Verdict.DOCUMENT, "extract")
    assert HOUR <= answer.age_ms <= HOUR + MINUTE
    assert offline(cut_off, UNKNOWN) == (Verdict.CLEAR, "extract")


def test_what_a_post_did_alone_is_told_when_the_line_is_back(cut_off: Federation) -> None:
    cut_off.check_at_post(ASKS_PASSPORT)
    cut_off.check_at_post(UNKNOWN)
    assert cut_off.post().to_tell() == 2
    assert cut_off.bureau("XBM").hits.list_(ANNA) == []
    cut_off.tick(HOUR)
    cut_off.connect(POST)
    assert cut_off.post().to_tell() == 0
    (view,) = cut_off.bureau("XBM").hits.list_(ANNA)
    assert (view.hit.post, view.hit.late) == (POST, False)
    events = [line.event for line in audit.lines(cut_off.bureau("XBM").db)]
    assert events == ["check:told", "check:told"]


def test_what_was_told_twice_counts_once(cut_off: Federation) -> None:
    cut_off.check_at_post(ASKS_PASSPORT)
    told = cut_off.post().db.execute("SELECT check_id, sealed FROM office_alone").fetchone()
    cut_off.connect(POST)
    before = dump(cut_off.bureau("XBM").db)
    cut_off.tell(POST, "XBM", frames.Record(*told))
    assert dump(cut_off.bureau("XBM").db) == before


def test_a_check_made_alone_before_the_record_came_is_a_late_hit(cut_off: Federation) -> None:
    assert offline(cut_off, Question(number="CD777777", issuer="XAV"))[0] is Verdict.CLEAR
    cut_off.enter(document_number="CD777777", source_ref="AV-2")
    cut_off.connect(POST)
    (view,) = cut_off.bureau("XBM").hits.list_(ANNA)
    assert (view.hit.late, view.hit.asked) == (True, "XAV CD777777")


def test_a_posts_clock_that_is_ahead_does_not_keep_a_check_for_ever(cut_off: Federation) -> None:
    real = cut_off.clock.now_ms
    cut_off.clock.now_ms = real + 300 * HOUR
    cut_off.check_at_post(ASKS_PASSPORT)
    cut_off.clock.now_ms = real
    cut_off.connect(POST)
    at_ms = cut_off.bureau("XBM").db.execute("SELECT at_ms FROM office_checks").fetchone()[0]
    assert at_ms == real


def test_the_questions_on_a_posts_disk_can_be_read_by_its_bureau_alone(cut_off: Federation) -> None:
    cut_off.check_at_post(Question(number="SECRET123", issuer="XAV"))
    post = cut_off.post()
    post.db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    for path in post.disk.folder.rglob("*"):
        assert not path.is_file() or b"SECRET123" not in path.read_bytes()
    cut_off.connect(POST)
    asked = cut_off.bureau("XBM").db.execute("SELECT asked FROM office_checks").fetchone()[0]
    assert "SECRET123" in asked


# Too old, altered, missing


def test_an_extract_of_more_than_forty_eight_hours_answers_unable_and_never_clear(cut_off: Federation) -> None:
    stamp = cut_off.post().extract.stamp
    assert stamp is not None
    cut_off.clock.now_ms = stamp.as_of_ms + EXTRACT_LIFE_MS - 1
    assert offline(cut_off, UNKNOWN) == (Verdict.CLEAR, "extract")
    cut_off.clock.now_ms += 1
    for question in (UNKNOWN, ASKS_PASSPORT):
        assert offline(cut_off, question) == (Verdict.UNABLE, "extract")


def test_a_clock_that_is_behind_the_extract_answers_unable(cut_off: Federation) -> None:
    cut_off.clock.now_ms -= 11 * MINUTE
    assert offline(cut_off, UNKNOWN)[0] is Verdict.UNABLE


def test_a_post_that_was_never_connected_answers_unable(posted: Federation) -> None:
    posted.bureau("XBM")
    fresh = "XBM/post-2"
    bureau = posted.bureau("XBM")
    from tests.node.federation import post_certificate

    bureau.do(lambda: bureau.posts.admit(post_certificate(fresh), posted.clock.now()))
    posted.start(fresh)
    assert verdict(posted.check_at_post(UNKNOWN, fresh)) == (Verdict.UNABLE, "extract")


def test_a_check_that_was_unable_is_looked_up_when_it_is_told(cut_off: Federation) -> None:
    cut_off.clock.now_ms += 49 * HOUR
    assert offline(cut_off)[0] is Verdict.UNABLE
    cut_off.connect(POST)
    (view,) = cut_off.bureau("XBM").hits.list_(ANNA)
    assert view.hit.late


def test_a_post_goes_on_from_its_disk_after_a_power_cut(cut_off: Federation) -> None:
    cut_off.nodes[POST].close()
    cut_off.start(POST)
    assert offline(cut_off) == (Verdict.DOCUMENT, "extract")


ALTERATIONS: list[tuple[str, tuple[Any, ...]]] = [
    ("UPDATE post_extract SET version = version + 1 WHERE number = 1", ()),
    ("UPDATE post_extract SET posting = NULL WHERE number = 1", ()),
    ("UPDATE post_extract SET record_id = record_id || posting, posting = NULL WHERE number = 1", ()),
    (
        "UPDATE post_extract SET posting = NULL, record_id = CAST(record_id || posting AS BLOB)"
        " WHERE number = 1",
        (),
    ),
    ("UPDATE post_extract SET tokens = zeroblob(length(tokens)) WHERE number = 2", ()),
    ("UPDATE post_extract SET version = 'many' WHERE number = 2", ()),
    ("UPDATE post_extract SET record_id = 'text' WHERE number = 2", ()),
    ("UPDATE post_extract SET record_id = x'00', posting = NULL WHERE number = 2", ()),
    ("UPDATE post_extract SET number = number + 10", ()),
    ("DELETE FROM post_extract WHERE number = 1", ()),
    ("DELETE FROM post_extract WHERE number = 2", ()),
    ("DELETE FROM post_extract", ()),
    ("UPDATE post_carried SET key = ?", (b"j" * 32,)),
    ("UPDATE post_carried SET key = NULL", ()),
    ("UPDATE post_carried SET stamp = x'00'", ()),
    ("UPDATE post_carried SET stamp = NULL", ()),
]


@pytest.mark.parametrize(("sql", "values"), ALTERATIONS, ids=[sql for sql, _ in ALTERATIONS])
def test_an_extract_altered_on_the_disk_is_refused_at_start_and_fetched_again(
    posted: Federation, sql: str, values: tuple[Any, ...]
) -> None:
    posted.enter()
    posted.enter(source_ref="AV-2", document_number="CD777777")
    posted.tick()
    posted.disconnect(POST)
    posted.post().db.execute(sql, values)
    posted.nodes[POST].close()
    posted.start(POST)
    for question in (ASKS_PASSPORT, UNKNOWN):
        assert offline(posted, question) == (Verdict.UNABLE, "extract")
    posted.connect(POST)
    posted.tick()
    posted.disconnect(POST)
    assert offline(posted) == (Verdict.DOCUMENT, "extract")
    assert offline(posted, Question(number="CD777777", issuer="XAV"))[0] is Verdict.DOCUMENT


def test_rows_beyond_the_last_stamp_are_dropped_at_start(cut_off: Federation) -> None:
    post = cut_off.post()
    row = post.db.execute("SELECT * FROM post_extract WHERE number = 1").fetchone()
    post.db.execute("INSERT INTO post_extract VALUES (?,?,?,?,?)", (2, b"x" * 16, *row[2:]))
    cut_off.nodes[POST].close()
    cut_off.start(POST)
    assert cut_off.post().db.execute("SELECT count(*) FROM post_extract").fetchone() == (1,)
    assert offline(cut_off) == (Verdict.DOCUMENT, "extract")


# What only the bureau may say


def bureaus_stamp(federation: Federation, **changes: Any) -> bytes:
    post = federation.post()
    held = post.extract
    extent = extract.Extent(POST, held.number, held.chain, extract.key_hash(held.key))
    signer = changes.pop("signer", "XBM")
    word = extract.stamp(extent._replace(**changes), federation.clock.now() + 1, keys(signer)[0])
    return frames.pack(word)


@pytest.mark.parametrize(
    ("changes", "code"),
    [({"signer": "XAV"}, "BAD-SIGNATURE"), ({"post": "XBM/post-2"}, "EXTRACT-OTHER-POST")],
)
def test_a_wrong_stamp_is_refused_and_the_last_good_one_stands(
    cut_off: Federation, changes: dict[str, Any], code: str
) -> None:
    post = cut_off.post()
    held = post.extract.stamp
    outcome = cut_off.tell("XBM", POST, frames.ExtractStamp(bureaus_stamp(cut_off, **changes)))
    assert isinstance(outcome, Refusal)
    assert outcome.code == code
    assert post.extract.stamp == held
    assert cut_off.tell("XBM", POST, frames.ExtractStamp(bureaus_stamp(cut_off))) is None
    assert post.extract.stamp != held


@pytest.mark.parametrize("changes", [{"chain": b"x" * 32}, {"number": 99}, {"key_hash": b"y" * 32}])
def test_a_stamp_of_another_extract_is_not_kept_and_makes_the_post_ask_again(
    cut_off: Federation, changes: dict[str, Any]
) -> None:
    held = cut_off.post().extract.stamp
    cut_off.clock.now_ms += MINUTE
    cut_off.tell("XBM", POST, frames.ExtractStamp(bureaus_stamp(cut_off, **changes)))
    assert cut_off.post().extract.stamp == held
    assert isinstance(cut_off.wire.queue[-1].frame, frames.ExtractFrom)


def test_an_older_stamp_does_not_take_the_place_of_a_newer_one(posted: Federation) -> None:
    posted.enter()
    posted.tick()
    stamps = [one.data for one in posted.wire.seen if isinstance(one.frame, frames.ExtractStamp)]
    posted.tick(2 * MINUTE)
    held = posted.post().extract.stamp
    posted.post().do(lambda: posted.post().receive("XBM", stamps[-1]))
    assert posted.post().extract.stamp == held


@pytest.mark.parametrize("peer", ["XAV", "XSC", "XSC/relay", "XBM/post-2", ""])
def test_a_post_listens_to_its_bureau_alone(still: Federation, peer: str) -> None:
    before = dump(still.post().db)
    outcome = still.tell(peer, POST, frames.ExtractKey(b"z" * 32))
    assert isinstance(outcome, Refusal)
    assert outcome.code == "PEER-UNKNOWN"
    assert dump(still.post().db) == before


@pytest.mark.parametrize(
    "frame",
    [
        frames.Follow(1),
        frames.Entries(1, [b"x"], "c", 1),
        frames.Append([b"x"]),
        frames.Mail([1], [b"x"]),
        frames.Ask("c", b"q", b"a", 1),
        frames.Record("c", b"s"),
        frames.ExtractFrom(0, bytes(32)),
        frames.Took([1]),
    ],
    ids=lambda frame: type(frame).__name__,
)
def test_a_post_refuses_and_counts_frames_that_are_not_for_it(
    still: Federation, frame: frames.Frame
) -> None:
    before, refused = dump(still.post().db), still.post().refusals["FRAME-UNEXPECTED"]
    outcome = still.tell("XBM", POST, frame)
    assert isinstance(outcome, Refusal)
    assert still.post().refusals["FRAME-UNEXPECTED"] == refused + 1
    assert dump(still.post().db) == before


CHANGE = (1, b"r" * 16, 1, None, b"")


@pytest.mark.parametrize(
    "changes",
    [[CHANGE, CHANGE], [CHANGE, (3, *CHANGE[1:])], [(1, b"r" * 16, 1, b"p" * 32, b"cut off")]],
    ids=["twice", "gap", "cut"],
)
def test_a_part_with_changes_out_of_order_or_cut_off_is_refused(
    posted: Federation, changes: list[Any]
) -> None:
    before = dump(posted.post().db)
    outcome = posted.tell("XBM", POST, frames.ExtractPart(changes, 3))
    assert isinstance(outcome, Refusal)
    assert dump(posted.post().db) == before
    assert posted.tell("XBM", POST, frames.ExtractPart([CHANGE], 1)) is None


def test_a_remembered_false_hit_reaches_the_post_and_works_without_a_line(posted: Federation) -> None:
    zone = Fields(
        format="TD3",
        issuer="XAV",
        number="AB123456",
        family_name="Sorin",
        given_names="Maro",
        nationality="XAV",
        birth_date="1979-03-14",
        sex="M",
        expiry_date="2030-01-01",
    )
    scanned = Question(mrz="\n".join(build(zone)))
    other = Question(mrz="\n".join(build(msgspec.structs.replace(zone, given_names="Ilan"))))
    posted.enter()
    posted.check_at_post(scanned)
    owner = posted.bureau("XAV")
    hit = owner.hits.list_(ANNA)[0].hit.hit
    owner.do(lambda: owner.hits.answer(ANNA, hit, "refuted", "Another bearer."))
    posted.pump()
    posted.tick()
    posted.disconnect(POST)
    assert offline(posted, scanned)[0] is Verdict.CLEAR
    assert offline(posted, other)[0] is Verdict.DOCUMENT
    assert offline(posted, ASKS_PASSPORT)[0] is Verdict.DOCUMENT


def test_a_withdrawn_record_leaves_the_extract(posted: Federation) -> None:
    posted.enter()
    posted.tick()
    owner = posted.bureau("XAV")
    owner.do(lambda: owner.records.withdraw(ANNA, "travel-documents", "AV-1", "Found again."))
    posted.pump()
    posted.tick()
    posted.disconnect(POST)
    assert offline(posted)[0] is Verdict.CLEAR
