"""Answers and bodies of the raw way in, and the one question that it reads itself."""

from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

import msgspec

from allpoints.border.question import Question
from allpoints.ground.refusal import Refusal

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]

CHECKS = "/api/v1/checks"
BATCH = "/api/v1/checks/batch"
QUESTION_LIMIT_BYTES = 4_096

_question = msgspec.json.Decoder(Question)


def headers_of(scope: Scope) -> dict[str, str]:
    return {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}


async def read_body(
    receive: Receive, limit_bytes: int, begun: MutableMapping[str, Any] | None = None
) -> bytes:
    """The whole body, of which ``begun`` may be the first event; raises Refusal TOO-LARGE (413)."""
    event = await receive() if begun is None else begun
    body: bytes = event.get("body", b"")
    while True:
        if len(body) > limit_bytes:
            raise Refusal("TOO-LARGE", f"A request here has at most {limit_bytes} bytes.", status=413)
        if not event.get("more_body"):
            return body
        event = await receive()
        body += event.get("body", b"")


def read_question(body: bytes) -> Question:
    """The question in a body; raises Refusal CHECK-UNREADABLE (400)."""
    try:
        return _question.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise Refusal(
            "CHECK-UNREADABLE", f"This is no check: {error}.", hint='Send {"mrz": "…"}.', status=400
        ) from error


async def answer(
    send: Send, status: int, body: bytes, media_type: bytes, cache: bytes = b"no-store", retry_s: int = 1
) -> None:
    headers = [(b"content-type", media_type), (b"cache-control", cache)]
    if status == 429:
        headers.append((b"retry-after", str(retry_s or 1).encode()))
    if status == 401:
        headers.append((b"www-authenticate", b'Bearer realm="allpoints"'))
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
