from functools import partial

from tests.web.console_network import OWNER, SEARCHER, SECRETARIAT, Browser, Network
from tests.web.markup import Page

from allpoints.identity.officers import Asker
from allpoints.registers.entering import Carriage
from allpoints.tracing import store
from allpoints.tracing.trace import Trace

RIFLE = {"serial": "R7", "make": "Sablewerk", "unlisted": "A village maker.", "to": OWNER}


def traced(network: Network, serial: str, **fields: str) -> str:
    """A trace that Belmora requests and Arvandia has on its desk; gives its name."""
    desk = Browser(network, SEARCHER, "dirk").look_for()
    answer = desk.post("/en/traces/new", {**RIFLE, "serial": serial, "priority": "routine", **fields})
    assert answer.status_code == 303, answer.text
    name = answer.headers["location"].rpartition("/")[2]
    network.until(partial(known, network, OWNER, name))
    return name


def read(network: Network, node: str, name: str) -> Trace | None:
    view = store.read(network.hosts[node].desk().db, name)
    return view.trace if view is not None else None


def marks_at(network: Network, node: str, name: str) -> str:
    trace = read(network, node, name)
    return trace.firearm.marks if trace is not None else ""


def serial_key(network: Network, make: str, serial: str) -> str:
    search = network.hosts[SEARCHER].vocabulary.searches()["serial"]
    return search.ask(f"{make}|{serial}").value


def known(network: Network, node: str, name: str, state: str = "") -> bool:
    trace = read(network, node, name)
    return trace is not None and state in {"", trace.state.value}


def test_a_trace_is_requested_answered_and_found_on_the_pages(network: Network) -> None:
    name = traced(network, "TF1", circumstances="Found in a boat.")
    maker = Browser(network, OWNER, "dana").look_for()
    page = maker.get(f"/en/traces/{name}")
    assert Page(page.text).faults == []
    assert all(words in page.text for words in ("Sablewerk, serial TF1", "Found in a boat.", "To answer"))
    assert f"/en/traces/{name}" in {one["href"] for one in maker.get("/en/desk.json").json()["waiting"]}
    said = {"act": "answer", "finding": "sold", "party": "Harbour Arms", "text": "In the book of 2019."}
    answer = maker.post(f"/en/traces/{name}", said)
    assert (answer.status_code, answer.headers["location"]) == (303, f"/en/traces/{name}")
    after = maker.get(f"/en/traces/{name}").text
    assert "Answer sent" in after
    assert 'value="answer"' not in after
    network.until(partial(known, network, SEARCHER, name, "found"))
    found = Browser(network, SEARCHER, "dirk").look_for().get(f"/en/traces/{name}").text
    assert all(words in found for words in ("Holder found", "Harbour Arms (XAV)", "In the book of 2019."))
    assert "dana" not in found
    assert Page(found).faults == []


def test_a_listed_firearm_goes_to_its_maker_and_one_on_record_is_a_hit(network: Network) -> None:
    asker = Asker("dana", frozenset({"desk"}), "investigate", "C-1")
    carriage = Carriage("investigate", "official-use")
    pistol = {"make": "Selmer", "model": "P9", "type": "pistol"}
    for member, register, more in (
        (SECRETARIAT, "firearms-reference", {"source_ref": "SEL-P9", "country_of_manufacture": OWNER}),
        (OWNER, "firearms", {"source_ref": "F-1", "serial": "HT1", "status": "stolen"}),
    ):
        desk = network.hosts[member].desk()
        network.do(member, partial(desk.records.enter, asker, register, pistol | more, carriage))
    searcher = network.hosts[SEARCHER].desk()
    network.until(
        lambda: (
            searcher.index.lookup("serial", serial_key(network, "Selmer", "HT1"))
            and searcher.index.find("firearm-reference", "sel p9")
        )
    )
    name = traced(network, "HT1", make="Selmer", unlisted="", to="")
    trace = read(network, SEARCHER, name)
    assert trace is not None
    assert (trace.firearm.reference, trace.steps[0].country) == ("SEL-P9", OWNER)
    page = Browser(network, SEARCHER, "dirk").look_for()
    assert f"/en/hits/{trace.hits[0]}" in page.get(f"/en/traces/{name}").text
    hit = page.get(f"/en/hits/{trace.hits[0]}")
    assert hit.status_code == 200
    assert Page(hit.text).faults == []
    assert "Selmer HT1" in hit.text


def test_a_refused_form_comes_back_with_what_was_entered(network: Network) -> None:
    desk = Browser(network, SEARCHER, "dirk").look_for()
    assert Page(desk.get("/en/traces/new").text).faults == []
    unlisted = desk.post("/en/traces/new", {"serial": "K18", "make": "Norvik", "course": "approve"})
    assert unlisted.status_code == 422
    page = Page(unlisted.text)
    assert page.faults == []
    assert any(link["href"] == "#field-make" for link in page.all("a"))
    assert 'value="K18"' in unlisted.text
    assert any("checked" in one for one in page.all("input") if one.get("value") == "approve")
    name = traced(network, "RF1")
    maker = Browser(network, OWNER, "dana").look_for()
    unsaid = maker.post(f"/en/traces/{name}", {"act": "answer", "finding": "exported", "text": "Shipped."})
    assert unsaid.status_code == 422
    assert any(link["href"] == "#field-country" for link in Page(unsaid.text).all("a"))
    assert "Shipped." in unsaid.text


def test_the_requester_gives_marks_follows_the_proposal_and_withdraws(network: Network) -> None:
    name = traced(network, "GM1", course="approve")
    path = f"/en/traces/{name}"
    maker = Browser(network, OWNER, "dana").look_for()
    desk = Browser(network, SEARCHER, "dirk").look_for()
    maker.post(path, {"act": "answer", "finding": "more-marks", "text": "Which proof?"})
    network.until(partial(known, network, SEARCHER, name, "answered"))
    assert desk.post(path, {"act": "marks", "marks": " "}).status_code == 422
    assert desk.post(path, {"act": "marks", "marks": "Crown over N"}).status_code == 303
    network.until(lambda: "Crown over N" in marks_at(network, OWNER, name))
    said = {"act": "answer", "finding": "exported", "country": "XBM", "text": "Shipped in 2020."}
    assert maker.post(path, said).status_code == 303
    network.until(partial(known, network, SEARCHER, name, "answered"))
    page = desk.get(path).text
    assert "The last answer leads to" in page
    assert any("selected" in one for one in Page(page).all("option") if one["value"] == "XBM")
    unnamed = desk.post(path, {"act": "next", "to": OWNER})
    assert unnamed.status_code == 422
    assert any(link["href"] == "#field-to" for link in Page(unnamed.text).all("a"))
    assert desk.post(path, {"act": "next", "to": "XBM"}).status_code == 303
    assert 'value="answer"' in desk.get(path).text
    assert desk.post(path, {"act": "withdraw", "reason": ""}).status_code == 422
    assert desk.post(path, {"act": "withdraw", "reason": "Solved."}).status_code == 303
    assert "Solved." in desk.get(path).text
    assert Page(desk.get(path).text).faults == []


def test_who_may_not_sees_no_form_and_is_refused(network: Network) -> None:
    name = traced(network, "WM1")
    centre = Browser(network, SECRETARIAT, "cora").look_for()
    assert centre.get("/en/traces/new").status_code == 403
    assert centre.get(f"/en/traces/{name}").status_code == 404
    border = Browser(network, SEARCHER, "bea").look_for()
    assert border.get("/en/traces/new").status_code == 403
    assert border.get(f"/en/traces/{name}").status_code == 403
    maker = Browser(network, OWNER, "dana").look_for()
    assert maker.post(f"/en/traces/{name}", {"act": "withdraw", "reason": "No."}).status_code == 403
    unasked = Browser(network, OWNER, "dana").get(f"/en/traces/{name}")
    assert unasked.headers["location"].startswith("/en/purpose")
    assert maker.get(f"/en/traces/{name}.json").json()["side"] == "asked"


def test_the_list_shows_what_waits_and_counts_it(network: Network) -> None:
    name = traced(network, "LC1", priority="urgent")
    maker = Browser(network, OWNER, "dana").look_for()
    listed = maker.get("/en/traces?state=open")
    assert Page(listed.text).faults == []
    assert name in listed.text
    assert "Urgent" in listed.text
    tabs = maker.get("/en/state").text.split("<li>")
    assert any('href="/en/traces"' in tab and "count figure" in tab for tab in tabs)
    maker.post(f"/en/traces/{name}", {"act": "answer", "finding": "no-record", "text": "Nothing."})
    rows = {state: maker.get(f"/en/traces.json?state={state}").json()["rows"] for state in ("", "open")}
    assert {state: name in {one["id"] for one in found} for state, found in rows.items()} == {
        "": True,
        "open": False,
    }
