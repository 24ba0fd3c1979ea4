import msgspec
import pytest
from tests.web.console_network import OWNER, POST, SEARCHER, Browser, Network
from tests.web.markup import Page

from allpoints.ledger import audit
from allpoints.vocabulary.mrz import Fields, build

SHIFT = {"purpose": "border-control", "case": "SUND-2026-11"}


def zone(number: str, issuer: str = "XAV", family: str = "Torvane", given: str = "Elio") -> str:
    fields = Fields(
        format="TD3",
        document_code="P",
        issuer=issuer,
        number=number,
        family_name=family,
        given_names=given,
        nationality=issuer,
        birth_date="1979-03-14",
        sex="M",
        expiry_date="2031-04-11",
    )
    return "\n".join(build(fields))


def scan(browser: Browser, text: str, **headers: str) -> str:
    answer = browser.post("/en/border", {"act": "scan", "scan": text, **SHIFT}, **headers)
    assert answer.status_code == 200, answer.text
    if "hx_request" not in headers:
        assert Page(answer.text).faults == []
    return answer.text


@pytest.fixture(params=[(SEARCHER, "bea"), (POST, "pia")], ids=["bureau", "post"])
def border(network: Network, request: pytest.FixtureRequest) -> Browser:
    node, name = request.param
    return Browser(network, node, name)


def test_a_stolen_document_is_a_document_hit_with_what_to_do_and_whom_to_ask(
    network: Network, border: Browser
) -> None:
    network.report("BD1000001")
    page = scan(border, zone("BD1000001"))
    assert 'data-verdict="document"' in page
    assert "Keep the document" in page
    assert "Passport XAV BD1000001" in page
    assert "Issuing country and number are the same." in page
    assert "Open the hit" in page
    assert 'href="/en/hits/' in page
    assert "check digit" in page


def test_an_unknown_document_is_no_hit_and_stands_among_the_last_checks(
    network: Network, border: Browser
) -> None:
    page = scan(border, zone("BD2000001"))
    assert 'data-verdict="clear"' in page
    assert "No hit" in border.get("/en/border").text
    assert "BD2000001" in border.get("/en/border").text


def test_a_misread_zone_names_line_and_position_and_checks_nothing(network: Network, border: Browser) -> None:
    text = zone("BD3000001")
    wrong = text.replace("BD3000001", "BD3000007")
    page = scan(border, wrong)
    assert 'data-verdict="unreadable"' in page
    assert "line 2" in page
    assert "should be" in page


@pytest.mark.parametrize("text", ["P<XAV", "hello", "<" * 500, "P<\nI<\nV<", "١٢٣"])
def test_what_is_no_zone_is_an_answer_and_no_error_page(network: Network, text: str) -> None:
    page = scan(Browser(network, SEARCHER, "bea"), text)
    assert 'data-verdict="unreadable"' in page


def test_a_scan_by_script_gets_the_fragment_alone(network: Network) -> None:
    browser = Browser(network, SEARCHER, "bea")
    page = scan(browser, zone("BD4000001"), **{"HX-Request": "true"})
    assert page.startswith('<div id="live"')
    assert "<html" not in page
    refused = browser.post("/en/border", {"act": "scan", "scan": " ", **SHIFT}, **{"HX-Request": "true"})
    assert refused.status_code == 422
    assert "error-summary" in refused.text


def test_a_check_without_purpose_and_case_is_refused_and_keeps_the_scan(network: Network) -> None:
    browser = Browser(network, SEARCHER, "bea")
    text = zone("BD5000001")
    answer = browser.post("/en/border", {"act": "scan", "scan": text, "purpose": "", "case": ""})
    assert answer.status_code == 422
    assert "Choose the purpose." in answer.text
    assert "Enter the number of the case or shift." in answer.text
    assert text.split("\n")[1].replace("<", "&lt;") in answer.text
    assert 'data-verdict="clear"' in scan(browser, text)


def test_a_shift_sets_purpose_and_case_for_the_checks_that_follow(network: Network) -> None:
    browser = Browser(network, SEARCHER, "bea")
    answer = browser.post("/en/border", {"act": "shift", "purpose": "border-control", "case": "LANE-3"})
    assert (answer.status_code, answer.headers["location"]) == (303, "/en/border")
    page = browser.get("/en/border").text
    assert 'name="case" value="LANE-3"' in page
    assert "autofocus" in page


def test_a_number_typed_by_hand_is_checked_and_its_faults_stand_at_the_inputs(network: Network) -> None:
    network.report("BD6000001")
    browser = Browser(network, SEARCHER, "bea")
    typed = {"act": "manual", "number": "bd 6000-001", "issuer": "xav", "type": "passport", **SHIFT}
    assert 'data-verdict="document"' in browser.post("/en/border", typed).text
    wrong = browser.post("/en/border", {**typed, "issuer": "???"})
    assert wrong.status_code == 422
    page = Page(wrong.text)
    assert page.faults == []
    assert any(link["href"] == "#field-issuer" for link in page.all("a"))
    assert 'value="bd 6000-001"' in wrong.text
    missing = browser.post("/en/border", {**typed, "number": ""})
    assert missing.status_code == 422
    assert "Enter the document number." in missing.text


def test_a_number_off_by_one_confusable_letter_is_a_warning_and_no_hit(network: Network) -> None:
    network.report("B01000018")
    browser = Browser(network, SEARCHER, "bea")
    typed = {"act": "manual", "number": "BO1000018", "issuer": "XAV", "type": "passport", **SHIFT}
    page = browser.post("/en/border", typed).text
    assert 'data-verdict="clear"' in page
    assert "differs by one easily confused character" in page


def test_every_check_is_on_record_before_its_page(network: Network) -> None:
    browser = Browser(network, SEARCHER, "bea")
    scan(browser, zone("BD7000001"))
    lines = network.do(SEARCHER, lambda: audit.lines(network.hosts[SEARCHER].office.db, limit=3))
    line = next(line for line in lines if line.event == "check:asked")
    assert (line.officer, line.purpose, line.case_ref) == ("bea", *SHIFT.values())
    assert msgspec.json.decode(line.detail)["number"] == "BD7000001"


def test_checks_of_one_officer_are_not_listed_for_another(network: Network) -> None:
    scan(Browser(network, SEARCHER, "bea"), zone("BD8000001"))
    assert "BD8000001" not in Browser(network, SEARCHER, "dirk").get("/en/border").text


def test_a_post_without_its_line_answers_from_its_extract_and_says_so(network: Network) -> None:
    network.report("BD9000001")
    post = network.hosts[POST].post
    assert post is not None
    network.until(
        lambda: bool(post.extract.lookup("document", "XAV|BD9000001")) and post.extract.stamp is not None
    )
    browser = Browser(network, POST, "pia")
    heard = post.hears
    post.hears = lambda: False  # type: ignore[method-assign]  # the bureau's beats keep it hearing
    try:
        page = scan(browser, zone("BD9000001"))
    finally:
        post.hears = heard  # type: ignore[method-assign]
    assert 'data-verdict="document"' in page
    assert "Extract, " in page
    assert "Without a line" in page
    network.do(POST, post._tell_alone)
    network.until(lambda: post.to_tell() == 0)


def test_the_hits_of_a_post_tell_what_became_of_them(network: Network) -> None:
    network.report("BE1000001")
    browser = Browser(network, POST, "pia").look_for()
    scan(browser, zone("BE1000001"))
    listed = browser.get("/en/hits")
    assert "BE1000001" in listed.text
    identifier = next(
        row["id"] for row in browser.get("/en/hits.json").json()["rows"] if "BE1000001" in row["title"]
    )
    before = browser.get(f"/en/hits/{identifier}")
    assert before.status_code == 200
    assert Page(before.text).faults == []
    assert "Torvane" not in before.text or "A report on a document names no person." in before.text
    owner = Browser(network, OWNER, "dana").look_for()
    network.until(lambda: _has_hit(network, identifier))
    answer = owner.post(f"/en/hits/{identifier}", {"decision": "confirm", "reason": "Same report."})
    assert answer.status_code == 303
    post = network.hosts[POST].post
    assert post is not None
    check = next(one.check for one in post.recent if any(match.hit == identifier for match in one.matches))
    network.until(lambda: (post.outcomes.of(check) or ("",))[0] == "confirmed")
    after = browser.get(f"/en/hits/{identifier}").text
    assert "Confirmed" in after
    assert "Same report." in after


def _has_hit(network: Network, identifier: str) -> bool:
    views = network.hosts[OWNER].desk().hits
    row = views.db.execute("SELECT 1 FROM office_hits WHERE hit_id=?", (identifier,)).fetchone()
    return row is not None
