"""The live feed: alerts as server-sent events, resumed where a browser left off, ended with the session."""

import asyncio
from collections.abc import AsyncIterator
from functools import partial
from typing import Any

import msgspec
from litestar import get
from litestar.response import Stream

from allpoints.identity import sessions, tokens
from allpoints.web import csp
from allpoints.web.asgi import Entrance
from allpoints.web.pages.console import Console
from allpoints.web.pages.desk import shown_alert
from allpoints.web.pages.visit import AnyRequest, Visit

HEARTBEAT_SECONDS = 15.0
AT_ONCE = 50


@get("/en/feed")
async def feed(request: AnyRequest) -> Stream:
    """GET with ``Last-Event-ID`` or ``?after=``; neither begins with what comes next."""
    visit = Visit.open(request)
    told = str(request.headers.get("last-event-id") or request.query_params.get("after") or "")
    newest = visit.host.office.alerts.newest()
    after = min(int(told), newest) if told.isdecimal() and len(told) <= 16 else newest
    headers = dict(csp.FEED_HEADERS)
    media_type = headers.pop("Content-Type")
    return Stream(events(visit, after), media_type=media_type, headers=headers)


async def events(visit: Visit, after: int) -> AsyncIterator[str]:
    """Everything the officer may hear of beyond ``after``, until the session ends or the node stops."""
    console = visit.console
    alerts = visit.host.office.alerts
    # A feed may be open for hours: it tells by what the officer is, not by what was opened for half of one.
    asker = msgspec.structs.replace(visit.asker, emergency=None)
    wake = console.open_feed()
    try:
        yield ": the feed is open\n\n"
        while not console.stopping and _still_open(visit):
            wake.clear()
            fresh = await visit.do(partial(alerts.told, asker, after, visit.now_ms, AT_ONCE))
            for one in fresh:
                after = one.id
                yield console.pages.feed_event(shown_alert(one))
            if fresh:
                continue
            try:
                await asyncio.wait_for(wake.wait(), HEARTBEAT_SECONDS)
            except TimeoutError:
                yield ": still here\n\n"
    finally:
        console.close_feed(wake)


def _still_open(visit: Visit) -> bool:
    """An open feed is no use of the session: it must not keep an officer signed in who has gone."""
    if visit.secret.startswith(tokens.TOKEN_PREFIX):
        return Visit.knows(visit.request)
    return sessions.ends_ms(visit.host.office.db, visit.secret) > visit.now_ms


def end_feeds(entrance: Entrance) -> None:
    """End every open feed of an application: a server that stops gracefully waits for its answers to end."""
    framework: Any = entrance.framework
    Console.of(framework.state).stop()


HANDLERS = [feed]
