"""A bureau and its posts: whom it answers, what it sends them, and what it refuses."""

from typing import Any

import msgspec
import pytest
from tests.node.federation import Federation, dump
from tests.node.samples import ALL_ROLES, ANNA, ASKS_PASSPORT, NOW_MS, POST, certificate, standing

from allpoints.ground.clock import DAY, MINUTE
from allpoints.ground.refusal import Refusal
from allpoints.identity.officers import Asker
from allpoints.ledger import audit
from allpoints.node import frames
from allpoints.node.posts import CHECK_LABEL, AskedAlone


def ask(asker: Asker = ANNA, **changes: Any) -> frames.Ask:
    fields: dict[str, Any] = {
        "check": "c" * 24,
        "question": frames.pack(ASKS_PASSPORT),
        "asker": frames.pack(standing(asker)),
        "asked_ms": NOW_MS,
    }
    return frames.Ask(**(fields | changes))


def alone(federation: Federation, check: str = "d" * 24, inside: str = "", **changes: Any) -> frames.Record:
    fields: dict[str, Any] = {
        "check": inside or check,
        "question": ASKS_PASSPORT,
        "asker": standing(at_ms=federation.clock.now()),
        "asked_ms": federation.clock.now(),
        "verdict": "clear",
    }
    told = frames.pack(AskedAlone(**(fields | changes)))
    reception = certificate("XBM", "bureau").reception_key
    return frames.Record(check, reception.seal(told, CHECK_LABEL + check.encode()))


def answers(federation: Federation) -> list[frames.Answered]:
    return [one.frame for one in federation.wire.queue if isinstance(one.frame, frames.Answered)]


@pytest.mark.parametrize("peer", ["XBM/post-9", "XAV", "XAV/post-1", "XSC", ""])
@pytest.mark.parametrize(
    "frame",
    [ask(), frames.Beat(1), frames.ExtractFrom(0, bytes(32)), frames.Followed(1), frames.Record("c", b"s")],
    ids=lambda frame: type(frame).__name__,
)
def test_a_bureau_answers_and_tells_nothing_to_a_node_that_is_no_post_of_it(
    still: Federation, peer: str, frame: frames.Frame
) -> None:
    bureau = still.bureau("XBM")
    refused = bureau.refusals["POST-UNKNOWN"]
    before = dump(bureau.db)
    outcome = still.tell(peer, "XBM", frame)
    assert isinstance(outcome, Refusal)
    assert outcome.code == "POST-UNKNOWN"
    assert bureau.refusals["POST-UNKNOWN"] == refused + 1
    assert (dump(bureau.db), len(still.wire.queue)) == (before, 0)


@pytest.mark.parametrize(
    "frame",
    [
        frames.Follow(1),
        frames.Entries(1, [b"x"], "c", 1),
        frames.Append([b"x"]),
        frames.Appended([b"i" * 16], [1]),
        frames.Deposit(b"e"),
        frames.Deposited(b"h", b"r"),
        frames.Mail([1], [b"e"]),
        frames.Took([1]),
        frames.ExtractKey(b"k" * 32),
        frames.Outcome("h", "c", "confirmed", "r", 1),
    ],
    ids=lambda frame: type(frame).__name__,
)
def test_a_bureau_refuses_from_its_post_what_only_a_relay_or_a_bureau_may_send(
    still: Federation, frame: frames.Frame
) -> None:
    bureau = still.bureau("XBM")
    before, refused = dump(bureau.db), bureau.refusals["FRAME-UNEXPECTED"]
    outcome = still.tell(POST, "XBM", frame)
    assert isinstance(outcome, Refusal)
    assert bureau.refusals["FRAME-UNEXPECTED"] == refused + 1
    assert dump(bureau.db) == before


@pytest.mark.parametrize(
    "frame",
    [ask(), frames.Record("c", b"s"), frames.ExtractFrom(0, b""), frames.Followed(1), frames.Follow(1)],
    ids=lambda frame: type(frame).__name__,
)
def test_a_bureau_refuses_from_the_relay_what_only_a_post_may_send(
    still: Federation, frame: frames.Frame
) -> None:
    bureau = still.bureau("XBM")
    before, refused = dump(bureau.db), bureau.refusals["FRAME-UNEXPECTED"]
    outcome = still.tell("XSC/relay", "XBM", frame)
    assert isinstance(outcome, Refusal)
    assert bureau.refusals["FRAME-UNEXPECTED"] == refused + 1
    assert dump(bureau.db) == before


def test_a_question_without_purpose_is_answered_with_why_and_leaves_no_trace(posted: Federation) -> None:
    posted.enter()
    bureau = posted.bureau("XBM")
    posted.tell(POST, "XBM", ask(Asker("anna", ALL_ROLES)))
    (answer,) = answers(posted)
    assert answer.fault is not None
    assert (answer.fault.code, answer.answer) == ("NO-PURPOSE", b"")
    assert bureau.refusals["NO-PURPOSE"] == 1
    assert audit.verify(bureau.db) == 0
    posted.wire.queue.clear()
    posted.tell(POST, "XBM", ask())
    assert answers(posted)[0].fault is None
    assert audit.verify(bureau.db) == 1


def test_an_officer_cannot_say_to_be_at_another_post(posted: Federation) -> None:
    posted.tell(POST, "XBM", ask(Asker("anna", ALL_ROLES, "border-control", "C-1", "XBM/post-9")))
    assert audit.lines(posted.bureau("XBM").db)[0].post == POST


@pytest.mark.parametrize("field", ["question", "asker"])
def test_a_question_or_an_asker_that_cannot_be_read_is_answered_with_a_fault(
    posted: Federation, field: str
) -> None:
    posted.tell(POST, "XBM", msgspec.structs.replace(ask(), **{field: b"\xff\xff"}))
    (answer,) = answers(posted)
    assert answer.fault is not None
    assert answer.fault.code == "BODY-UNREADABLE"


def test_a_check_sealed_to_nobody_or_under_another_identifier_is_refused_and_a_good_one_taken(
    posted: Federation,
) -> None:
    bureau = posted.bureau("XBM")
    good = alone(posted)
    wrong = [
        frames.Record(good.check, good.sealed[:-1] + bytes([good.sealed[-1] ^ 1])),
        frames.Record("e" * 24, good.sealed),
        alone(posted, inside="f" * 24),
        alone(posted, asked_ms=2**60),
        alone(posted, asked_ms=-1),
    ]
    before = dump(bureau.db)
    for frame in wrong:
        assert isinstance(posted.tell(POST, "XBM", frame), Refusal)
    assert (dump(bureau.db), len(posted.wire.queue)) == (before, 0)
    assert posted.tell(POST, "XBM", good) is None
    assert [one.frame for one in posted.wire.queue] == [frames.Recorded([good.check])]


def test_an_extract_is_stamped_at_least_every_minute_and_at_most_every_second(posted: Federation) -> None:
    def stamps() -> int:
        return sum(isinstance(one.frame, frames.ExtractStamp) for one in posted.wire.seen)

    posted.tick()
    before = stamps()
    for number in range(4):
        posted.enter(source_ref=f"R{number}", document_number=f"AB{number}")
    assert stamps() == before + 1
    posted.tick()
    assert stamps() == before + 2
    for _ in range(55):
        posted.tick()
    assert stamps() == before + 2
    for _ in range(10):
        posted.tick()
    assert stamps() == before + 3


def test_an_extract_is_as_fresh_as_the_bureaus_own_view_and_no_fresher(posted: Federation) -> None:
    posted.tick()
    heard = posted.clock.now_ms
    posted.disconnect("XBM")
    posted.tick(10 * MINUTE)
    stamp = posted.post().extract.stamp
    assert stamp is not None
    assert stamp.as_of_ms <= heard


def test_a_post_that_holds_something_else_is_sent_everything_again(posted: Federation) -> None:
    posted.enter()
    posted.tick()
    posted.wire.seen.clear()
    posted.tell(POST, "XBM", frames.ExtractFrom(1, b"x" * 32))
    parts = [one.frame for one in posted.wire.queue if isinstance(one.frame, frames.ExtractPart)]
    assert [part.restart for part in parts] == [True, False]
    posted.pump()
    assert posted.post().extract.number == posted.bureau("XBM").index.number


def test_an_outcome_waits_for_a_post_that_is_away(posted: Federation) -> None:
    posted.enter()
    (answer,) = posted.check_at_post(ASKS_PASSPORT)
    posted.disconnect(POST)
    owner = posted.bureau("XAV")
    hit = owner.hits.list_(ANNA)[0].hit
    owner.do(lambda: owner.hits.answer(ANNA, hit.hit, "confirmed", "Compared."))
    posted.pump()
    assert posted.post().outcomes.of(hit.check) == ("notified", "")
    posted.connect(POST)
    assert posted.post().outcomes.of(hit.check) == ("confirmed", "Compared.")
    assert not isinstance(answer, Refusal)


def test_an_administrator_sees_each_post_and_whether_it_is_there(posted: Federation) -> None:
    bureau = posted.bureau("XBM")
    (view,) = bureau.posts.list_()
    assert (view.name, view.connected, view.heard_ms) == (POST, True, posted.clock.now())
    assert view.not_after_ms <= posted.clock.now() + 31 * DAY
    posted.disconnect(POST)
    assert not bureau.posts.list_()[0].connected
