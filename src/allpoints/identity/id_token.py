"""An OpenID provider's word on who signed in, checked strictly before anybody believes it.

OpenID Connect Core 1.0, section 3.1.3.7; RFC 8725 on what JSON Web Tokens are attacked with. The signature is the library's.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec
from joserfc import jws, jwt
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, OKPKey, RSAKey
from joserfc.jws import JWSRegistry

from allpoints.ground.clock import DAY, MINUTE, SECOND
from allpoints.ground.refusal import Refusal

ALGORITHMS = ("ES256", "ES384", "Ed25519", "EdDSA", "PS256", "RS256")
"""Signatures by a private key alone: nothing that whoever reads the provider's public keys could make, and never none."""
TOKEN_LIMIT_CHARACTERS = 16 * 1024
RSA_MINIMUM_BITS = 2_048
SKEW_MS = MINUTE
INSTANT_LIMIT = 2**40
"""Seconds; no token is of the year 36812, and larger numbers do not compare as times do."""
"""How far the provider's clock may be from ours."""
AGE_LIMIT_MS = 5 * MINUTE
"""How long ago a token may have been issued: it was fetched for this sign-in."""
LIFE_LIMIT_MS = DAY
KEYS_LIMIT = 32
SUBJECT_LIMIT_CHARACTERS = 255

_KINDS: dict[str, type[RSAKey] | type[ECKey] | type[OKPKey]] = {"RSA": RSAKey, "EC": ECKey, "OKP": OKPKey}
_KEY_KIND = {"ES": "EC", "Ed": "OKP", "PS": "RSA", "RS": "RSA"}
_REGISTRY = JWSRegistry(algorithms=list(ALGORITHMS))


class Terms(msgspec.Struct, frozen=True):
    """What a token must say: who issued it, for which client; with ``acr`` one of those, with ``amr`` all of those."""

    issuer: str
    client: str
    acr: frozenset[str] = frozenset()
    amr: frozenset[str] = frozenset()


class Asked(msgspec.Struct, frozen=True):
    """What was asked for: the nonce, when, and whether the person was to prove it anew."""

    nonce: str
    begun_ms: int
    anew: bool


def key_of(token: str) -> str:
    """The identifier of the key that a token names, by its own word; empty for none."""
    try:
        return str(_header(token).get("kid", ""))
    except (JoseError, ValueError, TypeError):
        return ""


def check(token: str, keys: Sequence[Mapping[str, Any]], terms: Terms, asked: Asked, now_ms: int) -> str:
    """The subject that signed in. Raises Refusal PROVIDER-TOKEN (401), whose path is the word that does not hold."""
    claims = _opened(token, keys)
    _check_parties(claims, terms)
    _check_instants(claims, asked, now_ms)
    if not asked.nonce or claims.get("nonce") != asked.nonce:
        raise _refused("nonce")
    proof = claims.get("acr")
    if terms.acr and not (isinstance(proof, str) and proof in terms.acr):
        raise _refused("acr")
    methods = claims.get("amr")
    if terms.amr and not (isinstance(methods, list) and all(one in methods for one in terms.amr)):
        raise _refused("amr")
    subject = claims.get("sub")
    if not isinstance(subject, str) or not 0 < len(subject) <= SUBJECT_LIMIT_CHARACTERS:
        raise _refused("sub")
    return subject


def _check_parties(claims: Mapping[str, Any], terms: Terms) -> None:
    """From the one provider, for this node alone: a token that others may use too is none of ours."""
    if claims.get("iss") != terms.issuer:
        raise _refused("iss")
    if claims.get("aud") not in (terms.client, [terms.client]):
        raise _refused("aud")
    if "azp" in claims and claims["azp"] != terms.client:
        raise _refused("azp")


def _check_instants(claims: Mapping[str, Any], asked: Asked, now_ms: int) -> None:
    """Comparisons stand so that no number, however strange, passes for not being comparable."""
    expires, issued = _instant(claims, "exp"), _instant(claims, "iat")
    if not now_ms < expires + SKEW_MS:
        raise _refused("exp")
    if not (-SKEW_MS <= now_ms - issued <= AGE_LIMIT_MS and expires - issued <= LIFE_LIMIT_MS):
        raise _refused("iat")
    if "nbf" in claims and not _instant(claims, "nbf") <= now_ms + SKEW_MS:
        raise _refused("nbf")
    if asked.anew:
        proved = _instant(claims, "auth_time")
        if not asked.begun_ms - SKEW_MS <= proved <= now_ms + SKEW_MS:
            raise _refused("auth_time")


def _instant(claims: Mapping[str, Any], name: str) -> float:
    given = claims.get(name)
    if (
        not isinstance(given, int | float)
        or isinstance(given, bool)
        or not -INSTANT_LIMIT < given < INSTANT_LIMIT
    ):
        raise _refused(name)
    return given * SECOND


def _opened(token: str, keys: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """The claims of a token that one of the provider's keys signed."""
    try:
        header = _header(token)
        key = _key(header, keys)
        opened = jwt.decode(token, key, algorithms=list(ALGORITHMS), registry=_REGISTRY)
    except (JoseError, ValueError, TypeError, KeyError, OverflowError, RecursionError) as error:
        raise _refused("signature") from error
    if str(opened.header.get("typ", "JWT")).upper() != "JWT":
        raise _refused("typ")
    return opened.claims


def _header(token: str) -> dict[str, Any]:
    if len(token) > TOKEN_LIMIT_CHARACTERS:
        raise ValueError("too long")
    return dict(jws.extract_compact(token.encode("ascii")).headers())


def _key(header: Mapping[str, Any], keys: Sequence[Mapping[str, Any]]) -> RSAKey | ECKey | OKPKey:
    """The one public key that fits: its kind, its use, its algorithm if it names one, the identifier the token names."""
    algorithm = header.get("alg")
    if algorithm not in ALGORITHMS or "crit" in header or "b64" in header:
        raise ValueError("algorithm, or an extension that nobody agreed on")
    fitting = [
        one
        for one in keys[:KEYS_LIMIT]
        if one.get("kty") == _KEY_KIND[algorithm[:2]]
        and one.get("use", "sig") == "sig"
        and one.get("alg", algorithm) == algorithm
        and ("kid" not in header or one.get("kid") == header["kid"])
    ]
    if len(fitting) != 1:
        raise ValueError("no key, or more than one")
    parts = {name: part for name, part in fitting[0].items() if name in {"kty", "n", "e", "crv", "x", "y"}}
    key = _KINDS[parts["kty"]].import_key(parts)
    if isinstance(key, RSAKey) and key.public_key.key_size < RSA_MINIMUM_BITS:
        raise ValueError("short key")
    return key


def _refused(path: str) -> Refusal:
    return Refusal(
        "PROVIDER-TOKEN",
        "What the provider said of you does not hold.",
        path=path,
        hint=f"Sign in again. If it stays, tell the administrator: it is about {path}.",
        status=401,
    )
