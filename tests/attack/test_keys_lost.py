"""What a thief of a key, a hostile secretariat and a revoked member try, each beside what is allowed."""

import random
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest
from tests.node.federation import Federation
from tests.node.recovering import NEW, come_back, cool, present_key, recover, recovery, revocation, revoke
from tests.node.rotating import follower, forged, handed_in
from tests.node.samples import CENTRE, RELAY, approval, certificate, holder_key, post_certificate, root

from allpoints.ground.clock import DAY, HOUR
from allpoints.ground.refusal import Refusal
from allpoints.identity.approval import RECOVERY, REVOCATION, approve
from allpoints.identity.directory import Directory
from allpoints.identity.recovery import Recovery, Revocation
from allpoints.node import frames, member_keys, membership
from allpoints.node.member_keys import Deciding, Event, Settling


@pytest.fixture
def three(tmp_path: Path) -> Iterator[Federation]:
    """Arvandia, Belmora and Castrovia."""
    federation = Federation(tmp_path, ("XAV", "XBM", "XCS"))
    yield federation
    for node in federation.nodes.values():
        node.close()


@pytest.fixture
def two(tmp_path: Path) -> Iterator[Federation]:
    """Arvandia and Belmora."""
    federation = Federation(tmp_path, ("XAV", "XBM"))
    yield federation
    for node in federation.nodes.values():
        node.close()


def directories(world: Federation) -> list[Directory]:
    bureaus = [name for name in world.nodes if name != RELAY and name not in world.cut]
    return [world.relay.directory, *(world.bureau(name).following.directory for name in bureaus)]


def folded(world: Federation, kind: str, body: object, author: str = CENTRE) -> set[str]:
    """What all nodes say of an entry that stands in the ledger; ``taken`` where it counts."""
    event = Event(world.relay.size + 1, kind, author, world.clock.now(), frames.pack(body))
    said = set()
    for directory in directories(world):
        try:
            membership.apply(directory.copy(), world.centre.me, event)
            said.add("taken")
        except Refusal as refusal:
            said.add(refusal.code)
    return said


def revoking(world: Federation, order: Revocation) -> Deciding:
    data = order.to_bytes()
    return Deciding(
        data, [approve(root(), holder_key(), REVOCATION, data, world.clock.now() + 30 * DAY).to_bytes()]
    )


def recovering(world: Federation, order: Recovery) -> Deciding:
    data = order.to_bytes()
    return Deciding(
        data, [approve(root(), holder_key(), RECOVERY, data, world.clock.now() + 30 * DAY).to_bytes()]
    )


# -- a thief of the present key


def test_a_thief_of_the_present_key_neither_revokes_nor_recovers_nor_completes(two: Federation) -> None:
    revoked, begun = revoking(two, revocation(two, "XBM")), recovering(two, recovery(two))
    for kind, body in (
        (member_keys.REVOKED, revoked),
        (member_keys.RECOVERING, begun),
        (member_keys.RECOVERED, Settling("XAV", begun.order[:16])),
    ):
        assert handed_in(two, forged(two, "XAV", frames.pack(body), kind)) == "KIND-NOT-ALLOWED"
        assert folded(two, kind, body, "XAV") == {"EVENT-AUTHOR"}
    assert folded(two, member_keys.REVOKED, revoked) == {"taken"}
    assert folded(two, member_keys.RECOVERING, begun) == {"taken"}


def test_a_thief_objects_for_his_own_victim_alone_and_only_while_a_recovery_is_under_way(
    two: Federation,
) -> None:
    order = recover(two, "XBM", "XBM/new")
    mine, other = Settling("XAV", order.id), Settling("XBM", order.id)
    assert folded(two, member_keys.OBJECTED, mine, "XAV") == {"RECOVERY-NONE"}
    assert handed_in(two, forged(two, "XAV", frames.pack(other), member_keys.OBJECTED)) == "EVENT-AUTHOR"
    assert handed_in(two, forged(two, "thief", frames.pack(mine), member_keys.OBJECTED)) == "BAD-SIGNATURE"
    assert folded(two, member_keys.OBJECTED, other, "XBM") == {"taken"}


def test_a_thief_who_objects_is_revoked_and_then_objects_in_vain(two: Federation) -> None:
    order = recover(two)
    objection = forged(two, "XAV", frames.pack(Settling("XAV", order.id)), member_keys.OBJECTED)
    assert handed_in(two, objection) == ""
    for _ in range(2):
        two.tick(15_000)
    revoke(two)
    again = recover(two)
    body = frames.pack(Settling("XAV", again.id))
    late = forged(two, "XAV", body, member_keys.OBJECTED)
    outcome = two.tell("XAV", RELAY, frames.Append([late.encoded]))
    assert isinstance(outcome, Refusal)
    assert outcome.code == "KEY-REVOKED"
    with pytest.raises(Refusal) as caught:
        membership.author_key(
            two.relay.directory, two.centre.me, "XAV", member_keys.OBJECTED, two.clock.now()
        )
    assert caught.value.code == "KEY-REVOKED"
    cool(two)
    come_back(two, "XAV", again.certificate)
    two.enter()
    assert two.bureau("XBM").db.execute("SELECT count(*) FROM state_records").fetchone() == (1,)


def test_an_objection_after_the_new_key_holds_is_worth_nothing(two: Federation) -> None:
    order = recover(two)
    two.disconnect("XAV")
    body = frames.pack(Settling("XAV", order.id))
    cool(two)
    assert folded(two, member_keys.OBJECTED, Settling("XAV", order.id), "XAV") == {"RECOVERY-NONE"}
    assert handed_in(two, forged(two, "XAV", body, member_keys.OBJECTED)) == "BAD-SIGNATURE"
    come_back(two, "XAV", order.certificate)
    two.enter()
    assert two.bureau("XBM").db.execute("SELECT count(*) FROM state_records").fetchone() == (1,)


# -- a hostile secretariat


def test_an_old_revocation_or_recovery_is_not_said_again(two: Federation) -> None:
    unused = recovering(two, recovery(two))
    first = recover(two)
    said = recovering(two, first)
    cool(two)
    earlier = revoking(two, revocation(two, key=first.key))
    again = renamed(first)
    come_back(two, "XAV", first.certificate)
    assert folded(two, member_keys.RECOVERING, said) == {"ORDER-AGAIN"}
    assert folded(two, member_keys.RECOVERING, recovering(two, again)) == {"KEY-OTHER"}
    assert folded(two, member_keys.RECOVERING, unused) == {"KEY-OTHER"}
    assert folded(two, member_keys.RECOVERED, Settling("XAV", first.id)) == {"RECOVERY-NONE"}
    assert folded(two, member_keys.REVOKED, earlier) == {"KEY-OTHER"}
    back = recovery(two, name="XAV", key=present_key(two, "XAV"))
    assert folded(two, member_keys.RECOVERING, recovering(two, back)) == {"KEY-AGAIN"}
    assert folded(two, member_keys.REVOKED, revoking(two, revocation(two))) == {"taken"}
    assert folded(two, member_keys.RECOVERING, recovering(two, recovery(two, name="XAV/4"))) == {"taken"}


def renamed(order: Recovery) -> Recovery:
    """The same recovery under another identifier."""
    return Recovery(
        bytes(16), order.member, order.key, order.until_ms, order.certificate, order.reason, order.authority
    )


def test_a_secretariat_completes_no_recovery_before_its_time_or_of_another(two: Federation) -> None:
    order = recover(two)
    early = Settling("XAV", order.id)
    assert folded(two, member_keys.RECOVERED, early) == {"RECOVERY-EARLY"}
    assert folded(two, member_keys.RECOVERED, Settling("XAV", bytes(16))) == {"RECOVERY-NONE"}
    assert folded(two, member_keys.RECOVERED, Settling("XBM", order.id)) == {"RECOVERY-NONE"}
    centre = two.centre
    centre.do(lambda: centre.outbox.write_clear(member_keys.RECOVERED, frames.pack(early)))
    two.pump()
    assert centre.outbox.blocked()[0][0] == "RECOVERY-EARLY"
    two.clock.now_ms = order.until_ms
    assert folded(two, member_keys.RECOVERED, early) == {"taken"}


def test_a_time_to_object_that_is_too_short_or_too_long_is_none(two: Federation) -> None:
    for hours, expected in (
        (71, "RECOVERY-SHORT"),
        (72, "taken"),
        (30 * 24, "taken"),
        (30 * 24 + 1, "RECOVERY-LONG"),
    ):
        order = recovery(two, cooling_ms=hours * HOUR)
        assert folded(two, member_keys.RECOVERING, recovering(two, order)) == {expected}
    # The key committed to needs none, and another one cannot pass for it.
    committed = recovery(two, name="XAV/2", cooling_ms=0)
    assert folded(two, member_keys.RECOVERING, recovering(two, committed)) == {"taken"}


def test_no_approval_for_something_else_and_no_flipped_bit_is_taken(two: Federation) -> None:
    order, begun = revocation(two), recovery(two)
    now = two.clock.now() + 30 * DAY
    sound = revoking(two, order), recovering(two, begun)
    for one in (
        Deciding(
            order.to_bytes(), [approve(root(), holder_key(), RECOVERY, order.to_bytes(), now).to_bytes()]
        ),
        Deciding(order.to_bytes(), [approval(order.to_bytes())]),
    ):
        assert folded(two, member_keys.REVOKED, one) == {"APPROVAL-OTHER"}
    chance, accepted = random.Random(7), 0
    directory = two.relay.directory
    for kind, said in ((member_keys.REVOKED, sound[0]), (member_keys.RECOVERING, sound[1])):
        whole = frames.pack(said)
        taken = partial(_taken, directory, two, kind)
        assert taken(whole)
        for at in sorted({*range(60), *chance.sample(range(len(whole)), 300)}):
            accepted += taken(whole[:at] + bytes((whole[at] ^ (1 << chance.randrange(8)),)) + whole[at + 1 :])
    assert accepted == 0


def _taken(directory: Directory, world: Federation, kind: str, body: bytes) -> bool:
    try:
        event = Event(9, kind, CENTRE, world.clock.now(), body)
        return membership.apply(directory.copy(), world.centre.me, event) == "XAV"
    except Refusal:
        return False


# -- a revoked member


def test_a_revoked_member_publishes_mails_and_asks_for_keys_in_vain_and_others_do_not(
    three: Federation,
) -> None:
    entry = forged(three, "XAV", b"\x80", membership.EPOCH)
    theirs = three.bureau("XAV").me
    revoke(three)
    held = three.relay.size
    tried = (
        frames.Append([entry.encoded]),
        frames.Deposit(b"anything"),
        frames.AskKeys([]),
        frames.AskOneTime("XBM", 1),
        frames.Follow(1),
        frames.Took([1]),
    )
    for frame in tried:
        before = len(three.wire.seen)
        outcome = three.tell("XAV", RELAY, frame)
        assert isinstance(outcome, Refusal), frame
        assert outcome.code == "KEY-REVOKED"
        assert not [one for one in three.wire.seen[before:] if one.to == "XAV"]
    assert three.relay.size == held
    assert "XAV" not in three.relay.followers
    for directory in directories(three):
        assert not membership.may_call(directory, certificate("XAV", "bureau"))
        # The next key cannot call either: the holders of the root must say that it follows.
        assert not membership.may_call(directory, follower(theirs, "XAV/2", three.clock.now()))
        assert directory.verify_key("XAV") is None
        with pytest.raises(Refusal) as caught:
            directory.copy().add(post_certificate("XAV/post-1"), three.clock.now())
        assert caught.value.code == "KEY-REVOKED"
        directory.copy().add(post_certificate("XBM/post-1"), three.clock.now())
    assert not isinstance(three.tell("XBM", RELAY, frames.AskKeys([])), Refusal)


def test_a_revoked_member_neither_renews_nor_rotates_nor_joins_again(two: Federation) -> None:
    revoke(two)
    renewed = certificate("XAV", "bureau", days=400).to_bytes()
    admitting = membership.Admitting(renewed, [approval(renewed)])
    assert folded(two, membership.ADMITTED, admitting) == {"KEY-REVOKED"}
    theirs = follower(two.bureau("XAV").me, "XAV/2", two.clock.now(), "XAV/3")
    rotating = member_keys.Rotating(theirs.to_bytes())
    assert folded(two, member_keys.ROTATED, rotating, "XAV") == {"KEY-REVOKED"}
    new = follower(two.bureau("XAV").me, NEW, two.clock.now()).to_bytes()
    assert folded(two, membership.ADMITTED, membership.Admitting(new, [approval(new)])) == {"KEY-REVOKED"}
    other = certificate("XBM", "bureau", days=400).to_bytes()
    assert folded(two, membership.ADMITTED, membership.Admitting(other)) == {"taken"}


def test_a_batch_of_a_hostile_relay_with_an_entry_of_a_revoked_key_is_taken_by_nobody(
    three: Federation, monkeypatch: pytest.MonkeyPatch
) -> None:
    entry = forged(three, "XAV", b"\x80", membership.EPOCH)
    revoke(three)
    hostile = three.relay
    true = hostile.directory.certificate
    own = certificate("XAV", "bureau")
    monkeypatch.setattr(hostile.directory, "check_signs", lambda _name: None)
    monkeypatch.setattr(
        hostile.directory, "certificate", lambda name, at_ms=None: own if name == "XAV" else true(name, at_ms)
    )
    held = hostile.size
    three.tell("XAV", RELAY, frames.Append([entry.encoded]))
    assert hostile.size == held + 1
    refused = three.pump()
    assert {one.code for _, one in refused} >= {"KEY-REVOKED"}
    for name in (CENTRE, "XBM", "XCS"):
        assert three.bureau(name).following.size == held
