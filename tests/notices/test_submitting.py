"""From draft to submitted, and what the owner hears afterwards."""

from typing import TYPE_CHECKING, Any

import pytest

from allpoints.ground.refusal import Refusal
from allpoints.notices import store
from allpoints.notices.authorship import verify
from allpoints.notices.notice import Told, decode_signed, decode_submission
from allpoints.notices.state import NoticeState
from allpoints.notices.submitting import follow_end, follow_publication, hear, held, ruling, submit
from allpoints.notices.viewing import list_submissions, read_submission
from allpoints.notices.withdrawing import Reason, withdraw_notice, withdraw_submission

if TYPE_CHECKING:
    from tests.notices.conftest import Office

NOW_MS = 1_731_000_000_000
FOUND = Reason("XAV", "LOCATED", "Found at home.")


def told(state: str, revision: int = 1, at_ms: int = NOW_MS + 1) -> Told:
    return Told(f"{1:032x}", revision, state, (), "", at_ms)  # type: ignore[arg-type]


def again(office: "Office", submission_id: str) -> None:
    submit(office.db, submission_id, office.keys["XAV"], office.network, NOW_MS + 2)


def test_a_draft_is_cleaned_and_can_be_changed_until_it_is_submitted(office: "Office") -> None:
    submission_id = office.drafted()
    first = held(office.db, submission_id)
    assert (first.state, first.submission.body) == (
        NoticeState.DRAFT,
        {"family_name": "SORIN", "number": "A1"},
    )
    office.drafted(body={"family_name": "Sorin", "number": "A2"}, excluded=("XCS", "XBM", "XCS"))
    changed = held(office.db, submission_id).submission
    assert (changed.body["number"], changed.excluded, changed.revision) == ("A2", ("XBM", "XCS"), 1)
    again(office, submission_id)
    with pytest.raises(Refusal) as refused:
        office.drafted()
    assert refused.value.code == "NOTICE-NOT-EDITABLE"
    with pytest.raises(Refusal) as refused:
        again(office, submission_id)
    assert refused.value.code == "NOTICE-SUBMITTED"


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"body": {"family_name": "Sorin"}}, "FIELD"),
        ({"owner_ref": " "}, "NOTICE-UNREADABLE"),
        ({"language": "xx"}, "NOTICE-UNREADABLE"),
        ({"updates": "first"}, "NOTICE-UNREADABLE"),
    ],
)
def test_a_draft_that_nobody_could_read_is_not_kept(
    office: "Office", fields: dict[str, Any], code: str
) -> None:
    with pytest.raises(Refusal) as refused:
        office.drafted(**fields)
    assert refused.value.code == code
    assert list_submissions(office.db) == []


def test_a_draft_keeps_its_reference(office: "Office") -> None:
    office.drafted()
    with pytest.raises(Refusal) as refused:
        office.drafted(owner_ref="AV-9")
    assert refused.value.code == "NOTICE-REFERENCE-CHANGED"


def test_submitting_signs_the_bytes_that_are_kept(office: "Office") -> None:
    signed = office.submitted()
    assert verify(signed, office.lookup).owner_ref == "AV-1"
    kept = held(office.db, f"{1:032x}")
    assert kept.state is NoticeState.SUBMITTED
    assert decode_signed(kept.signed) == signed


def test_a_second_submission_for_the_same_reference_is_refused_until_the_first_has_ended(
    office: "Office",
) -> None:
    office.submitted(1)
    second = office.drafted(2, owner_ref="AV-1")
    assert not ruling(office.db, second, office.network).allowed
    with pytest.raises(Refusal) as refused:
        again(office, second)
    assert refused.value.code == "NOTICE-EQUIVALENT"
    withdraw_submission(office.db, f"{1:032x}", FOUND, NOW_MS)
    assert ruling(office.db, second, office.network).allowed
    again(office, second)


def test_an_answer_to_a_query_is_the_next_revision(office: "Office") -> None:
    office.submitted()
    assert hear(office.db, told("query_to_source")).state is NoticeState.QUERY_TO_SOURCE
    office.drafted(body={"family_name": "Sorin", "number": "A7"})
    signed = submit(office.db, f"{1:032x}", office.keys["XAV"], office.network, NOW_MS + 2)
    answer = decode_submission(signed.submission)
    assert (answer.revision, answer.body["number"]) == (2, "A7")
    assert hear(office.db, told("refused", revision=1, at_ms=NOW_MS + 3)).state is NoticeState.SUBMITTED
    assert hear(office.db, told("refused", revision=2, at_ms=NOW_MS + 3)).state is NoticeState.REFUSED


def test_news_heard_twice_or_overtaken_changes_nothing_but_is_kept_once(office: "Office") -> None:
    office.submitted()
    for state in ("legal_review", "legal_review", "approved", "screening"):
        after = hear(office.db, told(state, at_ms=NOW_MS + 5))
    assert after.state is NoticeState.APPROVED
    view = read_submission(office.db, f"{1:032x}")
    assert sorted(one.state for one in view.messages) == ["approved", "legal_review", "screening"]


def test_news_of_an_unknown_submission_is_refused(office: "Office") -> None:
    with pytest.raises(Refusal) as refused:
        hear(office.db, told("approved"))
    assert (refused.value.code, refused.value.status) == ("NOTICE-UNKNOWN", 404)


def test_a_publication_and_an_end_are_followed_on_the_own_submission(office: "Office") -> None:
    published = office.published()
    office.folded(published)
    assert not follow_publication(office.db, published)
    assert not follow_publication(office.db, published)
    kept = held(office.db, f"{1:032x}")
    assert (kept.state, kept.notice_id) == (NoticeState.PUBLISHED, "2024/1")
    follow_end(office.db, "2024/1", NoticeState.CANCELLED, NOW_MS)
    follow_end(office.db, "2024/1", NoticeState.WITHDRAWN, NOW_MS)
    assert held(office.db, f"{1:032x}").state is NoticeState.CANCELLED


def test_a_withdrawal_that_crossed_the_publication_asks_once_for_the_notice_to_be_withdrawn(
    office: "Office",
) -> None:
    published = office.published()
    withdraw_submission(office.db, f"{1:032x}", FOUND, NOW_MS)
    office.folded(published)
    assert follow_publication(office.db, published)
    assert not follow_publication(office.db, published)
    assert withdraw_notice(office.db, "2024/1", FOUND).code == "LOCATED"
    assert held(office.db, f"{1:032x}").state is NoticeState.WITHDRAWN


def test_an_update_moves_every_submission_of_its_notice(office: "Office") -> None:
    for number, updates in ((1, ""), (2, "2024/1")):
        published = office.published(number, owner_ref="AV-1", updates=updates)
        office.folded(published, number)
        follow_publication(office.db, published)
    states = {one.submission.id[-1]: one.state for one in list_submissions(office.db)}
    assert states == {"1": NoticeState.UPDATED, "2": NoticeState.UPDATED}


def test_another_members_publication_concerns_no_submission_here(office: "Office") -> None:
    published = office.published()
    office.db.execute("DELETE FROM office_submissions")
    assert not follow_publication(office.db, published)
    assert store.submissions(office.db, 10) == []


def test_withdrawing_needs_the_owner_and_a_known_reason(office: "Office") -> None:
    submission_id = office.drafted()
    for reason in (Reason("XBM", "LOCATED", "x"), Reason("XAV", "MOOD", "x")):
        with pytest.raises(Refusal):
            withdraw_submission(office.db, submission_id, reason, NOW_MS)
    assert withdraw_submission(office.db, submission_id, FOUND, NOW_MS).state is NoticeState.WITHDRAWN
