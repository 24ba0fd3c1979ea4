"""What every endpoint needs first: the node, and who asks."""

from typing import Any, cast

from litestar import Request
from litestar.connection import ASGIConnection
from litestar.handlers import BaseRouteHandler
from litestar.params import Parameter
from litestar.types import Guard

from allpoints.ground.refusal import Refusal
from allpoints.identity import policy
from allpoints.identity.officers import Asker
from allpoints.identity.policy import Act
from allpoints.node.bureau import Bureau
from allpoints.node.host import Host

AnyRequest = Request[Any, Any, Any]


def host_of(request: AnyRequest) -> Host:
    host: Host = request.app.state.host
    return host


def desk_of(request: AnyRequest) -> Bureau:
    """The bureau, or the secretariat's desk; refused at a post."""
    return host_of(request).desk()


def asker_of(request: AnyRequest) -> Asker:
    """Who asks, for which purpose and case; refused (401) when nobody is signed in.

    A browser's session may read through the API; it acts only through the console's forms, which prove that they
    are the officer's own.
    """
    access = request.app.state.access
    asker: Asker = access.asker(request.headers)
    with_token = request.headers.get("authorization", "").lower().startswith("bearer ")
    if request.method not in {"GET", "HEAD"} and not with_token:
        raise Refusal(
            "TOKEN-NEEDED",
            "The API is written to with a bearer token, not with a browser's session.",
            hint="Get one with allpoints officer token NAME.",
            status=403,
        )
    return asker


def outsider_of(request: AnyRequest) -> Asker:
    """Who asks at one of the few addresses that let vetted outsiders in; refused (401) when nobody is signed in."""
    asker: Asker = request.app.state.access.asker(request.headers, outsiders=True)
    return asker


def only(act: Act) -> Guard:
    """Refuse strangers and whoever may not before a body is read: who may not act learns nothing from its faults."""

    async def guard(connection: ASGIConnection[Any, Any, Any, Any], _handler: BaseRouteHandler) -> None:
        request = cast("AnyRequest", connection)
        policy.require_could(host_of(request).vocabulary, asker_of(request), act)

    return guard


def limited(most: int, default: int) -> Any:
    """A ``limit`` parameter that is never more than ``most``."""
    return Parameter(ge=1, le=most, default=default, description=f"At most this many, up to {most}.")


def listed(codes: str) -> tuple[str, ...]:
    """Member codes in a comma list, in order, each once."""
    return tuple(sorted({code.strip().upper() for code in codes.split(",") if code.strip()}))


def notice_id(part: str) -> str:
    """A notice's identifier, ``2026/1``, from how it stands in a path: ``2026-1``."""
    return part.replace("-", "/", 1)


def record_id_of(part: str) -> bytes:
    """A record's identifier from how it stands in a path or a body."""
    try:
        return bytes.fromhex(part)
    except ValueError:
        raise Refusal(
            "RECORD-IDENTIFIER", "This is no record's identifier.", path="record", status=404
        ) from None


def link_id_of(part: str) -> bytes:
    """A link's identifier from how it stands in a path."""
    try:
        return bytes.fromhex(part)
    except ValueError:
        raise Refusal("UNKNOWN-LINK", "This is no link's identifier.", path="link", status=404) from None
