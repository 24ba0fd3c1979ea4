"""Search and record."""

import msgspec
from tests.web.samples.frame import NOW, PERSON, PERSON_SECTIONS, PURPOSES, REGISTERS, Sample, session
from tests.web.samples.leads import hit_row

from allpoints.ground.clock import DAY
from allpoints.ground.refusal import Fault
from allpoints.web.views import searching
from allpoints.web.views.common import (
    Cell,
    Countdown,
    Event,
    Input,
    Link,
    Option,
    Picture,
    Reason,
    State,
    filled,
)


def search_pages() -> tuple[Sample, ...]:
    inputs = searching.search_inputs(REGISTERS, PURPOSES)
    asked = filled(inputs, {"q": "Orhanly Selim", "purpose": "wanted-person", "case": "AV-2026-331"})
    results = (
        searching.SearchResult(
            title="ORHANLI Selim",
            href="/en/records/persons/0191",
            register="Persons",
            state=State("Wanted", "bad"),
            owner="XAV",
            handling="Restricted",
            score=0.93,
            why=(
                Reason(sentence="Family name sounds alike", asked="Orhanly", record="Orhanli", score=0.91),
                Reason(sentence="Given name is the same", asked="Selim", record="Selim", score=1.0),
            ),
            cells=(
                Cell("Date of birth", "1979-03-14", "partial-date"),
                Cell("Nationality", "XAV", "country"),
                Cell("Original script", "سليم أورهانلي", "name", language="ar"),
            ),
        ),
        searching.SearchResult(
            title="Passport XAV AV7193004",
            href="/en/records/travel-documents/77",
            register="Stolen and lost travel documents",
            state=State("Stolen", "bad"),
            owner="XAV",
            handling="For official use only",
            why=(
                Reason(
                    sentence="Document number and issuer are the same",
                    asked="XAV AV7193004",
                    record="XAV AV7193004",
                ),
            ),
        ),
    )
    faults = (
        Fault("NO-PURPOSE", "Choose a purpose.", "purpose"),
        Fault("NO-CASE", "Enter the case this search belongs to.", "case"),
    )
    frame = session("/en/search")
    return (
        Sample("search", "search", searching.SearchPage(inputs=inputs), frame),
        Sample(
            "search-results",
            "search",
            searching.SearchPage(
                inputs=asked, asked=True, results=results, total=2, took_us=2_310, audit="A-104813"
            ),
            frame,
        ),
        Sample("search-narrowed", "search", narrowed(asked, results[:1]), frame),
        Sample("search-none", "search", searching.SearchPage(inputs=asked, asked=True, took_us=410), frame),
        Sample(
            "search-refused",
            "search",
            searching.SearchPage(inputs=filled(inputs, {"q": "Orhanly"}, faults), errors=faults),
            frame,
        ),
    )


def narrowed(inputs: tuple[Input, ...], results: tuple[searching.SearchResult, ...]) -> searching.SearchPage:
    return searching.SearchPage(
        inputs=inputs,
        kept=(("q", "Orhanly Selim"), ("register", "persons"), ("filter.sex", "M")),
        narrowings=(
            searching.Narrowing(
                name="filter.nationalities",
                label="Nationalities",
                options=(Option("XAV", "Arvandia (2)"), Option("XBM", "Belmora (1)")),
            ),
        ),
        chosen=(Option("sex", "Sex: male"),),
        asked=True,
        results=results,
        total=1,
        took_us=1_950,
        audit="A-104814",
    )


def record_pages() -> tuple[Sample, ...]:
    page = searching.RecordPage(
        register="persons",
        register_label="Persons",
        id="0191",
        reference="XAV-2026-331",
        identity=PERSON,
        owner="XAV",
        handling="Restricted",
        purpose="Find a wanted person",
        version=2,
        published_ms=NOW - 41 * DAY,
        sections=PERSON_SECTIONS,
        pictures=(
            Picture(
                href="/en/records/0191/files/0a",
                caption="Portrait: portrait.png (1 KB, PNG image)",
                alternative="Portrait, ORHANLI Selim",
            ),
        ),
        files=(Link("Fingerprints: prints.an2 (412 KB, ANSI/NIST-ITL file)", "/en/records/0191/files/0b"),),
        history=(
            Event(at_ms=NOW - 41 * DAY, title="Entered", by="A. Terlan", tone="good"),
            Event(at_ms=NOW - 2 * DAY, title="Changed", by="M. Aybek", text="Other names", tone="info"),
        ),
        retention=Countdown(label="Deleted in", ends_ms=NOW + 1784 * DAY, starts_ms=NOW - 41 * DAY),
        hits=(hit_row("H-2026-000118", State("Notified", "info"), due=True),),
        links=(
            searching.LinkedRecord(
                phrase="bears",
                title="XAV, AB123456",
                href="/en/records/0192",
                register="Travel documents",
                owner="XBM",
                author="XAV",
                reason="Found on him at the border.",
                undo="/en/records/0191/links/77/undo",
            ),
        ),
        kept_from=(
            searching.KeptFrom(member="XBM", state=State("Has deleted it", "good"), since_ms=NOW - DAY),
            searching.KeptFrom(
                member="XCS", state=State("Has not said that it deleted it", "warn"), since_ms=NOW - 2 * DAY
            ),
            searching.KeptFrom(member="XDV", state=State("Never had it")),
        ),
        enter_link="/en/records/0191/link",
        inputs=searching.life_inputs(),
    )
    readers = msgspec.structs.replace(
        page, inputs=(), history=(), hits=(), links=(), kept_from=(), retention=None
    )
    fault = Fault("NO-REASON", "Say why the record is withdrawn.", "reason")
    inputs = searching.life_inputs(searching.LIFE_ACTS, "withdraw", " ", fault.sentence)
    refused = msgspec.structs.replace(page, errors=(fault,), inputs=inputs)
    examiners = msgspec.structs.replace(
        page, inputs=searching.life_inputs((searching.BLOCK,)), examines=True, change="", enter_link=""
    )
    blocked = msgspec.structs.replace(page, blocked="Doubts on its source.")
    path = "/en/records/persons/0191"
    return (
        Sample("record", "record", page, session(path)),
        Sample("record-reader", "record", readers, session(path)),
        Sample("record-refused", "record", refused, session(path)),
        Sample("record-blocked", "record", blocked, session(path)),
        Sample("record-examiner", "record", examiners, session(path)),
        *link_pages(page.links[0], path),
        *expiring_pages(),
    )


def link_pages(link: searching.LinkedRecord, path: str) -> tuple[Sample, ...]:
    reason = Input(name="reason", label="Reason", kind="textarea", required=True, max_length=500)
    other = Input(name="record", label="The other record", kind="code", required=True)
    fault = Fault("NO-REASON", "A link is undone for a stated reason.", "reason")
    title = "ORHANLI, Selim"
    entering = searching.LinkPage(title=title, back=path, inputs=(other, reason))
    undoing = searching.LinkUndoPage(record=title, back=path, link=link, inputs=(reason,))
    refused = msgspec.structs.replace(undoing, inputs=filled((reason,), {}, (fault,)), errors=(fault,))
    return (
        Sample("link", "link", entering, session(f"{path}/link")),
        Sample("link-undo", "link-undo", undoing, session(f"{path}/links/77/undo")),
        Sample("link-undo-refused", "link-undo", refused, session(f"{path}/links/77/undo")),
    )


def expiring_pages() -> tuple[Sample, ...]:
    rows = tuple(
        searching.EndingRow(
            title=title,
            href="/en/records/0191",
            register="Persons",
            reference=f"XAV-2026-{number}",
            ends_ms=NOW + days * DAY,
        )
        for number, (title, days) in enumerate([("ORHANLI, Selim", 12), ("QUILLFEATHER, Osric", 120)])
    )
    path = "/en/records/expiring"
    return (
        Sample("expiring", "expiring", searching.ExpiringPage(rows=rows, more=True), session(path)),
        Sample("expiring-none", "expiring", searching.ExpiringPage(), session(path)),
    )
