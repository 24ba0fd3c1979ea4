"""What must hold for hits and notices at the end: all who must know know, the same, and nobody else does."""

from collections.abc import Iterator

from tests.simulator import keys
from tests.simulator.federation import Federation
from tests.simulator.truth import EVERYONE, Truth

from allpoints.border import store as border_store
from allpoints.border.checking import Circumstances, examine
from allpoints.border.hit import HitState, HitView, hit_id
from allpoints.border.question import understand
from allpoints.ground.clock import day_of
from allpoints.node.bureau import Bureau
from allpoints.notices import store as notice_store
from allpoints.notices.state import NoticeState
from allpoints.review import store as review_store
from allpoints.review.case import CaseState

ALL = 10_000


def faults(federation: Federation, truth: Truth) -> list[str]:
    return [
        *told(federation, truth),
        *found(federation),
        *notices(federation, truth),
        *cases(federation, truth),
    ]


def told(federation: Federation, truth: Truth) -> Iterator[str]:
    """(5) Every hit is known to searcher, owner and command centre, once each, in the same final state."""
    known = {
        name: {view.hit.hit: view for view in border_store.list_hits(federation.bureau(name).db, limit=ALL)}
        for name in EVERYONE
    }
    searched = {
        hit: view
        for views in known.values()
        for hit, view in views.items()
        if view.side in {"searcher", "both"}
    }
    for name, views in known.items():
        for hit in sorted(views.keys() - searched.keys()):
            yield f"{name} was told of a hit that its searcher {views[hit].hit.searcher} does not know"
    for hit, view in searched.items():
        yield from _told_of(hit, view, known, truth)
    for hit in truth.answered.keys() - searched.keys():
        yield f"an answered hit is known to no searcher ({hit})"


def _told_of(hit: str, view: HitView, known: dict[str, dict[str, HitView]], truth: Truth) -> Iterator[str]:
    parties = {view.hit.owner, view.hit.searcher}
    if view.hit.centre:
        parties.add(keys.DESK)
    record = truth.records.get(bytes.fromhex(view.hit.record))
    if record is not None and view.hit.centre != (
        keys.DESK not in record.versions[view.hit.version - 1].excluded
    ):
        yield f"the centre {'learns' if view.hit.centre else 'does not learn'} of {record.ref} v{view.hit.version}"
    what = f"the hit of {view.hit.searcher} on {view.hit.reference} of {view.hit.owner}"
    state = truth.answered.get(hit, HitState.EXPIRED)
    for name in sorted(known):
        held = known[name].get(hit)
        if (held is not None) != (name in parties):
            yield f"{what} is {'' if held else 'not '}known to {name}"
        elif held is not None and held.state != state:
            yield f"{what} is {held.state} at {name}, not {state}"


def found(federation: Federation) -> Iterator[str]:
    """(2, 4) Every check that a bureau still keeps has a hit for every record that it finds now."""
    for name in EVERYONE:
        bureau = federation.bureau(name)
        rows = bureau.db.execute("SELECT check_id FROM office_checks ORDER BY at_ms").fetchall()
        for (check,) in rows:
            yield from _found(name, bureau, check)


def _found(name: str, bureau: Bureau, check: str) -> Iterator[str]:
    kept = border_store.kept_check(bureau.db, check)
    if kept is None:
        return
    asked = understand(bureau.checks.question_of(kept), bureau.vocabulary, day_of(kept.at_ms))
    at = Circumstances(
        check,
        kept.at_ms,
        "live",
        0,
        bureau.checks.registers,
        lambda one: border_store.is_dismissed(bureau.db, kept.pair, one.record_id, one.version),
    )
    for match in examine(asked, bureau.index.lookup, at).matches:
        if border_store.read_hit(bureau.db, hit_id(check, match.record)) is None:
            yield f"{name} never raised a hit for {asked.number or asked.bearer} on {match.owner}'s {match.register}"


def notices(federation: Federation, truth: Truth) -> Iterator[str]:
    """(3, 4) The same notices for all who may see them; one that was taken back is in force nowhere."""
    desk = {row.notice_id: row for row in notice_store.notices(federation.bureau(keys.DESK).db, "", ())}
    by_ref = {one.owner_ref: one for one in truth.notices}
    for name in keys.BUREAUS:
        held = {row.notice_id: row for row in notice_store.notices(federation.bureau(name).db, "", ())}
        for notice_id, row in desk.items():
            excluded = name in by_ref[row.owner_ref].excluded
            if excluded and notice_id in held:
                yield f"{name} holds {row.owner_ref}, which is kept from it"
            elif not excluded and held.get(notice_id) != row:
                mine = held.get(notice_id)
                yield f"{name} holds {row.owner_ref} as {mine and mine.state}, the desk as {row.state}"
        for notice_id in held.keys() - desk.keys():
            yield f"{name} holds {notice_id}, the desk does not"
    for row in desk.values():
        if by_ref[row.owner_ref].taken_back and row.state.in_force:
            yield f"{row.owner_ref} was taken back by its owner and is {row.state}"


FOLLOWS = {
    CaseState.SCREENING: {NoticeState.SCREENING},
    CaseState.QUERY_TO_SOURCE: {NoticeState.QUERY_TO_SOURCE},
    CaseState.LEGAL_REVIEW: {NoticeState.LEGAL_REVIEW},
    CaseState.REFUSED: {NoticeState.REFUSED},
    CaseState.APPROVED: {NoticeState.PUBLISHED, NoticeState.WITHDRAWN, NoticeState.CANCELLED},
    CaseState.WITHDRAWN: {NoticeState.WITHDRAWN},
}


def cases(federation: Federation, truth: Truth) -> Iterator[str]:
    """(4) Owner and secretariat agree on where each submission stands, and no other case exists."""
    db = federation.bureau(keys.DESK).db
    for notice in truth.notices:
        case = review_store.find_case(db, notice.submission)
        held = notice_store.submission(federation.bureau(notice.owner).db, notice.submission)
        if case is None or held is None:
            yield f"{notice.owner_ref} is lost: case {case and case.state}, submission {held and held.state}"
        elif held.state not in FOLLOWS[case.state]:
            crossed = case.state is CaseState.REFUSED and held.state is NoticeState.WITHDRAWN
            if not crossed:
                yield f"{notice.owner_ref} is {held.state} at {notice.owner} and {case.state} at the desk"
    (cases_held,) = db.execute("SELECT count(*) FROM office_reviews").fetchone()
    if cases_held != len(truth.notices):
        yield f"the desk has {cases_held} cases, {len(truth.notices)} were submitted"
