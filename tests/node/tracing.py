"""A federation with the two firearm registers, and what its desks do about a pistol."""

from pathlib import Path
from typing import Any

from tests.node.federation import Federation
from tests.node.samples import ANNA, CENTRE

from allpoints.tracing.answering import Reply
from allpoints.tracing.requesting import Order
from allpoints.tracing.trace import Trace

MAKER, IMPORTER, REQUESTER, OTHER = "XAV", "XBM", "XCS", "XDV"
TRACERS = (MAKER, IMPORTER, REQUESTER, OTHER)
PISTOL = Order("K18204417", "Norvik", "P9", "9x19", circumstances="Found in a car at Sundvik harbour.")
LISTED: dict[str, Any] = {
    "source_ref": "NOR-P9",
    "make": "Norvik",
    "model": "P9",
    "calibre": "9 x 19",
    "type": "pistol",
    "country_of_manufacture": MAKER,
    "also_known_as": ["Norvik Nine"],
}
ILLICIT: dict[str, Any] = {
    "source_ref": "F-1",
    "serial": "K18204417",
    "make": "Norvik",
    "status": "stolen",
    "type": "pistol",
}


def federation(folder: Path, members: tuple[str, ...] = TRACERS) -> Federation:
    """Castrovia requests; the pistol stands in the reference table, as made in Arvandia."""
    made = Federation(folder, members)
    made.enter(CENTRE, LISTED, register="firearms-reference")
    return made


def request(federation: Federation, order: Order = PISTOL) -> str:
    """Request a trace and let everybody learn of it; gives its name."""
    node = federation.bureau(REQUESTER)
    view = node.do(lambda: node.traces.request(ANNA, order))
    federation.pump()
    return str(view.trace.trace)


def reply(federation: Federation, member: str, name: str, finding: str, **further: str) -> None:
    node = federation.bureau(member)
    given = Reply(finding, "As our files say.", **further)
    node.do(lambda: node.traces.answer(ANNA, name, given))
    federation.pump()


def known(federation: Federation, member: str, name: str) -> Trace:
    return federation.bureau(member).traces.view(name).trace


def standing(federation: Federation, name: str) -> dict[str, str]:
    """The state of a trace at every node that knows of it."""
    found = {}
    for member in (*TRACERS, CENTRE):
        views = {one.trace.trace: one.trace for one in federation.bureau(member).traces.list_(ANNA)}
        if name in views:
            found[member] = views[name].state.value
    return found


def go_on(federation: Federation, name: str, **how: str) -> None:
    node = federation.bureau(REQUESTER)
    node.do(lambda: node.traces.go_on(ANNA, name, **how))
    federation.pump()


def withdraw(federation: Federation, name: str, reason: str = "Solved by other means.") -> None:
    node = federation.bureau(REQUESTER)
    node.do(lambda: node.traces.withdraw(ANNA, name, reason))
    federation.pump()


def alerts(federation: Federation, member: str) -> list[str]:
    return [one.title for one in federation.bureau(member).alerts.recent(50) if one.kind == "trace"]
