"""Files sent with a form: each is kept for its record, and the form goes on with the reference alone."""

import mimetypes
from collections.abc import AsyncIterator, Mapping
from pathlib import Path

from litestar.datastructures import UploadFile

from allpoints.ground.refusal import Fault, Refusal
from allpoints.vocabulary.types.attachment import ATTACHMENT_SIZE_LIMIT, file_name, parse
from allpoints.vocabulary.types.base import faults_of
from allpoints.web import file_arrivals
from allpoints.web.pages.visit import Visit

PART_BYTES = 1024 * 1024
FORM_FILES_LIMIT_BYTES = 4 * ATTACHMENT_SIZE_LIMIT
"""The files of one form together; more go in one after the other."""

_ENDINGS = {
    ".wsq": "image/x-wsq",
    ".jp2": "image/jp2",
    ".an2": "application/x-nist",
    ".nist": "application/x-nist",
}


async def take(
    visit: Visit, files: Mapping[str, list[UploadFile]]
) -> tuple[dict[str, list[str]], list[Fault]]:
    """The references of the files of each input, and what is wrong with those that were not kept."""
    taken: dict[str, list[str]] = {}
    faults: list[Fault] = []
    for name, uploads in files.items():
        for upload in uploads:
            try:
                taken.setdefault(name, []).append(await _kept(visit, upload))
            except Refusal as refusal:
                faults += [Fault(one.code, one.sentence, name, one.hint) for one in faults_of(refusal)]
    return taken, faults


async def _kept(visit: Visit, upload: UploadFile) -> str:
    desk = visit.desk()
    await visit.do(lambda: desk.records.files.may_upload(visit.asker))
    name = file_name(upload.filename)
    media_type = _media_type(upload, name)
    attachment, _ = await file_arrivals.keep(
        visit.host,
        visit.asker,
        _pieces(upload),
        lambda size, sha256: parse(f"{media_type};size={size};sha256={sha256};name={name}", "file"),
    )
    return attachment.text()


def _media_type(upload: UploadFile, name: str) -> str:
    """What the file's ending says where browsers know no such kind, else what the browser says."""
    ending = Path(name).suffix.lower()
    return _ENDINGS.get(ending) or upload.content_type or mimetypes.guess_type(name)[0] or ""


async def _pieces(upload: UploadFile) -> AsyncIterator[bytes]:
    while piece := await upload.read(PART_BYTES):
        yield piece
