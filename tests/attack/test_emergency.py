"""What an officer opens in an emergency: for this officer, to read, marked, told at once, and reviewed by another."""

from collections.abc import Iterator
from typing import Any

import httpx
import msgspec
import pytest
from tests.attack.calling import PURPOSE, Caller, problem
from tests.attack.twins import MOVING, OTHER, SECRET, Twin, made
from tests.registers.readers import CLOSED, PLAIN
from tests.web.console_network import SECRETARIAT, Browser, add_officer, token_in

from allpoints.identity.emergency import TERM_MS
from allpoints.identity.officers import FRESH_MS
from allpoints.ledger import audit
from allpoints.web.access import csrf_token

PAGE = "/en/emergency"
REASON = "Ysolde is missing since noon"
RECORD = f"/en/records/{OTHER.hex()}"
FOUND = "/api/v1/search?ref=S-1"


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Twin]:
    one = made(tmp_path_factory.mktemp("town"), secrets=True)
    for name in ("ada", "abel"):
        one.do(
            SECRETARIAT,
            lambda name=name: add_officer(one.hosts[SECRETARIAT], name, "administrator"),  # type: ignore[misc]
        )
    yield one
    one.close()


@pytest.fixture(scope="module")
def caller(town: Twin) -> Caller:
    return Caller(town, SECRETARIAT)


@pytest.fixture(autouse=True)
def _nothing_is_open(town: Twin) -> None:
    town.do(SECRETARIAT, lambda: town.desk.db.execute("DELETE FROM office_emergencies"))
    town.console(SECRETARIAT).access.forget()


def browser(town: Twin, name: str) -> Browser:
    one = Browser(town, SECRETARIAT, name).look_for()
    one.client.headers.update(PURPOSE)
    return one


def opens(one: Browser, **given: str) -> httpx.Response:
    fields = {"act": "open", "register": CLOSED, "reason": REASON, **given}
    return one.post(PAGE, fields, accept="text/html")


def registers_found(one: Browser) -> list[str]:
    return [row["register"] for row in one.get(FOUND).json().get("results", [])]


def listed(one: Browser) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = one.get("/api/v1/emergencies").json()
    return rows


def turn_back(town: Twin, table: str, by_ms: int, *columns: str) -> None:
    """As if everything in a table had happened so much earlier."""
    moved = ", ".join(f"{one} = {one} - {by_ms}" for one in columns)
    town.do(SECRETARIAT, lambda: town.desk.db.execute(f"UPDATE {table} SET {moved}"))


def test_a_closed_register_is_not_there_before_is_read_within_and_is_gone_afterwards(town: Twin) -> None:
    dana = browser(town, "dana")
    assert (dana.get(RECORD).status_code, registers_found(dana)) == (404, [])
    assert opens(dana).status_code == 303
    assert (dana.get(RECORD).status_code, registers_found(dana)) == (200, [CLOSED])
    assert "Everything you do is marked" in dana.get("/en/state").text
    assert SECRET["title"] in dana.get("/en/desk").text
    (row,) = listed(dana)
    assert dana.post(PAGE, {"act": "end", "number": row["number"]}).status_code == 303
    assert (dana.get(RECORD).status_code, registers_found(dana)) == (404, [])
    after = dana.get("/en/desk").text
    assert SECRET["title"] not in after
    assert "Everything you do is marked" not in after


def test_another_session_and_another_officer_see_nothing_of_it(town: Twin) -> None:
    dana, second, cora = (browser(town, name) for name in ("dana", "dana", "cora"))
    assert opens(dana).status_code == 303
    assert registers_found(dana) == [CLOSED]
    assert (registers_found(second), registers_found(cora)) == ([], [])
    assert (len(listed(second)), listed(cora)) == (1, [])


def test_it_ends_by_the_clock(town: Twin) -> None:
    dana = browser(town, "dana")
    opens(dana)
    turn_back(town, "office_emergencies", TERM_MS - 60_000, "opened_ms", "ends_ms")
    town.console(SECRETARIAT).access.forget()
    assert registers_found(dana) == [CLOSED]
    turn_back(town, "office_emergencies", 60_000, "opened_ms", "ends_ms")
    town.console(SECRETARIAT).access.forget()
    assert registers_found(dana) == []


def test_it_ends_with_the_session(town: Twin) -> None:
    dana = browser(town, "dana")
    opens(dana)
    dana.post("/en/sign-out", {})
    dana.sign_in("dana")
    assert registers_found(dana.look_for()) == []
    (row,) = listed(dana)
    assert not row["open"]


def test_an_administrator_ends_it_at_once_and_nobody_else_does(town: Twin) -> None:
    dana, cora, ada = (browser(town, name) for name in ("dana", "cora", "ada"))
    opens(dana)
    (row,) = listed(ada)
    fields = {"act": "end", "number": row["number"]}
    assert cora.post(PAGE, fields).status_code == 404
    assert cora.post(PAGE, {**fields, "number": 99}).status_code == 404
    assert registers_found(dana) == [CLOSED]
    assert ada.post(PAGE, fields).status_code == 303
    assert registers_found(dana) == []


def test_within_it_one_reads_and_neither_writes_nor_exports_nor_administers(town: Twin) -> None:
    dana, abel = browser(town, "dana"), browser(town, "abel")
    form = {"source_ref": "E-1", "title": "x"}
    assert dana.get(f"/en/registers/{PLAIN}/new").status_code == 200
    assert dana.get(f"/api/v1/registers/{PLAIN}/export/csv").status_code == 200
    opens(dana)
    for register in (PLAIN, CLOSED):
        assert dana.get(f"/en/registers/{register}/new").status_code == 403
        assert dana.get(f"/api/v1/registers/{register}/export/csv").status_code == 403
        assert dana.post(f"/en/registers/{register}/new", form).status_code == 403
    assert dana.get("/api/v1/registers").status_code == 200
    assert abel.get("/en/officers").status_code == 200
    assert opens(abel, register="", role="desk").status_code == 303
    assert abel.get("/en/officers").status_code == 403
    assert abel.get("/api/v1/audit").status_code == 403


def test_the_work_of_a_desk_is_opened_for_who_has_none_but_no_closed_register(town: Twin) -> None:
    adam = browser(town, "adam")
    assert adam.get("/api/v1/search?ref=T-1").status_code == 403
    assert opens(adam, register="", role="desk").status_code == 303
    found = {row["register"] for row in adam.get("/api/v1/search?ref=T-1").json()["results"]}
    assert PLAIN in found
    assert CLOSED not in found
    assert adam.get("/en/search").status_code == 200


def test_one_register_is_opened_for_who_has_no_desk_and_no_other_with_it(town: Twin) -> None:
    adam = browser(town, "adam")
    assert adam.get("/en/search").status_code == 403
    assert opens(adam, register=PLAIN).status_code == 303
    rows = adam.get("/api/v1/search?ref=T-1").json()["results"]
    assert {row["register"] for row in rows} == {PLAIN}
    form = {"q": "ref T-1", "register": "", "purpose": "border-control", "case": "C-1"}
    assert adam.get("/en/search").status_code == 200
    assert adam.post("/en/search", form).status_code == 200


def test_what_is_never_opened_is_refused_like_a_register_that_never_was(town: Twin) -> None:
    dana = browser(town, "dana")
    told = [
        opens(dana, register=name).text.replace(name, "…")
        for name in ("child-exploitation-hashes", "child-exploitation-things")
    ]
    bodies = [MOVING.sub("…", one) for one in told]
    assert bodies[0] == bodies[1]
    assert "There is no register" in bodies[0]
    assert listed(dana) == []


def test_what_is_open_already_needs_no_emergency(town: Twin) -> None:
    dana = browser(town, "dana")
    assert "This is open to you already." in opens(dana, register=PLAIN).text
    assert "This is open to you already." in opens(dana, register="", role="desk").text
    assert opens(dana).status_code == 303


def test_it_needs_a_fresh_proof_a_reason_and_a_node_that_allows_it(town: Twin) -> None:
    dana = browser(town, "dana")
    turn_back(town, "office_sessions", FRESH_MS, "verified_ms")
    town.console(SECRETARIAT).access.forget()
    assert opens(dana).headers["location"].startswith("/en/verify")
    assert listed(dana) == []
    dana = browser(town, "dana")
    refused = opens(dana, reason=" ")
    assert refused.status_code == 422
    assert "Say why this cannot wait." in refused.text
    settings = town.hosts[SECRETARIAT].settings
    held = settings._values["emergency.allowed"]
    settings._values["emergency.allowed"] = held._replace(value=False)
    try:
        assert "This node has no emergency access." in dana.get(PAGE).text
        assert opens(dana).status_code == 403
    finally:
        settings._values["emergency.allowed"] = held
    assert listed(dana) == []
    assert opens(dana).status_code == 303


def test_an_outsider_and_a_programs_token_open_nothing(town: Twin, caller: Caller) -> None:
    for role, token in caller.tokens.items():
        body = {"csrf": csrf_token(token), "act": "open", "register": CLOSED, "reason": REASON}
        assert opens_nothing(caller.call("POST", PAGE, role, data=body)), role
    assert listed(browser(town, "ada")) == []


def opens_nothing(answer: httpx.Response) -> bool:
    """Refused, or sent to sign in or to show once more who it is."""
    onward = answer.headers.get("location", "")
    return answer.status_code in {401, 403} or onward.startswith(("/en/sign-in", "/en/verify"))


def test_every_line_within_it_is_marked_and_the_opening_says_why(town: Twin) -> None:
    dana, ada = browser(town, "dana"), browser(town, "ada")
    began = town.do(SECRETARIAT, lambda: audit.lines(town.desk.db, limit=1))[0].number
    opens(dana)
    (row,) = listed(dana)
    registers_found(dana)
    dana.post(PAGE, {"act": "end", "number": row["number"]})
    registers_found(dana)
    lines = town.do(SECRETARIAT, lambda: audit.lines(town.desk.db, limit=50))
    mine = [line for line in lines if line.officer == "dana" and line.number > began]
    marked = [msgspec.json.decode(line.detail).get("emergency") for line in reversed(mine)]
    number = str(row["number"])
    events = [line.event for line in reversed(mine)]
    assert events == ["emergency:opened", "search:asked", "emergency:ended", "search:asked"]
    assert marked == [number, number, number, None]
    said = msgspec.json.decode(next(one for one in mine if one.event == "emergency:opened").detail)
    assert (said["register"], said["reason"]) == (CLOSED, REASON)
    told = ada.get("/api/v1/audit?limit=50").json()
    assert any(one["detail"].get("emergency") == number for one in told)


def test_the_administrators_are_told_at_once_and_nobody_else(town: Twin) -> None:
    dana, ada, cora = (browser(town, name) for name in ("dana", "ada", "cora"))
    before = {one["id"] for one in ada.get("/api/v1/alerts").json()}
    opens(dana)
    fresh = [one for one in ada.get("/api/v1/alerts").json() if one["id"] not in before]
    assert [(one["kind"], one["urgent"], one["link"]) for one in fresh] == [("emergency", True, PAGE)]
    assert "dana has opened emergency access" in fresh[0]["title"]
    for other in (dana, cora):
        assert "emergency" not in {one["kind"] for one in other.get("/api/v1/alerts").json()}


def test_another_administrator_reviews_it_and_until_then_there_is_no_second_one(town: Twin) -> None:
    adam, ada, dana = (browser(town, name) for name in ("adam", "ada", "dana"))
    opens(adam, register="", role="desk")
    (row,) = listed(adam)
    adam.post(PAGE, {"act": "end", "number": row["number"]})
    verdict = {
        "act": "review",
        "number": row["number"],
        "verdict": "justified",
        "text": "A child was missing.",
    }
    assert adam.post(PAGE, verdict).status_code == 403
    assert dana.post(PAGE, verdict).status_code == 403
    assert opens(adam, register="", role="desk").status_code == 422
    assert "1 emergency access waits for your review" in ada.get("/en/desk").text
    assert "waits for your review" not in adam.get("/en/desk").text
    assert "waits for your review" not in dana.get("/en/desk").text
    assert "Keep the review" in ada.get(PAGE).text
    assert "Keep the review" not in adam.get(PAGE).text
    assert ada.post(PAGE, {**verdict, "text": ""}).status_code == 422
    assert ada.post(PAGE, verdict).status_code == 303
    assert "waits for your review" not in ada.get("/en/desk").text
    (kept,) = listed(adam)
    assert (kept["reviewer"], kept["verdict"], kept["review"]) == ("ada", "justified", "A child was missing.")
    assert opens(adam, register="", role="desk").status_code == 303


def test_a_review_needs_a_fresh_proof(town: Twin) -> None:
    dana, ada = browser(town, "dana"), browser(town, "ada")
    opens(dana)
    (row,) = listed(ada)
    ada.post(PAGE, {"act": "end", "number": row["number"]})
    verdict = {"act": "review", "number": row["number"], "verdict": "not-justified", "text": "No case."}
    turn_back(town, "office_sessions", FRESH_MS, "verified_ms")
    town.console(SECRETARIAT).access.forget()
    ada.post(PAGE, verdict)
    assert listed(dana)[0]["verdict"] == ""
    assert browser(town, "ada").post(PAGE, verdict).status_code == 303
    assert listed(dana)[0]["verdict"] == "not-justified"


def test_a_form_of_another_site_opens_nothing(town: Twin) -> None:
    dana = browser(town, "dana")
    fields = {"csrf": "0" * 32, "act": "open", "register": CLOSED, "reason": REASON}
    assert town.run(dana.client.post(PAGE, data=fields)).status_code == 403
    assert listed(dana) == []
    fields["csrf"] = token_in(dana.get(PAGE).text)
    assert town.run(dana.client.post(PAGE, data=fields)).status_code == 303


def test_programs_of_administrators_end_and_review_through_the_api(town: Twin, caller: Caller) -> None:
    dana = browser(town, "dana")
    opens(dana)
    (row,) = caller.call("GET", "/api/v1/emergencies", "administrator").json()
    path = f"/api/v1/emergencies/{row['number']}"
    body = {"verdict": "justified", "text": "A child was missing."}
    for role in ("desk", "command", "reviewer"):
        assert caller.call("GET", "/api/v1/emergencies", role).json() == []
        assert problem(caller.call("POST", f"{path}/end", role), 404) == "UNKNOWN-EMERGENCY"
        assert problem(caller.call("POST", f"{path}/review", role, json=body), 403) == "NOT-ALLOWED"
    early = caller.call("POST", f"{path}/review", "administrator", json=body)
    assert problem(early, 409) == "EMERGENCY-OPEN"
    assert registers_found(dana) == [CLOSED]
    assert caller.call("POST", f"{path}/end", "administrator").json() == {"number": row["number"]}
    assert registers_found(dana) == []
    assert caller.call("POST", f"{path}/review", "administrator", json=body).status_code == 200
    assert listed(dana)[0]["verdict"] == "justified"
