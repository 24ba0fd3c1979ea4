"""What a node asks of an OpenID provider: where to send an officer, and who it was that came back with a code.

Authorisation code flow with PKCE (RFC 6749, RFC 7636; OpenID Connect Core and Discovery 1.0). The issuer is the one of
the settings; its metadata is believed only of itself. No access token is used, and nothing but the subject is taken.
"""

import ssl
from collections.abc import Mapping
from typing import Any, TypeVar
from urllib.parse import urlencode, urlsplit

import httpx
import msgspec

from allpoints.ground.clock import HOUR, MINUTE, Clock
from allpoints.ground.refusal import Refusal
from allpoints.identity import id_token
from allpoints.identity.id_token import Asked, Terms
from allpoints.identity.journey import Journey

METADATA = "/.well-known/openid-configuration"
ANSWER_LIMIT_BYTES = 256 * 1024
WAIT_SECONDS = 10.0
METADATA_LIFE_MS = HOUR
KEYS_REST_MS = MINUTE
"""How long a key that is not there is not asked for again, so that forged tokens make no work for the provider."""


S = TypeVar("S", bound=msgspec.Struct)


class Registration(msgspec.Struct, frozen=True):
    """How the provider knows this node: by the client in ``terms``, its ``secret`` if it has one, and the way ``back``."""

    terms: Terms
    back: str
    secret: str = ""


class Metadata(msgspec.Struct, frozen=True):
    """What a provider says of itself (OpenID Connect Discovery 1.0, section 3); the rest of it is not used."""

    issuer: str
    authorization_endpoint: str
    token_endpoint: str
    jwks_uri: str
    end_session_endpoint: str = ""
    code_challenge_methods_supported: tuple[str, ...] = ("S256",)
    authorization_response_iss_parameter_supported: bool = False


class Returned(msgspec.Struct, frozen=True):
    """What the browser brought back."""

    code: str
    issuer: str
    error: str


class _Tokens(msgspec.Struct, frozen=True):
    id_token: str


class _Keys(msgspec.Struct, frozen=True):
    keys: list[dict[str, Any]]


class Provider:
    """One provider, asked over HTTP; what it said of itself is remembered for an hour."""

    def __init__(self, registration: Registration, clock: Clock, tls: ssl.SSLContext) -> None:
        self.registration = registration
        self.clock = clock
        self._tls = tls
        self._metadata: tuple[int, Metadata] | None = None
        self._keys: tuple[int, list[dict[str, Any]]] = (0, [])

    @property
    def issuer(self) -> str:
        return self.registration.terms.issuer

    async def address(self, journey: Journey, *, anew: bool) -> str:
        """Where to send the officer; ``anew`` has the provider see again who it is. Raises Refusal PROVIDER-DOWN."""
        metadata, terms = await self._known(), self.registration.terms
        asked = {
            "response_type": "code",
            "client_id": terms.client,
            "redirect_uri": self.registration.back,
            "scope": "openid",
            "state": journey.state,
            "nonce": journey.nonce,
            "code_challenge": journey.challenge,
            "code_challenge_method": "S256",
        }
        if terms.acr:
            asked["acr_values"] = " ".join(sorted(terms.acr))
        if anew:
            asked |= {"prompt": "login", "max_age": "0"}
        return _with(metadata.authorization_endpoint, asked)

    async def leaving(self, home: str) -> str:
        """Where an officer ends the session at the provider too; empty where the provider has no such address."""
        metadata = await self._known()
        if not metadata.end_session_endpoint:
            return ""
        asked = {"client_id": self.registration.terms.client, "post_logout_redirect_uri": home}
        return _with(metadata.end_session_endpoint, asked)

    async def subject(self, returned: Returned, journey: Journey, *, anew: bool) -> str:
        """Who came back. Raises Refusal PROVIDER-DENIED, PROVIDER-OTHER, PROVIDER-TOKEN, PROVIDER-DOWN."""
        metadata = await self._known()
        self._check_sender(returned, metadata)
        if returned.error or not returned.code:
            raise Refusal(
                "PROVIDER-DENIED",
                "The provider did not say who you are.",
                path=returned.error or "code",
                hint="Sign in there again, or here with a passkey.",
                status=403,
            )
        token = await self._token(returned.code, journey, metadata)
        keys = await self._keys_for(id_token.key_of(token), metadata)
        asked = Asked(journey.nonce, journey.begun_ms, anew)
        return id_token.check(token, keys, self.registration.terms, asked, self.clock.now())

    def _check_sender(self, returned: Returned, metadata: Metadata) -> None:
        """An answer that another provider sent is not taken to this one (RFC 9207)."""
        named = bool(returned.issuer) or metadata.authorization_response_iss_parameter_supported
        if named and returned.issuer != self.issuer:
            raise Refusal(
                "PROVIDER-OTHER",
                "This answer is of another provider.",
                path="iss",
                hint="Begin again at the sign-in of this console.",
                status=403,
            )

    async def _token(self, code: str, journey: Journey, metadata: Metadata) -> str:
        registration = self.registration
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": registration.back,
            "client_id": registration.terms.client,
            "code_verifier": journey.verifier,
        }
        login = httpx.BasicAuth(registration.terms.client, registration.secret)
        data = await self._ask("POST", metadata.token_endpoint, form, login if registration.secret else None)
        return _read(data, _Tokens).id_token

    async def _known(self) -> Metadata:
        now = self.clock.now()
        if self._metadata is None or now - self._metadata[0] >= METADATA_LIFE_MS:
            data = await self._ask("GET", self.issuer.rstrip("/") + METADATA)
            self._metadata = (now, self._checked(_read(data, Metadata)))
            self._keys = (0, [])
        return self._metadata[1]

    def _checked(self, said: Metadata) -> Metadata:
        """Metadata of this very issuer, with addresses as safe as its own, and with PKCE by a hash."""
        addresses = (said.authorization_endpoint, said.token_endpoint, said.jwks_uri)
        ends = (said.end_session_endpoint,) if said.end_session_endpoint else ()
        safe = all(self._is_safe(address) for address in (*addresses, *ends))
        if said.issuer != self.issuer or not safe or "S256" not in said.code_challenge_methods_supported:
            raise _strange()
        return said

    def _is_safe(self, address: str) -> bool:
        parts = urlsplit(address)
        here = self.issuer.startswith("http:") and parts.scheme == "http"
        return parts.scheme == "https" or (here and on_this_machine(parts.hostname or ""))

    async def _keys_for(self, key: str, metadata: Metadata) -> list[dict[str, Any]]:
        asked_ms, keys = self._keys
        now = self.clock.now()
        missing = not keys or (bool(key) and key not in {str(one.get("kid")) for one in keys})
        if missing and now - asked_ms >= KEYS_REST_MS:
            keys = _read(await self._ask("GET", metadata.jwks_uri), _Keys).keys
            self._keys = (now, keys)
        return keys

    async def _ask(
        self,
        method: str,
        address: str,
        form: Mapping[str, str] | None = None,
        login: httpx.Auth | None = None,
    ) -> bytes:
        """The body of a good answer; a redirection is none."""
        try:
            async with (
                httpx.AsyncClient(verify=self._tls, timeout=WAIT_SECONDS, trust_env=False) as client,
                client.stream(
                    method, address, data=form, auth=login, headers={"accept": "application/json"}
                ) as answer,
            ):
                data: bytes = b""
                async for part in answer.aiter_bytes():
                    data += part
                    if len(data) > ANSWER_LIMIT_BYTES:
                        raise _strange()
        except (httpx.HTTPError, httpx.InvalidURL, ValueError) as error:
            raise _down() from error
        if answer.status_code == 200:
            return data
        raise _strange() if 400 <= answer.status_code < 500 else _down()


def on_this_machine(host: str) -> bool:
    """Whether a name is this machine's own, where TLS adds nothing."""
    return host in {"localhost", "127.0.0.1", "::1"}


def _with(address: str, asked: Mapping[str, str]) -> str:
    """An address of the provider's with a question added to what it may ask already."""
    return f"{address}{'&' if '?' in address else '?'}{urlencode(asked)}"


def _read(data: bytes, kind: type[S]) -> S:
    try:
        return msgspec.json.decode(data, type=kind)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise _strange() from error


def _strange() -> Refusal:
    return Refusal(
        "PROVIDER-REFUSED",
        "The provider does not take this, or answers otherwise than a provider does.",
        hint="Begin again. If it stays, the administrator compares the settings of the section provider.",
        status=403,
    )


def _down() -> Refusal:
    return Refusal(
        "PROVIDER-DOWN",
        "The provider cannot be reached now.",
        hint="Sign in with a passkey, or later.",
        status=503,
    )
