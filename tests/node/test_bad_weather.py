"""What the simulator found, each in the fewest steps: lost and overtaken frames, wrong clocks, late newcomers."""

import sqlite3
from collections.abc import Callable
from functools import partial

import msgspec
import pytest
from tests.node.federation import Federation
from tests.node.samples import ANNA, ASKS_PASSPORT, CENTRE, POST, PURPOSE, RED, approved, certificate
from tests.node.surroundings import Sent

from allpoints.border import store as border_store
from allpoints.ground.clock import HOUR, MINUTE
from allpoints.identity.officers import Asker
from allpoints.messages.letter import Draft
from allpoints.node import frames, membership
from allpoints.node.notice_desk import TAKEN_BACK
from allpoints.notices import store as notice_store
from allpoints.notices import submitting
from allpoints.notices.state import NoticeState
from allpoints.review import store as review_store
from allpoints.review.case import CaseState, Opinion

REVIEWERS = tuple(Asker(name, frozenset({"reviewer"}), PURPOSE) for name in ("rita", "rolf"))


def held_back(federation: Federation, kind: type[frames.Frame], to: str) -> list[Sent]:
    """Let everything pass but the frames of one kind to one node, which come back in a list."""
    kept = []
    while federation.wire.queue:
        one = federation.wire.queue.popleft()
        if one.to == to and isinstance(one.frame, kind):
            kept.append(one)
        elif one.sender not in federation.cut and one.to not in federation.cut:
            federation.hand_over(one)
    return kept


def refuse_commits(db: sqlite3.Connection) -> Callable[[], None]:
    def judge(action: int, first: str | None, *_: object) -> int:
        denied = action == sqlite3.SQLITE_TRANSACTION and first == "COMMIT"
        return sqlite3.SQLITE_DENY if denied else sqlite3.SQLITE_OK

    db.set_authorizer(judge)
    return lambda: db.set_authorizer(None)


def write(federation: Federation, sender: str, to: str) -> None:
    bureau = federation.bureau(sender)
    bureau.do(lambda: bureau.letters.send(ANNA, Draft((to,), "Hello", "Text.")))


def inbox(federation: Federation, name: str) -> list[str]:
    bureau = federation.bureau(name)
    return [view.sender for view in bureau.do(lambda: bureau.letters.list_(ANNA, "inbox"))]


def publish(federation: Federation) -> str:
    owner, review = federation.bureau("XAV"), federation.centre.review
    assert review is not None
    case = owner.do(lambda: owner.notices.submit(ANNA, "red", RED, owner_ref="A-77"))
    federation.pump()
    view, _ = federation.centre.do(lambda: review.case(REVIEWERS[0], case))
    codes = tuple(found.code for _, found in view.checklist if str(found.result) != "passed")
    opinion = Opinion("approve", codes, "Weighed.")
    for reviewer in REVIEWERS:
        federation.centre.do(partial(review.decide, reviewer, case, opinion))
        federation.pump()
    return str(case)


def test_a_line_that_comes_up_sends_nothing_of_a_batch_that_fails(two: Federation) -> None:
    bureau = two.bureau("XAV")
    two.enter(source_ref="BEFORE", document_number="AB1")
    size = two.relay.size
    mend = refuse_commits(bureau.db)
    with pytest.raises(sqlite3.DatabaseError):
        bureau.run(
            [
                lambda: bureau.letters.send(ANNA, Draft(("XBM",), "Hello", "Text.")),
                lambda: bureau.connected("XSC/relay"),
            ]
        )
    mend()
    assert not two.wire.queue
    two.connect("XAV")
    two.enter()
    assert two.relay.size == size + 1
    assert two.check("XBM", ASKS_PASSPORT).verdict == "document"


def test_mail_of_a_member_whose_admission_is_on_its_way_waits_at_the_relay(two: Federation) -> None:
    two.disconnect("XBM")
    two.admit("XDV")
    two.start("XDV")
    two.connect("XDV")
    write(two, "XDV", "XBM")
    two.pump()
    number, envelope = two.relay.db.execute("SELECT number, envelope FROM relay_mail").fetchone()
    two.tell("XSC/relay", "XBM", frames.Mail([number], [envelope]))
    assert two.bureau("XBM").refusals["MAIL-UNKNOWN-SENDER"] == 1
    two.cut.discard("XBM")
    two.pump()
    assert inbox(two, "XBM") == []
    assert two.relay.db.execute("SELECT count(*) FROM relay_mail_for").fetchone() == (1,)
    two.connect("XBM")
    two.tick(6_000)
    assert inbox(two, "XBM") == ["XDV"]


def test_mail_from_a_clock_far_ahead_is_opened_when_this_one_has_come_so_far(two: Federation) -> None:
    ahead = two.bureau("XAV")
    now_ms = two.clock.now_ms
    two.clock.now_ms += 14 * MINUTE
    ahead.do(lambda: ahead.letters.send(ANNA, Draft(("XBM",), "Hello", "Text.")))
    two.clock.now_ms = now_ms
    two.pump()
    assert inbox(two, "XBM") == []
    two.tick(5 * MINUTE)
    assert inbox(two, "XBM") == ["XAV"]


def test_a_newcomer_is_not_shown_a_notice_that_ended_before_it_came(two: Federation) -> None:
    publish(two)
    owner = two.bureau("XAV")
    (notice,) = owner.db.execute("SELECT notice_id FROM state_notices").fetchone()
    owner.do(lambda: owner.notices.withdraw(ANNA, notice, "LOCATED", "Found."))
    two.pump()
    # The owner gives the newcomer its keys before the secretariat does: the end comes before the notice.
    body = approved(certificate("XDV", "bureau"))
    two.centre.do(lambda: two.centre.outbox.write_clear(membership.ADMITTED, body))
    late = held_back(two, frames.Entries, CENTRE)
    owner.do(owner.tick)
    two.pump()
    for one in late:
        two.hand_over(one)
    for _ in range(15):
        two.tick()
    newcomer = two.start("XDV")
    two.connect("XDV")
    authors = newcomer.db.execute(
        "SELECT author FROM ledger_entries WHERE kind=? ORDER BY seq", (membership.WIDENED,)
    )
    assert [author for (author,) in authors] == ["XAV", CENTRE]
    (row,) = notice_store.notices(newcomer.db, "", ())
    assert row.state is NoticeState.WITHDRAWN
    assert newcomer.db.execute("SELECT count(*) FROM state_early_ends").fetchone() == (0,)


@pytest.mark.parametrize(("excluded", "sides"), [((), ["centre"]), ((CENTRE,), [])])
def test_the_centre_hears_of_hits_on_what_it_may_read_and_of_no_others(
    two: Federation, excluded: tuple[str, ...], sides: list[str]
) -> None:
    two.enter(excluded=excluded)
    assert two.check("XBM", ASKS_PASSPORT).verdict == "document"
    assert [view.side for view in border_store.list_hits(two.centre.db)] == sides
    owner = two.bureau("XAV")
    (view,) = border_store.list_hits(owner.db)
    owner.do(lambda: owner.hits.answer(ANNA, view.hit.hit, "refuted", "Other number."))
    two.pump()
    assert [str(one.state) for one in border_store.list_hits(two.bureau("XBM").db)] == ["refuted"]
    assert two.centre.db.execute("SELECT count(*) FROM office_early_answers").fetchone() == (0,)


def test_a_post_that_lost_the_extracts_key_asks_for_it_again(posted: Federation) -> None:
    posted.enter()
    posted.restart(POST)
    post = posted.post()
    post.extract.key = b""
    for _ in range(15):
        posted.tick()
    assert post.extract.key == posted.bureau("XBM").me.index_key
    assert not post.extract.why_not(posted.clock.now_ms)


@pytest.mark.parametrize("lost", [1, 3])
def test_an_outcome_is_said_again_until_the_post_has_heard_it(posted: Federation, lost: int) -> None:
    posted.enter()
    posted.tick()
    assert len(posted.check_at_post(ASKS_PASSPORT)) == 1
    owner = posted.bureau("XAV")
    (view,) = border_store.list_hits(owner.db)
    owner.do(lambda: owner.hits.answer(ANNA, view.hit.hit, "refuted", "Other number."))
    dropped = 0
    while posted.wire.queue:
        one = posted.wire.queue.popleft()
        if isinstance(one.frame, frames.Word) and dropped < lost:
            dropped += 1
        else:
            posted.hand_over(one)
    assert dropped
    for _ in range(5):
        posted.tick()
    assert posted.post().outcomes.of(view.hit.check) == ("refuted", "Other number.")
    assert posted.bureau("XBM").db.execute("SELECT count(*) FROM office_post_words").fetchone() == (0,)


def test_a_post_whose_question_for_the_extract_was_lost_asks_again(posted: Federation) -> None:
    posted.restart(POST)
    posted.bureau("XBM").posts.connected.clear()
    for _ in range(12):
        posted.tick()
    assert POST in posted.bureau("XBM").posts.connected
    assert posted.post().hears()


def test_a_question_that_comes_twice_is_audited_once(posted: Federation) -> None:
    posted.post().do(lambda: posted.post().check(ANNA, ASKS_PASSPORT, lambda _told: None))
    (ask,) = [one for one in posted.wire.queue if isinstance(one.frame, frames.Ask)]
    posted.pump()
    posted.hand_over(ask)
    posted.pump()
    asked = posted.bureau("XBM").db.execute("SELECT count(*) FROM office_audit WHERE event='check:asked'")
    assert asked.fetchone() == (1,)


def test_a_step_of_a_review_that_is_overtaken_moves_nothing_back(two: Federation) -> None:
    owner, review = two.bureau("XAV"), two.centre.review
    assert review is not None
    case = owner.do(lambda: owner.notices.submit(ANNA, "red", RED, owner_ref="A-77"))
    two.pump()
    held = notice_store.submission(owner.db, case)
    assert held is not None
    assert held.state is NoticeState.SCREENING
    (screening,) = notice_store.messages(owner.db, case)
    query = msgspec.structs.replace(
        screening, state="query_to_source", codes=("ID-INSUFF",), at_ms=screening.at_ms - HOUR
    )
    for told in (query, msgspec.structs.replace(screening, at_ms=screening.at_ms + 1)):
        held = submitting.hear(owner.db, told)
        assert held.state is NoticeState.QUERY_TO_SOURCE


def test_a_submission_that_was_taken_back_before_it_arrived_is_closed_at_once(two: Federation) -> None:
    owner = two.bureau("XAV")
    case = owner.do(lambda: owner.notices.submit(ANNA, "red", RED, owner_ref="A-77"))
    late = held_back(two, frames.Deposit, "XSC/relay")
    owner.do(lambda: owner.mail.send(TAKEN_BACK, [CENTRE], str(case).encode()))
    two.pump()
    for one in late:
        two.hand_over(one)
    two.pump()
    held = review_store.find_case(two.centre.db, case)
    assert held is not None
    assert held.state is CaseState.WITHDRAWN


def test_a_member_whose_clock_was_set_back_before_its_certificate_goes_on_writing(two: Federation) -> None:
    two.clock.now_ms -= 2 * HOUR
    two.enter()
    assert two.bureau("XAV").outbox.waiting() == 0
    assert two.check("XBM", ASKS_PASSPORT).verdict == "document"


def test_an_owner_whose_clock_is_behind_a_newcomers_certificate_seals_for_it(two: Federation) -> None:
    two.clock.now_ms -= 2 * HOUR
    assert "XBM" in two.bureau("XAV").audience.readers()


def test_a_bureau_that_lacks_entries_does_not_say_that_it_is_up_to_date(two: Federation) -> None:
    bureau = two.bureau("XBM")
    two.tick(6_000)
    whole_ms = bureau.as_of()
    bureau.do(lambda: bureau.following.beat(two.relay.size + 1))
    two.clock.now_ms += 1_000
    assert bureau.as_of() <= whole_ms
    bureau.do(lambda: bureau.following.beat(two.relay.size))
    assert bureau.as_of() == two.clock.now_ms
