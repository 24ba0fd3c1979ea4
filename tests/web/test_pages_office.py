import httpx
import msgspec
import pytest
from tests.web.console_network import OWNER, POST, SEARCHER, SECRETARIAT, Browser, Network, token_in
from tests.web.markup import Page

from allpoints.registers import import_job
from allpoints.web.pages.audit import about

HEADER = "source_ref,document_number,issuer,document_type,fraud\n"


def send(browser: Browser, content: str, name: str = "stolen.csv", **fields: str) -> httpx.Response:
    token = token_in(browser.get("/en/imports").text)
    data = {
        "csrf": token,
        "register": "travel-documents",
        "purpose": "border-control",
        "handling": "official-use",
        **fields,
    }
    files = {"file": (name, content.encode(), "text/csv")}
    return browser.network.run(browser.client.post("/en/imports", data=data, files=files))


def test_a_file_is_imported_and_its_page_follows_it(network: Network) -> None:
    desk = Browser(network, OWNER, "dana")
    rows = "".join(f"IMP-{n},IM{n:07},XAV,passport,stolen\n" for n in range(120))
    answer = send(desk, HEADER + rows, name="../stolen & lost.csv")
    assert answer.status_code == 303, answer.text
    path = answer.headers["location"]
    page = desk.get(path)
    assert Page(page.text).faults == []
    assert "stolen-lost.csv" in page.text
    searcher = network.hosts[SEARCHER].desk()
    network.until(lambda: bool(searcher.index.lookup("document", "XAV|IM0000119")))
    done = desk.get(f"{path}.json").json()
    assert (done["state"]["word"], done["accepted"], done["total"], done["running"]) == (
        "Done",
        120,
        120,
        False,
    )
    assert "Done" in desk.get("/en/imports").text
    fragment = desk.get(path, **{"HX-Request": "true"}).text
    assert fragment.startswith('<div id="progress"')


def test_bad_rows_are_listed_with_line_field_and_reason(network: Network) -> None:
    desk = Browser(network, OWNER, "dana")
    content = (
        HEADER + "BAD-1,AA1,XAV,passport,stolen\nBAD-2,,XAV,passport,stolen\nBAD-3,AA3,XBM,passport,lost\n"
    )
    path = send(desk, content).headers["location"]
    network.until(lambda: desk_state(network, path) == "failed")
    page = desk.get(path)
    assert Page(page.text).faults == []
    assert "document_number" in page.text
    assert "Only XBM may write this record" in page.text
    kept = send(desk, content, keep_going="yes").headers["location"]
    network.until(lambda: desk_state(network, kept) == "done")
    assert desk.get(f"{kept}.json").json()["accepted"] == 1


def desk_state(network: Network, path: str) -> str:
    job = import_job.load(network.hosts[OWNER].desk().db, path.rpartition("/")[2])
    return job.state if job is not None else ""


def test_a_file_that_fits_no_register_is_refused_and_leaves_nothing(network: Network) -> None:
    desk = Browser(network, OWNER, "dana")
    spool = network.hosts[OWNER].desk().imports.spool()
    before = set(spool.iterdir())
    wrong = send(desk, "a,b\n1,2\n")
    assert wrong.status_code == 422
    assert Page(wrong.text).faults == []
    nothing = send(desk, "", name="")
    assert nothing.status_code == 422
    assert "Choose the file to import." in nothing.text
    assert set(spool.iterdir()) == before


def test_an_import_needs_the_form_of_the_session_and_the_desk(network: Network) -> None:
    desk = Browser(network, OWNER, "dana")
    assert send(desk, HEADER, csrf="0" * 32).status_code == 403
    assert Browser(network, OWNER, "bo").get("/en/imports").status_code == 403
    assert desk.get("/en/imports").status_code == 200


def test_members_and_posts_stand_with_their_keys(network: Network) -> None:
    page = Browser(network, SEARCHER, "abel").get("/en/members")
    assert Page(page.text).faults == []
    for words in ("Belmora", "Arvandia", "Harbour of Sundvik", "XBM/post-1"):
        assert words in page.text
    centre = Browser(network, SECRETARIAT, "adam").get("/en/members").text
    assert "allpoints member admit" in centre
    assert "On the line" in centre


def test_the_audit_log_is_read_filtered_and_counted_among_itself(network: Network) -> None:
    Browser(network, OWNER, "dana").look_for().get("/en/notices")
    reader = Browser(network, OWNER, "cleo")
    page = reader.get("/en/audit")
    assert Page(page.text).faults == []
    assert "Log whole" in page.text
    rows = reader.get("/en/audit.json?officer=cleo&event=audit:read").json()["rows"]
    assert rows
    assert {row["officer"] for row in rows} == {"cleo"}
    older = reader.get("/en/audit.json?before=3").json()
    assert [row["seq"] for row in older["rows"]] == [2, 1]
    assert reader.get("/en/audit.json?before=xyz").status_code == 200


@pytest.mark.parametrize("node", [SECRETARIAT, OWNER, POST])
def test_the_state_says_how_each_kind_of_node_stands(network: Network, node: str) -> None:
    name = {SECRETARIAT: "rita", OWNER: "dana", POST: "pia"}[node]
    view = Browser(network, node, name).get("/en/state.json").json()
    titles = {section["title"] for section in view["sections"]}
    assert "This node" in titles
    assert view["peers"]
    assert ("Extract" in titles) == (node == POST)
    assert view["settings"] == []


def test_what_a_line_is_about_names_things_and_no_persons() -> None:
    detail = msgspec.json.encode({"hit": "a" * 24, "question": {"family_name": "Torvane"}, "number": "AB1"})
    assert about(detail) == f"hit {'a' * 12}…"
    assert about(b'{"query": {"name": "Torvane"}}') == ""
    assert about(b"[]") == ""


def test_the_components_page_shows_both_schemes_and_directions(network: Network) -> None:
    browser = Browser(network, OWNER, "ada")
    for query in ("", "?direction=rtl&scheme=dark"):
        page = browser.get(f"/en/components{query}")
        assert page.status_code == 200
        assert Page(page.text).faults == []
    assert 'dir="rtl"' in page.text
