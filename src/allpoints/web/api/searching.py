"""Searching and reading records."""

from typing import Annotated, Any

import msgspec
from litestar import get
from litestar.params import FromPath, FromQuery, QueryParameter

from allpoints.ground.refusal import Refusal
from allpoints.registers.searching import PARTS_LIMIT, Found, Query
from allpoints.vocabulary.asking import ASKED_LIMIT
from allpoints.web.api.asking import AnyRequest, asker_of, desk_of, host_of, record_id_of

LIMIT = 100
NAME_LIMIT = 64


class Result(msgspec.Struct, frozen=True):
    """One record found, and why."""

    record: str
    register: str
    owner: str
    ref: str
    version: int
    published_ms: int
    caption: str
    purpose: str
    handling: str
    why: list[dict[str, Any]]


class Results(msgspec.Struct, frozen=True):
    """What was found, in a standing order; near misses stand apart, as warnings."""

    results: list[Result]
    warnings: list[dict[str, Any]]
    more: bool
    facets: list[dict[str, Any]]


class Record(msgspec.Struct, frozen=True):
    """One record with its history; ``fields`` is empty once it was withdrawn or has expired.

    While it is blocked only its owner and the secretariat see the fields; ``blocked`` is the reason. ``expires_ms`` is
    0 for what is kept without end. ``links`` lead to other records that may be read.
    """

    record: str
    register: str
    owner: str
    ref: str
    version: int
    status: str
    published_ms: int
    expires_ms: int
    purpose: str
    handling: str
    caption: str
    fields: dict[str, Any]
    history: list[dict[str, Any]]
    blocked: str
    links: list[dict[str, Any]]


@get(
    "/api/v1/search", tags=["search"], summary="Search records by identifier, name, text, reference or filter"
)
async def search(  # noqa: PLR0913, PLR0917 - each is one part of the question
    request: AnyRequest,
    register: FromQuery[str] = "",
    number: FromQuery[str] = "",
    issuer: FromQuery[str] = "",
    name: FromQuery[str] = "",
    birth_year: Annotated[int, QueryParameter(ge=0, le=2200)] = 0,
    ref: FromQuery[str] = "",
    text: FromQuery[str] = "",
    id: FromQuery[list[str] | None] = None,  # noqa: A002 - the parameter's name on the wire
    filter: FromQuery[list[str] | None] = None,  # noqa: A002
    limit: Annotated[int, QueryParameter(ge=1, le=LIMIT)] = 20,
) -> Results:
    asker, desk = asker_of(request), desk_of(request)
    query = Query(
        register=register,
        number=number,
        issuer=issuer.upper(),
        name=name,
        birth_year=birth_year,
        ref=ref,
        limit=limit,
        text=text,
        identifiers=pairs_of(id, "id"),
        filters=pairs_of(filter, "filter"),
    )
    found = await host_of(request).do(lambda: desk.records.search(asker, query))
    warnings = [msgspec.structs.asdict(why) for why in found.warnings]
    facets = [msgspec.to_builtins(facet) for facet in found.facets]
    return Results([_result(one) for one in found.results], warnings, found.more, facets)


def _result(one: Found) -> Result:
    return Result(
        one.record_id.hex(),
        one.register,
        one.owner,
        one.ref,
        one.version,
        one.published_ms,
        one.caption,
        one.purpose,
        one.handling,
        [msgspec.structs.asdict(why) for why in one.why],
    )


def pairs_of(given: list[str] | None, path: str) -> dict[str, str]:
    """What ``?id=vin:…&id=plate:…`` says, each name once."""
    pairs: dict[str, str] = {}
    for one in given or ():
        name, colon, value = one.partition(":")
        if not colon or not name or name in pairs:
            raise Refusal(
                "PAIR-UNREADABLE",
                "This is no pair of a name and a value, or the name stands twice.",
                path=path,
                hint="Write vin:WVWZZZ1JZXW000001, say, each name once.",
            )
        pairs[name] = value
    if len(pairs) > PARTS_LIMIT or any(
        len(name) > NAME_LIMIT or len(value) > ASKED_LIMIT for name, value in pairs.items()
    ):
        raise Refusal("PAIRS-TOO-MANY", f"At most {PARTS_LIMIT} short pairs are asked at once.", path=path)
    return pairs


@get("/api/v1/records/{record:str}", tags=["search"], summary="Read one record")
async def read(request: AnyRequest, record: FromPath[str]) -> Record:
    asker, desk = asker_of(request), desk_of(request)
    identifier = record_id_of(record)
    found, links = await host_of(request).do(lambda: desk.links.read(asker, identifier))
    return Record(
        record,
        found.register,
        found.owner,
        found.ref,
        found.version,
        found.status,
        found.published_ms,
        found.expires_ms,
        found.purpose,
        found.handling,
        found.caption,
        msgspec.to_builtins(found.body) if found.body is not None else {},
        [msgspec.structs.asdict(event) for event in found.history],
        found.blocked,
        [msgspec.structs.asdict(link) for link in links],
    )


HANDLERS = [search, read]
