"""Files of letters over HTTP: sealed as they arrive, opened as they leave, a chunk at a time."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from urllib.parse import quote

from litestar.response import Stream

from allpoints.identity.officers import Asker
from allpoints.messages.letter_file import FileView, UploadView
from allpoints.node.host import Host
from allpoints.web import ranges
from allpoints.web.csp import PAGE_HEADERS


async def keep(host: Host, asker: Asker, pieces: AsyncIterator[bytes], name: str) -> FileView:
    """Seal and keep a file that arrives in pieces, until its letter is sent; a refused one leaves nothing."""
    letters = host.desk().letters
    arriving = await host.do(lambda: letters.attach(asker))
    try:
        async for piece in pieces:
            await asyncio.to_thread(arriving.add, piece)
        file = await asyncio.to_thread(arriving.finish, name)
        return await host.do(lambda: letters.attached(asker, file))
    except BaseException:
        # Also when whoever sent it went away.
        arriving.drop()
        raise


async def go_on(
    host: Host, asker: Asker, upload_id: str, start: int, pieces: AsyncIterator[bytes]
) -> UploadView:
    """Take the next bytes of an upload as they arrive; the last ones make it a file that a letter may take along."""
    letters = host.desk().letters
    upload = await host.do(lambda: letters.upload(asker, upload_id))
    turn = await asyncio.to_thread(upload.go_on, start)
    async for piece in pieces:
        await asyncio.to_thread(upload.add, turn, piece)
    if upload.whole and upload.file is None:
        file = await asyncio.to_thread(upload.finish)
        upload.file = await host.do(lambda: letters.attached(asker, file))
    return upload.view()


async def answer(host: Host, asker: Asker, reference: str, file: str, headers: Mapping[str, str]) -> Stream:
    """A file of a letter, or the part of it that Range asks for, to be saved under its name; what it is, is not looked at."""
    letters = host.desk().letters
    opening = await host.do(lambda: letters.open_file(asker, reference, file))
    size, tag = opening.held.size, f'"{opening.held.sha256.hex()}"'
    # A part of another file than the one that was begun would be worse than none.
    same = headers.get("if-range", tag) == tag
    part = ranges.wanted(headers.get("range", "") if same else "", size)
    opened = opening.pieces(part.start, part.end)

    async def pieces() -> AsyncIterator[bytes]:
        while piece := await asyncio.to_thread(next, opened, b""):
            yield piece

    told = {
        **PAGE_HEADERS,
        "Content-Security-Policy": "default-src 'none'; sandbox",
        "Content-Length": str(part.end - part.start),
        "Content-Disposition": f"attachment; filename*=UTF-8''{quote(opening.held.name, safe='')}",
        "Accept-Ranges": "bytes",
        "ETag": tag,
    }
    if not part.whole:
        told["Content-Range"] = f"bytes {part.start}-{part.end - 1}/{size}"
    status = 200 if part.whole else 206
    return Stream(pieces(), media_type="application/octet-stream", headers=told, status_code=status)
