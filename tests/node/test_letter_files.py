"""Files of letters between nodes: they follow their letter in chunks, go on after every break, and open for nobody else."""

import hashlib
import os
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from tests.node.federation import Federation
from tests.node.mailing import subjects
from tests.node.samples import ANNA, RELAY

from allpoints.ground.clock import DAY, MINUTE, SECOND
from allpoints.ground.refusal import Refusal
from allpoints.identity.officers import Asker
from allpoints.messages.letter import Draft, LetterView
from allpoints.messages.letter_file import FileView
from allpoints.node import frames, letter_files, relay_files
from allpoints.sealing.chunks import CHUNK_BYTES, SEALED_CHUNK_BYTES

CANARY = b"canary-of-a-file-51c2"
CONTENT = CANARY + bytes(range(256)) * (4 * 1024 * 6) + b"end"
"""Six chunks and a little more."""


def pieces(content: bytes, size: int = 200_000) -> Iterator[bytes]:
    for start in range(0, len(content), size):
        yield content[start : start + size]


def attach(
    federation: Federation, content: bytes = CONTENT, name: str = "video.mp4", who: str = "XAV"
) -> str:
    node = federation.bureau(who)
    arriving = node.do(lambda: node.letters.attach(ANNA))
    for piece in pieces(content):
        arriving.add(piece)
    file = arriving.finish(name)
    view: FileView = node.do(lambda: node.letters.attached(ANNA, file))
    return view.id


def send(federation: Federation, *files: str, to: tuple[str, ...] = ("XBM",)) -> LetterView:
    node = federation.bureau("XAV")
    draft = Draft(to, "A film", "See the file.", files=files)
    sent: LetterView = node.do(lambda: node.letters.send(ANNA, draft))
    federation.pump()
    return sent


def inbox(federation: Federation, name: str = "XBM") -> LetterView:
    node = federation.bureau(name)
    (view,) = node.do(lambda: node.letters.list_(ANNA, "inbox"))
    return view  # type: ignore[no-any-return]


def move(federation: Federation, ticks: int = 4) -> None:
    for _ in range(ticks):
        federation.tick(6 * SECOND)


def opened(federation: Federation, name: str = "XBM") -> bytes:
    node, view = federation.bureau(name), inbox(federation, name)
    found = node.do(lambda: node.letters.open_file(ANNA, view.reference, view.files[0].id))
    return b"".join(found.pieces(0, found.held.size))


def code_of(act: Callable[[], Any]) -> str:
    with pytest.raises(Refusal) as refused:
        act()
    return refused.value.code


def relayed(federation: Federation) -> list[int]:
    """The sizes of what lies at the relay."""
    folder = federation.relay.disk.folder / relay_files.FOLDER
    return [path.stat().st_size for path in folder.iterdir()] if folder.exists() else []


def test_a_file_follows_its_letter_and_is_saved_as_it_was(two: Federation) -> None:
    sent = send(two, attach(two))
    assert [(one.name, one.state) for one in sent.files] == [("video.mp4", "leaving")]
    assert subjects(two) == ["A film"]
    assert inbox(two).files[0].state == "coming"
    move(two)
    (file,) = inbox(two).files
    assert (file.state, file.size, file.have) == ("here", len(CONTENT), 7)
    assert file.sha256 == hashlib.sha256(CONTENT).hexdigest()
    assert opened(two) == CONTENT
    node = two.bureau("XAV")
    (view,) = node.do(lambda: node.letters.list_(ANNA, "sent"))
    assert view.files[0].state == "left"
    assert relayed(two) == []


def test_a_recipient_that_asks_before_the_senders_next_tick_is_sent_the_file(two: Federation) -> None:
    send(two, attach(two))
    recipient = two.bureau("XBM")
    recipient.run([recipient.tick])
    two.pump()
    assert two.relay.refusals["FILE-NOT-THERE"] == 0
    assert opened(two) == CONTENT


def test_each_recipient_gets_it_and_only_then_it_leaves_the_relay(three: Federation) -> None:
    file = attach(three)
    three.disconnect("XCS")
    send(three, file, to=("XBM", "XCS"))
    move(three)
    assert opened(three) == CONTENT
    assert relayed(three) == [len(CONTENT) + 7 * 16]
    three.connect("XCS")
    move(three)
    assert opened(three, "XCS") == CONTENT
    assert relayed(three) == []


def test_what_was_carried_is_not_carried_again_after_any_end_was_cut_off_or_killed(two: Federation) -> None:
    send(two, attach(two))
    breaks = 0
    while inbox(two).files[0].state != "here" and breaks < 30:
        two.clock.now_ms += 6 * SECOND
        for name in ("XAV", "XBM", RELAY):
            two.nodes[name].run([two.nodes[name].tick])
        for _ in range(16):
            if two.wire.queue:
                two.hand_over(two.wire.queue.popleft())
        breaks += 1
        name = ("XAV", "XBM")[breaks % 2]
        two.wire.queue.clear()
        two.disconnect(name)
        two.nodes[name].close()
        two.start(name)
        two.cut.discard(name)
        two.nodes[RELAY].run([lambda lost=name: two.relay.connected(lost)])  # type: ignore[misc]
        two.nodes[name].run([lambda back=name: two.bureau(back).connected(RELAY)])  # type: ignore[misc]
    two.pump()
    assert breaks >= 3
    assert opened(two) == CONTENT
    carried = [one for one in two.wire.seen if isinstance(one.frame, frames.FileChunk)]
    # At most what was on its way at a break is carried a second time, in each direction.
    assert len(carried) <= 2 * (7 + breaks * letter_files.WINDOW_CHUNKS)


def test_a_relay_that_starts_again_goes_on_with_what_it_has(two: Federation) -> None:
    send(two, attach(two))
    two.clock.now_ms += 6 * SECOND
    two.bureau("XAV").run([two.bureau("XAV").tick])
    held = 0
    while not held:
        two.hand_over(two.wire.queue.popleft())
        row = two.relay.db.execute("SELECT have FROM relay_files").fetchone()
        held = row[0] if row else 0
    two.wire.queue.clear()
    two.restart(RELAY)
    for name in ("XAV", "XBM", "XSC"):
        two.connect(name)
    move(two)
    assert opened(two) == CONTENT


def test_chunks_that_a_relay_alters_exchanges_or_cuts_are_refused_and_the_true_ones_taken(
    two: Federation,
) -> None:
    file = attach(two)
    send(two, file)
    two.disconnect("XBM")
    move(two)
    chunk = two.relay.files.chunks(bytes.fromhex(file))
    true = [chunk.read(at) for at in range(7)]
    two.cut.discard("XBM")
    for data in (true[1], true[0][:-1], true[0][:-1] + bytes([true[0][-1] ^ 1]), bytes(SEALED_CHUNK_BYTES)):
        outcome = two.tell(RELAY, "XBM", frames.FileChunk(bytes.fromhex(file), 0, data))
        assert isinstance(outcome, Refusal)
        assert outcome.code == "CHUNK-ALTERED"
        assert inbox(two).files[0].have == 0
    assert two.tell(RELAY, "XBM", frames.FileChunk(bytes.fromhex(file), 1, true[1])) is None
    assert inbox(two).files[0].have == 0
    assert two.tell(RELAY, "XBM", frames.FileChunk(bytes.fromhex(file), 0, true[0])) is None
    assert inbox(two).files[0].have == 1
    two.connect("XBM")
    move(two)
    assert opened(two) == CONTENT


def test_nothing_of_a_file_lies_in_the_clear_at_either_node_or_at_the_relay(two: Federation) -> None:
    file = attach(two)
    send(two, file)
    two.disconnect("XBM")
    move(two)
    assert relayed(two)
    for name in ("XAV", RELAY):
        for path in two.nodes[name].disk.folder.rglob("*"):
            assert not path.is_file() or CANARY not in path.read_bytes()
    two.connect("XBM")
    move(two)
    for path in two.bureau("XBM").disk.folder.rglob("*"):
        assert not path.is_file() or CANARY not in path.read_bytes()
    assert CANARY in opened(two)


def test_a_file_is_saved_by_those_who_may_read_its_letter_once_it_is_whole(two: Federation) -> None:
    file = attach(two)
    send(two, file)
    node, view = two.bureau("XBM"), inbox(two)

    def again(who: Asker, reference: str, one: str) -> Any:
        return node.do(lambda: node.letters.open_file(who, reference, one))

    assert code_of(lambda: again(ANNA, view.reference, file)) == "FILE-NOT-HERE"
    move(two)
    assert (
        code_of(lambda: again(Asker("b", frozenset({"border"}), "warn"), view.reference, file))
        == "NOT-ALLOWED"
    )
    for other in ("", "zz", "00" * 16):
        assert code_of(lambda one=other: again(ANNA, view.reference, one)) == "FILE-UNKNOWN"  # type: ignore[misc]
    assert opened(two) == CONTENT


def test_a_file_goes_with_one_letter_and_one_that_is_not_there_with_none(two: Federation) -> None:
    file = attach(two)
    send(two, file)
    for wrong in (file, "zz", "00" * 16):
        assert code_of(lambda one=wrong: send(two, one)) == "FILE-UNKNOWN"  # type: ignore[misc]
    second = attach(two)
    assert code_of(lambda: send(two, second, second)) == "LETTER-FILES"
    send(two, second)


def test_what_is_uploaded_for_no_letter_is_erased_after_a_day_and_what_came_after_ninety(
    two: Federation,
) -> None:
    attach(two)
    file = attach(two)
    folder = two.bureau("XAV").disk.folder / letter_files.FOLDER
    send(two, file)
    assert len(list(folder.iterdir())) == 2
    two.tick(DAY + MINUTE)
    assert [path.name for path in folder.iterdir()] == [file]
    move(two)
    assert opened(two) == CONTENT
    for _ in range(95):
        two.tick(DAY)
    assert list((two.bureau("XBM").disk.folder / letter_files.FOLDER).iterdir()) == []
    assert list(folder.iterdir()) == []
    assert inbox(two).files == ()


def test_an_upload_that_did_not_come_whole_is_swept(two: Federation) -> None:
    node = two.bureau("XAV")
    arriving = node.do(lambda: node.letters.attach(ANNA))
    arriving.add(bytes(3 * CHUNK_BYTES))
    (left,) = (node.disk.folder / letter_files.FOLDER).iterdir()
    os.utime(left, (1, 1))
    node.run([lambda: node.letters.files.sweep(two.clock.now())])
    assert not left.exists()


def test_a_relay_that_did_not_hear_that_a_file_was_taken_asks_when_the_line_is_new(
    two: Federation, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The line broke under the word that it is here: the chunks would lie at the relay until the file ends."""
    files = two.bureau("XBM").letters.files
    say = files._send
    with monkeypatch.context() as lost:
        lost.setattr(files, "_send", lambda frame: None if isinstance(frame, frames.FileTook) else say(frame))
        send(two, attach(two))
        move(two)
        assert inbox(two).files[0].state == "here"
        assert len(relayed(two)) == 1
    move(two)
    assert len(relayed(two)) == 1
    two.disconnect("XBM")
    two.connect("XBM")
    assert relayed(two) == []
    assert opened(two) == CONTENT
