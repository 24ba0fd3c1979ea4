"""How the node will join notices and review: what two reviewers approved is what every bureau folds."""

from typing import TYPE_CHECKING

import msgspec
import pytest

from allpoints.ground.refusal import Refusal
from allpoints.identity.officers import REVIEWER, Asker
from allpoints.notices.authorship import verify
from allpoints.notices.notice import Signed, Told, decode_told, encode
from allpoints.notices.publishing import cancel, publish
from allpoints.notices.rules import Approval, Cancellation
from allpoints.notices.state import NoticeState
from allpoints.notices.submitting import hear
from allpoints.review import store as reviews
from allpoints.review.case import Opinion
from allpoints.review.codes import tellable
from allpoints.review.deciding import approved, decide
from allpoints.review.opening import open_case
from allpoints.review.request import Request
from allpoints.review.rulebook import Rulebook, load
from allpoints.review.telling import told_reasons

if TYPE_CHECKING:
    from tests.notices.conftest import Office

NOW_MS = 1_731_000_000_000
ADA, BEN = (Asker(name, frozenset({REVIEWER})) for name in ("ada", "ben"))


def few_gates() -> Rulebook:
    rules = load().version("red-2022-01")
    return Rulebook((msgspec.structs.replace(rules, gates=(rules.gate("duplicate"),)),))


def opened(office: "Office", signed: Signed) -> str:
    office.db.executescript(reviews.SCHEMA)
    submission = verify(signed, office.lookup)
    request = Request(
        id=submission.id,
        kind=submission.kind,
        owner=submission.owner,
        owner_ref=submission.owner_ref,
        revision=submission.revision,
        body=submission.body,
        submitted_ms=submission.submitted_ms,
        submission=encode(signed),
    )
    return open_case(office.db, few_gates(), request, NOW_MS).id


def heard(office: "Office", told: object) -> NoticeState:
    message = msgspec.convert(msgspec.to_builtins(told), Told)
    return hear(office.db, decode_told(encode(message))).state


def test_two_approvals_publish_exactly_the_bytes_that_were_examined(office: "Office") -> None:
    signed = office.submitted()
    case_id = opened(office, signed)
    for officer, state in ((ADA, NoticeState.LEGAL_REVIEW), (BEN, NoticeState.APPROVED)):
        outcome = decide(office.db, few_gates(), officer, case_id, Opinion("approve"), NOW_MS)
        assert heard(office, outcome.told) is state
    result = approved(office.db, case_id)
    approval = Approval(
        result.case_id, result.digest, result.reviewers, result.rule_version, result.approved_ms
    )
    office.folded(publish(office.db, signed, approval, office.lookup, NOW_MS))
    other = office.submitted(2)
    with pytest.raises(Refusal) as refused:
        publish(office.db, other, approval, office.lookup, NOW_MS)
    assert refused.value.code == "NOTICE-NOT-APPROVED"


def test_a_refusal_on_sealed_reasons_and_a_cancellation_tell_members_the_generic_code_only(
    office: "Office",
) -> None:
    office.folded(office.published(2))
    case_id = opened(office, office.submitted())
    refuse = Opinion("refuse", ("REFUGEE",), "Letter of 3 May.")
    decide(office.db, few_gates(), ADA, case_id, refuse, NOW_MS)
    told = decide(office.db, few_gates(), BEN, case_id, refuse, NOW_MS).told
    assert heard(office, told) is NoticeState.REFUSED
    (code,), reason = told_reasons(("REFUGEE",))
    ended = cancel(office.db, Cancellation("2024/1", ("ada", "ben"), code, reason), tellable())
    assert (ended.code, ended.reason) == (code, reason)
    with pytest.raises(Refusal):
        cancel(office.db, Cancellation("2024/1", ("ada", "ben"), "REFUGEE", reason), tellable())
