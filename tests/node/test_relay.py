"""The relay: takes from each what is its own, refuses and counts the rest, and forgets nothing it acknowledged."""

import os

import pytest
from tests.node.federation import Federation, dump
from tests.node.samples import ANNA, CENTRE, POST, RELAY, approved, certificate, keys

from allpoints.ground.refusal import Refusal
from allpoints.ledger.entry import Header, compose, parse
from allpoints.ledger.facts import CLEAR
from allpoints.messages.letter import Draft
from allpoints.node import frames, membership


def entry(federation: Federation, author: str, kind: str, body: bytes, signer: str = "") -> bytes:
    """The next entry in an author's chain, in clear, signed by ``signer``."""
    row = federation.relay.db.execute(
        "SELECT seq, hash FROM ledger_heads WHERE author=?", (author,)
    ).fetchone() or (0, bytes(32))
    header = Header(
        id=os.urandom(16),
        kind=kind,
        author=author,
        created_ms=federation.clock.now(),
        author_seq=row[0] + 1,
        prev=row[1],
        sealing=CLEAR,
        salt=os.urandom(32),
    )
    return compose(header, None, body, keys(signer or author)[0]).encoded


def admission(name: str) -> bytes:
    return approved(certificate(name, "bureau"))


ODD = [
    frames.Entries(1, [b"x"], "checkpoint", 1),
    frames.Appended([b"i" * 16], [1]),
    frames.NotDeposited(b"h" * 32, Refusal("A", "b").fault()),
    frames.Deposited(b"h" * 32, b"r"),
    frames.Mail([1], [b"e"]),
    frames.Ask("c", b"q", b"a", 1),
    frames.Answered("c", b"a"),
    frames.Record("c", b"s"),
    frames.Recorded(["c"]),
    frames.ExtractFrom(0, bytes(32)),
    frames.ExtractPart([], 0),
    frames.ExtractStamp(b"s"),
    frames.ExtractKey(b"k" * 32),
    frames.Dismissals([]),
    frames.Outcome("h", "c", "confirmed", "r", 1),
]


@pytest.mark.parametrize("frame", ODD, ids=lambda frame: type(frame).__name__)
def test_a_relay_refuses_and_counts_frames_that_are_not_for_it(
    still: Federation, frame: frames.Frame
) -> None:
    before, refused = dump(still.relay.db), still.relay.refusals["FRAME-UNEXPECTED"]
    outcome = still.tell("XAV", RELAY, frame)
    assert isinstance(outcome, Refusal)
    assert still.relay.refusals["FRAME-UNEXPECTED"] == refused + 1
    assert dump(still.relay.db) == before
    assert not still.wire.queue


@pytest.mark.parametrize("peer", [POST, "XDV", "XSC/relay", ""])
@pytest.mark.parametrize(
    "frame",
    [frames.Follow(1), frames.Took([1]), frames.Beat(1), frames.Append([])],
    ids=lambda one: type(one).__name__,
)
def test_a_relay_has_nothing_for_a_node_that_is_no_member(
    still: Federation, peer: str, frame: frames.Frame
) -> None:
    before = dump(still.relay.db)
    outcome = still.tell(peer, RELAY, frame)
    assert isinstance(outcome, Refusal)
    assert outcome.code == "PEER-UNKNOWN"
    assert (dump(still.relay.db), len(still.wire.queue)) == (before, 0)


def test_an_entry_is_taken_from_its_author_alone(two: Federation) -> None:
    before = dump(two.relay.db)
    forged = entry(two, "XAV", membership.RECORDS, b"")
    outcome = two.tell("XBM", RELAY, frames.Append([forged]))
    assert isinstance(outcome, Refusal)
    assert outcome.code == "ENTRY-NOT-YOURS"
    assert dump(two.relay.db) == before
    assert two.tell("XAV", RELAY, frames.Append([forged])) is None
    assert two.relay.size == parse_size(two) == len(before_entries(before)) + 1


def parse_size(federation: Federation) -> int:
    return int(federation.relay.db.execute("SELECT count(*) FROM ledger_entries").fetchone()[0])


def before_entries(lines: list[str]) -> list[str]:
    return [line for line in lines if line.startswith('INSERT INTO "ledger_entries"')]


@pytest.mark.parametrize(
    ("author", "kind", "signer", "code"),
    [
        ("XAV", membership.ADMITTED, "", "KIND-NOT-ALLOWED"),
        ("XAV", membership.PUBLISHED, "", "KIND-NOT-ALLOWED"),
        ("XAV", membership.CANCELLED, "", "KIND-NOT-ALLOWED"),
        ("XAV", "no.such-kind", "", "KIND-NOT-ALLOWED"),
        (CENTRE, membership.WITHDRAWN, "", "KIND-NOT-ALLOWED"),
        ("XAV", membership.RECORDS, "XBM", "BAD-SIGNATURE"),
    ],
)
def test_an_entry_that_its_author_may_not_write_is_refused_and_the_author_is_told(
    two: Federation, author: str, kind: str, signer: str, code: str
) -> None:
    before = dump(two.relay.db)
    data = entry(two, author, kind, b"body", signer)
    two.wire.seen.clear()
    two.tell(author, RELAY, frames.Append([data]))
    (answer,) = [one.frame for one in two.wire.seen if one.to == author]
    assert isinstance(answer, frames.NotAppended)
    assert (answer.fault.code, answer.id) == (code, parse(data).header.id)
    assert two.relay.refusals[code] == 1
    assert dump(two.relay.db) == before


def test_an_admission_that_is_undone_with_its_batch_leaves_no_member_in_memory(two: Federation) -> None:
    good, foreign = (
        entry(two, CENTRE, membership.ADMITTED, admission("XDV")),
        entry(two, "XAV", "records.entered", b""),
    )
    before = dump(two.relay.db)
    outcome = two.tell(CENTRE, RELAY, frames.Append([good, foreign]))
    assert isinstance(outcome, Refusal)
    assert dump(two.relay.db) == before
    assert two.relay.directory.certificate("XDV") is None
    two.tell(CENTRE, RELAY, frames.Append([good]))
    two.pump()
    two.restart(RELAY)
    assert two.relay.directory.certificate("XDV") is not None


def test_the_same_entries_again_are_acknowledged_again_and_stand_once(two: Federation) -> None:
    data = entry(two, "XAV", membership.RECORDS, b"body")
    two.tell("XAV", RELAY, frames.Append([data]))
    before = dump(two.relay.db)
    two.wire.seen.clear()
    two.tell("XAV", RELAY, frames.Append([data]))
    acknowledged = [one.frame for one in two.wire.seen if isinstance(one.frame, frames.Appended)]
    assert acknowledged == [frames.Appended([parse(data).header.id], [two.relay.size])]
    assert dump(two.relay.db) == before


def test_a_gap_in_an_authors_chain_is_refused_and_mended_by_sending_from_the_gap_on(two: Federation) -> None:
    first = entry(two, "XAV", membership.RECORDS, b"1")
    head = parse(first)
    header = Header(
        id=os.urandom(16),
        kind=membership.RECORDS,
        author="XAV",
        created_ms=two.clock.now(),
        author_seq=head.header.author_seq + 1,
        prev=head.commitment,
        sealing=CLEAR,
        salt=os.urandom(32),
    )
    second = compose(header, None, b"2", keys("XAV")[0]).encoded
    size = two.relay.size
    two.tell("XAV", RELAY, frames.Append([second]))
    assert two.relay.refusals["AUTHOR-GAP"] == 1
    assert two.relay.size == size
    two.tell("XAV", RELAY, frames.Append([first, second]))
    assert two.relay.size == size + 2


def test_a_follower_beyond_the_ledgers_end_is_told_where_it_ends_and_one_at_its_end_follows(
    two: Federation,
) -> None:
    two.relay.departed("XAV")
    two.wire.queue.clear()
    assert two.tell("XAV", RELAY, frames.Follow(two.relay.size + 2)) is None
    assert two.relay.refusals["FOLLOW-AHEAD"] == 1
    assert [one.frame for one in two.wire.queue] == [frames.Beat(two.clock.now(), two.relay.size)]
    assert "XAV" not in two.relay.followers
    assert isinstance(two.tell("XAV", RELAY, frames.Follow(0)), Refusal)
    two.tell("XAV", RELAY, frames.Follow(two.relay.size + 1))
    assert "XAV" in two.relay.followers


def test_acknowledged_entries_and_mail_are_there_after_a_power_cut(two: Federation) -> None:
    two.enter()
    two.disconnect("XBM")
    owner = two.bureau("XAV")
    owner.do(lambda: owner.letters.send(ANNA, Draft(("XBM",), "Subject", "Text")))
    two.pump()
    assert (owner.outbox.waiting(), owner.outbox.waiting("mail")) == (0, 0)
    size = two.relay.size
    two.restart(RELAY)
    assert two.relay.size == size
    for name in ("XAV", "XBM", CENTRE):
        two.connect(name)
    assert len(two.bureau("XBM").letters.list_(ANNA, "inbox")) == 1


def test_mail_that_was_lost_on_its_way_is_offered_again_with_the_next_beat(two: Federation) -> None:
    owner, reader = two.bureau("XAV"), two.bureau("XBM")
    owner.do(lambda: owner.letters.send(ANNA, Draft(("XBM",), "Subject", "Text")))
    while two.wire.queue:
        one = two.wire.queue.popleft()
        if not isinstance(one.frame, frames.Mail):
            two.hand_over(one)
    assert reader.letters.list_(ANNA, "inbox") == []
    for _ in range(6):
        two.tick()
    assert len(reader.letters.list_(ANNA, "inbox")) == 1


def test_the_relay_sweeps_expired_mail_and_keeps_what_still_waits(two: Federation) -> None:
    two.disconnect("XBM")
    owner = two.bureau("XAV")
    owner.do(lambda: owner.letters.send(ANNA, Draft(("XBM",), "Subject", "Text")))
    two.pump()
    waiting = "SELECT count(*) FROM relay_mail"
    two.tick(20 * 86_400_000)
    assert two.relay.db.execute(waiting).fetchone() == (1,)
    two.tick(11 * 86_400_000)
    assert two.relay.db.execute(waiting).fetchone() == (0,)
