"""A provider's token: every altered byte and every false word is refused, and no number passes for being strange."""

import json
from base64 import urlsafe_b64encode
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ec import ECDSA
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256
from hypothesis import given
from hypothesis import strategies as st
from joserfc import jws, jwt
from joserfc.errors import SecurityWarning
from joserfc.jwk import ECKey, OKPKey, RSAKey

from allpoints.ground.refusal import Refusal
from allpoints.identity import id_token
from allpoints.identity.id_token import Asked, Terms

NOW_MS = 1_795_852_800_000
NOW = NOW_MS // 1_000
KEY = ECKey.generate_key("P-256", parameters={"kid": "one"})
KEYS = [KEY.as_dict(private=False)]
TERMS = Terms("https://id.example", "XAV")
ASKED = Asked("a-nonce", NOW_MS - 30_000, anew=False)
CLAIMS: dict[str, Any] = {
    "iss": TERMS.issuer,
    "aud": "XAV",
    "iat": NOW,
    "exp": NOW + 300,
    "nonce": ASKED.nonce,
    "sub": "8f",
}


def token(claims: dict[str, Any], header: dict[str, Any] | None = None) -> str:
    return jwt.encode({"alg": "ES256", "kid": "one", **(header or {})}, claims, KEY)


def check(text: str, keys: Any = KEYS, asked: Asked = ASKED, terms: Terms = TERMS) -> str:
    return id_token.check(text, keys, terms, asked, NOW_MS)


def refused(text: str, **more: Any) -> str:
    with pytest.raises(Refusal) as caught:
        check(text, **more)
    assert (caught.value.code, caught.value.status) == ("PROVIDER-TOKEN", 401)
    return caught.value.path


def test_a_true_token_names_its_subject() -> None:
    assert check(token(CLAIMS)) == "8f"
    assert check(token({**CLAIMS, "aud": ["XAV"], "azp": "XAV"})) == "8f"


def test_no_flipped_byte_of_a_token_is_taken() -> None:
    text = token(CLAIMS).encode()
    taken = []
    for place in range(len(text)):
        for bit in range(7):
            altered = bytearray(text)
            altered[place] ^= 1 << bit
            try:
                check(altered.decode("ascii"))
            except Refusal:
                continue
            taken.append((place, bit))
    assert taken == []


@pytest.mark.parametrize("name", sorted(CLAIMS))
def test_a_token_without_one_of_its_words_is_refused(name: str) -> None:
    assert refused(token({one: word for one, word in CLAIMS.items() if one != name})) == name


@pytest.mark.parametrize("name", ["exp", "iat", "nbf"])
@pytest.mark.parametrize(
    "given", ["soon", None, True, [], {}, float("nan"), float("inf"), 1e300, -1e300, 10**400]
)
def test_no_instant_passes_for_being_strange(name: str, given: Any) -> None:
    refused(_signed(json.dumps({**CLAIMS, name: given})))


def test_the_level_of_proof_is_one_of_those_asked_for_and_a_word() -> None:
    terms = Terms(TERMS.issuer, TERMS.client, acr=frozenset({"high"}))
    assert check(token({**CLAIMS, "acr": "high"}), terms=terms) == "8f"
    for said in ("low", ["high"], {"high": 1}, None, 1):
        assert refused(token({**CLAIMS, "acr": said}), terms=terms) == "acr"


def _signed(text: str) -> str:
    """A token whose claims are this very text, strange numbers and all."""
    return jws.serialize_compact({"alg": "ES256", "kid": "one"}, text, KEY)


@given(st.recursive(st.none() | st.booleans() | st.integers() | st.floats() | st.text(), lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner), max_leaves=8))  # fmt: skip
def test_whatever_a_provider_signs_is_taken_or_refused(said: Any) -> None:
    for name, true in CLAIMS.items():
        try:
            check(_signed(json.dumps({**CLAIMS, name: said})))
        except Refusal:
            continue
        assert said == true or name in {"sub", "iat", "exp", "aud"}


@given(st.text() | st.text(alphabet="ABCabc123-_.="))
def test_no_text_but_a_token_is_taken(text: str) -> None:
    assert refused(text) == "signature"
    assert isinstance(id_token.key_of(text), str)


def test_the_key_must_fit_in_kind_use_name_and_number() -> None:
    text = token(CLAIMS)
    public = KEYS[0]
    assert check(text, keys=[{**public, "use": "sig", "alg": "ES256"}]) == "8f"
    for keys in (
        [],
        [public, public],
        [{**public, "use": "enc"}],
        [{**public, "alg": "ES384"}],
        [{**public, "kid": "two"}],
        [{**public, "kty": "oct"}],
        [{**public, "x": "AAAA"}],
    ):
        assert refused(text, keys=keys) == "signature"


def test_an_rsa_key_has_two_thousand_bits_and_ed25519_is_taken() -> None:
    long = RSAKey.generate_key(2_048, parameters={"kid": "r"})
    with pytest.warns(SecurityWarning):
        short = RSAKey.generate_key(1_024, parameters={"kid": "r"})
    ed25519 = OKPKey.generate_key("Ed25519", parameters={"kid": "r"})
    for key, algorithm in ((long, "RS256"), (long, "PS256"), (ed25519, "Ed25519")):
        text = jwt.encode({"alg": algorithm, "kid": "r"}, CLAIMS, key, [algorithm])
        assert check(text, keys=[key.as_dict(private=False)]) == "8f"
    text = jwt.encode({"alg": "RS256", "kid": "r"}, CLAIMS, short, ["RS256"])
    with pytest.warns(SecurityWarning):
        assert refused(text, keys=[short.as_dict(private=False)]) == "signature"


def test_extensions_that_nobody_agreed_on_are_refused() -> None:
    assert check(by_hand({"alg": "ES256"})) == "8f"
    for more in ({"crit": ["exp"], "exp": 1}, {"b64": False, "crit": ["b64"]}, {"b64": True}, {"crit": 1}):
        assert refused(by_hand({"alg": "ES256", **more})) == "signature"
    assert refused(by_hand({"alg": "ES256", "typ": "at+jwt"})) == "typ"


def by_hand(header: dict[str, Any]) -> str:
    """A well signed token with a header that a library would not write."""
    words = (json.dumps(one).encode() for one in (header, CLAIMS))
    signed = b".".join(urlsafe_b64encode(one).rstrip(b"=") for one in words)
    assert KEY.private_key is not None
    r, s = decode_dss_signature(KEY.private_key.sign(signed, ECDSA(SHA256())))
    raw = r.to_bytes(32, "big") + s.to_bytes(32, "big")
    return f"{signed.decode()}.{urlsafe_b64encode(raw).rstrip(b'=').decode()}"


def test_a_proof_asked_for_anew_was_given_after_it_was_asked_for() -> None:
    anew = Asked(ASKED.nonce, ASKED.begun_ms, anew=True)
    assert check(token({**CLAIMS, "auth_time": NOW}), asked=anew) == "8f"
    assert refused(token(CLAIMS), asked=anew) == "auth_time"
    assert refused(token({**CLAIMS, "auth_time": NOW - 91}), asked=anew) == "auth_time"
    assert refused(token({**CLAIMS, "auth_time": NOW + 61}), asked=anew) == "auth_time"
