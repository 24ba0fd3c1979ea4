"""What stands in the way of serving, and what a log line may say."""

import json
import logging
import socket
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import structlog
from tests.cli.conftest import NODES, Allpoints

from allpoints.cli import folders
from allpoints.node import logs


@pytest.fixture(autouse=True)
def logs_as_before() -> Iterator[None]:
    """Setting up logs changes the whole process: put it back."""
    root, before = logging.getLogger(), structlog.get_config()
    handlers, level = root.handlers, root.level
    yield
    root.handlers, root.level = handlers, level
    structlog.configure(**before)


def test_a_folder_that_is_served_is_not_served_twice(
    allpoints: Allpoints, made: Callable[[str], Path]
) -> None:
    folder = made("secretariat")
    with folders.held(folder):
        refused = allpoints("serve", "--dir", folder)
    assert refused.code == 1
    assert "A folder has one node at a time" in refused.err


def test_a_port_that_is_taken_is_refused_before_the_node_begins(allpoints: Allpoints, tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        folder = tmp_path / "xsc"
        allpoints("init", "--dir", folder, "--role", "secretariat", *NODES["secretariat"], "--port", port)
        refused = allpoints("serve", "--dir", folder)
    assert refused.code == 1
    assert f"error: 127.0.0.1:{port} cannot be served: Address already in use." in refused.err
    assert "field: web.port" in refused.err


def test_a_log_line_leaves_out_what_nobody_declared_harmless(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "stderr", sys.stderr)
    logs.set_up("info", "json")
    structlog.get_logger("test").warning("refused", code="NO", family_name="Bellweather")
    structlog.get_logger("test").debug("not said")
    (line,) = capsys.readouterr().err.splitlines()
    said = json.loads(line)
    assert (said["event"], said["code"], said["level"]) == ("refused", "NO", "warning")
    assert "Bellweather" not in line


def test_text_logs_have_no_colour_in_a_file(capsys: pytest.CaptureFixture[str]) -> None:
    logs.set_up("info", "text")
    structlog.get_logger("test").info("started", node="XAV")
    line = capsys.readouterr().err
    assert "\x1b" not in line
    assert "started" in line
    assert "node=XAV" in line
