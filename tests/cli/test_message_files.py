"""A file that a command hands to its node, or saves from it, goes on after the connection between them is cut."""

import hashlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.cli.cutting import CutCable
from tests.cli.processes import Town, free_ports, until

from allpoints.cli import message_files
from allpoints.node import settings

pytestmark = pytest.mark.network

MIB = 1024 * 1024
CONTENT = hashlib.shake_256(b"film").digest(12 * MIB + 77)


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    """A secretariat and two bureaus."""
    town = Town(tmp_path_factory.mktemp("town"))
    ports = [str(port) for port in free_ports(3)]
    try:
        town.done(
            *("init", "--dir", "xsc", "--role", "secretariat", "--name", "XSC", "--port", ports[0]),
            *("--label", "General Secretariat", "--network", "example.allpoints"),
        )
        town.serve("xsc")
        for node, port in zip(("xav", "xbm"), ports[1:], strict=True):
            made = ("init", "--dir", node, "--role", "bureau", "--name", node.upper())
            town.done(*made, "--label", "Bureau", "--port", port)
            town.done("member", "admit", f"{node}/join-request.json", "--out", f"{node}.json", "--dir", "xsc")
            town.done("join", f"{node}.json", "--dir", node)
            town.serve(node)
        (town.folder / "film.bin").write_bytes(CONTENT)
        yield town
    finally:
        town.close()


@pytest.fixture(autouse=True)
def short_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(message_files, "WAITS_SECONDS", (0.01,) * 5)


def through(town: Town, node: str, cable: CutCable, *words: str) -> tuple[int, str]:
    """Type a command that reaches its node by the cable."""
    town.environment["ALLPOINTS_WEB_PORT"] = str(cable.port)
    try:
        typed = town.type(*words, "--dir", node, purpose="investigate")
    finally:
        del town.environment["ALLPOINTS_WEB_PORT"]
        cable.close()
    return typed.code, typed.err


def port_of(town: Town, node: str) -> int:
    return settings.load(town.folder / node, {}).number("web.port")


def test_an_upload_and_a_download_go_on_where_they_were_cut(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Three cuts each; what had come is not sent again, and the file is the one that was sent."""
    begun: list[int] = []
    send = message_files._sent

    def noted(*given: Any) -> Any:
        begun.append(given[3].have)
        return send(*given)

    monkeypatch.setattr(message_files, "_sent", noted)
    sending = ("message", "send", "--to", "XBM", "--subject", "Film", "--text", "See it.")
    cable = CutCable(port_of(town, "xav"), [3 * MIB, 4 * MIB, 2 * MIB])
    code, err = through(town, "xav", cable, *sending, "--attach", "film.bin")
    assert (code, cable.made) == (0, 3), err
    assert len(begun) == 4
    assert begun == sorted(begun)
    assert begun[-1] > 0

    def here() -> str:
        inbox = town.done("message", "inbox", "--dir", "xbm", "--json", purpose="investigate").json
        files = inbox[0]["files"] if inbox else []
        return inbox[0]["reference"] if files and files[0]["state"] == "here" else ""

    reference = until(here)
    assert reference
    (town.folder / "saved").mkdir()
    cable = CutCable(port_of(town, "xbm"), [3 * MIB, 4 * MIB, 2 * MIB])
    code, err = through(town, "xbm", cable, "message", "fetch", reference, "--to", "saved")
    assert (code, cable.made) == (0, 3), err
    assert cable.carried < len(CONTENT) + 5 * MIB
    assert (town.folder / "saved" / "film.bin").read_bytes() == CONTENT
    assert [path.name for path in (town.folder / "saved").iterdir()] == ["film.bin"]


def test_a_download_that_was_given_up_goes_on_with_the_next_command(town: Town) -> None:
    """The node is out of reach for longer than a command waits; what came is kept, and what was altered is found out."""
    inbox = town.done("message", "inbox", "--dir", "xbm", "--json", purpose="investigate").json
    reference = inbox[0]["reference"]
    saved = town.folder / "later"
    saved.mkdir()
    fetching = ("message", "fetch", reference, "--to", "later")
    cable = CutCable(port_of(town, "xbm"), [5 * MIB, *(1_000,) * 100])
    assert through(town, "xbm", cable, *fetching)[0] == 3
    (left,) = saved.iterdir()
    kept = left.read_bytes()
    assert (left.name, CONTENT.startswith(kept), len(kept) > 4 * MIB) == ("film.bin.part", True, True)
    cable = CutCable(port_of(town, "xbm"), [])
    assert through(town, "xbm", cable, *fetching)[0] == 0
    assert cable.carried < len(CONTENT) - 4 * MIB + MIB
    assert (saved / "film.bin").read_bytes() == CONTENT
    (saved / "film.bin").rename(saved / "film.bin.part")
    Path(saved / "film.bin.part").write_bytes(b"x" + CONTENT[1 : 2 * MIB])
    refused = town.type(*fetching, "--dir", "xbm", purpose="investigate")
    assert (refused.code, "not the file that was sent" in refused.err) == (1, True)
    assert list(saved.iterdir()) == []
    assert town.type(*fetching, "--dir", "xbm", purpose="investigate").code == 0
