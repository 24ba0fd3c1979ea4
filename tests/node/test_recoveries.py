"""A member's key is revoked, and another one recovers it: what counts from which entry on, and who may decide it."""

from functools import partial

import pytest
from tests.node.federation import Federation
from tests.node.mailing import subjects, write
from tests.node.recovering import NEW, come_back, cool, key_id, recover, recovery, revocation, revoke
from tests.node.rotating import rotate
from tests.node.samples import ANNA, ASKS_PASSPORT, CENTRE, RELAY, certificate, holder_key, root

from allpoints.ground.clock import DAY, HOUR
from allpoints.ground.refusal import Refusal
from allpoints.identity.approval import RECOVERY, REVOCATION, approve
from allpoints.identity.directory import Directory
from allpoints.identity.officers import Asker
from allpoints.identity.order_file import write_order
from allpoints.node import frames, member_keys, membership
from allpoints.node.rebuilding import refold

EVERYONE = (RELAY, CENTRE, "XAV", "XBM", "XCS")


def directory(world: Federation, name: str) -> Directory:
    return world.relay.directory if name == RELAY else world.bureau(name).following.directory


def records(world: Federation, name: str) -> int:
    return int(world.bureau(name).db.execute("SELECT count(*) FROM state_records").fetchone()[0])


def signers(world: Federation, name: str, member: str = "XAV") -> list[bytes | None]:
    found = directory(world, name).signers(member)
    return [one.verify_key.key_id if one.verify_key is not None else None for one in found]


def titles(world: Federation, name: str) -> str:
    return "\n".join(one.title for one in world.bureau(name).alerts.recent())


# -- revoked


def test_a_revoked_key_counts_nowhere_from_its_place_on_and_what_it_signed_before_stays(
    three: Federation,
) -> None:
    three.enter(source_ref="before")
    order = revoke(three)
    for name in EVERYONE:
        found = directory(three, name).revoked("XAV")
        assert found is not None, name
        assert found.revocation == order
        assert not directory(three, name).is_active("XAV", three.clock.now())
        assert signers(three, name) == [key_id("XAV"), None]
    assert not membership.may_call(three.relay.directory, certificate("XAV", "bureau"))
    assert records(three, "XBM") == 1
    assert three.check("XBM", ASKS_PASSPORT).matches
    with pytest.raises(Refusal) as caught:
        three.enter(source_ref="after")
    assert caught.value.code == "KEY-REVOKED"
    assert "the present key of XAV signs" in titles(three, "XBM")
    three.enter("XBM", source_ref="of another", issuer="XBM")
    assert records(three, "XCS") == 2


def test_the_member_itself_hears_of_it_and_its_border_sees_until_when_it_knows(three: Federation) -> None:
    revoke(three)
    at_ms = three.clock.now()
    three.tick(HOUR)
    assert three.bureau("XAV").as_of() <= at_ms
    assert "the present key of XAV signs" in titles(three, "XAV")
    assert three.check("XAV", ASKS_PASSPORT).as_of_ms <= at_ms


def test_nothing_is_sealed_for_a_revoked_reader_any_more(
    three: Federation, monkeypatch: pytest.MonkeyPatch
) -> None:
    three.enter("XBM", source_ref="before", issuer="XBM")
    assert records(three, "XAV") == 1
    revoke(three)
    three.enter("XBM", source_ref="after", issuer="XBM")
    assert "XAV" not in three.bureau("XBM").audience.epochs.seated()
    assert records(three, "XCS") == 2
    # A thief with the key and a relay on his side follows, and opens nothing of what came after.
    thief = three.bureau("XAV")
    three.relay.directory = membership.load(three.relay.db, three.relay.me)
    monkeypatch.setattr(three.relay, "_end_for", lambda _peer: three.relay.size)
    monkeypatch.setattr(three.relay.directory, "check_signs", lambda _name: None)
    three.connect("XAV")
    assert thief.following.size == three.relay.size
    assert records(three, "XAV") == 1


def test_mail_to_and_from_a_revoked_member_is_refused_beside_that_of_others(three: Federation) -> None:
    for _ in range(2):
        three.tick(60_000)
    write(three, "before")
    three.pump()
    three.disconnect("XBM")
    write(three, "on its way")
    three.pump()
    revoke(three)
    three.connect("XBM")
    three.tick(60_000)
    assert subjects(three) == ["before"]
    assert three.bureau("XBM").refusals["KEY-REVOKED"] == 1
    with pytest.raises(Refusal) as caught:
        write(three, "to it", "XBM", "XAV")
    assert caught.value.code == "MAIL-RECIPIENT-REVOKED"
    write(three, "to another", "XBM", "XCS")
    three.tick(60_000)
    assert subjects(three, "XCS") == ["to another"]


def test_without_the_word_of_enough_holders_nobody_revokes_or_recovers(three: Federation) -> None:
    orders = three.centre.orders
    revoked, begun = revocation(three), recovery(three).to_bytes()
    order, file = revoked.to_bytes(), write_order(revoked)
    root, now = three.centre.following.directory.root, three.clock.now()
    theirs = three.centre.me.holder
    assert theirs is not None
    other = approve(root, theirs, RECOVERY, order, now + DAY).to_bytes()
    late = approve(root, theirs, REVOCATION, order, now).to_bytes()
    for given, code in (([other], "APPROVAL-OTHER"), ([late], "APPROVAL-EXPIRED")):
        with pytest.raises(Refusal) as caught:
            three.centre.do(partial(orders.order, ANNA, file, given))
        assert caught.value.code == code
    # What the secretariat writes all the same is refused by the relay, and by every node when the relay is with it.
    centre = three.centre
    bodies = {
        member_keys.REVOKED: frames.pack(member_keys.Deciding(order)),
        member_keys.RECOVERING: frames.pack(member_keys.Deciding(begun)),
    }
    for kind, body in bodies.items():
        for name in EVERYONE:
            event = member_keys.Event(9, kind, CENTRE, now, body)
            with pytest.raises(Refusal) as caught:
                membership.apply(directory(three, name).copy(), centre.me, event)
            assert caught.value.code == "APPROVALS-MISSING"
    centre.do(lambda: centre.outbox.write_clear(member_keys.REVOKED, bodies[member_keys.REVOKED]))
    three.pump()
    assert centre.outbox.blocked()[0][0] == "APPROVALS-MISSING"
    three.enter()
    assert records(three, "XBM") == 1


def test_only_an_administrator_of_the_secretariat_writes_what_holders_decided(three: Federation) -> None:
    order = write_order(revocation(three))
    desk = Asker("dora", frozenset({"desk"}), ANNA.purpose, ANNA.case)
    for name, asker, code in (("XBM", ANNA, "NOT-SECRETARIAT"), (CENTRE, desk, "NOT-ALLOWED")):
        node = three.bureau(name)
        with pytest.raises(Refusal) as caught:
            node.do(partial(node.orders.order, asker, order, []))
        assert caught.value.code == code


# -- recovered


def test_a_member_that_lost_its_keys_and_its_folder_comes_back_after_the_time_to_object(
    three: Federation,
) -> None:
    three.enter("XBM", source_ref="before", issuer="XBM")
    three.enter(source_ref="its own")
    order = recover(three)
    assert signers(three, "XBM") == [key_id("XAV")]
    assert not membership.may_call(three.relay.directory, order.certificate)
    three.disconnect("XAV")
    three.tick(DAY)
    assert signers(three, "XBM") == [key_id("XAV")]
    cool(three)
    for name in (RELAY, CENTRE, "XBM", "XCS"):
        assert signers(three, name) == [key_id("XAV"), key_id(NEW)]
        assert directory(three, name).certificate("XAV") == order.certificate
    three.enter("XBM", source_ref="while away", issuer="XBM")
    come_back(three, "XAV", order.certificate, bare=True)
    # It opens what others let it read, from before too; what it had sealed for itself alone opened with the key it lost.
    assert records(three, "XAV") == 2
    three.enter(source_ref="by the new key")
    assert records(three, "XBM") == 4
    write(three, "I am back", "XAV", "XBM")
    three.tick(60_000)
    three.tick(60_000)
    assert subjects(three) == ["I am back"]
    assert three.relay.refusals["BAD-SIGNATURE"] == 0


def test_what_waited_under_a_revoked_key_is_kept_and_signed_anew_after_the_recovery(
    three: Federation,
) -> None:
    three.enter(source_ref="before")
    three.disconnect("XAV")
    three.enter(source_ref="waits")
    three.enter(source_ref="waits too", excluded=("XCS",))
    revoke(three)
    assert three.bureau("XAV").outbox.waiting() >= 2
    three.connect("XAV")
    three.tick()
    assert three.bureau("XAV").outbox.waiting() >= 2
    assert records(three, "XBM") == 1
    three.disconnect("XAV")
    order = recover(three)
    cool(three)
    come_back(three, "XAV", order.certificate)
    assert three.bureau("XAV").outbox.waiting() == 0
    assert records(three, "XBM") == 3
    assert records(three, "XCS") == 2
    assert records(three, "XAV") == 3
    assert "entries that waited were signed anew" in titles(three, "XAV")
    three.restart("XAV")
    three.enter(source_ref="and on")
    assert records(three, "XBM") == 4


def test_the_present_key_objects_and_nothing_changes(three: Federation) -> None:
    order = recover(three)
    assert "object: allpoints keys object" in titles(three, "XAV")
    owner = three.bureau("XAV")
    owner.do(lambda: owner.keys.recoveries.object(ANNA, "XAV"))
    three.pump()
    cool(three)
    for name in EVERYONE:
        assert signers(three, name) == [key_id("XAV")]
        found = directory(three, name).member("XAV")
        assert found is not None
        assert [one.state for one in found.recoveries] == ["stopped"]
    assert not membership.may_call(three.relay.directory, order.certificate)
    with pytest.raises(Refusal) as caught:
        owner.do(lambda: owner.keys.recoveries.object(ANNA, "XAV"))
    assert caught.value.code == "RECOVERY-NONE"
    three.enter()
    assert records(three, "XBM") == 1


def test_the_key_committed_to_takes_its_place_at_once_and_any_other_after_three_days(
    three: Federation,
) -> None:
    revoke(three)
    for hours in (1, 71):
        with pytest.raises(Refusal) as caught:
            recover(three, cooling_ms=hours * HOUR)
        assert caught.value.code == "RECOVERY-SHORT"
    order = recover(three, name="XAV/2", cooling_ms=0)
    three.tick()
    three.tick()
    assert signers(three, "XBM") == [key_id("XAV"), None, key_id("XAV/2")]
    come_back(three, "XAV", order.certificate, "XAV/2")
    three.enter()
    assert records(three, "XBM") == 1


def test_rotating_in_the_time_to_object_shows_that_nobody_has_to_be_recovered(three: Federation) -> None:
    recover(three)
    rotate(three, "XAV")
    cool(three)
    for name in EVERYONE:
        assert signers(three, name) == [key_id("XAV"), key_id("XAV/2")]
    three.enter()
    assert records(three, "XBM") == 1


def test_a_recovery_gives_no_right_back_and_a_suspended_member_may_object(
    three: Federation, monkeypatch: pytest.MonkeyPatch
) -> None:
    three.suspend("XAV")
    recover(three)
    owner = three.bureau("XAV")
    three.connect("XAV")
    owner.do(owner.tick)
    monkeypatch.setattr(three.relay, "_end_for", lambda _peer: three.relay.size)
    three.tick(30_000)
    owner.do(lambda: owner.keys.recoveries.object(ANNA, "XAV"))
    three.pump()
    assert signers(three, "XBM") == [key_id("XAV")]
    order = recover(three)
    cool(three)
    assert signers(three, "XBM") == [key_id("XAV"), key_id(NEW)]
    come_back(three, "XAV", order.certificate)
    with pytest.raises(Refusal) as caught:
        three.enter()
    assert caught.value.code == "MEMBER-LIMITED"
    three.restore("XAV")
    three.connect("XAV")
    three.tick()
    three.enter()
    assert records(three, "XBM") == 1


def test_everybody_folds_the_same_when_the_ledger_is_folded_anew(three: Federation) -> None:
    three.enter(source_ref="before")
    revoke(three)
    order = recover(three)
    cool(three)
    come_back(three, "XAV", order.certificate)
    three.enter(source_ref="after")
    held = {name: (signers(three, name), records(three, name)) for name in (CENTRE, "XAV", "XBM")}
    for name in held:
        refold(three.bureau(name))
    refold(three.relay)
    three.tick(60_000)
    assert {name: (signers(three, name), records(three, name)) for name in held} == held
    assert signers(three, RELAY) == held["XBM"][0]
    for name in ("XAV", "XBM"):
        assert three.bureau(name).outbox.waiting() == 0


def test_an_order_to_delete_that_waited_is_obeyed_after_the_recovery_and_known_by_its_new_entry(
    three: Federation,
) -> None:
    three.enter(source_ref="shared")
    three.disconnect("XAV")
    three.enter(source_ref="shared", excluded=("XCS",))
    revoke(three)
    order = recover(three)
    cool(three)
    assert records(three, "XCS") == 1
    come_back(three, "XAV", order.certificate)
    three.tick(60_000)
    assert [records(three, name) for name in ("XAV", "XBM", "XCS")] == [1, 1, 0]
    three.tick(60_000)
    owner = three.bureau("XAV")
    code = owner.vocabulary.registers["travel-documents"].code
    assert owner.records.exclusions.outstanding([code]) == []
    assert owner.db.execute("SELECT count(*) FROM office_exclusions WHERE obeyed_ms>0").fetchone() == (1,)


def test_what_another_entry_overtook_counts_for_nothing_and_blocks_nobody(three: Federation) -> None:
    order = recover(three)
    centre, owner = three.centre, three.bureau("XAV")
    late = frames.pack(member_keys.Settling("XAV", order.id))
    three.clock.now_ms = order.until_ms
    owner.do(lambda: owner.keys.recoveries.object(ANNA, "XAV"))
    old = revocation(three)
    body = frames.pack(
        member_keys.Deciding(
            old.to_bytes(),
            [approve(root(), holder_key(), REVOCATION, old.to_bytes(), three.clock.now() + DAY).to_bytes()],
        )
    )
    # The secretariat completes before it hears of the objection, and revokes a key that is rotated meanwhile.
    centre.do(lambda: centre.outbox.write_clear(member_keys.RECOVERED, late))
    three.pump()
    rotate(three, "XAV")
    centre.do(lambda: centre.outbox.write_clear(member_keys.REVOKED, body))
    three.pump()
    assert centre.outbox.blocked() == []
    assert centre.outbox.waiting() == 0
    for name in EVERYONE:
        assert signers(three, name) == [key_id("XAV"), key_id("XAV/2")]
    assert titles(three, CENTRE).count("counts for nothing") == 2
    three.suspend("XBM")
    assert directory(three, "XCS").suspended_at("XBM", three.clock.now()) is not None
    refold(three.relay)
    assert signers(three, RELAY) == [key_id("XAV"), key_id("XAV/2")]


def test_a_node_that_hears_of_its_recovery_under_its_old_key_waits_for_the_new_one(three: Federation) -> None:
    order = recover(three)
    three.wire.queue.clear()
    cool(three)
    # Its line was up all the time, and it was told by which entry its key ended.
    assert signers(three, "XAV") == [key_id("XAV"), key_id(NEW)]
    owner = three.bureau("XAV")
    three.disconnect("XAV")
    three.enter(source_ref="waits")
    owner.run([owner.tick])
    come_back(three, "XAV", order.certificate)
    assert three.bureau("XAV").outbox.waiting() == 0
    assert three.bureau("XAV").outbox.blocked() == []
    assert records(three, "XBM") == 1
