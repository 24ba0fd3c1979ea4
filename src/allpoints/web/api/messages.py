"""Letters between desks, and their files."""

import asyncio

from litestar import get, post
from litestar.params import FromPath, FromQuery, JSONBody
from litestar.response import Stream

from allpoints.identity.policy import Act
from allpoints.messages.letter import Draft, LetterView
from allpoints.messages.letter_file import FileView, UploadView
from allpoints.web import file_answers, letter_files
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


@post(
    "/api/v1/message-files",
    tags=["messages"],
    summary="Upload a file for a message (the body is the file); without a message it is erased after a day",
    guards=[only(Act.WRITE_LETTERS)],
    request_max_body_size=None,
)
async def upload(request: AnyRequest, name: FromQuery[str] = "") -> FileView:
    return await letter_files.keep(host_of(request), asker_of(request), request.stream(), name)


@post(
    "/api/v1/message-uploads",
    tags=["messages"],
    summary="Announce a file for a message, to be uploaded in one request or several",
    guards=[only(Act.WRITE_LETTERS)],
)
async def begin_upload(request: AnyRequest, size: FromQuery[int], name: FromQuery[str] = "") -> UploadView:
    asker, desk = asker_of(request), desk_of(request)
    return await host_of(request).do(lambda: desk.letters.begin_upload(asker, name, size))


@get(
    "/api/v1/message-uploads/{upload:str}",
    tags=["messages"],
    summary="How an upload stands, to go on with it: what another request still sends is not taken any more",
    guards=[only(Act.WRITE_LETTERS)],
)
async def show_upload(request: AnyRequest, upload: FromPath[str]) -> UploadView:
    asker, desk = asker_of(request), desk_of(request)
    found = await host_of(request).do(lambda: desk.letters.upload(asker, upload))
    return await asyncio.to_thread(found.stand)


@post(
    "/api/v1/message-uploads/{upload:str}",
    tags=["messages"],
    summary="Go on with an upload (the body is the file from byte start on)",
    guards=[only(Act.WRITE_LETTERS)],
    request_max_body_size=None,
)
async def go_on(request: AnyRequest, upload: FromPath[str], start: FromQuery[int] = 0) -> UploadView:
    return await letter_files.go_on(host_of(request), asker_of(request), upload, start, request.stream())


@get(
    "/api/v1/messages/{reference:str}/files/{file:str}",
    tags=["messages"],
    summary="One file of a message, once it is whole here, or the part of it that Range names",
    opt={file_answers.AS_IT_IS: True},
)
async def read_file(request: AnyRequest, reference: FromPath[str], file: FromPath[str]) -> Stream:
    return await letter_files.answer(host_of(request), asker_of(request), reference, file, request.headers)


HANDLERS = [index, show, send, upload, begin_upload, show_upload, go_on, read_file]
