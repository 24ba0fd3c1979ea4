"""Emergency accesses: listed, ended, reviewed. One is opened at the console alone, by a person with a fresh proof."""

import msgspec
from litestar import get, post
from litestar.params import FromPath, JSONBody
from litestar.status_codes import HTTP_200_OK

from allpoints.identity.emergency import Emergency
from allpoints.identity.policy import Act
from allpoints.node.emergency_desk import EmergencyDesk
from allpoints.node.host import Host
from allpoints.node.officer_settings import emergency_terms
from allpoints.web.api.asking import AnyRequest, asker_of, host_of, only


class ReviewIn(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """``verdict`` is justified or not-justified, ``text`` what it rests on."""

    verdict: str
    text: str


class Numbered(msgspec.Struct, frozen=True):
    """The access an act was about."""

    number: int


def emergency_desk(host: Host) -> EmergencyDesk:
    """The emergency accesses of a bureau; refused at a post."""
    return EmergencyDesk(host.desk(), emergency_terms(host.settings))


@get("/api/v1/emergencies", tags=["administration"], summary="List emergency accesses")
async def index(request: AnyRequest) -> list[Emergency]:
    """All of them for administrators, one's own for everyone else; those that wait for review come first."""
    asker, host = asker_of(request), host_of(request)
    return await host.do(lambda: emergency_desk(host).list_(asker))


@post(
    "/api/v1/emergencies/{number:int}/end",
    tags=["administration"],
    summary="End an emergency access at once",
    status_code=HTTP_200_OK,
)
async def end(request: AnyRequest, number: FromPath[int]) -> Numbered:
    asker, host = asker_of(request), host_of(request)
    await host.do(lambda: emergency_desk(host).end(asker, number))
    request.app.state.access.forget()
    return Numbered(number)


@post(
    "/api/v1/emergencies/{number:int}/review",
    tags=["administration"],
    summary="Review another officer's emergency access",
    status_code=HTTP_200_OK,
    guards=[only(Act.REVIEW_EMERGENCY)],
)
async def review(request: AnyRequest, number: FromPath[int], data: JSONBody[ReviewIn]) -> Numbered:
    asker, host = asker_of(request), host_of(request)
    await host.do(lambda: emergency_desk(host).review(asker, number, data.verdict, data.text))
    return Numbered(number)


HANDLERS = [index, end, review]
