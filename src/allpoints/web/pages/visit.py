"""One request of the console: who asks, in which session, what was entered, and how the answer goes out."""

import re
from collections.abc import Callable, Collection, Iterable, Mapping
from typing import Any, TypeVar
from urllib.parse import parse_qs, quote

import msgspec
from litestar import Request, Response
from litestar.enums import MediaType

from allpoints.border.store import open_count
from allpoints.ground.refusal import Fault, Refusal
from allpoints.identity import policy, sessions
from allpoints.identity.officers import Asker
from allpoints.identity.policy import Act
from allpoints.messages.store import unread
from allpoints.node.bureau import Bureau
from allpoints.tracing.store import waiting_count
from allpoints.web.access import check_csrf, csrf_token
from allpoints.web.pages.console import Console, Memory
from allpoints.web.views.common import Link, View
from allpoints.web.views.session import ROLES, Banner, Session

AnyRequest = Request[Any, Any, Any]
HTML = "text/html"
FIELDS_LIMIT = 2_000
"""Fields of one form; the longest has a few hundred."""
PURPOSE_LIMIT = 200

T = TypeVar("T")


class Entered:
    """What a form sent: trimmed text, and lists where a name may stand several times."""

    def __init__(self, fields: Mapping[str, list[str]]) -> None:
        self._fields = fields

    @classmethod
    def parse(cls, body: bytes) -> "Entered":
        """Read a form's body; refuses one with too many fields."""
        try:
            fields = parse_qs(
                body.decode("ascii", "replace"), keep_blank_values=True, max_num_fields=FIELDS_LIMIT
            )
        except ValueError as error:
            raise Refusal(
                "FORM-TOO-LONG", f"A form has at most {FIELDS_LIMIT} fields.", status=413
            ) from error
        return cls(fields)

    def text(self, name: str) -> str:
        """The trimmed text of a field, lines ended by a line feed; empty when it was not sent."""
        given = self._fields.get(name, [""])[0]
        return given.replace("\r\n", "\n").replace("\r", "\n").strip()

    def raw(self, name: str) -> str:
        """Exactly what was sent, for passwords."""
        return self._fields.get(name, [""])[0]

    def needed(self, name: str, sentence: str) -> str:
        """The text of a field, or a refusal that says what is missing."""
        given = self.text(name)
        if not given:
            raise Refusal("NOT-GIVEN", sentence, path=name)
        return given

    def under(self, prefix: str, names: Iterable[str]) -> dict[str, str]:
        """By name, the texts of those fields ``prefix`` + name that were given."""
        return {name: given for name in names if (given := self.text(prefix + name))}

    def several(self, name: str) -> tuple[str, ...]:
        return tuple(one.strip() for one in self._fields.get(name, ()) if one.strip())

    def values(self, names: Collection[str]) -> dict[str, str | tuple[str, ...]]:
        """The named fields as they are put back into a form."""
        found = {name: self._fields[name] for name in names if name in self._fields}
        return {name: given[0] if len(given) == 1 else tuple(given) for name, given in found.items()}


class Visit:
    """A signed-in officer's request. ``asker`` carries the purpose and case of the session."""

    def __init__(self, request: AnyRequest, console: Console, secret: str, asker: Asker) -> None:
        self.request = request
        self.console = console
        self.host = console.host
        self.secret = secret
        self.memory: Memory = console.memory(secret)
        self.memory.within(asker.emergency.id if asker.emergency is not None else 0)
        self.asker = msgspec.structs.replace(
            asker, purpose=asker.purpose or self.memory.purpose, case=asker.case or self.memory.case
        )

    @classmethod
    def open(cls, request: AnyRequest, *, outsiders: bool = False) -> "Visit":
        """Find out who asks; refuses NOT-SIGNED-IN (401), outsiders too where they are not expressly let in."""
        console = Console.of(request.app.state)
        asker = console.access.asker(request.headers, outsiders=outsiders)
        return cls(request, console, console.access.secret(request.headers), asker)

    @classmethod
    def knows(cls, request: AnyRequest) -> bool:
        """Whether whoever sent this is still known here."""
        try:
            Console.of(request.app.state).access.asker(request.headers)
        except Refusal:
            return False
        return True

    # -- what is asked

    @property
    def path(self) -> str:
        return page_path(self.request)

    @property
    def twin(self) -> bool:
        """Whether the page's JSON twin is asked for."""
        return self.request.url.path.endswith(".json")

    @property
    def now_ms(self) -> int:
        return self.host.clock.now()

    def query(self, name: str) -> str:
        given = self.request.query_params.get(name, "")
        return str(given)[:PURPOSE_LIMIT]

    async def entered(self) -> Entered:
        """What the form sent; refuses FORM-STALE (403) when it is not a form of this session."""
        entered = Entered.parse(await self.request.body())
        check_csrf(self.secret, entered.text("csrf"))
        return entered

    @property
    def has_reason_to_look(self) -> bool:
        """Whether purpose and case are chosen, so that pages may show what is about persons."""
        return self.asker.purpose in self.host.vocabulary.purposes and bool(self.asker.case)

    def require(self, act: Act) -> None:
        """Refuse (403) whoever may not do this, whatever purpose is chosen."""
        policy.require_could(self.host.vocabulary, self.asker, act)

    def require_reason_to_look(self, act: Act | None = None) -> None:
        """Refuse (403) to open what is about persons before purpose and case are chosen; who may not comes first."""
        if act is not None:
            self.require(act)
        if not self.has_reason_to_look:
            raise Refusal(
                "NO-PURPOSE",
                "Say for which purpose and case you look.",
                path="purpose",
                hint="Choose them on the page Purpose and case.",
                status=403,
            )

    def use(self, purpose: str, case: str) -> None:
        """Look and act for this purpose and case from now on in this session."""
        self.memory.purpose, self.memory.case = purpose[:PURPOSE_LIMIT], case[:PURPOSE_LIMIT]
        self.asker = msgspec.structs.replace(self.asker, purpose=self.memory.purpose, case=self.memory.case)

    def may(self, act: Act) -> bool:
        """Whether to offer something; whether it is allowed is decided by the part that is asked."""
        return policy.could(self.host.vocabulary, self.asker, act)

    def desk(self) -> Bureau:
        return self.host.desk()

    async def do(self, work: Callable[[], T]) -> T:
        """Run in the engine; returns once the audit line is on the disk."""
        return await self.host.do(work)

    # -- the answer

    def page(self, name: str, view: View, *, status: int = 200, fragment: str = "") -> Response[bytes]:
        """The page, its fragment, or its JSON twin."""
        if self.twin:
            return json_answer(self.console, view, status)
        frame = frame_of(self.request, self.console, self.asker, self.secret)
        if not fragment:
            frame = msgspec.structs.replace(frame, banner=self.memory.banner)
            self.memory.banner = None
        return html_answer(
            self.console, self.console.pages.render(name, view, session=frame, fragment=fragment), status
        )

    def go(
        self, path: str, title: str = "", text: str = "", *, reference: str = "", link: Link | None = None
    ) -> Response[bytes]:
        """On to another page (303), which says once what has happened."""
        if title:
            self.memory.banner = Banner(title=title, text=text, reference=reference, link=link)
        return redirect(self.console, path)


def page_path(request: AnyRequest) -> str:
    """The page's own address, without the ending of its twin."""
    return request.url.path.removesuffix(".json")


def frame_of(request: AnyRequest, console: Console, asker: Asker | None, secret: str) -> Session:
    """What stands around a page: node, officer, counts, the end of the session."""
    host, me = console.host, console.host.me
    frame = Session(
        path=page_path(request),
        now_ms=host.clock.now(),
        csrf=csrf_token(secret) if secret else "",
        network=me.network or "allpoints",
        node=me.name,
        node_label=host.settings.text("node.label") or me.certificate.label,
        node_role=me.role,
        member=me.member,
    )
    if asker is None:
        return frame
    db = host.office.db
    counted = host.bureau is not None and not asker.outside
    return msgspec.structs.replace(
        frame,
        officer=asker.officer,
        roles=tuple(role for role in ROLES if role in asker.roles),
        unread=unread(db) if counted else 0,
        open_hits=open_count(db) if counted else 0,
        open_traces=waiting_count(db) if counted else 0,
        ends_ms=sessions.ends_ms(db, secret),
        emergency_ends_ms=asker.emergency.ends_ms if asker.emergency is not None else 0,
    )


def html_answer(console: Console, text: str, status: int = 200) -> Response[bytes]:
    return Response(text.encode(), status_code=status, media_type=HTML, headers=console.headers)


def json_answer(console: Console, view: View, status: int = 200) -> Response[bytes]:
    return Response(
        msgspec.json.encode(view), status_code=status, media_type=MediaType.JSON, headers=console.headers
    )


def located(path: str) -> str:
    """The address as a header may carry it: what came decoded from a request's path must not end the line."""
    return quote(path, safe="/?&=#%:,+~@!$'()*;")


def redirect(console: Console, path: str) -> Response[bytes]:
    """Go on with GET (303); ``path`` is an address of this host."""
    return Response(
        b"", status_code=303, media_type=HTML, headers={**console.headers, "Location": located(path)}
    )


def faults_in(
    refusal: Refusal, names: Collection[str], words: Mapping[str, str] | None = None
) -> tuple[Fault, ...]:
    """The faults of a refused form, each at the input that it is about.

    ``words`` gives the input's name for a path that the part calls otherwise. What is no fault of the form (not
    allowed, not there, too much at once) is raised again.
    """
    if refusal.status not in {400, 409, 413, 422} and refusal.code != "NO-PURPOSE":
        raise refusal
    faults = refusal.faults or (refusal.fault(),)
    return tuple(
        msgspec.structs.replace(fault, path=input_at(fault.path, names, words or {})) for fault in faults
    )


def input_at(path: str, names: Collection[str], words: Mapping[str, str]) -> str:
    """The input for a fault's path: ``documents[0].number`` is ``documents.0.number``; empty when there is none."""
    dotted = re.sub(r"\[(\d+)\]", r".\1", path)
    while dotted:
        name = words.get(dotted, dotted)
        if name in names:
            return name
        dotted = dotted.rpartition(".")[0]
    return ""
