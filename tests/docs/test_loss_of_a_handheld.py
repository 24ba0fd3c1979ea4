"""The page about the loss of a handheld, typed: withdrawn at its bureau, wiped when it calls, another one admitted."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.cli.conftest import NODES
from tests.cli.processes import Town, free_ports, until
from tests.docs.test_ceremony import commands
from tools.tree import DOCS

pytestmark = pytest.mark.network

PAGE = DOCS / "how-to/loss-of-a-handheld.md"


@pytest.fixture
def town(tmp_path: Path) -> Iterator[Town]:
    """A network for trials: a secretariat, a bureau and its post at the airport, served."""
    made, ports = Town(tmp_path), [str(port) for port in free_ports(3)]
    made.done("init", "--dir", "xsc", "--role", "secretariat", *NODES["secretariat"], "--port", ports[0])
    made.serve("xsc")
    made.done("init", "--dir", "xav", "--role", "bureau", *NODES["bureau"], "--port", ports[1])
    made.done("member", "admit", "xav/join-request.json", "--out", "admission.json", "--dir", "xsc")
    made.done("join", "admission.json", "--dir", "xav")
    made.serve("xav")
    named = ("--name", "XAV/airport", "--label", "Port Arven Airport", "--port", ports[2])
    made.done("init", "--dir", "airport", "--role", "post", *named)
    made.done("post", "admit", "airport/join-request.json", "--out", "airport.json", "--dir", "xav")
    made.done("join", "airport.json", "--dir", "airport")
    made.serve("airport")
    yield made
    made.close()


def test_a_lost_handheld_is_withdrawn_wiped_and_followed_by_another(town: Town) -> None:
    port = str(free_ports(1)[0])
    for words in commands(PAGE):
        if words[0] == "serve":
            town.serve(words[-1])
            continue
        at = words.index("--port") + 1 if "--port" in words else 0
        town.done(*(port if place == at and at else word for place, word in enumerate(words)))
        if "withdraw" in words:
            assert until(lambda: "has forgotten" in town.done("post", "list", "--dir", "xav").out)
    listed = town.done("post", "list", "--dir", "xav", "--json").json
    assert [one["name"] for one in listed] == ["XAV/airport-2", "XAV/airport"]
    assert until(lambda: town.done("status", "--json", "--dir", "airport-2").json["health"]["line"])
