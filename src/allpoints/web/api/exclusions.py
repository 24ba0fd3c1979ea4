"""Who was shut out of this member's records, and who has deleted them."""

from litestar import get
from litestar.params import FromPath

from allpoints.node.exclusions import ExcludedMember, Outstanding
from allpoints.web.api.asking import AnyRequest, asker_of, desk_of, host_of, record_id_of


@get(
    "/api/v1/records/{record:str}/readers",
    tags=["registers"],
    summary="Who may not read one of this member's records, and who of them has deleted it",
)
async def readers(request: AnyRequest, record: FromPath[str]) -> list[ExcludedMember]:
    asker, desk, identifier = asker_of(request), desk_of(request), record_id_of(record)
    excluded: list[ExcludedMember] = await host_of(request).do(
        lambda: desk.records.readers(asker, identifier)
    )
    return excluded


@get(
    "/api/v1/exclusions",
    tags=["registers"],
    summary="Members that have not deleted records of this member's from which they were shut out",
)
async def outstanding(request: AnyRequest) -> list[Outstanding]:
    asker, desk = asker_of(request), desk_of(request)
    found: list[Outstanding] = await host_of(request).do(lambda: desk.records.outstanding(asker))
    return found


HANDLERS = [readers, outstanding]
