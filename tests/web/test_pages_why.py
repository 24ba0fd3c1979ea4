"""Why somebody may do something or not: the same sentence on the page, in the API and on the command line."""

import pytest
from tests.web.console_network import OWNER, POST, SEARCHER, Browser, Network
from tests.web.markup import Page
from tests.web.test_pages_signing_in import events

from allpoints.node.explaining import explain

PAGE = "/en/why"


@pytest.mark.parametrize(
    ("fields", "question"),
    [
        (
            {"officer": "dana", "act": "search", "purpose": "border-control"},
            "may dana search for border-control",
        ),
        ({"officer": "dana", "act": "review"}, "may dana review"),
        (
            {"officer": "dana", "act": "search", "register": "persons", "purpose": "locate"},
            "may dana search persons for locate",
        ),
    ],
)
def test_the_page_says_what_the_api_says(network: Network, fields: dict[str, str], question: str) -> None:
    browser = Browser(network, OWNER, "ada")
    page = browser.post(PAGE, fields)
    assert page.status_code == 200
    assert Page(page.text).faults == []
    told = browser.get(f"/api/v1/why?question={question.replace(' ', '+')}").json()
    assert told["sentence"] in page.text
    assert question in page.text
    assert told["digest"] in page.text
    assert all(rule["name"] in page.text for rule in told["rules"])
    assert "decision:explained" in events(network, OWNER, "ada")


def test_everyone_asks_of_oneself_and_administrators_of_everybody(network: Network) -> None:
    dana = Browser(network, OWNER, "dana")
    form = dana.get(PAGE)
    assert Page(form.text).faults == []
    assert 'name="officer"' not in form.text
    host = network.hosts[OWNER]
    own = dana.post(PAGE, {"act": "review"})
    asker = network.console(OWNER).access.asker({"cookie": _cookie(dana)})
    told = network.do(OWNER, lambda: explain(host.office, host.vocabulary, asker, "may dana review"))
    assert told.sentence in own.text
    assert dana.post(PAGE, {"officer": "ada", "act": "review"}).status_code == 403
    assert 'name="officer"' in Browser(network, OWNER, "ada").get(PAGE).text


def _cookie(browser: Browser) -> str:
    return "; ".join(f"{name}={value}" for name, value in browser.client.cookies.items())


def test_what_is_not_understood_or_nobody_is_said_at_its_field(network: Network) -> None:
    browser = Browser(network, OWNER, "ada")
    for fields, words in (
        ({"officer": "nemo", "act": "review"}, "There is no officer nemo."),
        ({"officer": "dana", "act": ""}, "This question is not understood."),
        ({"officer": "da na", "act": "review"}, "This question is not understood."),
    ):
        page = browser.post(PAGE, fields)
        assert page.status_code == 422
        assert words in page.text
        assert Page(page.text).faults == []


def test_a_register_that_is_closed_to_an_officer_is_no_choice_and_no_word(network: Network) -> None:
    dana, ada = Browser(network, OWNER, "dana"), Browser(network, OWNER, "ada")
    closed = "child-exploitation-hashes"
    assert closed not in dana.get(PAGE).text
    assert closed in ada.get(PAGE).text
    guessed = dana.post(PAGE, {"act": "search", "register": closed})
    never = dana.post(PAGE, {"act": "search", "register": "never-things"})
    assert guessed.status_code == never.status_code == 422
    assert "not understood" in guessed.text


@pytest.mark.parametrize(
    ("node", "name"), [(OWNER, "bo"), (SEARCHER, "dirk"), (POST, "pia"), (OWNER, "olga")]
)
def test_every_officer_finds_it_in_the_menu(network: Network, node: str, name: str) -> None:
    browser = Browser(network, node, name)
    assert f'"{PAGE}"' in browser.get("/en/desk").text
    assert browser.get(PAGE).status_code == 200
    assert browser.get(f"{PAGE}.json").json()["answer"] is None
