"""Every error over HTTP has one body: RFC 9457 problem details, with code, path, hint and the list of faults."""

import secrets
from typing import Any

import msgspec
import structlog
from litestar import Request, Response
from litestar.exceptions import HTTPException

from allpoints.ground.refusal import Fault, Problem, Refusal
from allpoints.web.csp import PAGE_HEADERS

PROBLEM_TYPE = "application/problem+json"
SHOWN_FAULTS = 20
SHOWN_CHARACTERS = 300
"""Of what the framework says: it repeats what was sent."""

log = structlog.get_logger("web")


def of_refusal(_request: Request[Any, Any, Any], refusal: Refusal) -> Response[bytes]:
    return answer(refusal.problem())


def of_http(_request: Request[Any, Any, Any], error: HTTPException) -> Response[bytes]:
    """What the framework itself refuses: unknown paths, wrong methods, bodies that are no JSON."""
    code = {404: "NOT-FOUND", 405: "METHOD-NOT-ALLOWED", 413: "TOO-LARGE", 400: "REQUEST-UNREADABLE"}.get(
        error.status_code, "REQUEST-REFUSED"
    )
    hint = "The API is described at /api/openapi.json."
    sentence = str(error.detail) or "This request is not understood."
    faults = _faults(error.extra)
    path = faults[0].path if faults else ""
    refusal = Refusal(code, sentence, path=path, hint=hint, status=error.status_code, faults=faults)
    return answer(refusal.problem())


def _faults(extra: object) -> list[Fault]:
    """What the framework says of single fields, the first of them."""
    listed = extra if isinstance(extra, list) else []
    return [
        Fault(
            "REQUEST-FIELD",
            str(one["message"])[:SHOWN_CHARACTERS],
            str(one.get("key", ""))[:SHOWN_CHARACTERS],
        )
        for one in listed[:SHOWN_FAULTS]
        if isinstance(one, dict) and "message" in one
    ]


def of_unreadable(_request: Request[Any, Any, Any], error: Exception) -> Response[bytes]:
    """What the reader of JSON stumbles over without saying so: bytes that are no UTF-8, nesting without end."""
    refusal = Refusal(
        "REQUEST-UNREADABLE",
        f"This request is not understood: {type(error).__name__}.",
        hint="Send JSON in UTF-8.",
        status=400,
    )
    return answer(refusal.problem())


def of_failure(request: Request[Any, Any, Any], error: Exception) -> Response[bytes]:
    """A fault of ours: the answer shows a reference, the log has the same one and the rest."""
    reference = secrets.token_hex(4)
    log.error("request failed", code=reference, why=request.method, exc_info=error)
    hint = f"Tell your administrator the reference {reference}."
    return answer(Refusal("FAILED", "This could not be done.", hint=hint, status=500).problem())


def encoded(problem: Problem) -> bytes:
    """A problem document."""
    return msgspec.json.encode(problem)


def answer(problem: Problem) -> Response[bytes]:
    headers = dict(PAGE_HEADERS)
    if problem.status == 429:
        headers["Retry-After"] = str(problem.retry_s or 1)
    if problem.status == 401:
        headers["WWW-Authenticate"] = 'Bearer realm="allpoints"'
    return Response(encoded(problem), status_code=problem.status, media_type=PROBLEM_TYPE, headers=headers)
