"""What a post carries: proven whole at start, dated by stamps of its own bureau, and never answering when it cannot."""

from typing import Any

import pytest
from tests.node.at_the_post import UNKNOWN, offline, verdict
from tests.node.federation import Federation, dump
from tests.node.samples import ANNA, ASKS_PASSPORT, POST, keys, post_certificate

from allpoints.border import extract
from allpoints.border.extract import EXTRACT_LIFE_MS
from allpoints.border.question import Question
from allpoints.border.verdict import Verdict
from allpoints.ground.clock import HOUR, MINUTE
from allpoints.ground.refusal import Refusal
from allpoints.node import frames


def test_an_extract_of_more_than_forty_eight_hours_answers_unable_and_never_clear(
    cut_off: Federation,
) -> None:
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
    fresh = "XBM/post-2"
    bureau = posted.bureau("XBM")
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
        "UPDATE post_extract SET posting = NULL, record_id = CAST(record_id || posting AS BLOB) WHERE number = 1",
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
