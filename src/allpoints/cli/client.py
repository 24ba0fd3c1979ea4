"""The running node of a folder, as its HTTP API."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, TypeVar, cast
from urllib.parse import quote

import msgspec

from allpoints.ground.refusal import Problem, Refusal

if TYPE_CHECKING:
    import ssl

    import httpx

    from allpoints.cli.calling import Options
    from allpoints.cli.tls import OwnNode
    from allpoints.node.settings import Settings

NOT_RUNNING = "NODE-NOT-RUNNING"
WAIT_SECONDS = 30.0
PARTIAL = 206
UPLOAD_WAIT_SECONDS = 600.0
"""A large file is hashed and looked at by the node before it answers."""

_EVERYWHERE = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}  # noqa: S104 - dialled, not bound

Fields = dict[str, Any]
"""An answer that is printed as it is."""

T = TypeVar("T")


class Client:
    """Asks the node that serves this folder, on this machine, as one of its officers."""

    def __init__(self, settings: "Settings", options: "Options") -> None:
        import httpx

        self.settings = settings
        self.address = local_address(settings)
        self._options = options
        self._tls = _own_node(settings)
        self._http = httpx.Client(
            base_url=self.address,
            headers=self._headers(),
            timeout=WAIT_SECONDS,
            trust_env=False,
            verify=self._tls is not None and cast("ssl.SSLContext", self._tls),
        )

    def close(self) -> None:
        """Give the connection back."""
        self._http.close()

    def _headers(self) -> dict[str, str]:
        headers = {"Authorization": f"Bearer {self._token()}"}
        if self._options.purpose:
            headers["Allpoints-Purpose"] = _header(self._options.purpose, "purpose")
        if self._options.case:
            headers["Allpoints-Case"] = _header(self._options.case, "case")
        return headers

    def _token(self) -> str:
        from allpoints.node.setting_up import TOKEN_FILE

        if self._options.token:
            return _header(self._options.token.strip(), "token")
        path = self.settings.folder / TOKEN_FILE
        if not path.is_file():
            raise Refusal(
                "TOKEN-MISSING",
                f"There is no {TOKEN_FILE} in {self.settings.folder}.",
                path="token",
                hint="Give your own token with --token, or make one: allpoints officer token operator.",
                status=401,
            )
        return path.read_text(encoding="utf-8").strip()

    # -- asking

    def get(self, path: str, kind: type[T], **query: object) -> T:
        """Ask for something; parameters that are empty are left out."""
        return self._asked("GET", path, kind, params=_given(query))

    def fetch(self, path: str) -> bytes:
        """Ask for a file as it is."""
        return self._bytes("GET", path)

    def post(self, path: str, body: object, kind: type[T], **query: object) -> T:
        """Have something done; ``body`` becomes JSON."""
        headers = {"Content-Type": "application/json"}
        content = msgspec.json.encode(body)
        return self._asked("POST", path, kind, params=_given(query), content=content, headers=headers)

    def delete(self, path: str, kind: type[T]) -> T:
        """Have something removed."""
        return self._asked("DELETE", path, kind)

    def send(self, path: str, content: Iterator[bytes] | bytes, media_type: str, /, **query: object) -> bytes:
        """Hand a file over as it is, in pieces; answers with the node's bytes."""
        import httpx

        return self._bytes(
            "POST",
            path,
            params=_given(query),
            content=content,
            headers={"Content-Type": media_type},
            timeout=httpx.Timeout(UPLOAD_WAIT_SECONDS, connect=WAIT_SECONDS),
        )

    def pieces(self, path: str, start: int = 0, **query: object) -> Iterator[bytes]:
        """A file as it comes, piece by piece, from byte ``start`` on."""
        headers = {"Range": f"bytes={start}-"} if start else {}
        with (
            self._reaching(),
            self._http.stream("GET", path, params=_given(query), headers=headers) as response,
        ):
            if not response.is_success:
                response.read()
                raise _refusal(response)
            if start and response.status_code != PARTIAL:
                raise Refusal("ANSWER-UNREADABLE", "The node gave the whole for a part.", status=502)
            yield from response.iter_bytes()

    def _asked(self, method: str, path: str, kind: type[T], **options: Any) -> T:
        content = self._bytes(method, path, **options)
        try:
            return msgspec.json.decode(content, type=kind)
        except msgspec.DecodeError as error:
            raise Refusal(
                "ANSWER-UNREADABLE",
                f"The answer of {self.address} is not understood: {error}.",
                hint="Are node and command of the same version? See allpoints version.",
                status=502,
            ) from error

    def _bytes(self, method: str, path: str, **options: Any) -> bytes:
        with self._reaching():
            response = self._http.request(method, path, **options)
        if response.is_success:
            return response.content
        raise _refusal(response)

    @contextmanager
    def _reaching(self) -> Iterator[None]:
        import httpx

        try:
            yield
        except httpx.TimeoutException as error:
            raise _away(f"The node at {self.address} does not answer.", "See its log.") from error
        except httpx.TransportError as error:
            if self._tls is not None and self._tls.refused is not None:
                raise self._tls.refused from error
            raise _away(
                f"The node is not running: nobody answers at {self.address}.",
                f"Start it: allpoints serve --dir {self.settings.folder}",
            ) from error


def local_address(settings: "Settings") -> str:
    """Where this machine reaches the node of these settings, whatever address others use."""
    scheme = "https" if settings.serves_tls else "http"
    host = settings.text("web.host")
    host = _EVERYWHERE.get(host, f"[{host}]" if ":" in host else host)
    return f"{scheme}://{host}:{settings.number('web.port')}"


def part(name: str) -> str:
    """A name as one part of a path."""
    return quote(name, safe="")


def _own_node(settings: "Settings") -> "OwnNode | None":
    """Speak TLS as the node itself, whose keys lie in its folder, and with nobody but that node."""
    if not settings.serves_tls:
        return None
    from allpoints.cli.tls import OwnNode

    return OwnNode(settings)


def _given(query: Mapping[str, object]) -> dict[str, str | list[str]]:
    """Parameters as text, without those that say nothing; a list is the same parameter several times."""
    kept = {key: value for key, value in query.items() if value not in ("", None, False, 0, (), [])}
    return {key: _text(value) for key, value in kept.items()}


def _text(value: object) -> str | list[str]:
    if isinstance(value, list):
        return [str(one) for one in value]
    return "true" if value is True else str(value)


def _header(text: str, path: str) -> str:
    if not text.isascii() or not text.isprintable():
        raise Refusal(
            "OPTION-UNREADABLE", f"--{path} has letters without accents, digits and signs.", path=path
        )
    return text


def _away(sentence: str, hint: str) -> Refusal:
    return Refusal(NOT_RUNNING, sentence, hint=hint, status=503)


def _refusal(response: "httpx.Response") -> Refusal:
    """The node's own refusal, as it said it."""
    try:
        problem = msgspec.json.decode(response.content, type=Problem)
    except msgspec.DecodeError:
        return Refusal(
            "NODE-FAILED",
            f"The node answered with status {response.status_code} and no reason.",
            hint="See its log.",
            status=response.status_code,
        )
    return Refusal(
        problem.code,
        problem.detail,
        path=problem.path,
        hint=problem.hint,
        status=problem.status,
        faults=problem.faults,
    )
