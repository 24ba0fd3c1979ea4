from functools import partial

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.web.console_network import OWNER, SEARCHER, SECRETARIAT, Browser, Network
from tests.web.markup import Page

from allpoints.border import store
from allpoints.border.hit import HitView
from allpoints.web.pages.comparing import asked_parts, dates_agree, names_agree, person_parts

SHIFT = {"purpose": "border-control", "case": "S-1"}


def raised(network: Network, number: str) -> str:
    """A hit at Belmora on a document of Arvandia, known on both sides and at the command centre."""
    network.report(number)
    border = Browser(network, SEARCHER, "bea")
    typed = {"act": "manual", "number": number, "issuer": "XAV", "type": "passport", **SHIFT}
    assert 'data-verdict="document"' in border.post("/en/border", typed).text
    found = next(view for view in views(network, SEARCHER) if number in view.hit.asked)
    for node in (OWNER, SECRETARIAT):
        network.until(partial(known, network, node, found.hit.hit))
    return found.hit.hit


def views(network: Network, node: str) -> list[HitView]:
    return store.list_hits(network.hosts[node].desk().db)


def known(network: Network, node: str, hit: str, state: str = "") -> bool:
    """Whether a node knows of the hit, and in this state."""
    return any(one.hit.hit == hit and state in {"", one.state.value} for one in views(network, node))


def test_the_owner_confirms_and_searcher_and_command_centre_learn_it(network: Network) -> None:
    hit = raised(network, "HC1000001")
    owner = Browser(network, OWNER, "dana").look_for()
    page = owner.get(f"/en/hits/{hit}")
    assert page.status_code == 200
    assert Page(page.text).faults == []
    assert all(f'value="{word}"' in page.text for word in ("confirm", "refute", "cannot-say"))
    assert "Owner told" in page.text
    assert "due in" in page.text
    answer = owner.post(f"/en/hits/{hit}", {"decision": "confirm", "reason": "The number is ours."})
    assert (answer.status_code, answer.headers["location"]) == (303, f"/en/hits/{hit}")
    after = owner.get(f"/en/hits/{hit}").text
    assert "Hit: confirmed" in after
    assert 'value="confirm"' not in after
    for node, name in ((SEARCHER, "dirk"), (SECRETARIAT, "cora")):
        network.until(partial(known, network, node, hit, "confirmed"))
        told = Browser(network, node, name).look_for().get(f"/en/hits/{hit}").text
        assert "The number is ours." in told
        assert "dana" not in told


def test_an_answer_without_reason_comes_back_with_its_fault(network: Network) -> None:
    hit = raised(network, "HC2000001")
    owner = Browser(network, OWNER, "dana").look_for()
    refused = owner.post(f"/en/hits/{hit}", {"decision": "refute", "reason": " "})
    assert refused.status_code == 422
    page = Page(refused.text)
    assert page.faults == []
    assert page.title.startswith("Error: ")
    assert any(link["href"] == "#field-reason" for link in page.all("a"))
    assert owner.post(f"/en/hits/{hit}", {"decision": "refute", "reason": "Found again."}).status_code == 303


def test_a_second_answer_shows_both_versions(network: Network) -> None:
    hit = raised(network, "HC3000001")
    first, second = (Browser(network, OWNER, name).look_for() for name in ("dana", "cleo"))
    assert first.post(f"/en/hits/{hit}", {"decision": "confirm", "reason": "Ours."}).status_code == 303
    crossed = second.post(f"/en/hits/{hit}", {"decision": "refute", "reason": "Not ours."})
    assert crossed.status_code == 409
    assert Page(crossed.text).faults == []
    assert all(words in crossed.text for words in ("Changed in the meantime", "Not ours.", "Ours.", "dana"))


def test_who_cannot_say_yet_writes_to_the_finder_and_the_hit_stays_open(network: Network) -> None:
    hit = raised(network, "HC4000001")
    owner = Browser(network, OWNER, "dana").look_for()
    answer = owner.post(
        f"/en/hits/{hit}", {"decision": "cannot-say", "reason": "Send the page with the photo."}
    )
    assert answer.headers["location"] == f"/en/messages/new?to=XBM&about=hit:{hit}"
    form = owner.get(answer.headers["location"])
    assert "The hit stays open" in form.text
    assert "Send the page with the photo." in form.text
    assert f'value="Hit {hit}"' in form.text
    assert 'value="confirm"' in owner.get(f"/en/hits/{hit}").text


def test_the_searcher_reads_but_cannot_answer(network: Network) -> None:
    hit = raised(network, "HC5000001")
    desk = Browser(network, SEARCHER, "dirk").look_for()
    page = desk.get(f"/en/hits/{hit}")
    assert 'value="confirm"' not in page.text
    assert "The owner has been told" in page.text
    assert f"/en/messages/new?to=XAV&amp;about=hit:{hit}" in page.text
    forced = desk.post(f"/en/hits/{hit}", {"decision": "confirm", "reason": "We say so."})
    assert forced.status_code == 403
    assert "Only XAV" in forced.text
    border = Browser(network, SEARCHER, "bea").look_for()
    assert border.get(f"/en/hits/{hit}").status_code == 200
    assert border.post(f"/en/hits/{hit}", {"decision": "confirm", "reason": "So."}).status_code == 403


def test_the_list_of_hits_can_be_narrowed_and_counts_what_is_open(network: Network) -> None:
    hit = raised(network, "HC6000001")
    owner = Browser(network, OWNER, "dana").look_for()
    assert hit in owner.get("/en/hits?state=open").text
    assert hit not in owner.get("/en/hits?state=confirmed").text
    assert 'class="count figure"' in owner.get("/en/desk").text
    waiting = owner.get("/en/desk.json").json()["waiting"]
    assert f"/en/hits/{hit}" in {one["href"] for one in waiting}


def test_what_was_asked_stands_beside_what_is_on_record(network: Network) -> None:
    hit = raised(network, "HC7000001")
    rows = Browser(network, OWNER, "dana").look_for().get(f"/en/hits/{hit}.json").json()["comparisons"]
    document = rows[0]
    assert (document["asked"], document["agreement"]) == ("XAV HC7000001", "same")
    assert "HC7000001" in document["record"]


@pytest.mark.parametrize(
    ("asked", "parts"),
    [
        ("XAV AB123456, TORVANE ELIO, 1979-03-14", ("XAV AB123456", "TORVANE ELIO", "1979-03-14")),
        ("XAV AB123456", ("XAV AB123456", "", "")),
        ("TORVANE ELIO, 1979", ("", "TORVANE ELIO", "1979")),
        ("DE LA CRUZ, MARIA", ("", "DE LA CRUZ, MARIA", "")),
        ("", ("", "", "")),
    ],
)
def test_the_line_of_a_check_is_taken_apart(asked: str, parts: tuple[str, str, str]) -> None:
    assert asked_parts(asked) == parts


@given(st.text(max_size=60))
@settings(max_examples=60, deadline=None)
def test_whatever_the_line_says_nothing_of_it_is_lost(asked: str) -> None:
    document, name, born = asked_parts(asked)
    assert asked.startswith(document)
    assert asked.endswith(born)
    assert name in asked


def test_names_and_dates_agree_wholly_partly_or_not() -> None:
    assert person_parts("Torvane, Elio, 1979-03-14") == ("Torvane, Elio", "1979-03-14")
    assert names_agree("ELIO TORVANE", "Torvane, Elio") == "same"
    assert names_agree("TORVANE", "Torvane, Elio") == "close"
    assert names_agree("SAND", "Torvane, Elio") == "different"
    assert names_agree("SAND", "") == "missing"
    assert dates_agree("1979-03-14", "1979") == "close"
    assert dates_agree("1979-03-14", "1979-03-14") == "same"
    assert dates_agree("1979-03-14", "1980") == "different"
    assert dates_agree("", "1980") == "missing"
