"""Signing in and confirming at an OpenID provider: a real one over TLS, honest once and lying in every other way."""

import ssl
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from joserfc import jwt
from joserfc.jwk import ECKey
from tests.web.at_the_provider import come_back, last_reason, led_to, set_out, signed_in
from tests.web.console_network import OWNER, Browser, Network, add_officer, token_in
from tests.web.markup import Page
from tests.web.oidc_provider import CLIENT, SECRET, OidcProvider, by_public_key, unsigned, with_query
from tests.web.side_server import serving
from tests.web.test_pages_proving import grow_old
from tests.web.test_pages_signing_in import events

from allpoints.identity import vouched
from allpoints.identity.id_token import Terms
from allpoints.identity.officers import find_officer
from allpoints.node.provider import Provider, Registration
from allpoints.node.provider_settings import BACK

ADDRESS = "http://node.example"


@pytest.fixture(scope="module")
def provider(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OidcProvider]:
    with serving(OidcProvider(tmp_path_factory.mktemp("provider"), ADDRESS + BACK)) as made:
        yield made


@pytest.fixture(autouse=True)
def _honest(network: Network, provider: OidcProvider) -> Iterator[None]:
    """The provider tells the truth, and the node knows it and the officer vera there."""
    provider.subject, provider.changed, provider.forged = "8f1c2d", dict, None
    terms = Terms(provider.issuer, CLIENT)
    console = network.console(OWNER)
    console.provider = Provider(
        Registration(terms, ADDRESS + BACK, SECRET), network.hosts[OWNER].clock, provider.tls
    )
    db = network.hosts[OWNER].office.db
    if find_officer(db, "vera") is None:
        network.do(OWNER, partial(add_officer, network.hosts[OWNER], "vera", "desk"))
        value = vouched.of_provider(provider.issuer, "8f1c2d")
        network.do(OWNER, lambda: vouched.vouch(db, "vera", vouched.PROVIDER, value, 0))
    yield
    console.provider = None


def test_an_officer_whom_the_bureau_enrolled_signs_in_at_the_provider(
    network: Network, provider: OidcProvider
) -> None:
    browser, answer = signed_in(network, provider)
    assert (answer.status_code, answer.headers["location"]) == (303, "/en/state")
    assert "vera" in browser.get("/en/state").text
    assert "officer:signed-in" in events(network, OWNER, "vera")


def test_what_is_asked_of_the_provider_is_bound_to_this_sign_in(
    network: Network, provider: OidcProvider
) -> None:
    asked = [parse_qs(urlsplit(set_out(Browser(network, OWNER))).query) for _ in range(2)]
    for one in asked:
        assert one["response_type"] == ["code"]
        assert one["scope"] == ["openid"]
        assert one["redirect_uri"] == [ADDRESS + BACK]
        assert one["code_challenge_method"] == ["S256"]
    for name in ("state", "nonce", "code_challenge"):
        assert asked[0][name] != asked[1][name]
    assert provider.issuer in set_out(Browser(network, OWNER))


def test_roles_come_from_the_bureau_and_never_from_what_the_provider_claims(
    network: Network, provider: OidcProvider
) -> None:
    provider.changed = lambda claims: {**claims, "roles": ["administrator"], "groups": ["administrator"]}
    browser, answer = signed_in(network, provider)
    assert answer.status_code == 303
    assert browser.get("/en/officers").status_code == 403


def test_a_subject_of_nobody_is_nobody_and_is_not_entered(network: Network, provider: OidcProvider) -> None:
    provider.subject = "stranger"
    _browser, answer = signed_in(network, provider)
    assert answer.status_code == 403
    assert "stranger, and that is no officer of this node" in answer.text
    assert find_officer(network.hosts[OWNER].office.db, "stranger") is None


def test_a_subject_of_the_same_name_at_another_provider_is_somebody_else(
    network: Network, provider: OidcProvider
) -> None:
    db = network.hosts[OWNER].office.db
    network.do(OWNER, partial(add_officer, network.hosts[OWNER], "viktor", "desk"))
    value = vouched.of_provider("https://other.example", "7a")
    network.do(OWNER, lambda: vouched.vouch(db, "viktor", vouched.PROVIDER, value, 0))
    provider.subject = "7a"
    assert signed_in(network, provider)[1].status_code == 403
    value = vouched.of_provider(provider.issuer, "7a")
    network.do(OWNER, lambda: vouched.vouch(db, "viktor", vouched.PROVIDER, value, 0))
    assert signed_in(network, provider)[1].status_code == 303


def _by_another_key(claims: dict[str, Any]) -> str:
    return jwt.encode({"alg": "ES256", "kid": "one"}, claims, ECKey.generate_key("P-256"))


LIES: list[tuple[str, dict[str, Any]]] = [
    ("iss", {"iss": "https://other.example"}),
    ("aud", {"aud": "another-client"}),
    ("aud", {"aud": [CLIENT, "another-client"]}),
    ("azp", {"azp": "another-client"}),
    ("exp", {"exp": 1_000_000_000}),
    ("iat", {"iat": 1_000_000_000}),
    ("nbf", {"nbf": 99_999_999_999}),
    ("nonce", {"nonce": "of-another-sign-in"}),
    ("sub", {"sub": ""}),
]


@pytest.mark.parametrize(("word", "changed"), LIES, ids=[f"{word}-{n}" for n, (word, _) in enumerate(LIES)])
def test_a_token_that_lies_is_refused_beside_the_true_one(
    network: Network, provider: OidcProvider, word: str, changed: dict[str, Any]
) -> None:
    provider.changed = lambda claims: {**claims, **changed}
    assert signed_in(network, provider)[1].status_code == 401
    assert last_reason(network) == f"PROVIDER-TOKEN {word}"
    provider.changed = dict
    assert signed_in(network, provider)[1].status_code == 303


@pytest.mark.parametrize("way", ["none", "public key as secret", "another key"])
def test_a_token_that_the_provider_did_not_sign_is_refused(
    network: Network, provider: OidcProvider, way: str
) -> None:
    public = provider.key.as_pem(private=False)

    ways: dict[str, Callable[[dict[str, Any]], str]] = {
        "none": unsigned,
        "public key as secret": partial(by_public_key, public),
        "another key": _by_another_key,
    }
    provider.forged = ways[way]
    assert signed_in(network, provider)[1].status_code == 401
    assert last_reason(network) == "PROVIDER-TOKEN signature"
    provider.forged = None
    assert signed_in(network, provider)[1].status_code == 303


def test_a_code_is_taken_once_by_the_node_and_by_the_provider(
    network: Network, provider: OidcProvider
) -> None:
    browser = Browser(network, OWNER)
    address = provider.authorize(set_out(browser))
    other = provider.authorize(set_out(browser))
    again = Browser(network, OWNER)
    again.client.cookies.update(browser.client.cookies)
    assert come_back(browser, address).status_code == 303
    replayed = come_back(again, address)
    assert replayed.status_code == 403
    assert last_reason(network) == "CHALLENGE-STALE"
    code = parse_qs(urlsplit(address).query)["code"][0]
    swapped = Browser(network, OWNER)
    state = parse_qs(urlsplit(set_out(swapped)).query)["state"][0]
    assert come_back(swapped, ADDRESS + with_query(address, code=code, state=state)).status_code == 403
    assert last_reason(network) == "PROVIDER-REFUSED"
    assert other != address


def test_a_code_of_another_browser_is_not_redeemed_here(network: Network, provider: OidcProvider) -> None:
    """The code verifier follows from the state, so a stolen code is worth nothing in a thief's own sign-in."""
    victim, thief = Browser(network, OWNER), Browser(network, OWNER)
    stolen = parse_qs(urlsplit(provider.authorize(set_out(victim))).query)["code"][0]
    own = provider.authorize(set_out(thief))
    assert come_back(thief, ADDRESS + with_query(own, code=stolen)).status_code == 403
    assert last_reason(network) == "PROVIDER-REFUSED"


@pytest.mark.parametrize("state", ["", "sign-in.AAAA.", "sign-in.!.", "verify.AAAA.AAAA", "x" * 2_000, "a.b"])
def test_without_the_state_of_this_browser_nobody_is_signed_in(
    network: Network, provider: OidcProvider, state: str
) -> None:
    """Else another site could sign a browser in as somebody whom that site chose."""
    browser = Browser(network, OWNER)
    address = provider.authorize(set_out(browser))
    asked = len(provider.asked)
    path = with_query(address, state=state).replace(BACK, "/en/sign-in/provider")
    refused = browser.get(path)
    assert refused.status_code == 403
    assert len(provider.asked) == asked
    assert come_back(browser, address).status_code == 303


def test_the_state_of_another_browser_signs_nobody_in(network: Network, provider: OidcProvider) -> None:
    """An attacker's own answer of the provider, followed by a victim, is refused."""
    attacker, victim = Browser(network, OWNER), Browser(network, OWNER)
    address = provider.authorize(set_out(attacker))
    set_out(victim)
    assert come_back(victim, address).status_code == 403
    assert come_back(attacker, address).status_code == 303


def test_an_answer_that_names_another_provider_is_not_taken_to_this_one(
    network: Network, provider: OidcProvider
) -> None:
    """A mix-up: the code would be handed to a provider that it is not of (RFC 9207)."""
    browser = Browser(network, OWNER)
    address = provider.authorize(set_out(browser))
    asked = len(provider.asked)
    refused = come_back(browser, ADDRESS + with_query(address, iss="https://other.example"))
    assert refused.status_code == 403
    assert last_reason(network) == "PROVIDER-OTHER iss"
    assert len(provider.asked) == asked
    again = provider.authorize(set_out(browser))
    assert come_back(browser, ADDRESS + with_query(again, iss=provider.issuer)).status_code == 303


def test_who_breaks_off_at_the_provider_is_told_so(network: Network, provider: OidcProvider) -> None:
    browser = Browser(network, OWNER)
    address = provider.authorize(set_out(browser))
    refused = come_back(browser, ADDRESS + with_query(address, code="", error="access_denied"))
    assert refused.status_code == 403
    assert "did not say who you are" in refused.text
    assert Page(refused.text).faults == []


def test_what_the_setting_demands_of_strength_and_means_must_be_claimed(
    network: Network, provider: OidcProvider
) -> None:
    console = network.console(OWNER)

    def demands(acr: frozenset[str], amr: frozenset[str]) -> None:
        terms = Terms(provider.issuer, CLIENT, acr, amr)
        registration = Registration(terms, ADDRESS + BACK, SECRET)
        console.provider = Provider(registration, network.hosts[OWNER].clock, provider.tls)

    demands(frozenset({"highest"}), frozenset())
    assert signed_in(network, provider)[1].status_code == 401
    assert last_reason(network) == "PROVIDER-TOKEN acr"
    demands(frozenset({"high", "highest"}), frozenset({"hwk", "face"}))
    assert signed_in(network, provider)[1].status_code == 401
    assert last_reason(network) == "PROVIDER-TOKEN amr"
    demands(frozenset({"high", "highest"}), frozenset({"hwk", "pin"}))
    assert signed_in(network, provider)[1].status_code == 303


def test_a_provider_that_calls_itself_otherwise_is_not_believed(
    network: Network, provider: OidcProvider
) -> None:
    terms = Terms(f"{provider.issuer}/", CLIENT)
    registration = Registration(terms, ADDRESS + BACK, SECRET)
    network.console(OWNER).provider = Provider(registration, network.hosts[OWNER].clock, provider.tls)
    browser = Browser(network, OWNER)
    fields = {"csrf": token_in(browser.get("/en/sign-in").text), "next": ""}
    answer = network.run(browser.client.post("/en/sign-in/provider", data=fields))
    assert answer.status_code == 403
    assert "answers otherwise than a provider does" in answer.text


def test_a_provider_whose_certificate_leads_elsewhere_is_not_asked(
    network: Network, provider: OidcProvider
) -> None:
    registration = Registration(Terms(provider.issuer, CLIENT), ADDRESS + BACK, SECRET)
    clock = network.hosts[OWNER].clock
    network.console(OWNER).provider = Provider(registration, clock, ssl.create_default_context())
    browser = Browser(network, OWNER)
    fields = {"csrf": token_in(browser.get("/en/sign-in").text), "next": ""}
    answer = network.run(browser.client.post("/en/sign-in/provider", data=fields))
    assert answer.status_code == 503


def test_the_keys_of_the_provider_change_and_are_asked_for_anew_but_seldom(
    network: Network, provider: OidcProvider
) -> None:
    assert signed_in(network, provider)[1].status_code == 303
    held = provider.key
    provider.key = ECKey.generate_key("P-256", parameters={"kid": "two", "use": "sig", "alg": "ES256"})
    try:
        asked = provider.asked.count("/keys")
        assert signed_in(network, provider)[1].status_code == 401
        assert provider.asked.count("/keys") == asked
        kept = network.console(OWNER).provider
        assert kept is not None
        kept._keys = (0, kept._keys[1])
        assert signed_in(network, provider)[1].status_code == 303
    finally:
        provider.key = held


def test_a_step_up_has_the_provider_see_again_who_it_is(network: Network, provider: OidcProvider) -> None:
    browser, _ = signed_in(network, provider)
    grow_old(network)
    page = browser.get("/en/verify?next=/en/account")
    assert "Confirm at" in page.text
    address = set_out(browser, "/en/verify", "/en/account")
    asked = parse_qs(urlsplit(address).query)
    assert (asked["prompt"], asked["max_age"]) == (["login"], ["0"])
    done = come_back(browser, provider.authorize(address))
    assert (done.status_code, done.headers["location"]) == (303, "/en/account")
    assert "Make a new token" in browser.get("/en/account").text
    assert "officer:verified" in events(network, OWNER, "vera")


def test_a_step_up_that_the_provider_only_remembers_is_none(network: Network, provider: OidcProvider) -> None:
    browser, _ = signed_in(network, provider)
    grow_old(network)
    provider.changed = lambda claims: {**claims, "auth_time": claims["iat"] - 3_600}
    address = provider.authorize(set_out(browser, "/en/verify"))
    assert come_back(browser, address).status_code == 401
    assert last_reason(network) == "PROVIDER-TOKEN auth_time"
    assert "Make a new token" not in browser.get("/en/account").text


def test_a_step_up_by_somebody_else_or_meant_for_a_sign_in_is_none(
    network: Network, provider: OidcProvider
) -> None:
    browser, _ = signed_in(network, provider)
    grow_old(network)
    for_sign_in = provider.authorize(set_out(Browser(network, OWNER)))
    path = with_query(for_sign_in).replace(BACK, "/en/verify/provider")
    assert browser.get(path).status_code == 403
    provider.subject = "7a"
    assert come_back(browser, provider.authorize(set_out(browser, "/en/verify"))).status_code == 403
    assert "Make a new token" not in browser.get("/en/account").text


def test_signing_out_leads_over_the_end_of_the_session_there(
    network: Network, provider: OidcProvider
) -> None:
    browser, _ = signed_in(network, provider)
    answer = browser.post("/en/sign-out", {})
    assert led_to(answer).startswith(f"{provider.here}/leave?client_id={CLIENT}")
    assert browser.get("/en/desk").headers["location"].startswith("/en/sign-in")
    with_password = Browser(network, OWNER, "dana")
    assert with_password.post("/en/sign-out", {}).headers["location"] == "/en/sign-in"


def test_an_administrator_says_who_is_whom_and_takes_it_back(
    network: Network, provider: OidcProvider
) -> None:
    ada = Browser(network, OWNER, "ada")
    network.do(OWNER, partial(add_officer, network.hosts[OWNER], "wanda", "desk"))
    held = network.hosts[OWNER].settings._values["provider.issuer"]
    network.hosts[OWNER].settings._values["provider.issuer"] = held._replace(value=provider.issuer)
    try:
        assert "Provider and cards" in ada.get("/en/officers/wanda").text
        provider.subject = "99"
        assert signed_in(network, provider)[1].status_code == 403
        fields = {"act": "vouch", "kind": "provider", "value": "99"}
        assert ada.post("/en/officers/wanda", fields).status_code == 303
        twice = ada.post("/en/officers/vera", fields)
        assert twice.status_code == 409
        assert Page(ada.get("/en/officers/wanda").text).faults == []
        browser, answer = signed_in(network, provider)
        assert answer.status_code == 303
        (one,) = vouched.list_vouched(network.hosts[OWNER].office.db, "wanda")
        assert one.used_ms > 0
        ada.post("/en/officers/wanda", {"act": "unvouch", "vouched": one.id})
        assert browser.get("/en/desk").headers["location"].startswith("/en/sign-in")
        assert signed_in(network, provider)[1].status_code == 403
    finally:
        network.hosts[OWNER].settings._values["provider.issuer"] = held


def test_where_no_provider_is_set_there_is_no_such_sign_in(network: Network) -> None:
    network.console(OWNER).provider = None
    browser = Browser(network, OWNER)
    page = browser.get("/en/sign-in")
    assert "/en/sign-in/provider" not in page.text
    fields = {"csrf": token_in(page.text), "next": ""}
    assert network.run(browser.client.post("/en/sign-in/provider", data=fields)).status_code == 409
    assert browser.get("/en/sign-in/provider?code=x&state=y").status_code == 409
