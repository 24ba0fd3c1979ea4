"""A record under examination is found by nothing, anywhere, until the secretariat has ended its examination."""

from collections.abc import Callable
from typing import Any

import pytest
from tests.node.conftest import Make
from tests.node.federation import Federation
from tests.node.samples import (
    ALL_ROLES,
    ANNA,
    ASKS_PASSPORT,
    CENTRE,
    PASSPORT,
    PERSON,
    POST,
    PURPOSE,
)
from tests.node.test_rebuilding import tables
from tests.registers.lives import LOOKOUTS, lookout, vocabulary

from allpoints.border.question import Question
from allpoints.ground.refusal import Refusal
from allpoints.identity.officers import Asker
from allpoints.ledger import audit
from allpoints.node import membership
from allpoints.node.alerts import Alert
from allpoints.node.rebuilding import refold
from allpoints.registers.entering import Carriage
from allpoints.registers.reading import ReadRecord
from allpoints.registers.record import DECLARATION, Batch, RecordOp, encode_batch
from allpoints.registers.searching import Query

ASKS_PERSON = Question(number="P1234567", issuer="XAV")
RITA = Asker("rita", frozenset({"reviewer"}), PURPOSE, "E-5")


def block(federation: Federation, record: str, reason: str = "Doubts on its source.") -> None:
    centre = federation.centre
    centre.do(lambda: centre.blocks.block(RITA, bytes.fromhex(record), reason))
    federation.pump()


def unblock(federation: Federation, record: str) -> None:
    centre = federation.centre
    centre.do(lambda: centre.blocks.unblock(RITA, bytes.fromhex(record), "Nothing against it."))
    federation.pump()


def read(federation: Federation, name: str, record: str) -> ReadRecord:
    bureau = federation.bureau(name)
    found: ReadRecord = bureau.do(lambda: bureau.records.read(ANNA, bytes.fromhex(record)))
    return found


def found(federation: Federation, node: str, **asked: Any) -> list[str]:
    bureau = federation.bureau(node)
    results = bureau.do(lambda: bureau.records.search(ANNA, Query(**asked)))
    return [one.ref for one in results.results] + [why.sentence for why in results.warnings]


def refused(act: Callable[[], object]) -> str:
    with pytest.raises(Refusal) as caught:
        act()
    return caught.value.code


def alerts(federation: Federation, name: str) -> list[Alert]:
    return [one for one in federation.bureau(name).alerts.recent() if one.kind == "record"]


def test_a_blocked_record_is_found_by_nothing_and_an_unblocked_one_as_before(posted: Federation) -> None:
    record = posted.enter(raw=PERSON, register="persons")
    posted.enter()
    posted.tick()
    questions: list[dict[str, Any]] = [
        {"number": "P1234567", "issuer": "XAV"},
        {"number": "PI234567", "issuer": "XAV"},
        {"name": "Bellweather"},
        {"ref": "P-1"},
    ]
    before = [found(posted, name, **asked) for name in ("XAV", "XBM", CENTRE) for asked in questions]
    assert all(before)
    block(posted, record)
    posted.tick()
    after = [found(posted, name, **asked) for name in ("XAV", "XBM", CENTRE) for asked in questions]
    assert not any(after)
    assert [posted.check(name, ASKS_PERSON).verdict for name in ("XAV", "XBM", CENTRE)] == ["clear"] * 3
    assert posted.bureau("XBM").records.counted(ANNA) == {
        "persons:blocked": 1,
        "travel-documents:valid": 1,
    }
    posted.disconnect(POST)
    (alone,) = posted.check_at_post(ASKS_PERSON)
    assert getattr(alone, "verdict", "") == "clear"
    posted.connect(POST)
    unblock(posted, record)
    for _ in range(3):
        posted.tick()
    assert [found(posted, name, **asked) for name in ("XAV", "XBM", CENTRE) for asked in questions] == before
    assert [posted.check(name, ASKS_PERSON).verdict for name in ("XAV", "XBM", CENTRE)] == ["bearer"] * 3
    posted.disconnect(POST)
    (alone,) = posted.check_at_post(ASKS_PERSON)
    assert getattr(alone, "verdict", "") == "bearer"


def test_a_blocked_thing_is_in_no_filter_count_text_part_or_warning(make: Make) -> None:
    federation = make(words=vocabulary())
    record = federation.enter(raw=lookout(), register=LOOKOUTS)
    federation.enter(raw=lookout(2, title="Silver cup", tag="XY777777"), register=LOOKOUTS)
    asked: list[dict[str, Any]] = [
        {"register": LOOKOUTS, "filters": {"state": "stolen"}},
        {"register": LOOKOUTS, "text": "bronze"},
        {"identifiers": {"lookout-tag": "TAG0000??"}},
        {"identifiers": {"lookout-tag": "TAG00000I"}},
    ]
    reader = federation.bureau("XBM")

    def answers() -> list[tuple[list[str], int, int]]:
        found = [reader.do(lambda one=one: reader.records.search(ANNA, Query(**one))) for one in asked]  # type: ignore[misc]
        return [
            (
                sorted(one.ref for one in result.results),
                len(result.warnings),
                sum(value.count for facet in result.facets for value in facet.values),
            )
            for result in found
        ]

    before = answers()
    assert [one[:2] for one in before] == [(["L-1", "L-2"], 0), (["L-1"], 0), (["L-1"], 0), ([], 1)]
    assert [bool(one[2]) for one in before] == [True, True, True, False]
    block(federation, record)
    assert answers() == [(["L-2"], 0, before[0][2] // 2), ([], 0, 0), ([], 0, 0), ([], 0, 0)]
    unblock(federation, record)
    assert answers() == before


def test_owner_and_secretariat_read_a_blocked_record_with_the_reason_and_others_do_not(
    three: Federation,
) -> None:
    record = three.enter()
    block(three, record)
    for name, shown in [("XAV", True), (CENTRE, True), ("XBM", False)]:
        held = read(three, name, record)
        assert (held.status, held.blocked) == ("blocked", "Doubts on its source.")
        assert (held.body is not None, bool(held.caption), bool(held.described)) == (shown, shown, shown)
        assert [(one.op, one.member, one.by_role, one.reason) for one in held.history] == [
            ("put", "XAV", "", ""),
            ("block", CENTRE, "reviewer of XSC", "Doubts on its source."),
        ]
    assert [one.title for one in alerts(three, "XAV")] == [
        "One of our records is under examination, and nothing finds it: AV-1"
    ]
    assert alerts(three, "XBM") == []
    unblock(three, record)
    assert read(three, "XBM", record).body is not None
    assert next(one.title for one in alerts(three, "XAV")) == "One of our records can be found again: AV-1"


@pytest.mark.parametrize(
    ("name", "asker", "reason", "code"),
    [
        ("XAV", ANNA, "Ours.", "NOT-SECRETARIAT"),
        ("XBM", ANNA, "A lie.", "NOT-SECRETARIAT"),
        (
            CENTRE,
            Asker("d", frozenset({"desk", "border", "administrator"}), PURPOSE),
            "Doubts.",
            "NOT-ALLOWED",
        ),
        (CENTRE, Asker("r", ALL_ROLES), "Doubts.", "NO-PURPOSE"),
        (CENTRE, RITA, " \n", "NO-REASON"),
        (CENTRE, RITA, "x" * 501, "REASON-TOO-LONG"),
        (CENTRE, RITA, "back\u202ewards", "HIDDEN"),
    ],
)
def test_only_the_secretariat_blocks_in_the_right_role_for_a_purpose_and_a_reason(
    two: Federation, name: str, asker: Asker, reason: str, code: str
) -> None:
    record, bureau = two.enter(), two.bureau(name)
    lines = audit.verify(bureau.db)

    def act() -> None:
        bureau.do(lambda: bureau.blocks.block(asker, bytes.fromhex(record), reason))

    assert refused(act) == code or code == "HIDDEN"
    assert audit.verify(bureau.db) == lines
    two.pump()
    assert two.check("XBM", ASKS_PASSPORT).verdict == "document"
    command = Asker("carl", frozenset({"command"}), PURPOSE)
    centre = two.centre
    centre.do(lambda: centre.blocks.block(command, bytes.fromhex(record), "Doubts."))
    two.pump()
    assert two.check("XBM", ASKS_PASSPORT).verdict == "clear"
    assert audit.lines(centre.db)[0].event == "record:blocked"


def test_what_is_not_there_has_ended_or_stands_so_already_is_not_blocked_or_unblocked(
    two: Federation,
) -> None:
    record, centre = two.enter(), two.centre
    act = centre.blocks.block

    def said(identifier: bytes, *, back: bool = False) -> str:
        what = centre.blocks.unblock if back else act
        return refused(lambda: centre.do(lambda: what(RITA, identifier, "Doubts.")))

    assert said(bytes(16)) == "UNKNOWN-RECORD"
    assert said(bytes.fromhex(record), back=True) == "NOT-BLOCKED"
    block(two, record)
    assert said(bytes.fromhex(record)) == "ALREADY-BLOCKED"
    owner = two.bureau("XAV")
    owner.do(lambda: owner.records.withdraw(ANNA, "travel-documents", "AV-1", "Found."))
    two.pump()
    assert said(bytes.fromhex(record)) == "RECORD-ENDED"
    assert said(bytes.fromhex(record), back=True) == "RECORD-ENDED"


def test_the_owner_may_correct_and_withdraw_a_blocked_record_and_it_stays_blocked(two: Federation) -> None:
    record = two.enter()
    block(two, record)
    two.enter(document_number="CD 777777")
    corrected = Question(number="CD777777", issuer="XAV")
    assert read(two, "XAV", record).version == 2
    assert [two.check("XBM", asks).verdict for asks in (corrected, ASKS_PASSPORT)] == ["clear", "clear"]
    unblock(two, record)
    assert [two.check("XBM", asks).verdict for asks in (corrected, ASKS_PASSPORT)] == ["document", "clear"]
    block(two, record)
    owner = two.bureau("XAV")
    owner.do(lambda: owner.records.withdraw(ANNA, "travel-documents", "AV-1", "Found."))
    two.pump()
    assert read(two, "XBM", record).status == "withdrawn"
    two.enter()
    assert read(two, "XBM", record).status == "blocked"
    unblock(two, record)
    assert two.check("XBM", ASKS_PASSPORT).verdict == "document"
    assert [one.op for one in read(two, "XBM", record).history] == [
        *("put", "block", "put", "unblock", "block", "withdraw", "put", "unblock")
    ]


def test_a_block_reaches_exactly_those_who_hold_the_record(three: Federation) -> None:
    record = three.enter(excluded=("XCS",))
    block(three, record)
    held = "SELECT count(*) FROM state_record_blocks"
    assert [three.bureau(name).db.execute(held).fetchone()[0] for name in ("XAV", "XBM", "XCS")] == [1, 1, 0]
    assert three.bureau("XCS").following.size == three.relay.size


def test_a_newcomer_that_is_given_a_blocked_record_finds_it_blocked(two: Federation) -> None:
    blocked, other = two.enter(), two.enter(source_ref="AV-2", document_number="CD 777777")
    block(two, blocked)
    block(two, other)
    unblock(two, other)
    two.admit("XDV")
    two.start("XDV")
    two.connect("XDV")
    for _ in range(3):
        two.tick()
    newcomer = two.bureau("XDV")
    assert newcomer.records.counted(ANNA) == {"travel-documents:blocked": 1, "travel-documents:valid": 1}
    assert two.check("XDV", ASKS_PASSPORT).verdict == "clear"
    assert two.check("XDV", Question(number="CD777777", issuer="XAV")).verdict == "document"
    unblock(two, blocked)
    assert two.check("XDV", ASKS_PASSPORT).verdict == "document"


def test_a_blocked_record_is_not_opened_to_more_members_and_if_it_is_they_are_told(three: Federation) -> None:
    record = three.enter(excluded=("XCS",))
    block(three, record)
    owner = three.bureau("XAV")
    wider = Carriage(PURPOSE, "official-use")

    def widen() -> object:
        return owner.do(lambda: owner.records.enter(ANNA, "travel-documents", PASSPORT, wider))

    assert refused(widen) == "RECORD-BLOCKED"
    # A hostile owner asks nobody.
    register = owner.records.register("travel-documents")
    body = register.encode(register.clean(PASSPORT))
    op = RecordOp("put", "AV-1", 2, body, PURPOSE, "official-use")
    batch = encode_batch(Batch("travel-documents", DECLARATION, (op,)))
    owner.do(lambda: owner.audience.write(membership.RECORDS, batch))
    three.pump()
    assert three.check("XCS", ASKS_PASSPORT).verdict == "document"
    for _ in range(3):
        three.tick()
    assert three.check("XCS", ASKS_PASSPORT).verdict == "clear"
    assert three.bureau("XCS").db.execute("SELECT count(*) FROM state_record_blocks").fetchone() == (1,)
    unblock(three, record)
    assert three.check("XCS", ASKS_PASSPORT).verdict == "document"


def test_who_is_named_as_left_out_applies_nothing_though_its_owner_sealed_it_for_all(
    three: Federation,
) -> None:
    owner = three.bureau("XAV")
    register = owner.records.register("travel-documents")
    op = RecordOp("put", "AV-1", 1, register.encode(register.clean(PASSPORT)), PURPOSE, "official-use")
    lie = encode_batch(Batch("travel-documents", DECLARATION, (op,), ("XCS",)))
    owner.do(lambda: owner.audience.write(membership.RECORDS, lie))
    three.pump()
    assert [three.check(name, ASKS_PASSPORT).verdict for name in ("XBM", "XCS")] == ["document", "clear"]
    assert three.bureau("XCS").refusals["EXCLUDED-READER"] == 1


def test_an_earlier_check_meets_a_record_that_is_unblocked_once(two: Federation) -> None:
    record = two.enter()
    block(two, record)
    two.check("XBM", ASKS_PASSPORT)
    searcher = two.bureau("XBM")
    assert searcher.hits.list_(ANNA) == []
    unblock(two, record)
    (hit,) = searcher.hits.list_(ANNA)
    assert hit.hit.late
    block(two, record)
    unblock(two, record)
    assert len(searcher.hits.list_(ANNA)) == 1


def test_rebuilt_and_restarted_nodes_hold_the_same_blocks(posted: Federation) -> None:
    first, second = posted.enter(), posted.enter(raw=PERSON, register="persons")
    for record in (first, second):
        block(posted, record)
    unblock(posted, second)
    posted.enter(fraud="lost")
    for name in ("XAV", "XBM", CENTRE):
        bureau = posted.bureau(name)
        state, office = tables(bureau.db, "state_"), tables(bureau.db, "office_")
        refold(bureau)
        assert tables(bureau.db, "state_") == state
        assert tables(bureau.db, "office_") == office
    posted.restart("XBM")
    assert posted.check("XBM", ASKS_PASSPORT).verdict == "clear"
    assert posted.check("XBM", ASKS_PERSON).verdict == "bearer"
