"""The tutorial, typed into one shell as it stands, by a newcomer who never looks aside."""

import contextlib
import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator

import pytest
from tests.cli.processes import ENVIRONMENT, free_ports
from tests.docs.pages import blocks
from tools.tree import DOCS

pytestmark = pytest.mark.network

PAGE = DOCS / "tutorial/index.md"
PORTS = ("8470", "8471", "8472", "8473")
SITTING_SECONDS = 240


@pytest.fixture(scope="module")
def sitting(tmp_path_factory: pytest.TempPathFactory) -> Iterator[subprocess.CompletedProcess[str]]:
    """Every shell block of the page, one after the other, in one bash that stops at the first failure.

    Only the ports are others: the page's may be in use on this machine.
    """
    folder = tmp_path_factory.mktemp("newcomer")
    command = folder / "bin" / "allpoints"
    command.parent.mkdir()
    command.write_text(f'#!/bin/sh\nexec {sys.executable} -m allpoints.cli.main "$@"\n', encoding="utf-8")
    command.chmod(0o755)
    typed = "".join(block.text for block in blocks(PAGE) if block.language == "bash")
    for port, free in zip(PORTS, free_ports(len(PORTS)), strict=True):
        typed = typed.replace(port, str(free))
    environment = {**ENVIRONMENT, "PATH": f"{command.parent}:{os.environ['PATH']}"}
    # Files, not pipes: a node that is left running would hold a pipe open for ever.
    with (folder / "out").open("wb") as out, (folder / "err").open("wb") as err:
        shell = subprocess.Popen(
            ["bash", "-e", "-c", typed],
            cwd=folder,
            env=environment,
            stdout=out,
            stderr=err,
            start_new_session=True,
        )
    try:
        code = shell.wait(timeout=SITTING_SECONDS)
        said = [(folder / name).read_text(encoding="utf-8") for name in ("out", "err")]
        yield subprocess.CompletedProcess([], code, *said)
    finally:
        _end(shell)


def _end(shell: subprocess.Popen[bytes]) -> None:
    """End the shell and every node that it started."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(shell.pid, signal.SIGKILL)
    shell.wait()


def test_every_command_of_the_tutorial_runs_as_written(sitting: subprocess.CompletedProcess[str]) -> None:
    assert sitting.returncode == 0, f"{sitting.stdout[-2_000:]}\n{sitting.stderr[-2_000:]}"


def test_the_tutorial_shows_what_really_comes(sitting: subprocess.CompletedProcess[str]) -> None:
    shown = [line for block in blocks(PAGE) if block.language == "text" for line in block.text.splitlines()]
    assert len(shown) > 15
    missing = [line for line in shown if not re.search(_pattern(line), sitting.stdout, re.MULTILINE)]
    assert not missing, sitting.stdout


def _pattern(line: str) -> str:
    """A line as shown, with anything at all where it has an ellipsis and any run of blanks for another."""
    parts = (re.escape(" ".join(part.split())).replace(r"\ ", " +") for part in line.split("…"))
    return "^" + ".*".join(parts)
