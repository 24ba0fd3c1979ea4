"""Officers of this node, and its audit log."""

from collections.abc import Callable
from typing import Annotated

import msgspec
from litestar import delete, get, post
from litestar.params import FromPath, JSONBody, QueryParameter
from litestar.status_codes import HTTP_200_OK

from allpoints.identity import certifying, officers
from allpoints.identity.officers import Asker, require
from allpoints.ledger import audit
from allpoints.ledger.audit import Line
from allpoints.node.frames import COUNT_LIMIT
from allpoints.node.host import Host
from allpoints.registers.visibility import certifiable
from allpoints.web.api.asking import AnyRequest, asker_of, host_of, only

AUDIT_LIMIT = 1_000


class OfficerIn(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    name: str
    roles: tuple[str, ...]


class OfficerOut(msgspec.Struct, frozen=True):
    name: str
    roles: list[str]
    has_token: bool
    created_ms: int
    certified: list[str]


class CertificationIn(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    register: str


class CertificationOut(msgspec.Struct, frozen=True):
    """What an officer is certified for now."""

    name: str
    certified: list[str]


class Secret(msgspec.Struct, frozen=True):
    """A password or token; shown this once."""

    name: str
    password: str = ""
    token: str = ""


class AuditLine(msgspec.Struct, frozen=True):
    """One line; without a purpose its ``detail`` names things (hit, record, notice) and nothing that was asked."""

    number: int
    at_ms: int
    event: str
    officer: str
    post: str
    purpose: str
    case: str
    policy: str
    detail: msgspec.Raw
    chain: str


def _record(host: Host, asker: Asker, event: str, name: str, **more: str) -> None:
    audit.record(host.office.db, event, asker, host.clock.now(), name=name, **more)


@get("/api/v1/officers", tags=["administration"], summary="List this node's officers")
async def index(request: AnyRequest) -> list[OfficerOut]:
    asker, host = asker_of(request), host_of(request)

    def read() -> list[OfficerOut]:
        require(asker, "administrator")
        found = officers.list_officers(host.office.db)
        return [
            OfficerOut(one.name, sorted(one.roles), one.has_token, one.created_ms, sorted(one.certified))
            for one in found
        ]

    return await host.do(read)


@post(
    "/api/v1/officers",
    tags=["administration"],
    summary="Add an officer; answers with the password, once",
    guards=[only("administrator")],
)
async def add(request: AnyRequest, data: JSONBody[OfficerIn]) -> Secret:
    asker, host = asker_of(request), host_of(request)

    def act() -> Secret:
        require(asker, "administrator")
        password = officers.add_officer(host.office.db, data.name, data.roles, host.clock.now())
        _record(host, asker, "officer:added", data.name)
        return Secret(data.name, password=password)

    return await host.do(act)


@post("/api/v1/officers/{name:str}/token", tags=["administration"], summary="Issue a token, shown once")
async def token(request: AnyRequest, name: FromPath[str]) -> Secret:
    asker, host = asker_of(request), host_of(request)

    def act() -> Secret:
        require(asker, "administrator")
        issued = officers.issue_token(host.office.db, name)
        _record(host, asker, "officer:token", name)
        return Secret(name, token=issued)

    return await host.do(act)


@post(
    "/api/v1/officers/{name:str}/password", tags=["administration"], summary="Set a new password, shown once"
)
async def password(request: AnyRequest, name: FromPath[str]) -> Secret:
    asker, host = asker_of(request), host_of(request)

    def act() -> Secret:
        require(asker, "administrator")
        made = officers.set_password(host.office.db, name)
        _record(host, asker, "officer:password", name)
        return Secret(name, password=made)

    return await host.do(act)


@delete(
    "/api/v1/officers/{name:str}",
    tags=["administration"],
    summary="Remove an officer",
    status_code=HTTP_200_OK,
)
async def remove(request: AnyRequest, name: FromPath[str]) -> Secret:
    asker, host = asker_of(request), host_of(request)

    def act() -> Secret:
        require(asker, "administrator")
        officers.remove_officer(host.office.db, name)
        _record(host, asker, "officer:removed", name)
        return Secret(name)

    removed = await host.do(act)
    request.app.state.access.forget()
    return removed


@post(
    "/api/v1/officers/{name:str}/certifications",
    tags=["administration"],
    summary="Certify an officer for a register",
    status_code=HTTP_200_OK,
    guards=[only("administrator")],
)
async def certify(
    request: AnyRequest, name: FromPath[str], data: JSONBody[CertificationIn]
) -> CertificationOut:
    asker, host = asker_of(request), host_of(request)

    def act() -> None:
        require(asker, "administrator")
        named = certifiable(host.desk().vocabulary)
        certifying.certify(host.office.db, name, data.register, named, host.clock.now())
        _record(host, asker, "officer:certified", name, register=data.register)

    return await _certified(request, name, act)


@delete(
    "/api/v1/officers/{name:str}/certifications/{register:str}",
    tags=["administration"],
    summary="Take a certification back",
    status_code=HTTP_200_OK,
)
async def decertify(request: AnyRequest, name: FromPath[str], register: FromPath[str]) -> CertificationOut:
    asker, host = asker_of(request), host_of(request)

    def act() -> None:
        require(asker, "administrator")
        certifying.decertify(host.desk().db, name, register)
        _record(host, asker, "officer:decertified", name, register=register)

    return await _certified(request, name, act)


async def _certified(request: AnyRequest, name: str, act: Callable[[], None]) -> CertificationOut:
    """What the officer is certified for once ``act`` is done; sessions and tokens are looked up anew."""
    host = host_of(request)

    def acted() -> CertificationOut:
        act()
        return CertificationOut(name, sorted(officers.existing(host.office.db, name).certified))

    done = await host.do(acted)
    request.app.state.access.forget()
    return done


def _line(line: Line, *, whole: bool) -> AuditLine:
    return AuditLine(
        line.number,
        line.at_ms,
        line.event,
        line.officer,
        line.post,
        line.purpose,
        line.case_ref,
        line.policy,
        msgspec.Raw(line.detail if whole else msgspec.json.encode(audit.things(line.detail))),
        line.chain.hex(),
    )


@get("/api/v1/audit", tags=["administration"], summary="Read this node's audit log, newest first")
async def lines(
    request: AnyRequest,
    before: Annotated[int, QueryParameter(ge=0, le=COUNT_LIMIT)] = 0,
    limit: Annotated[int, QueryParameter(ge=1, le=AUDIT_LIMIT)] = 100,
) -> list[AuditLine]:
    asker, host = asker_of(request), host_of(request)

    def read() -> list[AuditLine]:
        require(asker, "administrator", "command")
        audit.record(host.office.db, "audit:read", asker, host.clock.now(), before=before, limit=limit)
        found = audit.lines(host.office.db, before=before or None, limit=limit)
        whole = asker.purpose in host.vocabulary.purposes
        return [_line(line, whole=whole) for line in found]

    return await host.do(read)


HANDLERS = [index, add, token, password, remove, certify, decertify, lines]
