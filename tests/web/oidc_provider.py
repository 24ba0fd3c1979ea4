"""An OpenID provider in a thread: Authlib's server over real TLS, with real keys, that can be told to lie."""

import base64
import hmac
import json
import secrets
import ssl
import time
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

from authlib.oauth2.rfc6749 import AuthorizationServer, ClientMixin, OAuth2Request
from authlib.oauth2.rfc6749.grants import AuthorizationCodeGrant
from authlib.oauth2.rfc6749.requests import BasicOAuth2Payload
from authlib.oauth2.rfc7636 import CodeChallenge
from authlib.oidc.core.grants import OpenIDCode
from joserfc import jwt
from joserfc.jwk import ECKey
from tests.identity.country_ca import SERVER, CountryCa

CLIENT, SECRET = "XAV-node", "a secret of the client"


class _Client(ClientMixin):  # type: ignore[misc]  # the library has no types
    def __init__(self, back: str) -> None:
        self.back = back

    def get_client_id(self) -> str:
        return CLIENT

    def get_default_redirect_uri(self) -> str:
        return self.back

    def get_allowed_scope(self, scope: str) -> str:
        return scope

    def check_redirect_uri(self, redirect_uri: str) -> bool:
        return redirect_uri == self.back

    def check_client_secret(self, client_secret: str) -> bool:
        return client_secret == SECRET

    def check_endpoint_auth_method(self, method: str, _endpoint: str) -> bool:
        return method == "client_secret_basic"

    def check_response_type(self, response_type: str) -> bool:
        return response_type == "code"

    def check_grant_type(self, grant_type: str) -> bool:
        return grant_type == "authorization_code"


class _Request(OAuth2Request):  # type: ignore[misc]  # the library has no types
    def __init__(self, method: str, uri: str, form: dict[str, str], headers: dict[str, str]) -> None:
        super().__init__(method, uri, headers=headers)
        self._args = dict(parse_qsl(urlsplit(uri).query))
        self._form = form
        self.payload = BasicOAuth2Payload({**self._args, **form})

    @property
    def args(self) -> dict[str, str]:
        return self._args

    @property
    def form(self) -> dict[str, str]:
        return self._form


class _Code:
    """What the provider remembers of a code until it is redeemed."""

    def __init__(self, code: str, asked: dict[str, str], subject: str, proved_s: int) -> None:
        self.code, self.asked, self.subject, self.proved_s = code, asked, subject, proved_s
        self.code_challenge = asked.get("code_challenge")
        self.code_challenge_method = asked.get("code_challenge_method")

    def get_redirect_uri(self) -> str:
        return self.asked["redirect_uri"]

    def get_scope(self) -> str:
        return self.asked["scope"]

    def get_nonce(self) -> str | None:
        return self.asked.get("nonce")

    def get_auth_time(self) -> int:
        return self.proved_s

    def get_acr(self) -> str:
        return "high"

    def get_amr(self) -> list[str]:
        return ["hwk", "pin"]


class _Server(AuthorizationServer):  # type: ignore[misc]  # the library has no types
    def __init__(self, provider: "OidcProvider") -> None:
        super().__init__(scopes_supported=["openid"])
        self.provider = provider
        self.register_token_generator("default", self._token)
        self.register_grant(_grant(provider), [CodeChallenge(required=True), _open_id(provider)])

    def _token(self, **_more: Any) -> dict[str, Any]:
        return {
            "access_token": secrets.token_urlsafe(),
            "token_type": "Bearer",
            "expires_in": 60,
            "scope": "openid",
        }

    def query_client(self, client_id: str) -> _Client | None:
        return _Client(self.provider.back) if client_id == CLIENT else None

    def save_token(self, token: dict[str, Any], request: OAuth2Request) -> None:
        pass

    def send_signal(self, name: str, *args: Any, **more: Any) -> None:
        pass

    def create_oauth2_request(self, request: _Request) -> _Request:
        return request

    def handle_response(self, status: int, body: Any, headers: list[tuple[str, str]]) -> Any:
        return status, json.dumps(body) if isinstance(body, dict) else body, headers


def _grant(provider: "OidcProvider") -> type[AuthorizationCodeGrant]:
    class Grant(AuthorizationCodeGrant):  # type: ignore[misc]  # the library has no types
        def save_authorization_code(self, code: str, request: OAuth2Request) -> None:
            asked = request.payload.data
            provider.codes[code] = _Code(code, asked, request.user, provider.proved(asked))

        def query_authorization_code(self, code: str, _client: _Client) -> _Code | None:
            return provider.codes.get(code)

        def delete_authorization_code(self, authorization_code: _Code) -> None:
            del provider.codes[authorization_code.code]

        def authenticate_user(self, authorization_code: _Code) -> str:
            return authorization_code.subject

    return Grant


def _open_id(provider: "OidcProvider") -> OpenIDCode:
    class OpenId(OpenIDCode):  # type: ignore[misc]  # the library has no types
        def exists_nonce(self, nonce: str, _request: OAuth2Request) -> bool:
            return any(one.get_nonce() == nonce for one in provider.codes.values())

        def encode_id_token(self, _token: dict[str, Any], request: OAuth2Request) -> str:
            now = int(time.time())
            claims = {"iss": provider.issuer, "aud": CLIENT, "iat": now, "exp": now + 300}
            claims |= self.get_authorization_code_claims(request.authorization_code)
            return provider.sign({**claims, "sub": request.user})

    return OpenId(require_nonce=True)


class OidcProvider:
    """``subject`` signs in; ``changed`` may change claims, ``forged`` makes the token another way."""

    def __init__(self, folder: Path, back: str, issuer: str = "") -> None:
        self.back = back
        self.subject = "8f1c2d"
        self.signed_in_s = int(time.time())
        self.changed: Callable[[dict[str, Any]], dict[str, Any]] = dict
        self.forged: Callable[[dict[str, Any]], str] | None = None
        self.key = ECKey.generate_key("P-256", parameters={"kid": "one", "use": "sig", "alg": "ES256"})
        self.codes: dict[str, _Code] = {}
        self.asked: list[str] = []
        ca = CountryCa("Servers of Arvandia")
        self.roots = folder / "roots.pem"
        self.roots.write_bytes(ca.pem)
        certificate, key = ca.issue("provider", uses=(SERVER,), hosts=("127.0.0.1",)).write(folder, "server")
        self.http = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        tls.load_cert_chain(certificate, key)
        self.http.socket = tls.wrap_socket(self.http.socket, server_side=True)
        self.here = f"https://127.0.0.1:{self.http.server_port}"
        self.issuer = issuer or self.here
        self.server = _Server(self)

    @property
    def tls(self) -> ssl.SSLContext:
        return ssl.create_default_context(cafile=str(self.roots))

    def metadata(self) -> dict[str, Any]:
        return {
            "issuer": self.issuer,
            "authorization_endpoint": f"{self.here}/authorize",
            "token_endpoint": f"{self.here}/token",
            "jwks_uri": f"{self.here}/keys",
            "end_session_endpoint": f"{self.here}/leave",
            "code_challenge_methods_supported": ["S256"],
            "response_types_supported": ["code"],
        }

    def proved(self, asked: dict[str, str]) -> int:
        """When the person last proved it here: now, if it was asked for."""
        return int(time.time()) if asked.get("prompt") == "login" else self.signed_in_s

    def sign(self, claims: dict[str, Any]) -> str:
        claims = self.changed(claims)
        if self.forged is not None:
            return self.forged(claims)
        return jwt.encode({"alg": "ES256", "kid": self.key.kid}, claims, self.key)

    def authorize(self, address: str) -> str:
        """What a browser is sent back to once the person has signed in at ``address``."""
        request = _Request("GET", address, {}, {})
        grant = self.server.get_consent_grant(request, self.subject)
        _, _, headers = self.server.create_authorization_response(request, self.subject, grant)
        return str(dict(headers)["Location"])

    def answer(
        self, method: str, path: str, form: dict[str, str], headers: dict[str, str]
    ) -> tuple[int, str]:
        self.asked.append(path)
        if path == "/.well-known/openid-configuration":
            return 200, json.dumps(self.metadata())
        if path == "/keys":
            return 200, json.dumps({"keys": [self.key.as_dict(private=False)]})
        if path == "/token":
            made = self.server.create_token_response(_Request(method, self.here + path, form, headers))
            return int(made[0]), str(made[1])
        return 404, ""


def _handler(provider: OidcProvider) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self._say(*provider.answer("GET", self.path, {}, dict(self.headers.items())))

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"])).decode()
            self._say(*provider.answer("POST", self.path, dict(parse_qsl(body)), dict(self.headers.items())))

        def _say(self, status: int, text: str) -> None:
            data = text.encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        def log_message(self, *_words: Any) -> None:
            pass

    return Handler


def unsigned(claims: dict[str, Any]) -> str:
    """A token with the algorithm none."""
    return f"{_part({'alg': 'none', 'typ': 'JWT'})}.{_part(claims)}."


def by_public_key(pem: bytes, claims: dict[str, Any]) -> str:
    """A token whose secret is what everyone can read: HS256 with the public key."""
    signed = f"{_part({'alg': 'HS256', 'kid': 'one', 'typ': 'JWT'})}.{_part(claims)}"
    seal = hmac.digest(pem, signed.encode(), "sha256")
    return f"{signed}.{base64.urlsafe_b64encode(seal).rstrip(b'=').decode()}"


def _part(words: dict[str, Any]) -> str:
    return base64.urlsafe_b64encode(json.dumps(words).encode()).rstrip(b"=").decode()


def with_query(address: str, **changed: str) -> str:
    """An address with some of its question changed; an empty word is left out."""
    parts = urlsplit(address)
    asked = {**dict(parse_qsl(parts.query)), **changed}
    return f"{parts.path}?{urlencode({name: word for name, word in asked.items() if word})}"
