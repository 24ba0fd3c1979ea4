"""An administrator certifies an officer over the API: who may, what it opens, and that it ends at once."""

from functools import partial
from typing import Any

import httpx
import pytest
from tests.web.console_network import OWNER, POST, Browser, Network, add_officer

from allpoints.identity import officers, tokens
from allpoints.ledger import audit

PURPOSE = {"allpoints-purpose": "border-control", "allpoints-case": "C-1"}


class Program:
    """A program with the token of one officer."""

    def __init__(self, network: Network, node: str, name: str) -> None:
        self.network = network
        db = network.hosts[node].office.db
        token = network.do(node, lambda: tokens.issue_token(db, name, 0, officers.PERMISSIONS))
        self.client = Browser(network, node).client
        self.client.headers.update({"authorization": f"Bearer {token}", **PURPOSE})

    def __call__(self, method: str, path: str, **options: Any) -> httpx.Response:
        return self.network.run(self.client.request(method, path, **options))


@pytest.fixture(scope="module")
def administrator(network: Network) -> Program:
    host = network.hosts[OWNER]
    network.do(OWNER, partial(add_officer, host, "nell", "desk"))
    return Program(network, OWNER, "ada")


def listed(program: Program) -> bool:
    return "ballistics" in {one["name"] for one in program("GET", "/api/v1/registers").json()}


def test_a_certification_opens_a_register_at_once_and_ends_at_once(
    network: Network, administrator: Program
) -> None:
    nell, path = Program(network, OWNER, "nell"), "/api/v1/officers/nell/certifications"
    asked = "/api/v1/search?register=ballistics&ref=x"
    assert (listed(nell), nell("GET", asked).json()["code"]) == (False, "UNKNOWN-REGISTER")
    given = administrator("POST", path, json={"register": "ballistics"})
    assert (given.status_code, given.json()) == (200, {"name": "nell", "certified": ["ballistics"]})
    assert (listed(nell), nell("GET", asked).status_code) == (True, 200)
    shown = {one["name"]: one["certified"] for one in administrator("GET", "/api/v1/officers").json()}
    assert (shown["nell"], shown["dana"]) == (["ballistics"], [])
    taken = administrator("DELETE", f"{path}/ballistics")
    assert (taken.status_code, taken.json()["certified"]) == (200, [])
    assert (listed(nell), nell("GET", asked).json()["code"]) == (False, "UNKNOWN-REGISTER")
    events = [line.event for line in audit.lines(network.hosts[OWNER].office.db, limit=50)]
    assert events.index("officer:decertified") < events.index("officer:certified")


def test_an_open_page_of_the_officer_ends_with_the_certification(
    network: Network, administrator: Program
) -> None:
    path = "/api/v1/officers/nell/certifications"
    administrator("POST", path, json={"register": "ballistics"})
    browser = Browser(network, OWNER, "nell").look_for()
    assert browser.get("/en/registers/ballistics").status_code == 200
    administrator("DELETE", f"{path}/ballistics")
    assert browser.get("/en/registers/ballistics").headers["location"].startswith("/en/sign-in")
    again = Browser(network, OWNER, "nell").look_for()
    assert again.get("/en/registers/ballistics").status_code == 404


@pytest.mark.parametrize(
    ("name", "register", "status", "code"),
    [
        ("nell", "persons", 422, "NOT-CERTIFIABLE"),
        ("nell", "never-things", 422, "NOT-CERTIFIABLE"),
        ("nobody", "ballistics", 404, "UNKNOWN-OFFICER"),
    ],
)
def test_what_cannot_be_certified_is_refused_with_what_can(
    administrator: Program, name: str, register: str, status: int, code: str
) -> None:
    refused = administrator("POST", f"/api/v1/officers/{name}/certifications", json={"register": register})
    assert (refused.status_code, refused.json()["code"]) == (status, code)
    assert (code != "NOT-CERTIFIABLE") or "ballistics" in refused.json()["hint"]
    taken = administrator("DELETE", f"/api/v1/officers/{name}/certifications/{register}")
    assert taken.status_code == 404


def test_a_post_certifies_nobody(network: Network) -> None:
    pavel = Program(network, POST, "pavel")
    for method, path, body in (
        ("POST", "/api/v1/officers/pia/certifications", {"register": "ballistics"}),
        ("DELETE", "/api/v1/officers/pia/certifications/ballistics", None),
    ):
        assert pavel(method, path, json=body).json()["code"] == "NOT-AT-POST"
