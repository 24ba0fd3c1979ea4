import asyncio
from typing import Any

import httpx
import pytest
from tests.web.console_network import OWNER, Browser, Network, Server

from allpoints.identity import sessions
from allpoints.web.access import COOKIE
from allpoints.web.pages import feed


class Feed:
    """One open feed, read event by event as a browser's EventSource does."""

    def __init__(self, network: Network, browser: Browser, query: str = "", **headers: str) -> None:
        self.network = network
        self.parts: list[bytes] = []
        self.status = 0
        self.headers: dict[str, str] = {}
        self._gone = asyncio.Event()
        cookie = f"{COOKIE}={browser.client.cookies[COOKIE]}"
        sent = {"cookie": cookie, "accept": "text/event-stream", "host": "node.example", **headers}
        self.scope: dict[str, Any] = {
            "type": "http",
            "asgi": {"version": "3.0"},
            "http_version": "1.1",
            "method": "GET",
            "scheme": "http",
            "path": "/en/feed",
            "raw_path": b"/en/feed",
            "root_path": "",
            "query_string": query.encode(),
            "headers": [(name.encode(), value.encode()) for name, value in sent.items()],
            "server": ("node.example", 80),
            "client": ("127.0.0.1", 1),
        }
        self.task = network.run(self._start(network.apps[browser.node]))

    async def _start(self, app: Any) -> "asyncio.Task[None]":
        return asyncio.create_task(app(self.scope, self._receive, self._send))

    async def _receive(self) -> dict[str, Any]:
        if not self.headers.get("#begun"):
            self.headers["#begun"] = "yes"
            return {"type": "http.request", "body": b"", "more_body": False}
        await self._gone.wait()
        return {"type": "http.disconnect"}

    async def _send(self, message: Any) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
            self.headers |= {name.decode(): value.decode() for name, value in message["headers"]}
        else:
            self.parts.append(message.get("body", b""))
            if not message.get("more_body"):
                self._gone.set()  # a server says so as soon as the answer is complete

    @property
    def text(self) -> str:
        return b"".join(self.parts).decode()

    def until(self, words: str) -> str:
        self.network.until(lambda: words in self.text)
        return self.text

    def leave(self) -> None:
        async def go() -> None:
            self._gone.set()
            await asyncio.wait_for(self.task, 5)

        self.network.run(go())

    def ended(self) -> bool:
        return self.task.done()


def raise_alert(network: Network, head: str, kind: str = "hit", about: str = "") -> None:
    office = network.hosts[OWNER].office
    network.do(OWNER, lambda: office.alerts.raise_(office.clock.now(), kind, head, "/en/hits/x", about=about))


def open_feeds(network: Network) -> int:
    return len(network.hosts[OWNER].office.alerts.watchers)


def test_an_alert_arrives_at_once_drawn_as_the_desk_draws_it(network: Network) -> None:
    live = Feed(network, Browser(network, OWNER, "dana"))
    live.until(": the feed is open")
    assert live.status == 200
    assert live.headers["content-type"].startswith("text/event-stream")
    assert live.headers["cache-control"] == "no-store"
    raise_alert(network, "Hit at XBM/post-1: something <new>")
    text = live.until("something")
    assert "event: alert" in text
    assert "something &lt;new&gt;" in text
    live.leave()
    network.until(lambda: open_feeds(network) == 0)


def test_a_feed_goes_on_after_the_last_event_that_was_seen(network: Network) -> None:
    browser = Browser(network, OWNER, "dana")
    last = network.hosts[OWNER].office.alerts.recent(1)
    seen = last[0].id if last else 0
    raise_alert(network, "first of two")
    first = network.hosts[OWNER].office.alerts.newest()
    raise_alert(network, "second of two")
    whole = Feed(network, browser, f"after={seen}")
    whole.until("second of two")
    assert whole.text.index("first of two") < whole.text.index("second of two")
    later = Feed(network, browser, f"after={seen}", **{"last-event-id": str(first)})
    later.until("second of two")
    assert "first of two" not in later.text
    fresh = Feed(network, browser, "after=nonsense")
    fresh.until(": the feed is open")
    assert "of two" not in fresh.text
    for one in (whole, later, fresh):
        one.leave()


def test_a_feed_says_whom_an_alert_is_about_once_a_purpose_is_chosen(network: Network) -> None:
    browser = Browser(network, OWNER, "dana")
    before = Feed(network, browser)
    after = Feed(network, browser.look_for())
    for one in (before, after):
        one.until(": the feed is open")
    raise_alert(network, "Hit on our record", about="Mirewood, Ansel")
    assert "Mirewood" in after.until("Hit on our record")
    assert "Mirewood" not in before.until("Hit on our record")
    before.leave()
    after.leave()


def test_a_feed_tells_each_officer_only_what_its_roles_may_hear(network: Network) -> None:
    administrator = Feed(network, Browser(network, OWNER, "ada"))
    desk = Feed(network, Browser(network, OWNER, "dana"))
    for one in (administrator, desk):
        one.until(": the feed is open")
    raise_alert(network, "a person is named here")
    raise_alert(network, "the line is down", kind="system")
    desk.until("the line is down")
    administrator.until("the line is down")
    assert "a person is named here" in desk.text
    assert "a person is named here" not in administrator.text
    administrator.leave()
    desk.leave()


def test_a_feed_ends_with_its_session_and_does_not_keep_it_alive(
    network: Network, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(feed, "HEARTBEAT_SECONDS", 0.02)
    browser = Browser(network, OWNER, "cleo")
    secret = browser.client.cookies[COOKIE]
    db = network.hosts[OWNER].office.db
    live = Feed(network, browser)
    live.until(": still here")
    before = network.do(OWNER, lambda: sessions.ends_ms(db, secret))
    beats = live.text.count(": still here")
    network.until(lambda: live.text.count(": still here") > beats + 3)
    assert network.do(OWNER, lambda: sessions.ends_ms(db, secret)) == before
    browser.post("/en/sign-out", {})
    network.until(live.ended)


def test_a_node_that_stops_ends_its_feeds(network: Network) -> None:
    live = Feed(network, Browser(network, OWNER, "dana"))
    live.until(": the feed is open")

    async def stop() -> None:
        feed.end_feeds(network.apps[OWNER])

    network.run(stop())
    network.until(live.ended)
    network.console(OWNER).stopping = False


def test_a_server_with_open_feeds_stops_without_waiting_for_them(network: Network) -> None:
    browser = Browser(network, OWNER, "dana")

    async def story() -> None:
        server = await Server.start(network.apps[OWNER])
        cookies = {COOKIE: browser.client.cookies[COOKIE]}
        async with httpx.AsyncClient(base_url=server.address, cookies=cookies) as client:
            async with client.stream("GET", "/en/feed") as gone:
                await anext(gone.aiter_lines())
            async with client.stream("GET", "/en/feed") as kept:
                lines = kept.aiter_lines()
                await anext(lines)
                await server.stop()
                assert [line async for line in lines if line.startswith("event")] == []

    network.run(story())
    network.console(OWNER).stopping = False
    assert open_feeds(network) == 0


def test_a_feed_is_for_who_is_signed_in(network: Network) -> None:
    stranger = Browser(network, OWNER)
    assert stranger.get("/en/feed", accept="text/event-stream").status_code == 401
