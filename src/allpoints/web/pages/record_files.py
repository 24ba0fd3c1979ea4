"""A record's files: shown on its page, or saved, each under the conditions of the record itself."""

from collections.abc import Iterator

from litestar import Response, get
from litestar.params import FromPath

from allpoints.registers import attaching
from allpoints.registers.reading import ReadRecord
from allpoints.vocabulary.machine import Field
from allpoints.vocabulary.register import Register
from allpoints.vocabulary.types.attachment import Attachment, File
from allpoints.web import file_answers
from allpoints.web.api.files import identified
from allpoints.web.pages.visit import AnyRequest, Visit
from allpoints.web.views.common import Link, Picture


@get("/en/records/{identifier:str}/files/{sha256:str}", opt={file_answers.AS_IT_IS: True})
async def file(request: AnyRequest, identifier: FromPath[str], sha256: FromPath[str]) -> Response[bytes]:
    visit = Visit.open(request)
    desk = visit.desk()
    visit.require_reason_to_look()
    record, digest = identified(identifier, sha256)
    return await file_answers.answer(
        await visit.do(lambda: desk.records.read_file(visit.asker, record, digest))
    )


def pictures_of(register: Register, found: ReadRecord) -> tuple[Picture, ...]:
    """The images of a record that a browser can show."""
    return tuple(
        Picture(
            href=_address(found, one),
            caption=_caption(field, one),
            alternative=f"{field.shown_label()}, {found.caption}",
        )
        for field, one in _files(register, found)
        if one.media_type in file_answers.SHOWN
    )


def links_of(register: Register, found: ReadRecord) -> tuple[Link, ...]:
    """The other files of a record."""
    return tuple(
        Link(_caption(field, one), _address(found, one))
        for field, one in _files(register, found)
        if one.media_type not in file_answers.SHOWN
    )


def _files(register: Register, found: ReadRecord) -> Iterator[tuple[Field, Attachment]]:
    if found.body is not None:
        yield from attaching.shown_in(register, found.body)


def _address(found: ReadRecord, one: Attachment) -> str:
    return f"/en/records/{found.record_id.hex()}/files/{one.sha256}"


def _caption(field: Field, one: Attachment) -> str:
    return f"{field.shown_label()}: {File().caption(one.text())}"


HANDLERS = [file]
