"""A record's file as an answer over HTTP: what a browser may show stays in its frame, all else is saved."""

import asyncio
from urllib.parse import quote

from litestar import Response

from allpoints.node.record_files import OpenedFile
from allpoints.vocabulary.types.attachment import Attachment
from allpoints.web.csp import PAGE_HEADERS

AS_IT_IS = "as_it_is"
"""Option of an endpoint whose answers are packed already and would only cost time to pack again."""

SHOWN = frozenset({"image/jpeg", "image/png", "image/webp"})
"""Images that every browser shows; the others are for the programs of those who compare prints."""

_ALONE = "default-src 'none'; style-src 'unsafe-inline'; sandbox"
"""The file as a page of its own can do nothing; browsers style the frame around an image inline."""


async def answer(opened: OpenedFile) -> Response[bytes]:
    """The file with headers that let it be nothing but what its reference says; refuses what it is not."""
    await asyncio.to_thread(opened.check)
    headers = {
        **PAGE_HEADERS,
        "Content-Security-Policy": _ALONE,
        "Content-Disposition": disposition(opened.attachment),
    }
    kind = opened.attachment.media_type
    media_type = "text/plain; charset=utf-8" if kind == "text/plain" else kind
    return Response(opened.content, media_type=media_type, headers=headers)


def disposition(attachment: Attachment) -> str:
    """Shown in place, or saved under the name its owner gave it."""
    way = "inline" if attachment.media_type in SHOWN else "attachment"
    name = attachment.name or attachment.sha256[:16]
    return f"{way}; filename*=UTF-8''{quote(name, safe='')}"
