"""What other members say of traces, and what the clock does to them."""

import msgspec

from allpoints.ground.refusal import Refusal
from allpoints.node import frames
from allpoints.node.traces import ANSWERED, ASKED, OVERDUE, WITHDRAWN, Traces
from allpoints.sealing.envelope import Opened
from allpoints.tracing import hearing, rules, store
from allpoints.tracing.trace import (
    Answered,
    Asked,
    Overdue,
    Priority,
    Side,
    Trace,
    TraceState,
    TraceView,
    Withdrawn,
)


class TraceMail:
    """Takes questions, answers and withdrawals into a node's traces, and lets their clocks run."""

    def __init__(self, traces: Traces) -> None:
        self.traces = traces
        self.me = traces.me
        self.db = traces.db
        self.clock = traces.engine.clock
        handlers = traces.mail.handlers
        traces.mail.by_itself |= {ASKED, ANSWERED, WITHDRAWN, OVERDUE}
        handlers[ASKED] = self._asked
        handlers[ANSWERED] = self._answered
        handlers[WITHDRAWN] = self._withdrawn
        handlers[OVERDUE] = self._overdue

    def _asked(self, opened: Opened, sender: str) -> None:
        now = self.clock.now()
        if self.me.is_secretariat:
            raise Refusal("TRACE-NOT-ASKED", "The secretariat has no files on firearms.", status=403)
        trace = hearing.heard_question(frames.body(opened.body, Asked), sender, self.me.member, now)
        trace = msgspec.structs.replace(trace, purpose=opened.purpose)
        held = store.read(self.db, trace.trace)
        if held is not None:
            trace = hearing.described_again(held.trace, trace)
        else:
            store.check_room(self.db, sender)
        ended = store.take_end(self.db, trace.trace)
        if ended is not None:
            trace = hearing.withdrawn_there(trace, ended, now)
        store.put(self.db, Side.ASKED, trace)
        if trace.state is TraceState.AWAITING:
            head = f"{sender} asks us to trace a firearm"
            self.traces.alert(trace, head, urgent=trace.priority is Priority.URGENT)

    def _answered(self, opened: Opened, sender: str) -> None:
        told = frames.body(opened.body, Answered)
        held = store.read(self.db, told.trace)
        if held is None or held.side is not Side.REQUESTER:
            raise Refusal("TRACE-UNKNOWN", "No such trace was requested here.", path="trace", status=404)
        countries = self.traces.vocabulary.countries
        answer = hearing.heard_answer(told.answer, sender, countries, self.clock.now())
        self.traces.answered(held.trace, sender, answer)

    def _withdrawn(self, opened: Opened, sender: str) -> None:
        told = frames.body(opened.body, Withdrawn)
        if not hearing.is_named_by(told.trace, sender) or sender == self.me.member:
            raise Refusal("TRACE-NOT-REQUESTER", "A trace is withdrawn by its requester.", status=403)
        now = self.clock.now()
        held = store.read(self.db, told.trace)
        if held is None:
            store.keep_end(self.db, told, sender, now)
            return
        trace = hearing.withdrawn_there(held.trace, told, now)
        store.put(self.db, Side.ASKED, trace)
        if trace.state is not held.trace.state:
            self.traces.alert(trace, f"{sender} traces no longer", urgent=False)

    def _overdue(self, opened: Opened, sender: str) -> None:
        if not self.me.is_secretariat:
            raise Refusal("TRACE-NOT-OURS", "Silence is told to the command centre.", status=403)
        now = self.clock.now()
        told = hearing.heard_overdue(frames.body(opened.body, Overdue), sender, now)
        if store.note_overdue(self.db, told, now) and told.state is TraceState.OVERDUE:
            title = f"{told.country} has not answered a trace of {sender} in time"
            self.traces.alerts.raise_(now, "trace", title, f"/en/traces/{told.trace}", urgent=True)

    # -- the clock

    def tick(self, now_ms: int) -> None:
        """Every clock that has run out is said aloud at home; the command centre hears of countries that are silent."""
        for view in store.due(self.db, now_ms):
            if view.side is Side.ASKED:
                self._late_here(view, now_ms)
            else:
                self._late_there(view.trace, now_ms)

    def _late_here(self, view: TraceView, now_ms: int) -> None:
        trace = hearing.let_run_out(view.trace, now_ms)
        store.put(self.db, Side.ASKED, trace)
        self.traces.alert(trace, f"We have not answered {trace.requester} in time", urgent=True)

    def _late_there(self, held: Trace, now_ms: int) -> None:
        trace = rules.ran_out(held, now_ms)
        self.traces.go(held, trace)
        step, silent = trace.current, trace.state is TraceState.OVERDUE
        if not trace.running:
            head = "The trail has ended"
        elif silent and step is not None:
            head = f"No answer from {step.country} in time"
        else:
            head = "How to go on with a trace is still open"
        self.traces.alert(trace, head, urgent=True)
