"""Pages for what is refused or fails: what is wrong, what to do, and to whom the page must not even say that."""

import secrets
from urllib.parse import quote, urlsplit

import msgspec
import structlog
from litestar import Response, get
from litestar.exceptions import HTTPException

from allpoints.ground.clock import SECOND
from allpoints.ground.refusal import Refusal
from allpoints.identity.officers import Asker
from allpoints.web import problems
from allpoints.web.pages.console import Console
from allpoints.web.pages.visit import (
    AnyRequest,
    frame_of,
    html_answer,
    page_path,
    redirect,
)
from allpoints.web.views.common import Cell
from allpoints.web.views.errors import ErrorPage

log = structlog.get_logger("console")

RETRY_MS = SECOND
_WORDS = {
    404: "There is no such page here.",
    405: "This page takes no such request.",
    413: "This is too large.",
}


class Conflict(Refusal):
    """A refusal because something changed in the meantime, with both versions to compare."""

    def __init__(self, refusal: Refusal, mine: tuple[Cell, ...], theirs: tuple[Cell, ...]) -> None:
        super().__init__(refusal.code, refusal.sentence, hint=refusal.hint, status=409)
        self.mine = mine
        self.theirs = theirs


def of_refusal(request: AnyRequest, refusal: Refusal) -> Response[bytes]:
    """A refusal as a page; who is not signed in goes to sign in, who gave no purpose is asked for one."""
    if _by_machine(request):
        return problems.answer(refusal.problem())
    console = Console.of(request.app.state)
    if refusal.status == 401:
        return redirect(console, f"/en/sign-in?next={_here(request)}")
    if refusal.code == "NO-PURPOSE":
        return redirect(console, f"/en/purpose?next={_here(request)}")
    if refusal.code == "VERIFY-AGAIN":
        return redirect(console, f"/en/verify?next={_before(request)}")
    view = ErrorPage.of(refusal)
    if refusal.status == 429:
        wait_ms = refusal.retry_s * SECOND or RETRY_MS
        view = msgspec.structs.replace(view, retry_at_ms=console.host.clock.now() + wait_ms)
    if isinstance(refusal, Conflict):
        view = msgspec.structs.replace(view, mine=refusal.mine, theirs=refusal.theirs)
    return _shown(request, console, view, refusal)


def of_http(request: AnyRequest, error: HTTPException) -> Response[bytes]:
    """What the framework refuses by itself."""
    sentence = _WORDS.get(error.status_code, "This request is not understood.")
    code = {404: "NOT-FOUND", 405: "METHOD-NOT-ALLOWED", 413: "TOO-LARGE"}.get(
        error.status_code, "REQUEST-REFUSED"
    )
    return of_refusal(request, Refusal(code, sentence, status=error.status_code))


def of_failure(request: AnyRequest, error: Exception) -> Response[bytes]:
    """A fault of ours: the page shows a reference, the log has the same one and the rest."""
    reference = secrets.token_hex(4)
    log.error("page failed", reference=reference, exc_info=error)
    refusal = Refusal(
        "FAILED",
        "This page could not be made. Nothing was changed by it.",
        hint="Tell your administrator the reference.",
        status=500,
    )
    if _by_machine(request):
        return problems.answer(refusal.problem())
    console = Console.of(request.app.state)
    return _shown(request, console, ErrorPage.of(refusal, reference), refusal)


def _by_machine(request: AnyRequest) -> bool:
    """Whether the answer goes to a program: a JSON twin, a fragment, a feed."""
    wants = request.headers.get("accept", "*/*")
    fragment = request.headers.get("hx-request") == "true"
    return fragment or request.url.path.endswith(".json") or not ("text/html" in wants or "*/*" in wants)


def _here(request: AnyRequest) -> str:
    query = f"?{request.url.query}" if request.method == "GET" and request.url.query else ""
    return quote(page_path(request) + query, safe="/")


def _before(request: AnyRequest) -> str:
    """The page to go on at; after a form that acts, the one on which it stood."""
    if request.method == "GET":
        return _here(request)
    stood = urlsplit(request.headers.get("referer", ""))
    return quote(stood.path if stood.netloc == request.url.netloc else "", safe="/")


def _shown(request: AnyRequest, console: Console, view: ErrorPage, refusal: Refusal) -> Response[bytes]:
    secret = console.access.secret(request.headers)
    try:
        frame = frame_of(request, console, _known(console, request), secret)
        answer = html_answer(console, console.pages.render("error", view, session=frame), view.status)
    except Refusal as unbuilt:
        return problems.answer(unbuilt.problem() if unbuilt.status == 503 else refusal.problem())
    if view.status == 429:
        answer.headers["Retry-After"] = str(refusal.retry_s or 1)
    return answer


def _known(console: Console, request: AnyRequest) -> Asker | None:
    """Whose frame stands around the page, an outsider's too."""
    try:
        return console.access.asker(request.headers, outsiders=True)
    except Refusal:
        return None


@get("/en/{rest:path}")
async def nowhere(request: AnyRequest) -> Response[bytes]:
    """Any other address of the console: whether something is there is said only to who is signed in."""
    Console.of(request.app.state).access.asker(request.headers)
    raise Refusal("NOT-FOUND", "There is no such page here.", status=404)


@get(["/", "/en"])
async def front(request: AnyRequest) -> Response[bytes]:
    return redirect(Console.of(request.app.state), "/en/desk")


HANDLERS = [nowhere, front]
