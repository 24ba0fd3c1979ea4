"""Passkeys: what is taken, and everything a browser or its user may lie about beside the truth."""

import datetime as dt
import json
import sqlite3
from typing import Any

import msgspec
import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.identity.authenticator import EDDSA, ES256, ES384, MODEL, UP, Authenticator, b64, unb64

from allpoints.ground.refusal import Refusal
from allpoints.identity import ceremonies, challenges, passkeys
from allpoints.identity.ceremonies import Policy
from allpoints.identity.officers import DESK, add_officer
from allpoints.identity.passkeys import ADD, SIGN_IN, Proved
from allpoints.identity.passwords import set_password

NOW = 1_800_000_000_000
POLICY = Policy("node.example", ("https://node.example",))
BROWSER = "the secret of one browser"


@pytest.fixture
def officer(db: sqlite3.Connection) -> sqlite3.Connection:
    add_officer(db, "m.orel", [DESK], NOW)
    return db


def begin(db: sqlite3.Connection, use: str = ADD, bound: str = BROWSER) -> dict[str, Any]:
    challenge = challenges.make(db, use, bound, NOW)
    return passkeys.registration_options(db, "m.orel", POLICY, "example.allpoints", challenge)


def ask(db: sqlite3.Connection, use: str = SIGN_IN, bound: str = BROWSER) -> dict[str, Any]:
    return passkeys.assertion_options(db, POLICY, challenges.make(db, use, bound, NOW))


def enrol(
    db: sqlite3.Connection, key: Authenticator, policy: Policy = POLICY, text: str = ""
) -> passkeys.Passkey:
    answer = ceremonies.read(text or key.make(begin(db)))
    return passkeys.enrol(db, "m.orel", answer, policy, "blue key", NOW)


def enrol_whole(db: sqlite3.Connection, text: str) -> None:
    """As the console does it: the challenge is used up too."""
    answer = ceremonies.read(text)
    challenges.use_up(db, answer.challenge, ADD, BROWSER, NOW)
    passkeys.enrol(db, "m.orel", answer, POLICY, "red key", NOW)


def prove(db: sqlite3.Connection, text: str, bound: str = BROWSER, now_ms: int = NOW) -> Proved:
    return passkeys.prove(db, ceremonies.read(text), POLICY, SIGN_IN, bound, now_ms)


def refusal_of(db: sqlite3.Connection, text: str, bound: str = BROWSER, now_ms: int = NOW) -> str:
    with pytest.raises(Refusal) as refused:
        prove(db, text, bound, now_ms)
    return refused.value.code


@pytest.mark.parametrize("algorithm", [ES256, EDDSA])
def test_a_passkey_is_enrolled_and_says_whose_it_is(officer: sqlite3.Connection, algorithm: int) -> None:
    key = Authenticator(algorithm=algorithm)
    made = enrol(officer, key)
    assert (made.officer, made.label, made.count) == ("m.orel", "blue key", 0)
    assert made.model.replace("-", "") == MODEL.hex()
    options = ask(officer)
    assert options["userVerification"] == "required"
    assert not options.get("allowCredentials")
    assert prove(officer, key.answer(options)) == Proved("m.orel", made.id)
    assert [one.used_ms for one in passkeys.list_passkeys(officer, "m.orel")] == [NOW]


def test_an_enrolment_asks_for_a_verified_person_and_a_passkey_that_knows_its_officer(
    officer: sqlite3.Connection,
) -> None:
    enrol(officer, key := Authenticator())
    options = begin(officer)
    assert options["rp"]["id"] == "node.example"
    assert options["authenticatorSelection"]["userVerification"] == "required"
    assert options["authenticatorSelection"]["residentKey"] == "required"
    assert [one["alg"] for one in options["pubKeyCredParams"]] == [EDDSA, ES256]
    assert [one["id"] for one in options["excludeCredentials"]] == [b64(key.id)]
    with pytest.raises(Refusal) as refused:
        enrol(officer, key)
    assert refused.value.code == "PASSKEY-TWICE"


LIES: dict[str, tuple[str, Any]] = {
    "another origin": ("origin", "https://node.example.evil"),
    "another port": ("origin", "https://node.example:8443"),
    "no tls": ("origin", "http://node.example"),
    "another site": ("site", "evil.example"),
    "nobody verified": ("flags", UP),
    "nobody there": ("flags", 0),
    "of another kind": ("more", {"type": "payment.get"}),
    "in a foreign page": ("more", {"crossOrigin": True}),
    "with another challenge": ("more", {"challenge": b64(bytes(56))}),
}


@pytest.mark.parametrize("lie", LIES)
def test_an_answer_that_lies_is_refused_beside_the_true_one(officer: sqlite3.Connection, lie: str) -> None:
    key = Authenticator()
    enrol(officer, key)
    name, value = LIES[lie]
    true = getattr(key, name)
    setattr(key, name, value)
    assert refusal_of(officer, key.answer(ask(officer))) in {
        "PASSKEY-REFUSED",
        "PASSKEY-UNREADABLE",
        "CHALLENGE-STALE",
    }
    liar = Authenticator()
    setattr(liar, name, value)
    with pytest.raises(Refusal):
        enrol_whole(officer, liar.make(begin(officer)))
    assert len(passkeys.list_passkeys(officer, "m.orel")) == 1
    setattr(key, name, true)
    assert prove(officer, key.answer(ask(officer))).officer == "m.orel"


def test_a_challenge_is_good_once_in_one_browser_for_one_use_and_five_minutes(
    officer: sqlite3.Connection,
) -> None:
    key = Authenticator()
    enrol(officer, key)
    text = key.answer(ask(officer))
    assert refusal_of(officer, text, bound="another browser") == "CHALLENGE-STALE"
    assert refusal_of(officer, text, now_ms=NOW + challenges.LIFE_MS) == "CHALLENGE-STALE"
    assert refusal_of(officer, text, now_ms=NOW - 1) == "CHALLENGE-STALE"
    assert refusal_of(officer, key.answer(ask(officer, use="verify"))) == "CHALLENGE-STALE"
    assert prove(officer, text, now_ms=NOW + challenges.LIFE_MS - 1).officer == "m.orel"
    # The same answer again: its count does not rise, and its challenge is used up.
    assert refusal_of(officer, text) == "CHALLENGE-STALE"


def test_no_flipped_byte_of_an_answer_is_taken(officer: sqlite3.Connection) -> None:
    key = Authenticator()
    enrol(officer, key)
    whole = json.loads(key.answer(ask(officer)))
    tried = 0
    for field in ("clientDataJSON", "authenticatorData", "signature", "userHandle"):
        data = unb64(whole["response"][field])
        for place in range(len(data)):
            for flip in (0x01, 0x80):
                altered = bytearray(data)
                altered[place] ^= flip
                response = {**whole["response"], field: b64(bytes(altered))}
                assert refusal_of(officer, json.dumps({**whole, "response": response})) != "", (field, place)
                tried += 1
    assert tried > 500
    assert prove(officer, json.dumps(whole)).officer == "m.orel"


def test_no_flipped_byte_of_a_vouched_enrolment_is_taken(officer: sqlite3.Connection) -> None:
    key = Authenticator()
    whole = json.loads(key.vouch_for_itself(begin(officer)))
    accepted = []
    for field in ("clientDataJSON", "attestationObject"):
        data = unb64(whole["response"][field])
        for place in range(len(data)):
            altered = bytearray(data)
            altered[place] ^= 0x01
            response = {**whole["response"], field: b64(bytes(altered))}
            try:
                enrol_whole(officer, json.dumps({**whole, "response": response}))
            except Refusal:
                officer.execute("DELETE FROM office_used_challenges")
                continue
            accepted.append((field, place))
    assert accepted == []
    enrol(officer, key, text=json.dumps(whole))


def test_an_algorithm_that_is_not_listed_is_refused(officer: sqlite3.Connection) -> None:
    with pytest.raises(Refusal) as refused:
        enrol(officer, Authenticator(algorithm=ES384))
    assert refused.value.code == "PASSKEY-REFUSED"
    enrol(officer, Authenticator(algorithm=EDDSA))


def test_the_passkey_of_another_officer_is_that_officers(officer: sqlite3.Connection) -> None:
    add_officer(officer, "a.terlan", [DESK], NOW)
    key = Authenticator()
    enrol(officer, key)
    whole = json.loads(key.answer(ask(officer)))
    handle = officer.execute("SELECT handle FROM office_officers WHERE name = 'a.terlan'").fetchone()[0]
    stolen = {**whole, "response": {**whole["response"], "userHandle": b64(handle)}}
    assert refusal_of(officer, json.dumps(stolen)) == "PASSKEY-REFUSED"
    assert refusal_of(officer, Authenticator().answer(ask(officer))) == "PASSKEY-REFUSED"
    assert prove(officer, json.dumps(whole)).officer == "m.orel"


def test_a_count_that_does_not_rise_is_told_apart_and_not_kept(officer: sqlite3.Connection) -> None:
    key = Authenticator()
    enrol(officer, key)
    key.count = 7
    assert not prove(officer, key.answer(ask(officer))).regressed
    for count in (7, 3):
        key.count = count - 1
        assert prove(officer, key.answer(ask(officer))).regressed
    assert [one.count for one in passkeys.list_passkeys(officer, "m.orel")] == [8]
    key.count = 20
    assert not prove(officer, key.answer(ask(officer))).regressed
    # A passkey that never counts says so every time.
    still = Authenticator()
    enrol(officer, still)
    for _ in range(2):
        still.count = -1
        assert not prove(officer, still.answer(ask(officer))).regressed


def maker(
    name: str,
) -> tuple[ec.EllipticCurvePrivateKey, x509.Certificate, ec.EllipticCurvePrivateKey, bytes]:
    """A maker of keys: the key and certificate inside its devices, and its root in PEM."""
    began = dt.datetime(2020, 1, 1, tzinfo=dt.UTC)
    ended = dt.datetime(2050, 1, 1, tzinfo=dt.UTC)
    root_key, leaf_key = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
    root_name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, f"{name} root")])
    leaf_name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, f"{name} batch 1")])

    def signed(subject: x509.Name, key: ec.EllipticCurvePrivateKey, authority: bool) -> x509.Certificate:
        return (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(root_name)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(began)
            .not_valid_after(ended)
            .add_extension(x509.BasicConstraints(ca=authority, path_length=None), critical=True)
            .sign(root_key, SHA256())
        )

    root = signed(root_name, root_key, True)
    return leaf_key, signed(leaf_name, leaf_key, False), root_key, root.public_bytes(Encoding.PEM)


def test_where_makers_are_demanded_only_theirs_are_taken(officer: sqlite3.Connection) -> None:
    key, certificate, _root_key, root = maker("Good Keys")
    other_key, other_certificate, _other_root_key, _other_root = maker("Other Keys")
    policy = msgspec.structs.replace(POLICY, attestation="packed", roots=(root,))
    unvouched = Authenticator()
    with pytest.raises(Refusal) as refused:
        enrol(officer, unvouched, policy)
    assert refused.value.code == "PASSKEY-MODEL"
    itself = Authenticator()
    with pytest.raises(Refusal) as refused:
        enrol(officer, itself, policy, itself.vouch_for_itself(begin(officer)))
    assert refused.value.code == "PASSKEY-MODEL"
    foreign = Authenticator()
    foreign.maker = (other_key, other_certificate)
    with pytest.raises(Refusal) as refused:
        enrol(officer, foreign, policy)
    assert refused.value.code == "PASSKEY-REFUSED"
    forged = Authenticator()
    forged.maker = (other_key, certificate)
    with pytest.raises(Refusal):
        enrol(officer, forged, policy)
    good = Authenticator()
    good.maker = (key, certificate)
    assert enrol(officer, good, policy).officer == "m.orel"


def test_where_models_are_listed_others_are_refused(officer: sqlite3.Connection) -> None:
    listed = "d8522d9f-575b-4866-88a9-ba99fa02f35b"
    with pytest.raises(Refusal) as refused:
        enrol(officer, Authenticator(), msgspec.structs.replace(POLICY, models=frozenset({"other"})))
    assert refused.value.code == "PASSKEY-MODEL"
    enrol(officer, Authenticator(), msgspec.structs.replace(POLICY, models=frozenset({listed})))


def test_the_last_proof_of_an_officer_is_not_removed_by_the_officer(officer: sqlite3.Connection) -> None:
    first, second = enrol(officer, Authenticator()), enrol(officer, Authenticator())
    for unknown in ("", "zz", "00"):
        with pytest.raises(Refusal) as refused:
            passkeys.remove_passkey(officer, "m.orel", unknown)
        assert refused.value.code == "UNKNOWN-PASSKEY"
    passkeys.remove_passkey(officer, "m.orel", first.id)
    with pytest.raises(Refusal) as refused:
        passkeys.remove_passkey(officer, "m.orel", second.id)
    assert refused.value.code == "LAST-PASSKEY"
    set_password(officer, "m.orel", password="a long enough one")
    passkeys.remove_passkey(officer, "m.orel", second.id)
    third = enrol(officer, Authenticator())
    officer.execute("DELETE FROM office_passwords")
    passkeys.remove_passkey(officer, "m.orel", third.id, last=True)
    assert passkeys.list_passkeys(officer, "m.orel") == []


def test_a_passkey_has_a_name_and_an_officer_not_too_many_of_them(officer: sqlite3.Connection) -> None:
    for label in ("", "  ", "a\nb"):
        answer = ceremonies.read(Authenticator().make(begin(officer)))
        with pytest.raises(Refusal) as refused:
            passkeys.enrol(officer, "m.orel", answer, POLICY, label, NOW)
        assert (refused.value.code, refused.value.path) == ("NOT-GIVEN", "label")
    for _ in range(passkeys.PASSKEYS_LIMIT):
        enrol(officer, Authenticator())
    with pytest.raises(Refusal) as refused:
        enrol(officer, Authenticator())
    assert refused.value.code == "TOO-MANY-PASSKEYS"


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=12), inner, max_size=3),
    max_leaves=8,
)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(field=st.sampled_from(("id", "rawId", "type", "response", "clientDataJSON", "signature")), value=_JSON)
def test_anything_in_place_of_a_part_is_refused(
    officer: sqlite3.Connection, field: str, value: object
) -> None:
    key = Authenticator()
    if not passkeys.list_passkeys(officer, "m.orel"):
        enrol(officer, key)
    whole = json.loads(key.answer(ask(officer)))
    target = whole if field in whole else whole["response"]
    target[field] = value
    assert refusal_of(officer, json.dumps(whole)).startswith(("PASSKEY", "CHALLENGE"))


@settings(max_examples=150, deadline=None)
@given(st.text(max_size=200) | st.binary(max_size=60).map(lambda data: json.dumps({"id": b64(data)})))
def test_what_is_no_answer_is_refused_and_never_a_crash(text: str) -> None:
    with pytest.raises(Refusal) as refused:
        ceremonies.read(text)
    assert refused.value.code == "PASSKEY-UNREADABLE"


def test_an_answer_without_end_is_not_read() -> None:
    with pytest.raises(Refusal):
        ceremonies.read("[" * 100_000)
    with pytest.raises(Refusal):
        ceremonies.read("[" * 20_000)
