"""For whom a node seals, and what a newcomer is given."""

from tests.node.federation import Federation
from tests.node.samples import ASKS_PASSPORT, CENTRE, PERSON

from allpoints.node import membership


def test_a_newcomer_reads_what_was_written_before_it_came_and_answers_from_it(two: Federation) -> None:
    two.enter()
    two.enter(raw=PERSON, register="persons")
    two.admit("XDV")
    two.start("XDV")
    two.connect("XDV")
    for _ in range(3):
        two.tick()
    assert two.check("XDV", ASKS_PASSPORT).verdict == "document"
    two.restart("XDV")
    assert two.check("XDV", ASKS_PASSPORT).verdict == "document"
    two.enter(source_ref="LATER", document_number="CD1")
    assert two.bureau("XDV").db.execute("SELECT count(*) FROM state_records").fetchone() == (3,)


def test_a_newcomer_is_given_keys_once_by_each_owner(two: Federation) -> None:
    two.enter()
    two.admit("XDV")
    for _ in range(3):
        two.tick()
    kinds = [row[0] for row in two.relay.db.execute("SELECT kind FROM ledger_entries WHERE author='XAV'")]
    assert kinds.count(membership.WIDENED) == 1
    two.restart("XAV")
    two.tick()
    assert two.relay.db.execute(
        "SELECT count(*) FROM ledger_entries WHERE kind=?", (membership.WIDENED,)
    ).fetchone() == (1,)


def test_a_member_seals_for_everyone_but_whom_it_excludes_and_always_for_itself(three: Federation) -> None:
    audience = three.bureau("XAV").audience
    assert set(audience.recipients(())) == {"XAV", "XBM", "XCS", CENTRE}
    assert set(audience.recipients(("XCS", CENTRE))) == {"XAV", "XBM"}
    assert "XAV" in audience.recipients(("XAV", "XBM"))
    three.suspend("XBM")
    assert set(audience.recipients(())) == {"XAV", "XCS", CENTRE}
