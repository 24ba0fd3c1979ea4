"""Letters between desks."""

from litestar import get, post
from litestar.params import FromPath, FromQuery, JSONBody

from allpoints.identity.policy import Act
from allpoints.messages.letter import Draft, LetterView
from allpoints.web.api.asking import AnyRequest, asker_of, desk_of, host_of, only


@get("/api/v1/messages", tags=["messages"], summary="List a folder: inbox or sent")
async def index(request: AnyRequest, folder: FromQuery[str] = "inbox") -> list[LetterView]:
    asker, desk = asker_of(request), desk_of(request)
    return await host_of(request).do(lambda: desk.letters.list_(asker, folder))


@get("/api/v1/messages/{reference:str}", tags=["messages"], summary="Read a message")
async def show(request: AnyRequest, reference: FromPath[str]) -> LetterView:
    asker, desk = asker_of(request), desk_of(request)
    return await host_of(request).do(lambda: desk.letters.read(asker, reference))


@post(
    "/api/v1/messages",
    tags=["messages"],
    summary="Seal and send a message",
    guards=[only(Act.WRITE_LETTERS)],
)
async def send(request: AnyRequest, data: JSONBody[Draft]) -> LetterView:
    asker, desk = asker_of(request), desk_of(request)
    return await host_of(request).do(lambda: desk.letters.send(asker, data))


HANDLERS = [index, show, send]
