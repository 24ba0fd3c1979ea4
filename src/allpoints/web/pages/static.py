"""Scripts, styles, fonts and pictures: their names carry a hash of the content, so they are kept for ever."""

import asyncio
from pathlib import Path

from litestar import Response, get
from litestar.params import FromPath

from allpoints.ground.refusal import Refusal
from allpoints.web import csp
from allpoints.web.rendering import STATIC

KINDS = {".js": "text/javascript", ".css": "text/css", ".svg": "image/svg+xml", ".woff2": "font/woff2"}


def found(name: str, folder: Path = STATIC) -> Path:
    """The file of a hashed name; refuses (404) whatever is not a built asset."""
    if "/" in name or name.startswith(".") or Path(name).suffix not in KINDS:
        raise Refusal("NOT-FOUND", "There is no such file.", status=404)
    path = folder / "assets" / name
    if not path.is_file():
        raise Refusal("NOT-FOUND", "There is no such file.", status=404)
    return path


@get("/static/assets/{name:str}")
async def asset(name: FromPath[str]) -> Response[bytes]:
    path = found(name)
    content = await asyncio.to_thread(path.read_bytes)
    return Response(content, media_type=KINDS[path.suffix], headers=dict(csp.STATIC_HEADERS))


HANDLERS = [asset]
