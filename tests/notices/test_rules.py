"""Every answer with its reasons; each refusal beside the case that is allowed."""

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from allpoints.ground.refusal import Refusal
from allpoints.notices.notice import Submission
from allpoints.notices.rules import (
    Approval,
    Cancellation,
    Network,
    OpenNotice,
    Ruling,
    may_cancel,
    may_publish,
    may_submit,
    may_withdraw,
)
from allpoints.notices.state import NoticeState

S = NoticeState
NETWORK = Network("XAV", frozenset({"XAV", "XBM", "XCS", "XSC"}), "XSC")
SUBMISSION = Submission("0" * 32, "red", "XAV", "AV-1", {}, ("XBM",), "en", 5, "desk")
APPROVAL = Approval("0" * 32, "d" * 64, ("ada", "ben"), "red-2022-01", 5)
CANCELLATION = Cancellation("2026/1", ("ada", "ben"), "RULES", "No longer complies.")


def codes(ruling: Ruling) -> list[str]:
    return [fault.code for fault in ruling.against]


def test_a_member_submits_its_own_notice_and_excludes_members() -> None:
    assert may_submit(SUBMISSION, NETWORK, []).allowed
    may_submit(SUBMISSION, NETWORK, []).require()


def test_every_reason_against_a_submission_is_named_at_once() -> None:
    wrong = msgspec.structs.replace(SUBMISSION, owner="XBM", excluded=("XBM", "XSC", "XZZ"))
    ruling = may_submit(wrong, NETWORK, [])
    assert codes(ruling) == [
        "NOTICE-NOT-OWNER",
        "NOTICE-EXCLUDES-OWNER",
        "NOTICE-EXCLUDES-SECRETARIAT",
        "NOTICE-UNKNOWN-MEMBER",
    ]
    assert [fault.path for fault in ruling.against] == ["owner", "excluded[0]", "excluded[1]", "excluded[2]"]
    with pytest.raises(Refusal) as refused:
        ruling.require()
    assert (refused.value.status, len(refused.value.faults)) == (409, 4)


@pytest.mark.parametrize(
    ("held", "expected"),
    [
        (OpenNotice("1" * 32, "AV-1", S.SCREENING), ["NOTICE-EQUIVALENT"]),
        (OpenNotice("1" * 32, "AV-1", S.PUBLISHED, "2026/1"), ["NOTICE-EQUIVALENT"]),
        (OpenNotice("1" * 32, "AV-2", S.PUBLISHED, "2026/1"), []),
        (OpenNotice("0" * 32, "AV-1", S.QUERY_TO_SOURCE), []),
    ],
)
def test_a_reference_has_one_open_notice(held: OpenNotice, expected: list[str]) -> None:
    assert codes(may_submit(SUBMISSION, NETWORK, [held])) == expected


@pytest.mark.parametrize(
    ("held", "expected"),
    [
        (OpenNotice("1" * 32, "AV-1", S.PUBLISHED, "2026/1", ("XBM",)), []),
        (OpenNotice("1" * 32, "AV-1", S.UPDATED, "2026/1", ("XBM", "XCS")), []),
        (OpenNotice("1" * 32, "AV-1", S.PUBLISHED, "2026/1", ()), ["NOTICE-EXCLUSION-GROWS"]),
        (OpenNotice("1" * 32, "AV-1", S.SUSPENDED, "2026/1", ("XBM",)), ["NOTICE-UPDATES-NOTHING"]),
        (OpenNotice("1" * 32, "AV-1", S.PUBLISHED, "2026/2", ("XBM",)), ["NOTICE-UPDATES-NOTHING"]),
    ],
)
def test_an_update_replaces_a_notice_in_force_and_never_hides_it_from_a_reader(
    held: OpenNotice, expected: list[str]
) -> None:
    update = msgspec.structs.replace(SUBMISSION, updates="2026/1")
    assert codes(may_submit(update, NETWORK, [held])) == expected


@pytest.mark.parametrize(
    ("owner", "state", "by", "code", "expected"),
    [
        ("XAV", S.PUBLISHED, "XAV", "ACHIEVED", []),
        ("XAV", S.DRAFT, "XAV", "OTHER", []),
        ("XAV", S.PUBLISHED, "XBM", "ACHIEVED", ["NOTICE-NOT-OWNER"]),
        ("XAV", S.CANCELLED, "XAV", "ACHIEVED", ["NOTICE-ENDED"]),
        ("XAV", S.PUBLISHED, "XAV", "MOOD", ["NOTICE-CODE"]),
        ("XAV", S.REFUSED, "XBM", "MOOD", ["NOTICE-NOT-OWNER", "NOTICE-ENDED", "NOTICE-CODE"]),
    ],
)
def test_the_owner_withdraws_what_has_not_ended(
    owner: str, state: NoticeState, by: str, code: str, expected: list[str]
) -> None:
    assert codes(may_withdraw(owner, state, by, code)) == expected


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({}, []),
        ({"reviewers": ("ada", "ada")}, ["NOTICE-ONE-REVIEWER"]),
        ({"reviewers": ("ada", "")}, ["NOTICE-ONE-REVIEWER"]),
        ({"digest": "e" * 64}, ["NOTICE-NOT-APPROVED"]),
        ({"submission_id": "1" * 32}, ["NOTICE-NOT-APPROVED"]),
        ({"rule_version": ""}, ["NOTICE-NO-RULES"]),
        ({"approved_ms": 6}, ["NOTICE-NOT-APPROVED"]),
    ],
)
def test_exactly_the_approved_bytes_are_published_on_the_word_of_two_reviewers(
    change: dict[str, object], expected: list[str]
) -> None:
    approval = msgspec.structs.replace(APPROVAL, **change)
    assert codes(may_publish(SUBMISSION, "d" * 64, approval, 5)) == expected


@pytest.mark.parametrize(
    ("state", "change", "expected"),
    [
        (S.PUBLISHED, {}, []),
        (S.SUSPENDED, {}, []),
        (S.WITHDRAWN, {}, ["NOTICE-ENDED"]),
        (S.PUBLISHED, {"reviewers": ("ada",)}, ["NOTICE-ONE-REVIEWER"]),
        (S.PUBLISHED, {"code": "REFUGEE"}, ["NOTICE-CODE"]),
        (S.PUBLISHED, {"reason": " "}, ["NOTICE-REASON"]),
        (S.PUBLISHED, {"reason": "x" * 2001}, ["NOTICE-REASON"]),
    ],
)
def test_two_reviewers_cancel_with_a_code_that_members_may_be_told(
    state: NoticeState, change: dict[str, object], expected: list[str]
) -> None:
    cancellation = msgspec.structs.replace(CANCELLATION, **change)
    assert codes(may_cancel(state, cancellation, ("RULES", "PENALTY"))) == expected


@settings(max_examples=60, deadline=None)
@given(reviewers=st.lists(st.sampled_from(["ada", "ben", "cem", ""]), max_size=4))
def test_however_reviewers_are_listed_only_different_names_count(reviewers: list[str]) -> None:
    approval = msgspec.structs.replace(APPROVAL, reviewers=tuple(reviewers))
    assert may_publish(SUBMISSION, "d" * 64, approval, 5).allowed == (len(set(reviewers) - {""}) >= 2)
