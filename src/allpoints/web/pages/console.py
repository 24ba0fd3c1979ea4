"""What all pages of a node share: the renderer, what each session remembers, and the feeds that are open."""

import asyncio
from collections import OrderedDict, deque
from collections.abc import Iterator, Mapping

from litestar.datastructures import State

from allpoints.border.verdict import Answer
from allpoints.identity.ceremonies import Policy
from allpoints.identity.officers import hash_secret
from allpoints.node import card_settings
from allpoints.node.host import Host
from allpoints.node.officer_settings import passkey_policy
from allpoints.node.provider import Provider
from allpoints.node.provider_settings import provider
from allpoints.web import csp
from allpoints.web.access import Access
from allpoints.web.measures import Measures
from allpoints.web.rendering import STATIC, Pages
from allpoints.web.views.desk import RecentRecord
from allpoints.web.views.session import Banner

MEMORIES_LIMIT = 4_096
"""Sessions remembered at once; the one unused longest is forgotten first and asked for its purpose again."""
RECORDS_LIMIT = 8
CHECKS_LIMIT = 10
STRETCHES_AT_ONCE = 2
"""Passwords stretched at once: each takes a core and 16 MiB for tens of milliseconds."""


class Memory:
    """What one session remembers between its pages, in this process only: a restart asks for the purpose again."""

    def __init__(self) -> None:
        self.purpose = ""
        self.case = ""
        self.banner: Banner | None = None
        self.draft = ""
        """Text begun on one page and continued on the next."""
        self.records: deque[RecentRecord] = deque(maxlen=RECORDS_LIMIT)
        self.checks: deque[Answer] = deque(maxlen=CHECKS_LIMIT)
        self._emergency = 0

    def within(self, emergency: int) -> None:
        """What was seen within emergency access is forgotten once it is over; 0 stands for none."""
        if emergency != self._emergency:
            self.records.clear()
            self.checks.clear()
            self._emergency = emergency

    def saw(self, record: RecentRecord) -> None:
        """Keep a record as the one seen last."""
        for other in [one for one in self.records if one.href == record.href]:
            self.records.remove(other)
        self.records.appendleft(record)


class Places(Mapping[str, str]):
    """The shown names of countries and members by alpha-3 code; an unknown code is missing and shown as it is."""

    def __init__(self, host: Host) -> None:
        self._countries = host.vocabulary.countries
        self._host = host

    def __getitem__(self, code: str) -> str:
        caption = self._countries.caption(code) if code in self._countries else code
        if caption != code:
            return caption
        return country_of(self.members()[code])

    def __iter__(self) -> Iterator[str]:
        return iter({*self._countries.codes(), *self.members()})

    def __len__(self) -> int:
        return sum(1 for _ in self)

    def members(self) -> dict[str, str]:
        """The labels of the members that this node knows, by code."""
        me = self._host.me
        known = {me.secretariat.member: me.secretariat.label}
        if me.upper is not None:
            known.setdefault(me.upper.member, me.upper.label)
        bureau = self._host.bureau
        if bureau is not None:
            known |= {one.code: one.label for one in bureau.following.directory.members()}
        return known


def country_of(label: str) -> str:
    """The country in a member's label: "Bureau of Arvandia" says Arvandia.

    Only codes that users assign have no name of their own; their members are all that names them.
    """
    return label.rpartition(" of ")[2]


class Console:
    """Made once for an application, kept in its state."""

    def __init__(self, host: Host, access: Access, measures: Measures) -> None:
        self.host = host
        self.access = access
        self.measures = measures
        self.places = Places(host)
        self.stretching = asyncio.Semaphore(STRETCHES_AT_ONCE)
        self.stopping = False
        self.static = STATIC
        self._pages: Pages | None = None
        self._memories: OrderedDict[bytes, Memory] = OrderedDict()
        self._feeds: set[asyncio.Event] = set()
        self.headers = dict(csp.PAGE_HEADERS)
        self.secure = host.settings.over_tls
        self.passkeys: Policy = passkey_policy(host.settings)
        self.provider: Provider | None = provider(host.settings, host.clock)
        self.cards = card_settings.terms(host.settings) is not None
        self.passwords = host.settings.flag("officers.passwords")
        if self.secure:
            self.headers |= csp.SECURE_TRANSPORT

    @classmethod
    def of(cls, state: State) -> "Console":
        """The console of an application; the first page makes it."""
        held: Console | None = state.get("console")
        if held is None:
            held = cls(state["host"], state["access"], state["measures"])
            state["console"] = held
        return held

    @property
    def pages(self) -> Pages:
        """The renderer; refuses CONSOLE-NOT-BUILT (503) where the console was left out."""
        if self._pages is None:
            self._pages = Pages.open(self.places, self.static)
        return self._pages

    # -- sessions

    def memory(self, secret: str) -> Memory:
        key = hash_secret(secret)
        memory = self._memories.setdefault(key, Memory())
        self._memories.move_to_end(key)
        if len(self._memories) > MEMORIES_LIMIT:
            self._memories.popitem(last=False)
        return memory

    def goes_on(self, old: str, new: str) -> None:
        """A session goes on under a new secret: what it remembers goes with it."""
        self._memories[hash_secret(new)] = self.memory(old)
        self.forget(old)

    def forget(self, secret: str) -> None:
        """The session is over: nothing of it is remembered, and its requests are looked up anew."""
        self._memories.pop(hash_secret(secret), None)
        self.access.forget()

    # -- feeds

    def open_feed(self) -> asyncio.Event:
        """An event that is set when alerts are there, or when the console stops."""
        wake = asyncio.Event()
        self._feeds.add(wake)
        self.host.office.alerts.watchers.add(wake.set)
        return wake

    def close_feed(self, wake: asyncio.Event) -> None:
        self._feeds.discard(wake)
        self.host.office.alerts.watchers.discard(wake.set)

    def stop(self) -> None:
        """End every open feed."""
        self.stopping = True
        for wake in self._feeds:
            wake.set()
