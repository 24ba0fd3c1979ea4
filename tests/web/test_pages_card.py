"""Signing in with a card over a real TLS terminator; a header that anybody else writes is nothing."""

import base64
import ssl
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import httpx
import pytest
from tests.identity.country_ca import SERVER, CountryCa, Issued
from tests.web.at_the_provider import last_reason
from tests.web.console_network import OWNER, Browser, Network, Server, add_officer, token_in
from tests.web.markup import Page
from tests.web.side_server import serving
from tests.web.tls_terminator import Terminator

from allpoints.identity import vouched
from allpoints.web.terminator import Terminators

SECRET = "between terminator and node"
CA = CountryCa()
ANNA, BRUNO, STRANGER = (CA.issue(name) for name in ("Anna Rask", "Bruno Vell", "Stranger"))


def set_to(network: Network, folder: Path, **given: object) -> None:
    """The node takes cards by these settings from now on; by default it does."""
    (folder / "roots.pem").write_bytes(CA.pem)
    (folder / "secret").write_text(SECRET)
    values = {
        "card.roots": str(folder / "roots.pem"),
        "card.secret_file": str(folder / "secret"),
        "card.terminators": "127.0.0.1",
        **{f"card.{name}": value for name, value in given.items()},
    }
    settings = network.hosts[OWNER].settings
    for path, value in values.items():
        settings._values[path] = settings._values[path]._replace(value=value)
    network.apps[OWNER].terminators = Terminators(settings)
    network.console(OWNER).cards = True


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("cards")


@pytest.fixture(scope="module")
def gate(network: Network, folder: Path) -> Iterator[Terminator]:
    """The node behind a terminator, with officers whose cards the bureau knows."""
    held = dict(network.hosts[OWNER].settings._values)
    set_to(network, folder)
    db = network.hosts[OWNER].office.db
    for name, kind, value in (
        ("anna.rask", vouched.CARD, ANNA.fingerprint),
        ("bruno.vell", vouched.CARD_SUBJECT, "CN=Bruno Vell,O=Police of Arvandia,C=XA"),
    ):
        network.do(OWNER, partial(add_officer, network.hosts[OWNER], name, "desk"))
        network.do(OWNER, partial(vouched.vouch, db, name, kind, value, 0))
    server = network.run(Server.start(network.apps[OWNER]))
    issued = CountryCa("Servers").issue("gate", uses=(SERVER,), hosts=("localhost",)).write(folder, "server")
    with serving(Terminator(server.address, issued, folder / "roots.pem", SECRET)) as made:
        yield made
    network.run(server.stop())
    settings = network.hosts[OWNER].settings
    settings._values = held
    network.apps[OWNER].terminators = Terminators(settings)
    network.console(OWNER).cards = False


@pytest.fixture(autouse=True)
def _as_at_first(network: Network, folder: Path, gate: Terminator) -> None:
    del gate
    set_to(network, folder, revoked="", fresh=False, terminators="127.0.0.1")


def with_card(gate: Terminator, folder: Path, shown: Issued | None) -> httpx.Client:
    """A browser at the terminator, with this card in its reader."""
    tls = ssl.create_default_context(cafile=str(folder / "server.pem"))
    tls.check_hostname = False
    tls.verify_mode = ssl.CERT_NONE  # whom the browser trusts is not what is tested
    if shown is not None:
        tls.load_cert_chain(*shown.write(folder, "card"))
    return httpx.Client(base_url=gate.address, verify=tls, timeout=30, headers={"accept": "text/html"})


def signs_in(browser: httpx.Client, **headers: str) -> httpx.Response:
    fields = {"csrf": token_in(browser.get("/en/sign-in").text), "next": "/en/state"}
    return browser.post("/en/sign-in/card", data=fields, headers=headers)


def test_an_officer_signs_in_with_the_card_that_the_bureau_knows(
    network: Network, folder: Path, gate: Terminator
) -> None:
    with with_card(gate, folder, ANNA) as browser:
        page = browser.get("/en/sign-in")
        assert "Sign in with your card" in page.text
        assert Page(page.text).faults == []
        answer = signs_in(browser)
        assert (answer.status_code, answer.headers["location"]) == (303, "/en/state")
        assert "anna.rask" in browser.get("/en/state").text
    (one,) = vouched.list_vouched(network.hosts[OWNER].office.db, "anna.rask")
    assert one.used_ms > 0


def test_a_card_is_known_by_its_subject_where_the_bureau_said_so(
    network: Network, folder: Path, gate: Terminator
) -> None:
    for shown in (BRUNO, CA.issue("Bruno Vell")):
        with with_card(gate, folder, shown) as browser:
            assert signs_in(browser).status_code == 303
    with with_card(gate, folder, CA.issue("Anna Rask")) as browser:
        refused = signs_in(browser)
        assert refused.status_code == 403
        assert "no officer&#39;s of this node" in refused.text


def test_a_card_of_nobody_and_no_card_at_all_are_refused(
    network: Network, folder: Path, gate: Terminator
) -> None:
    with with_card(gate, folder, STRANGER) as browser:
        assert signs_in(browser).status_code == 403
        assert last_reason(network) == f"NOT-VOUCHED {STRANGER.fingerprint}"
    with with_card(gate, folder, None) as browser:
        refused = signs_in(browser)
        assert refused.status_code == 401
        assert "No card was shown" in refused.text
        assert Page(refused.text).faults == []


def test_a_header_that_a_caller_writes_at_the_terminator_is_replaced(
    network: Network, folder: Path, gate: Terminator
) -> None:
    forged = f":{base64.b64encode(ANNA.der).decode()}:"
    with with_card(gate, folder, None) as browser:
        assert signs_in(browser, **{"Client-Cert": forged}).status_code == 401
    with with_card(gate, folder, BRUNO) as browser:
        assert signs_in(browser, **{"Client-Cert": forged}).status_code == 303
        assert "bruno.vell" in browser.get("/en/state").text


def from_elsewhere(network: Network, **headers: str) -> httpx.Response:
    """A caller that reaches the node itself; its address is 127.0.0.1, as the terminator's is."""
    browser = Browser(network, OWNER)
    fields = {"csrf": token_in(browser.get("/en/sign-in").text), "next": ""}
    return network.run(browser.client.post("/en/sign-in/card", data=fields, headers=headers))


def test_a_header_from_elsewhere_is_refused_beside_the_terminators(network: Network, folder: Path) -> None:
    shown = f":{base64.b64encode(ANNA.der).decode()}:"
    right = {"Client-Cert": shown, "Allpoints-Terminator": SECRET}
    assert from_elsewhere(network, **right).status_code == 303
    assert from_elsewhere(network, **{"Client-Cert": shown}).status_code == 401
    assert from_elsewhere(network, **{**right, "Allpoints-Terminator": "guessed"}).status_code == 401
    assert from_elsewhere(network, **{**right, "X-Forwarded-For": "127.0.0.1"}).status_code == 303
    set_to(network, folder, terminators="10.0.0.0/8")
    assert from_elsewhere(network, **right).status_code == 401
    assert from_elsewhere(network, **{**right, "X-Forwarded-For": "10.0.0.1"}).status_code == 401
    assert last_reason(network) == "CARD-MISSING"


def test_a_certificate_twice_is_none(network: Network) -> None:
    browser = Browser(network, OWNER)
    fields = {"csrf": token_in(browser.get("/en/sign-in").text), "next": ""}
    shown = [("Client-Cert", f":{base64.b64encode(one.der).decode()}:") for one in (ANNA, BRUNO)]
    headers = [*shown, ("Allpoints-Terminator", SECRET)]
    assert (
        network.run(browser.client.post("/en/sign-in/card", data=fields, headers=headers)).status_code == 401
    )


def test_cards_of_another_authority_are_refused_whatever_the_terminator_says(network: Network) -> None:
    other = CountryCa().issue("Bruno Vell")
    headers = {"Client-Cert": f":{base64.b64encode(other.der).decode()}:", "Allpoints-Terminator": SECRET}
    assert from_elsewhere(network, **headers).status_code == 401
    assert last_reason(network) == "CARD-REFUSED chain"


def test_a_revoked_card_is_refused_from_the_next_list_on(
    network: Network, folder: Path, gate: Terminator
) -> None:
    listed = folder / "revoked.pem"
    listed.write_bytes(CA.revoked(STRANGER))
    set_to(network, folder, revoked=str(listed))
    with with_card(gate, folder, ANNA) as browser:
        assert signs_in(browser).status_code == 303
    listed.write_bytes(CA.revoked(STRANGER, ANNA))
    with with_card(gate, folder, ANNA) as browser:
        assert signs_in(browser).status_code == 401
        assert last_reason(network) == "CARD-REFUSED revoked"
        listed.unlink()
        assert signs_in(browser).status_code == 503
        assert last_reason(network) == "CARD-LIST-OLD"


def test_a_card_that_stays_in_its_reader_is_no_fresh_proof_unless_each_handshake_asks_for_its_pin(
    network: Network, folder: Path, gate: Terminator
) -> None:
    for fresh in (False, True):
        set_to(network, folder, fresh=fresh)
        with with_card(gate, folder, ANNA) as browser:
            signs_in(browser)
            assert ("Make a new token" in browser.get("/en/account").text) is fresh


def test_where_no_cards_are_taken_there_is_no_such_sign_in(network: Network, folder: Path) -> None:
    set_to(network, folder, roots="", terminators="", secret_file="")
    network.console(OWNER).cards = False
    assert "/en/sign-in/card" not in Browser(network, OWNER).get("/en/sign-in").text
    headers = {"Client-Cert": f":{base64.b64encode(ANNA.der).decode()}:", "Allpoints-Terminator": ""}
    assert from_elsewhere(network, **headers).status_code == 409
    assert last_reason(network) == "CARDS-OFF"
