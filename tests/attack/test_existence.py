"""What an owner keeps from a member does not exist for it: every answer is the one about a thing that never was."""

import re
from typing import Any

import httpx
import pytest
from tests.attack.calling import Caller
from tests.attack.endpoints import settled
from tests.attack.seeding import DANA, published
from tests.node.samples import PERSON, RED
from tests.web.console_network import OWNER, SEARCHER, SECRETARIAT, Browser, Network

from allpoints.ledger import audit
from allpoints.registers.entering import Carriage

KEPT, NEVER = "KEPT0001", "NEVER001"
NAME, NONAME = "Quillfeather", "Nobodyhere"
MOVING = re.compile(
    r'"(asked_ms|as_of_ms|took_us|check|up_ms|behind_ms|at_ms)": ?("[0-9a-f]*"|\d+)'
    r"|<time.*?</time>|\d+ [A-Z][a-z]+ \d{4}, \d\d:\d\d:\d\d UTC|took [^<]*<|\b[0-9a-f]{32}\b|data-(?:ends|now)=\"\d+\"|audit line \d+"
)


@pytest.fixture(scope="module")
def secret(town: Network) -> dict[str, str]:
    """Arvandia keeps a passport, a person and a notice from Belmora, and from Belmora alone."""
    owner = town.hosts[OWNER].desk()
    apart = Carriage("border-control", "official-use", (SEARCHER,))
    raw = {
        "source_ref": KEPT,
        "document_number": KEPT,
        "issuer": OWNER,
        "document_type": "passport",
        "fraud": "stolen",
    }
    person = PERSON | {"source_ref": "KEPT-P", "family_name": NAME, "documents": []}
    passport = town.do(OWNER, lambda: owner.records.enter(DANA, "travel-documents", raw, apart))
    kept = town.do(OWNER, lambda: owner.records.enter(DANA, "persons", person, apart))
    body = RED | {
        "family_name": NAME,
        "source_ref": "KEPT-N",
        "documents": [{"number": "KEPT0002", "issuer": OWNER, "type": "passport"}],
    }
    submission = town.do(
        OWNER, lambda: owner.notices.submit(DANA, "red", body, owner_ref="KEPT-N", excluded=(SEARCHER,))
    )
    settled(town)
    notice = published(town, submission)
    return {"passport": passport, "person": kept, "notice": notice}


def shape(answer: httpx.Response, *names: str) -> tuple[int, str, dict[str, str]]:
    """An answer without what moves by itself and without the name that was asked for."""
    text = MOVING.sub("", answer.text)
    for name in names:
        text = re.sub(re.escape(name), "…", text, flags=re.IGNORECASE)
    headers = {
        key: value
        for key, value in answer.headers.items()
        if key not in {"content-length", "set-cookie", "date"}
    }
    return answer.status_code, text, headers


@pytest.fixture
def outsider(callers: dict[str, Caller], secret: dict[str, str]) -> Caller:
    del secret
    return callers[SEARCHER]


def test_those_who_may_know_of_it_find_it(callers: dict[str, Caller], secret: dict[str, str]) -> None:
    caller = callers[SECRETARIAT]
    assert caller.call("GET", f"/api/v1/records/{secret['passport']}", "desk").status_code == 200
    assert caller.call("GET", f"/api/v1/notices/{secret['notice']}", "desk").status_code == 200
    found = caller.call("GET", f"/api/v1/search?name={NAME}", "desk").json()
    assert [one["ref"] for one in found["results"]] == ["KEPT-P"]
    check = caller.call("POST", "/api/v1/checks", "border", json={"number": KEPT, "issuer": OWNER}).json()
    assert check["verdict"] == "document"


@pytest.mark.parametrize("role", ["border", "desk", "command", "reviewer", "administrator"])
def test_reading_what_is_kept_from_one_is_reading_what_never_was(
    outsider: Caller, secret: dict[str, str], role: str
) -> None:
    pairs = [
        (f"/api/v1/records/{secret['passport']}", f"/api/v1/records/{'0' * 32}"),
        (f"/api/v1/records/{secret['person']}", f"/api/v1/records/{'0' * 32}"),
        (f"/api/v1/notices/{secret['notice']}", "/api/v1/notices/2026-99999"),
        (f"/api/v1/search?name={NAME}", f"/api/v1/search?name={NONAME}"),
        ("/api/v1/search?ref=KEPT-P", "/api/v1/search?ref=NONE-P"),
        (f"/api/v1/search?number={KEPT}&issuer=XAV", f"/api/v1/search?number={NEVER}&issuer=XAV"),
        ("/api/v1/search?number=KEPT000I&issuer=XAV", "/api/v1/search?number=NEVER00I&issuer=XAV"),
        (f"/api/v1/notices?text={NAME}", f"/api/v1/notices?text={NONAME}"),
        (f"/api/v1/records/{secret['passport']}/links", f"/api/v1/records/{'0' * 32}/links"),
        (f"/api/v1/records/{secret['passport']}/readers", f"/api/v1/records/{'0' * 32}/readers"),
    ]
    for kept, never in pairs:
        names = [
            part
            for pair in zip(re.split(r"[/?=&]", kept), re.split(r"[/?=&]", never), strict=True)
            for part in pair
            if pair[0] != pair[1]
        ]
        names += [one.replace("-", "/", 1) for one in names]
        names += ["KEPT0001", "NEVER001"]
        left = shape(outsider.call("GET", kept, role), *names)
        right = shape(outsider.call("GET", never, role), *names)
        assert left == right, (kept, role)
        assert left[0] in {200, 403, 404}


def test_linking_to_what_is_kept_from_one_is_linking_to_what_never_was(
    outsider: Caller, callers: dict[str, Caller], secret: dict[str, str], town: Network
) -> None:
    own = town.report("LI000001")
    answers = []
    for target in (secret["passport"], secret["person"], "0" * 32):
        said = {"source": own, "target": target, "relation": "same-as", "reason": "A guess."}
        answers.append(shape(outsider.call("POST", "/api/v1/links", "desk", json=said), target))
    assert answers[0] == answers[1] == answers[2]
    assert answers[0][0] == 404
    said = {"source": own, "target": secret["passport"], "relation": "same-as", "reason": "Known."}
    assert callers[OWNER].call("POST", "/api/v1/links", "desk", json=said).status_code == 200
    settled(town)
    assert outsider.call("GET", f"/api/v1/records/{own}/links", "desk").json() == []


@pytest.mark.parametrize(
    ("kept", "never"),
    [
        ({"number": KEPT, "issuer": OWNER}, {"number": NEVER, "issuer": OWNER}),
        ({"number": "KEPT0002", "issuer": OWNER}, {"number": "NEVER002", "issuer": OWNER}),
        (
            {"family_name": NAME, "given_names": "Tomas", "birth_date": "1979-03-14"},
            {"family_name": NONAME, "given_names": "Tomas", "birth_date": "1979-03-14"},
        ),
    ],
)
def test_a_check_of_it_is_clear_at_every_place_of_the_member_and_tells_nobody(
    town: Network, outsider: Caller, callers: dict[str, Caller], kept: dict[str, str], never: dict[str, str]
) -> None:
    names = [*kept.values(), *never.values()]
    for caller in (outsider, callers["XBM/post-1"]):
        left = caller.call("POST", "/api/v1/checks", "border", json=kept)
        assert left.json()["verdict"] == "clear"
        assert shape(left, *names) == shape(
            caller.call("POST", "/api/v1/checks", "border", json=never), *names
        )
    settled(town)
    for node in (OWNER, SECRETARIAT, SEARCHER):
        hits = callers[node].call("GET", "/api/v1/hits", "command").json()
        assert not [
            one for one in hits if one["hit"]["searcher"] == SEARCHER and NAME in one["hit"]["caption"]
        ]


def test_no_page_list_alert_metric_or_audit_line_of_the_member_speaks_of_it(
    town: Network, outsider: Caller, secret: dict[str, str]
) -> None:
    told = "".join(
        outsider.call("GET", path, role).text
        for role in ("desk", "command", "administrator")
        for path in (
            "/api/v1/alerts", "/api/v1/hits", "/api/v1/notices", "/api/v1/submissions", "/api/v1/status", "/metrics",
            "/health", "/api/v1/messages",
        )
    )  # fmt: skip
    browser = Browser(town, SEARCHER, "dirk").look_for()
    told += "".join(
        browser.get(f"/en/{page}").text for page in ("desk", "notices", "hits", "search", "state")
    )
    notice = secret["notice"]
    for name in (
        NAME,
        KEPT,
        "KEPT-",
        notice.replace("-", "/"),
        f"notices/{notice}",
        secret["passport"],
        secret["person"],
    ):
        assert name not in told, name


def test_its_pages_are_the_pages_of_nothing(town: Network, outsider: Caller, secret: dict[str, str]) -> None:
    del outsider
    browser = Browser(town, SEARCHER, "dirk").look_for()
    for kept, never in (
        (f"/en/records/{secret['passport']}", f"/en/records/{'0' * 32}"),
        (f"/en/notices/{secret['notice']}", "/en/notices/2026-99999"),
        (f"/en/notices/{secret['notice']}.json", "/en/notices/2026-99999.json"),
    ):
        names = (secret["notice"], "2026-99999", secret["notice"].replace("-", "/"), "2026/99999")
        left, right = browser.get(kept), browser.get(never)
        assert left.status_code == right.status_code == 404
        assert shape(left, *names) == shape(right, *names)


def test_it_lies_nowhere_on_the_disk_of_the_member_in_the_clear(
    town: Network, secret: dict[str, str]
) -> None:
    del secret
    settled(town)
    for host in (town.hosts[SEARCHER], town.hosts["XBM/post-1"]):
        host.office.db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        found: dict[str, Any] = {}
        lines = host.office.db.execute(
            "SELECT detail FROM office_audit WHERE event NOT IN ('check:asked', 'search:asked', 'notice:listed')"
        )
        asked = b"".join(bytes(row[0]) for row in lines)
        for table in (
            row[0] for row in host.office.db.execute("SELECT name FROM sqlite_master WHERE type='table'")
        ):
            if table in {"office_audit", "office_checks"}:
                continue  # what the member asked itself
            content = repr(host.office.db.execute(f"SELECT * FROM {table}").fetchall())
            found |= {
                name: table
                for name in (NAME, NAME.upper(), "KEPT-P", "KEPT-N", "KEPT0002")
                if name in content
            }
        assert found == {}
        assert NAME.encode() not in asked


def test_the_owners_own_trail_says_whom_it_was_kept_from_to_nobody_else(
    town: Network, callers: dict[str, Caller], secret: dict[str, str]
) -> None:
    del secret
    trail = callers[SEARCHER].call("GET", "/api/v1/audit?limit=1000", "administrator").text
    assert "KEPT-P" not in trail.replace("ref=KEPT-P", "").replace('"ref":"KEPT-P"', "")
    assert town.do(SEARCHER, lambda: audit.verify(town.hosts[SEARCHER].office.db)) > 0
