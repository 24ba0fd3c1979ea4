"""Measures against members: they count at once at every node, hold what was on its way, and end as they say."""

from functools import partial

import pytest
from tests.node.federation import Federation
from tests.node.samples import ANNA, ASKS_PASSPORT, CENTRE, PASSPORT, PURPOSE, RED, RELAY
from tests.node.test_relay import entry

from allpoints.ground.clock import DAY, HOUR
from allpoints.ground.refusal import Refusal
from allpoints.identity.officers import Asker
from allpoints.ledger.entry import parse
from allpoints.messages.letter import Draft
from allpoints.node import frames, membership, reach
from allpoints.node.head_mail import HEAD
from allpoints.node.orders import MeasureOrder, RestorationOrder
from allpoints.registers.entering import Carriage


def code(act: object) -> str:
    with pytest.raises(Refusal) as caught:
        act()  # type: ignore[operator]
    return caught.value.code


def letter(federation: Federation, sender: str, *to: str) -> str:
    node = federation.bureau(sender)
    view = node.do(lambda: node.letters.send(ANNA, Draft(to, "Subject", "Text")))
    federation.pump()
    return str(view.reference)


def inbox(federation: Federation, name: str) -> list[str]:
    node = federation.bureau(name)
    return [one.reference for one in node.do(lambda: node.letters.list_(ANNA, "inbox"))]


def count(federation: Federation, name: str, table: str = "state_records") -> int:
    (found,) = federation.bureau(name).db.execute(f"SELECT count(*) FROM {table}").fetchone()
    return int(found)


def test_a_suspension_counts_at_every_node_at_once_and_its_member_is_told_why(three: Federation) -> None:
    three.suspend("XBM")
    for name in (CENTRE, "XAV", "XBM", "XCS"):
        directory = three.bureau(name).following.directory
        assert not directory.is_active("XBM", three.clock.now())
        assert directory.is_active("XCS", three.clock.now())
        heads = [one[0] for one in three.bureau(name).db.execute("SELECT title FROM office_alerts")]
        assert any("XBM is suspended" in head and "Keys may be stolen" in head for head in heads)
    owner = three.bureau("XBM")
    refused = code(lambda: three.enter("XBM", issuer="XBM"))
    assert refused == "MEMBER-LIMITED"
    order = owner.orders.suspended()
    assert order is not None
    assert "Duty officer" in order.measure.sentence()
    three.restore("XBM")
    assert owner.orders.suspended() is None
    three.enter("XBM", issuer="XBM")
    assert count(three, "XAV") == 1


def test_nobody_seals_for_a_suspended_member_and_after_its_restoration_it_is_told_what_it_may_know(
    three: Federation,
) -> None:
    three.suspend("XBM")
    reader = three.bureau("XBM")
    size = reader.following.size
    three.enter("XAV")
    assert set(three.bureau("XAV").audience.readers()) == {"XAV", "XCS", CENTRE}
    assert code(lambda: letter(three, "XAV", "XBM")) == "MAIL-RECIPIENT-SUSPENDED"
    assert letter(three, "XAV", "XCS") in inbox(three, "XCS")
    three.tick(20_000)
    assert reader.following.size == size
    assert three.check("XBM", ASKS_PASSPORT).verdict == "clear"
    three.restore("XBM")
    three.tick(20_000)
    assert reader.following.size == three.relay.size
    assert three.check("XBM", ASKS_PASSPORT).verdict == "document"
    assert letter(three, "XAV", "XBM") in inbox(three, "XBM")


def test_a_suspended_member_answers_from_what_it_holds_and_says_since_when(two: Federation) -> None:
    two.enter("XAV")
    assert two.check("XBM", ASKS_PASSPORT).verdict == "document"
    since = two.clock.now()
    two.suspend("XBM")
    two.tick(2 * HOUR)
    two.restart("XBM")
    answer = two.check("XBM", ASKS_PASSPORT)
    assert answer.verdict == "document"
    assert answer.as_of_ms <= since
    assert two.check("XAV", ASKS_PASSPORT).as_of_ms == two.clock.now()


def test_what_a_suspended_member_hands_in_all_the_same_the_relay_refuses(two: Federation) -> None:
    before = entry(two, "XAV", membership.RECORDS, b"body")
    two.suspend("XAV")
    size = two.relay.size
    two.tell("XAV", RELAY, frames.Append([before]))
    assert two.relay.size == size
    assert two.relay.refusals["AUTHOR-SUSPENDED"] == 1
    two.restore("XAV")
    two.tell("XAV", RELAY, frames.Append([before]))
    assert two.relay.size > size


def test_what_a_hostile_relay_lets_through_for_a_suspended_member_every_follower_refuses(
    three: Federation,
) -> None:
    two_faced = three.relay
    data = entry(three, "XBM", membership.RECORDS, b"body")
    three.suspend("XBM")
    held = {name: three.bureau(name).following.size for name in ("XAV", "XCS", CENTRE)}
    two_faced._author_key = lambda name, _kind, _at: two_faced.directory.verify_key(name)  # type: ignore[method-assign,assignment,return-value]
    three.tell("XBM", RELAY, frames.Append([data]))
    refused = three.pump()
    assert two_faced.size == max(held.values()) + 1
    assert {outcome.code for _, outcome in refused} == {"AUTHOR-SUSPENDED"}
    for name, size in held.items():
        assert three.bureau(name).following.size == size


def test_mail_of_a_suspended_member_is_refused_by_the_relay_and_by_whoever_gets_it_from_a_hostile_one(
    two: Federation,
) -> None:
    node = two.bureau("XAV")
    node.do(lambda: node.letters.send(ANNA, Draft(("XBM",), "Subject", "Text")))
    (sealed,) = node.db.execute("SELECT bytes FROM office_outbox WHERE kind='mail'").fetchone()
    two.wire.queue.clear()
    two.suspend("XAV")
    two.tell("XAV", RELAY, frames.Deposit(sealed))
    two.pump()
    assert two.relay.refusals["MEMBER-LIMITED"] >= 1
    assert two.tell(RELAY, "XBM", frames.Mail([1], [sealed])) is None
    assert two.bureau("XBM").refusals["MEMBER-LIMITED"] == 1
    assert inbox(two, "XBM") == []


def test_what_waited_when_a_measure_came_goes_out_when_it_is_lifted(three: Federation) -> None:
    node = three.bureau("XAV")
    three.disconnect("XAV")
    node.do(lambda: node.letters.send(ANNA, Draft(("XBM",), "Subject", "Text")))
    node.do(lambda: node.records.enter(ANNA, "travel-documents", PASSPORT, Carriage(PURPOSE, "official-use")))
    three.suspend("XAV")
    three.connect("XAV")
    three.tick(5_000)
    # The record, the keys of its epoch, and behind them the head of the audit log.
    assert (node.outbox.waiting(), count(three, "XBM"), inbox(three, "XBM")) == (3, 0, [])
    three.restore("XAV")
    three.tick(5_000)
    assert (node.outbox.waiting(), node.outbox.waiting("mail")) == (0, 0)
    assert (count(three, "XBM"), len(inbox(three, "XBM"))) == (1, 1)


def test_a_member_that_only_receives_reads_and_is_read_no_more(three: Federation) -> None:
    three.suspend("XBM", mode="receive-only")
    assert code(lambda: three.enter("XBM", issuer="XBM")) == "MEMBER-LIMITED"
    assert code(lambda: letter(three, "XBM", "XAV")) == "MEMBER-LIMITED"
    node = three.bureau("XBM")
    submit = lambda: node.notices.submit(ANNA, "red", RED, owner_ref="N-1")  # noqa: E731
    assert code(lambda: node.do(submit)) == "MEMBER-LIMITED"
    three.enter("XAV")
    assert three.check("XBM", ASKS_PASSPORT).verdict == "document"
    assert letter(three, "XAV", "XBM") in inbox(three, "XBM")
    data = entry(three, "XBM", membership.RECORDS, b"body")
    three.tell("XBM", RELAY, frames.Append([data]))
    assert three.relay.refusals["MEMBER-LIMITED"] >= 1


def test_a_measure_stops_the_kinds_it_names_and_no_others(three: Federation) -> None:
    three.suspend("XBM", mode="receive-only", kinds=("messages",))
    three.enter("XBM", issuer="XBM")
    assert count(three, "XAV") == 1
    assert code(lambda: letter(three, "XBM", "XAV")) == "MEMBER-LIMITED"
    three.suspend("XCS", mode="receive-only", kinds=("notices",))
    assert letter(three, "XCS", "XAV") in inbox(three, "XAV")
    node = three.bureau("XCS")
    assert (
        code(lambda: node.do(lambda: node.notices.submit(ANNA, "red", RED, owner_ref="N")))
        == "MEMBER-LIMITED"
    )


def test_a_member_that_is_reviewed_first_writes_to_the_secretariat_alone(three: Federation) -> None:
    three.suspend("XBM", mode="pre-reviewed", kinds=("messages",))
    assert code(lambda: letter(three, "XBM", "XAV")) == "MEMBER-LIMITED"
    assert letter(three, "XBM", CENTRE) in inbox(three, CENTRE)
    assert code(lambda: letter(three, "XBM", CENTRE, "XAV")) == "MEMBER-LIMITED"
    assert letter(three, "XAV", "XBM") in inbox(three, "XBM")
    three.enter("XBM", issuer="XBM")
    assert count(three, "XAV") == 1


def test_a_hit_at_a_border_of_a_limited_member_still_answers_and_its_owner_hears_later(
    two: Federation,
) -> None:
    two.enter("XAV")
    two.suspend("XBM", mode="receive-only")
    assert two.check("XBM", ASKS_PASSPORT).verdict == "document"
    hits = "SELECT count(*) FROM office_hits"
    assert two.bureau("XAV").db.execute(hits).fetchone() == (0,)
    two.restore("XBM")
    two.tick(5_000)
    assert two.bureau("XAV").db.execute(hits).fetchone() == (1,)


def test_a_measure_ends_by_itself(two: Federation) -> None:
    now = two.clock.now()
    two.suspend("XBM", until_ms=now + DAY)
    assert code(lambda: two.enter("XBM", issuer="XBM")) == "MEMBER-LIMITED"
    two.tick(DAY + 1)
    two.enter("XBM", issuer="XBM")
    assert count(two, "XAV") == 1


def test_what_was_sealed_until_a_suspension_ended_by_itself_is_made_up_for(two: Federation) -> None:
    now = two.clock.now()
    two.suspend("XBM", from_ms=now + HOUR, until_ms=now + DAY)
    two.tick(2 * HOUR)
    two.enter("XAV")
    two.tick(HOUR)
    assert two.check("XBM", ASKS_PASSPORT).verdict == "clear"
    two.tick(DAY)
    two.tick(5_000)
    assert two.check("XBM", ASKS_PASSPORT).verdict == "document"


def test_what_excludes_a_member_is_not_given_to_it_when_it_is_restored(two: Federation) -> None:
    two.suspend("XBM")
    two.enter("XAV", excluded=("XBM",))
    two.restore("XBM")
    two.tick(20_000)
    assert two.check("XBM", ASKS_PASSPORT).verdict == "clear"


def test_orders_are_an_administrators_of_the_secretariat_and_of_members(two: Federation) -> None:
    order, end = MeasureOrder("Reason", "Authority"), RestorationOrder("Reason", "Authority")
    desk, centre = Asker("b", frozenset({"desk"})), two.centre
    for name, asker, member, expected in (
        (CENTRE, desk, "XBM", "NOT-ALLOWED"),
        ("XAV", ANNA, "XBM", "NOT-SECRETARIAT"),
        (CENTRE, ANNA, "XDV", "MEMBER-UNKNOWN"),
        (CENTRE, ANNA, CENTRE, "MEMBER-UNKNOWN"),
    ):
        node = two.bureau(name)
        assert code(lambda n=node, a=asker, m=member: n.do(lambda: n.orders.limit(a, m, order))) == expected
        assert code(lambda n=node, a=asker, m=member: n.do(lambda: n.orders.restore(a, m, end))) == expected
    assert code(lambda: centre.do(lambda: centre.orders.restore(ANNA, "XBM", end))) == "NOT-LIMITED"
    two.suspend("XBM")
    assert [one.state for one in centre.orders.measures(ANNA, "XBM")] == ["in force"]
    two.restore("XBM")
    assert [one.state for one in two.bureau("XAV").orders.measures(ANNA, "XBM")] == ["lifted"]


def test_an_order_by_anyone_but_the_secretariat_is_in_no_ledger(two: Federation) -> None:
    two.suspend("XBM")
    row = two.relay.db.execute(
        "SELECT body FROM state_membership WHERE kind=?", (membership.LIMITED,)
    ).fetchone()
    forged = entry(two, "XAV", membership.LIMITED, row[0])
    two.tell("XAV", RELAY, frames.Append([forged]))
    assert two.relay.refusals["KIND-NOT-ALLOWED"] == 1
    assert parse(forged).header.kind == membership.LIMITED


def test_orders_are_known_after_a_restart_and_a_rebuild_of_every_node(three: Federation) -> None:
    three.suspend("XBM")
    three.suspend("XCS", mode="receive-only", kinds=("notices",))
    three.restore("XBM")
    for name in (RELAY, CENTRE, "XAV", "XBM"):
        before = three.nodes[name].db.execute("SELECT * FROM state_membership ORDER BY seq").fetchall()
        assert len(before) == 6
        if name == RELAY:
            three.restart(RELAY)
            directory = three.relay.directory
            for one in ("XAV", "XBM", "XCS", CENTRE):
                three.connect(one)
        else:
            three.restart(name)
            directory = three.bureau(name).following.directory
        assert directory.mode("XCS", "notices", three.clock.now()) == "receive-only"
        assert directory.is_active("XBM", three.clock.now())


def test_the_relay_remembers_whom_an_order_has_reached(three: Federation) -> None:
    three.disconnect("XCS")
    three.suspend("XBM")
    (order,) = three.centre.orders.measures(ANNA, "XBM")
    heard = reach.all_(three.relay.db)
    assert [name for name in ("XAV", "XBM", "XCS") if heard[name].seq >= order.seq] == ["XAV", "XBM"]
    three.restart(RELAY)
    assert reach.all_(three.relay.db)["XCS"].seq < order.seq
    three.connect("XCS")
    assert reach.all_(three.relay.db)["XCS"].seq >= order.seq


def test_on_a_view_older_than_a_day_nothing_is_published_and_older_than_a_week_it_only_answers(
    two: Federation,
) -> None:
    two.enter("XAV")
    two.disconnect("XBM")
    node = two.bureau("XBM")
    two.clock.now_ms += 23 * HOUR
    two.enter("XBM", issuer="XBM")
    two.clock.now_ms += 2 * HOUR
    node.do(node.tick)
    assert code(lambda: two.enter("XBM", issuer="XBM", source_ref="B-2")) == "VIEW-TOO-OLD"
    assert letter(two, "XBM", "XAV")
    two.clock.now_ms += 6 * DAY
    assert code(lambda: letter(two, "XBM", "XAV")) == "VIEW-TOO-OLD"
    assert code(lambda: node.do(lambda: node.network.admit_post(ANNA, "{}", ""))) == "VIEW-TOO-OLD"
    answer = two.check("XBM", ASKS_PASSPORT)
    assert answer.verdict == "document"
    assert answer.asked_ms - answer.as_of_ms > 7 * DAY - HOUR
    two.connect("XBM")
    two.tick(20_000)
    two.enter("XBM", issuer="XBM", source_ref="B-2")
    assert code(lambda: node.do(lambda: node.network.admit_post(ANNA, "{}", ""))) == "FILE-UNREADABLE"


def test_a_node_that_was_off_knows_how_old_its_view_is(two: Federation) -> None:
    two.tick()
    two.disconnect("XAV")
    two.clock.now_ms += 25 * HOUR
    two.nodes["XAV"].close()
    two.start("XAV")
    assert two.bureau("XAV").as_of() > two.clock.now() - 26 * HOUR
    assert code(lambda: two.enter("XAV")) == "VIEW-TOO-OLD"
    two.connect("XAV")
    two.enter("XAV")
    assert count(two, "XBM") == 1


def test_no_measure_makes_what_a_node_sends_by_itself_fail(three: Federation) -> None:
    three.suspend("XBM")
    three.suspend("XCS", mode="receive-only")
    for kind in sorted(three.bureau("XAV").mail.by_itself | {HEAD}):
        for name in ("XAV", "XBM", "XCS"):
            node = three.bureau(name)
            node.do(partial(node.mail.send, kind, ["XBM", CENTRE], b"body"))
        node = three.bureau("XAV")
        assert node.do(partial(node.mail.send, kind, ["XBM"], b"body")) == b""
    assert code(lambda: letter(three, "XAV", "XBM")) == "MAIL-RECIPIENT-SUSPENDED"
