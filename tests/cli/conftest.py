"""Runs one command line in this process, as a shell would."""

from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import pytest

from allpoints.cli.main import run


class Outcome(NamedTuple):
    code: int
    out: str
    err: str


Allpoints = Callable[..., Outcome]

NODES = {
    "secretariat": ("--name", "XSC", "--label", "General Secretariat", "--network", "example.allpoints"),
    "bureau": ("--name", "XAV", "--label", "Bureau of Arvandia"),
    "post": ("--name", "XAV/airport", "--label", "Port Arven Airport"),
}


@pytest.fixture
def allpoints(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Allpoints:
    """One command, with nothing of this machine's environment."""
    for name in ("DIR", "TOKEN", "PURPOSE", "CASE"):
        monkeypatch.delenv(f"ALLPOINTS_{name}", raising=False)

    def carried_out(*arguments: object) -> Outcome:
        code = run([str(one) for one in arguments])
        told = capsys.readouterr()
        return Outcome(code, told.out, told.err)

    return carried_out


@pytest.fixture
def made(allpoints: Allpoints, tmp_path: Path) -> Callable[[str], Path]:
    """A folder with a node of this role, not joined to anything."""

    def make(role: str) -> Path:
        folder = tmp_path / role
        # No node listens on this port: the commands that ask one must say so.
        assert allpoints("init", "--dir", folder, "--role", role, *NODES[role], "--port", 9).code == 0
        return folder

    return make
