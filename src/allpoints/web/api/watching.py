"""The insider watch over HTTP, for overseers and administrators: its alerts, and whom this node protects."""

import msgspec
from litestar import delete, get, post
from litestar.params import FromPath, JSONBody
from litestar.status_codes import HTTP_200_OK

from allpoints.identity.policy import Act
from allpoints.node.watch_desk import Choice, Watching
from allpoints.watch.store import Chosen, WatchAlert
from allpoints.web.api.asking import AnyRequest, asker_of, desk_of, host_of, only


class Settlement(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """``verdict`` is dismissed or escalated, ``reason`` why."""

    verdict: str
    reason: str


@get("/api/v1/watch", tags=["audit"], summary="Alerts of the insider watch, those that wait first")
async def index(request: AnyRequest) -> Watching:
    """What is odd about how other officers ask; ``sound`` is false when alerts were changed behind the log's back."""
    asker, desk = asker_of(request), desk_of(request)
    return await host_of(request).do(lambda: desk.audit.watch.list_(asker))


@post(
    "/api/v1/watch/{number:int}/settlement",
    tags=["audit"],
    summary="Dismiss or escalate an alert of the insider watch",
    status_code=HTTP_200_OK,
    guards=[only(Act.SETTLE_WATCH)],
)
async def settle(request: AnyRequest, number: FromPath[int], data: JSONBody[Settlement]) -> WatchAlert:
    asker, desk = asker_of(request), desk_of(request)
    return await host_of(request).do(
        lambda: desk.audit.watch.settle(asker, number, data.verdict, data.reason)
    )


@get("/api/v1/watch/protected", tags=["audit"], summary="Whom the insider watch protects")
async def protected(request: AnyRequest) -> list[Chosen]:
    asker, desk = asker_of(request), desk_of(request)
    return await host_of(request).do(lambda: desk.audit.watch.chosen(asker))


@post(
    "/api/v1/watch/protected",
    tags=["audit"],
    summary="Let no question about somebody go unseen",
    guards=[only(Act.CHOOSE_WATCHED)],
)
async def protect(request: AnyRequest, data: JSONBody[Choice]) -> list[Chosen]:
    asker, desk = asker_of(request), desk_of(request)
    return await host_of(request).do(lambda: desk.audit.watch.choose(asker, data))


@delete(
    "/api/v1/watch/protected/{number:int}",
    tags=["audit"],
    summary="End the protection of somebody",
    status_code=HTTP_200_OK,
    guards=[only(Act.CHOOSE_WATCHED)],
)
async def forget(request: AnyRequest, number: FromPath[int]) -> list[Chosen]:
    asker, desk = asker_of(request), desk_of(request)
    return await host_of(request).do(lambda: desk.audit.watch.forget(asker, number))


HANDLERS = [index, settle, protected, protect, forget]
