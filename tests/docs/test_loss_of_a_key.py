"""The page about the loss of a key, typed: revoked and recovered by holders of the root, and at once by the next keys."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.cli.conftest import NODES
from tests.cli.processes import Town, free_ports, until
from tests.docs.test_ceremony import Terminal, commands
from tools.tree import DOCS

pytestmark = pytest.mark.network

PAGE = DOCS / "how-to/loss-of-a-key.md"
OBJECT = ["keys", "object", "--dir", "xav"]


@pytest.fixture
def terminal(tmp_path: Path) -> Iterator[Terminal]:
    town = Town(tmp_path)
    yield Terminal(town)
    town.close()


def test_a_key_is_revoked_and_its_recovery_begun_as_the_page_says(terminal: Terminal) -> None:
    town, port = terminal.town, str(free_ports(1)[0])
    asked = commands(PAGE)
    assert OBJECT in asked
    for words in [*commands(), *(one for one in asked if one != OBJECT)]:
        if words[0] == "serve":
            town.serve(words[-1])
            continue
        more = ["--port", port] if "--ceremony" in words else []
        assert terminal.type([*words, *more]) == 0, (words, terminal.said)
    assert said(town, "Nothing counts any more that the present key of XAV signs")
    assert said(town, "may object until")


@pytest.fixture
def town(tmp_path: Path) -> Iterator[Town]:
    """A network for trials: a secretariat and one bureau, served."""
    made, ports = Town(tmp_path), free_ports(2)
    made.done("init", "--dir", "xsc", "--role", "secretariat", *NODES["secretariat"], "--port", str(ports[0]))
    made.serve("xsc")
    made.done("init", "--dir", "xav", "--role", "bureau", *NODES["bureau"], "--port", str(ports[1]))
    made.done("member", "admit", "xav/join-request.json", "--out", "admission.json", "--dir", "xsc")
    made.done("join", "admission.json", "--dir", "xav")
    made.serve("xav")
    yield made
    made.close()


WHY = ("--reason", "Keys were stolen", "--authority", "Holders of the root", "--dir", "xsc")


def up(town: Town) -> bool:
    return bool(json.loads(town.done("status", "--json", "--dir", "xav").out)["health"]["line"])


def said(town: Town, words: str) -> bool:
    return words in town.type("member", "show", "XAV", "--dir", "xsc").out


def test_a_member_objects_to_a_recovery_that_it_did_not_ask_for(town: Town) -> None:
    assert until(lambda: up(town))
    town.done("init", "--dir", "stranger", "--role", "bureau", *NODES["bureau"])
    town.done("member", "recover", "stranger/join-request.json", "--out", "no.json", *WHY)
    assert until(lambda: said(town, "may object until"))
    assert until(lambda: town.type(*OBJECT).code == 0)
    assert until(lambda: said(town, "Stopped."))
    assert up(town)
    assert town.type(*OBJECT).code == 1


def test_a_revoked_member_is_shut_out_and_comes_back_at_once_with_its_next_keys(town: Town) -> None:
    assert until(lambda: up(town))
    town.done("member", "revoke", "XAV", *WHY)
    assert until(lambda: not up(town))
    assert "Nothing counts any more" in town.done("status", "--dir", "xav").out
    town.stop("xav")
    (following,) = (town.folder / "xav").glob("next-keys-*.cbor")
    town.done("keys", "new", "--next", str(following), "--dir", "xav")
    town.done("member", "recover", "xav/recovery-request.json", "--at-once", "--out", "xav-2.json", *WHY)
    town.done("join", "xav-2.json", "--dir", "xav")
    town.serve("xav")
    assert until(lambda: up(town))
    assert said(town, "Done.")
    assert town.done("keys", "show", "--json", "--dir", "xav").json["name"] == "XAV"
