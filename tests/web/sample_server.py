"""Serves the sample pages on this machine, with the headers of a real node, for the browser tests."""

import mimetypes
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import ClassVar
from urllib.parse import parse_qs, urlsplit

from tests.registers.exhibits import png
from tests.web.sample_views import all_samples
from tests.web.samples.desks import ALERTS
from tests.web.samples.frame import COUNTRIES

from allpoints.web import csp
from allpoints.web.rendering import STATIC, Pages
from allpoints.web.views.desk import Alert

AXE = Path(__file__).resolve().parents[2] / "node_modules/axe-core/axe.min.js"
CHROMIUM = "/usr/bin/chromium"
FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


@contextmanager
def served() -> Iterator[str]:
    """The address of a server that shows the sample ``name`` at ``/sample/<name>``.

    A scan posted to ``/en/border`` is answered with the sample that its first letter stands for: ``P`` is a
    hit on the bearer, ``I`` no hit, ``V`` not readable, anything else fails. The feed sends one alert.
    """
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


class _Handler(BaseHTTPRequestHandler):
    samples: ClassVar = {sample.name: sample for sample in all_samples()}
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        path = urlsplit(self.path).path
        if path.startswith("/static/"):
            self._static(STATIC / path.removeprefix("/static/"))
        elif path.startswith("/sample/"):
            self._sample(path.removeprefix("/sample/"))
        elif "/files/" in path:
            self._answer(200, png(160, 120), {**csp.PAGE_HEADERS, "Content-Type": "image/png"})
        elif path == "/en/feed":
            fresh = Alert(id="4900", at_ms=ALERTS[0].at_ms, kind="Hit", title="MAVRIDIS Andreas")
            self._answer(200, _pages().feed_event(fresh).encode(), csp.FEED_HEADERS)
        else:
            self._answer(404, b"", csp.PAGE_HEADERS)

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        scan = parse_qs(body).get("scan", [""])[0]
        name = {"P": "border-bearer", "I": "border-clear", "V": "border-unreadable"}.get(scan[:1])
        if name is None:
            self._answer(500, b"", csp.PAGE_HEADERS)
        else:
            self._sample(name)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class names it so
        pass

    def _sample(self, name: str) -> None:
        sample = self.samples[name]
        text = _pages().render(sample.template, sample.view, session=sample.session)
        self._answer(200, text.encode(), {**csp.PAGE_HEADERS, "Content-Type": "text/html; charset=utf-8"})

    def _static(self, path: Path) -> None:
        kind = mimetypes.guess_type(path.name)[0] or "application/octet-stream"
        self._answer(200, path.read_bytes(), {**csp.STATIC_HEADERS, "Content-Type": kind})

    def _answer(self, status: int, body: bytes, headers: Mapping[str, str]) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


@cache
def _pages() -> Pages:
    return Pages.open(COUNTRIES)
