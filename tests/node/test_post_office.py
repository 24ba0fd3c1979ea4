"""Sealed mail between nodes: opened once, receipted, in a chain; altered, replayed and re-addressed mail is refused."""

import os
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.node.federation import Federation, dump
from tests.node.samples import ANNA, CENTRE, RELAY, keys

from allpoints.ground.refusal import Refusal
from allpoints.messages import store as letters
from allpoints.messages.letter import Draft as LetterDraft
from allpoints.messages.letter import Letter
from allpoints.node import frames
from allpoints.sealing import cbor, padding, wrapping
from allpoints.sealing import envelope as sealing
from allpoints.sealing.envelope import ENVELOPE_LIMIT_BYTES, Draft, envelope_hash, seal
from allpoints.sealing.receipt import Receipt, sign_receipt

LETTER = Letter("Subject", "Text", "C-17", "desk of XAV")


def sealed(
    federation: Federation, sender: str = "XAV", to: tuple[str, ...] = ("XBM",), **changes: Any
) -> bytes:
    """An envelope as its sender would make it, or as a cheat would."""
    signer = changes.pop("signer", sender)
    fields: dict[str, Any] = {
        "type": "letter",
        "handling": "official-use",
        "purpose": "border-control",
        "body": frames.pack(LETTER),
        "created_ms": federation.clock.now(),
        "expires_ms": federation.clock.now() + 1_000_000,
    }
    public = {name: federation.key_of(name) for name in to}
    return seal(Draft(**(fields | changes)), sender, keys(signer)[0], public)


def deliver(federation: Federation, *envelopes: bytes, to: str = "XBM") -> dict[str, int]:
    """Hand envelopes to a node as its relay would; what it refused, by code."""
    node = federation.bureau(to)
    node.refusals.clear()
    federation.tell(RELAY, to, frames.Mail(list(range(1, len(envelopes) + 1)), list(envelopes)))
    return dict(node.refusals)


def inbox(federation: Federation, name: str = "XBM") -> int:
    node = federation.bureau(name)
    return int(node.db.execute("SELECT count(*) FROM office_letters WHERE folder='inbox'").fetchone()[0])


def rebuilt(envelope: bytes, **parts: bytes) -> bytes:
    header, wraps, body = cbor.decode(envelope, ENVELOPE_LIMIT_BYTES)
    return cbor.encode([parts.get("header", header), wraps, parts.get("body", body)])


def test_a_good_message_is_opened_taken_and_receipted(two: Federation) -> None:
    envelope = sealed(two)
    assert deliver(two, envelope) == {}
    assert inbox(two) == 1
    kinds = {type(one.frame).__name__ for one in two.wire.queue if one.to == RELAY}
    assert kinds == {"Took", "Deposit"}
    two.pump()
    receipts = two.bureau("XAV").db.execute("SELECT reference, kind, by_name FROM office_receipts").fetchall()
    assert receipts == [(envelope_hash(envelope).hex(), "delivered", "XBM")]


def test_a_replayed_message_is_taken_once_and_receipted_once(two: Federation) -> None:
    envelope = sealed(two)
    deliver(two, envelope)
    before = dump(two.bureau("XBM").db)
    assert deliver(two, envelope, envelope) == {}
    assert dump(two.bureau("XBM").db) == before


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_a_message_with_any_bit_altered_is_refused_and_counted(
    still: Federation, data: st.DataObject
) -> None:
    envelope = bytearray(sealed(still))
    place = data.draw(st.integers(0, len(envelope) - 1))
    envelope[place] ^= 1 << data.draw(st.integers(0, 7))
    before = inbox(still)
    assert sum(deliver(still, bytes(envelope)).values()) == 1
    assert inbox(still) == before


def test_one_bad_message_does_not_hold_up_those_around_it(two: Federation) -> None:
    good = [sealed(two), sealed(two, body=frames.pack(LETTER))]
    bad = rebuilt(sealed(two), body=os.urandom(400))
    assert sum(deliver(two, good[0], bad, b"nothing", good[1]).values()) == 2
    assert inbox(two) == 2
    took = [one.frame for one in two.wire.queue if isinstance(one.frame, frames.Took)]
    assert took == [frames.Took([1, 2, 3, 4])]


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"to": ("XAV",), "sender": "XCS"}, "NOT-A-RECIPIENT"),
        ({"sender": "XAV", "signer": "XCS"}, "BAD-SIGNATURE"),
        ({"sender": "XQQ"}, "MAIL-UNKNOWN-SENDER"),
        ({"sender": "XBM/post-1"}, "MAIL-UNKNOWN-SENDER"),
        ({"type": "unheard.of"}, "MAIL-UNKNOWN-KIND"),
        ({"type": "notice.submitted"}, "MAIL-UNKNOWN-KIND"),
        ({"body": b"\xff"}, "BODY-UNREADABLE"),
        ({"expires_ms": 1_790_000_000_001, "created_ms": 1_789_999_999_000}, "EXPIRED"),
        ({"created_ms": 1_790_000_000_000 + 3_600_000, "expires_ms": 1_790_009_000_000}, "FUTURE"),
    ],
    ids=lambda value: str(value)[:40],
)
def test_a_message_that_is_not_for_us_from_whom_it_says_or_of_no_known_kind_is_refused(
    three: Federation, changes: dict[str, Any], code: str
) -> None:
    three.clock.now_ms += 10
    before = inbox(three)
    (refused,) = deliver(three, sealed(three, **changes))
    assert code in refused
    assert inbox(three) == before
    assert deliver(three, sealed(three)) == {}


def test_a_recipient_cannot_hand_a_signed_text_on_as_if_it_had_been_written_to_another(
    three: Federation,
) -> None:
    """Castrovia opens a letter of Arvandia and seals the signed inside, as it is, to Belmora."""

    original = sealed(three, to=("XCS",))
    parts = sealing._parts(original)
    mine = three.bureau("XCS").mail.keys.opener(parts.header.key_ids["XCS"])
    content_key = wrapping.unwrap(parts.wraps, "XCS", mine, parts.context)
    bound = sealing._bound(parts.header_bytes, parts.wraps)
    plain = wrapping.open_body(content_key, parts.sealed, sealing._LABEL + bound)
    header_bytes = sealing._parts(sealed(three, to=("XBM",))).header_bytes
    fresh = wrapping.new_content_key()
    wraps = wrapping.wrap(fresh, {"XBM": three.key_of("XBM")}, sealing._LABEL + header_bytes)
    inside = padding.pad(padding.unpad(plain))
    forged = cbor.encode(
        [
            header_bytes,
            wraps,
            wrapping.seal_body(fresh, inside, sealing._LABEL + sealing._bound(header_bytes, wraps)),
        ]
    )
    assert deliver(three, original, to="XCS") == {}
    assert sum(deliver(three, forged).values()) == 1
    assert inbox(three) == 0


def write(federation: Federation, text: str) -> None:
    node = federation.bureau("XAV")
    node.do(lambda: node.letters.send(ANNA, LetterDraft(("XBM",), "Subject", text)))


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.integers(0, 4), max_size=9))
def test_a_carrier_that_loses_doubles_and_reorders_is_seen_through_the_chain(
    still: Federation, arriving: list[int]
) -> None:
    sender, reader = still.bureau("XAV"), still.bureau("XBM")
    start = letters.pair(sender.db, "XBM").sent
    reader.db.execute("UPDATE office_pairs SET got=?, gaps=0 WHERE peer='XAV'", (start,))
    place = letters.pair(sender.db, "XBM").sent_hash
    if letters.got(reader.db, "XAV", start, b"", place, 0) or start:
        reader.db.execute("UPDATE office_pairs SET got_hash=?, gaps=0 WHERE peer='XAV'", (place,))
    for number in range(5):
        write(still, f"letter {number}")
    mail = [one.frame for one in still.wire.queue if isinstance(one.frame, frames.Deposit)][-5:]
    still.wire.queue.clear()
    sender.db.execute("DELETE FROM office_outbox")
    before = inbox(still)
    deliver(still, *[mail[one].envelope for one in arriving])
    still.wire.queue.clear()
    assert inbox(still) == before + len(set(arriving))
    pair = letters.pair(reader.db, "XAV")
    assert pair.got == start + (max(arriving) + 1 if arriving else 0)
    in_order = list(dict.fromkeys(arriving)) == list(range(len(set(arriving))))
    assert (pair.gaps == 0) == in_order


def test_what_a_sender_hands_over_goes_through_the_relay_with_a_receipt_of_each_station(
    two: Federation,
) -> None:
    write(two, "words")
    two.pump()
    sender, reader = two.bureau("XAV"), two.bureau("XBM")
    (sent,) = sender.letters.list_(ANNA, "sent")
    assert {(one.kind, one.by) for one in sent.receipts} == {("relayed", RELAY), ("delivered", "XBM")}
    reader.do(lambda: reader.letters.read(ANNA, sent.reference))
    two.pump()
    (sent,) = sender.letters.list_(ANNA, "sent")
    assert ("read", "XBM", "desk") in {(one.kind, one.by, one.role) for one in sent.receipts}
    assert letters.pair(reader.db, "XAV").gaps == 0


def test_a_receipt_speaks_for_its_giver_alone(three: Federation) -> None:
    write(three, "words")
    three.pump()
    (sent,) = three.bureau("XAV").letters.list_(ANNA, "sent")
    about = bytes.fromhex(sent.reference)
    for by, signer in (("XBM", "XCS"), ("XCS", "XBM"), (CENTRE, "XCS")):
        receipt = sign_receipt(Receipt("read", about, by, "desk", three.clock.now()), keys(signer)[0])
        envelope = sealed(three, "XCS", ("XAV",), type="receipt", body=receipt)
        assert sum(deliver(three, envelope, to="XAV").values()) == 1
    assert three.bureau("XAV").letters.list_(ANNA, "sent")[0].receipts == sent.receipts


def test_a_receipt_of_the_relay_that_the_relay_did_not_sign_is_refused(two: Federation) -> None:
    two.disconnect("XAV")
    write(two, "words")
    node = two.bureau("XAV")
    digest = node.db.execute("SELECT key FROM office_outbox").fetchone()[0]
    receipt = Receipt("relayed", digest, RELAY, "relay", two.clock.now())
    forged = frames.Deposited(digest, sign_receipt(receipt, keys("XBM")[0]))
    assert isinstance(two.tell(RELAY, "XAV", forged), Refusal)
    assert node.outbox.waiting("mail") == 1
    good = frames.Deposited(digest, sign_receipt(receipt, keys(RELAY)[0]))
    assert two.tell(RELAY, "XAV", good) is None
    assert node.outbox.waiting("mail") == 0


def test_mail_to_somebody_who_is_no_member_is_refused_before_it_is_sealed(two: Federation) -> None:
    node = two.bureau("XAV")
    before = dump(node.db)
    with pytest.raises(Refusal) as caught:
        node.do(lambda: node.mail.send("letter", ["XBM", "XQQ"], b""))
    assert caught.value.code == "MAIL-UNKNOWN-RECIPIENT"
    assert dump(node.db) == before
