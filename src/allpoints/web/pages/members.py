"""Members of the network with their keys, and this bureau's posts."""

from typing import NamedTuple

from litestar import Response, get

from allpoints.identity import standing
from allpoints.identity.certificate import Certificate
from allpoints.identity.known import Ordered
from allpoints.identity.policy import Act
from allpoints.node.bureau import Bureau
from allpoints.node.posts import PostView
from allpoints.web.pages.visit import AnyRequest, Visit
from allpoints.web.views.common import State
from allpoints.web.views.office import MemberRow, MembersPage, PostRow
from allpoints.web.words import _


@get(["/en/members", "/en/members.json"])
async def members(request: AnyRequest) -> Response[bytes]:
    visit = Visit.open(request)
    desk = visit.desk()
    visit.require(Act.SEE_MEMBERS)
    return visit.page("members", _view(visit, desk))


def _view(visit: Visit, desk: Bureau) -> MembersPage:
    me, directory = desk.me, desk.following.directory
    relay = visit.host.relay
    connected = frozenset(relay.followers) if relay is not None else frozenset()
    posts = tuple(_post(desk, view) for view in desk.posts.list_())
    centre = State(_("Secretariat"), "info")
    secretariat = directory.certificate(me.secretariat.subject) or me.secretariat
    rows = [_row(secretariat, centre, Since(me.secretariat.not_before_ms, desk.as_of()))]
    for one in desk.network.members():
        certificate = directory.latest(one.code)
        if certificate is None:
            continue
        state = State(_("Member"), "good") if one.active else State(_("Certificate ended"), "bad")
        measures = directory.in_force(one.code, visit.now_ms)
        if measures:
            state = MODES[one.mode]
        if directory.revoked(one.code) is not None:
            state = State(_("Key revoked"), "bad")
        if relay is not None and one.active and not measures:
            state = (
                State(_("On the line"), "good")
                if one.code in connected
                else State(_("Not on the line"), "warn")
            )
        seen_ms = visit.now_ms if one.code in connected else 0
        own = posts if one.code == me.member else ()
        rows.append(_row(certificate, state, Since(one.admitted_ms, seen_ms), own, measures))
    return MembersPage(rows=tuple(rows), may_admit=me.is_secretariat and visit.may(Act.ADMINISTER_NETWORK))


MODES = {
    standing.PRE_REVIEWED: State(_("Reviewed first"), "warn"),
    standing.RECEIVE_ONLY: State(_("Receives only"), "warn"),
    standing.SUSPENDED: State(_("Suspended"), "bad"),
}


class Since(NamedTuple):
    """Since when a node belongs, and when it was last seen."""

    since_ms: int
    seen_ms: int = 0


def _row(
    certificate: Certificate,
    state: State,
    since: Since,
    posts: tuple[PostRow, ...] = (),
    measures: tuple[Ordered, ...] = (),
) -> MemberRow:
    return MemberRow(
        member=certificate.member,
        label=certificate.label,
        role=certificate.role,
        state=state,
        since_ms=since.since_ms,
        seen_ms=since.seen_ms,
        measures=tuple(one.measure.sentence() for one in measures),
        key=certificate.verify_key.fingerprint(),
        key_ends_ms=certificate.not_after_ms,
        posts=posts,
    )


def _post(desk: Bureau, view: PostView) -> PostRow:
    held = desk.posts.connected.get(view.name)
    return PostRow(
        name=view.name,
        label=view.label,
        state=State(_("On the line"), "good") if view.connected else State(_("Not on the line"), "warn"),
        seen_ms=view.heard_ms,
        extract_ms=held.stamped_ms if held is not None else 0,
        key_ends_ms=view.not_after_ms,
    )


HANDLERS = [members]
