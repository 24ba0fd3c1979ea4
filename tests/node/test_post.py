"""The post: asks, falls back to its extract in time, tells later, and never says clear when it cannot know."""

import sqlite3

import pytest
from tests.node.at_the_post import UNKNOWN, Shown, offline, verdict
from tests.node.conftest import Make
from tests.node.federation import Federation, dump
from tests.node.samples import ALL_ROLES, ANNA, ASKS_PASSPORT, POST
from tests.node.surroundings import FailingConnection, FailingDisk

from allpoints.border.question import Question
from allpoints.border.verdict import Verdict
from allpoints.ground.refusal import Fault, Refusal
from allpoints.identity.officers import Asker
from allpoints.ledger import audit
from allpoints.node import frames
from allpoints.node.post import ANSWER_WAIT_MS, LINE_QUIET_MS


def asked_and_waiting(federation: Federation, question: Question = ASKS_PASSPORT) -> Shown:
    """A check whose question and answer lie on the wire."""
    post = federation.post()
    shown: Shown = []
    post.do(lambda: post.check(ANNA, question, shown.append))
    return shown


def test_with_its_line_up_a_post_shows_the_bureaus_answer(posted: Federation) -> None:
    posted.enter()
    assert verdict(posted.check_at_post(ASKS_PASSPORT)) == (Verdict.DOCUMENT, "live")
    assert verdict(posted.check_at_post(UNKNOWN)) == (Verdict.CLEAR, "live")
    assert posted.post().to_tell() == 0


def test_the_bureau_audits_who_asked_at_which_post(posted: Federation) -> None:
    posted.check_at_post(ASKS_PASSPORT)
    (line,) = audit.lines(posted.bureau("XBM").db)
    assert (line.event, line.officer, line.post, line.purpose) == (
        "check:asked",
        "anna",
        POST,
        "border-control",
    )


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


# What only the bureau may say


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
def test_a_post_refuses_and_counts_frames_that_are_not_for_it(still: Federation, frame: frames.Frame) -> None:
    before, refused = dump(still.post().db), still.post().refusals["FRAME-UNEXPECTED"]
    outcome = still.tell("XBM", POST, frame)
    assert isinstance(outcome, Refusal)
    assert still.post().refusals["FRAME-UNEXPECTED"] == refused + 1
    assert dump(still.post().db) == before
