"""A whole network in one process and one thread, with the web application of each node, for the console's tests.

The nodes are real hosts in folders of their own; only their lines are joined in memory instead of over sockets.
"""

import asyncio
import re
import socket
import threading
from collections.abc import Callable, Coroutine
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

import httpx
import uvicorn
from tests.registers import exhibits

from allpoints.ground.clock import SystemClock
from allpoints.identity import officers, passwords
from allpoints.identity.officers import Asker
from allpoints.identity.passwords import Cost
from allpoints.node import setting_up
from allpoints.node import settings as node_settings
from allpoints.node.founding import Wish
from allpoints.node.host import Host
from allpoints.node.settings import Settings
from allpoints.registers.entering import Carriage
from allpoints.web.app import create
from allpoints.web.asgi import Entrance
from allpoints.web.pages.console import Console
from allpoints.web.pages.feed import end_feeds
from allpoints.web.rendering import Assets, Chunk, Pages

CHEAP = Cost(n=16, r=1, p=1)
PASSWORD = "morning tide at nine"
WAIT_SECONDS = 60.0
SECRETARIAT, RELAY, OWNER, SEARCHER, POST = "XSC", "XSC/relay", "XAV", "XBM", "XBM/post-1"
LABELS = {
    SECRETARIAT: "Secretariat",
    OWNER: "Bureau of Arvandia",
    SEARCHER: "Bureau of Belmora",
    POST: "Harbour of Sundvik",
}
ROLES = {
    SECRETARIAT: (
        ("rita", "reviewer"),
        ("ruben", "reviewer"),
        ("cora", "command"),
        ("adam", "administrator"),
    ),
    OWNER: (
        ("dana", "desk"),
        ("bo", "border"),
        ("cleo", "command"),
        ("ada", "administrator"),
        ("olga", "overseer"),
    ),
    SEARCHER: (("dirk", "desk"), ("bea", "border"), ("abel", "administrator")),
    POST: (("pia", "border"), ("pavel", "administrator")),
}
"""Officers of each node, one role each, so that every page can be asked by whom it is and is not for."""

ADMINISTRATOR = Asker("adam", frozenset({"administrator"}))
NOWHERE = "http://127.0.0.1:1"
ASSETS = Assets({"console.ts": Chunk("assets/c.js", ("assets/c.css",)), "icon.svg": Chunk("assets/i.svg")})

T = TypeVar("T")


class Network:
    """Secretariat, two bureaus and a post; ``run`` runs something in their loop and waits for it."""

    def __init__(self, folder: Path, *, built: bool = False) -> None:
        """``built`` takes scripts and styles from the built console; else pages name files that are not there."""
        self.folder = folder
        self.built = built
        self.hosts: dict[str, Host] = {}
        self.apps: dict[str, Entrance] = {}
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()
        self.run(self._build())

    def run(self, work: Coroutine[Any, Any, T], wait_seconds: float = WAIT_SECONDS) -> T:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(wait_seconds)

    def do(self, node: str, work: Callable[[], T]) -> T:
        """Run something in a node's engine."""
        return self.run(self.hosts[node].do(work))

    def until(self, holds: Callable[[], object]) -> None:
        """Wait until something is so, looking again after every turn of the loop."""

        async def look() -> None:
            while not holds():  # noqa: ASYNC110 - whatever is waited for, no event tells of it
                await asyncio.sleep(0.005)

        self.run(asyncio.wait_for(look(), WAIT_SECONDS))

    def close(self) -> None:
        self.run(self._stop())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    @property
    def words(self) -> Path:
        """The folder of registers that every node has beside those that ship."""
        return exhibits.FOLDER

    def console(self, node: str) -> Console:
        framework: Any = self.apps[node].framework
        return Console.of(framework.state)

    # -- how it is made

    async def _build(self) -> None:
        self._init(SECRETARIAT, "secretariat")
        centre = self._open(SECRETARIAT)
        await centre.start()
        for name in (OWNER, SEARCHER):
            await self._admit_member(centre, name)
        await self._admit_post(self.hosts[SEARCHER])
        for name in self.hosts:
            for officer, role in ROLES[name]:
                await self.hosts[name].do(partial(add_officer, self.hosts[name], officer, role))

    async def _admit_member(self, centre: Host, name: str) -> None:
        text = self._init(name, "bureau")
        admit = partial(centre.desk().network.admit_member, ADMINISTRATOR, text, NOWHERE)
        setting_up.join(self.folder / name, await centre.do(admit), SystemClock())
        bureau = self._open(name)
        self._join(centre.relay_lines, _relay_frame(centre, name), bureau, RELAY)
        bureau.driver.line_up(RELAY)

    async def _admit_post(self, bureau: Host) -> None:
        text = self._init("post-1", "post", POST)
        admit = partial(bureau.desk().network.admit_post, ADMINISTRATOR, text, NOWHERE)
        setting_up.join(self.folder / "post-1", await bureau.do(admit), SystemClock())
        post = self._open(POST, "post-1")
        self._join(bureau.lines, partial(bureau.driver.frame, POST), post, SEARCHER)
        post.driver.line_up(SEARCHER)

    def _init(self, folder: str, role: str, name: str = "") -> str:
        wish = Wish(role, name or folder, LABELS[name or folder], "example.allpoints", "127.0.0.1", 8470)
        request = setting_up.init(self.folder / folder, wish, SystemClock())
        return request.write() if request is not None else ""

    def _open(self, name: str, folder: str = "") -> Host:
        host = Host(_settings(self.folder / (folder or name), self.words))
        self.hosts[name] = host
        self.apps[name] = create(host)
        if not self.built:
            made = self.console(name)
            made._pages = Pages(ASSETS, made.places)
        if name != SECRETARIAT:
            host._begin(host.driver.run())
        if host.bureau is not None and name != SECRETARIAT:
            host._begin(host._import_for_ever(host.bureau))
        return host

    def _join(self, upper: Any, take: Callable[[bytes], None], lower: Host, peer: str) -> None:
        lower.lines.join_local(peer, take)
        upper.join_local(lower.me.name, lambda data: lower.driver.frame(peer, data))

    async def _stop(self) -> None:
        for host in reversed(self.hosts.values()):
            await host.stop()

    # -- what stories begin with

    def report(self, number: str, ref: str = "", fraud: str = "stolen") -> str:
        """Arvandia reports a passport, and Belmora knows of it; returns the record's identifier."""
        raw = {
            "source_ref": ref or f"ref-{number}",
            "document_number": number,
            "issuer": OWNER,
            "document_type": "passport",
            "fraud": fraud,
        }
        asker = Asker("dana", frozenset({"desk"}), "border-control", "C-1")
        carriage = Carriage("border-control", "official-use")
        record = self.do(
            OWNER, lambda: self.hosts[OWNER].desk().records.enter(asker, "travel-documents", raw, carriage)
        )
        wanted = f"{OWNER}|{number}"
        self.until(lambda: bool(self.hosts[SEARCHER].desk().index.lookup("document", wanted)))
        self.until(lambda: bool(self.hosts[OWNER].desk().index.lookup("document", wanted)))
        return record


def add_officer(host: Host, name: str, *roles: str) -> None:
    """Enter an officer whose password costs little to stretch."""
    officers.add_officer(host.office.db, name, roles, host.clock.now())
    passwords.set_password(host.office.db, name, password=PASSWORD, cost=CHEAP)


def _relay_frame(centre: Host, name: str) -> Callable[[bytes], None]:
    return lambda data: centre._required_relay().frame(name, data)


def _settings(folder: Path, words: Path) -> Settings:
    given = {
        "ALLPOINTS_VOCABULARY_FOLDERS": str(words),
        "ALLPOINTS_EMERGENCY_ALLOWED": "true",
        # All browsers of all tests come from one address.
        "ALLPOINTS_HTTP_SIGN_INS": "100000",
    }
    return node_settings.load(folder, given)


class Server(uvicorn.Server):
    """One node's web application on a port of this machine; it ends its feeds first, as a node's own server does."""

    def __init__(self, app: Entrance) -> None:
        super().__init__(
            uvicorn.Config(
                app,
                port=0,
                lifespan="off",
                log_config=None,
                ws="none",
                proxy_headers=False,
                timeout_graceful_shutdown=30,
            )
        )
        self.app = app
        self.address = ""
        self._serving: asyncio.Task[None] | None = None

    @classmethod
    async def start(cls, app: Entrance) -> "Server":
        server = cls(app)
        listening = server.config.bind_socket()
        server.address = f"http://127.0.0.1:{listening.getsockname()[1]}"
        server._serving = asyncio.create_task(server._serve([listening]))
        while not server.started:  # noqa: ASYNC110 - the server has no event for it
            await asyncio.sleep(0.01)
        return server

    async def stop(self) -> None:
        self.should_exit = True
        if self._serving is not None:
            await asyncio.wait_for(self._serving, WAIT_SECONDS / 2)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        end_feeds(self.app)
        await super().shutdown(sockets)
        # The application goes on without this port, and others open feeds of it.
        framework: Any = self.app.framework
        Console.of(framework.state).stopping = False


class Browser:
    """An officer's browser at one node: keeps cookies, fills forms in, follows nothing by itself."""

    def __init__(self, network: Network, node: str, name: str = "", scheme: str = "http") -> None:
        self.network = network
        self.node = node
        app: Any = network.apps[node]
        transport = httpx.ASGITransport(app=app)
        self.client = httpx.AsyncClient(transport=transport, base_url=f"{scheme}://node.example")
        self.client.headers["accept"] = "text/html"
        if name:
            self.sign_in(name)

    def get(self, path: str, **headers: str) -> httpx.Response:
        return self.network.run(self.client.get(path, headers=headers))

    def post(self, path: str, fields: dict[str, Any], **headers: str) -> httpx.Response:
        """Send a form of this session, with its token."""
        return self.network.run(
            self.client.post(path, data={"csrf": self.token(), **fields}, headers=headers)
        )

    def token(self) -> str:
        """The token that every form of this session carries."""
        return token_in(self.get("/en/state").text)

    def sign_in(self, name: str, password: str = PASSWORD, onward: str = "") -> httpx.Response:
        form = self.get("/en/sign-in")
        fields = {"csrf": token_in(form.text), "name": name, "password": password, "next": onward}
        return self.network.run(self.client.post("/en/sign-in", data=fields))

    def look_for(self, purpose: str = "border-control", case: str = "C-2026-1") -> "Browser":
        """Choose purpose and case for this session."""
        answer = self.post("/en/purpose", {"purpose": purpose, "case": case})
        assert answer.status_code == 303, answer.text
        return self


def token_in(page: str) -> str:
    found = re.search(r'name="csrf" value="([0-9a-f]*)"', page)
    assert found is not None, page[:2_000]
    return found[1]
