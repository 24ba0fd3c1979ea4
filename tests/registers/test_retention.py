"""A record is kept by its register and its status, from its entry or its renewal on, and no change prolongs it."""

import pytest
from tests.registers.lives import LOOKOUTS, MODELS, SEEN_DAYS, STOLEN_DAYS, lookout, model, vocabulary
from tests.registers.owner import Owner

from allpoints.ground.clock import DAY
from allpoints.ground.refusal import Refusal
from allpoints.registers import retention, store
from allpoints.registers.record import Batch, RecordOp
from allpoints.registers.retention import NEVER_MS


@pytest.mark.parametrize(
    ("register", "raw", "days"),
    [
        (LOOKOUTS, lookout(), STOLEN_DAYS),
        (LOOKOUTS, lookout(state="seen"), SEEN_DAYS),
        (MODELS, model(), 0),
    ],
)
def test_a_record_is_kept_by_its_register_and_status(
    register: str, raw: dict[str, object], days: int
) -> None:
    declared = vocabulary().registers[register]
    ends = retention.ends_ms(declared, declared.clean(raw), 5)
    assert ends == (5 + days * DAY if days else NEVER_MS)
    assert retention.shown_end(ends) == (ends if days else 0)


def test_a_record_without_end_is_never_past_it_and_told_so() -> None:
    owner = Owner(MODELS)
    owner.enter(model(), 1)
    assert owner.expire(NEVER_MS - 1) == []
    held = owner.read("M-1", NEVER_MS - 1, register=MODELS)
    assert (held.status, held.expires_ms, bool(held.body)) == ("valid", 0, True)


def test_a_change_without_a_reason_keeps_the_end_and_one_with_a_reason_moves_it() -> None:
    owner = Owner()
    owner.enter(lookout(), 10)
    assert owner.read("L-1", 11).expires_ms == 10 + STOLEN_DAYS * DAY
    owner.enter(lookout(title="Silver seal"), 5 * DAY)
    assert owner.read("L-1", 6 * DAY).expires_ms == 10 + STOLEN_DAYS * DAY
    owner.enter(lookout(state="seen"), 6 * DAY)
    assert owner.read("L-1", 7 * DAY).expires_ms == 10 + SEEN_DAYS * DAY
    owner.enter(lookout(state="stolen"), 7 * DAY, "Taken again, file 7.")
    assert owner.read("L-1", 8 * DAY).expires_ms == 7 * DAY + STOLEN_DAYS * DAY


def test_an_author_cannot_let_retention_begin_after_its_entry() -> None:
    owner = Owner()
    body = owner.register.encode(owner.register.clean(lookout()))
    op = RecordOp("put", "L-1", 1, body, "investigate", "official-use", since_ms=2**47)
    owner.fold(Batch(LOOKOUTS, 1, (op,)), 1, 100)
    assert owner.read("L-1", 101).expires_ms == 100 + STOLEN_DAYS * DAY


def test_a_status_that_serves_the_purpose_ends_the_record_and_nothing_of_it_travels() -> None:
    owner = Owner()
    assert owner.enter(lookout(state="found"), 1) is None
    owner.enter(lookout(), 2, excluded=("XCS",))
    op = owner.enter(lookout(state="found", title="Told by a neighbour"), 3)
    assert op is not None
    assert (op.op, op.body, op.reason) == ("achieve", b"", "Purpose achieved: the status is now found.")
    assert owner.said[-1][0].excluded == ("XCS",)
    held = owner.read("L-1", 4)
    assert (held.status, held.body, [one.op for one in held.history]) == (
        "withdrawn",
        None,
        ["put", "achieve"],
    )
    assert owner.enter(lookout(state="found"), 5) is None
    again = owner.enter(lookout(state="seen"), 6)
    assert again is not None
    assert (again.op, again.version) == ("put", 3)


def test_a_reader_refuses_a_record_whose_purpose_is_achieved_and_takes_its_end() -> None:
    owner = Owner()
    owner.enter(lookout(), 1)
    body = owner.register.encode(owner.register.clean(lookout(state="found")))
    put = RecordOp("put", "L-1", 2, body, "investigate", "official-use")
    assert owner.fold(Batch(LOOKOUTS, 1, (put,)), 2, 2).refused == {"PURPOSE-ACHIEVED": 1}
    assert owner.read("L-1", 3).status == store.VALID
    end = RecordOp("achieve", "L-1", 2, reason="Found.")
    assert owner.fold(Batch(LOOKOUTS, 1, (end,)), 3, 3).refused == {}
    assert owner.read("L-1", 4).status == store.WITHDRAWN


def test_what_has_expired_is_entered_again_with_a_reason_or_with_something_new() -> None:
    owner = Owner()
    end = STOLEN_DAYS * DAY + 1
    owner.enter(lookout(1), 1)
    owner.enter(lookout(2), 1)
    assert owner.expire(end) == ["L-1", "L-2"]
    with pytest.raises(Refusal) as refused:
        owner.enter(lookout(1), end)
    assert refused.value.code == "RETENTION-ENDED"
    assert owner.enter(lookout(1), end, "Seen again in May.") is not None
    assert owner.enter(lookout(2, title="Silver seal"), end) is not None
    assert owner.read("L-2", end).expires_ms == end + STOLEN_DAYS * DAY
