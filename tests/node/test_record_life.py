"""What officers and the clock do with a record of their own: renew it, end it, be asked about it, see it go."""

from collections.abc import Callable

import pytest
from tests.node.conftest import Make
from tests.node.federation import Federation
from tests.node.samples import ALL_ROLES, ANNA, ASKS_PASSPORT, PASSPORT, PURPOSE
from tests.registers.lives import LOOKOUTS, SEEN_DAYS, STOLEN_DAYS, lookout, vocabulary

from allpoints.border.question import Question
from allpoints.ground.clock import DAY
from allpoints.ground.refusal import Refusal
from allpoints.identity.officers import Asker
from allpoints.ledger import audit
from allpoints.node.record_life import EndingList
from allpoints.registers.retention import NOTICE_MS


def refused(act: Callable[[], object]) -> str:
    with pytest.raises(Refusal) as caught:
        act()
    return caught.value.code


def told(federation: Federation, name: str = "XAV") -> list[str]:
    return [one.title for one in federation.bureau(name).alerts.recent() if one.kind == "record"]


def ending(federation: Federation, days: int, register: str = "", name: str = "XAV") -> EndingList:
    bureau, before = federation.bureau(name), federation.clock.now() + days * DAY
    listed: EndingList = bureau.do(lambda: bureau.life.ending(ANNA, before, register))
    return listed


@pytest.fixture
def lives(make: Make) -> Federation:
    """Arvandia and Belmora, with registers of things that are looked for, and of models."""
    return make(words=vocabulary())


@pytest.mark.parametrize("act", ["renew", "achieve"])
@pytest.mark.parametrize(
    ("asker", "ref", "reason", "code"),
    [
        (Asker("b", frozenset({"border", "command", "reviewer"}), PURPOSE), "AV-1", "Why.", "NOT-ALLOWED"),
        (Asker("b", ALL_ROLES), "AV-1", "Why.", "NO-PURPOSE"),
        (ANNA, "AV-1", "", "NO-REASON"),
        (ANNA, "AV-2", "Why.", "UNKNOWN-RECORD"),
    ],
)
def test_renewing_and_ending_take_a_desk_a_purpose_a_reason_and_a_record(
    two: Federation, act: str, asker: Asker, ref: str, reason: str, code: str
) -> None:
    two.enter()
    owner, other = two.bureau("XAV"), two.bureau("XBM")
    size, lines = two.relay.size, audit.verify(owner.db)

    def try_it(who: Asker = ANNA, which: str = "AV-1", why: str = "Why.", *, here: bool = True) -> object:
        bureau = owner if here else other
        what = bureau.life.renew if act == "renew" else bureau.life.achieve
        return bureau.do(lambda: what(who, "travel-documents", which, why))

    assert refused(lambda: try_it(asker, ref, reason)) == code
    assert refused(lambda: try_it(here=False)) == "UNKNOWN-RECORD"
    assert (two.relay.size, audit.verify(owner.db)) == (size, lines)
    try_it()
    two.pump()
    assert two.relay.size == size + 1
    line = audit.lines(owner.db)[0]
    assert (line.event, b"Why." in line.detail) == (f"record:{act}ed".replace("eed", "ed"), True)


def test_a_renewal_keeps_a_record_everywhere_and_an_achieved_purpose_ends_it_at_once(two: Federation) -> None:
    record = two.enter()
    owner, reader = two.bureau("XAV"), two.bureau("XBM")
    days = reader.vocabulary.registers["travel-documents"].retention_days
    two.tick((days - 100) * DAY)
    # A certificate lasts five years, and nothing is written after it; the network's clocks are set back for the act.
    now, two.clock.now_ms = two.clock.now_ms, two.clock.now_ms - (days - 100) * DAY + 200 * DAY
    owner.do(lambda: owner.life.renew(ANNA, "travel-documents", "AV-1", "Not found yet."))
    two.pump()
    two.clock.now_ms = now
    two.tick(150 * DAY)
    assert two.check("XBM", ASKS_PASSPORT).verdict == "document"
    history = reader.do(lambda: reader.records.read(ANNA, bytes.fromhex(record))).history
    assert [(one.op, one.member, one.by_role, one.reason) for one in history] == [
        ("put", "XAV", "", ""),
        ("put", "XAV", "desk of XAV", "Not found yet."),
    ]
    two.clock.now_ms -= days * DAY
    owner.do(lambda: owner.life.achieve(ANNA, "travel-documents", "AV-1", "Handed in."))
    two.pump()
    assert two.check("XBM", ASKS_PASSPORT).verdict == "clear"
    gone = reader.do(lambda: reader.records.read(ANNA, bytes.fromhex(record)))
    assert (gone.status, gone.body, gone.history[-1].op, gone.history[-1].reason) == (
        "withdrawn",
        None,
        "achieve",
        "Handed in.",
    )


def test_a_status_that_serves_the_purpose_ends_the_record_for_those_who_hold_it(lives: Federation) -> None:
    lives.enter(raw=lookout(), register=LOOKOUTS)
    asks = Question(identifiers={"lookout-tag": "TAG000001"})
    assert lives.check("XBM", asks).verdict != "clear"
    lives.enter(raw=lookout(state="found", title="Told by Quetzalcoatlus"), register=LOOKOUTS)
    assert lives.check("XBM", asks).verdict == "clear"
    assert audit.lines(lives.bureau("XAV").db)[0].event == "record:achieved"
    for name in ("XAV", "XBM", "XSC"):
        assert lives.bureau(name).records.counted(ANNA) == {"lookouts:withdrawn": 1}
    assert not any(b"Quetzalcoatlus" in one.data for one in lives.wire.seen)


def test_the_owner_is_asked_once_about_each_end_half_a_year_before(lives: Federation) -> None:
    for number in range(3):
        lives.enter(raw=lookout(number), register=LOOKOUTS)
    lives.enter(raw=lookout(9, "seen"), register=LOOKOUTS)
    lives.tick(30 * DAY)
    assert told(lives) == ["1 of our Lookouts ends within half a year on 2027-04-09: renew or let go"]
    lives.tick((STOLEN_DAYS - 30) * DAY - NOTICE_MS - DAY)
    assert len(told(lives)) == 1
    lives.tick(DAY)
    assert told(lives)[0] == (
        "3 of our Lookouts end within half a year, the first on 2028-09-20: renew or let go"
    )
    for _ in range(3):
        lives.tick(DAY)
    assert len(told(lives)) == 2
    assert told(lives, "XBM") == []
    lives.restart("XAV")
    lives.tick(DAY)
    assert len(told(lives)) == 2


def test_a_renewed_record_is_asked_about_again_before_its_new_end(lives: Federation) -> None:
    lives.enter(raw=lookout(1, "seen"), register=LOOKOUTS)
    lives.tick(50 * DAY)
    owner = lives.bureau("XAV")
    owner.do(lambda: owner.life.renew(ANNA, LOOKOUTS, "L-1", "Seen again."))
    lives.pump()
    lives.tick(DAY)
    lives.tick(50 * DAY)
    assert len(told(lives)) == 2


def test_what_ends_before_long_is_listed_and_gone_when_its_end_has_come(lives: Federation) -> None:
    lives.enter(raw=lookout(1), register=LOOKOUTS)
    lives.enter(raw=lookout(2, "seen"), register=LOOKOUTS)
    lives.enter()
    lives.enter("XBM", PASSPORT | {"issuer": "XBM"})
    assert ending(lives, 100).records == []
    (first,) = ending(lives, SEEN_DAYS + 1).records
    ends = lives.clock.now() + SEEN_DAYS * DAY
    assert (first.ref, first.register, first.caption, first.status, first.expires_ms) == (
        *("L-2", LOOKOUTS, "Bronze seal 2", "valid"),
        ends,
    )
    assert [one.ref for one in ending(lives, 6_000).records] == ["L-2", "L-1", "AV-1"]
    assert [one.ref for one in ending(lives, 6_000, "travel-documents").records] == ["AV-1"]
    assert [one.ref for one in ending(lives, 6_000, name="XBM").records] == ["AV-1"]
    lives.clock.now_ms = ends
    assert [one.ref for one in ending(lives, 6_000).records] == ["L-1", "AV-1"]
    lives.tick()
    for name in ("XAV", "XBM"):
        assert lives.bureau(name).records.counted(ANNA)["lookouts:expired"] == 1
    owner = lives.bureau("XAV")
    border = Asker("b", frozenset({"border", "command"}), PURPOSE)
    assert refused(lambda: owner.do(lambda: owner.life.ending(border, 1))) == "NOT-ALLOWED"
    assert refused(lambda: owner.do(lambda: owner.life.ending(ANNA, 1, "cattle"))) == "UNKNOWN-REGISTER"


def test_many_ends_at_once_are_gone_through_piece_by_piece(
    lives: Federation, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("allpoints.node.record_life.PIECE_RECORDS", 2)
    monkeypatch.setattr("allpoints.node.record_life.LIST_LIMIT", 3)
    for number in range(5):
        lives.enter(raw=lookout(number, "seen"), register=LOOKOUTS)
    lives.tick(DAY)
    lives.tick(20 * DAY)
    for _ in range(2):
        assert told(lives) == []
        lives.tick()
    assert told(lives)[0].startswith("5 of our Lookouts")
    listed = ending(lives, 400)
    assert ([one.ref for one in listed.records], listed.more) == (["L-0", "L-1", "L-2"], True)
    lives.tick(SEEN_DAYS * DAY)
    counts = []
    for _ in range(4):
        counts.append(lives.bureau("XBM").records.counted(ANNA).get("lookouts:expired", 0))
        lives.tick()
    assert counts == [2, 4, 5, 5]
    assert lives.check("XBM", Question(identifiers={"lookout-tag": "TAG000004"})).verdict == "clear"


def test_a_clock_that_was_set_back_neither_ends_nor_asks_anything(lives: Federation) -> None:
    lives.enter(raw=lookout(), register=LOOKOUTS)
    lives.clock.now_ms -= 3_000 * DAY
    lives.tick()
    assert lives.bureau("XAV").records.counted(ANNA) == {"lookouts:valid": 1}
    assert told(lives) == []
