from functools import partial

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.web.console_network import OWNER, SEARCHER, SECRETARIAT, Browser, Network
from tests.web.markup import Page
from tests.web.test_pages_border import zone

from allpoints.ground.refusal import Refusal
from allpoints.identity.officers import Asker
from allpoints.ledger import audit
from allpoints.registers import blocks, store
from allpoints.registers.entering import Carriage
from allpoints.registers.linking import Between
from allpoints.registers.searching import Query
from allpoints.vocabulary.loading import load
from allpoints.web.pages.searching import understood

WHY = {"purpose": "investigate", "case": "C-5"}
VOCABULARY = load()
NOW = 1_795_516_925_000


def person(network: Network, ref: str, family: str) -> str:
    raw = {
        "source_ref": ref,
        "family_name": family,
        "given_names": "Elio Marek",
        "names_original": ["Элио"],
        "sex": "M",
        "birth_date": "1979-03",
        "nationalities": ["XAV"],
        "status_of_person": "missing",
        "warnings": ["suicidal"],
        "marks": "Scar above the left eyebrow",
    }
    asker = Asker("dana", frozenset({"desk"}), "locate", "C-1")
    records = network.hosts[OWNER].desk().records
    carriage = Carriage("locate", "restricted")
    identifier = network.do(OWNER, lambda: records.enter(asker, "persons", raw, carriage))
    for node in (OWNER, SEARCHER):
        db = network.hosts[node].desk().db
        network.until(partial(store.rows_of, db, [bytes.fromhex(identifier)]))
    return identifier


def test_a_document_is_found_by_country_and_number_with_the_reason(network: Network) -> None:
    record = network.report("SE1000001")
    desk = Browser(network, SEARCHER, "dirk")
    page = desk.post("/en/search", {"q": "XAV se 1000-001", **WHY})
    assert page.status_code == 200
    assert Page(page.text).faults == []
    assert f"/en/records/{record}" in page.text
    assert "Issuing country and number are the same." in page.text
    assert "1 result" in page.text
    lines = network.do(SEARCHER, lambda: audit.lines(network.hosts[SEARCHER].desk().db, limit=3))
    asked = next(line for line in lines if line.event == "search:asked")
    assert (asked.officer, asked.purpose, asked.case_ref) == ("dirk", "investigate", "C-5")


def test_a_person_is_found_by_name_and_opens_with_purpose_and_case_of_the_search(network: Network) -> None:
    record = person(network, "P-SEARCH-1", "Torvane")
    desk = Browser(network, SEARCHER, "dirk")
    page = desk.post("/en/search", {"q": "torvane elio marek", **WHY})
    assert f"/en/records/{record}" in page.text
    opened = desk.get(f"/en/records/{record}")
    assert opened.status_code == 200
    assert Page(opened.text).faults == []
    shown = ("TORVANE Elio Marek", "Missing", "March 1979", "May harm himself", "Scar above", "Restricted")
    assert all(words in opened.text for words in shown)
    assert "Withdraw record" not in opened.text
    assert "TORVANE Elio Marek" in desk.get("/en/desk").text


def test_a_question_without_purpose_or_words_comes_back_with_its_faults(network: Network) -> None:
    desk = Browser(network, SEARCHER, "dirk")
    refused = desk.post("/en/search", {"q": "", "purpose": "", "case": ""})
    assert refused.status_code == 422
    page = Page(refused.text)
    assert page.faults == []
    linked = {link["href"] for link in page.all("a")}
    assert {"#field-q", "#field-purpose", "#field-case"} <= linked
    long = desk.post("/en/search", {"q": "a b c d e f g h i j k l m n o p", **WHY})
    assert long.status_code == 422
    assert "at most 12 words" in long.text


def test_a_reviewer_searches_notices_and_no_records(network: Network) -> None:
    network.report("SE3000001", ref="SEEN-3")
    reviewer = Browser(network, SECRETARIAT, "rita")
    page = reviewer.post("/en/search", {"q": "SEEN-3", **WHY})
    assert page.status_code == 200
    assert "SE3000001" not in page.text
    assert 'value="persons"' not in page.text
    command = Browser(network, SECRETARIAT, "cora").post("/en/search", {"q": "SEEN-3", **WHY})
    assert "SE3000001" in command.text


def test_a_near_number_is_a_hint_and_no_result(network: Network) -> None:
    network.report("B02000018")
    page = Browser(network, SEARCHER, "dirk").post("/en/search", {"q": "XAV BO2000018", **WHY})
    assert "0 results" in page.text
    assert "differs by one easily confused character" in page.text


def test_the_owner_withdraws_a_record_with_a_reason_and_nobody_else_can(network: Network) -> None:
    record = network.report("SE4000001")
    path = f"/en/records/{record}"
    other = Browser(network, SEARCHER, "dirk").look_for()
    assert other.post(path, {"act": "withdraw", "reason": "Ours now."}).status_code == 403
    owner = Browser(network, OWNER, "dana").look_for()
    refused = owner.post(path, {"act": "withdraw", "reason": ""})
    assert refused.status_code == 422
    assert "A record is withdrawn for a stated reason." in refused.text
    done = owner.post(path, {"act": "withdraw", "reason": "Found at home."})
    assert done.status_code == 303
    desk = network.hosts[SEARCHER].desk()
    network.until(lambda: not desk.index.lookup("document", "XAV|SE4000001"))
    after = other.get(path)
    assert after.status_code == 200
    assert "Withdrawn" in after.text
    assert "SE4000001" not in after.text.replace("ref-SE4000001", "")


def test_the_owner_renews_a_record_and_ends_it_when_its_purpose_is_achieved(network: Network) -> None:
    record = network.report("SE5000001")
    path = f"/en/records/{record}"
    owner = Browser(network, OWNER, "dana").look_for()
    assert owner.post(path, {"act": "burn", "reason": "Why not."}).status_code == 422
    assert owner.post(path, {"act": "renew", "reason": " "}).status_code == 422
    assert owner.post(path, {"act": "renew", "reason": "Not found yet."}).status_code == 303
    reader = Browser(network, SEARCHER, "dirk").look_for()
    desk = network.hosts[SEARCHER].desk()

    def status() -> tuple[int, str]:
        query = "SELECT version, status FROM state_records WHERE record_id=?"
        found: tuple[int, str] = desk.db.execute(query, (bytes.fromhex(record),)).fetchone()
        return found

    network.until(lambda: status() == (2, "valid"))
    assert "Not found yet." in reader.get(path).text
    assert "Renewed or changed" in reader.get(path).text
    assert owner.post(path, {"act": "achieve", "reason": "Handed in."}).status_code == 303
    network.until(lambda: status() == (3, "withdrawn"))
    assert "Purpose achieved" in reader.get(path).text
    assert "SE5000001" not in reader.get(path).text.replace("ref-SE5000001", "")


def test_a_record_shows_its_links_and_that_it_is_under_examination(network: Network) -> None:
    first, second = network.report("LI1000001"), network.report("LI1000002")
    owner, centre = network.hosts[OWNER].desk(), network.hosts[SECRETARIAT].desk()
    dana = Asker("dana", frozenset({"desk"}), "border-control", "C-1")
    said = Between(bytes.fromhex(first), bytes.fromhex(second), "same-as", "One booklet.", "")
    network.do(OWNER, lambda: owner.links.enter(dana, said))
    reader = Browser(network, SEARCHER, "dirk").look_for()
    db, held = network.hosts[SEARCHER].desk().db, network.hosts[OWNER].desk().db
    network.until(lambda: bool(db.execute("SELECT count(*) FROM state_links").fetchone()[0]))
    assert "is perhaps the same as" in reader.get(f"/en/records/{first}").text
    page = reader.get(f"/en/records/{second}").text
    assert f"/en/records/{first}" in page
    assert "One booklet." in page
    rita = Asker("rita", frozenset({"reviewer"}), "border-control", "C-1")
    network.do(SECRETARIAT, lambda: centre.blocks.block(rita, bytes.fromhex(second), "Doubts."))
    blocks = "SELECT count(*) FROM state_record_blocks"
    network.until(lambda: db.execute(blocks).fetchone() == held.execute(blocks).fetchone() == (1,))
    assert "Under examination" in reader.get(f"/en/records/{second}").text
    assert "LI1000002" not in reader.get(f"/en/records/{second}").text.replace("ref-LI1000002", "")
    shown = Browser(network, OWNER, "dana").look_for().get(f"/en/records/{second}").text
    assert "Doubts." in shown
    assert "LI1000002" in shown.replace("ref-LI1000002", "")


def test_a_zone_pasted_into_one_line_finds_its_document(network: Network) -> None:
    record = network.report("SE5000001")
    lines = zone("SE5000001").replace("\n", "")
    page = Browser(network, SEARCHER, "dirk").post("/en/search", {"q": lines, **WHY})
    assert f"/en/records/{record}" in page.text
    misread = Browser(network, SEARCHER, "dirk").post("/en/search", {"q": lines.replace("SE5", "SE6"), **WHY})
    assert misread.status_code == 422
    assert "check digit" in misread.text


@pytest.mark.parametrize(
    ("text", "query"),
    [
        ("XAV AB 123456", Query(number="AB 123456", issuer="XAV")),
        ("xbm-77 12", Query(number="77 12", issuer="XBM")),
        ("Torvane Elio", Query(name="Torvane Elio")),
        ("Torvane, Elio 1979", Query(name="Torvane, Elio", birth_year=1979)),
        ("XAV-2031-004711", Query(number="2031-004711", issuer="XAV")),
        ("W/77-2", Query(ref="W/77-2")),
        ("Ann Lee", Query(name="Ann Lee")),
        ("VIN: WVWZZZ1J*", Query(identifiers={"vin": "WVWZZZ1J*"})),
        ("plate:XAV AB 1?4", Query(identifiers={"plate": "XAV AB 1?4"})),
        ("Note: see file", Query(name="Note: see file")),
    ],
)
def test_the_one_field_is_understood(text: str, query: Query) -> None:
    assert understood(text, VOCABULARY, NOW) == query


@given(st.text(min_size=1, max_size=80))
@settings(max_examples=60, deadline=None)
def test_every_text_is_a_question_or_is_refused(text: str) -> None:
    try:
        query = understood(text, VOCABULARY, NOW)
    except Refusal:
        assert "<" in text or len(text.splitlines()) > 1
    else:
        assert bool(query.number) + bool(query.name) + bool(query.ref) + bool(query.identifiers) == 1


def test_a_number_is_asked_for_by_its_kind_and_known_in_part(network: Network) -> None:
    browser = Browser(network, SEARCHER, "dirk").look_for()
    vehicle = {"source_ref": "V-77", "status": "stolen", "kind": "car", "vin": "WVWZZZ1JZXW000077"}
    desk = network.hosts[OWNER].desk()
    asker = Asker("dana", frozenset({"desk"}), "locate", "C-1")
    carriage = Carriage("locate", "official-use")
    network.do(OWNER, lambda: desk.records.enter(asker, "stolen-vehicles", vehicle, carriage))
    network.until(lambda: network.hosts[SEARCHER].desk().index.lookup("vin", "WVWZZZ1JZXW000077"))
    found = browser.post("/en/search", {**WHY, "q": "vin: wvwzzz1jzxw0000*"}).text
    assert "V-77" in found or "WVWZZZ1JZXW000077" in found
    refused = browser.post("/en/search", {**WHY, "q": "vin: W*"})
    assert refused.status_code == 422
    assert "must be known" in refused.text


def vehicle(network: Network, ref: str, vin: str, **fields: object) -> str:
    raw = {"source_ref": ref, "status": "stolen", "kind": "car", "vin": vin, **fields}
    desk = network.hosts[OWNER].desk()
    asker = Asker("dana", frozenset({"desk"}), "locate", "C-1")
    carriage = Carriage("locate", "official-use")
    identifier = network.do(OWNER, lambda: desk.records.enter(asker, "stolen-vehicles", raw, carriage))
    network.until(lambda: network.hosts[SEARCHER].desk().index.lookup("vin", vin))
    return identifier


def test_an_answer_is_narrowed_by_register_and_by_its_facets_and_widened_again(network: Network) -> None:
    blue = vehicle(network, "V-N1", "WVWZZZ1JZXW100001", colour="blue", make="VW")
    red = vehicle(network, "V-N2", "WVWZZZ1JZXW100002", colour="red", make="VW")
    browser = Browser(network, SEARCHER, "dirk").look_for()
    asked = {**WHY, "q": "vin: WVWZZZ1JZXW1000*", "register": "stolen-vehicles"}
    wide = Page(browser.post("/en/search", asked).text)
    buttons = {(one["name"], one["value"]) for one in wide.all("button") if "value" in one}
    assert {("filter.colour", "blue"), ("filter.colour", "red")} <= buttons
    assert ("filter.make", "VW") not in buttons, "a choice that leaves everything is none"
    narrow = browser.post("/en/search", {**asked, "filter.colour": "blue"}).text
    assert f"/en/records/{blue}" in narrow
    assert f"/en/records/{red}" not in narrow
    assert Page(narrow).faults == []
    assert ("drop", "colour") in {(one.get("name"), one.get("value")) for one in Page(narrow).all("button")}
    again = browser.post("/en/search", {**asked, "filter.colour": "blue", "drop": "colour"}).text
    assert f"/en/records/{red}" in again


def test_a_filter_of_another_register_or_of_none_is_not_taken(network: Network) -> None:
    vehicle(network, "V-N3", "WVWZZZ1JZXW200001", colour="green")
    browser = Browser(network, SEARCHER, "dirk").look_for()
    asked = {**WHY, "q": "vin: WVWZZZ1JZXW2000*", "filter.colour": "blue", "filter.plumage": "blue"}
    assert "1 result" in browser.post("/en/search", asked).text
    there = {**asked, "register": "stolen-vehicles"}
    assert "0 results" in browser.post("/en/search", there).text


def test_the_secretariat_blocks_a_record_on_its_page_and_ends_the_examination(network: Network) -> None:
    record = network.report("BL1000001")
    path = f"/en/records/{record}"
    centre = network.hosts[SECRETARIAT].desk()
    network.until(partial(store.rows_of, centre.db, [bytes.fromhex(record)]))
    owner = Browser(network, OWNER, "dana").look_for()
    assert "Block record" not in owner.get(path).text
    assert owner.post(path, {"act": "block", "reason": "Mine."}).status_code == 403
    cora = Browser(network, SECRETARIAT, "cora").look_for()
    assert "Block record" in cora.get(path).text
    assert cora.post(path, {"act": "block", "reason": " "}).status_code == 422
    assert cora.post(path, {"act": "block", "reason": "Doubts on its source."}).status_code == 303
    index = network.hosts[SEARCHER].desk().index
    network.until(lambda: not index.lookup("document", "XAV|BL1000001"))
    network.until(lambda: blocks.latest(centre.db, bytes.fromhex(record)) is not None)
    assert "End the examination" in cora.get(path).text
    assert cora.post(path, {"act": "unblock", "reason": "It holds."}).status_code == 303
    network.until(lambda: index.lookup("document", "XAV|BL1000001"))


def test_a_desk_links_two_records_and_takes_the_link_back(network: Network) -> None:
    first, second = network.report("LK1000001"), network.report("LK1000002")
    owner = Browser(network, OWNER, "dana").look_for()
    path = f"/en/records/{first}"
    assert f"{path}/link" in owner.get(path).text
    form = Page(owner.get(f"{path}/link").text)
    assert form.faults == []
    given = {"record": "ref-LK1000002", "relation": "same-as", "reason": "Once a booklet."}
    refused = owner.post(f"{path}/link", {**given, "record": "nowhere"})
    assert refused.status_code == 422
    assert "No record that you may see has this reference." in refused.text
    assert owner.post(f"{path}/link", {**given, "reason": ""}).status_code == 422
    assert owner.post(f"{path}/link", given).status_code == 303
    databases = [network.hosts[node].desk().db for node in (OWNER, SEARCHER)]
    count = "SELECT count(*) FROM state_links WHERE reason='Once a booklet.'"
    network.until(lambda: all(db.execute(count).fetchone() == (1,) for db in databases))
    assert f"/en/records/{second}" in owner.get(path).text
    reader = Browser(network, SEARCHER, "dirk").look_for()
    assert f"/en/records/{second}" in reader.get(path).text
    assert "/undo" not in reader.get(path).text
    undo = next(one["href"] for one in Page(owner.get(path).text).all("a") if one["href"].endswith("/undo"))
    assert reader.get(undo).status_code == 404
    assert Page(owner.get(undo).text).faults == []
    assert owner.post(undo, {"reason": ""}).status_code == 422
    assert owner.post(undo, {"reason": "Two booklets after all."}).status_code == 303
    ended = "SELECT count(*) FROM state_link_ends WHERE reason='Two booklets after all.'"
    network.until(lambda: databases[1].execute(ended).fetchone() == (1,))
    assert f"/en/records/{second}" not in reader.get(path).text
