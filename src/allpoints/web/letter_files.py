"""Files of letters over HTTP: sealed as they arrive, opened as they leave, a chunk at a time."""

import asyncio
from collections.abc import AsyncIterator
from urllib.parse import quote

from litestar.response import Stream

from allpoints.identity.officers import Asker
from allpoints.messages.letter_file import FileView
from allpoints.node.host import Host
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


async def answer(host: Host, asker: Asker, reference: str, file: str) -> Stream:
    """A file of a letter, to be saved under its name; what it is, is not looked at."""
    letters = host.desk().letters
    view, opened = await host.do(lambda: letters.open_file(asker, reference, file))

    async def pieces() -> AsyncIterator[bytes]:
        while piece := await asyncio.to_thread(next, opened, b""):
            yield piece

    headers = {
        **PAGE_HEADERS,
        "Content-Security-Policy": "default-src 'none'; sandbox",
        "Content-Length": str(view.size),
        "Content-Disposition": f"attachment; filename*=UTF-8''{quote(view.name, safe='')}",
    }
    return Stream(pieces(), media_type="application/octet-stream", headers=headers)
