"""How often this country's records were opened at other members, over HTTP."""

from litestar import get, post
from litestar.params import JSONBody
from litestar.status_codes import HTTP_202_ACCEPTED

from allpoints.identity.policy import Act
from allpoints.watch.opening_view import Asking, OpeningsView
from allpoints.web.api.asking import AnyRequest, asker_of, desk_of, host_of, only


@get(
    "/api/v1/openings",
    tags=["records"],
    summary="Questions to other members about openings, with their answers",
)
async def index(request: AnyRequest) -> list[OpeningsView]:
    asker, desk = asker_of(request), desk_of(request)
    return await host_of(request).do(lambda: desk.audit.openings.list_(asker))


@post(
    "/api/v1/openings",
    tags=["records"],
    summary="Ask a member how often this country's records were opened there",
    status_code=HTTP_202_ACCEPTED,
    guards=[only(Act.ASK_OPENINGS)],
)
async def ask(request: AnyRequest, data: JSONBody[Asking]) -> OpeningsView:
    """The answer comes by mail, within minutes of a head of that member's audit log in the ledger."""
    asker, desk = asker_of(request), desk_of(request)
    return await host_of(request).do(lambda: desk.audit.openings.ask(asker, data))


HANDLERS = [index, ask]
