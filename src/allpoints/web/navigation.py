"""Which pages an officer is offered; what one may do there is decided by the parts, not here."""

import msgspec

from allpoints.web.views.common import Link
from allpoints.web.views.session import Session
from allpoints.web.words import _

CENTRAL = frozenset({"secretariat", "bureau"})
EVERYWHERE = CENTRAL | {"post"}


class Entry(msgspec.Struct, frozen=True):
    path: str
    label: str
    roles: frozenset[str]
    nodes: frozenset[str] = EVERYWHERE
    count: str = ""
    """Name of the session's figure that stands beside the label."""


_ALL = frozenset({"border", "desk", "reviewer", "command", "administrator", "overseer"})
_BUREAU = frozenset({"desk", "command"})
_OVERSIGHT = frozenset({"command", "administrator"})

ENTRIES = (
    Entry("desk", _("Desk"), _ALL),
    Entry("border", _("Border"), frozenset({"border"}), frozenset({"post", "bureau"})),
    Entry("search", _("Search"), frozenset({"desk", "reviewer", "command"}), CENTRAL),
    Entry("registers", _("Registers"), _BUREAU, CENTRAL),
    Entry("hits", _("Hits"), _BUREAU | {"border"}, count="open_hits"),
    Entry("traces", _("Traces"), _BUREAU, CENTRAL, count="open_traces"),
    Entry("notices", _("Notices"), frozenset({"desk", "reviewer", "command"}), CENTRAL),
    Entry("review", _("Review"), frozenset({"reviewer", "command"}), frozenset({"secretariat"})),
    Entry("messages", _("Messages"), frozenset({"desk", "reviewer", "command"}), CENTRAL, count="unread"),
    Entry("imports", _("Imports"), frozenset({"desk"}), frozenset({"bureau"})),
    Entry("members", _("Members"), _OVERSIGHT, CENTRAL),
    Entry("officers", _("Officers"), frozenset({"administrator"})),
    Entry("audit", _("Audit"), _OVERSIGHT | {"overseer"}),
    Entry("watch", _("Insider watch"), frozenset({"administrator", "overseer"}), CENTRAL),
    Entry("oversight", _("Oversight"), frozenset({"overseer"}), CENTRAL),
    Entry("state", _("State"), _ALL),
    Entry("open", _("Open registers"), frozenset({"outsider"}), CENTRAL),
)

ACTIONS = (
    Entry("notices/new", _("Write a red notice"), frozenset({"desk"}), frozenset({"bureau"})),
    Entry("traces/new", _("Trace a firearm"), _BUREAU, frozenset({"bureau"})),
    Entry("messages/new", _("Write a message"), frozenset({"desk", "reviewer", "command"}), CENTRAL),
    Entry("purpose", _("Change purpose and case"), _ALL),
    Entry("account", _("My account"), _ALL),
    Entry("why", _("Why may somebody do something, or not?"), _ALL),
    Entry("emergency", _("Emergency access"), _ALL, CENTRAL),
    Entry("components", _("Components of these pages"), frozenset({"administrator"})),
)


class Tab(msgspec.Struct, frozen=True):
    link: Link
    here: bool
    count: int = 0


def tabs(session: Session) -> tuple[Tab, ...]:
    """The navigation of this officer, with the page in view marked."""
    return tuple(_tab(entry, session) for entry in ENTRIES if _offered(entry, session))


def jumps(session: Session) -> tuple[Link, ...]:
    """Everything the jump menu lists: pages, then actions."""
    return tuple(_link(entry, session) for entry in (*ENTRIES, *ACTIONS) if _offered(entry, session))


def _offered(entry: Entry, session: Session) -> bool:
    return session.node_role in entry.nodes and not entry.roles.isdisjoint(session.roles)


def _link(entry: Entry, session: Session) -> Link:
    return Link(entry.label, f"/{session.language}/{entry.path}")


def _tab(entry: Entry, session: Session) -> Tab:
    link = _link(entry, session)
    here = session.path == link.href or session.path.startswith(f"{link.href}/")
    counts = {"open_hits": session.open_hits, "open_traces": session.open_traces, "unread": session.unread}
    count = counts.get(entry.count, 0)
    return Tab(link, here, count)
