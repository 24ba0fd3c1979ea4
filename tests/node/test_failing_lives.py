"""The disk fails at every statement of a renewal, a block, an end and a question about it: nothing is half done."""

from tests.node.conftest import Make
from tests.node.federation import Federation
from tests.node.samples import ANNA, ASKS_PASSPORT, CENTRE
from tests.node.surroundings import FailingDisk
from tests.node.test_failing_writes import fail_at_each, frame_for, receive, settle
from tests.registers.lives import LOOKOUTS, SEEN_DAYS, lookout, vocabulary

from allpoints.border.question import Question
from allpoints.ground.clock import DAY, MINUTE
from allpoints.node import frames
from allpoints.node.bureau import Bureau


def lives(make: Make, failing: str) -> tuple[Federation, str]:
    federation = make(disks={failing: FailingDisk}, words=vocabulary())
    return federation, federation.enter(raw=lookout(state="seen"), register=LOOKOUTS)


ASKS = Question(identifiers={"lookout-tag": "TAG000001"})


def test_renewing_a_record(make: Make) -> None:
    federation, record = lives(make, "XAV")

    def renew() -> None:
        node = federation.bureau("XAV")
        node.do(lambda: node.life.renew(ANNA, LOOKOUTS, "L-1", "Seen again."))

    assert fail_at_each(federation, "XAV", renew) > 8
    settle(federation)
    reader = federation.bureau("XBM")
    held = reader.do(lambda: reader.records.read(ANNA, bytes.fromhex(record)))
    assert [one.reason for one in held.history] == ["", "Seen again."]


def test_blocking_a_record_at_the_secretariat(make: Make) -> None:
    federation, record = lives(make, CENTRE)

    def block() -> None:
        node = federation.centre
        node.do(lambda: node.blocks.block(ANNA, bytes.fromhex(record), "Doubts."))

    assert fail_at_each(federation, CENTRE, block) > 8
    settle(federation)
    assert federation.check("XBM", ASKS).verdict == "clear"
    assert federation.bureau("XBM").db.execute("SELECT count(*) FROM state_record_blocks").fetchone() == (1,)


def test_following_a_block_and_its_end_at_a_reader(make: Make) -> None:
    federation = make(disks={"XBM": FailingDisk})
    record, centre = bytes.fromhex(federation.enter()), federation.centre
    for act, verdict in ((centre.blocks.block, "clear"), (centre.blocks.unblock, "document")):
        centre.do(lambda act=act: act(ANNA, record, "Doubts."))  # type: ignore[misc]
        entries = frame_for(federation, "XBM", frames.Entries)
        assert fail_at_each(federation, "XBM", receive(federation, entries)) > 10
        settle(federation)
        assert federation.check("XBM", ASKS_PASSPORT).verdict == verdict


def test_asking_about_an_end_and_ending_it(make: Make) -> None:
    federation, _ = lives(make, "XAV")

    def tick() -> None:
        node = federation.nodes["XAV"]
        node.do(node.tick)

    federation.clock.now_ms += 60 * DAY
    assert fail_at_each(federation, "XAV", tick) > 10
    bureau = federation.bureau("XAV")
    # What a failure undid is asked in the next walk, a day later at most.
    federation.tick(DAY)
    federation.tick(DAY)
    asked = [one for one in bureau.alerts.recent() if one.kind == "record"]
    assert len(asked) == 1
    federation.clock.now_ms += SEEN_DAYS * DAY
    assert fail_at_each(federation, "XAV", tick) > 10
    federation.tick(2 * MINUTE)
    assert federation.check("XAV", ASKS).verdict == "clear"
    assert ended(federation.bureau("XAV"))


def ended(bureau: Bureau) -> bool:
    return bureau.records.counted(ANNA) == {"lookouts:expired": 1}
