"""Hostile peers: every frame an admitted node can send ends in a counted refusal that changes nothing, or is taken."""

import sqlite3
from functools import partial
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.attack.absurd import BLOB, BROKEN, NUMBERS, TEXTS, VALUES, one_changed, packed
from tests.attack.hostile import EXAMPLES, after, fuzz, mailed
from tests.node.federation import Federation
from tests.node.samples import ASKS_PASSPORT, CENTRE, PASSPORT, POST, RELAY, standing

from allpoints.border import store as border_store
from allpoints.border.question import Question
from allpoints.ground.refusal import Refusal
from allpoints.ledger.entry import Entry
from allpoints.node import frames, hits, membership
from allpoints.node.outbox import Seal
from allpoints.node.posts import CHECK_LABEL

TAGS = [frame.__name__ for frame in frames.Frame.__subclasses__()]
PLACES = [
    ("XAV", RELAY),
    (RELAY, "XAV"),
    (RELAY, "XBM"),
    (RELAY, CENTRE),
    (POST, "XBM"),
    ("XBM/post-9", "XBM"),
    ("XDV", RELAY),
    ("XBM", POST),
]
"""Who sends to whom: members and strangers to the relay, the relay to members, posts and strangers to a bureau."""


def state(db: sqlite3.Connection) -> str:
    return "\n".join(db.iterdump())


def give(world: Federation, sender: str, to: str, data: bytes) -> Any:
    """Hand one frame over; a refusal must be counted and must have changed nothing."""
    node = world.nodes[to]
    before, counted = state(node.db), sum(node.refusals.values())
    (outcome,) = node.run([lambda: node.receive(sender, data)])
    if isinstance(outcome, Refusal):
        assert state(node.db) == before
        assert sum(node.refusals.values()) == counted + 1
    else:
        assert outcome is None
    world.wire.queue.clear()
    return outcome


RAW_FRAMES = st.tuples(st.sampled_from(TAGS), st.lists(VALUES, max_size=6)).map(
    lambda raw: packed([raw[0], *raw[1]])
)


@fuzz
@given(st.sampled_from(PLACES), RAW_FRAMES | st.sampled_from(BROKEN))
def test_a_frame_with_fields_of_any_kind_is_taken_or_refused(
    world: Federation, place: tuple[str, str], data: bytes
) -> None:
    give(world, *place, data)


COUNTS = st.sampled_from([0, 1, 2, 255, 2**31, 2**53 - 1, 2**53])
INSTANTS = st.sampled_from([0, 1, 2**31, 1_790_000_000_000, 253_402_300_799_999])
TEXT = TEXTS | st.text(max_size=8)
HOLD = st.lists(BLOB, max_size=3)
FAULTS = st.fixed_dictionaries({"code": TEXT, "sentence": TEXT, "path": TEXT, "hint": TEXT})
GRANT = standing().grant
ASKERS = one_changed({"grant": GRANT, "purpose": "border-control", "case": "C-1"})
QUESTIONS = one_changed(
    msgspec.to_builtins(ASKS_PASSPORT) | {"mrz": "", "family_name": "", "given_names": ""}
)
CHANGES = st.tuples(COUNTS, st.just(bytes(16)), COUNTS, st.none() | st.just(bytes(32)), BLOB)
FILE_ID = st.just(bytes(16)) | BLOB
TYPED = {
    "Follow": st.tuples(COUNTS),
    "Entries": st.tuples(COUNTS, HOLD, TEXT, COUNTS),
    "Followed": st.tuples(COUNTS),
    "Beat": st.tuples(INSTANTS, COUNTS),
    "Append": st.tuples(HOLD),
    "Appended": st.tuples(HOLD, st.lists(COUNTS, max_size=3)),
    "NotAppended": st.tuples(BLOB, FAULTS),
    "Deposit": st.tuples(BLOB),
    "Deposited": st.tuples(BLOB, BLOB),
    "NotDeposited": st.tuples(BLOB, FAULTS),
    "Mail": st.tuples(st.lists(COUNTS, max_size=3), HOLD),
    "Took": st.tuples(st.lists(COUNTS, max_size=3)),
    "PublishKeys": st.tuples(BLOB, HOLD),
    "KeysPublished": st.tuples(COUNTS),
    "AskKeys": st.tuples(st.lists(st.tuples(TEXT, COUNTS), max_size=3)),
    "PeerKeys": st.tuples(HOLD),
    "AskOneTime": st.tuples(TEXT | st.sampled_from(["XBM", "XAV"]), COUNTS),
    "OneTimeKeys": st.tuples(BLOB, HOLD),
    "AddCheckpoint": st.tuples(COUNTS, HOLD, TEXT),
    "Cosigned": st.tuples(COUNTS, TEXT),
    "NotCosigned": st.tuples(COUNTS, FAULTS),
    "Witnessed": st.tuples(TEXT),
    "FileOffer": st.tuples(FILE_ID, COUNTS, st.lists(TEXT | st.just("XBM"), max_size=3), COUNTS),
    "FileFrom": st.tuples(FILE_ID, COUNTS),
    "FileChunk": st.tuples(FILE_ID, COUNTS, BLOB),
    "AskFile": st.tuples(FILE_ID, COUNTS, st.booleans()),
    "FileTook": st.tuples(FILE_ID),
    "FileRefused": st.tuples(FILE_ID, FAULTS),
    "Ask": st.tuples(TEXT, QUESTIONS.map(packed) | BLOB, ASKERS.map(packed) | BLOB, INSTANTS),
    "GrantsEnded": st.tuples(st.lists(st.tuples(st.just(bytes(16)) | BLOB, INSTANTS), max_size=3)),
    "Answered": st.tuples(TEXT, BLOB, st.none() | FAULTS),
    "Record": st.tuples(TEXT, BLOB),
    "Recorded": st.tuples(st.lists(TEXT, max_size=3)),
    "ExtractFrom": st.tuples(COUNTS, BLOB),
    "ExtractPart": st.tuples(st.lists(CHANGES, max_size=3), COUNTS, st.booleans()),
    "ExtractStamp": st.tuples(BLOB),
    "ExtractKey": st.tuples(BLOB),
    "Word": st.tuples(COUNTS | NUMBERS, st.just(packed(["Dismissals", [[bytes(16), bytes(16), 1]]])) | BLOB),
    "Heard": st.tuples(st.lists(COUNTS | NUMBERS, max_size=3)),
    "Withdrawn": st.just(()),
    "Dismissals": st.tuples(st.lists(st.tuples(BLOB, BLOB, COUNTS), max_size=3)),
    "Outcome": st.tuples(TEXT, TEXT, TEXT, TEXT, INSTANTS),
    "AuditHead": st.tuples(COUNTS, TEXT, COUNTS, HOLD),
    "AuditKept": st.tuples(COUNTS, COUNTS, BLOB),
}


def test_every_kind_of_frame_is_fuzzed() -> None:
    assert set(TYPED) == set(TAGS)


@fuzz
@given(
    st.sampled_from(PLACES),
    st.sampled_from(sorted(TYPED)).flatmap(lambda tag: TYPED[tag].map(lambda fields: packed([tag, *fields]))),
)
def test_a_frame_of_the_right_shape_with_absurd_content_is_taken_or_refused(
    world: Federation, place: tuple[str, str], data: bytes
) -> None:
    give(world, *place, data)
    after(world)


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("data", BROKEN, ids=range(len(BROKEN)))
def test_broken_bytes_are_refused_from_everybody(
    world: Federation, place: tuple[str, str], data: bytes
) -> None:
    assert isinstance(give(world, *place, data), Refusal)


ALONE = one_changed(
    {
        "check": "c" * 24,
        "question": msgspec.to_builtins(ASKS_PASSPORT),
        "asker": {"grant": GRANT, "purpose": "border-control", "case": "C-1"},
        "asked_ms": 1_790_000_000_000,
        "verdict": "document",
        "records": [["00" * 16, 1]],
    }
)


@fuzz
@given(ALONE.map(packed) | BLOB)
def test_a_check_told_later_with_absurd_content_is_taken_or_refused(world: Federation, clear: bytes) -> None:
    sealed = world.bureau("XBM").me.reception.public.seal(clear, CHECK_LABEL + b"c" * 24)
    give(world, POST, "XBM", frames.encode(frames.Record("c" * 24, sealed)))
    after(world)


# -- what is well formed and still too much


def test_an_acknowledgement_from_the_future_opens_no_window(world: Federation) -> None:
    assert give(world, "XAV", RELAY, frames.encode(frames.Follow(1))) is None
    assert give(world, "XAV", RELAY, frames.encode(frames.Followed(frames.COUNT_LIMIT))) is None
    follower = world.relay.followers["XAV"]
    assert follower.acked == follower.next_seq - 1 <= world.relay.size
    assert give(world, POST, "XBM", frames.encode(frames.ExtractFrom(0, b""))) is None
    assert give(world, POST, "XBM", frames.encode(frames.Followed(frames.COUNT_LIMIT))) is None
    held = world.bureau("XBM").posts.connected[POST]
    assert held.acked == held.number <= world.bureau("XBM").index.number


@pytest.mark.parametrize(
    ("sender", "to", "raw"),
    [
        ("XAV", RELAY, ["Took", [1]]),
        ("XAV", RELAY, ["Append", [b""]]),
        (POST, "XBM", ["Heard", [1]]),
        (RELAY, "XBM", ["Mail", [1], [b""]]),
        (RELAY, "XBM", ["Appended", [b""], [1]]),
    ],
)
def test_a_list_longer_than_any_honest_one_is_refused_and_a_short_one_is_not(
    world: Federation, sender: str, to: str, raw: list[Any]
) -> None:
    tag, *lists = raw
    long = [tag, *[items * (frames.LIST_LIMIT + 1) for items in lists]]
    refused = give(world, sender, to, packed(long))
    assert isinstance(refused, Refusal)
    assert refused.code == "FRAME-UNREADABLE"
    assert getattr(give(world, sender, to, packed(raw)), "code", "") != "FRAME-UNREADABLE"


def test_a_question_from_a_post_has_an_end(world: Federation) -> None:
    question, asker = packed({"number": "AB123456", "issuer": "XAV"}), packed(standing())
    at = world.clock.now()
    for check, asked, who in (
        ("c" * 65, question, asker),
        ("c", bytes(20_000), asker),
        ("c", question, bytes(20_000)),
    ):
        assert isinstance(give(world, POST, "XBM", packed(["Ask", check, asked, who, at])), Refusal)
    assert give(world, POST, "XBM", packed(["Ask", "c" * 24, question, asker, at])) is None


def test_keys_of_older_entries_given_again_and_again_open_each_entry_once(tmp_path: Path) -> None:
    federation = Federation(tmp_path, ("XAV",))
    federation.enter()
    federation.admit("XBM")
    federation.start("XBM")
    reader, opened = federation.bureau("XBM"), list[int]()
    fold = reader.following.openers[membership.RECORDS]

    def counted(entry: Entry, body: bytes, seq: int) -> None:
        opened.append(seq)
        fold(entry, body, seq)

    reader.following.openers[membership.RECORDS] = counted
    federation.connect("XBM")
    federation.tick()
    writer = federation.bureau("XAV")
    keys = writer.audience._missed("XBM", 0)
    assert len(keys) == len(opened) == 1
    (epoch, secret), (slot,) = (
        writer.db.execute("SELECT id, secret FROM office_epoch").fetchone(),
        writer.db.execute("SELECT slot FROM office_seats WHERE member='XBM'").fetchone(),
    )
    for _ in range(3):
        again = packed({"keys": keys * 50})
        writer.do(partial(writer.outbox.write, membership.WIDENED, again, Seal(epoch, secret, [slot])))
    assert not federation.pump()
    assert len(opened) == 1
    assert federation.check("XBM", ASKS_PASSPORT).verdict == "document"
    for node in federation.nodes.values():
        node.close()


def test_answers_to_hits_that_nobody_raised_fill_no_disk(
    world: Federation, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(border_store, "EARLY_LIMIT", 3)
    bureau = world.bureau("XBM")
    before = bureau.refusals["HIT-UNKNOWN"]
    for at in range(6):
        mailed(
            world,
            hits.ANSWERED,
            "XBM",
            packed({"hit": f"h{at}", "state": "refuted", "reason": "r", "by": "XAV", "at_ms": 1}),
        )
    kept = bureau.db.execute("SELECT count(*) FROM office_early_answers WHERE by_name='XAV'").fetchone()[0]
    assert kept <= 3 + EXAMPLES
    assert bureau.refusals["HIT-UNKNOWN"] >= before + 3


def test_after_all_of_that_the_main_job_is_still_done(world: Federation) -> None:
    for name in ("XAV", "XBM", CENTRE, POST):
        world.connect(name)
    world.enter("XAV", PASSPORT, source_ref="AV-after", document_number="ZZ900001")
    world.tick()
    asked = Question(number="ZZ900001", issuer="XAV")
    assert world.check("XBM", asked).verdict == "document"
    (shown,) = world.check_at_post(asked)
    assert not isinstance(shown, Refusal)
    assert shown.verdict == "document"
    assert world.check("XBM", Question(number="ZZ900002", issuer="XAV")).verdict == "clear"
