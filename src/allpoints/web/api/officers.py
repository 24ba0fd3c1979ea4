"""Officers of this node: entered, given their first proof, given and taken rights, removed."""

from collections.abc import Callable
from typing import TypeVar

import msgspec
from litestar import delete, get, post
from litestar.params import FromPath, JSONBody
from litestar.status_codes import HTTP_200_OK

from allpoints.ground.refusal import Refusal
from allpoints.identity import officers
from allpoints.identity.officers import Asker
from allpoints.identity.passkeys import Passkey
from allpoints.identity.policy import Act
from allpoints.node.host import Host
from allpoints.node.officer_desk import OfficerDesk
from allpoints.web.api.asking import AnyRequest, asker_of, host_of, only

T = TypeVar("T")


class OfficerIn(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    name: str
    roles: tuple[str, ...]


class RolesIn(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    roles: tuple[str, ...]


class TokenIn(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """``may``: what the token does without a fresh proof of a person: export, administer."""

    may: tuple[str, ...] = ()


class OfficerOut(msgspec.Struct, frozen=True):
    name: str
    roles: list[str]
    certified: list[str]
    passkeys: int
    has_password: bool
    has_token: bool
    vouched: int
    created_ms: int


class CertificationIn(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    register: str


class CertificationOut(msgspec.Struct, frozen=True):
    """What an officer is certified for now."""

    name: str
    certified: list[str]


class Secret(msgspec.Struct, frozen=True, omit_defaults=True):
    """An enrolment code, password or token; shown this once."""

    name: str
    code: str = ""
    password: str = ""
    token: str = ""


class Named(msgspec.Struct, frozen=True):
    """The officer an act was about."""

    name: str


class SessionsEnded(msgspec.Struct, frozen=True):
    """How many sessions of an officer were ended."""

    name: str
    ended: int


def desk_of_officers(host: Host) -> OfficerDesk:
    """The officers of a node; a post has no registers to certify for."""
    return OfficerDesk(host.office, host.vocabulary)


async def done(request: AnyRequest, act: Callable[[OfficerDesk, Asker], T]) -> T:
    """Do something as this asker; afterwards sessions and tokens are looked up anew."""
    asker, host = asker_of(request), host_of(request)
    done = await host.do(lambda: act(desk_of_officers(host), asker))
    request.app.state.access.forget()
    return done


@get("/api/v1/officers", tags=["administration"], summary="List this node's officers")
async def index(request: AnyRequest) -> list[OfficerOut]:
    found = await done(request, lambda desk, asker: desk.list_(asker))
    return [
        OfficerOut(
            one.name,
            sorted(one.roles),
            sorted(one.certified),
            one.passkeys,
            one.has_password,
            one.has_token,
            one.vouched,
            one.created_ms,
        )
        for one in found
    ]


@post(
    "/api/v1/officers",
    tags=["administration"],
    summary="Add an officer; answers with the enrolment code, once",
    guards=[only(Act.ADMINISTER_OFFICERS)],
)
async def add(request: AnyRequest, data: JSONBody[OfficerIn]) -> Secret:
    code = await done(request, lambda desk, asker: desk.add(asker, data.name, data.roles))
    return Secret(data.name, code=code)


@post(
    "/api/v1/officers/{name:str}/code",
    tags=["administration"],
    summary="Make a new enrolment code, shown once",
)
async def code(request: AnyRequest, name: FromPath[str]) -> Secret:
    return Secret(name, code=await done(request, lambda desk, asker: desk.code(asker, name)))


@post(
    "/api/v1/officers/{name:str}/roles",
    tags=["administration"],
    summary="Change an officer's roles",
    status_code=HTTP_200_OK,
    guards=[only(Act.ADMINISTER_OFFICERS)],
)
async def roles(request: AnyRequest, name: FromPath[str], data: JSONBody[RolesIn]) -> Named:
    await done(request, lambda desk, asker: desk.roles(asker, name, data.roles))
    return Named(name)


@post(
    "/api/v1/officers/{name:str}/token",
    tags=["administration"],
    summary="Issue a token, shown once",
    guards=[only(Act.ADMINISTER_OFFICERS)],
)
async def token(request: AnyRequest, name: FromPath[str], data: JSONBody[TokenIn]) -> Secret:
    return Secret(name, token=await done(request, lambda desk, asker: desk.token(asker, name, data.may)))


@post(
    "/api/v1/officers/{name:str}/password", tags=["administration"], summary="Set a new password, shown once"
)
async def password(request: AnyRequest, name: FromPath[str]) -> Secret:
    if not host_of(request).settings.flag("officers.passwords"):
        raise Refusal(
            "PASSWORDS-OFF",
            "Officers of this node sign in without passwords.",
            hint="Use a passkey. The setting officers.passwords decides it.",
            status=403,
        )
    return Secret(name, password=await done(request, lambda desk, asker: desk.password(asker, name)))


@delete(
    "/api/v1/officers/{name:str}",
    tags=["administration"],
    summary="Remove an officer",
    status_code=HTTP_200_OK,
)
async def remove(request: AnyRequest, name: FromPath[str]) -> Named:
    await done(request, lambda desk, asker: desk.remove(asker, name))
    return Named(name)


@get("/api/v1/officers/{name:str}/passkeys", tags=["administration"], summary="List an officer's passkeys")
async def passkeys(request: AnyRequest, name: FromPath[str]) -> list[Passkey]:
    return await done(request, lambda desk, asker: desk.passkeys(asker, name))


@delete(
    "/api/v1/officers/{name:str}/passkeys/{passkey:str}",
    tags=["administration"],
    summary="Remove a passkey that was lost",
    status_code=HTTP_200_OK,
)
async def remove_passkey(request: AnyRequest, name: FromPath[str], passkey: FromPath[str]) -> Named:
    await done(request, lambda desk, asker: desk.remove_passkey(asker, name, passkey))
    return Named(name)


@delete(
    "/api/v1/officers/{name:str}/sessions",
    tags=["administration"],
    summary="End all sessions of an officer",
    status_code=HTTP_200_OK,
)
async def end_sessions(request: AnyRequest, name: FromPath[str]) -> SessionsEnded:
    ended = await done(request, lambda desk, asker: desk.end_sessions(asker, name))
    return SessionsEnded(name, ended)


@post(
    "/api/v1/officers/{name:str}/certifications",
    tags=["administration"],
    summary="Certify an officer for a register",
    status_code=HTTP_200_OK,
    guards=[only(Act.ADMINISTER_OFFICERS)],
)
async def certify(
    request: AnyRequest, name: FromPath[str], data: JSONBody[CertificationIn]
) -> CertificationOut:
    host_of(request).desk()
    await done(request, lambda desk, asker: desk.certify(asker, name, data.register))
    return await _certified(request, name)


@delete(
    "/api/v1/officers/{name:str}/certifications/{register:str}",
    tags=["administration"],
    summary="Take a certification back",
    status_code=HTTP_200_OK,
)
async def decertify(request: AnyRequest, name: FromPath[str], register: FromPath[str]) -> CertificationOut:
    host_of(request).desk()
    await done(request, lambda desk, asker: desk.decertify(asker, name, register))
    return await _certified(request, name)


async def _certified(request: AnyRequest, name: str) -> CertificationOut:
    """What the officer is certified for now."""
    host = host_of(request)
    return await host.do(
        lambda: CertificationOut(name, sorted(officers.existing(host.office.db, name).certified))
    )


HANDLERS = [
    index,
    add,
    code,
    roles,
    token,
    password,
    remove,
    passkeys,
    remove_passkey,
    end_sessions,
    certify,
    decertify,
]
