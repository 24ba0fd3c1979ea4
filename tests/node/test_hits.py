"""Hits between nodes: told to owner and centre, answered by the owner alone, and found late by later records."""

from typing import Any

import msgspec
import pytest
from tests.node.federation import Federation
from tests.node.samples import (
    ALL_ROLES,
    ANNA,
    ASKS_PASSPORT,
    CARRIAGE,
    CENTRE,
    NOW_MS,
    PASSPORT,
    PERSON,
    PURPOSE,
)

from allpoints.border.hit import ORDINARY_ANSWER_MS, URGENT_ANSWER_MS, Hit, HitAnswer, HitState, hit_id
from allpoints.border.question import Question
from allpoints.border.store import LATE_WINDOW_MS
from allpoints.ground.clock import HOUR
from allpoints.ground.refusal import Refusal
from allpoints.identity.officers import Asker
from allpoints.ledger import audit
from allpoints.node import frames
from allpoints.node.hits import ANSWERED, RAISED


def views(federation: Federation, name: str) -> list[tuple[str, str]]:
    return [(view.state.value, view.side) for view in federation.bureau(name).hits.list_(ANNA)]


def raised(federation: Federation) -> str:
    federation.enter()
    return federation.check("XBM", ASKS_PASSPORT).matches[0].hit


def answer(federation: Federation, hit: str, state: str = "confirmed", member: str = "XAV") -> None:
    node = federation.bureau(member)
    node.do(lambda: node.hits.answer(ANNA, hit, state, "Compared with the file."))
    federation.pump()


def mail(federation: Federation, sender: str, to: str, kind: str, body: object) -> str:
    """Send a sealed body from one member to another; the code of its refusal there, if it was refused."""
    node = federation.bureau(sender)
    federation.bureau(to).refusals.clear()
    node.do(lambda: node.mail.send(kind, [to], frames.pack(body)))
    federation.pump()
    return next(iter(federation.bureau(to).refusals), "")


def forged_hit(**changes: Any) -> Hit:
    check, record = "c" * 24, "aa" * 16
    hit = Hit(
        hit=hit_id(check, record),
        check=check,
        record=record,
        version=1,
        register="persons",
        verdict="bearer",
        owner="XAV",
        searcher="XBM",
        post="",
        reference="",
        caption="caption",
        asked="asked",
        reason="reason",
        checked_ms=NOW_MS,
        raised_ms=NOW_MS,
        deadline_ms=NOW_MS + URGENT_ANSWER_MS,
    )
    return msgspec.structs.replace(hit, **changes)


def test_searcher_owner_and_centre_see_one_hit_from_their_own_side(three: Federation) -> None:
    raised(three)
    assert views(three, "XAV") == [("notified", "owner")]
    assert views(three, "XBM") == [("notified", "searcher")]
    assert views(three, CENTRE) == [("notified", "centre")]
    assert views(three, "XCS") == []


def test_a_hit_on_an_own_record_is_told_to_the_centre_and_answered_at_home(two: Federation) -> None:
    two.enter()
    hit = two.check("XAV", ASKS_PASSPORT).matches[0].hit
    assert views(two, "XAV") == [("notified", "both")]
    assert views(two, CENTRE) == [("notified", "centre")]
    answer(two, hit)
    assert views(two, "XAV") == [("confirmed", "both")]
    assert views(two, CENTRE) == [("confirmed", "centre")]
    assert views(two, "XBM") == []


def test_only_the_owner_answers_and_only_once_and_with_role_and_purpose(two: Federation) -> None:
    hit = raised(two)
    owner = two.bureau("XAV")
    refusals = {
        "HIT-NOT-OWNER": (two.bureau("XBM"), ANNA, "confirmed"),
        "NOT-ALLOWED": (owner, Asker("berta", frozenset({"border"}), PURPOSE), "confirmed"),
        "NO-PURPOSE": (owner, Asker("berta", ALL_ROLES), "confirmed"),
        "HIT-VERDICT": (owner, ANNA, "maybe"),
    }
    for code, (node, asker, state) in refusals.items():
        with pytest.raises(Refusal) as caught:
            node.do(lambda n=node, a=asker, s=state: n.hits.answer(a, hit, s, "why"))  # type: ignore[misc]
        assert caught.value.code == code
    assert views(two, "XAV") == [("notified", "owner")]
    answer(two, hit)
    with pytest.raises(Refusal) as caught:
        answer(two, hit, "refuted")
    assert caught.value.code == "HIT-ANSWERED"


def test_the_officers_name_stays_at_home(two: Federation) -> None:
    hit = raised(two)
    answer(two, hit)
    at_home = two.bureau("XAV").hits.view(hit).answer
    outside = [two.bureau(name).hits.view(hit).answer for name in ("XBM", CENTRE)]
    assert at_home is not None
    assert at_home.by == "anna"
    assert [one.by for one in outside if one is not None] == ["XAV", "XAV"]


def test_a_hit_that_nobody_answers_expires_everywhere_and_is_said_aloud_once(two: Federation) -> None:
    hit = raised(two)
    two.tick(URGENT_ANSWER_MS)
    assert views(two, "XBM") == [("notified", "searcher")]
    two.tick(1)
    two.tick(1)
    for name in ("XAV", "XBM", CENTRE):
        assert two.bureau(name).hits.view(hit).state is HitState.EXPIRED
        kinds = [alert.kind for alert in two.bureau(name).alerts.recent()]
        assert kinds.count("overdue") == 1
    answer(two, hit)
    assert views(two, "XBM") == [("confirmed", "searcher")]


def test_reading_a_hit_is_audited_and_needs_a_purpose(two: Federation) -> None:
    hit = raised(two)
    owner = two.bureau("XAV")
    before = audit.verify(owner.db)
    with pytest.raises(Refusal) as caught:
        owner.do(lambda: owner.hits.read(Asker("berta", ALL_ROLES), hit))
    assert caught.value.code == "NO-PURPOSE"
    with pytest.raises(Refusal) as caught:
        owner.do(lambda: owner.hits.list_(Asker("berta", ALL_ROLES)))
    assert caught.value.code == "NO-PURPOSE"
    assert owner.do(lambda: owner.hits.read(ANNA, hit)).hit.hit == hit
    assert audit.verify(owner.db) == before + 1
    with pytest.raises(Refusal) as caught:
        owner.do(lambda: owner.hits.read(ANNA, "nothing"))
    assert caught.value.status == 404


# A country that lies


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"searcher": "XAV"}, "HIT-SEARCHER"),
        ({"hit": "f" * 24}, "HIT-IDENTIFIER"),
        ({"owner": "XCS"}, "HIT-NOT-OURS"),
        ({"deadline_ms": 2**63 - 1}, "BODY-UNREADABLE"),
        ({"raised_ms": -1}, "BODY-UNREADABLE"),
        ({"version": 2**63}, "BODY-UNREADABLE"),
    ],
)
def test_a_hit_that_is_not_the_senders_or_not_ours_is_refused_and_counted(
    three: Federation, changes: dict[str, Any], code: str
) -> None:
    assert mail(three, "XBM", "XAV", RAISED, forged_hit(**changes)) == code
    assert views(three, "XAV") == []
    assert mail(three, "XBM", "XAV", RAISED, forged_hit()) == ""
    assert views(three, "XAV") == [("notified", "owner")]


def test_an_answer_of_a_member_that_does_not_own_the_record_is_refused(three: Federation) -> None:
    hit = raised(three)
    told = HitAnswer(hit, HitState.REFUTED, "Not ours.", "XCS", 1)
    assert mail(three, "XCS", "XBM", ANSWERED, told) == "HIT-NOT-OWNER"
    claimed = msgspec.structs.replace(told, by="XAV")
    assert mail(three, "XCS", "XBM", ANSWERED, claimed) == "HIT-NOT-OWNER"
    assert views(three, "XBM") == [("notified", "searcher")]
    assert mail(three, "XAV", "XBM", ANSWERED, claimed) == ""
    assert views(three, "XBM") == [("refuted", "searcher")]


@pytest.mark.parametrize("state", ["raised", "notified", "expired"])
def test_an_answer_is_confirmed_or_refuted_also_when_it_comes_from_outside(
    two: Federation, state: str
) -> None:
    hit = raised(two)
    assert (
        mail(two, "XAV", "XBM", ANSWERED, HitAnswer(hit, HitState(state), "So.", "XAV", 1)) == "HIT-VERDICT"
    )
    assert mail(two, "XAV", "XBM", ANSWERED, HitAnswer(hit, HitState.REFUTED, " ", "XAV", 1)) == "HIT-REASON"
    assert views(two, "XBM") == [("notified", "searcher")]


# Late hits


def test_a_later_record_finds_an_earlier_check_once_and_calls_it_late(two: Federation) -> None:
    check = two.check("XBM", ASKS_PASSPORT).check
    two.tick(HOUR)
    two.enter()
    two.enter(fraud="lost")
    (view,) = two.bureau("XBM").hits.list_(ANNA)
    assert (view.hit.check, view.hit.late, view.hit.owner) == (check, True, "XAV")
    assert view.hit.deadline_ms - view.hit.raised_ms == ORDINARY_ANSWER_MS
    assert views(two, "XAV") == [("notified", "owner")]


@pytest.mark.parametrize(("after_ms", "found"), [(LATE_WINDOW_MS, 1), (LATE_WINDOW_MS + 1, 0)])
def test_a_check_is_found_within_seventy_two_hours_and_not_after(
    two: Federation, after_ms: int, found: int
) -> None:
    two.check("XBM", ASKS_PASSPORT)
    two.clock.now_ms += after_ms
    two.enter()
    assert len(two.bureau("XBM").hits.list_(ANNA)) == found


def test_two_records_of_one_batch_about_one_document_are_both_found_late(two: Federation) -> None:
    two.check("XBM", ASKS_PASSPORT)
    owner = two.bureau("XAV")
    owner.run(
        [
            lambda ref=ref: owner.records.enter(
                ANNA, "travel-documents", PASSPORT | {"source_ref": ref}, CARRIAGE
            )  # type: ignore[misc]
            for ref in ("one", "two")
        ]
    )
    two.pump()
    assert len(two.bureau("XBM").hits.list_(ANNA)) == 2


def test_a_later_person_is_found_by_document_as_bearer_and_by_name_as_possible(two: Federation) -> None:
    two.check("XBM", Question(number="P1234567", issuer="XAV"))
    two.check("XBM", Question(family_name="Bellweather", given_names="Tomas", birth_date="1979-03-14"))
    two.enter(raw=PERSON, register="persons")
    assert {view.hit.verdict for view in two.bureau("XBM").hits.list_(ANNA)} == {"bearer", "possible"}


def test_a_later_range_of_blanks_finds_a_number_in_it_and_no_other(two: Federation) -> None:
    for number in ("BL000050", "BL000150"):
        two.check("XBM", Question(number=number, issuer="XAV"))
    two.enter(document_number="BL000001", last_number="BL000100", fraud="stolen-blank")
    (view,) = two.bureau("XBM").hits.list_(ANNA)
    assert view.hit.asked == "XAV BL000050"


def test_a_check_that_already_hit_is_not_hit_again_by_a_new_version_of_the_record(two: Federation) -> None:
    raised(two)
    two.enter(fraud="lost")
    assert len(two.bureau("XBM").hits.list_(ANNA)) == 1
