"""A member's keys are rotated: by the member alone, from a place in the ledger on, and a thief gains nothing."""

import random
from functools import partial

import pytest
from tests.node.federation import Federation
from tests.node.mailing import subjects, write
from tests.node.rotating import follower, forged, handed_in, rotate
from tests.node.samples import ASKS_PASSPORT, CENTRE, RELAY, certificate, keys
from tests.node.test_notice_desk import ASKS, RITA, ROLF, decide, submit

from allpoints.ground.refusal import Refusal
from allpoints.identity.directory import Directory
from allpoints.ledger.entry import Entry, parse
from allpoints.node import frames, member_keys, membership
from allpoints.node.credentials import Credentials
from allpoints.node.rebuilding import refold

EVERYONE = (RELAY, CENTRE, "XAV", "XBM")


def keys_known(world: Federation, name: str, member: str = "XAV") -> list[bytes]:
    node = world.relay if name == RELAY else world.bureau(name).following
    return [one.verify_key.key_id for one in node.directory.signers(member) if one.verify_key is not None]


def key_id(name: str) -> bytes:
    return keys(name)[0].public.key_id


def test_a_member_rotates_and_goes_on_with_its_next_key_at_every_node(two: Federation) -> None:
    two.enter(source_ref="before")
    held = rotate(two, "XAV")
    two.enter(source_ref="after")
    two.tick()
    for name in EVERYONE:
        assert keys_known(two, name) == [key_id("XAV"), key_id("XAV/2")]
    other = two.bureau("XBM")
    assert other.db.execute("SELECT count(*) FROM state_records").fetchone() == (2,)
    assert other.following.directory.certificate("XAV") == held
    rotate(two, "XAV", 3)
    two.enter(source_ref="later")
    assert other.db.execute("SELECT count(*) FROM state_records").fetchone() == (3,)
    assert two.relay.refusals == {}
    assert two.check("XBM", ASKS_PASSPORT).matches


def test_what_was_sealed_and_signed_before_is_still_read_when_everything_is_folded_anew(
    two: Federation,
) -> None:
    two.enter("XBM", source_ref="for the old key", issuer="XBM")
    two.enter(source_ref="by the old key")
    rotate(two, "XAV")
    two.enter("XBM", source_ref="for the new key", issuer="XBM")
    two.enter(source_ref="by the new key")
    for name in ("XAV", "XBM"):
        bureau = two.bureau(name)
        refold(bureau)
        assert bureau.db.execute("SELECT count(*) FROM state_records").fetchone() == (4,)
        assert bureau.db.execute("SELECT count(*) FROM state_refused").fetchone() == (0,)
        two.restart(name)
        assert keys_known(two, name) == [key_id("XAV"), key_id("XAV/2")]


def test_entries_that_wait_go_first_and_are_signed_by_the_key_from_before(two: Federation) -> None:
    two.disconnect("XAV")
    two.enter(source_ref="waits")
    rotate(two, "XAV")
    two.enter(source_ref="after")
    two.tick()
    assert two.bureau("XAV").outbox.waiting() == 0
    assert two.bureau("XBM").db.execute("SELECT count(*) FROM state_records").fetchone() == (2,)


def test_a_member_that_was_away_learns_of_a_rotation_in_the_same_batch_as_what_follows_it(
    two: Federation,
) -> None:
    two.disconnect("XBM")
    rotate(two, "XAV")
    two.enter()
    two.connect("XBM")
    two.tick()
    assert keys_known(two, "XBM") == [key_id("XAV"), key_id("XAV/2")]
    assert two.bureau("XBM").db.execute("SELECT count(*) FROM state_records").fetchone() == (1,)


def rotating(held: bytes) -> bytes:
    return frames.pack(member_keys.Rotating(held))


def test_a_thief_of_the_present_key_cannot_rotate_and_is_shut_out_when_the_owner_does(
    two: Federation,
) -> None:
    me = two.bureau("XAV").me
    theirs = follower(me, "thief", two.clock.now())
    assert handed_in(two, forged(two, "XAV", rotating(theirs.to_bytes()))) == "KEY-NOT-COMMITTED"
    # With a relay on his side he is no further: every node refuses it by itself.
    for name in EVERYONE:
        node = two.relay if name == RELAY else two.bureau(name).following
        event = member_keys.Event.of(forged(two, "XAV", rotating(theirs.to_bytes())), 9)
        with pytest.raises(Refusal, match="not the next key"):
            membership.apply(node.directory.copy(), me, event)
        assert not membership.may_call(node.directory, theirs)
    rotate(two, "XAV")
    assert handed_in(two, forged(two, "XAV", b"", membership.RECORDS)) == "BAD-SIGNATURE"
    assert handed_in(two, forged(two, "thief", b"", membership.RECORDS)) == "BAD-SIGNATURE"
    assert not membership.may_call(two.relay.directory, certificate("XAV", "bureau"))
    two.enter()
    assert two.bureau("XBM").db.execute("SELECT count(*) FROM state_records").fetchone() == (1,)


def test_a_rotation_needs_the_present_keys_signature_and_is_the_members_own(two: Federation) -> None:
    me = two.bureau("XAV").me
    mine = follower(me, "XAV/2", two.clock.now(), "XAV/3")
    body = rotating(mine.to_bytes())
    assert handed_in(two, forged(two, "XAV/2", body)) == "BAD-SIGNATURE"
    other = follower(two.bureau("XBM").me, "XBM/2", two.clock.now())
    assert handed_in(two, forged(two, "XAV", rotating(other.to_bytes()))) == "EVENT-AUTHOR"
    centre = two.centre
    centre.do(lambda: centre.outbox.write_clear(member_keys.ROTATED, body))
    two.pump()
    assert centre.outbox.blocked()[0][0] == "KIND-NOT-ALLOWED"
    assert handed_in(two, forged(two, "XAV", body)) == ""


def test_whoever_has_the_next_key_may_call_before_the_rotation_is_in_the_ledger(two: Federation) -> None:
    me = two.bureau("XAV").me
    directory = two.relay.directory
    assert membership.may_call(directory, follower(me, "XAV/2", two.clock.now()))
    assert not membership.may_call(directory, follower(me, "XAV/3", two.clock.now()))
    assert not membership.may_call(directory, follower(me, "XBM/2", two.clock.now()))
    assert membership.may_call(directory, certificate("XAV", "bureau"))
    dropped: list[str] = []
    two.relay.on_key_ended = dropped.append
    rotate(two, "XAV")
    assert dropped == ["XAV"]


def test_a_suspended_member_rotates_and_stays_suspended(two: Federation) -> None:
    two.suspend("XAV")
    rotate(two, "XAV")
    assert keys_known(two, RELAY) == [key_id("XAV"), key_id("XAV/2")]
    with pytest.raises(Refusal):
        two.enter()
    two.restore("XAV")
    two.connect("XAV")
    two.enter()
    assert two.bureau("XBM").db.execute("SELECT count(*) FROM state_records").fetchone() == (1,)


def test_letters_go_both_ways_after_a_rotation(two: Federation) -> None:
    rotate(two, "XAV")
    for _ in range(3):
        two.tick(60_000)
    for sender, to in (("XAV", "XBM"), ("XBM", "XAV")):
        write(two, f"from {sender}", sender, to)
        two.tick(60_000)
        assert subjects(two, to) == [f"from {sender}"]


def test_a_letter_on_its_way_when_its_sender_rotates_is_sealed_again_and_arrives(two: Federation) -> None:
    two.tick(60_000)
    two.disconnect("XBM")
    write(two, "on its way")
    two.pump()
    rotate(two, "XAV")
    two.connect("XBM")
    for _ in range(5):
        two.tick(60_000)
    assert subjects(two) == ["on its way"]


def test_no_flipped_bit_of_a_rotation_is_accepted(two: Federation) -> None:
    """Of the entry, by a follower; of the certificate in it, by the fold even when the entry were signed anew."""
    me = two.bureau("XAV").me
    sound = follower(me, "XAV/2", two.clock.now(), "XAV/3").to_bytes()
    entry = forged(two, "XAV", rotating(sound))
    chance, accepted = random.Random(4), 0
    directory = two.relay.directory
    for whole, taken in (
        (entry.encoded, partial(_followed, directory, me)),
        (entry.sealed, partial(_folded, directory, me, entry)),
    ):
        assert taken(whole)
        places = sorted({*range(80), *chance.sample(range(len(whole)), 300)})
        for at in places:
            altered = whole[:at] + bytes((whole[at] ^ (1 << chance.randrange(8)),)) + whole[at + 1 :]
            accepted += taken(altered)
    assert accepted == 0


def _followed(directory: Directory, me: Credentials, data: bytes) -> bool:
    """Whether a follower would take these bytes as XAV's next entry, and the rotation in it."""
    try:
        entry = parse(data)
        header = entry.header
        entry.verify(membership.author_key(directory, me, header.author, header.kind, header.created_ms))
    except Refusal:
        return False
    return _folded(directory, me, entry, entry.sealed)


def _folded(directory: Directory, me: Credentials, entry: Entry, body: bytes) -> bool:
    header = entry.header
    try:
        event = member_keys.Event(9, header.kind, header.author, header.created_ms, body)
        return membership.apply(directory.copy(), me, event) == "XAV"
    except Refusal:
        return False


def test_the_desk_hears_who_signs_with_a_new_key(two: Federation) -> None:
    rotate(two, "XAV")
    titles = [one.title for one in two.bureau("XBM").alerts.recent()]
    assert [title for title in titles if "XAV signs with its next key" in title]


def test_a_notice_that_was_submitted_before_a_rotation_is_published_after_it_and_read_by_newcomers(
    two: Federation,
) -> None:
    """It bears the former key's signature for ever; nobody but the owner had that key either."""
    case = submit(two)
    rotate(two, "XAV")
    for asker in (RITA, ROLF):
        decide(two, case, asker)
    assert two.check("XBM", ASKS).verdict == "bearer"
    two.admit("XCS")
    two.start("XCS")
    two.connect("XCS")
    two.tick()
    two.pump()
    assert two.check("XCS", ASKS).verdict == "bearer"
