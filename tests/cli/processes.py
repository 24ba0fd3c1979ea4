"""Real nodes in processes of their own, and commands typed at them."""

import contextlib
import io
import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import Any, NamedTuple
from unittest import mock

import msgspec

from allpoints.cli.main import run

COMMAND = (sys.executable, "-m", "allpoints.cli.main")
START_SECONDS = 60
ENVIRONMENT = {name: value for name, value in os.environ.items() if not name.startswith("ALLPOINTS_")}


class Typed(NamedTuple):
    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return msgspec.json.decode(self.out)


def free_ports(count: int) -> list[int]:
    """Ports that nobody uses now; held together, so that they differ."""
    held = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports = [one.getsockname()[1] for one in held]
    for one in held:
        one.close()
    return ports


class Town:
    """Folders of several nodes beside each other, and the processes that serve them."""

    def __init__(self, folder: Path, registers: Path | None = None) -> None:
        """``registers`` is a folder with registers of these nodes' own."""
        self.folder = folder
        own = {"ALLPOINTS_VOCABULARY_FOLDERS": str(registers)} if registers else {}
        self.environment = ENVIRONMENT | own
        self.running: dict[str, subprocess.Popen[bytes]] = {}

    def type(self, *words: str, purpose: str = "border-control") -> Typed:
        """Carry out one command line in the folder above the nodes; in this process, which is quicker."""
        asked = {"ALLPOINTS_PURPOSE": purpose, "ALLPOINTS_CASE": "T-1"}
        out, err = io.StringIO(), io.StringIO()
        with (
            contextlib.chdir(self.folder),
            mock.patch.dict(os.environ, self.environment | asked, clear=True),
            contextlib.redirect_stdout(out),
            contextlib.redirect_stderr(err),
        ):
            code = run(words)
        return Typed(code, out.getvalue(), err.getvalue())

    def spawn(self, *words: str) -> subprocess.Popen[str]:
        """Type one command line into a process of its own, which may be interrupted."""
        # Where a shell runs the tests in the background they ignore this signal, and a child would inherit that.
        usual = signal.signal(signal.SIGINT, signal.default_int_handler)
        try:
            return subprocess.Popen(
                [*COMMAND, *words],
                cwd=self.folder,
                env={**self.environment, "ALLPOINTS_PURPOSE": "border-control"},
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                text=True,
            )
        finally:
            signal.signal(signal.SIGINT, usual)

    def done(self, *words: str, **options: Any) -> Typed:
        """Type one that must succeed."""
        typed = self.type(*words, **options)
        assert typed.code == 0, (words, typed)
        return typed

    def serve(self, node: str) -> None:
        """Start a node and wait until it and its line are up."""
        with (self.folder / f"{node}.log").open("ab") as log:
            self.running[node] = subprocess.Popen(
                [*COMMAND, "serve", "--dir", node], cwd=self.folder, env=self.environment, stderr=log
            )
        ended = self.running[node].poll
        assert until(lambda: ended() or self.type("status", "--wait", "1", "--dir", node).code == 0)
        assert ended() is None, self.log(node)[-2_000:]

    def stop(self, node: str, number: int = signal.SIGTERM) -> int:
        """End a node with a signal and return how it ended."""
        process = self.running.pop(node)
        process.send_signal(number)
        return process.wait(timeout=15)

    def log(self, node: str) -> str:
        return (self.folder / f"{node}.log").read_text(encoding="utf-8")

    def close(self) -> None:
        for process in self.running.values():
            process.kill()
            process.wait(timeout=15)


def until(asked: Any, seconds: float = START_SECONDS) -> Any:
    """Ask again until the answer is something; the last answer, whatever it is."""
    end = time.monotonic() + seconds
    while not (found := asked()) and time.monotonic() < end:
        time.sleep(0.05)
    return found
