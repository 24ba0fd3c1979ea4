"""Links, notices and keys that were given later are erased too, once their time has come, and a rebuild changes nothing."""

from tests.node.federation import Federation
from tests.node.samples import ANNA, CENTRE
from tests.node.test_erasure import EVERYONE, wait, withdraw
from tests.node.test_notice_desk import RITA, ROLF, decide, published, submit
from tests.node.test_record_links import link, links, paper, person, undo

from allpoints.ground.clock import DAY
from allpoints.ledger import store
from allpoints.ledger.stub import Stub, read, stub_of
from allpoints.node import membership
from allpoints.node.erasure import GRACE_MS
from allpoints.node.rebuilding import refold
from allpoints.notices import store as notice_store

YEAR = 366 * DAY
LINK_REASON = "Found on him at the gate."


def erased(federation: Federation, kind: str, name: str = "XBM") -> int:
    """How many entries of a kind are stubs at a node."""
    db = federation.bureau(name).db
    items = [read(data) for data in store.encoded(db, 1, store.size(db))]
    return sum(isinstance(item, Stub) and stub_of(item).kind == kind for item in items)


def rebuilt(federation: Federation) -> None:
    for name in EVERYONE:
        refold(federation.bureau(name))
    refold(federation.relay)


def test_a_link_that_was_taken_back_is_erased_everywhere_and_its_reason_with_it(two: Federation) -> None:
    bearer, document = person(two), paper(two)
    kept, gone = link(two, bearer, document), link(two, bearer, document, relation="owns", reason=LINK_REASON)
    undo(two, gone)
    wait(two, GRACE_MS - DAY)
    assert erased(two, membership.LINKED) == 0
    wait(two, 2 * DAY)
    assert [erased(two, membership.LINKED, name) for name in EVERYONE] == [1, 1, 1]
    for name in EVERYONE:
        dumped = "\n".join(two.bureau(name).db.iterdump())
        assert LINK_REASON not in dumped
    shown = [one.link for one in links(two, "XBM", bearer, undone=True)]
    assert shown == [kept]
    rebuilt(two)
    assert [one.link for one in links(two, "XBM", bearer, undone=True)] == shown


def test_a_link_of_a_record_that_ended_is_erased_and_one_of_records_that_stand_is_kept(
    two: Federation,
) -> None:
    bearer, first, second = person(two), paper(two, number="AA111111"), paper(two, number="BB222222")
    link(two, bearer, first)
    kept = link(two, bearer, second)
    withdraw(two, "AA111111")
    wait(two, GRACE_MS + DAY)
    assert erased(two, membership.LINKED) == 1
    assert [one.link for one in links(two, "XBM", bearer)] == [kept]
    wait(two, GRACE_MS + DAY)
    assert erased(two, membership.LINKED) == 1


def test_a_notice_that_was_withdrawn_is_erased_and_its_end_stays(two: Federation) -> None:
    notice = published(two)
    owner = two.bureau("XAV")
    wait(two, GRACE_MS + DAY)
    assert erased(two, membership.PUBLISHED) == 0
    owner.do(lambda: owner.notices.withdraw(ANNA, notice, "ACHIEVED", "Arrested."))
    two.pump()
    wait(two, GRACE_MS - DAY)
    assert erased(two, membership.PUBLISHED) == 0
    wait(two, 2 * DAY)
    assert [erased(two, membership.PUBLISHED, name) for name in EVERYONE] == [1, 1, 1]
    assert erased(two, membership.WITHDRAWN) == 0
    kept = two.centre.db.execute("SELECT published FROM office_published").fetchall()
    assert kept == [(b"",)]
    rebuilt(two)
    for name in EVERYONE:
        row = notice_store.notice(two.bureau(name).db, notice)
        assert row is None or row.state.ended


def test_the_same_reference_may_have_a_notice_again_after_a_rebuild(two: Federation) -> None:
    """What was erased and ended holds up no new notice, although the secretariat remembers that it published it."""
    notice = published(two)
    owner = two.bureau("XAV")
    owner.do(lambda: owner.notices.withdraw(ANNA, notice, "ACHIEVED", "Arrested."))
    two.pump()
    wait(two, GRACE_MS + DAY)
    rebuilt(two)
    case = submit(two)
    for asker in (RITA, ROLF):
        decide(two, case, asker)
    rows = two.bureau("XBM").db.execute("SELECT notice_id, state FROM state_notices").fetchall()
    assert [state for number, state in rows if number != notice] == ["published"]


def test_keys_that_were_given_to_a_newcomer_are_erased_once_they_open_nothing(two: Federation) -> None:
    two.enter()
    two.enter(source_ref="AV-2", document_number="P7654321")
    two.admit("XCS")
    two.start("XCS")
    two.connect("XCS")
    two.tick()
    two.pump()
    assert two.bureau("XCS").following.live
    withdraw(two, "AV-1")
    wait(two, GRACE_MS + DAY)
    assert erased(two, membership.RECORDS) == 1
    assert erased(two, membership.WIDENED) == 0
    withdraw(two, "AV-2")
    wait(two, GRACE_MS + 2 * DAY)
    wait(two, 2 * DAY)
    assert erased(two, membership.RECORDS) == 2
    held = {name: erased(two, membership.WIDENED, name) for name in (*EVERYONE, "XCS")}
    assert set(held.values()) == {1}
    (left,) = two.bureau("XAV").db.execute("SELECT count(*) FROM office_own_widenings").fetchone()
    assert left == 0
    refold(two.bureau("XCS"))
    assert two.bureau("XCS").following.live


def test_a_notice_that_ran_out_is_erased_a_month_after_its_five_years(two: Federation) -> None:
    published(two)
    wait(two, 5 * YEAR - 2 * DAY)
    assert erased(two, membership.PUBLISHED, CENTRE) == 0
    wait(two, GRACE_MS + 8 * DAY)
    assert erased(two, membership.PUBLISHED, CENTRE) == 1
