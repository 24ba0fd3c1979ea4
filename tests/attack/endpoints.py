"""Every endpoint of the API with who may call it, and how much lies in a node's tables."""

from typing import Any, NamedTuple

import pytest
from tests.web.console_network import OWNER, SEARCHER, SECRETARIAT, Network

from allpoints.identity.officers import OUTSIDER, ROLES

NOBODY = "0" * 32
OUTSIDERS = frozenset({OUTSIDER})
EVERYONE = frozenset(ROLES) - OUTSIDERS
"""Every officer of the node; an outsider is none."""
DESK = frozenset({"desk"})
OVERSEERS = frozenset({"overseer"})
READERS = frozenset({"desk", "command"})
CHECKERS = frozenset({"border", "desk", "command"})
NOTICES = frozenset({"desk", "command", "reviewer"})
REVIEW = frozenset({"reviewer", "command"})
REVIEWERS = frozenset({"reviewer"})
ADMINISTRATORS = frozenset({"administrator"})
OVERSIGHT = frozenset({"administrator", "command"})
OFFICE = NOTICES | ADMINISTRATORS


class Endpoint(NamedTuple):
    """Who may call it at which node, whether a purpose is due, and a body that is understood."""

    roles: frozenset[str]
    purpose: bool = False
    body: Any = None
    node: str = OWNER
    query: str = ""


RECORD = {
    "document_number": "AA000001",
    "issuer": OWNER,
    "document_type": "passport",
    "fraud": "stolen",
    "source_ref": "x",
}
LINK = {"source": NOBODY, "target": "1" * 32, "relation": "bears", "reason": "y"}
NOTICE = {"owner_ref": "N-9", "body": {"family_name": "Bellweather"}, "kind": "red"}
ENDING = {"code": "OTHER", "reason": "Over."}
PISTOL = {"serial": "K1", "make": "Norvik", "unlisted": "u", "to": SEARCHER}
LETTER = {"to": [SEARCHER], "subject": "s", "text": "t"}
OPINION = {"verdict": "refuse", "codes": ["NEUTRALITY"], "text": "t"}

ENDPOINTS: dict[tuple[str, str], Endpoint] = {
    ("POST", "/api/v1/checks"): Endpoint(CHECKERS, True, {"number": "AA000001", "issuer": OWNER}),
    ("POST", "/api/v1/checks/batch"): Endpoint(CHECKERS, True, {"number": "AA000001", "issuer": OWNER}),
    ("GET", "/api/v1/search"): Endpoint(READERS, True, query="?number=AA000001&issuer=XAV"),
    ("GET", "/api/v1/records/{record:str}"): Endpoint(READERS, True),
    ("GET", "/api/v1/records/{record:str}/files/{sha256:str}"): Endpoint(READERS, True),
    ("POST", "/api/v1/files"): Endpoint(DESK, query="?media_type=text/plain&name=x.txt"),
    ("GET", "/api/v1/registers"): Endpoint(EVERYONE),
    ("GET", "/api/v1/registers/{name:str}"): Endpoint(EVERYONE),
    ("GET", "/api/v1/registers/{name:str}/template.csv"): Endpoint(EVERYONE),
    ("GET", "/api/v1/registers/{name:str}/form"): Endpoint(EVERYONE),
    ("GET", "/api/v1/registers/{name:str}/schema"): Endpoint(EVERYONE),
    ("GET", "/api/v1/registers/{name:str}/export/{form:str}"): Endpoint(DESK, True),
    ("POST", "/api/v1/registers/{name:str}/records"): Endpoint(DESK, True, RECORD),
    ("POST", "/api/v1/registers/{name:str}/withdrawals"): Endpoint(DESK, True, {"ref": "x", "reason": "y"}),
    ("POST", "/api/v1/registers/{name:str}/renewals"): Endpoint(DESK, True, {"ref": "x", "reason": "y"}),
    ("POST", "/api/v1/registers/{name:str}/achievements"): Endpoint(DESK, True, {"ref": "x", "reason": "y"}),
    ("GET", "/api/v1/expiring"): Endpoint(DESK, True),
    ("GET", "/api/v1/records/{record:str}/readers"): Endpoint(READERS, True),
    ("GET", "/api/v1/exclusions"): Endpoint(DESK, True),
    ("POST", "/api/v1/records/{record:str}/block"): Endpoint(REVIEW, True, {"reason": "y"}, SECRETARIAT),
    ("POST", "/api/v1/records/{record:str}/unblock"): Endpoint(REVIEW, True, {"reason": "y"}, SECRETARIAT),
    ("GET", "/api/v1/records/{record:str}/links"): Endpoint(READERS, True),
    ("POST", "/api/v1/links"): Endpoint(DESK, True, LINK),
    ("POST", "/api/v1/links/{link:str}/undoing"): Endpoint(DESK, True, {"reason": "y"}),
    ("POST", "/api/v1/imports"): Endpoint(DESK, True, query="?register=travel-documents"),
    ("GET", "/api/v1/imports"): Endpoint(DESK),
    ("GET", "/api/v1/imports/{identifier:str}"): Endpoint(DESK, True),
    ("POST", "/api/v1/imports/{identifier:str}/{act:str}"): Endpoint(DESK, True),
    ("GET", "/api/v1/notices"): Endpoint(NOTICES, True, query="?text=bellweather"),
    ("POST", "/api/v1/notices"): Endpoint(DESK, True, NOTICE),
    ("GET", "/api/v1/notices/{notice:str}"): Endpoint(NOTICES, True),
    ("POST", "/api/v1/notices/{notice:str}/withdrawal"): Endpoint(DESK, True, ENDING),
    ("GET", "/api/v1/submissions"): Endpoint(NOTICES, True),
    ("GET", "/api/v1/submissions/{identifier:str}"): Endpoint(NOTICES, True),
    ("POST", "/api/v1/submissions/{identifier:str}"): Endpoint(DESK, True, NOTICE),
    ("POST", "/api/v1/submissions/{identifier:str}/withdrawal"): Endpoint(DESK, True, ENDING),
    ("GET", "/api/v1/review"): Endpoint(REVIEW, True, node=SECRETARIAT),
    ("GET", "/api/v1/review/{case:str}"): Endpoint(REVIEWERS, True, node=SECRETARIAT),
    ("POST", "/api/v1/review/{case:str}/decisions"): Endpoint(REVIEWERS, True, OPINION, SECRETARIAT),
    ("POST", "/api/v1/review/{case:str}/waivers"): Endpoint(
        REVIEWERS, True, {"gate": "g", "why": "w"}, SECRETARIAT
    ),
    ("POST", "/api/v1/review/{case:str}/screening"): Endpoint(REVIEWERS, True, node=SECRETARIAT),
    ("POST", "/api/v1/cancellations"): Endpoint(REVIEWERS, True, {"notice": "2026/1", **ENDING}, SECRETARIAT),
    ("GET", "/api/v1/hits"): Endpoint(CHECKERS, True),
    ("GET", "/api/v1/hits/{hit:str}"): Endpoint(CHECKERS, True),
    ("POST", "/api/v1/hits/{hit:str}/answer"): Endpoint(READERS, True, {"state": "refuted", "reason": "r"}),
    ("GET", "/api/v1/traces"): Endpoint(READERS, True),
    ("POST", "/api/v1/traces"): Endpoint(READERS, True, PISTOL),
    ("GET", "/api/v1/traces/{trace:str}"): Endpoint(READERS, True),
    ("POST", "/api/v1/traces/{trace:str}/answer"): Endpoint(
        READERS, True, {"finding": "no-record", "text": "t"}
    ),
    ("POST", "/api/v1/traces/{trace:str}/next"): Endpoint(READERS, True, {"country": SEARCHER}),
    ("POST", "/api/v1/traces/{trace:str}/withdrawal"): Endpoint(READERS, True, {"reason": "r"}),
    ("GET", "/api/v1/messages"): Endpoint(NOTICES, True),
    ("POST", "/api/v1/messages"): Endpoint(NOTICES, True, LETTER),
    ("GET", "/api/v1/messages/{reference:str}"): Endpoint(NOTICES, True),
    ("POST", "/api/v1/message-files"): Endpoint(NOTICES, True, query="?name=x.txt"),
    ("POST", "/api/v1/message-uploads"): Endpoint(NOTICES, True, query="?name=x.txt&size=5"),
    ("GET", "/api/v1/message-uploads/{upload:str}"): Endpoint(NOTICES, True),
    ("POST", "/api/v1/message-uploads/{upload:str}"): Endpoint(NOTICES, True),
    ("GET", "/api/v1/messages/{reference:str}/files/{file:str}"): Endpoint(NOTICES, True),
    ("GET", "/api/v1/members"): Endpoint(EVERYONE),
    ("POST", "/api/v1/members"): Endpoint(ADMINISTRATORS, False, {}, SECRETARIAT),
    ("GET", "/api/v1/members/{member:str}/measures"): Endpoint(OFFICE),
    ("POST", "/api/v1/members/{member:str}/measures"): Endpoint(
        ADMINISTRATORS, False, {"reason": "Reason", "authority": "Authority"}, SECRETARIAT
    ),
    ("POST", "/api/v1/members/{member:str}/restorations"): Endpoint(
        ADMINISTRATORS, False, {"reason": "Reason", "authority": "Authority"}, SECRETARIAT
    ),
    ("POST", "/api/v1/orders"): Endpoint(ADMINISTRATORS, False, {}, SECRETARIAT),
    ("GET", "/api/v1/members/{member:str}/keys"): Endpoint(OFFICE),
    ("POST", "/api/v1/members/{member:str}/objections"): Endpoint(ADMINISTRATORS, False, {}),
    ("GET", "/api/v1/members/{member:str}/reach"): Endpoint(OVERSIGHT, False, None, SECRETARIAT),
    ("GET", "/api/v1/posts"): Endpoint(EVERYONE),
    ("POST", "/api/v1/posts"): Endpoint(ADMINISTRATORS, False, {}),
    ("GET", "/api/v1/posts/withdrawn"): Endpoint(EVERYONE),
    ("POST", "/api/v1/posts/{post:str}/withdrawal"): Endpoint(ADMINISTRATORS, False, {"reason": "r"}),
    ("GET", "/api/v1/alerts"): Endpoint(EVERYONE),
    ("GET", "/api/v1/witnesses"): Endpoint(EVERYONE),
    ("POST", "/api/v1/witnesses"): Endpoint(ADMINISTRATORS),
    ("POST", "/api/v1/witnesses/policy"): Endpoint(ADMINISTRATORS, node=SECRETARIAT),
    ("GET", "/api/v1/evidence"): Endpoint(EVERYONE),
    ("POST", "/api/v1/evidence/compare"): Endpoint(OVERSIGHT),
    ("POST", "/api/v1/evidence/{number:int}/settlement"): Endpoint(ADMINISTRATORS, False, {"reason": "r"}),
    ("GET", "/api/v1/status"): Endpoint(EVERYONE),
    ("GET", "/api/v1/settings"): Endpoint(ADMINISTRATORS),
    ("GET", "/api/v1/open/search"): Endpoint(OUTSIDERS, query="?text=violin"),
    ("GET", "/api/v1/open/records/{record:str}"): Endpoint(OUTSIDERS),
    ("GET", "/api/v1/officers"): Endpoint(ADMINISTRATORS),
    ("GET", "/api/v1/why"): Endpoint(ADMINISTRATORS, query="?question=may nobody.here search"),
    ("POST", "/api/v1/officers"): Endpoint(
        ADMINISTRATORS, False, {"name": "attacker-border", "roles": ["desk"]}
    ),
    ("POST", "/api/v1/officers/{name:str}/code"): Endpoint(ADMINISTRATORS),
    ("POST", "/api/v1/officers/{name:str}/roles"): Endpoint(ADMINISTRATORS, body={"roles": ["desk"]}),
    ("GET", "/api/v1/officers/{name:str}/passkeys"): Endpoint(ADMINISTRATORS),
    ("DELETE", "/api/v1/officers/{name:str}/passkeys/{passkey:str}"): Endpoint(ADMINISTRATORS),
    ("DELETE", "/api/v1/officers/{name:str}/sessions"): Endpoint(ADMINISTRATORS),
    ("GET", "/api/v1/officers/{name:str}/vouched"): Endpoint(ADMINISTRATORS),
    ("POST", "/api/v1/officers/{name:str}/vouched"): Endpoint(
        ADMINISTRATORS, body={"kind": "card-subject", "value": "CN=x"}
    ),
    ("DELETE", "/api/v1/officers/{name:str}/vouched/{one:str}"): Endpoint(ADMINISTRATORS),
    ("POST", "/api/v1/officers/{name:str}/token"): Endpoint(ADMINISTRATORS, body={"may": []}),
    ("POST", "/api/v1/officers/{name:str}/password"): Endpoint(ADMINISTRATORS),
    ("DELETE", "/api/v1/officers/{name:str}"): Endpoint(ADMINISTRATORS),
    ("POST", "/api/v1/officers/{name:str}/certifications"): Endpoint(
        ADMINISTRATORS, False, {"register": "persons"}
    ),
    ("DELETE", "/api/v1/officers/{name:str}/certifications/{register:str}"): Endpoint(ADMINISTRATORS),
    ("GET", "/api/v1/emergencies"): Endpoint(EVERYONE),
    ("POST", "/api/v1/emergencies/{number:int}/end"): Endpoint(EVERYONE),
    ("POST", "/api/v1/emergencies/{number:int}/review"): Endpoint(
        ADMINISTRATORS | OVERSEERS, False, {"verdict": "justified", "text": "t"}
    ),
    ("GET", "/api/v1/openings"): Endpoint(DESK | OVERSEERS, True),
    ("POST", "/api/v1/openings"): Endpoint(
        DESK | OVERSEERS, True, {"member": SEARCHER, "register": "persons", "since": 20_000, "until": 20_007}
    ),
    ("GET", "/api/v1/watch"): Endpoint(ADMINISTRATORS | OVERSEERS),
    ("POST", "/api/v1/watch/{number:int}/settlement"): Endpoint(
        ADMINISTRATORS | OVERSEERS, False, {"verdict": "dismissed", "reason": "Asked together."}
    ),
    ("GET", "/api/v1/watch/protected"): Endpoint(ADMINISTRATORS | OVERSEERS, True),
    ("POST", "/api/v1/watch/protected"): Endpoint(
        ADMINISTRATORS | OVERSEERS, True, {"label": "Minister", "name": "Ysolde Fenwick"}
    ),
    ("DELETE", "/api/v1/watch/protected/{number:int}"): Endpoint(ADMINISTRATORS | OVERSEERS, True),
    ("GET", "/api/v1/audit"): Endpoint(OVERSIGHT | OVERSEERS),
    ("GET", "/api/v1/audit/sample"): Endpoint(OVERSEERS),
    ("GET", "/api/v1/audit/export"): Endpoint(OVERSEERS, True),
    ("GET", "/api/v1/audit/growth"): Endpoint(OVERSIGHT | OVERSEERS),
    ("POST", "/api/v1/audit/verification"): Endpoint(ADMINISTRATORS | OVERSEERS),
    ("GET", "/api/v1/audit/verification"): Endpoint(ADMINISTRATORS | OVERSEERS),
    ("POST", "/api/v1/audit/generation"): Endpoint(ADMINISTRATORS, False, {"reason": "Restored"}),
}
EACH = pytest.mark.parametrize(("method", "path"), ENDPOINTS, ids=lambda part: part)


def address(path: str, endpoint: Endpoint) -> str:
    names = {
        "{name:str}": "travel-documents" if "registers" in path else "nobody",
        "{act:str}": "stop",
        "{number:int}": "99",
        "{form:str}": "csv",
        "{sha256:str}": "0" * 64,
        "{notice:str}": "2026-99",
    }
    parts = [names.get(part, NOBODY if part.startswith("{") else part) for part in path.split("/")]
    return "/".join(parts) + endpoint.query


def settled(town: Network) -> None:
    """Wait until no node has anything to do or to send."""

    def quiet() -> bool:
        hosts = town.hosts.values()
        drivers = [one for host in hosts for one in (host.driver, host._relay_driver) if one is not None]
        desks = [host.bureau for host in hosts if host.bureau is not None]
        return all(one._queue.empty() for one in drivers) and not any(
            one.outbox.waiting("mail") + one.outbox.waiting() for one in desks
        )

    town.until(quiet)


BY_THE_CLOCK = {
    "ledger_heads",
    "ledger_tree",
    "ledger_nodes",
    "office_anchored",
    "office_audit_nodes",
    "office_audit_tree",
    "office_author",
    "office_envelopes_seen",
    "office_outbox",
    "office_post_heads",
    "office_receipts",
    "office_watch_place",
    "state_anchors",
    "state_own_anchors",
}
"""Tables that anchoring, watching and receipts for letters change whenever it is time, whatever anybody asks."""


def state(town: Network, node: str) -> dict[str, int]:
    """How many rows each table has, once nothing is under way in the network any more."""
    settled(town)
    db = town.hosts[node].office.db
    tables = [
        row[0]
        for row in db.execute(
            "SELECT name FROM sqlite_master WHERE type='table' AND name <> 'sqlite_sequence'"
        )
    ]
    where = {
        "ledger_entries": " WHERE kind <> 'audit.anchored'",
        # Lines of the clock name nobody.
        "office_audit": " WHERE officer <> ''",
    }
    return {
        one: db.execute(f"SELECT count(*) FROM {one}{where.get(one, '')}").fetchone()[0]
        for one in tables
        if one not in BY_THE_CLOCK
    }
