"""Links between records: entered by an owner of one of them, read with either, undone by whoever entered them."""

import msgspec
from litestar import get, post
from litestar.params import FromPath, FromQuery, JSONBody
from litestar.status_codes import HTTP_200_OK

from allpoints.identity.policy import Act
from allpoints.node.record_links import LinkView
from allpoints.registers.linking import Between
from allpoints.web.api.asking import AnyRequest, asker_of, desk_of, host_of, link_id_of, only, record_id_of


class LinkRequest(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Two records, how the first belongs to the second, and why one thinks so."""

    source: str
    target: str
    relation: str
    reason: str


class LinkEntered(msgspec.Struct, frozen=True):
    link: str


class LinkUndoing(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    reason: str


@post(
    "/api/v1/links",
    tags=["links"],
    summary="Link two records, at least one of them this member's",
    status_code=HTTP_200_OK,
    guards=[only(Act.LINK)],
)
async def enter(request: AnyRequest, data: JSONBody[LinkRequest]) -> LinkEntered:
    asker, desk = asker_of(request), desk_of(request)
    source, target = record_id_of(data.source), record_id_of(data.target)
    said = Between(source, target, data.relation, data.reason, "")
    return LinkEntered(await host_of(request).do(lambda: desk.links.enter(asker, said)))


@get("/api/v1/records/{record:str}/links", tags=["links"], summary="The links of one record")
async def of_record(
    request: AnyRequest, record: FromPath[str], *, undone: FromQuery[bool] = False
) -> list[LinkView]:
    asker, desk, identifier = asker_of(request), desk_of(request), record_id_of(record)
    _, links = await host_of(request).do(lambda: desk.links.read(asker, identifier, undone=undone))
    return list(links)


@post(
    "/api/v1/links/{link:str}/undoing",
    tags=["links"],
    summary="Undo a link that this member entered",
    status_code=HTTP_200_OK,
    guards=[only(Act.LINK)],
)
async def undo(request: AnyRequest, link: FromPath[str], data: JSONBody[LinkUndoing]) -> LinkEntered:
    asker, desk, identifier = asker_of(request), desk_of(request), link_id_of(link)
    await host_of(request).do(lambda: desk.links.undo(asker, identifier, data.reason))
    return LinkEntered(link)


HANDLERS = [enter, of_record, undo]
