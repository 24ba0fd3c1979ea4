"""Who asks over HTTP: a bearer token of a program, or the cookie of an officer's session; and for which purpose."""

import hmac
from collections.abc import Mapping
from http.cookies import CookieError, SimpleCookie

import msgspec

from allpoints.ground.refusal import Refusal
from allpoints.identity import emergency, sessions, tokens
from allpoints.identity.officers import Asker, hash_secret
from allpoints.node.host import Host

COOKIE = "allpoints_session"
SECURE_COOKIE = f"__Host-{COOKIE}"
"""Its name over TLS: a browser takes it only marked Secure, from this host, for all of it."""
PURPOSE_HEADER = "allpoints-purpose"
CASE_HEADER = "allpoints-case"
HEADER_LIMIT = 200
CACHE_MS = 2_000
"""How long a token is remembered on the hot path; a revoked one stops within this time."""
CACHE_LIMIT = 4_096


class Access:
    """Finds out who asks; what they may do is decided by the part they ask."""

    def __init__(self, host: Host) -> None:
        self.host = host
        self.cookie = SECURE_COOKIE if host.settings.over_tls else COOKIE
        self._cache: dict[bytes, tuple[int, Asker]] = {}

    def asker(self, headers: Mapping[str, str], *, outsiders: bool = False, anew: bool = False) -> Asker:
        """Who asks, with purpose and case from the headers; raises Refusal NOT-SIGNED-IN (401).

        ``anew`` is for who remembers it in turn: nothing remembered here is believed then. A vetted outsider is nobody, in the same words, wherever ``outsiders`` are not expressly let in.
        """
        secret = self.secret(headers)
        found = self._known(secret, anew=anew)
        if found.outside and not outsiders:
            raise _nobody()
        purpose = headers.get(PURPOSE_HEADER, "")[:HEADER_LIMIT]
        case = headers.get(CASE_HEADER, "")[:HEADER_LIMIT]
        return msgspec.structs.replace(found, purpose=purpose, case=case)

    def secret(self, headers: Mapping[str, str]) -> str:
        authorization = headers.get("authorization", "")
        if authorization.lower().startswith("bearer "):
            return authorization[7:].strip()
        return session_cookie(headers.get("cookie", ""), self.cookie)

    def _known(self, secret: str, *, anew: bool) -> Asker:
        if not secret:
            raise _nobody()
        now = self.host.clock.now()
        hashed = hash_secret(secret)
        held = self._cache.get(hashed)
        fresh = held is not None and now - held[0] < CACHE_MS and not emergency.is_over(held[1], now)
        if held is not None and fresh and not anew:
            return held[1]
        asker = self._look_up(secret, now)
        if len(self._cache) >= CACHE_LIMIT:
            self._cache.clear()
        self._cache[hashed] = (now, asker)
        return asker

    def _look_up(self, secret: str, now: int) -> Asker:
        db = self.host.office.db
        if secret.startswith(tokens.TOKEN_PREFIX):
            return tokens.asker_of_token(db, secret)
        return emergency.within(db, sessions.resume(db, secret, now), now)

    def forget(self) -> None:
        """Look everyone up anew: officers or sessions have changed."""
        self._cache.clear()


def _nobody() -> Refusal:
    return Refusal(
        "NOT-SIGNED-IN",
        "Nobody is signed in.",
        hint="Send a bearer token, or sign in at the console.",
        status=401,
    )


def session_cookie(header: str, name: str = COOKIE) -> str:
    """The session's secret in a Cookie header, or nothing."""
    try:
        morsel = SimpleCookie(header[:8_192]).get(name)
    except CookieError:
        return ""
    return morsel.value if morsel is not None else ""


def csrf_token(secret: str) -> str:
    """The token that a form of this session carries; worth nothing without the session's cookie."""
    return hmac.digest(secret.encode(), b"allpoints form", "sha256").hex()[:32]


def check_csrf(secret: str, given: str) -> None:
    """Refuse a form that another site may have sent in the officer's name."""
    if not hmac.compare_digest(csrf_token(secret).encode(), given.encode("utf-8", "replace")):
        raise Refusal(
            "FORM-STALE", "This form is not of your session.", hint="Load the page again.", status=403
        )
