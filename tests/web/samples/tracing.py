"""Firearm traces."""

import msgspec
from tests.web.samples.frame import COUNTRY_OPTIONS, NOW, OWNER_CONTACT, Sample, session

from allpoints.ground.clock import DAY, HOUR
from allpoints.ground.refusal import Fault
from allpoints.web.views import traces
from allpoints.web.views.common import Cell, Countdown, Event, Input, Link, Option, Paging, State, filled

PATH = "/en/traces/XCS-4f1a09c2d7e3b1a4"
STATES = (Option("", "All"), Option("open", "Open"))


def trace_row(name: str, state: State, *, due: bool = False) -> traces.TraceRow:
    return traces.TraceRow(
        id=name,
        href=f"/en/traces/{name}",
        title="Norvik P9 9x19, serial K18204417",
        state=state,
        requester="XCS",
        asked="XAV" if due else "",
        urgent=due,
        started_ms=NOW - 2 * DAY,
        due=Countdown(label="due in", ends_ms=NOW + 9 * HOUR) if due else None,
    )


def trace_samples() -> tuple[Sample, ...]:
    listed = traces.TracesPage(
        side="requester",
        rows=(
            trace_row("XCS-4f1a09c2d7e3b1a4", State("To answer", "warn"), due=True),
            trace_row("XAV-00c2d7e3b1a44f1a", State("Holder found", "good")),
        ),
        states=STATES,
        paging=Paging(total=2, shown=2),
        may_request=True,
    )
    empty = traces.TracesPage(side="centre", states=STATES, state="open", paging=Paging(total=0, shown=0))
    centre = session("/en/traces", node="XSC", roles=("command",))
    return (
        Sample("traces", "traces", listed, session("/en/traces")),
        Sample("traces-empty", "traces", empty, centre),
        *_pages(),
        *_forms(),
    )


def _pages() -> tuple[Sample, ...]:
    asked = _asked()
    fault = Fault("TRACE-NOT-SAID", "To which country did it go?", "country")
    inputs = traces.answer_inputs(COUNTRY_OPTIONS)
    refused = msgspec.structs.replace(
        asked, answer=filled(inputs, {"finding": "exported"}, (fault,)), errors=(fault,)
    )
    own = msgspec.structs.replace(
        asked,
        side="requester",
        state=State("Decide how to go on", "warn"),
        answer=(),
        hits=(Link("4bb1c09e77aa", "/en/hits/4bb1c09e77aa"),),
        proposed="XBM",
        onward=(Input(name="to", label="Country", kind="select", options=COUNTRY_OPTIONS, value="XBM"),),
        marks=(Input(name="marks", label="Marks", kind="textarea", required=True),),
        may_withdraw=True,
        holder=Cell("Last known", "Selm Import (XBM)"),
        timeline=(
            *asked.timeline,
            Event(at_ms=NOW - HOUR, title="Exported to XBM", by="Arvandia", text="Selm Import.", tone="info"),
        ),
    )
    silent = traces.TracePage(
        id="XCS-4f1a09c2d7e3b1a4",
        reference="XCS-4f1a09c2d7e3b1a4",
        title="Trace of XCS",
        side="centre",
        state=State("Not answered in time", "bad"),
        request=(Cell("Requested by", "XCS", "country"),),
        timeline=asked.timeline,
        contact=OWNER_CONTACT,
    )
    return (
        Sample("trace-asked", "trace", asked, session(PATH)),
        Sample("trace-refused", "trace", refused, session(PATH)),
        Sample("trace-own", "trace", own, session(PATH)),
        Sample("trace-centre", "trace", silent, session(PATH, node="XSC", roles=("command",))),
    )


def _asked() -> traces.TracePage:
    return traces.TracePage(
        id="XCS-4f1a09c2d7e3b1a4",
        reference="XCS-4f1a09c2d7e3b1a4",
        title="Norvik P9 9x19, serial K18204417",
        side="asked",
        state=State("To answer", "warn"),
        urgent=True,
        firearm=(
            Cell("Serial number", "K18204417", "code"),
            Cell("Make", "Norvik"),
            Cell("Model", "P9"),
            Cell("Made in", "XAV", "country"),
        ),
        request=(
            Cell("Requested by", "XCS", "country"),
            Cell("Requested", NOW - 2 * DAY, "time"),
            Cell("Circumstances", "Found in a car at Sundvik harbour."),
        ),
        clock=Countdown(label="due in", ends_ms=NOW + 9 * HOUR),
        timeline=(
            Event(at_ms=NOW - 2 * DAY, title="Asked as country of manufacture", by="Arvandia", tone="info"),
        ),
        contact=OWNER_CONTACT,
        answer=traces.answer_inputs(COUNTRY_OPTIONS),
    )


def _forms() -> tuple[Sample, ...]:
    blank = traces.TraceFormPage(sections=traces.request_sections(COUNTRY_OPTIONS))
    return (Sample("trace-form", "trace-form", blank, session("/en/traces/new")),)
