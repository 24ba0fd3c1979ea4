"""For vetted outsiders alone: searching the registers that are open to them, and what is public of a record."""

from typing import Annotated

from litestar import get
from litestar.params import FromPath, FromQuery, QueryParameter

from allpoints.ground.refusal import Refusal
from allpoints.node.outside import SHOWN_LIMIT, PublicAnswer, PublicRecord
from allpoints.registers.searching import Query
from allpoints.registers.visibility import unknown_record
from allpoints.web.api.asking import AnyRequest, desk_of, host_of, outsider_of
from allpoints.web.api.searching import pairs_of


@get("/api/v1/open/search", tags=["outsiders"], summary="Search the registers open to outsiders")
async def search(
    request: AnyRequest,
    register: FromQuery[str] = "",
    text: FromQuery[str] = "",
    id: FromQuery[list[str] | None] = None,  # noqa: A002 - the parameter's name on the wire
    filter: FromQuery[list[str] | None] = None,  # noqa: A002
    limit: Annotated[int, QueryParameter(ge=1, le=SHOWN_LIMIT)] = SHOWN_LIMIT,
) -> PublicAnswer:
    """``Allpoints-Case`` says why the outsider asks."""
    asker, desk = outsider_of(request), desk_of(request)
    query = Query(
        register=register,
        text=text,
        identifiers=pairs_of(id, "id"),
        filters=pairs_of(filter, "filter"),
        limit=limit,
    )
    answer = await host_of(request).do(lambda: desk.outside.search(asker, query))
    if isinstance(answer, Refusal):
        raise answer
    return answer


@get("/api/v1/open/records/{record:str}", tags=["outsiders"], summary="Read what is public of a record")
async def read(request: AnyRequest, record: FromPath[str]) -> PublicRecord:
    asker, desk = outsider_of(request), desk_of(request)
    try:
        identifier = bytes.fromhex(record)
    except ValueError:
        raise unknown_record() from None
    answer = await host_of(request).do(lambda: desk.outside.read(asker, identifier))
    if isinstance(answer, Refusal):
        raise answer
    return answer


HANDLERS = [search, read]
