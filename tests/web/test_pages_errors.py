from pathlib import Path

import pytest
from tests.web.console_network import OWNER, Browser, Network
from tests.web.markup import Page

from allpoints.ground.refusal import Refusal
from allpoints.web.pages.console import Console
from allpoints.web.pages.static import found
from allpoints.web.pages.visit import Entered, input_at


def console(network: Network) -> Console:
    return network.console(OWNER)


def test_a_fault_of_ours_is_a_page_with_a_reference_and_without_its_cause(
    network: Network, monkeypatch: pytest.MonkeyPatch
) -> None:
    browser = Browser(network, OWNER, "dana")
    monkeypatch.setattr(console(network).measures, "health", lambda: 1 / 0)
    answer = browser.get("/en/state")
    assert answer.status_code == 500
    assert Page(answer.text).faults == []
    assert "Something failed here" in answer.text
    assert "Reference" in answer.text
    assert "division" not in answer.text
    assert browser.get("/en/state.json").json()["code"] == "FAILED"
    assert browser.get("/en/desk", accept="application/json").status_code == 500


def test_too_much_at_once_says_when_to_come_again(network: Network, monkeypatch: pytest.MonkeyPatch) -> None:
    browser = Browser(network, OWNER, "dana").look_for()

    async def busy(_work: object) -> None:
        raise Refusal("TOO-BUSY", "This node has more to do than it can take.", status=429)

    monkeypatch.setattr(console(network).host, "do", busy)
    answer = browser.get("/en/hits")
    assert answer.status_code == 429
    assert answer.headers["retry-after"] == "1"
    assert "Try again at" in answer.text
    # At the border it is an answer: nothing was checked.
    typed = {"act": "scan", "scan": "P<XAV", "purpose": "border-control", "case": "S-1"}
    monkeypatch.undo()
    token = browser.token()
    monkeypatch.setattr(network.apps[OWNER], "check", busy_check)
    check = network.run(browser.client.post("/en/border", data={"csrf": token, **typed}))
    assert check.status_code == 200
    assert 'data-verdict="unable"' in check.text


async def busy_check(*_: object) -> None:
    raise Refusal("TOO-BUSY", "This node has more to do than it can take.", status=429)


def test_an_installation_without_console_says_so_and_its_api_works(
    network: Network, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    browser = Browser(network, OWNER, "dana")
    monkeypatch.setattr(console(network), "_pages", None)
    monkeypatch.setattr(console(network), "static", tmp_path)
    for path in ("/en/sign-in", "/en/desk", "/en/nowhere"):
        answer = browser.get(path)
        assert answer.status_code == 503, path
        assert answer.json()["code"] == "CONSOLE-NOT-BUILT"
    assert browser.get("/api/v1/registers").status_code == 200
    assert browser.get("/health").status_code == 200
    assert browser.get("/en/desk.json").status_code == 200


def test_static_files_are_kept_for_ever_and_nothing_else_is_served(tmp_path: Path) -> None:
    (tmp_path / "assets").mkdir()
    (tmp_path / "assets" / "console-1.js").write_text("1")
    (tmp_path / "manifest.json").write_text("{}")
    assert found("console-1.js", tmp_path).read_text() == "1"
    for name in ("console-2.js", "../manifest.json", "manifest.json", ".hidden.js", "a/b.js", "console-1.py"):
        with pytest.raises(Refusal) as refused:
            found(name, tmp_path)
        assert refused.value.status == 404


def test_a_page_takes_no_request_of_another_kind(network: Network) -> None:
    browser = Browser(network, OWNER, "dana")
    answer = network.run(browser.client.delete("/en/desk"))
    assert answer.status_code == 405


def test_a_form_of_too_many_fields_is_refused_and_a_usual_one_read() -> None:
    entered = Entered.parse(b"a=1&b=%C3%A9%0D%0Ax&b=2&c=+")
    assert (entered.text("a"), entered.text("b"), entered.text("c")) == ("1", "é\nx", "")
    assert entered.several("b") == ("é\r\nx", "2")
    assert entered.text("missing") == ""
    with pytest.raises(Refusal) as refused:
        Entered.parse(b"&".join(b"a=1" for _ in range(5_000)))
    assert refused.value.status == 413


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("documents[0].number", "documents.0.number"),
        ("nationalities[1]", "nationalities"),
        ("owner_ref", "source_ref"),
        ("gates.FACTS", ""),
        ("", ""),
    ],
)
def test_a_fault_finds_the_input_it_is_about(path: str, name: str) -> None:
    names = {"documents.0.number", "nationalities", "source_ref"}
    assert input_at(path, names, {"owner_ref": "source_ref"}) == name
