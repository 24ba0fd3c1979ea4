"""The page of the insider watch: for overseers and administrators, never about oneself, settled with a reason."""

from tests.web.console_network import OWNER, POST, ROLES, Browser, Network
from tests.web.markup import Page

from allpoints.node.watch_desk import CLOCK
from allpoints.watch import store
from allpoints.watch.rules import RULES, Finding

PAGE = "/en/watch"
WHY = "Asked for by her chief, case C-17."


def raised(network: Network, officer: str) -> int:
    """An alert about an officer, bound as a look by the clock binds it; returns its number."""
    desk = network.hosts[OWNER].desk()
    watch = desk.audit.watch

    def made() -> int:
        now = desk.clock.now()
        found = Finding(next(iter(RULES)), officer, "", now, 3, 90, 60, "")
        number = store.raise_(desk.db, found, f"{officer} {now}".encode(), now)
        watch._bind("watch:looked", CLOCK, now, lines=1)
        return number

    return network.do(OWNER, made)


def test_overseers_and_administrators_alone_find_and_open_it(network: Network) -> None:
    for name, role in ROLES[OWNER]:
        browser = Browser(network, OWNER, name)
        may = role in {"overseer", "administrator"}
        assert (f'"{PAGE}"' in browser.get("/en/desk").text) is may
        page = browser.get(PAGE)
        assert page.status_code == (200 if may else 403)
        assert Page(page.text).faults == []
        if not may:
            fields = {"number": "1", "verdict": "dismissed", "reason": WHY}
            assert browser.post(PAGE, fields).status_code == 403
    assert Browser(network, POST, "pavel").get(PAGE).status_code == 404


def test_an_alert_is_settled_with_a_reason_and_stays_with_it(network: Network) -> None:
    number = raised(network, "dana")
    olga = Browser(network, OWNER, "olga")
    page = olga.get(f"{PAGE}?settle={number}")
    assert "dana" in page.text
    assert "As the audit log binds them" in page.text
    assert Page(page.text).faults == []
    for fields, words in (
        ({"verdict": "dismissed", "reason": "no"}, "Say in 8 to 500 letters why."),
        ({"verdict": "ignored", "reason": WHY}, "it is dismissed or, once, escalated"),
    ):
        wrong = olga.post(PAGE, {"number": str(number), **fields})
        assert wrong.status_code == 422
        assert words in wrong.text
        assert Page(wrong.text).faults == []
    assert olga.post(PAGE, {"number": str(number), "verdict": "escalated", "reason": WHY}).status_code == 303
    assert olga.post(PAGE, {"number": str(number), "verdict": "dismissed", "reason": WHY}).status_code == 303
    row = next(one for one in olga.get(f"{PAGE}.json").json()["rows"] if one["number"] == number)
    assert (row["settled_by"], row["reason"], row["settles"]) == ("olga", WHY, False)
    assert olga.post(PAGE, {"number": "99x", "verdict": "dismissed", "reason": WHY}).status_code == 404


def test_what_is_odd_about_oneself_is_for_others_to_look_at(network: Network) -> None:
    number = raised(network, "ada")
    ada, olga = Browser(network, OWNER, "ada"), Browser(network, OWNER, "olga")
    own = ada.get(f"{PAGE}.json").json()["rows"]
    assert number not in {one["number"] for one in own}
    assert number in {one["number"] for one in olga.get(f"{PAGE}.json").json()["rows"]}
    fields = {"number": str(number), "verdict": "dismissed", "reason": WHY}
    mine = ada.post(PAGE, fields)
    never = ada.post(PAGE, {**fields, "number": "99999"})
    assert mine.status_code == never.status_code == 404


def test_alerts_that_were_changed_behind_the_logs_back_are_told_as_such(network: Network) -> None:
    number = raised(network, "bo")
    olga = Browser(network, OWNER, "olga")
    db = network.hosts[OWNER].office.db
    change = "UPDATE office_watch_alerts SET officer = ? WHERE number = ?"
    network.do(OWNER, lambda: db.execute(change, ("nobody", number)))
    assert "Changed behind the log" in olga.get(PAGE).text
    network.do(OWNER, lambda: db.execute(change, ("bo", number)))
