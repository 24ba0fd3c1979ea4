"""Reception keys between nodes: published daily, handed out once, destroyed; a relay that cheats with them gains nothing."""

import sqlite3
from collections.abc import Callable

import msgspec
import pytest
from tests.node.federation import Federation
from tests.node.mailing import (
    bundle_of,
    headers,
    mail_to,
    pass_days,
    seeds,
    subjects,
    tell,
    warned,
    write,
)
from tests.node.samples import ANNA, CENTRE, RELAY, keys

from allpoints.ground.clock import DAY, HOUR, MINUTE
from allpoints.ground.refusal import Refusal
from allpoints.messages import key_desk, own_keys, peer_keys
from allpoints.messages import store as letters
from allpoints.messages.kept import Words
from allpoints.messages.letter import Draft, Letter
from allpoints.node import frames
from allpoints.sealing.envelope import open_header
from allpoints.sealing.reception import Bundle, read_bundle, sign_bundle

# -- the way they go


def test_every_node_knows_the_others_keys_from_the_relay(three: Federation) -> None:
    everyone = {"XAV", "XBM", "XCS", CENTRE}
    for name in everyone:
        known = dict(peer_keys.all_known(three.bureau(name).db))
        assert set(known) == everyone - {name}


def test_no_mail_is_sealed_to_the_long_lived_key_of_a_certificate(two: Federation) -> None:
    write(two)
    two.pump()
    write(two, sender="XBM", to="XAV")
    two.pump()
    for name in ("XAV", "XBM", CENTRE):
        envelopes = [open_header(one) for one in mail_to(two, name)]
        assert {keys(name)[1].public.key_id} & {one.key_ids[name] for one in envelopes} == set()
    assert mail_to(two, "XBM")


def test_a_second_letter_goes_to_a_one_time_key_and_its_private_half_is_overwritten_once_it_was_read(
    two: Federation,
) -> None:
    write(two, "first")
    two.pump()
    two.tick(MINUTE)
    reader = two.bureau("XBM")
    assert peer_keys.in_stock(two.bureau("XAV").db, "XBM") == peer_keys.STOCK
    before = seeds(reader)
    write(two, "second")
    two.pump()
    (gone,) = before - seeds(reader)
    assert gone not in reader.mail.keys.file.path.read_bytes()
    assert subjects(two) == ["first", "second"]
    key_id = open_header(mail_to(two, "XBM")[-1]).key_ids["XBM"]
    own = own_keys.find(reader.db, key_id)
    assert own is not None
    assert (own.one_time, own.used) == (1, 1)


def test_keys_are_made_anew_each_day_and_are_gone_after_thirty_five(two: Federation) -> None:
    node = two.bureau("XBM")
    first, first_seeds = read_bundle(bundle_of(two, "XBM")), seeds(node)
    pass_days(two, 1)
    second = read_bundle(bundle_of(two, "XBM"))
    assert second.daily != first.daily
    assert second.from_ms > first.from_ms
    known = peer_keys.known(two.bureau("XAV").db, "XBM")
    assert known is not None
    assert known.from_ms == second.from_ms
    assert first_seeds <= seeds(node)
    pass_days(two, 35)
    assert not first_seeds & seeds(node)
    content = node.mail.keys.file.path.read_bytes()
    assert not any(seed in content for seed in first_seeds)
    assert len(own_keys.live(node.db)) <= 36 * (own_keys.ONE_TIME_KEYS + 1)
    write(two, "still")
    two.pump()
    assert subjects(two) == ["still"]


def test_no_seed_of_a_reception_key_is_in_the_database(two: Federation) -> None:
    node = two.bureau("XBM")
    found = seeds(node)
    assert len(found) == own_keys.ONE_TIME_KEYS + 1
    for path in node.disk.folder.glob("node.sqlite*"):
        content = path.read_bytes()
        assert not any(seed in content for seed in found)
    assert all(seed in node.mail.keys.file.path.read_bytes() for seed in found)


def test_what_a_letter_says_is_in_the_database_of_neither_side(two: Federation) -> None:
    node = two.bureau("XAV")
    canary = "canary-7f3a-of-a-letter"
    node.do(lambda: node.letters.send(ANNA, Draft(("XBM",), canary, canary)))
    two.pump()
    for name in ("XAV", "XBM"):
        holder = two.bureau(name)
        holder.db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        content = b"".join(path.read_bytes() for path in holder.disk.folder.glob("node.sqlite*"))
        # The feed of alerts tells the desk of the reader what it is about; the words are nowhere.
        assert content.count(canary.encode()) == (0 if name == "XAV" else 1)
        (view,) = letters.list_letters(holder.db, holder.me.storage_key, "sent" if name == "XAV" else "inbox")
        assert view.letter.text == canary


def test_a_node_that_dies_with_its_line_up_has_its_keys_when_it_starts_again(two: Federation) -> None:
    write(two, "on its way")
    two.restart("XBM")
    two.tick(MINUTE)
    assert subjects(two) == ["on its way"]
    assert warned(two, "XBM") == []


def test_seeds_of_a_batch_that_failed_are_erased_when_the_node_starts_again(two: Federation) -> None:
    node = two.bureau("XBM")

    def denied(action: int, first: str | None, *_: object) -> int:
        failing = action == sqlite3.SQLITE_TRANSACTION and first == "COMMIT"
        return sqlite3.SQLITE_DENY if failing else sqlite3.SQLITE_OK

    before = seeds(node)
    two.clock.now_ms += 2 * DAY
    node.db.set_authorizer(denied)
    with pytest.raises(sqlite3.DatabaseError):
        node.run([node.tick])
    node.db.set_authorizer(None)
    assert node.mail.keys.file.path.stat().st_size > 32 * len(before) + 32
    two.restart("XBM")
    assert before <= seeds(two.bureau("XBM"))
    write(two, "after")
    two.pump()
    assert subjects(two) == ["after"]


# -- senders that cannot know the newest


def test_a_letter_waits_for_keys_that_are_fit_and_leaves_when_they_come(two: Federation) -> None:
    two.disconnect("XBM")
    pass_days(two, 34)
    reference = write(two, "waits")
    two.pump()
    sender = two.bureau("XAV")
    assert sender.outbox.waiting("mail") == 0
    (view,) = sender.letters.list_(ANNA, "sent")
    assert (view.reference, view.receipts) == (reference, ())
    two.connect("XBM")
    two.tick(MINUTE)
    assert subjects(two) == ["waits"]
    (view,) = sender.letters.list_(ANNA, "sent")
    assert {one.kind for one in view.receipts} == {"relayed", "delivered"}


def test_a_sender_that_is_away_seals_to_the_newest_key_it_knows_and_for_no_longer_than_it_lives(
    two: Federation,
) -> None:
    two.disconnect("XAV")
    pass_days(two, 20)
    node, letter = two.bureau("XAV"), Letter("from afar", "text", "C-17", "desk of XAV")
    # On so old a view a node sends nothing, by a rule above this one; sealing is right without it.
    words = Words("letter", frames.pack(letter), 0, "warn", "official-use", b"")
    node.do(lambda: node.mail.sealing.send(words, ["XBM"], quiet=False))
    two.connect("XAV")
    two.tick(MINUTE)
    assert subjects(two) == ["from afar"]
    (header,) = [header for header in headers(two, "XBM") if header.sender == "XAV"]
    first = read_bundle(bundle_of(two, "XAV")).from_ms
    assert header.expires_ms - header.created_ms <= 15 * DAY
    assert first > 0


# -- a relay that cheats


def test_an_old_a_foreign_a_forged_and_a_forked_bundle_are_refused_and_the_newest_is_kept(
    three: Federation,
) -> None:
    old = bundle_of(three, "XBM")
    pass_days(three, 1)
    newest = bundle_of(three, "XBM")
    mine = read_bundle(newest)
    forged = sign_bundle(msgspec.structs.replace(mine, from_ms=mine.from_ms + 1), keys("XCS")[0])
    stranger = sign_bundle(msgspec.structs.replace(mine, node="XQQ"), keys("XCS")[0])
    forked = sign_bundle(msgspec.structs.replace(mine, one_time=()), keys("XBM")[0])
    future = sign_bundle(
        Bundle("XBM", mine.from_ms + 2 * HOUR + MINUTE, mine.kept_ms + HOUR, mine.daily, ()), keys("XBM")[0]
    )
    weak = sign_bundle(
        msgspec.structs.replace(mine, from_ms=mine.from_ms + 1, daily=mine.daily[:-32] + bytes(32)),
        keys("XBM")[0],
    )
    for data, code in (
        (weak, "BAD-KEY"),
        (old, "BUNDLE-ROLLBACK"),
        (forged, "BAD-SIGNATURE"),
        (stranger, "BUNDLE-UNKNOWN-NODE"),
        (forked, "BUNDLE-FORKED"),
        (future, "BUNDLE-FROM-FUTURE"),
        (newest[:-1], "CBOR-UNREADABLE"),
    ):
        assert tell(three, frames.PeerKeys([data])) == {code: 1}, code
        assert peer_keys.known(three.bureau("XAV").db, "XBM").bundle == newest  # type: ignore[union-attr]
    assert tell(three, frames.PeerKeys([newest])) == {}


def test_a_one_time_key_of_the_relays_own_making_is_refused_and_a_true_one_is_kept(two: Federation) -> None:
    bundle = bundle_of(two, "XBM")
    evil = keys("XCS")[1].public.to_bytes()
    assert tell(two, frames.OneTimeKeys(bundle, [evil])) == {"ONE-TIME-KEY-FOREIGN": 1}
    assert peer_keys.in_stock(two.bureau("XAV").db, "XBM") == 0
    (true,) = key_desk.hand_out(two.relay.db, "XAV", "XBM", 1, two.clock.now())
    assert tell(two, frames.OneTimeKeys(bundle, [true])) == {}
    assert peer_keys.in_stock(two.bureau("XAV").db, "XBM") == 1


def test_a_one_time_key_given_out_twice_is_noticed_and_the_second_letter_is_sealed_again(
    three: Federation,
) -> None:
    bundle = bundle_of(three, "XBM")
    (key,) = key_desk.hand_out(three.relay.db, "XAV", "XBM", 1, three.clock.now())
    for name in ("XAV", "XCS"):
        assert tell(three, frames.OneTimeKeys(bundle, [key]), name) == {}
    write(three, "from XAV")
    three.pump()
    assert subjects(three) == ["from XAV"]
    assert warned(three, "XBM") == []
    reference = write(three, "from XCS", sender="XCS")
    three.pump()
    assert subjects(three) == ["from XAV", "from XCS"]
    (warning,) = warned(three, "XBM")
    assert "twice" in warning
    assert "XCS" in warning
    view = three.bureau("XCS").letters.list_(ANNA, "sent")[0]
    assert view.reference == reference
    assert [(one.kind, one.reason) for one in view.receipts if one.by == "XBM"] == [
        ("delivered", ""),
        ("unopened", "key-used"),
    ]
    assert warned(three, "XCS") == []


def test_the_relay_hands_each_one_time_key_out_once_and_to_nobody_more_than_a_few_a_day(
    three: Federation,
) -> None:
    given: list[bytes] = []
    for asker in ("XAV", "XCS"):
        for _ in range(12):
            three.tell(asker, RELAY, frames.AskOneTime("XBM", 4))
    for one in [one for one in three.wire.queue if one.sender == RELAY]:
        assert isinstance(one.frame, frames.OneTimeKeys)
        given += one.frame.keys
    assert len(set(given)) == len(given) == 2 * key_desk.HANDED_LIMIT
    three.wire.queue.clear()
    three.clock.now_ms += DAY
    three.tell("XAV", RELAY, frames.AskOneTime("XBM", 4))
    (more,) = [one.frame for one in three.wire.queue]
    assert isinstance(more, frames.OneTimeKeys)
    assert not set(more.keys) & set(given)


def test_when_the_one_time_keys_are_given_out_letters_go_to_the_daily_key(two: Federation) -> None:
    two.relay.db.execute("DELETE FROM relay_one_time")
    for number in range(3):
        write(two, f"letter {number}")
        two.pump()
        two.tick(MINUTE)
    assert len(subjects(two)) == 3
    daily = two.key_of("XBM").key_id
    assert {header.key_ids["XBM"] for header in headers(two, "XBM") if header.sender == "XAV"} == {daily}


@pytest.mark.parametrize(
    "frame",
    [
        lambda f: frames.PublishKeys(bundle_of(f, "XAV"), []),
        lambda f: frames.PublishKeys(bundle_of(f, "XBM")[:-1], []),
        lambda f: frames.AskOneTime("XQQ", 1),
    ],
)
def test_the_relay_refuses_keys_of_others_and_asks_for_nobody(
    two: Federation, frame: Callable[[Federation], frames.Frame]
) -> None:
    before = two.relay.db.execute("SELECT * FROM relay_bundles").fetchall()
    assert isinstance(two.tell("XBM", RELAY, frame(two)), Refusal)
    assert two.relay.db.execute("SELECT * FROM relay_bundles").fetchall() == before
    assert two.tell("XBM", RELAY, frames.PublishKeys(bundle_of(two, "XBM"), [])) is None
