"""The registers at the desk: leafed through, asked, written to, and given out as a file."""

import re
from functools import partial
from typing import Any

import httpx
import pytest
from tests.registers.exhibits import png
from tests.web.console_network import OWNER, SEARCHER, SECRETARIAT, Browser, Network
from tests.web.markup import Page

from allpoints.identity.officers import Asker
from allpoints.ledger import audit
from allpoints.registers import store
from allpoints.registers.record import record_id

CAR = {
    "source_ref": "V-1",
    "status": "stolen",
    "kind": "car",
    "make": "Arvan",
    "model": "Kestrel",
    "colour": "blue",
    "vin": "1M8GDM9AXKP042788",
    "@handling": "official-use",
}
VEHICLES = "/en/registers/stolen-vehicles"


def car(network: Network, ref: str, vin: str, **more: Any) -> str:
    """Arvandia enters a car at its desk's form, and both members hold it; its identifier."""
    browser = Browser(network, OWNER, "dana").look_for()
    answer = browser.post(f"{VEHICLES}/new", {**CAR, "source_ref": ref, "vin": vin, **more})
    assert answer.status_code == 303, answer.text
    return held(network, "stolen-vehicles", ref)


def held(network: Network, register: str, ref: str, version: int = 1) -> str:
    identity = record_id(register, OWNER, ref)
    for node in (OWNER, SEARCHER):
        db = network.hosts[node].desk().db
        network.until(partial(_has, db, identity, version))
    return identity.hex()


def _has(db: Any, identity: bytes, version: int) -> bool:
    return any(row.version >= version for row in store.rows_of(db, [identity]))


def listed(network: Network, node: str) -> list[Any]:
    lines = network.do(node, lambda: audit.lines(network.hosts[node].desk().db, limit=20))
    return [line for line in lines if line.event == "register:listed"]


def test_the_index_has_every_register_that_the_officer_is_told_of(network: Network) -> None:
    browser = Browser(network, OWNER, "dana").look_for()
    page = browser.get("/en/registers")
    assert Page(page.text).faults == []
    known = network.hosts[OWNER].desk().records.known(Asker("dana", frozenset({"desk"})))
    assert all(f'href="/en/registers/{name}"' in page.text for name in known)
    closed = set(network.hosts[OWNER].vocabulary.registers) - set(known)
    assert "dna-profiles" in closed
    assert not any(f"/en/registers/{name}" in page.text for name in closed)
    twin = browser.get("/en/registers.json").json()
    assert [tile["name"] for tile in twin["tiles"]] == list(known)


def test_a_closed_register_is_refused_like_one_that_never_was(network: Network) -> None:
    browser = Browser(network, OWNER, "dana").look_for()
    for ending in ("", "/new", "/template.csv", ".json"):
        closed = browser.get(f"/en/registers/dna-profiles{ending}")
        never = browser.get(f"/en/registers/dna-nothings{ending}")
        assert closed.status_code == never.status_code == 404, ending
        texts = [
            re.sub(r"[0-9]{13}|[0-9]{2}:[0-9]{2}:[0-9]{2}", "", answer.text) for answer in (closed, never)
        ]
        assert texts[0].replace("dna-profiles", "dna-nothings") == texts[1]
    assert browser.post("/en/registers/dna-profiles/export", {}).status_code == 404
    assert browser.post("/en/registers/stolen-vehicles/export", {}).status_code == 200


def test_a_car_is_entered_found_and_changed_at_the_desk(network: Network) -> None:
    record = car(network, "V-STORY", "WVWZZZ1JZXW000011", features="Dent in the left rear door")
    reader = Browser(network, SEARCHER, "dirk").look_for()
    table = reader.get(VEHICLES)
    assert Page(table.text).faults == []
    assert f"/en/records/{record}" in table.text
    assert "V-STORY" in table.text
    found = reader.post(VEHICLES, {"number.vin": "WVWZZZ1JZXW000011"})
    assert "1 record found" in found.text
    assert f"/en/records/{record}" in found.text
    assert f"/en/records/{record}" in reader.post(VEHICLES, {"number.vin": "WVWZZZ1JZXW0000??"}).text
    assert f"/en/records/{record}" in reader.post(VEHICLES, {"text": "dent door"}).text
    assert reader.get(f"/en/records/{record}/change").status_code == 403
    owner = Browser(network, OWNER, "dana").look_for()
    form = owner.get(f"/en/records/{record}/change")
    assert Page(form.text).faults == []
    assert 'value="WVWZZZ1JZXW000011"' in form.text
    assert 'name="source_ref"' not in form.text
    fields = {**CAR, "vin": "WVWZZZ1JZXW000011", "colour": "red", "source_ref": "OTHER"}
    changed = owner.post(f"/en/records/{record}/change", fields)
    assert changed.headers["location"] == f"/en/records/{record}"
    held(network, "stolen-vehicles", "V-STORY", 2)
    assert "Red" in reader.get(f"/en/records/{record}").text


def test_a_listing_is_written_down_and_needs_a_purpose(network: Network) -> None:
    browser = Browser(network, SEARCHER, "dirk")
    assert browser.get(VEHICLES).status_code == 303
    browser.look_for("investigate", "C-77")
    browser.post(VEHICLES, {"text": "kestrel"})
    line = listed(network, SEARCHER)[0]
    assert (line.officer, line.purpose, line.case_ref) == ("dirk", "investigate", "C-77")


def test_filters_alone_become_an_address_and_narrow_the_table(network: Network) -> None:
    red = car(network, "V-GREEN", "WVWZZZ1JZXW000022", colour="green")
    white = car(network, "V-WHITE", "WVWZZZ1JZXW000033", colour="white")
    browser = Browser(network, SEARCHER, "dirk").look_for()
    sent = browser.post(VEHICLES, {"filter.colour": "green", "filter.status": "stolen"})
    assert (sent.status_code, sent.headers["location"]) == (303, f"{VEHICLES}?colour=green&status=stolen")
    page = browser.get(sent.headers["location"])
    assert red in page.text
    assert white not in page.text
    assert "Colour: Green" in page.text
    refused = browser.get(f"{VEHICLES}?colour=no-such-colour")
    assert refused.status_code == 422
    assert Page(refused.text).faults == []


def test_what_merely_looks_alike_is_a_warning_and_no_result(network: Network) -> None:
    record = car(network, "V-NEAR", "WVWZZZ1JZXW000440", engine_number="BKC0123456")
    browser = Browser(network, SEARCHER, "dirk").look_for()
    near = browser.post(VEHICLES, {"number.engine": "BKCO123456"}).text
    assert "0 records found" in near
    assert "Looks alike, but is no result" in near
    assert record not in near
    assert record in browser.post(VEHICLES, {"number.engine": "BKC0123456"}).text


def test_a_question_that_is_too_open_comes_back_with_its_sentence_at_the_field(network: Network) -> None:
    browser = Browser(network, SEARCHER, "dirk").look_for()
    page = browser.post(VEHICLES, {"number.vin": "1*"})
    assert page.status_code == 422
    assert "#field-number-vin" in {link["href"] for link in Page(page.text).all("a")}
    assert browser.post(VEHICLES, {"number.vin": "1M8GDM9AXKP0*"}).status_code == 200


def test_a_form_without_its_required_fields_comes_back_with_what_was_entered(network: Network) -> None:
    browser = Browser(network, OWNER, "dana").look_for()
    page = browser.post(f"{VEHICLES}/new", {"make": "Arvan", "@handling": "official-use"})
    assert page.status_code == 422
    markup = Page(page.text)
    assert markup.faults == []
    assert {"#field-source-ref", "#field-status"} <= {link["href"] for link in markup.all("a")}
    assert 'value="Arvan"' in page.text


def test_a_document_of_another_country_is_refused_at_its_field(network: Network) -> None:
    fields = {
        "source_ref": "T-1",
        "document_number": "B0000001",
        "issuer": SEARCHER,
        "document_type": "passport",
        "fraud": "stolen",
        "@handling": "official-use",
    }
    browser = Browser(network, OWNER, "dana").look_for()
    address = "/en/registers/travel-documents/new"
    page = browser.post(address, fields)
    assert page.status_code == 422
    assert "#field-issuer" in {link["href"] for link in Page(page.text).all("a")}
    assert browser.post(address, {**fields, "issuer": OWNER}).status_code == 303


def test_advice_is_told_after_the_entry_and_refuses_nothing(network: Network) -> None:
    browser = Browser(network, OWNER, "dana").look_for()
    fields = {**CAR, "source_ref": "V-ADVICE", "vin": "1M8GDM9A1KP042788"}
    answer = browser.post(f"{VEHICLES}/new", fields)
    assert answer.status_code == 303
    told = browser.get(answer.headers["location"]).text
    assert "Record entered" in told
    assert "Look again:" in told


def test_a_picture_goes_with_its_record_and_stays_when_a_form_is_refused(network: Network) -> None:
    browser = Browser(network, OWNER, "dana").look_for()
    address = "/en/registers/works-of-art/new"
    fields = {
        "source_ref": "W-1",
        "status": "stolen",
        "object_type": "pictures/icon",
        "title": "Icon",
        "@handling": "official-use",
    }
    assert "multipart/form-data" in browser.get(address).text

    def sent(values: dict[str, str], content: bytes = b"") -> httpx.Response:
        files = {"pictures": ("icon.png", content, "image/png")} if content else {"pictures": ("", b"")}
        data = {"csrf": browser.token(), **values}
        return network.run(browser.client.post(address, data=data, files=files))

    wrong = sent(fields, b"<svg/>")
    assert wrong.status_code == 422
    assert "#field-pictures" in {link["href"] for link in Page(wrong.text).all("a")}
    refused = sent({**fields, "status": ""}, png())
    assert refused.status_code == 422
    kept = next(one for one in Page(refused.text).all("input") if one.get("name") == "pictures.kept")
    assert "checked" in kept
    done = sent({**fields, "pictures.kept": kept["value"]})
    assert done.status_code == 303, done.text
    record = held(network, "works-of-art", "W-1")
    assert "icon.png" in Browser(network, SEARCHER, "dirk").look_for().get(f"/en/records/{record}").text


def test_own_records_are_saved_as_a_file_by_the_desk_alone(network: Network) -> None:
    car(network, "V-CSV", "WVWZZZ1JZXW000055")
    saved = Browser(network, OWNER, "dana").look_for().post(f"{VEHICLES}/export", {})
    assert saved.headers["content-disposition"] == 'attachment; filename="stolen-vehicles.csv"'
    assert "WVWZZZ1JZXW000055" in saved.text
    assert (
        "WVWZZZ1JZXW000055"
        not in Browser(network, SEARCHER, "dirk").look_for().post(f"{VEHICLES}/export", {}).text
    )
    assert Browser(network, OWNER, "cleo").look_for().post(f"{VEHICLES}/export", {}).status_code == 403
    template = Browser(network, OWNER, "dana").get(f"{VEHICLES}/template.csv")
    assert template.text.startswith("source_ref,")


@pytest.mark.parametrize("name", ["cora", "rita"])
def test_the_secretariat_has_no_desk_that_writes(network: Network, name: str) -> None:
    browser = Browser(network, SECRETARIAT, name).look_for()
    assert browser.get(f"{VEHICLES}/new").status_code == 403
    assert browser.get(VEHICLES).status_code == (200 if name == "cora" else 403)
