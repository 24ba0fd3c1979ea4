"""A TLS terminator in a thread: it asks for a client's card and hands on what it verified, as a proxy before a node does."""

import base64
import ssl
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

HOP = {"connection", "host", "content-length", "transfer-encoding"}


class Terminator:
    """``upstream`` is the node's own address, ``roots`` those of the cards it asks for."""

    def __init__(self, upstream: str, server: tuple[Path, Path], roots: Path, secret: str) -> None:
        self.upstream, self.secret = urlsplit(upstream), secret
        tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        tls.load_cert_chain(*server)
        tls.load_verify_locations(roots)
        tls.verify_mode = ssl.CERT_OPTIONAL
        self.http = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        self.http.socket = tls.wrap_socket(self.http.socket, server_side=True)
        self.address = f"https://localhost:{self.http.server_port}"

    def hand_on(
        self, method: str, path: str, headers: dict[str, str], body: bytes, card: bytes | None
    ) -> Any:
        """The node's answer; what a caller says of a card itself is replaced."""
        kept = {name: value for name, value in headers.items() if name.lower() not in HOP}
        kept.pop("Client-Cert", None)
        if path == "/en/sign-in/card":
            kept["Allpoints-Terminator"] = self.secret
            kept["Client-Cert"] = f":{base64.b64encode(card).decode()}:" if card is not None else ""
        assert self.upstream.hostname is not None
        to_node = HTTPConnection(self.upstream.hostname, self.upstream.port, timeout=30)
        try:
            to_node.request(method, path, body, {**kept, "Host": f"localhost:{self.http.server_port}"})
            answer = to_node.getresponse()
            return answer.status, answer.getheaders(), answer.read()
        finally:
            to_node.close()


def _handler(terminator: Terminator) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self._hand_on(b"")

        def do_POST(self) -> None:
            self._hand_on(self.rfile.read(int(self.headers["Content-Length"])))

        def _hand_on(self, body: bytes) -> None:
            assert isinstance(self.connection, ssl.SSLSocket)
            card = self.connection.getpeercert(binary_form=True)
            status, headers, data = terminator.hand_on(
                self.command, self.path, dict(self.headers.items()), body, card
            )
            self.send_response(status)
            for name, value in headers:
                if name.lower() not in HOP:
                    self.send_header(name, value)
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        def log_message(self, *_words: Any) -> None:
            pass

    return Handler
