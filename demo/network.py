"""The processes of the play: each node its own folder, keys and ports; and a cable that can be cut."""

import asyncio
import contextlib
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import httpx

START_SECONDS = 40.0
WAIT_SECONDS = 60.0
POLL_SECONDS = 0.02
PURPOSE = "border-control"
CASE = "DEMO-1"


class Node:
    """One node: its folder, its port, its process and a client that speaks to its API."""

    def __init__(self, folder: Path, name: str, role: str, label: str) -> None:
        self.folder = folder
        self.name = name
        self.role = role
        self.label = label
        self.port = free_port()
        self.process: subprocess.Popen[bytes] | None = None
        self.client = httpx.AsyncClient(base_url=self.address, timeout=30.0, trust_env=False)
        self.sign_ins: list[tuple[str, str]] = []

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    async def command(self, *words: str) -> str:
        """Run a command of the program as a person would, and return what it printed."""
        process = await asyncio.create_subprocess_exec(
            *program(self.folder, *words),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            stdin=subprocess.DEVNULL,
        )
        out, err = await process.communicate()
        if process.returncode:
            raise RuntimeError(f"allpoints {' '.join(words)} ended with {process.returncode}: {err.decode()}")
        return out.decode()

    def start(self) -> None:
        """Start the node's process; it goes on by itself."""
        log = (self.folder / "log").open("ab")
        self.process = subprocess.Popen(
            program(self.folder, "serve"), stdout=log, stderr=log, stdin=subprocess.DEVNULL
        )
        log.close()

    def kill(self) -> None:
        """SIGKILL: no warning, no last words."""
        if self.process is not None:
            self.process.send_signal(signal.SIGKILL)
            self.process.wait()

    def stop(self) -> None:
        if self.process is not None and self.process.poll() is None:
            self.process.terminate()

    async def ready(self) -> None:
        """Wait until the node answers and hears its upper node."""
        await until(self._is_ready, f"{self.name} to be ready", START_SECONDS)

    async def _is_ready(self) -> bool:
        if self.process is not None and self.process.poll() is not None:
            raise RuntimeError(f"{self.name} ended: see {self.folder / 'log'}")
        with contextlib.suppress(httpx.TransportError):
            return bool((await self.client.get("/health")).json()["line"])
        return False

    def token(self) -> str:
        return (self.folder / "operator.token").read_text().strip()

    def headers(self, token: str = "") -> dict[str, str]:
        return {
            "Authorization": f"Bearer {token or self.token()}",
            "Allpoints-Purpose": PURPOSE,
            "Allpoints-Case": CASE,
        }

    async def get(self, path: str, **query: Any) -> Any:
        response = await self.client.get(path, params=query, headers=self.headers())
        return body_of(response)

    async def post(self, path: str, content: Any = None, *, token: str = "", **query: Any) -> Any:
        response = await self.client.post(path, json=content, params=query, headers=self.headers(token))
        return body_of(response)

    async def send_file(self, path: Path, **query: Any) -> Any:
        """Start an import: the body is the file."""
        response = await self.client.post(
            "/api/v1/imports",
            params=query,
            content=path.read_bytes(),
            headers={**self.headers(), "Content-Type": "text/csv"},
        )
        return body_of(response)


class Cable:
    """A line between a post and its bureau that can be cut and mended: a plain relay of bytes."""

    def __init__(self, to_port: int) -> None:
        self.port = free_port()
        self.to_port = to_port
        self._server: asyncio.Server | None = None
        self._open: set[asyncio.StreamWriter] = set()

    async def mend(self) -> None:
        self._server = await asyncio.start_server(self._carry, "127.0.0.1", self.port)

    async def cut(self) -> None:
        """Close the way in and break what is open, as a cut cable does."""
        if self._server is not None:
            self._server.close()
        for writer in list(self._open):
            writer.transport.abort()
        self._open.clear()

    async def _carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            far_reader, far_writer = await asyncio.open_connection("127.0.0.1", self.to_port)
        except OSError:
            writer.close()
            return
        self._open |= {writer, far_writer}
        await asyncio.gather(_pump(reader, far_writer), _pump(far_reader, writer))
        self._open -= {writer, far_writer}


async def _pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with contextlib.suppress(OSError):
        while data := await reader.read(65_536):
            writer.write(data)
            await writer.drain()
    writer.close()


def program(folder: Path, *words: str) -> list[str]:
    return [sys.executable, "-m", "allpoints.cli.main", *words, "--dir", str(folder)]


def body_of(response: httpx.Response) -> Any:
    if response.is_error:
        raise RuntimeError(f"{response.request.method} {response.request.url.path}: {response.text[:400]}")
    return response.json()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


async def until(
    seen: Callable[[], Awaitable[Any]], what: str, seconds: float = WAIT_SECONDS, every: float = POLL_SECONDS
) -> Any:
    """Look until something is so, and return it; ends the play when it never is."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        found = await seen()
        if found:
            return found
        await asyncio.sleep(every)
    raise TimeoutError(f"waited {seconds:.0f} seconds in vain for {what}")


async def refusal_of(attempt: Awaitable[Any]) -> str:
    """What a node says when it refuses; empty when it does not."""
    try:
        await attempt
    except RuntimeError as error:
        return str(error)
    return ""


def environment_is_quiet() -> None:
    """Settings of the reader's own shell must not reach the nodes of the play."""
    for name in [name for name in os.environ if name.startswith("ALLPOINTS_")]:
        del os.environ[name]
