"""Who is told what, which line of the audit log says so, and what a hostile member cannot keep a desk from reading."""

from typing import Any

import pytest
from tests.attack.calling import Caller, problem
from tests.attack.endpoints import EVERYONE, state
from tests.web.console_network import OWNER, SEARCHER, SECRETARIAT, Browser, Network

from allpoints.border.hit import hit_id
from allpoints.ledger import audit
from allpoints.node import correspondence, frames, hits

# -- who is told what


def alerts(callers: dict[str, Caller], node: str, role: str) -> list[dict[str, Any]]:
    answer = callers[node].call("GET", "/api/v1/alerts", role)
    assert answer.status_code == 200
    return list(answer.json())


def test_alerts_reach_only_the_roles_that_may_read_what_they_name(
    town: Network, callers: dict[str, Caller]
) -> None:
    town.report("AL000001")
    hit = callers[SEARCHER].call(
        "POST", "/api/v1/checks", "border", json={"number": "AL000001", "issuer": OWNER}
    )
    assert hit.json()["verdict"] == "document"
    letter = {"to": [SEARCHER], "subject": "About Bellweather", "text": "t"}
    assert callers[OWNER].call("POST", "/api/v1/messages", "desk", json=letter).status_code == 201
    db = town.hosts[SEARCHER].office.db
    town.until(lambda: db.execute("SELECT 1 FROM office_alerts WHERE kind='message'").fetchone() is not None)
    kinds = {role: {one["kind"] for one in alerts(callers, SEARCHER, role)} for role in EVERYONE}
    assert {"hit", "message"} <= kinds["desk"]
    assert "hit" in kinds["border"]
    assert "message" not in kinds["border"]
    assert "hit" not in kinds["reviewer"]
    assert kinds["administrator"] == set()


DISCLOSING = {
    "/api/v1/hits": ("hit:listed", OWNER, "desk"),
    "/api/v1/submissions": ("submission:listed", OWNER, "desk"),
    "/api/v1/notices": ("notice:listed", OWNER, "desk"),
    "/api/v1/messages": ("message:listed", OWNER, "desk"),
    "/api/v1/review": ("review:listed", SECRETARIAT, "command"),
    "/api/v1/audit": ("audit:read", OWNER, "command"),
    "/api/v1/alerts": ("alert:listed", SEARCHER, "desk"),
    "/api/v1/expiring": ("record:listed", OWNER, "desk"),
    "/api/v1/exclusions": ("record:listed", OWNER, "desk"),
    "/api/v1/search?name=bellweather": ("search:asked", OWNER, "desk"),
}


@pytest.mark.parametrize("path", DISCLOSING)
def test_every_list_that_names_somebody_leaves_a_line_in_the_audit_log(
    town: Network, callers: dict[str, Caller], path: str
) -> None:
    event, node, role = DISCLOSING[path]
    if path == "/api/v1/alerts":
        test_alerts_reach_only_the_roles_that_may_read_what_they_name(town, callers)
    db = town.hosts[node].office.db
    before = db.execute("SELECT max(number) FROM office_audit").fetchone()[0] or 0
    assert callers[node].call("GET", path, role).status_code == 200
    after = [line for line in town.do(node, lambda: audit.lines(db, limit=5)) if line.number > before]
    assert [(line.event, line.officer) for line in after] == [(event, f"attacker-{role}")]


def test_strangers_measure_the_node_but_not_what_it_found(town: Network, callers: dict[str, Caller]) -> None:
    caller = callers[SEARCHER]
    town.report("ME000001")
    open_text = caller.call("GET", "/metrics").text
    caller.call("POST", "/api/v1/checks", "border", json={"number": "ME000001", "issuer": OWNER})
    assert "allpoints_line 1.0" in open_text
    for name in ("hits", "checks", "records_folded"):
        assert f"allpoints_{name} " not in caller.call("GET", "/metrics").text
        assert f"allpoints_{name} " not in caller.call("GET", "/metrics", "border").text
        assert f"allpoints_{name} " in caller.call("GET", "/metrics", "administrator").text
    health = caller.call("GET", "/health").json()
    assert set(health) == {
        "status",
        "version",
        "node",
        "role",
        "up_ms",
        "line",
        "behind_ms",
        "ledger",
        "witnessed",
        "evidence",
        "waiting",
        "tls",
        "workers",
        "workers_wanted",
    }
    refused = caller.call("GET", "/metrics", headers={"Authorization": "Bearer ap_wrong"})
    assert problem(refused, 401) == "NOT-SIGNED-IN"


def test_what_was_refused_is_counted_where_everyone_can_see_that_it_was(callers: dict[str, Caller]) -> None:
    caller = callers[OWNER]

    def counted() -> float:
        lines = caller.call("GET", "/metrics").text.splitlines()
        return sum(
            float(line.rsplit(" ", 1)[1]) for line in lines if line.startswith("allpoints_refusals_total")
        )

    before = counted()
    problem(
        caller.call(
            "POST", "/api/v1/checks", "border", purpose=False, json={"number": "A1", "issuer": OWNER}
        ),
        403,
    )
    assert counted() > before


# -- what a hostile member sends must not keep a desk from reading the rest


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        (hits.RAISED, {"verdict": "clear"}),
        (hits.RAISED, {"verdict": "<script>"}),
        (hits.RAISED, {"record": "zz"}),
        (hits.RAISED, {"caption": "a\r\nb"}),
        (hits.RAISED, {"raised_ms": 253_402_300_799_999, "deadline_ms": 253_402_300_799_999}),
        (hits.RAISED, {"deadline_ms": 1}),
        (hits.RAISED, {"post": "x" * 5_000}),
        (correspondence.LETTER, {"subject": "a\nb"}),
        (correspondence.LETTER, {"subject": "x" * 5_000}),
        (correspondence.LETTER, {"text": "x" * 200_000}),
        (correspondence.LETTER, {"language": "\0"}),
    ],
    ids=str,
)
def test_a_members_absurd_hit_or_letter_is_refused_and_a_sound_one_is_shown(
    town: Network, callers: dict[str, Caller], kind: str, body: dict[str, Any]
) -> None:
    sound = sound_hit(town) if kind == hits.RAISED else sound_letter()
    bureau = town.hosts[SEARCHER].desk()
    refused = sum(bureau.refusals.values())
    before = state(town, SEARCHER)
    mailed(town, kind, sound | body)
    after = state(town, SEARCHER)
    assert sum(bureau.refusals.values()) == refused + 1
    changed = {name for name in after if after[name] != before[name]}
    assert changed <= {
        "office_outbox",
        "office_receipts",
        "office_pairs",
        "office_envelopes_seen",
        "office_unopened",
    }
    mailed(town, kind, sound)
    assert state(town, SEARCHER)["office_alerts"] > before["office_alerts"]
    browser = Browser(town, SEARCHER, "dirk").look_for()
    for page in ("/en/hits", "/en/messages", "/en/desk"):
        assert browser.get(page).status_code == 200
    assert callers[SEARCHER].call("GET", "/api/v1/hits", "desk").status_code == 200


def mailed(town: Network, kind: str, body: dict[str, Any]) -> None:
    sender = town.hosts[OWNER].desk()
    town.do(OWNER, lambda: sender.mail.send(kind, [SEARCHER], frames.pack(body)))


def sound_hit(town: Network) -> dict[str, Any]:
    now = town.hosts[OWNER].clock.now()
    check, record = f"{now:024x}", "ab" * 16
    return {
        "hit": hit_id(check, record), "check": check, "record": record, "version": 1, "register": "persons",
        "verdict": "bearer", "owner": SEARCHER, "searcher": OWNER, "post": "", "reference": "R-1", "caption": "Person: <b>",
        "asked": "XAV AB1", "reason": "Same.", "checked_ms": now, "raised_ms": now, "deadline_ms": now + 30 * 60_000,
    }  # fmt: skip


def sound_letter() -> dict[str, Any]:
    return {
        "subject": "<i>Hello</i>",
        "text": "<script>alert(1)</script>",
        "case": "C",
        "by": "desk",
        "language": "en",
    }
