"""The overseer's page: verify, sample and take out, each on record; nobody else has it."""

import json

import pytest
from tests.web.console_network import OWNER, POST, ROLES, Browser, Network
from tests.web.markup import Page
from tests.web.test_pages_signing_in import events

from allpoints.ledger import audit, audit_export

PAGE = "/en/oversight"


@pytest.fixture
def olga(network: Network) -> Browser:
    return Browser(network, OWNER, "olga")


def test_overseers_alone_find_and_open_it(network: Network) -> None:
    for name, role in ROLES[OWNER]:
        browser = Browser(network, OWNER, name)
        assert (f'"{PAGE}"' in browser.get("/en/desk").text) is (role == "overseer")
        assert browser.get(PAGE).status_code == (200 if role == "overseer" else 403)
        if role != "overseer":
            for fields in ({"act": "verify"}, {"act": "sample", "count": "5"}):
                assert browser.post(PAGE, fields).status_code == 403
            assert browser.post(f"{PAGE}/export", {}).status_code == 403
    assert Browser(network, POST, "pavel").get(PAGE).status_code == 404


def test_a_sample_is_drawn_and_drawn_again(network: Network, olga: Browser) -> None:
    page = olga.post(PAGE, {"act": "sample", "count": "3", "event": "officer:signed-in"})
    assert page.status_code == 200
    assert Page(page.text).faults == []
    assert "audit:sampled" in events(network, OWNER, "olga")
    twin = olga.post(f"{PAGE}", {"act": "sample", "count": "3", "seed": "ab" * 16, "size": "5"})
    again = olga.post(f"{PAGE}", {"act": "sample", "count": "3", "seed": "ab" * 16, "size": "5"})
    assert twin.status_code == 200
    rows = [_rows(one.text) for one in (twin, again)]
    assert rows[0] == rows[1]
    assert len(rows[0]) == 3


def _rows(text: str) -> list[str]:
    table = text.partition("<tbody")[2].partition("</tbody>")[0]
    return [part.partition("</tr>")[0] for part in table.split("<tr")[1:]]


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"count": "0"}, "A sample has 1 to 500 lines"),
        ({"count": "many"}, "This is no number."),
        ({"count": "5", "size": "1e3"}, "This is no number."),
        ({"count": "5", "since": "yesterday"}, "This is no day."),
        ({"count": "5", "until": "2031-02-30"}, "This is no day."),
        ({"count": "5", "seed": "x" * 65}, "and a seed"),
    ],
)
def test_what_is_no_number_and_no_day_is_said_at_its_field(
    olga: Browser, fields: dict[str, str], words: str
) -> None:
    page = olga.post(PAGE, {"act": "sample", **fields})
    assert page.status_code == 422
    assert words in page.text
    assert Page(page.text).faults == []


def test_the_whole_log_is_verified_in_the_node(network: Network, olga: Browser) -> None:
    begun = olga.post(PAGE, {"act": "verify"})
    assert begun.headers["location"] == PAGE
    db = network.hosts[OWNER].office.db
    network.until(
        lambda: db.execute("SELECT finished_ms FROM office_audit_verification").fetchone()[0] is not None
    )
    page = olga.get(PAGE)
    assert "Log whole" in page.text
    assert Page(page.text).faults == []
    assert olga.get(f"{PAGE}.json").json()["verified"]["finished_ms"] > 0


def anchored_now(network: Network) -> None:
    """Time passes until all that stands in the log is anchored in the ledger."""
    desk = network.hosts[OWNER].desk()

    def grown_old() -> int:
        desk.db.execute("UPDATE office_anchored SET at_ms = 0")
        return audit.size(desk.db)

    size = network.do(OWNER, grown_old)

    def holds() -> bool:
        held = desk.audit.anchors.latest(OWNER)
        return held is not None and held.size >= size

    network.until(holds)


def test_lines_are_taken_out_for_a_purpose_with_proofs_that_hold(network: Network, olga: Browser) -> None:
    refused = olga.post(f"{PAGE}/export", {})
    assert refused.headers["location"].startswith("/en/purpose")
    olga.look_for("analyse", "DP-1")
    anchored_now(network)
    answer = olga.post(f"{PAGE}/export", {"event": "officer:signed-in"})
    assert answer.status_code == 200
    assert "audit.jsonl" in answer.headers["content-disposition"]
    lines = answer.content.splitlines()
    head, count, erased = audit_export.check(iter(lines))
    assert (head.log, erased) == (OWNER, 0)
    assert count == len(lines) - 1 > 0
    assert {json.loads(one)["event"] for one in lines[1:]} == {"officer:signed-in"}
    assert "audit:exported" in events(network, OWNER, "olga")


def test_the_list_is_filtered_by_purpose_register_and_days(network: Network) -> None:
    Browser(network, OWNER, "dana").look_for("locate", "C-4711").get("/en/notices")
    reader = Browser(network, OWNER, "olga")
    rows = reader.get("/en/audit.json?purpose=locate&case=C-4711").json()["rows"]
    assert rows
    assert {row["case"] for row in rows} == {"C-4711"}
    assert reader.get("/en/audit.json?since=2200-01-01").json()["rows"] == []
    assert reader.get("/en/audit.json?until=1971-01-01").json()["rows"] == []
    assert reader.get("/en/audit.json?register=never-things").json()["rows"] == []
    wrong = reader.get("/en/audit?since=yesterday")
    assert wrong.status_code == 422
    assert "This is no day." in wrong.text
    assert Page(wrong.text).faults == []
