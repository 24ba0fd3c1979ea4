"""Strict headers on every answer of every address, refused or not, page or program."""

import asyncio
from collections.abc import MutableMapping
from typing import Any

import httpx
import pytest
from tests.attack.calling import Caller
from tests.attack.endpoints import EACH, ENDPOINTS, address
from tests.web.console_network import OWNER, Browser, Network

from allpoints.web.strict import strict_headers, strictly

WANTED = {name.decode(): value.decode() for name, value in strict_headers(over_tls=False)}
KEPT = "public, max-age=31536000, immutable"


def assert_strict(answer: httpx.Response) -> None:
    for name, value in WANTED.items():
        assert answer.headers.get_list(name) == [value], (answer.request.url, name)
    assert "strict-transport-security" not in answer.headers


@EACH
def test_every_endpoint_answers_strictly_to_nobody_and_to_whom_it_is_for(
    callers: dict[str, Caller], method: str, path: str
) -> None:
    endpoint = ENDPOINTS[method, path]
    caller = callers[endpoint.node]
    for role in ("", min(endpoint.roles)):
        assert_strict(caller.call(method, address(path, endpoint), role, json=endpoint.body))


def test_every_page_and_every_other_address_answers_strictly(town: Network) -> None:
    framework: Any = town.apps[OWNER].framework
    pages = sorted(
        {route.path for route in framework.routes if "{" not in route.path and "GET" in route.methods}
    )
    assert len(pages) > 30
    for browser in (Browser(town, OWNER, "dana"), Browser(town, OWNER)):
        for path in (*pages, "/health", "/metrics", "/en/nowhere", "/nowhere", "/en/hits/x"):
            if path.endswith("/feed"):
                continue
            assert_strict(browser.get(path))


@pytest.mark.parametrize("over_tls", [False, True])
def test_over_tls_browsers_are_told_to_come_by_tls_alone(over_tls: bool) -> None:
    names = [name for name, _ in strict_headers(over_tls=over_tls)]
    assert (b"strict-transport-security" in names) == over_tls


def test_what_a_part_sets_itself_stays_and_is_not_doubled() -> None:
    sent: list[MutableMapping[str, Any]] = []

    async def send(event: MutableMapping[str, Any]) -> None:
        sent.append(event)

    start = {
        "type": "http.response.start",
        "status": 200,
        "headers": [(b"Cache-Control", KEPT.encode())],
    }
    body = {"type": "http.response.body", "body": b""}

    async def answer() -> None:
        strict = strictly(send, strict_headers(over_tls=True))
        await strict(start)
        await strict(body)

    asyncio.run(answer())
    headers = sent[0]["headers"]
    assert [value for name, value in headers if name.lower() == b"cache-control"] == [KEPT.encode()]
    assert len(headers) == len({name.lower() for name, _ in headers}) == len(strict_headers(over_tls=True))
    assert sent[1] == body
