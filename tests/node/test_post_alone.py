"""A post without its line: it goes on checking from its extract, and tells what it did when the line is back."""

import msgspec
from tests.node.at_the_post import UNKNOWN, offline
from tests.node.federation import Federation, dump
from tests.node.samples import ANNA, ASKS_PASSPORT, POST

from allpoints.border.question import Question
from allpoints.border.verdict import Answer, Verdict
from allpoints.ground.clock import HOUR, MINUTE
from allpoints.ledger import audit
from allpoints.node import frames
from allpoints.vocabulary.mrz import Fields, build


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
    assert events.count("check:told") == 2


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
