"""Files of records: uploaded before the record that refers to them, read with it."""

import re

import msgspec
from litestar import Response, get, post
from litestar.params import FromPath, FromQuery

from allpoints.ground.refusal import Refusal
from allpoints.vocabulary.types.attachment import Attachment, file_name, parse
from allpoints.web import file_answers, file_arrivals
from allpoints.web.api.asking import AnyRequest, asker_of, desk_of, host_of, record_id_of

_SHA256 = re.compile(r"[0-9a-f]{64}", re.ASCII)


class Uploaded(msgspec.Struct, frozen=True):
    """A file that waits for its record; ``file`` is the reference to put into it. Width and height are an image's."""

    file: str
    media_type: str
    size: int
    sha256: str
    name: str
    width: int = 0
    height: int = 0


@post(
    "/api/v1/files",
    tags=["files"],
    summary="Upload a file for a record (the body is the file); without a record it is erased after a day",
    request_max_body_size=None,
)
async def upload(request: AnyRequest, media_type: FromQuery[str], name: FromQuery[str] = "") -> Uploaded:
    asker, desk, host = asker_of(request), desk_of(request), host_of(request)
    _reference(media_type, name)
    await host.do(lambda: desk.records.files.may_upload(asker))
    attachment, pixels = await file_arrivals.keep(
        host, asker, request.stream(), lambda size, sha256: _reference(media_type, name, size, sha256)
    )
    shown = msgspec.structs.asdict(attachment)
    return Uploaded(attachment.text(), **shown, **(pixels._asdict() if pixels else {}))


def _reference(media_type: str, name: str, size: int = 1, sha256: str = "0" * 64) -> Attachment:
    return parse(f"{media_type};size={size};sha256={sha256};name={file_name(name)}", "media_type")


@get(
    "/api/v1/records/{record:str}/files/{sha256:str}",
    tags=["files"],
    summary="One file of a record, by its SHA-256",
    opt={file_answers.AS_IT_IS: True},
)
async def read(request: AnyRequest, record: FromPath[str], sha256: FromPath[str]) -> Response[bytes]:
    asker, desk = asker_of(request), desk_of(request)
    identifier, digest = identified(record, sha256)
    opened = await host_of(request).do(lambda: desk.records.read_file(asker, identifier, digest))
    return await file_answers.answer(opened)


def identified(record: str, sha256: str) -> tuple[bytes, str]:
    """A record's identifier and a file's hash, from how they stand in a path."""
    digest = sha256.lower()
    identifier = record_id_of(record)
    if not _SHA256.fullmatch(digest):
        raise Refusal("UNKNOWN-FILE", "This is no file's SHA-256.", path="sha256", status=404)
    return identifier, digest


HANDLERS = [upload, read]
