"""Hits at a post: the answers to its last checks, and what the bureau has told of them since."""

from allpoints.border.hit import Hit
from allpoints.border.verdict import Answer, Match
from allpoints.ground.refusal import Refusal
from allpoints.identity.policy import Act
from allpoints.ledger import audit
from allpoints.node.post import Post
from allpoints.web.pages.comparing import comparisons
from allpoints.web.pages.showing import (
    HIT_STATES,
    contact,
    grounds,
    plain_caption,
    register_label,
    sentence,
    term,
)
from allpoints.web.pages.visit import Visit
from allpoints.web.views.common import Event, Paging, State
from allpoints.web.views.hits import Decision, HitPage, HitRow, HitsPage, Party
from allpoints.web.words import _

ALONE = State(_("Not told yet"), "warn")
RAISED = State(_("Owner is asked"), "info")


async def listed(visit: Visit) -> HitsPage:
    """The hits among the last checks of this post."""
    post = _post(visit)
    await visit.do(lambda: audit.record(post.db, "hit:listed", visit.asker, visit.now_ms, only_open=False))
    rows = tuple(_row(visit, post, answer, match) for answer in post.recent for match in answer.matches)
    return HitsPage(viewer="searcher", rows=rows, paging=Paging(total=len(rows), shown=len(rows)))


async def read(visit: Visit, name: str) -> HitPage:
    """One hit by its identifier, or by its check where the post answered alone."""
    post = _post(visit)
    answer, match = _found(post, name)
    detail = {"hit": match.hit, "check": answer.check}
    await visit.do(lambda: audit.record(post.db, "hit:read", visit.asker, visit.now_ms, **detail))
    return _page(visit, post, answer, match)


def _found(post: Post, name: str) -> tuple[Answer, Match]:
    for answer in post.recent:
        for match in answer.matches:
            if name in {match.hit, answer.check}:
                return answer, match
    raise Refusal(
        "HIT-UNKNOWN",
        "There is no such hit here.",
        hint="A post shows the hits of its last checks; the bureau has them all.",
        status=404,
    )


def _post(visit: Visit) -> Post:
    visit.require(Act.CHECK)
    post = visit.host.post
    if post is None:
        raise Refusal("NOT-A-POST", "This node is no post.", status=404)
    return post


def _state(post: Post, answer: Answer) -> tuple[State, str]:
    told = post.outcomes.of(answer.check)
    if told is None:
        return (RAISED if answer.source == "live" else ALONE), ""
    return HIT_STATES.get(told[0], State(sentence(told[0]), "info")), told[1]


def _row(visit: Visit, post: Post, answer: Answer, match: Match) -> HitRow:
    name = match.hit or answer.check
    return HitRow(
        id=name,
        href=f"/en/hits/{name}",
        title=plain_caption(match.caption) or register_label(visit.host.vocabulary, match.register),
        verdict=match.verdict.value,
        state=_state(post, answer)[0],
        owner=match.owner,
        searcher=post.me.member,
        raised_ms=answer.asked_ms,
    )


def _page(visit: Visit, post: Post, answer: Answer, match: Match) -> HitPage:
    vocabulary = visit.host.vocabulary
    state, reason = _state(post, answer)
    name = match.hit or answer.check
    settled = state in {HIT_STATES["confirmed"], HIT_STATES["refuted"]}
    names = visit.console.places.members()
    return HitPage(
        id=name,
        reference=name,
        title=plain_caption(match.caption) or register_label(vocabulary, match.register),
        viewer="searcher",
        verdict=match.verdict.value,
        state=state,
        parties=(
            Party(
                role=_("Bureau"),
                member=post.me.member,
                name=names.get(post.me.member, post.me.member),
                told_ms=answer.asked_ms if answer.source == "live" else 0,
            ),
        ),
        post=post.me.name,
        purpose=term(vocabulary.purposes, visit.asker.purpose),
        case=visit.asker.case,
        raised_ms=answer.asked_ms,
        comparisons=comparisons(_hit(post, answer, match), vocabulary),
        reasons=grounds(match),
        timeline=(Event(at_ms=answer.asked_ms, title=_("Checked"), by=post.me.name, tone="info"),),
        contact=contact(visit.console, post.me.member),
        decision=Decision(
            reason=reason, officer=visit.console.places.get(match.owner, match.owner), at_ms=0, state=state
        )
        if settled
        else None,
    )


def _hit(post: Post, answer: Answer, match: Match) -> Hit:
    document = f"{answer.issuer} {answer.number}" if answer.number else ""
    asked = ", ".join(part for part in (document, answer.bearer, answer.birth_date) if part)
    return Hit(
        hit=match.hit,
        check=answer.check,
        record=match.record,
        version=match.version,
        register=match.register,
        verdict=match.verdict,
        owner=match.owner,
        searcher=post.me.member,
        post=post.me.name,
        reference=match.reference,
        caption=match.caption,
        asked=asked,
        reason=match.reasons[0].sentence if match.reasons else "",
        checked_ms=answer.asked_ms,
        raised_ms=answer.asked_ms,
        deadline_ms=answer.asked_ms,
    )
