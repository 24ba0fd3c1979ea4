"""Files of records when things go wrong: kills between parts, disks that fail, authors that lie."""

import hashlib
from collections.abc import Sequence

import pytest
from tests.node.conftest import Make
from tests.node.exhibits import CANARY_IMAGE, PLAIN_IMAGE, enter, parts_held, shown, upload, withdraw
from tests.node.federation import Federation
from tests.node.samples import ANNA, CARRIAGE
from tests.node.surroundings import FailingDisk
from tests.node.test_failing_writes import fail_at_each, frame_for, receive, settle
from tests.registers.exhibits import NAME, attachment, exhibit, identity, register, vocabulary

from allpoints.ground.refusal import Refusal
from allpoints.node import frames, membership
from allpoints.registers import file_folding
from allpoints.registers.file_part import FilePart, encode_bundle, parts_of
from allpoints.registers.record import DECLARATION, Batch, RecordOp, encode_batch


@pytest.fixture
def two(make: Make) -> Federation:
    return make(words=vocabulary())


def start_entering(federation: Federation, content: bytes = CANARY_IMAGE) -> str:
    """Sign a record with an image, and send nothing yet."""
    owner = federation.bureau("XAV")
    text = upload(owner, content)
    record: str = owner.do(lambda: owner.records.enter(ANNA, NAME, exhibit(front=text), CARRIAGE))
    return record


# -- kills


def test_an_owner_that_is_killed_between_the_parts_sends_the_others_later(two: Federation) -> None:
    record = start_entering(two)
    appends = [one for one in two.wire.queue if isinstance(one.frame, frames.Append)]
    assert len(appends) > 1
    two.hand_over(appends[0])
    two.restart("XAV")
    settle(two)
    assert shown(two, "XBM", record, CANARY_IMAGE) == CANARY_IMAGE
    assert two.bureau("XAV").outbox.waiting() == 0


def test_a_reader_that_is_killed_between_the_parts_takes_the_others_later(two: Federation) -> None:
    record = start_entering(two)
    first = frame_for(two, "XBM", frames.Entries)
    two.hand_over(first)
    assert 0 < parts_held(two)["XBM"] < len(CANARY_IMAGE)
    two.restart("XBM")
    settle(two)
    assert shown(two, "XBM", record, CANARY_IMAGE) == CANARY_IMAGE


# -- disks


def test_uploading_with_a_disk_that_fails(make: Make) -> None:
    federation = make(disks={"XAV": FailingDisk}, words=vocabulary())
    assert fail_at_each(federation, "XAV", lambda: upload(federation.bureau("XAV"), PLAIN_IMAGE)) > 5
    record = enter(federation, PLAIN_IMAGE)
    settle(federation)
    assert shown(federation, "XBM", record, PLAIN_IMAGE) == PLAIN_IMAGE


def test_entering_a_record_with_a_file_with_a_disk_that_fails(make: Make) -> None:
    federation = make(disks={"XAV": FailingDisk}, words=vocabulary())
    text = upload(federation.bureau("XAV"), CANARY_IMAGE)

    def sign() -> None:
        owner = federation.bureau("XAV")
        owner.do(lambda: owner.records.enter(ANNA, NAME, exhibit(front=text), CARRIAGE))

    assert fail_at_each(federation, "XAV", sign) > 20
    settle(federation)
    record = identity("XAV").hex()
    assert shown(federation, "XBM", record, CANARY_IMAGE) == CANARY_IMAGE


@pytest.mark.parametrize("member", ["XAV", "XBM"])
def test_following_parts_with_a_disk_that_fails(make: Make, member: str) -> None:
    federation = make(disks={member: FailingDisk}, words=vocabulary())
    record = start_entering(federation, PLAIN_IMAGE)
    entries = frame_for(federation, member, frames.Entries)
    assert fail_at_each(federation, member, receive(federation, entries)) > 20
    settle(federation)
    assert shown(federation, member, record, PLAIN_IMAGE) == PLAIN_IMAGE
    withdraw(federation)
    settle(federation)
    assert parts_held(federation) == {}


# -- authors that lie


def publish(federation: Federation, *parts: FilePart, member: str = "XAV") -> None:
    """Write parts into the ledger without any of the checks that an honest node makes."""
    author = federation.bureau(member)
    body = encode_bundle(parts)
    author.do(lambda: author.audience.write(membership.FILE_PART, body))
    federation.pump()


def publish_record(
    federation: Federation, contents: Sequence[bytes], member: str = "XAV", version: int = 1
) -> str:
    """Write a record that refers to files, without the checks of an honest node."""
    author = federation.bureau(member)
    views = [attachment(content).text() for content in contents]
    body = register().encode(register().clean(exhibit(views=views)))
    op = RecordOp("put", "E-1", version, body, CARRIAGE.purpose, CARRIAGE.handling)
    batch = encode_batch(Batch(NAME, DECLARATION, (op,)))
    author.do(lambda: author.audience.write(membership.RECORDS, batch))
    federation.pump()
    return identity(member).hex()


def cut(content: bytes) -> list[FilePart]:
    return list(parts_of(hashlib.sha256(content).digest(), content))


def shown_or_why(federation: Federation, member: str, record: str, content: bytes) -> bytes | str:
    try:
        return shown(federation, member, record, content)
    except Refusal as refusal:
        return refusal.code


def refusals(federation: Federation, member: str) -> list[str]:
    return [code for (code,) in federation.bureau(member).db.execute("SELECT code FROM state_refused")]


def test_a_record_before_its_parts_shows_the_file_once_they_have_come(two: Federation) -> None:
    record = publish_record(two, [CANARY_IMAGE])
    first, second, third = cut(CANARY_IMAGE)
    publish(two, third)
    publish(two, first)
    publish(two, first)
    assert shown_or_why(two, "XBM", record, CANARY_IMAGE) == "FILE-NOT-HELD"
    publish(two, second)
    assert shown_or_why(two, "XBM", record, CANARY_IMAGE) == CANARY_IMAGE


def test_forged_parts_show_nothing_and_every_reader_notes_the_same(two: Federation) -> None:
    first, second, third = cut(CANARY_IMAGE)
    forged = FilePart(second.sha256, second.size, second.position, bytes(len(second.data)))
    for part in (first, forged, third):
        publish(two, part)
    record = publish_record(two, [CANARY_IMAGE])
    for member in ("XBM", "XSC"):
        assert shown_or_why(two, member, record, CANARY_IMAGE) == "FILE-NOT-HELD"
        assert refusals(two, member) == ["FILE-HASH"]
    for part in (first, second, third):
        publish(two, part)
    assert shown_or_why(two, "XBM", record, CANARY_IMAGE) == CANARY_IMAGE


def test_misshapen_parts_are_refused_and_sound_ones_go_through(two: Federation) -> None:
    publish(two, FilePart(bytes(32), 9, 0, b"short"))
    author = two.bureau("XAV")
    author.do(lambda: author.audience.write(membership.FILE_PART, b"\x01nonsense"))
    two.pump()
    assert refusals(two, "XBM") == ["FILE-PART-SHAPE"] * 2
    assert shown(two, "XBM", enter(two, PLAIN_IMAGE), PLAIN_IMAGE) == PLAIN_IMAGE


def test_no_member_shows_the_file_of_another_in_a_record_of_its_own(two: Federation) -> None:
    record = enter(two, PLAIN_IMAGE)
    thief = publish_record(two, [PLAIN_IMAGE], "XBM")
    for member in ("XAV", "XBM", "XSC"):
        assert shown_or_why(two, member, thief, PLAIN_IMAGE) == "FILE-NOT-HELD"
        assert shown_or_why(two, member, record, PLAIN_IMAGE) == PLAIN_IMAGE


def test_a_page_that_calls_itself_an_image_is_never_shown(two: Federation) -> None:
    page = b"<html><script>alert(1)</script></html>"
    publish(two, *cut(page))
    record = publish_record(two, [page])
    assert shown_or_why(two, "XBM", record, page) == "FILE-CONTENT"


def test_endless_parts_without_a_record_fill_nobodys_disk(
    two: Federation, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(file_folding, "PENDING_BYTES_LIMIT", 5_000)
    monkeypatch.setattr(file_folding, "PENDING_ENTRIES_LIMIT", 12)
    record = enter(two, PLAIN_IMAGE)
    for number in range(10):
        publish(two, *cut(b"%d" % number * 1_000))
    assert parts_held(two)["XBM"] <= 5_000 + len(PLAIN_IMAGE)
    for number in range(13):
        enter(two, ref=f"R-{number}")
    assert parts_held(two) == dict.fromkeys(("XAV", "XBM", "XSC"), len(PLAIN_IMAGE))
    assert shown(two, "XBM", record, PLAIN_IMAGE) == PLAIN_IMAGE
