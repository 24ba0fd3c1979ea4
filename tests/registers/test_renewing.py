"""A record is renewed as it stands, by its owner, for a stated reason, while it is there."""

import pytest
from tests.registers.lives import STOLEN_DAYS, lookout
from tests.registers.owner import Owner
from tests.registers.writers import writer

from allpoints.ground.clock import DAY
from allpoints.ground.refusal import Refusal
from allpoints.registers.entering import Carriage, prepare_put
from allpoints.registers.renewing import prepare_renew


def test_a_renewal_is_the_same_record_with_a_retention_that_begins_anew() -> None:
    owner = Owner()
    owner.enter(lookout(), 10, excluded=("XCS",))
    before = owner.read("L-1", 11)
    op = owner.renew("L-1", 300 * DAY, " Still sought, file 12. ")
    assert op is not None
    assert (op.op, op.version, op.reason, op.since_ms) == ("put", 2, "Still sought, file 12.", 0)
    after = owner.read("L-1", 301 * DAY)
    assert (after.body, after.purpose, after.handling) == (before.body, before.purpose, before.handling)
    assert after.expires_ms == (300 + STOLEN_DAYS) * DAY
    assert owner.said[-1][0].excluded == ("XCS",)
    assert [(one.op, one.by_role, one.reason) for one in after.history] == [
        ("put", "desk of XAV", ""),
        ("put", "desk of XAV", "Still sought, file 12."),
    ]


@pytest.mark.parametrize(
    ("member", "ref", "reason", "code"),
    [
        ("XAV", "L-1", " ", "NO-REASON"),
        ("XAV", "L-1", "x" * 501, "REASON-TOO-LONG"),
        ("XBM", "L-1", "Ours now.", "UNKNOWN-RECORD"),
        ("XAV", "L-9", "Still sought.", "UNKNOWN-RECORD"),
        ("XAV", "L-2", "Still sought.", "RECORD-ENDED"),
        ("XAV", "L-3", "Still sought.", "RECORD-ENDED"),
        ("XAV", "L-4", "Still sought.", "RECORD-ENDED"),
    ],
)
def test_a_renewal_needs_a_reason_and_a_record_of_ones_own_that_is_there(
    member: str, ref: str, reason: str, code: str
) -> None:
    owner = Owner()
    owner.enter(lookout(4), 1)
    for number in (1, 2, 3):
        owner.enter(lookout(number), 5 * DAY)
    owner.withdraw("L-2", 6 * DAY)
    owner.achieve("L-3", 6 * DAY)
    assert owner.expire(1 + STOLEN_DAYS * DAY) == ["L-4"]
    with pytest.raises(Refusal) as refused:
        prepare_renew(owner.db, owner.register, member, ref, reason)
    assert refused.value.code == code
    assert owner.renew("L-1", 7 * DAY) is not None


def test_what_is_on_its_way_is_not_undone_by_a_renewal() -> None:
    owner = Owner()
    owner.enter(lookout(), 1)
    carriage = Carriage("investigate", "official-use")
    op = prepare_put(owner.db, owner.register, writer("XAV"), lookout(title="Silver seal"), carriage)
    with pytest.raises(Refusal) as refused:
        owner.renew("L-1", 2)
    assert (refused.value.code, refused.value.status) == ("CHANGE-ON-ITS-WAY", 409)
    owner._out(op, 3)
    assert owner.renew("L-1", 4) is not None
    assert owner.read("L-1", 5).caption == "Silver seal"
