"""Numbers that are never given twice, and publication of exactly what was approved."""

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from allpoints.ground.refusal import Refusal
from allpoints.notices import store
from allpoints.notices.authorship import sign
from allpoints.notices.folding import apply_cancelled
from allpoints.notices.notice import Withdrawn, decode_submission, encode
from allpoints.notices.publishing import cancel, publish, validity_end_ms
from allpoints.notices.rules import Cancellation

if TYPE_CHECKING:
    from tests.notices.conftest import Office

NOW_MS = 1_731_000_000_000


def moment(text: str) -> int:
    return int(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp() * 1000)


def test_numbers_run_within_the_year_and_the_control_number_names_the_month(office: "Office") -> None:
    first = office.published(1)
    second = office.published(2)
    third = office.published(3, now_ms=moment("2025-01-01"))
    assert [one.notice_id for one in (first, second, third)] == ["2024/1", "2024/2", "2025/1"]
    assert [one.control_number for one in (first, second, third)] == [
        "A-1/11-2024",
        "A-2/11-2024",
        "A-1/1-2025",
    ]
    assert first.expires_ms == moment("2029-11-07T17:20:00")


def test_publishing_the_same_bytes_again_gives_the_same_answer_and_costs_no_number(office: "Office") -> None:
    signed = office.submitted()
    first = publish(office.db, signed, office.approval(signed), office.lookup, NOW_MS)
    assert publish(office.db, signed, office.approval(signed), office.lookup, NOW_MS + 99) == first
    assert office.published(2).notice_id == "2024/2"


def test_a_submission_is_published_once_whatever_its_revision(office: "Office") -> None:
    signed = office.submitted()
    publish(office.db, signed, office.approval(signed), office.lookup, NOW_MS)
    later = sign(
        msgspec.structs.replace(decode_submission(signed.submission), revision=2), office.keys["XAV"]
    )
    with pytest.raises(Refusal) as refused:
        publish(office.db, later, office.approval(later), office.lookup, NOW_MS)
    assert refused.value.code == "NOTICE-SUBMISSION-REUSED"


def test_without_two_reviewers_for_these_bytes_nothing_is_published_and_no_number_is_used(
    office: "Office",
) -> None:
    signed = office.submitted()
    for change in ({"reviewers": ("ada",)}, {"digest": "0" * 64}):
        with pytest.raises(Refusal):
            publish(office.db, signed, office.approval(signed, **change), office.lookup, NOW_MS)
    assert store.next_number(office.db, "notice", 2024) == 1


def test_a_forged_submission_is_not_published(office: "Office") -> None:
    signed = office.submitted()
    forged = msgspec.structs.replace(signed, submission=signed.submission.replace(b"AV-1", b"AV-2"))
    with pytest.raises(Refusal) as refused:
        publish(office.db, forged, office.approval(forged), office.lookup, NOW_MS)
    assert refused.value.code == "BAD-SIGNATURE"


def test_an_update_keeps_both_numbers_and_counts_versions(office: "Office") -> None:
    first = office.published(1, excluded=("XBM",))
    office.folded(first)
    second = office.published(2, owner_ref="AV-1", updates=first.notice_id)
    assert (second.notice_id, second.control_number, second.version) == ("2024/1", "A-1/11-2024", 2)
    office.folded(second, 2)
    assert office.published(3, owner_ref="AV-1", updates=first.notice_id).version == 3


def test_of_two_submissions_reviewed_at_once_for_one_reference_only_the_first_is_published(
    office: "Office",
) -> None:
    first = office.submitted(1)
    office.db.execute("DELETE FROM office_submissions")
    second = office.submitted(2, owner_ref="AV-1")
    published = publish(office.db, first, office.approval(first), office.lookup, NOW_MS)
    for seq in (0, 1):
        if seq:
            office.folded(published)
        with pytest.raises(Refusal) as refused:
            publish(office.db, second, office.approval(second), office.lookup, NOW_MS)
        assert refused.value.code == "NOTICE-EQUIVALENT"
    apply_cancelled(office.db, Withdrawn("2024/1", "Lapsed.", "RULES"), 2)
    assert publish(office.db, second, office.approval(second), office.lookup, NOW_MS).notice_id == "2024/2"


def test_an_update_of_what_was_withdrawn_meanwhile_is_not_published(office: "Office") -> None:
    office.folded(office.published(1))
    signed = office.submitted(2, owner_ref="AV-1", updates="2024/1")
    office.db.execute("UPDATE state_notices SET state='withdrawn'")
    with pytest.raises(Refusal) as refused:
        publish(office.db, signed, office.approval(signed), office.lookup, NOW_MS)
    assert refused.value.code == "NOTICE-UPDATES-NOTHING"


def test_urgency_is_the_owners_word(office: "Office") -> None:
    body = {"family_name": "Sorin", "number": "A1"}
    assert not office.published(1, body=body).urgent
    assert office.published(2, body=body | {"urgent": True}).urgent


@pytest.mark.parametrize(
    ("published", "end"),
    [
        ("2024-02-29T12:00:00", "2029-02-28T12:00:00"),
        ("2023-02-28", "2028-02-28"),
        ("2024-12-31T23:59:59.999", "2029-12-31T23:59:59.999"),
    ],
)
def test_a_notice_holds_to_the_same_day_five_years_on(published: str, end: str) -> None:
    assert validity_end_ms(moment(published)) == moment(end)


@settings(max_examples=60, deadline=None)
@given(published_ms=st.integers(0, moment("2990-01-01")))
def test_five_years_are_1825_to_1827_days(published_ms: int) -> None:
    assert 1825 <= (validity_end_ms(published_ms) - published_ms) / 86_400_000 <= 1827


def test_two_reviewers_cancel_with_a_tellable_reason(office: "Office") -> None:
    office.folded(office.published())
    good = Cancellation("2024/1", ("ada", "ben"), "RULES", " No longer complies. ")
    ended = cancel(office.db, good, ("RULES",))
    assert (ended.code, ended.reason) == ("RULES", "No longer complies.")
    assert encode(ended)
    for wrong in (
        msgspec.structs.replace(good, reviewers=("ada", "ada")),
        msgspec.structs.replace(good, code="REFUGEE"),
        msgspec.structs.replace(good, notice_id="2024/9"),
    ):
        with pytest.raises(Refusal):
            cancel(office.db, wrong, ("RULES",))
