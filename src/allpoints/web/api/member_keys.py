"""Keys of members: how it stands with them, and an objection to what was decided."""

import msgspec
from litestar import get, post

from allpoints.identity.policy import Act
from allpoints.node.recoveries import KeyView
from allpoints.web.api.asking import AnyRequest, asker_of, desk_of, host_of, only
from allpoints.web.api.network import Member


class ObjectedView(msgspec.Struct, frozen=True):
    """What was written, in a sentence."""

    sentence: str


@get("/api/v1/members/{member:str}/keys", tags=["network"], summary="Say how it stands with a member's key")
async def keys(request: AnyRequest, member: Member) -> KeyView:
    asker, desk = asker_of(request), desk_of(request)
    return await host_of(request).do(lambda: desk.keys.recoveries.keys(asker, member))


@post(
    "/api/v1/members/{member:str}/objections",
    tags=["network"],
    summary="Stop the recovery of this bureau's own member, by its present key",
    guards=[only(Act.ADMINISTER_NETWORK)],
)
async def object_(request: AnyRequest, member: Member) -> ObjectedView:
    asker, desk = asker_of(request), desk_of(request)
    return ObjectedView(await host_of(request).do(lambda: desk.keys.recoveries.object(asker, member)))


HANDLERS = [keys, object_]
