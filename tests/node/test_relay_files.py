"""Files of letters at the relay: room for each sender, and nothing for those whom a file is not for."""

from typing import Any

import pytest
from tests.node.federation import Federation
from tests.node.samples import RELAY
from tests.node.test_letter_files import CONTENT, attach, move, opened, send

from allpoints.ground.clock import DAY, MINUTE
from allpoints.ground.refusal import Refusal
from allpoints.messages import file_desk
from allpoints.node import frames

OFFERS: dict[str, tuple[dict[str, Any], str]] = {
    "too large": ({"size": 2**40}, "FILE-TOO-LARGE"),
    "empty": ({"size": 16}, "FILE-TOO-LARGE"),
    "for a stranger": ({"recipients": ["XQQ"]}, "MAIL-UNKNOWN-RECIPIENT"),
    "for nobody": ({"recipients": []}, "FILE-OFFER"),
    "twice for one": ({"recipients": ["XBM", "XBM"]}, "FILE-OFFER"),
    "ended": ({"expires_ms": 1}, "FILE-ENDED"),
    "for ever": ({"expires_ms": 2**50}, "FILE-ENDED"),
}


@pytest.mark.parametrize("case", OFFERS)
def test_the_relay_refuses_a_file_that_is_too_large_for_nobody_or_for_ever(
    two: Federation, case: str
) -> None:
    changes, code = OFFERS[case]
    good: dict[str, Any] = {
        "id": b"f" * 16,
        "size": 1_000,
        "recipients": ["XBM"],
        "expires_ms": two.clock.now() + DAY,
    }
    two.wire.queue.clear()
    assert two.tell("XAV", RELAY, frames.FileOffer(**(good | changes))) is None
    answer = two.wire.queue.pop().frame
    assert isinstance(answer, frames.FileRefused)
    assert answer.fault.code == code
    assert two.tell("XAV", RELAY, frames.FileOffer(**good)) is None
    assert isinstance(two.wire.queue.pop().frame, frames.FileFrom)


def test_a_sender_has_so_much_room_at_the_relay_and_gets_it_back_when_files_end(two: Federation) -> None:
    def offer(number: int) -> frames.AnyFrame:
        size = file_desk.SENDER_LIMIT_BYTES // 4 - 1_000
        ends = two.clock.now() + DAY
        two.tell("XAV", RELAY, frames.FileOffer(bytes([number]) * 16, size, ["XBM"], ends))
        return two.wire.queue.pop().frame

    assert [type(offer(number)).__name__ for number in range(4)] == ["FileFrom"] * 4
    full = offer(5)
    assert isinstance(full, frames.FileRefused)
    assert full.fault.code == "FILES-FULL"
    two.tick(DAY + MINUTE)
    assert isinstance(offer(6), frames.FileFrom)


def test_nobody_but_its_sender_adds_to_a_file_and_nobody_but_its_recipients_gets_it(
    three: Federation,
) -> None:
    file = attach(three)
    three.disconnect("XBM")
    send(three, file)
    move(three)
    three.wire.queue.clear()
    file_id = bytes.fromhex(file)
    assert isinstance(three.tell("XCS", RELAY, frames.FileChunk(file_id, 7, b"x")), Refusal)
    for asked in (file_id, b"n" * 16):
        three.tell("XCS", RELAY, frames.AskFile(asked, 0))
        answer = three.wire.queue.pop().frame
        assert isinstance(answer, frames.FileRefused)
        assert answer.fault.code == "FILE-NOT-THERE"
    three.tell("XCS", RELAY, frames.FileTook(file_id))
    other = frames.FileOffer(file_id, 1_000, ["XCS"], three.clock.now() + DAY)
    three.tell("XCS", RELAY, other)
    assert three.wire.queue.pop().frame.fault.code == "FILE-ID-REUSED"  # type: ignore[union-attr]
    three.wire.queue.clear()
    three.connect("XBM")
    move(three)
    assert opened(three) == CONTENT
