"""Notices through the nodes: submitted sealed, examined by two people, published to whom they may concern, ended."""

from collections.abc import Callable
from typing import Any

import pytest
from tests.node.federation import Federation, dump
from tests.node.samples import ALL_ROLES, ANNA, CENTRE, PURPOSE, RED

from allpoints.border.question import Question
from allpoints.ground.refusal import Refusal
from allpoints.identity.officers import Asker
from allpoints.ledger import audit
from allpoints.node import frames
from allpoints.node.notice_desk import SUBMITTED, TAKEN_BACK, TOLD
from allpoints.node.review_desk import ReviewDesk
from allpoints.notices.notice import Told, encode
from allpoints.notices.viewing import Filter
from allpoints.review import store as review_store
from allpoints.review.case import Opinion

ASKS = Question(number="P1234567", issuer="XAV")
RITA, ROLF = (Asker(name, frozenset({"reviewer"}), PURPOSE) for name in ("rita", "rolf"))


def refused(act: Callable[[], object]) -> str:
    with pytest.raises(Refusal) as caught:
        act()
    return caught.value.code


def desk(federation: Federation) -> ReviewDesk:
    review = federation.centre.review
    assert review is not None
    return review


def submit(federation: Federation, **fields: Any) -> str:
    owner = federation.bureau("XAV")
    case = owner.do(lambda: owner.notices.submit(ANNA, "red", RED | fields, owner_ref="A-77"))
    federation.pump()
    return str(case)


def decide(federation: Federation, case: str, asker: Asker) -> Any:
    view, _ = federation.centre.do(lambda: desk(federation).case(RITA, case))
    codes = tuple(finding.code for _, finding in view.checklist if str(finding.result) != "passed")
    opinion = Opinion("approve", codes, "weighed")
    decided = federation.centre.do(lambda: desk(federation).decide(asker, case, opinion))
    federation.pump()
    return decided


def published(federation: Federation) -> str:
    case = submit(federation)
    decide(federation, case, RITA)
    decide(federation, case, ROLF)
    return str(federation.bureau("XBM").db.execute("SELECT notice_id FROM state_notices").fetchone()[0])


def test_a_notice_that_two_reviewers_approved_is_published_and_found_at_the_border(two: Federation) -> None:
    case = submit(two)
    assert two.check("XBM", ASKS).verdict == "clear"
    decide(two, case, RITA)
    assert two.bureau("XBM").db.execute("SELECT count(*) FROM state_notices").fetchone() == (0,)
    decide(two, case, ROLF)
    answer = two.check("XBM", ASKS)
    assert (answer.verdict, answer.matches[0].reference) == ("bearer", "2026/1")
    assert answer.matches[0].caption.startswith("Red notice")
    (held,) = two.bureau("XAV").notices.submissions(ANNA)
    assert held.state == "published"


def test_one_reviewer_cannot_publish_alone(two: Federation) -> None:
    case = submit(two)
    decide(two, case, RITA)
    with pytest.raises(Refusal):
        decide(two, case, RITA)
    assert two.bureau("XBM").db.execute("SELECT count(*) FROM state_notices").fetchone() == (0,)
    decide(two, case, ROLF)
    assert two.check("XBM", ASKS).verdict == "bearer"


def test_a_published_notice_finds_the_checks_of_the_last_days(two: Federation) -> None:
    two.check("XBM", ASKS)
    published(two)
    (view,) = two.bureau("XBM").hits.list_(ANNA)
    assert (view.hit.late, view.hit.verdict, view.hit.register) == (True, "bearer", "red")


def test_a_withdrawn_notice_is_clear_again_everywhere_and_said_aloud(two: Federation) -> None:
    notice = published(two)
    owner, other = two.bureau("XAV"), two.bureau("XBM")
    with pytest.raises(Refusal):
        other.do(lambda: other.notices.withdraw(ANNA, notice, "ACHIEVED", "Arrested."))
    assert two.check("XBM", ASKS).verdict == "bearer"
    owner.do(lambda: owner.notices.withdraw(ANNA, notice, "ACHIEVED", "Arrested."))
    two.pump()
    assert two.check("XBM", ASKS).verdict == "clear"
    assert "withdrawn" in other.alerts.recent(1)[0].title


def test_what_is_submitted_needs_role_purpose_kind_and_fields(two: Federation) -> None:
    owner = two.bureau("XAV")
    before = dump(owner.db)

    def attempt(asker: Asker, kind: str, raw: dict[str, Any]) -> str:
        return refused(lambda: owner.do(lambda: owner.notices.submit(asker, kind, raw, owner_ref="A-77")))

    assert attempt(Asker("b", frozenset({"border"}), PURPOSE), "red", RED) == "NOT-ALLOWED"
    assert attempt(Asker("b", ALL_ROLES), "red", RED) == "NO-PURPOSE"
    assert attempt(ANNA, "purple-with-dots", RED) == "NOTICE-KIND"
    assert attempt(ANNA, "red", {"family_name": ""})
    assert dump(owner.db) == before
    submit(two)


def test_reading_a_notice_needs_a_purpose_and_leaves_a_line(two: Federation) -> None:
    notice = published(two)
    reader = two.bureau("XBM")
    nosy = Asker("b", ALL_ROLES)
    assert refused(lambda: reader.do(lambda: reader.notices.read(nosy, notice))) == "NO-PURPOSE"
    assert audit.verify(reader.db) == 0
    assert reader.do(lambda: reader.notices.read(ANNA, notice))
    assert audit.lines(reader.db)[0].event == "notice:read"


def test_lists_of_notices_and_submissions_need_a_purpose_and_so_does_taking_one_back(two: Federation) -> None:
    case = submit(two)
    owner, nosy = two.bureau("XAV"), Asker("b", ALL_ROLES)
    before = dump(owner.db)
    acts: list[Callable[[Asker], object]] = [
        lambda asker: owner.notices.list_(asker, Filter(text="bellweather")),
        owner.notices.submissions,
        lambda asker: owner.notices.submission(asker, case),
        lambda asker: owner.notices.take_back(asker, case, "ERROR", "Wrong person."),
    ]
    for act in acts:
        assert refused(lambda a=act: owner.do(lambda: a(nosy))) == "NO-PURPOSE"  # type: ignore[misc]
    assert dump(owner.db) == before
    for act in acts:
        owner.do(lambda a=act: a(ANNA))  # type: ignore[misc]
    assert owner.notices.submission(ANNA, case).held.state == "withdrawn"


def test_the_review_of_a_case_needs_role_and_purpose_at_every_step(two: Federation) -> None:
    case, centre, review = submit(two), two.centre, desk(two)
    nosy, dana = Asker("rita", frozenset({"reviewer"})), Asker("dana", frozenset({"desk"}), PURPOSE)
    opinion = Opinion("query", ("NO-WARRANT",), "Who signed?")
    acts: list[Callable[[Asker], object]] = [
        review.queue,
        review.closed,
        lambda asker: review.case(asker, case),
        lambda asker: review.why_not(asker, case),
        lambda asker: review.screen_again(asker, case),
        lambda asker: review.decide(asker, case, opinion),
        lambda asker: review.waive(asker, case, "penalty", "Series."),
        lambda asker: review.cancel(asker, "2026/1", "EXPIRED", "Over."),
    ]
    before = dump(centre.db)
    for act in acts:
        assert refused(lambda a=act: centre.do(lambda: a(nosy))) == "NO-PURPOSE"  # type: ignore[misc]
        assert refused(lambda a=act: centre.do(lambda: a(dana))) == "NOT-ALLOWED"  # type: ignore[misc]
    assert dump(centre.db) == before
    for act in acts[:6]:
        centre.do(lambda a=act: a(RITA))  # type: ignore[misc]


def mail(federation: Federation, sender: str, to: str, kind: str, body: bytes) -> list[str]:
    node = federation.bureau(sender)
    federation.bureau(to).refusals.clear()
    node.do(lambda: node.mail.send(kind, [to], body))
    federation.pump()
    return list(federation.bureau(to).refusals)


def test_nobody_submits_or_takes_back_for_another_country(three: Federation) -> None:
    case = submit(three)
    signed = review_store.request_of(three.centre.db, case, 1).submission
    assert mail(three, "XCS", CENTRE, SUBMITTED, signed) == ["NOTICE-NOT-OWNER"]
    assert len(desk(three).engine.do(lambda: desk(three).queue(RITA))) == 1
    mail(three, "XCS", CENTRE, TAKEN_BACK, case.encode())
    assert len(desk(three).engine.do(lambda: desk(three).queue(RITA))) == 1
    owner = three.bureau("XAV")
    owner.do(lambda: owner.notices.take_back(ANNA, case, "ERROR", "Wrong person."))
    three.pump()
    assert desk(three).engine.do(lambda: desk(three).queue(RITA)) == []


def test_only_the_secretariat_tells_how_a_notice_stands(three: Federation) -> None:
    case = submit(three)
    told = encode(Told(case, 1, "refused", ("FACTS",), "No.", three.clock.now()))
    assert mail(three, "XCS", "XAV", TOLD, told) == ["NOTICE-NOT-SECRETARIAT"]
    assert [held.state for held in three.bureau("XAV").notices.submissions(ANNA)] != ["refused"]


@pytest.mark.parametrize("kind", [SUBMITTED, TOLD, TAKEN_BACK])
@pytest.mark.parametrize("body", [b"", b"\xff\xfe\x00", frames.pack({"a": 1})])
def test_content_that_cannot_be_read_is_refused_and_changes_nothing(
    still: Federation, kind: str, body: bytes
) -> None:
    to = "XAV" if kind == TOLD else CENTRE
    sender = CENTRE if kind == TOLD else "XAV"
    before = still.centre.db.execute("SELECT count(*) FROM office_reviews").fetchone()
    mail(still, sender, to, kind, body)
    assert still.centre.db.execute("SELECT count(*) FROM office_reviews").fetchone() == before
    assert kind == TAKEN_BACK or still.bureau(to).refusals
