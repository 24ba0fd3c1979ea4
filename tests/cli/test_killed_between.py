"""A real node killed between an audit line and the answer that it allows: the line stands, and nothing was answered."""

import contextlib
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.cli.halting import AFTER, BEFORE
from tests.cli.processes import Town, free_ports, until

pytestmark = pytest.mark.network


@pytest.fixture
def town(tmp_path: Path) -> Iterator[Town]:
    """A secretariat alone: its desk checks as a bureau does."""
    town = Town(tmp_path)
    try:
        town.done(
            *("init", "--dir", "xsc", "--role", "secretariat", "--name", "XSC", "--label", "Secretariat"),
            *("--network", "example.allpoints", "--port", str(free_ports(1)[0])),
        )
        yield town
    finally:
        town.close()


def serve_to_stand_still(town: Town, side: str) -> Path:
    """Serve the node so that it stands still at its next audit line once the pipe is made, whose path this gives."""
    pipe = town.folder / side.replace(" ", "-")
    halts = {"HALT_PIPE": str(pipe), "HALT_SIDE": side}
    paths = os.pathsep.join([str(Path(__file__).parents[2]), *filter(None, sys.path)])
    town.running["xsc"] = subprocess.Popen(
        [sys.executable, "-m", "tests.cli.halting", "serve", "--dir", "xsc"],
        cwd=town.folder,
        env=town.environment | halts | {"PYTHONPATH": paths},
        stderr=subprocess.DEVNULL,
    )
    assert until(lambda: town.type("status", "--wait", "1", "--dir", "xsc").code == 0)
    return pipe


def asked(town: Town) -> list[str]:
    """The numbers of the documents that the audit log says were checked, newest first."""
    lines = town.done("audit", "list", "--event", "check:asked", "--dir", "xsc", "--json").json
    return [one["detail"]["number"] for one in lines]


def killed_in_between(town: Town, side: str, number: str) -> None:
    """Ask, wait until the node stands still, kill it, and see that the one who asked was told nothing."""
    pipe = serve_to_stand_still(town, side)
    os.mkfifo(pipe)
    listening = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
    asking = town.spawn("check", "--number", number, "--issuer", "XAV", "--dir", "xsc")
    assert until(lambda: heard(listening)) == b"here"
    os.close(listening)
    assert asking.poll() is None
    assert town.stop("xsc", signal.SIGKILL) == -signal.SIGKILL
    told, _ = asking.communicate(timeout=30)
    assert (told, asking.returncode) == ("", 3)


def heard(listening: int) -> bytes:
    """What came through a pipe, if anything did."""
    with contextlib.suppress(BlockingIOError):
        return os.read(listening, 100)
    return b""


def test_killed_after_the_line_it_stands_and_the_next_check_is_answered(town: Town) -> None:
    killed_in_between(town, AFTER, "AA111111")
    town.serve("xsc")
    assert asked(town) == ["AA111111"]
    assert "sound" in town.done("audit", "check", "--dir", "xsc").out
    assert (
        "No record found" in town.done("check", "--number", "AA222222", "--issuer", "XAV", "--dir", "xsc").out
    )
    assert asked(town) == ["AA222222", "AA111111"]


def test_killed_before_the_line_is_on_the_disk_there_is_neither_line_nor_answer(town: Town) -> None:
    killed_in_between(town, BEFORE, "AA333333")
    town.serve("xsc")
    assert asked(town) == []
    assert "sound" in town.done("audit", "check", "--dir", "xsc").out
    assert (
        "No record found" in town.done("check", "--number", "AA222222", "--issuer", "XAV", "--dir", "xsc").out
    )
    assert asked(town) == ["AA222222"]
