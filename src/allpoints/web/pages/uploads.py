"""Files sent with a form: each is kept for its record, and the form goes on with the reference alone."""

import asyncio
import hashlib
import mimetypes
import os
import secrets
from collections.abc import Mapping
from pathlib import Path

from litestar.datastructures import UploadFile

from allpoints.ground.refusal import Fault, Refusal
from allpoints.registers import file_content
from allpoints.vocabulary.types.attachment import ATTACHMENT_SIZE_LIMIT, Attachment, file_name, parse
from allpoints.vocabulary.types.base import faults_of
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
    files = visit.desk().records.files
    await visit.do(lambda: files.may_upload(visit.asker))
    name = file_name(upload.filename)
    media_type = _media_type(upload, name)
    arrived = files.folder() / f"arriving-{secrets.token_hex(8)}"
    try:
        size, sha256 = await _written(upload, arrived)
        attachment = parse(f"{media_type};size={size};sha256={sha256};name={name}", "file")
        await asyncio.to_thread(_checked, attachment, arrived)
        await visit.do(lambda: files.take(visit.asker, arrived, attachment))
    finally:
        arrived.unlink(missing_ok=True)
    return attachment.text()


def _media_type(upload: UploadFile, name: str) -> str:
    """What the file's ending says where browsers know no such kind, else what the browser says."""
    ending = Path(name).suffix.lower()
    return _ENDINGS.get(ending) or upload.content_type or mimetypes.guess_type(name)[0] or ""


def _checked(attachment: Attachment, arrived: Path) -> None:
    file_content.check(attachment.media_type, arrived.read_bytes())


async def _written(upload: UploadFile, path: Path) -> tuple[int, str]:
    size, digest = 0, hashlib.sha256()
    with path.open("xb") as file:
        while part := await upload.read(PART_BYTES):
            size += len(part)
            if size > ATTACHMENT_SIZE_LIMIT:
                raise Refusal(
                    "FILE-TOO-LARGE",
                    f"An attached file has at most {ATTACHMENT_SIZE_LIMIT:,} bytes.",
                    path="file",
                    hint="Make the image smaller, or attach the part that matters.",
                    status=413,
                )
            digest.update(part)
            file.write(part)
        file.flush()
        await asyncio.to_thread(os.fsync, file.fileno())
    return size, digest.hexdigest()
