"""The provider's subjects and cards' certificates that are an officer, said by administrators."""

import msgspec
from litestar import delete, get, post
from litestar.params import FromPath, JSONBody
from litestar.status_codes import HTTP_200_OK

from allpoints.ground.refusal import Refusal
from allpoints.identity import vouched
from allpoints.identity.policy import Act
from allpoints.identity.vouched import Vouched
from allpoints.node.host import Host
from allpoints.web.api.asking import AnyRequest, host_of, only
from allpoints.web.api.officers import Named, done


class VouchedIn(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """``kind``: provider, card or card-subject; ``value``: the subject, or the SHA-256 of a certificate."""

    kind: str
    value: str


def vouched_value(host: Host, kind: str, value: str) -> str:
    """What is kept: a provider's subject stands with its issuer. Raises Refusal PROVIDER-OFF."""
    if kind != vouched.PROVIDER or not value.strip():
        return value
    issuer = host.settings.text("provider.issuer")
    if not issuer:
        raise provider_off()
    return vouched.of_provider(issuer, value)


def provider_off() -> Refusal:
    """What is said where no provider is set."""
    return Refusal(
        "PROVIDER-OFF",
        "Officers of this node do not sign in at a provider.",
        hint="The settings of the section provider decide it.",
        status=409,
    )


@get(
    "/api/v1/officers/{name:str}/vouched",
    tags=["administration"],
    summary="List the provider's subjects and cards that are an officer",
)
async def index(request: AnyRequest, name: FromPath[str]) -> list[Vouched]:
    return await done(request, lambda desk, asker: desk.vouched(asker, name))


@post(
    "/api/v1/officers/{name:str}/vouched",
    tags=["administration"],
    summary="Say that a provider's subject or a card is an officer",
    status_code=HTTP_200_OK,
    guards=[only(Act.ADMINISTER_OFFICERS)],
)
async def add(request: AnyRequest, name: FromPath[str], data: JSONBody[VouchedIn]) -> Vouched:
    value = vouched_value(host_of(request), data.kind, data.value)
    return await done(request, lambda desk, asker: desk.vouch(asker, name, data.kind, value))


@delete(
    "/api/v1/officers/{name:str}/vouched/{one:str}",
    tags=["administration"],
    summary="Take it back; the officer's sessions end",
    status_code=HTTP_200_OK,
)
async def remove(request: AnyRequest, name: FromPath[str], one: FromPath[str]) -> Named:
    await done(request, lambda desk, asker: desk.unvouch(asker, name, one))
    return Named(name)


HANDLERS = [index, add, remove]
