"""Hits."""

import msgspec
from tests.web.samples.frame import NOW, OWNER_CONTACT, TIMELINE, Sample, session

from allpoints.ground.clock import DAY, MINUTE
from allpoints.ground.refusal import Fault
from allpoints.web.views import hits
from allpoints.web.views.common import Countdown, Event, Link, Option, Paging, Reason, State


def hit_row(reference: str, state: State, *, due: bool = False, late: bool = False) -> hits.HitRow:
    return hits.HitRow(
        id=reference,
        href=f"/en/hits/{reference}",
        title="ORHANLI Selim" if due else "Passport XCS CD7654321",
        verdict="bearer" if due else "document",
        state=state,
        owner="XAV" if due else "XCS",
        searcher="XBM",
        raised_ms=NOW - 3 * MINUTE if due else NOW - 2 * DAY,
        due=Countdown(label="due in", ends_ms=NOW + 27 * MINUTE, starts_ms=NOW - 3 * MINUTE) if due else None,
        late=late,
    )


def hit_samples() -> tuple[Sample, ...]:
    rows = (
        hit_row("H-2026-000118", State("Notified", "info"), due=True),
        hit_row("H-2026-000117", State("Confirmed", "good")),
        hit_row("H-2026-000101", State("Refuted", "quiet"), late=True),
        hit_row("H-2026-000096", State("Expired", "warn")),
    )
    states = (
        Option("", "All"),
        Option("open", "Open"),
        Option("confirmed", "Confirmed"),
        Option("refuted", "Refuted"),
    )
    listed = hits.HitsPage(
        viewer="owner",
        rows=rows,
        states=states,
        paging=Paging(total=118, shown=4, next="/en/hits?before=H-2026-000096"),
    )
    empty = hits.HitsPage(viewer="searcher", states=states, state="open", paging=Paging(total=0, shown=0))
    command = msgspec.structs.replace(listed, viewer="command")
    center = session("/en/hits", node="XSC", roles=("command",))
    return (
        Sample("hits", "hits", listed, session("/en/hits")),
        Sample("hits-empty", "hits", empty, session("/en/hits")),
        Sample("hits-command", "hits", command, center),
        *_hit_pages(),
    )


def _hit_pages() -> tuple[Sample, ...]:
    owner = _hit_page()
    searcher = msgspec.structs.replace(owner, viewer="searcher", may_decide=False, contact=OWNER_CONTACT)
    fault = Fault("NO-REASON", "Say what you compared, and with what result.", "reason")
    refused = msgspec.structs.replace(owner, errors=(fault,), chosen="refute")
    decided = msgspec.structs.replace(
        owner,
        viewer="command",
        state=State("Confirmed", "good"),
        clock=None,
        may_decide=False,
        late=True,
        decision=hits.Decision(
            reason="Photograph and passport agree with the file AV-2026-331. Extradition papers follow.",
            officer="A. Terlan, Bureau of Arvandia",
            at_ms=NOW - MINUTE,
            state=State("Confirmed", "good"),
        ),
        timeline=(
            *TIMELINE,
            Event(
                at_ms=NOW - MINUTE,
                title="Confirmed by the owner",
                by="A. Terlan",
                tone="good",
                text="Identity agrees.",
            ),
        ),
    )
    path = "/en/hits/H-2026-000118"
    return (
        Sample("hit-owner", "hit", owner, session(path)),
        Sample("hit-searcher", "hit", searcher, session(path)),
        Sample("hit-refused", "hit", refused, session(path)),
        Sample("hit-command", "hit", decided, session(path, node="XSC", roles=("command",))),
    )


def _hit_page() -> hits.HitPage:
    compare = hits.Comparison
    return hits.HitPage(
        id="H-2026-000118",
        reference="H-2026-000118",
        title="ORHANLI Selim",
        viewer="owner",
        verdict="bearer",
        state=State("Notified", "info"),
        parties=(
            hits.Party(role="Owner", member="XAV", name="Bureau of Arvandia", told_ms=NOW - 3 * MINUTE + 400),
            hits.Party(
                role="Searcher", member="XBM", name="Bureau of Belmora", told_ms=NOW - 3 * MINUTE + 300
            ),
            hits.Party(role="Command centre", member="XSC", name="Secretariat"),
        ),
        post="XBM/post-1, harbour of Sundvik",
        purpose="Border management and control",
        case="SUND-2026-11-24",
        raised_ms=NOW - 3 * MINUTE,
        comparisons=(
            compare(
                label="Document number", asked="AV7193004", record="AV7193004", kind="code", agreement="same"
            ),
            compare(label="Issued by", asked="XAV", record="XAV", kind="country", agreement="same"),
            compare(
                label="Family name",
                asked="ORHANLI",
                record="Orhanlı",
                kind="name",
                agreement="close",
                note="One letter, by transliteration",
            ),
            compare(
                label="Date of birth",
                asked="1979-03-14",
                record="1979-03",
                kind="partial-date",
                agreement="close",
            ),
            compare(label="Sex", asked="F", record="M", agreement="different"),
            compare(label="Place of birth", asked="", record="Tarhan", agreement="missing"),
        ),
        reasons=(
            Reason(sentence="The notice names this document", asked="XAV AV7193004", record="XAV AV7193004"),
        ),
        record=Link("Red notice 2026-4812-1", "/en/notices/2026-4812-1"),
        clock=Countdown(label="Answer due in", ends_ms=NOW + 27 * MINUTE, starts_ms=NOW - 3 * MINUTE),
        timeline=TIMELINE,
        may_decide=True,
    )
