from typing import Any

import pytest
from tests.web.console_network import OWNER, SEARCHER, SECRETARIAT, Browser, Network
from tests.web.markup import Page

from allpoints.notices.store import notice as find
from allpoints.notices.store import submission
from allpoints.review.store import find_case
from allpoints.web.pages import forms
from allpoints.web.pages.visit import Entered

FACTS = (
    "On 3 May 2026 in Port Arven he shot and killed a shopkeeper during a robbery and fled across the border"
    " by sea the same night."
)


def notice(ref: str, number: str, **more: str) -> dict[str, Any]:
    return {
        "source_ref": ref,
        "family_name": "Bellweather",
        "given_names": "Tomas",
        "sex": "M",
        "birth_date": "1979-03-14",
        "nationalities": "xav",
        "aliases": "The Ferryman\nTom Bell",
        "documents.0.number": number,
        "documents.0.issuer": "XAV",
        "documents.0.type": "passport",
        "marks": "Scar on the left cheek",
        "height_cm": "182",
        "warnings": ["armed"],
        "offences": ["ILM"],
        "facts": FACTS,
        "charge": "Murder",
        "law": "Criminal Code of Arvandia section 112",
        "request_for": "prosecution",
        "maximum_penalty_months": "240",
        "warrants.0.reference": "W-1/2026",
        "warrants.0.authority": "District Court of Port Arven",
        "warrants.0.issued_on": "2026-05-10",
        "warrants.0.country": "XAV",
        "warrants.0.judicial": "yes",
        "extradition_assured": "yes",
        "international_interest": "Believed to travel in the region.",
        "contact": "Bureau of Arvandia, round the clock",
        "act": "submit",
        **more,
    }


def submitted(network: Network, ref: str, number: str) -> str:
    desk = Browser(network, OWNER, "dana").look_for("find-wanted")
    answer = desk.post("/en/notices/new", notice(ref, number))
    assert answer.status_code == 303, answer.text
    identifier = answer.headers["location"].rpartition("/")[2]
    review = network.hosts[SECRETARIAT].desk().review
    assert review is not None
    network.until(lambda: find_case(review.db, identifier) is not None)
    return identifier


def approve(network: Network, name: str, identifier: str) -> Any:
    reviewer = Browser(network, SECRETARIAT, name).look_for("find-wanted")
    case = reviewer.get(f"/en/review/{identifier}.json").json()
    codes = [gate["reason_code"] for gate in case["gates"] if gate["result"] == "person"]
    fields = {"decision": "approve", "reason_codes": codes, "text": "Weighed with the file."}
    return reviewer.post(f"/en/review/{identifier}", fields)


def test_a_notice_with_faults_comes_back_whole_with_each_fault_at_its_input(network: Network) -> None:
    desk = Browser(network, OWNER, "dana").look_for("find-wanted")
    form = desk.get("/en/notices/new")
    assert form.status_code == 200
    assert Page(form.text).faults == []
    wrong = notice(
        "N-BAD-1", "P9000001", family_name="", birth_date="14.3.1979", **{"documents.0.issuer": "Q1"}
    )
    refused = desk.post("/en/notices/new", wrong)
    assert refused.status_code == 422
    page = Page(refused.text)
    assert page.faults == []
    linked = {link["href"] for link in page.all("a")}
    assert {"#field-family-name", "#field-birth-date", "#field-documents-0-issuer"} <= linked
    assert FACTS[:40] in refused.text
    assert "The Ferryman\nTom Bell" in refused.text
    assert 'value="14.3.1979"' in refused.text
    assert "To mend" in refused.text


def test_two_reviewers_publish_what_a_desk_submitted_and_a_border_finds_it(network: Network) -> None:
    identifier = submitted(network, "N-OK-1", "P7000001")
    owner = Browser(network, OWNER, "dana").look_for("find-wanted")
    page = owner.get(f"/en/notices/submissions/{identifier}")
    assert page.status_code == 200
    assert Page(page.text).faults == []
    assert "Notice taken back" not in page.text
    first = approve(network, "rita", identifier)
    assert first.status_code == 303, first.text
    rita = Browser(network, SECRETARIAT, "rita").look_for("find-wanted")
    case = rita.get(f"/en/review/{identifier}")
    assert "You have decided. Another reviewer decides next." in case.text
    assert 'value="approve"' not in case.text
    again = approve(network, "rita", identifier)
    assert again.status_code == 422
    assert "Another officer must decide." in again.text
    second = approve(network, "ruben", identifier)
    assert second.status_code == 303, second.text
    searcher = network.hosts[SEARCHER].desk()
    network.until(lambda: bool(searcher.index.lookup("document", "XAV|P7000001")))
    dirk = Browser(network, SEARCHER, "dirk").look_for("find-wanted")
    listed = dirk.get("/en/notices.json").json()["rows"]
    row = next(one for one in listed if one["title"].startswith("Bellweather"))
    published = dirk.get(row["href"])
    assert published.status_code == 200
    assert Page(published.text).faults == []
    assert all(
        words in published.text for words in ("BELLWEATHER Tomas", "Armed", "Murder", "W-1/2026", FACTS)
    )
    assert "Withdraw notice" not in published.text
    typed = {"act": "manual", "number": "P7000001", "issuer": "XAV", "type": "passport"}
    border = Browser(network, SEARCHER, "bea")
    answer = border.post("/en/border", {**typed, "purpose": "border-control", "case": "S-1"})
    assert 'data-verdict="bearer"' in answer.text
    withdrawn(network, row["href"])


def withdrawn(network: Network, path: str) -> None:
    """Only the owner is offered to withdraw, gives a reason, and is told that it is done."""
    owner = Browser(network, OWNER, "dana").look_for("find-wanted")
    network.until(lambda: _published_at(network, OWNER, path))
    page = owner.get(path)
    assert "Withdraw notice" in page.text
    refused = owner.post(path, {"act": "withdraw", "reason": ""})
    assert refused.status_code == 422
    assert "Say why the notice is withdrawn." in refused.text
    done = owner.post(path, {"act": "withdraw", "reason": "Arrested."})
    assert done.status_code == 303
    network.until(lambda: not _in_force(network, SEARCHER, path))
    after = Browser(network, SEARCHER, "dirk").look_for("find-wanted").get(path)
    assert after.status_code == 200
    assert "Withdrawn" in after.text
    assert "Bellweather" not in after.text.replace("BELLWEATHER", "Bellweather")


def _published_at(network: Network, node: str, path: str) -> bool:
    return find(network.hosts[node].desk().db, _number(path)) is not None


def _in_force(network: Network, node: str, path: str) -> bool:
    row = find(network.hosts[node].desk().db, _number(path))
    return row is not None and row.state.in_force


def _number(path: str) -> str:
    return path.rpartition("/")[2].replace("-", "/", 1)


def test_a_query_leads_back_to_the_form_and_its_answer_to_review(network: Network) -> None:
    identifier = submitted(network, "N-QUERY-1", "P7000002")
    rita = Browser(network, SECRETARIAT, "rita").look_for("find-wanted")
    case = rita.get(f"/en/review/{identifier}")
    assert case.status_code == 200
    assert Page(case.text).faults == []
    bare = rita.post(f"/en/review/{identifier}", {"decision": "query", "text": "Which court?"})
    assert bare.status_code == 422
    assert "Name at least one reason." in bare.text
    assert "Which court?" in bare.text
    asked = {"decision": "query", "reason_codes": ["FACTS-VAGUE"], "text": "Which court?"}
    assert rita.post(f"/en/review/{identifier}", asked).status_code == 303
    notices = network.hosts[OWNER].desk().notices

    def state() -> str:
        held = submission(notices.db, identifier)
        return held.state.value if held is not None else ""

    network.until(lambda: state() == "query_to_source")
    desk = Browser(network, OWNER, "dana").look_for("find-wanted")
    assert "Query of the secretariat on N-QUERY-1" in desk.get("/en/desk").text
    page = desk.get(f"/en/notices/submissions/{identifier}")
    assert "Which court?" in page.text
    path = f"/en/notices/submissions/{identifier}"
    assert desk.post(path, {"act": "submit"}).headers["location"] == f"{path}/edit"
    form = desk.get(f"{path}/edit")
    assert Page(form.text).faults == []
    assert 'value="W-1/2026"' in form.text
    assert "The Ferryman\nTom Bell" in form.text
    fields = notice(
        "N-QUERY-1", "P7000002", **{"warrants.0.authority": "District Court of Port Arven, chamber 2"}
    )
    assert desk.post(f"{path}/edit", fields).status_code == 303
    network.until(lambda: state() == "screening")
    assert "chamber 2" in rita.get(f"/en/review/{identifier}").text


def test_a_submission_can_be_taken_back_with_a_reason(network: Network) -> None:
    identifier = submitted(network, "N-BACK-1", "P7000003")
    desk = Browser(network, OWNER, "dana").look_for("find-wanted")
    path = f"/en/notices/submissions/{identifier}"
    assert desk.post(path, {"act": "withdraw", "reason": ""}).status_code == 422
    assert desk.post(path, {"act": "withdraw", "reason": "Found at home."}).status_code == 303
    assert "Withdrawn" in desk.get(path).text
    assert f"{path}" not in desk.get("/en/notices?state=review").text


@pytest.mark.parametrize(("node", "name"), [(OWNER, "cleo"), (SEARCHER, "dirk")])
def test_a_submission_is_not_seen_by_other_members(network: Network, node: str, name: str) -> None:
    identifier = submitted(network, f"N-SEEN-{name}", f"P70001{len(name)}{ord(name[0])}")
    answer = Browser(network, node, name).look_for("find-wanted").get(f"/en/notices/submissions/{identifier}")
    assert answer.status_code == (200 if node == OWNER else 404)


def test_a_form_gives_back_exactly_the_body_it_was_filled_from(network: Network) -> None:
    kind = network.hosts[OWNER].vocabulary.notices["red"]
    raw = {name: value for name, value in notice("N-1", "P1").items() if name != "act"}
    fields = {name: [value] if isinstance(value, str) else value for name, value in raw.items()}
    body = forms.body_of(kind, Entered(fields))
    assert body["nationalities"] == ["XAV"]
    assert body["documents"] == [{"number": "P1", "issuer": "XAV", "type": "passport"}]
    assert body["warrants"][0]["judicial"] is True
    back = forms.values_of(kind, body)
    again = {name: list(value) if isinstance(value, tuple) else [value] for name, value in back.items()}
    assert forms.body_of(kind, Entered(again)) == body
    names = {one.name for one in forms.inputs_of(kind, [field.name for field in kind.fields])}
    assert set(raw) <= names
