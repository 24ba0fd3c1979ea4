"""Records at a node: entered with a purpose, folded by everyone who may read them, searched with a trace."""

from collections.abc import Callable
from typing import Any

import pytest
from tests.node.federation import Federation, dump
from tests.node.samples import ALL_ROLES, ANNA, ASKS_PASSPORT, CARRIAGE, PASSPORT, PERSON, PURPOSE

from allpoints.border.question import Question
from allpoints.ground.clock import DAY
from allpoints.ground.refusal import Refusal
from allpoints.identity.officers import Asker
from allpoints.ledger import audit
from allpoints.registers.entering import Carriage
from allpoints.registers.searching import Query


def refused(act: Callable[[], object]) -> str:
    with pytest.raises(Refusal) as caught:
        act()
    return caught.value.code


def enter(federation: Federation, asker: Asker = ANNA, **changes: Any) -> Callable[[], object]:
    owner = federation.bureau("XAV")
    register = changes.pop("register", "travel-documents")
    carriage = changes.pop("carriage", CARRIAGE)
    return lambda: owner.do(lambda: owner.records.enter(asker, register, PASSPORT | changes, carriage))


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"asker": Asker("b", frozenset({"border"}), PURPOSE)}, "NOT-ALLOWED"),
        ({"asker": Asker("b", ALL_ROLES)}, "NO-PURPOSE"),
        ({"register": "stolen-cattle"}, "UNKNOWN-REGISTER"),
        ({"issuer": "XBM"}, "NOT-ISSUER"),
        ({"carriage": Carriage("curiosity", "official-use")}, "UNKNOWN-PURPOSE"),
        ({"carriage": Carriage(PURPOSE, "official-use", ("XAV",))}, "EXCLUDES-OWNER"),
        ({"fraud": "borrowed"}, ""),
        ({"shoe_size": 43}, ""),
    ],
    ids=lambda value: str(value)[:40],
)
def test_what_may_not_be_entered_leaves_no_trace_and_what_may_be_is(
    two: Federation, changes: dict[str, Any], code: str
) -> None:
    owner = two.bureau("XAV")
    before = dump(owner.db)
    assert refused(enter(two, **changes)) == code or not code
    assert dump(owner.db) == before
    enter(two)()
    # The keys of the epoch, and the record.
    assert owner.outbox.waiting() == 2


def test_entering_the_same_again_says_nothing_new_to_the_network(two: Federation) -> None:
    first = two.enter()
    size = two.relay.size
    assert two.enter() == first
    assert two.relay.size == size
    assert two.enter(fraud="lost") == first
    assert two.relay.size == size + 1


def test_a_search_and_a_reading_need_a_purpose_and_leave_a_line(two: Federation) -> None:
    identifier = two.enter()
    reader = two.bureau("XBM")
    query = Query(register="travel-documents", number="AB123456", issuer="XAV")
    nosy = Asker("b", ALL_ROLES)
    assert refused(lambda: reader.do(lambda: reader.records.search(nosy, query))) == "NO-PURPOSE"
    assert (
        refused(lambda: reader.do(lambda: reader.records.read(nosy, bytes.fromhex(identifier))))
        == "NO-PURPOSE"
    )
    assert audit.verify(reader.db) == 0
    (found,) = reader.do(lambda: reader.records.search(ANNA, query)).results
    assert found.owner == "XAV"
    assert reader.do(lambda: reader.records.read(ANNA, bytes.fromhex(identifier))).ref == "AV-1"
    assert [line.event for line in audit.lines(reader.db)] == ["record:read", "search:asked"]


def test_a_country_withdraws_what_is_its_own_for_a_stated_reason(two: Federation) -> None:
    two.enter()
    owner, other = two.bureau("XAV"), two.bureau("XBM")
    withdraw = "travel-documents", "AV-1", "Found again."
    assert refused(lambda: other.do(lambda: other.records.withdraw(ANNA, *withdraw))) == "UNKNOWN-RECORD"
    assert refused(lambda: owner.do(lambda: owner.records.withdraw(ANNA, *withdraw[:2], " "))) == "NO-REASON"
    assert two.check("XBM", ASKS_PASSPORT).verdict == "document"
    owner.do(lambda: owner.records.withdraw(ANNA, *withdraw))
    two.pump()
    assert two.check("XBM", ASKS_PASSPORT).verdict == "clear"


def test_every_node_that_may_read_holds_the_same_records_after_a_restart_too(three: Federation) -> None:
    for number in range(4):
        three.enter(source_ref=f"R{number}", document_number=f"AB{number}")
    three.enter("XCS", PERSON, register="persons")
    held = "SELECT * FROM state_records ORDER BY 1"
    expected = three.bureau("XAV").db.execute(held).fetchall()
    assert len(expected) == 5
    for name in ("XBM", "XCS", "XSC"):
        assert three.bureau(name).db.execute(held).fetchall() == expected
    three.restart("XBM")
    assert three.bureau("XBM").db.execute(held).fetchall() == expected
    assert sum(three.bureau("XBM").records.counted(ANNA).values()) == 5


def test_a_record_past_its_retention_is_found_no_more(two: Federation) -> None:
    two.enter(raw=PERSON, register="persons")
    days = two.bureau("XBM").vocabulary.registers["persons"].retention_days
    asks = Question(number="P1234567", issuer="XAV")
    two.tick((days - 1) * DAY)
    assert two.check("XBM", asks).verdict == "bearer"
    two.tick(2 * DAY)
    assert two.check("XBM", asks).verdict == "clear"
