"""Members, posts, alerts and the node's own state."""

from typing import Annotated, Any

import msgspec
from litestar import Response, get, post
from litestar.params import JSONBody, PathParameter, QueryParameter

from allpoints.identity import policy
from allpoints.identity.filed import FILE_LIMIT_BYTES
from allpoints.identity.policy import Act
from allpoints.identity.root_files import read_approved
from allpoints.node.alerts import Alert
from allpoints.node.frames import COUNT_LIMIT
from allpoints.node.orders import MeasureOrder, MeasureView, OrderedView, RestorationOrder
from allpoints.node.posts import PostView
from allpoints.node.reach import ReachView
from allpoints.node.withdrawn_posts import WithdrawnPost
from allpoints.web.api.asking import AnyRequest, asker_of, desk_of, host_of, only
from allpoints.web.measures import Health

PostName = Annotated[str, PathParameter(description="The post's name without its bureau's: airport.")]
Member = Annotated[str, PathParameter(description="The member's three letters.")]


class MemberView(msgspec.Struct, frozen=True):
    code: str
    label: str
    admitted_ms: int
    active: bool
    mode: str
    """The strictest of what it may do at present: direct, pre-reviewed, receive-only or suspended."""


class Withdrawal(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Why a post is withdrawn, for the audit log."""

    reason: str


class RestoredView(msgspec.Struct, frozen=True):
    """How many measures a restoration lifts."""

    lifted: int


class StatusView(msgspec.Struct, frozen=True):
    """How this node stands: health, records by register and state, what the relay refused of it."""

    health: Health
    records: dict[str, int]
    refused: dict[str, int]
    blocked: list[str]
    address: str
    suspended: str = ""
    """What shuts this node's member out, in a sentence: a suspension, a revoked key; empty when there is nothing."""


async def _text(request: AnyRequest) -> str:
    body = await request.body()
    return body[: FILE_LIMIT_BYTES + 1].decode("utf-8", "replace")


@get("/api/v1/members", tags=["network"], summary="List the network's members")
async def members(request: AnyRequest) -> list[MemberView]:
    asker_of(request)
    desk = desk_of(request)
    return await host_of(request).do(lambda: [MemberView(*row) for row in desk.network.members()])


@post(
    "/api/v1/members",
    tags=["network"],
    summary="Admit a member (the body is its join request, bare or approved)",
)
async def admit_member(request: AnyRequest) -> Response[bytes]:
    asker, desk = asker_of(request), desk_of(request)
    text, approvals = read_approved(await _text(request))
    address = host_of(request).settings.address
    admission = await host_of(request).do(lambda: desk.network.admit_member(asker, text, address, approvals))
    return Response(admission.encode(), media_type="application/json")


@get("/api/v1/members/{member:str}/measures", tags=["network"], summary="List the measures against a member")
async def measures(request: AnyRequest, member: Member) -> list[MeasureView]:
    asker, desk = asker_of(request), desk_of(request)
    return await host_of(request).do(lambda: desk.orders.measures(asker, member))


@post(
    "/api/v1/members/{member:str}/measures",
    tags=["network"],
    summary="Order a measure against a member",
    guards=[only(Act.ADMINISTER_NETWORK)],
)
async def limit(request: AnyRequest, member: Member, data: JSONBody[MeasureOrder]) -> MeasureView:
    asker, desk = asker_of(request), desk_of(request)
    return await host_of(request).do(lambda: desk.orders.limit(asker, member, data))


@post(
    "/api/v1/members/{member:str}/restorations",
    tags=["network"],
    summary="Lift the measures against a member, in a network for trials",
    guards=[only(Act.ADMINISTER_NETWORK)],
)
async def restore(request: AnyRequest, member: Member, data: JSONBody[RestorationOrder]) -> RestoredView:
    asker, desk = asker_of(request), desk_of(request)
    lifted = await host_of(request).do(lambda: desk.orders.restore(asker, member, data))
    return RestoredView(lifted)


@post(
    "/api/v1/orders",
    tags=["network"],
    summary="Write an order that holders of the root approved (the body is its file, with their approvals)",
    guards=[only(Act.ADMINISTER_NETWORK)],
)
async def order(request: AnyRequest) -> OrderedView:
    asker, desk = asker_of(request), desk_of(request)
    text, approvals = read_approved(await _text(request))
    address = host_of(request).settings.address
    return await host_of(request).do(lambda: desk.orders.order(asker, text, approvals, address))


@get(
    "/api/v1/members/{member:str}/reach",
    tags=["network"],
    summary="Whom the newest order about a member has reached",
)
async def reached(request: AnyRequest, member: Member) -> ReachView:
    asker, host = asker_of(request), host_of(request)
    return await host.reach(asker, member)


@get("/api/v1/posts", tags=["network"], summary="List this bureau's posts")
async def posts(request: AnyRequest) -> list[PostView]:
    asker_of(request)
    desk = desk_of(request)
    return await host_of(request).do(desk.posts.list_)


@post("/api/v1/posts", tags=["network"], summary="Admit a post (the body is its join request)")
async def admit_post(request: AnyRequest) -> Response[bytes]:
    asker, desk = asker_of(request), desk_of(request)
    text = await _text(request)
    address = host_of(request).settings.address
    admission = await host_of(request).do(lambda: desk.network.admit_post(asker, text, address))
    return Response(admission.encode(), media_type="application/json")


@post(
    "/api/v1/posts/{post:str}/withdrawal",
    tags=["network"],
    summary="Withdraw a post (its name without the bureau's): nothing counts any more that it signs",
    guards=[only(Act.ADMINISTER_NETWORK)],
)
async def withdraw_post(request: AnyRequest, post: PostName, data: JSONBody[Withdrawal]) -> list[PostView]:
    asker, desk = asker_of(request), desk_of(request)
    name = f"{desk.me.member}/{post}"
    await host_of(request).do(lambda: desk.network.withdraw_post(asker, name, data.reason))
    return await host_of(request).do(desk.posts.list_)


@get("/api/v1/posts/withdrawn", tags=["network"], summary="List this bureau's withdrawn posts")
async def withdrawn_posts(request: AnyRequest) -> list[WithdrawnPost]:
    asker_of(request)
    desk = desk_of(request)
    return await host_of(request).do(desk.posts.withdrawn.list_)


@get("/api/v1/alerts", tags=["network"], summary="Alerts beyond a number, oldest first")
async def alerts(
    request: AnyRequest, after: Annotated[int, QueryParameter(ge=0, le=COUNT_LIMIT)] = 0
) -> list[Alert]:
    asker, host = asker_of(request), host_of(request)
    return await host.do(lambda: host.office.alerts.told(asker, after, host.clock.now()))


@get("/api/v1/status", tags=["network"], summary="How this node stands")
async def status(request: AnyRequest) -> StatusView:
    asker, host = asker_of(request), host_of(request)
    health: Health = request.app.state.measures.health()
    records: dict[str, int] = {}
    blocked: list[str] = []
    suspended = ""
    if host.bureau is not None:
        desk = host.bureau
        records = await host.do(lambda: desk.records.counted(asker))
        blocked = [f"{code}: {sentence}" for code, sentence in desk.outbox.blocked()]
        suspended = "; ".join(sentence for _, sentence in desk.orders.shut_out())
    refusals = request.app.state.measures.refusals()
    return StatusView(health, records, refusals, blocked, host.settings.address, suspended)


@get("/api/v1/settings", tags=["network"], summary="Every setting with its value and origin")
async def settings(request: AnyRequest) -> list[dict[str, Any]]:
    policy.require(host_of(request).vocabulary, asker_of(request), Act.ADMINISTER_NETWORK)
    return [
        {
            "name": setting.path,
            "value": origin.value,
            "origin": origin.origin,
            "variable": setting.variable,
            "sentence": setting.sentence,
        }
        for setting, origin in host_of(request).settings.rows()
    ]


HANDLERS = [
    members,
    admit_member,
    measures,
    limit,
    restore,
    order,
    reached,
    posts,
    admit_post,
    withdraw_post,
    withdrawn_posts,
    alerts,
    status,
    settings,
]
