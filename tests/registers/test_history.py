"""History says what happened, in the ledger's order, with who and why; it stays when the record is gone."""

from hypothesis import given, settings
from hypothesis import strategies as st
from tests.registers.lives import LOOKOUTS, SEEN_DAYS, STOLEN_DAYS, lookout
from tests.registers.owner import Node, Owner

from allpoints.ground.clock import DAY
from allpoints.registers import history, store
from allpoints.registers.blocks import Blocking
from allpoints.registers.record import record_id

L_1 = record_id(LOOKOUTS, "XAV", "L-1")


def test_a_whole_life_is_told_with_members_roles_and_reasons_and_stays_without_a_body() -> None:
    owner = Owner()
    owner.enter(lookout(), 1 * DAY)
    owner.word(Blocking(L_1, "Doubts.", "reviewer of XSC"), 100, 2 * DAY, blocked=True)
    owner.word(Blocking(L_1, "None left.", "command of XSC"), 101, 3 * DAY, blocked=False)
    owner.said += [owner.said[-1]] * 150  # the ledger goes on
    owner.renew("L-1", 4 * DAY, "Still sought.")
    end = 4 * DAY + STOLEN_DAYS * DAY
    owner.expire(end)
    told = [
        (one.op, one.version, one.member, one.by_role, one.reason) for one in owner.read("L-1", end).history
    ]
    assert told == [
        ("put", 1, "XAV", "desk of XAV", ""),
        ("block", 0, "XSC", "reviewer of XSC", "Doubts."),
        ("unblock", 0, "XSC", "command of XSC", "None left."),
        ("put", 2, "XAV", "desk of XAV", "Still sought."),
        ("expire", 2, "", "", ""),
    ]
    owner.enter(lookout(), end + DAY, "Seen again.")
    owner.achieve("L-1", end + 2 * DAY, "Found in a barn.")
    held = owner.read("L-1", end + 3 * DAY)
    assert [(one.op, one.reason) for one in held.history[4:]] == [
        ("expire", ""),
        ("put", "Seen again."),
        ("achieve", "Found in a barn."),
    ]
    assert [one.at_ms for one in held.history] == sorted(one.at_ms for one in held.history)
    (row,) = store.rows_of(owner.db, [L_1])
    assert (row.body, row.status) == (None, "withdrawn")


def test_a_block_that_came_before_the_record_and_one_after_its_end_are_told_too() -> None:
    owner, reader = Owner(), Node()
    owner.enter(lookout(state="seen"), 5)
    reader.word(Blocking(L_1, "Doubts."), 7, 6, blocked=True)
    reader.fold(*owner.said[0])
    end = 5 + SEEN_DAYS * DAY
    assert reader.expire(end) == ["L-1"]
    reader.word(Blocking(L_1, "Over."), 9, end + 1, blocked=False)
    assert [one.op for one in reader.read("L-1", end + 2).history] == ["put", "block", "expire", "unblock"]
    assert reader.read("L-1", end + 2).status == "expired"


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.integers(1, 500), st.sampled_from(["enter", "renew", "withdraw"])), max_size=12))
def test_whether_a_reader_swept_in_time_or_never_it_tells_the_same_history(
    acts: list[tuple[int, str]],
) -> None:
    owner, swept, idle = Owner(), Node(), Node()
    now = 1
    for days, act in acts:
        now += days * DAY
        owner.expire(now)
        swept.expire(now)
        known = owner.db.execute("SELECT status FROM state_records").fetchone()
        if act == "enter":
            owner.enter(lookout(state="seen"), now, "Again.")
        elif known and act == "renew" and known[0] == "valid":
            owner.renew("L-1", now)
        elif known:
            owner.withdraw("L-1", now)
        for node in (swept, idle):
            for said in owner.said:
                node.fold(*said)
    if not owner.said:
        return
    for at in (now, now + 600 * DAY):
        told = [node.read("L-1", at) for node in (owner, swept, idle)]
        assert told[0].history == told[1].history == told[2].history
        assert told[0].status == told[1].status == told[2].status
        ended = any(one.op != "put" for one in told[0].history if one.version >= 1)
        (row,) = store.rows_of(idle.db, [L_1])
        assert history.lived_on(idle.db, row.row, 1, at) is not ended
