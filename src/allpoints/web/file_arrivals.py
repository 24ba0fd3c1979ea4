"""A file as it arrives over HTTP: streamed to disk, measured, looked at, and kept for the record to come."""

import asyncio
import hashlib
import os
import secrets
from collections.abc import AsyncIterator, Callable
from pathlib import Path

from allpoints.ground.refusal import Refusal
from allpoints.identity.officers import Asker
from allpoints.node.host import Host
from allpoints.registers import file_content
from allpoints.registers.file_content import Pixels
from allpoints.vocabulary.types.attachment import ATTACHMENT_SIZE_LIMIT, Attachment

Refer = Callable[[int, str], Attachment]
"""The reference of a file of this size in bytes and this SHA-256; raises Refusal for what is none."""


async def keep(
    host: Host, asker: Asker, pieces: AsyncIterator[bytes], refer: Refer
) -> tuple[Attachment, Pixels | None]:
    """Keep a file that arrives in pieces; gives its reference, and an image's size. A refused one leaves nothing."""
    files = host.desk().records.files
    arrived = files.folder() / f"arriving-{secrets.token_hex(8)}"
    try:
        attachment = refer(*await _written(pieces, arrived))
        pixels = await asyncio.to_thread(
            lambda: file_content.check(attachment.media_type, arrived.read_bytes())
        )
        await host.do(lambda: files.take(asker, arrived, attachment))
    finally:
        arrived.unlink(missing_ok=True)
    return attachment, pixels


async def _written(pieces: AsyncIterator[bytes], path: Path) -> tuple[int, str]:
    """Stream the pieces to a file on disk; gives its size and hash, refuses one that is too large."""
    size, digest = 0, hashlib.sha256()
    with path.open("xb") as file:
        async for piece in pieces:
            size += len(piece)
            if size > ATTACHMENT_SIZE_LIMIT:
                raise Refusal(
                    "FILE-TOO-LARGE",
                    f"An attached file has at most {ATTACHMENT_SIZE_LIMIT:,} bytes.",
                    path="file",
                    hint="Make the image smaller, or attach the part that matters.",
                    status=413,
                )
            digest.update(piece)
            file.write(piece)
        file.flush()
        await asyncio.to_thread(os.fsync, file.fileno())
    return size, digest.hexdigest()
