"""Mail that cannot be opened is sealed again; mail that never came is missed at both ends, by its number."""

from typing import Any

from tests.node.federation import Federation
from tests.node.mailing import drop, headers, lose_keys, mail_to, pass_days, subjects, warned, write
from tests.node.samples import ANNA, CENTRE, RELAY
from tests.node.test_post_office import deliver, sealed

from allpoints.ground.clock import HOUR, MINUTE
from allpoints.messages import store as letters
from allpoints.messages.kept import KeptFor
from allpoints.messages.letter import Draft
from allpoints.node import frames
from allpoints.sealing import cbor
from allpoints.sealing.envelope import ENVELOPE_LIMIT_BYTES, envelope_hash
from allpoints.sealing.wrapping import WRAP_BYTES

# -- what cannot be opened, and what never came


def test_a_letter_that_cannot_be_opened_is_sealed_again_by_itself_once_newer_keys_are_there(
    two: Federation,
) -> None:
    lose_keys(two)
    reference = write(two, "to a lost key")
    two.pump()
    assert subjects(two) == []
    view = two.bureau("XAV").letters.list_(ANNA, "sent")[0]
    assert ("unopened", "key-unknown") in {(one.kind, one.reason) for one in view.receipts}
    pass_days(two, 1)
    assert subjects(two) == ["to a lost key"]
    view = two.bureau("XAV").letters.list_(ANNA, "sent")[0]
    assert view.reference == reference
    assert "delivered" in {one.kind for one in view.receipts}
    assert warned(two, "XAV") == []
    reader = two.bureau("XBM")
    (held,) = reader.letters.list_(ANNA, "inbox")
    reader.do(lambda: reader.letters.read(ANNA, held.reference))
    answer = Draft(("XAV",), "Re", "text", reply_to=held.reference)
    reader.do(lambda: reader.letters.send(ANNA, answer))
    two.pump()
    view = two.bureau("XAV").letters.list_(ANNA, "sent")[0]
    assert "read" in {one.kind for one in view.receipts}


def test_a_letter_that_cannot_be_opened_a_second_time_is_told_to_the_officer(two: Federation) -> None:
    lose_keys(two)
    write(two, "unlucky")
    two.pump()
    two.clock.now_ms += 25 * HOUR
    node = two.bureau("XBM")
    node.run([node.tick])
    lose_keys(two)
    two.pump()
    two.tick(MINUTE)
    assert subjects(two) == []
    (warning,) = warned(two, "XAV")
    assert "XBM cannot open" in warning
    assert "key-unknown" in warning


def test_two_nodes_that_cannot_open_each_others_mail_do_not_tell_each_other_for_ever(two: Federation) -> None:
    for name in ("XAV", "XBM"):
        lose_keys(two, name)
    write(two)
    two.pump()
    two.tick(MINUTE)
    assert len(mail_to(two, "XAV")) + len(mail_to(two, "XBM")) < 500


def test_a_hub_that_drops_one_letter_in_twenty_is_seen_at_both_ends_by_number_and_the_letters_come_again(
    two: Federation,
) -> None:
    dropped = 0
    for number in range(60):
        write(two, f"letter {number:02}")
        dropped += drop(two, lambda at=number: at % 20 == 7)  # type: ignore[misc]
    assert dropped == 3
    reader, sender = two.bureau("XBM"), two.bureau("XAV")
    assert len(subjects(two)) == 57
    assert len(letters.missing(reader.db, "XAV")) == 3
    assert letters.pair(reader.db, "XAV").gaps == 3
    two.tick(11 * MINUTE)
    (here,) = warned(two, "XBM")
    (there,) = warned(two, "XAV")
    for number in letters.missing(reader.db, "XAV"):
        assert str(number) in here
        assert str(number) in there
    assert "of XAV did not arrive" in here
    assert "XBM did not get" in there
    assert subjects(two) == [f"letter {number:02}" for number in range(60)]
    assert all(
        "delivered" in {one.kind for one in view.receipts} for view in sender.letters.list_(ANNA, "sent")
    )


def test_a_hub_that_drops_nothing_raises_nothing_and_what_came_late_is_no_longer_missing(
    two: Federation,
) -> None:
    for number in range(20):
        write(two, f"letter {number:02}")
    two.pump()
    reader = two.bureau("XBM")
    assert letters.missing(reader.db, "XAV") == []
    write(two, "late")
    write(two, "early")
    deposits = [one for one in two.wire.queue if isinstance(one.frame, frames.Deposit)]
    two.wire.queue.clear()
    envelopes = [one.frame.envelope for one in deposits if isinstance(one.frame, frames.Deposit)]
    two.tell(RELAY, "XBM", frames.Mail([901], [envelopes[1]]))
    assert len(letters.missing(reader.db, "XAV")) == 1
    two.tell(RELAY, "XBM", frames.Mail([900], [envelopes[0]]))
    assert letters.missing(reader.db, "XAV") == []
    two.tick(11 * MINUTE)
    assert warned(two, "XBM") == warned(two, "XAV") == []


def test_a_letter_that_comes_in_two_sealings_is_taken_once_and_receipted_for_both(two: Federation) -> None:
    two.relay.do(lambda: two.relay.keys.take("XAV", frames.AskOneTime("XBM", 1)))
    two.pump()
    write(two, "twice")
    sender = two.bureau("XAV")
    (row,) = sender.db.execute("SELECT * FROM office_kept_for").fetchall()
    sender.do(lambda: sender.mail.sealing.seal_again(KeptFor(*row)))
    two.pump()
    sent = [header for header in headers(two, "XBM") if header.sender == "XAV"]
    assert len({header.id for header in sent}) == 2
    assert subjects(two) == ["twice"]
    (view,) = sender.letters.list_(ANNA, "sent")
    assert {one.kind for one in view.receipts} == {"relayed", "delivered"}


def test_another_sender_cannot_have_a_letter_taken_for_one_that_was_there(three: Federation) -> None:
    """Castrovia, a co-recipient, knows the name of Arvandia's letter before Belmora has it."""
    true = sealed(three, "XAV", ("XBM", "XCS"))
    assert deliver(three, sealed(three, "XCS", first=envelope_hash(true))) == {}
    assert deliver(three, true) == {}
    senders = three.bureau("XBM").db.execute("SELECT sender FROM office_letters ORDER BY sender").fetchall()
    assert senders == [("XAV",), ("XCS",)]


def test_nothing_but_the_hybrid_wrap_leaves_a_node(three: Federation) -> None:
    node = three.bureau("XAV")
    node.do(lambda: node.letters.send(ANNA, Draft(("XBM", "XCS", CENTRE), "To three", "text")))
    three.pump()
    three.enter()
    deposits: list[Any] = [one.frame for one in three.wire.seen if isinstance(one.frame, frames.Deposit)]
    assert len(deposits) >= 4
    for frame in deposits:
        _, wraps, _ = cbor.decode(frame.envelope, ENVELOPE_LIMIT_BYTES)
        # 1,120 bytes of an encapsulated X-Wing key, the content key, a tag: an X25519 share alone has 32.
        assert {len(wrap) for _, wrap in wraps} == {WRAP_BYTES} == {1120 + 32 + 16}
