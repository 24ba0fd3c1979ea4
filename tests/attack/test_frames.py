"""Hostile peers: every frame an admitted node can send ends in a counted refusal that changes nothing, or is taken."""

import sqlite3
import zlib
from collections.abc import Callable, Iterator
from typing import Any

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from allpoints.ground.refusal import Refusal
from allpoints.node import correspondence, frames, hits, membership, notice_desk, post_office
from allpoints.notices.viewing import Filter
from allpoints.node.posts import CHECK_LABEL
from allpoints.registers.record import Batch, RecordOp
from tests.attack.absurd import BROKEN, BYTES, NUMBERS, TEXTS, VALUES, one_changed, outcome_of, packed
from tests.node.federation import Federation
from tests.node.samples import ANNA, ASKS_PASSPORT, CENTRE, PASSPORT, PERSON, POST, RED, RELAY

EXAMPLES = int(__import__("os").environ.get("EX", "60"))
fuzz = settings(
    max_examples=EXAMPLES,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)

TAGS = [name for name in (frame.__name__ for frame in frames.Frame.__subclasses__())]
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


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Federation]:
    federation = Federation(tmp_path_factory.mktemp("attack"), ("XAV", "XBM"), (POST,))
    federation.enter()
    federation.enter("XAV", PERSON, register="persons")
    federation.tick()
    yield federation
    for node in federation.nodes.values():
        node.close()


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


RAW_FRAMES = st.tuples(st.sampled_from(TAGS), st.lists(VALUES, max_size=6)).map(lambda raw: packed([raw[0], *raw[1]]))


@fuzz
@given(st.sampled_from(PLACES), RAW_FRAMES | st.sampled_from(BROKEN))
def test_a_frame_with_fields_of_any_kind_is_taken_or_refused(
    world: Federation, place: tuple[str, str], data: bytes
) -> None:
    give(world, *place, data)


COUNTS = st.sampled_from([0, 1, 2, 255, 2**31, 2**53 - 1, 2**53])
INSTANTS = st.sampled_from([0, 1, 2**31, 1_790_000_000_000, 253_402_300_799_999])
TEXT = TEXTS | st.text(max_size=8)
BLOB = BYTES | st.binary(max_size=24)
HOLD = st.lists(BLOB, max_size=3)
FAULTS = st.fixed_dictionaries({"code": TEXT, "sentence": TEXT, "path": TEXT, "hint": TEXT})
ASKERS = one_changed({"officer": "bea", "roles": ["border"], "purpose": "border-control", "case": "C-1", "post": ""})
QUESTIONS = one_changed(msgspec.to_builtins(ASKS_PASSPORT) | {"mrz": "", "family_name": "", "given_names": ""})
CHANGES = st.tuples(COUNTS, st.just(bytes(16)), COUNTS, st.none() | st.just(bytes(32)), BLOB)
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
    "Ask": st.tuples(TEXT, QUESTIONS.map(packed) | BLOB, ASKERS.map(packed) | BLOB, INSTANTS),
    "Answered": st.tuples(TEXT, BLOB, st.none() | FAULTS),
    "Record": st.tuples(TEXT, BLOB),
    "Recorded": st.tuples(st.lists(TEXT, max_size=3)),
    "ExtractFrom": st.tuples(COUNTS, BLOB),
    "ExtractPart": st.tuples(st.lists(CHANGES, max_size=3), COUNTS, st.booleans()),
    "ExtractStamp": st.tuples(BLOB),
    "ExtractKey": st.tuples(BLOB),
    "Word": st.tuples(COUNTS | NUMBERS, st.just(packed(["Dismissals", [[bytes(16), bytes(16), 1]]])) | BLOB),
    "Heard": st.tuples(st.lists(COUNTS | NUMBERS, max_size=3)),
    "Dismissals": st.tuples(st.lists(st.tuples(BLOB, BLOB, COUNTS), max_size=3)),
    "Outcome": st.tuples(TEXT, TEXT, TEXT, TEXT, INSTANTS),
}


def test_every_kind_of_frame_is_fuzzed() -> None:
    assert set(TYPED) == set(TAGS)


@fuzz
@given(st.sampled_from(PLACES), st.sampled_from(sorted(TYPED)).flatmap(lambda tag: TYPED[tag].map(lambda fields: packed([tag, *fields]))))
def test_a_frame_of_the_right_shape_with_absurd_content_is_taken_or_refused(
    world: Federation, place: tuple[str, str], data: bytes
) -> None:
    give(world, *place, data)
    after(world)


def after(world: Federation) -> None:
    """Whatever was taken, every node still ticks, and officers can still read what they may."""
    for name in ("XBM", "XAV", CENTRE, POST, RELAY):
        node = world.nodes[name]
        node.run([node.tick])
    world.wire.queue.clear()


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("data", BROKEN, ids=range(len(BROKEN)))
def test_broken_bytes_are_refused_from_everybody(world: Federation, place: tuple[str, str], data: bytes) -> None:
    assert isinstance(give(world, *place, data), Refusal)


ALONE = one_changed(
    {
        "check": "c" * 24,
        "question": msgspec.to_builtins(ASKS_PASSPORT),
        "asker": {"officer": "bea", "roles": ["border"], "purpose": "border-control", "case": "C-1"},
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


# -- entries: what a member writes into the ledger, opened and folded by all others


def written(world: Federation, author: str, kind: str, body: bytes) -> None:
    """An admitted member writes an entry with this body, well signed and sealed, and everybody folds it."""
    writer = world.bureau(author)
    recipients = writer.audience.recipients(())
    writer.do(lambda: writer.outbox.write(kind, body, recipients, ()))
    refused = world.pump()
    assert not refused, refused


PUT = {"op": "put", "ref": "AV-1", "version": 7, "body": b"", "purpose": "border-control", "handling": "official-use"}
PASSPORT_BODY = one_changed(PASSPORT | {"document_number": "AB123456", "last_number": "AB123499"}).map(packed)
PERSON_BODY = one_changed(PERSON).map(packed)
OPS = st.builds(lambda op, body: op | {"body": body}, st.just(PUT) | one_changed(PUT), PASSPORT_BODY | PERSON_BODY | BLOB)
BATCHES = st.one_of(
    st.builds(
        lambda register, ops: {"register": register, "declaration": 1, "ops": ops},
        st.sampled_from(["travel-documents", "persons", "none"]),
        st.lists(OPS, min_size=1, max_size=3),
    ),
    one_changed({"register": "persons", "declaration": 1, "ops": [PUT]}),
)


@fuzz
@given(BATCHES.map(packed).map(zlib.compress) | BLOB | BLOB.map(zlib.compress))
def test_records_with_absurd_content_in_a_sound_entry_stop_nobody(world: Federation, body: bytes) -> None:
    written(world, "XAV", membership.RECORDS, body)
    after(world)


@fuzz
@given(
    st.sampled_from([membership.WITHDRAWN, membership.WIDENED]),
    st.one_of(
        one_changed({"notice_id": "2026/1", "reason": "Over.", "code": "ACHIEVED"}).map(packed),
        st.lists(st.tuples(BLOB, BLOB), max_size=3).map(lambda keys: packed({"keys": keys})),
        VALUES.map(packed),
        BLOB,
    ),
)
def test_other_entries_of_a_member_with_absurd_content_stop_nobody(
    world: Federation, kind: str, body: bytes
) -> None:
    written(world, "XAV", kind, body)


@fuzz
@given(
    st.sampled_from([membership.PUBLISHED, membership.CANCELLED]),
    st.one_of(
        one_changed(
            {
                "notice_id": "2026/1",
                "control_number": "A-1/1-2026",
                "signed": {"submission": b"x", "ed25519": bytes(64), "ml_dsa_65": bytes(3309)},
                "rule_version": "1",
                "published_ms": 1,
                "expires_ms": 2,
                "urgent": False,
                "version": 1,
            }
        ).map(packed),
        VALUES.map(packed),
        BLOB,
    ),
)
def test_entries_of_the_secretariat_with_absurd_content_stop_nobody(
    world: Federation, kind: str, body: bytes
) -> None:
    written(world, CENTRE, kind, body)


# -- mail: what a member seals to another


def mailed(world: Federation, kind: str, to: str, body: bytes) -> None:
    sender = world.bureau("XAV")
    sender.do(lambda: sender.mail.send(kind, [to], body))
    refused = world.pump()
    assert not refused, refused


HIT = {
    "hit": "h",
    "check": "c",
    "record": "00" * 16,
    "version": 1,
    "register": "persons",
    "verdict": "bearer",
    "owner": "XBM",
    "searcher": "XAV",
    "post": "",
    "reference": "r",
    "caption": "c",
    "asked": "a",
    "reason": "r",
    "checked_ms": 1,
    "raised_ms": 1,
    "deadline_ms": 1,
}
SUBMISSION = {
    "id": "0" * 32,
    "kind": "red",
    "owner": "XAV",
    "owner_ref": "N-1",
    "body": RED,
    "excluded": [],
    "language": "en",
    "submitted_ms": 1,
    "submitted_by": "desk",
}
MAIL = st.one_of(
    st.tuples(st.just(hits.RAISED), one_changed(HIT).map(packed)),
    st.tuples(
        st.just(hits.ANSWERED),
        one_changed({"hit": "h", "state": "refuted", "reason": "r", "by": "XAV", "at_ms": 1}).map(packed),
    ),
    st.tuples(
        st.just(correspondence.LETTER),
        one_changed({"subject": "s", "text": "t", "case": "c", "by": "b", "language": "en", "reply_to": ""}).map(packed),
    ),
    st.tuples(
        st.just(notice_desk.TOLD),
        one_changed({"submission_id": "0" * 32, "revision": 1, "state": "refused", "codes": [], "text": "", "at_ms": 1}).map(packed),
    ),
    st.tuples(
        st.sampled_from([post_office.RECEIPT, notice_desk.TAKEN_BACK, notice_desk.SUBMITTED, "un.known", hits.RAISED]),
        BLOB | VALUES.map(packed),
    ),
)


@fuzz
@given(MAIL, st.sampled_from(["XBM", CENTRE]))
def test_mail_with_absurd_content_stops_nobody_and_hides_nothing(
    world: Federation, mail: tuple[str, bytes], to: str
) -> None:
    mailed(world, mail[0], to, mail[1])
    after(world)
    everything_readable(world.bureau(to))


@fuzz
@given(one_changed(SUBMISSION), st.integers(0, 2**62))
def test_a_submission_signed_by_its_owner_with_absurd_content_stops_nobody(
    world: Federation, raw: dict[str, Any], number: int
) -> None:
    if raw.get("id") == SUBMISSION["id"]:
        raw = raw | {"id": f"{number:032x}"}
    world.bureau("XAV")
    mailed(world, notice_desk.SUBMITTED, CENTRE, signed_submission(world, packed(raw)))
    everything_readable(world.centre)


@fuzz
@given(one_changed(RED), st.integers(0, 2**62))
def test_a_notice_body_with_absurd_fields_is_examined_without_harm(
    world: Federation, body: dict[str, Any], number: int
) -> None:
    raw = SUBMISSION | {"id": f"{number:032x}", "body": body}
    mailed(world, notice_desk.SUBMITTED, CENTRE, signed_submission(world, packed(raw)))
    everything_readable(world.centre)


def signed_submission(world: Federation, data: bytes) -> bytes:
    signature = world.bureau("XAV").me.signing.sign(b"allpoints/notice/1", data)
    return packed({"submission": data, "ed25519": signature.ed25519, "ml_dsa_65": signature.ml_dsa_65})


def everything_readable(bureau: Any) -> None:
    """All that an officer's pages and programs read is still read, and can be written as JSON."""
    read = [
        *outcome(bureau, lambda: bureau.hits.list_(ANNA)),
        *outcome(bureau, lambda: bureau.letters.list_(ANNA, "inbox")),
        *outcome(bureau, lambda: bureau.notices.submissions(ANNA)),
        *outcome(bureau, lambda: bureau.notices.list_(ANNA, Filter()).rows),
        *outcome(bureau, lambda: bureau.alerts.recent()),
    ]
    if bureau.review is not None:
        rows = outcome(bureau, lambda: bureau.review.queue(ANNA))
        read += rows
        for row in rows[:3]:
            read.append(outcome(bureau, lambda row=row: bureau.review.case(ANNA, row.case.id)))
    for view in bureau.hits.list_(ANNA)[:3]:
        read.append(outcome(bureau, lambda view=view: bureau.hits.read(ANNA, view.hit.hit)))
    msgspec.json.encode(read, enc_hook=repr)


def outcome(bureau: Any, work: Callable[[], Any]) -> Any:
    done = outcome_of(lambda: bureau.do(work))
    assert not isinstance(done, Refusal), done
    return done
