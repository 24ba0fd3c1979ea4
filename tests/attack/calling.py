"""Programs that call a node's API: in any role, with or without purpose, signed in or not."""

from typing import Any

import httpx
from tests.web.console_network import Network

from allpoints.identity import officers, tokens
from allpoints.identity.officers import ROLES

PURPOSE = {"Allpoints-Purpose": "border-control", "Allpoints-Case": "C-1"}
PROBLEM = "application/problem+json"


class Caller:
    """Calls one node's application in its own process, as an officer of the role that is asked for."""

    def __init__(self, town: Network, node: str) -> None:
        self.town = town
        self.node = node
        app: Any = town.apps[node]
        # What the application raises is answered by the server with 500: here it must show.
        transport = httpx.ASGITransport(app=app, raise_app_exceptions=True)
        self.client = httpx.AsyncClient(transport=transport, base_url="http://node.example")
        self.tokens = {role: self._token(role) for role in ROLES}

    def _token(self, role: str) -> str:
        host, name = self.town.hosts[self.node], f"attacker-{role}"

        def made() -> str:
            db = host.office.db
            officers.add_officer(db, name, [role], host.clock.now())
            return tokens.issue_token(db, name, host.clock.now(), officers.PERMISSIONS)

        return self.town.do(self.node, made)

    def call(
        self, method: str, path: str, role: str = "", *, purpose: bool = True, **options: Any
    ) -> httpx.Response:
        """One request; without a role nobody is signed in."""
        headers = {"Authorization": f"Bearer {self.tokens[role]}"} if role else {}
        headers |= PURPOSE if purpose else {}
        headers |= options.pop("headers", {})
        return self.town.run(self.client.request(method, path, headers=headers, **options))


def problem(answer: httpx.Response, status: int) -> str:
    """The code of a problem body, after a look at its whole form."""
    assert answer.status_code == status, (answer.request.url, answer.status_code, answer.text[:400])
    assert answer.headers["content-type"] == PROBLEM, answer.headers
    assert answer.headers["cache-control"] == "no-store"
    body = answer.json()
    assert {"type", "title", "status", "code", "detail"} <= set(body), body
    assert body["status"] == status
    assert body["code"] == body["code"].upper()
    return str(body["code"])
