from collections.abc import Callable
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from allpoints.ground.carrier import FRAME_LIMIT_BYTES
from allpoints.ground.refusal import Refusal
from allpoints.identity.keystore import Keys
from allpoints.sealing import cbor, line
from allpoints.sealing.line import SKEW_LIMIT_MS, Answered, Initiator, Line, Peer, Responder

KeysOf = Callable[[str], Keys]
NOW = 1_800_000_000_000
CERTIFICATES = {b"certificate of XAV": "XAV", b"certificate of XCS": "XCS"}


class Sides:
    """XAV calls XSC/relay; XCS is another member whose certificate is good too."""

    def __init__(self, keys_of: KeysOf) -> None:
        self.keys_of = keys_of
        relay = keys_of("XSC/relay")
        self.responder = Responder("XSC/relay", relay.signing, relay.reception, self.admit)

    def admit(self, certificate: bytes, at_ms: int) -> Peer:
        name = CERTIFICATES.get(certificate)
        if name is None or at_ms < NOW - 2 * SKEW_LIMIT_MS:
            raise Refusal("NOT-ADMITTED", "This node is not known here.", status=403)
        return Peer(name, self.keys_of(name).signing.public)

    def initiator(
        self,
        *,
        certificate: bytes = b"certificate of XAV",
        to: str = "XSC/relay",
        sealed_to: str = "XSC/relay",
        believes: str = "XSC/relay",
    ) -> Initiator:
        return Initiator(
            certificate,
            self.keys_of("XAV").signing,
            Peer(to, self.keys_of(believes).signing.public),
            self.keys_of(sealed_to).reception.public,
        )


@pytest.fixture
def sides(keys_of: KeysOf) -> Sides:
    return Sides(keys_of)


def joined(sides: Sides) -> tuple[Line, Line]:
    initiator = sides.initiator()
    answered = sides.responder.answer(initiator.hello(NOW), NOW)
    return initiator.finish(answered.reply), answered.line


def code_of(act: Callable[[], object]) -> str:
    try:
        act()
    except Refusal as refusal:
        return refusal.code
    return "accepted"


def flipped(data: bytes, place: int) -> bytes:
    return data[:place] + bytes((data[place] ^ (1 << (place % 8)),)) + data[place + 1 :]


def test_two_nodes_that_know_each_other_have_a_line(sides: Sides) -> None:
    near, far = joined(sides)
    assert (near.peer, far.peer) == ("XSC/relay", "XAV")
    assert far.proven is False
    for frame in (b"first", b"", b"x" * 100_000):
        assert far.open(near.seal(frame)) == frame
        assert near.open(far.seal(frame)) == frame
    assert all(side.proven for side in (near, far))


@settings(max_examples=30, deadline=None)
@given(frames=st.lists(st.tuples(st.booleans(), st.binary(max_size=50)), max_size=20))
def test_both_directions_keep_their_own_order(keys_of: KeysOf, frames: list[tuple[bool, bytes]]) -> None:
    near, far = Line("b", b"f" * 32, b"b" * 32), Line("a", b"b" * 32, b"f" * 32)
    sent = [(forward, (near if forward else far).seal(frame)) for forward, frame in frames]
    assert [(far if forward else near).open(data) for forward, data in sent] == [f for _, f in frames]


def test_frames_say_nothing_and_never_look_alike(sides: Sides) -> None:
    near, _ = joined(sides)
    first, second = near.seal(b"canary"), near.seal(b"canary")
    assert first != second
    assert b"canary" not in first


@pytest.mark.parametrize(
    "damage", ["altered", "cut off", "lengthened", "empty", "doubled", "overtaken", "lost", "mirrored"]
)
def test_a_frame_out_of_place_breaks_the_line_for_good(sides: Sides, damage: str) -> None:
    near, far = joined(sides)
    assert far.open(near.seal(b"zero")) == b"zero"
    one, two = near.seal(b"one"), near.seal(b"two")
    arriving = {
        "altered": [flipped(one, 0)],
        "cut off": [one[:-1]],
        "lengthened": [one + b"\0"],
        "empty": [b""],
        "doubled": [one, one],
        "overtaken": [two],
        "lost": [two],
        "mirrored": [far.seal(b"one")],
    }[damage]
    for good in arriving[:-1]:
        assert far.open(good) == b"one"
    assert code_of(lambda: far.open(arriving[-1])) == "LINE-BROKEN"
    assert code_of(lambda: far.open(one)) == "LINE-BROKEN"
    assert code_of(lambda: far.seal(b"answer")) == "LINE-BROKEN"


def test_frames_that_are_too_large_are_refused_on_both_sides(sides: Sides) -> None:
    near, far = joined(sides)
    largest = b"x" * FRAME_LIMIT_BYTES
    assert far.open(near.seal(largest)) == largest
    assert code_of(lambda: near.seal(largest + b"x")) == "FRAME-TOO-LARGE"
    assert far.open(near.seal(b"still sound")) == b"still sound"
    assert code_of(lambda: far.open(bytes(FRAME_LIMIT_BYTES + 17))) == "FRAME-TOO-LARGE"
    assert code_of(lambda: far.open(near.seal(b"after"))) == "LINE-BROKEN"


def test_a_line_wears_out_before_its_key_does(monkeypatch: pytest.MonkeyPatch) -> None:
    near, far = Line("b", b"f" * 32, b"b" * 32), Line("a", b"b" * 32, b"f" * 32)
    monkeypatch.setattr(line, "FRAMES_LIMIT", 2)
    for _ in range(2):
        assert far.open(near.seal(b"x")) == b"x"
    assert code_of(lambda: near.seal(b"x")) == "LINE-WORN-OUT"
    monkeypatch.setattr(line, "FRAMES_LIMIT", 10)
    monkeypatch.setattr(line, "BYTES_LIMIT", 5)
    assert code_of(lambda: near.seal(b"four")) == "LINE-WORN-OUT"
    assert far.open(near.seal(b"xyz")) == b"xyz"


def test_a_hello_for_another_node_or_to_another_key_is_refused(sides: Sides) -> None:
    assert code_of(lambda: sides.responder.answer(sides.initiator().hello(NOW), NOW)) == "accepted"
    other = sides.initiator(to="XSC")
    assert code_of(lambda: sides.responder.answer(other.hello(NOW), NOW)) == "WRONG-PEER"
    other = sides.initiator(sealed_to="XCS")
    assert code_of(lambda: sides.responder.answer(other.hello(NOW), NOW)) == "CANNOT-OPEN"


def test_a_caller_who_is_not_admitted_or_not_who_it_says_is_refused(sides: Sides) -> None:
    assert code_of(lambda: sides.responder.answer(sides.initiator().hello(NOW), NOW)) == "accepted"
    stranger = sides.initiator(certificate=b"certificate of nobody")
    assert code_of(lambda: sides.responder.answer(stranger.hello(NOW), NOW)) == "NOT-ADMITTED"
    impostor = sides.initiator(certificate=b"certificate of XCS")
    assert code_of(lambda: sides.responder.answer(impostor.hello(NOW), NOW)) == "BAD-SIGNATURE"


def test_an_answer_by_another_node_is_refused(sides: Sides, keys_of: KeysOf) -> None:
    initiator = sides.initiator()
    hello = initiator.hello(NOW)
    # A false relay that somehow holds the reception key still has no signing key.
    false = Responder("XSC/relay", keys_of("XCS").signing, keys_of("XSC/relay").reception, sides.admit)
    reply = false.answer(hello, NOW).reply
    assert code_of(lambda: initiator.finish(reply)) == "BAD-SIGNATURE"


@pytest.mark.parametrize("direction", [1, -1])
def test_clocks_too_far_apart_are_refused(sides: Sides, direction: int) -> None:
    at_ms = NOW + direction * SKEW_LIMIT_MS
    assert code_of(lambda: sides.responder.answer(sides.initiator().hello(NOW), at_ms)) == "accepted"
    late = at_ms + direction
    assert code_of(lambda: sides.responder.answer(sides.initiator().hello(NOW), late)) == "CLOCK-SKEW"


def test_a_hello_sent_again_gives_a_line_in_which_no_old_frame_opens(sides: Sides) -> None:
    initiator = sides.initiator()
    hello = initiator.hello(NOW)
    answered = sides.responder.answer(hello, NOW)
    near = initiator.finish(answered.reply)
    recorded = near.seal(b"order")
    assert answered.line.open(recorded) == b"order"
    again = sides.responder.answer(hello, NOW + 1)
    assert not again.line.proven
    assert code_of(lambda: again.line.open(recorded)) == "LINE-BROKEN"
    assert code_of(lambda: near.open(again.line.seal(b"x"))) == "LINE-BROKEN"


def test_the_keys_depend_on_both_secrets_and_both_messages_and_differ_by_direction() -> None:
    keys = [
        key
        for secret in (b"s", b"t")
        for hello in (b"hello", b"hallo")
        for reply in (b"reply", b"replay")
        for key in line._keys(secret, hello, reply)
    ]
    assert len(set(keys)) == 16


def test_an_answer_to_another_hello_is_refused(sides: Sides) -> None:
    first, second = sides.initiator(), sides.initiator()
    reply = sides.responder.answer(first.hello(NOW), NOW).reply
    second.hello(NOW)
    assert code_of(lambda: second.finish(reply)) == "BAD-SIGNATURE"
    assert code_of(lambda: first.finish(reply)) == "accepted"


def test_a_side_says_hello_once_and_finishes_once(sides: Sides) -> None:
    initiator = sides.initiator()
    reply = sides.responder.answer(initiator.hello(NOW), NOW).reply
    assert code_of(lambda: initiator.hello(NOW)) == "LINE-ORDER"
    assert code_of(lambda: initiator.finish(reply)) == "accepted"
    assert code_of(lambda: initiator.finish(reply)) == "LINE-ORDER"
    assert code_of(lambda: sides.initiator().finish(reply)) == "LINE-ORDER"


def test_no_flipped_byte_of_a_hello_is_answered(sides: Sides) -> None:
    hello = sides.initiator().hello(NOW)
    assert code_of(lambda: sides.responder.answer(hello, NOW)) == "accepted"
    accepted = []
    for place in range(0, len(hello), 3):
        with suppress(Refusal):
            sides.responder.answer(flipped(hello, place), NOW)
            accepted.append(place)
    assert accepted == []


def test_no_flipped_byte_of_a_reply_is_taken(sides: Sides) -> None:
    initiator = sides.initiator()
    answered: Answered = sides.responder.answer(initiator.hello(NOW), NOW)
    short_lived = initiator._short_lived
    accepted = []
    for place in range(0, len(answered.reply), 3):
        initiator._short_lived = short_lived
        with suppress(Refusal):
            initiator.finish(flipped(answered.reply, place))
            accepted.append(place)
    assert accepted == []
    initiator._short_lived = short_lived
    assert initiator.finish(answered.reply).peer == "XSC/relay"


def resigned(keys_of: KeysOf, hello: bytes, index: int, value: Any) -> bytes:
    body = cbor.decode(cbor.decode(hello, 50_000)[0], 50_000)
    changed = cbor.encode([*body[:index], value, *body[index + 1 :]])
    signature = keys_of("XAV").signing.sign(b"allpoints/line/hello/1", changed).to_bytes()
    return cbor.encode([changed, signature])


@pytest.mark.parametrize(
    ("index", "value", "code"),
    [
        (0, 2, "LINE-UNREADABLE"),
        (1, "text", "LINE-UNREADABLE"),
        (1, b"x" * (16 * 1024 + 1), "LINE-UNREADABLE"),
        (2, 5, "LINE-UNREADABLE"),
        (3, "now", "LINE-UNREADABLE"),
        (4, bytes(31), "LINE-UNREADABLE"),
        (4, bytes(32), "CANNOT-OPEN"),
        (5, b"short", "LINE-UNREADABLE"),
        (5, bytes(1216), "CANNOT-OPEN"),
        (6, b"short", "LINE-UNREADABLE"),
        (6, bytes(1168), "CANNOT-OPEN"),
    ],
)
def test_a_signed_hello_out_of_form_is_refused(
    sides: Sides, keys_of: KeysOf, index: int, value: Any, code: str
) -> None:
    hello = sides.initiator().hello(NOW)
    created = cbor.decode(cbor.decode(hello, 50_000)[0], 50_000)[3]
    assert code_of(lambda: sides.responder.answer(resigned(keys_of, hello, 3, created), NOW)) == "accepted"
    assert code_of(lambda: sides.responder.answer(resigned(keys_of, hello, index, value), NOW)) == code


def test_a_short_lived_key_of_small_order_is_refused(sides: Sides, monkeypatch: pytest.MonkeyPatch) -> None:
    initiator = sides.initiator()
    assert initiator._short_lived is not None
    monkeypatch.setattr(initiator._short_lived, "public", initiator._short_lived.public[:1184] + bytes(32))
    assert code_of(lambda: sides.responder.answer(initiator.hello(NOW), NOW)) == "BAD-KEY"


def test_a_line_recorded_today_does_not_open_with_the_relays_keys_of_tomorrow(
    sides: Sides, keys_of: KeysOf
) -> None:
    initiator = sides.initiator()
    hello = initiator.hello(NOW)
    answered = sides.responder.answer(hello, NOW)
    near = initiator.finish(answered.reply)
    frame = near.seal(b"words")
    body = cbor.decode(cbor.decode(hello, 50_000)[0], 50_000)
    secret = keys_of("XSC/relay").reception.open(body[6], line._secret_info(body[:6]))
    reply_body = cbor.decode(answered.reply, 50_000)[0]
    forward, backward = line._keys(secret, hello, reply_body)
    assert code_of(lambda: Line("thief", backward, forward).open(frame)) == "LINE-BROKEN"
    assert answered.line.open(frame) == b"words"


@settings(max_examples=60, deadline=None)
@given(data=st.binary(max_size=100))
def test_arbitrary_bytes_are_a_refusal(keys_of: KeysOf, data: bytes) -> None:
    sides = Sides(keys_of)
    with pytest.raises(Refusal):
        sides.responder.answer(data, NOW)
    initiator = sides.initiator()
    initiator.hello(NOW)
    with pytest.raises(Refusal):
        initiator.finish(data)
    with pytest.raises(Refusal):
        Line("b", b"f" * 32, b"b" * 32).open(data)
