"""Traces at a node: requested here, sent on from country to country, answered by each desk about its own step alone."""

import os
import sqlite3

import msgspec

from allpoints.ground.refusal import Refusal
from allpoints.identity import policy
from allpoints.identity.officers import Asker
from allpoints.identity.policy import Act
from allpoints.ledger import audit
from allpoints.node import frames
from allpoints.node.alerts import Alerts
from allpoints.node.credentials import Credentials
from allpoints.node.engine import Engine
from allpoints.node.firearms import Firearms
from allpoints.node.post_office import PostOffice
from allpoints.tracing import answering, hearing, requesting, rules, store, telling
from allpoints.tracing.answering import Reply
from allpoints.tracing.requesting import Order
from allpoints.tracing.trace import Answer, Answered, Priority, Side, Trace, TraceView
from allpoints.vocabulary.register import Vocabulary

ASKED, ANSWERED, WITHDRAWN, OVERDUE = "trace.asked", "trace.answered", "trace.withdrawn", "trace.overdue"
MAIL_PRIORITY = {Priority.ROUTINE: 0, Priority.URGENT: 1}


class Traces:
    """One node's traces, as requester, as a country that is asked, or as command centre."""

    def __init__(
        self,
        engine: Engine,
        me: Credentials,
        mail: PostOffice,
        alerts: Alerts,
        firearms: Firearms,
        vocabulary: Vocabulary,
    ) -> None:
        self.engine = engine
        self.me = me
        self.mail = mail
        self.alerts = alerts
        self.firearms = firearms
        self.vocabulary = vocabulary

    @property
    def db(self) -> sqlite3.Connection:
        return self.engine.db

    def reachable(self) -> frozenset[str]:
        """Members that can be asked now, this one too."""
        directory, now = self.mail.directory, self.engine.clock.now()
        active = {one.code for one in directory.members() if directory.is_active(one.code, now)}
        return frozenset(active | {self.me.member}) - {self.me.secretariat.subject}

    # -- the requester's desk

    def request(self, asker: Asker, order: Order) -> TraceView:
        """Begin a trace: the registers are looked into, then the country of manufacture is asked."""
        self.check_may_request(asker)
        now, reachable = self.engine.clock.now(), self.reachable()
        name = f"{self.me.member}-{os.urandom(8).hex()}"
        audit.record(self.db, "trace:requested", asker, now, trace=name, make=order.make, serial=order.serial)
        request = requesting.prepared(order, self.firearms.references, self.vocabulary.countries, reachable)
        begun = rules.begin(name, self.me.member, request.priority, request.firearm, now)
        # A firearm on record is a hit: owner, searcher and secretariat are told, and the trace goes on.
        checked = self.firearms.check(asker, name, request.firearm)
        trace = msgspec.structs.replace(
            rules.ask(begun, request.first, request.why, now, reachable),
            circumstances=order.circumstances.strip(),
            case=asker.case,
            purpose=asker.purpose,
            disclose=order.disclose,
            approve=order.approve,
            hits=tuple(match.hit for match in checked.matches) if checked is not None else (),
        )
        self.go(begun, trace)
        return TraceView(Side.REQUESTER, trace)

    def check_may_request(self, asker: Asker) -> None:
        """Refuse whoever may not request a trace, before a form is filled in."""
        self._may_act(asker)
        if self.me.is_secretariat:
            raise Refusal("TRACE-OF-BUREAU", "A trace is requested by a member's bureau.", status=403)

    def go_on(self, asker: Asker, name: str, *, country: str = "", marks: str = "") -> TraceView:
        """The desk decides: ask the country that was named, or another; or give the marks that were asked for."""
        held = self._own(asker, name)
        now = self.engine.clock.now()
        audit.record(self.db, "trace:continued", asker, now, trace=name, country=country)
        if marks:
            trace = rules.supply(held, marks, now)
        else:
            to = self.vocabulary.countries.understand(country, "country") if country else ""
            trace = rules.go_on(held, to, now, self.reachable())
        self.go(held, trace)
        return TraceView(Side.REQUESTER, trace)

    def withdraw(self, asker: Asker, name: str, reason: str) -> TraceView:
        """Ask no longer; whoever has not answered is told why."""
        held = self._own(asker, name)
        now = self.engine.clock.now()
        audit.record(self.db, "trace:withdrawn", asker, now, trace=name)
        trace = rules.withdraw(held, reason, now)
        self.go(held, trace)
        return TraceView(Side.REQUESTER, trace)

    def _own(self, asker: Asker, name: str) -> Trace:
        self._may_act(asker)
        view = self.view(name)
        if view.side is not Side.REQUESTER:
            raise Refusal(
                "TRACE-NOT-REQUESTER",
                f"Only {view.trace.requester}, which requested this trace, decides on it.",
                status=403,
            )
        return view.trace

    def _may_act(self, asker: Asker) -> None:
        policy.require(self.vocabulary, asker, Act.TRACE)

    # -- any desk

    def answer(self, asker: Asker, name: str, reply: Reply) -> TraceView:
        """Say what this country's files hold of a firearm that it was asked about."""
        self._may_act(asker)
        view, now = self.view(name), self.engine.clock.now()
        if view.side is Side.CENTRE:
            raise Refusal("TRACE-NOT-ASKED", "A trace is answered by the country that is asked.", status=403)
        answer = msgspec.structs.replace(
            answering.checked(reply, self.me.member, self.vocabulary.countries), by=asker.officer, at_ms=now
        )
        audit.record(self.db, "trace:answered", asker, now, trace=name, finding=answer.finding)
        if view.side is Side.REQUESTER:
            # The trail has led home: this desk answers a step of its own trace.
            own = view.trace.step_of(self.me.member)
            answer = msgspec.structs.replace(answer, round=own.round if own else 1)
            self.answered(view.trace, self.me.member, answer)
            return self.view(name)
        held = hearing.answered_here(view.trace, answer)
        store.put(self.db, Side.ASKED, held)
        given = held.steps[-1].answers[-1]
        # The officer's name stays at home; the member speaks.
        outside = Answered(name, msgspec.structs.replace(given, by=self.me.member))
        self._send(ANSWERED, held.requester, outside, held, asker.purpose)
        return TraceView(Side.ASKED, held)

    def view(self, name: str) -> TraceView:
        view = store.read(self.db, name)
        if view is None:
            raise Refusal("TRACE-UNKNOWN", "There is no such trace here.", path="trace", status=404)
        return view

    def read(self, asker: Asker, name: str) -> TraceView:
        self._may_act(asker)
        view = self.view(name)
        audit.record(self.db, "trace:read", asker, self.engine.clock.now(), trace=name)
        return view

    def list_(self, asker: Asker, *, only_open: bool = False) -> list[TraceView]:
        self._may_act(asker)
        audit.record(self.db, "trace:listed", asker, self.engine.clock.now(), only_open=only_open)
        return store.list_traces(self.db, only_open=only_open)

    # -- from what a trace was to what it is

    def answered(self, held: Trace, sender: str, answer: Answer) -> None:
        """Take an answer into a trace of this node's own; the next country is asked at once if it names one."""
        trace = rules.take_answer(held, sender, answer, self.engine.clock.now(), self.reachable())
        self.go(held, trace)
        if sender != self.me.member:
            head = f"{sender} answered our trace ({answer.finding})"
            self.alert(trace, head, urgent=trace.priority is Priority.URGENT)

    def go(self, before: Trace, after: Trace) -> None:
        """Keep a trace of this node's own, and tell everyone whom the change concerns their part of it."""
        store.put(self.db, Side.REQUESTER, after)
        asked, step = telling.question(before, after), after.current
        if asked is not None and step is not None:
            if step.country == self.me.member:
                self.alert(after, "A trace leads home", urgent=True)
            else:
                self._send(ASKED, step.country, asked, after)
        for told in telling.overdue(before, after):
            self._send(OVERDUE, self.me.secretariat.subject, told, after)
        for country, withdrawn in telling.let_go(before, after).items():
            self._send(WITHDRAWN, country, withdrawn, after)

    def _send(self, kind: str, to: str, body: object, trace: Trace, purpose: str = "") -> None:
        self.mail.send(
            kind,
            [to],
            frames.pack(body),
            priority=MAIL_PRIORITY[trace.priority],
            purpose=purpose or trace.purpose,
        )

    def alert(self, trace: Trace, head: str, *, urgent: bool) -> None:
        """Tell this desk of a trace; which firearm it is about is added for whoever states a purpose."""
        self.alerts.raise_(
            self.engine.clock.now(),
            "trace",
            head,
            f"/en/traces/{trace.trace}",
            about=trace.firearm.caption,
            urgent=urgent,
        )
