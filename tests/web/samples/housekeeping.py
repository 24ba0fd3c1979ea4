"""Imports, members, audit, state, components and errors."""

import msgspec
from tests.web.samples.frame import COUNTRIES, NOW, PURPOSES, REGISTERS, Sample, session

from allpoints.ground.clock import DAY, HOUR, MINUTE, SECOND
from allpoints.ground.refusal import Fault
from allpoints.web import catalogue
from allpoints.web.views import errors, office
from allpoints.web.views.common import Cell, Input, Option, Paging, Section, State, filled
from allpoints.web.views.components import ComponentsPage


def import_pages() -> tuple[Sample, ...]:
    row = office.ImportRow(
        id="I-2026-0031",
        href="/en/imports/I-2026-0031",
        file="stolen-documents.csv",
        register="Stolen and lost travel documents",
        state=State("Running", "info"),
        officer="A. Terlan",
        started_ms=NOW - 4 * SECOND,
        done=48_120,
        total=100_000,
        refused=3,
    )
    inputs = (
        Input(name="file", label="File (CSV)", kind="file", required=True),
        Input(name="register", label="Register", kind="select", options=REGISTERS, required=True),
        Input(name="purpose", label="Purpose", kind="select", options=PURPOSES, required=True),
        Input(
            name="keep_going",
            label="Rows that are wrong",
            kind="checkboxes",
            options=(Option("yes", "Import the good rows"),),
        ),
    )
    fault = Fault("NO-FILE", "Choose a file.", "file")
    running = office.ImportPage(
        id="I-2026-0031",
        file="stolen-documents.csv",
        register="Stolen and lost travel documents",
        state=State("Running", "info"),
        running=True,
        officer="A. Terlan",
        started_ms=NOW - 4 * SECOND,
        total=100_000,
        done=48_120,
        accepted=48_117,
        refused=3,
        per_second=12_030,
        bad=(
            office.BadRow(
                line=17,
                field="document_number",
                value="AV 71*3004",
                code="CHARACTER",
                sentence="The document number holds a character that no document has.",
                hint="Letters and figures only.",
            ),
            office.BadRow(
                line=902, field="issuer", value="XB", code="COUNTRY", sentence="XB is not a country code."
            ),
        ),
        bad_total=3,
    )
    done = msgspec.structs.replace(
        running,
        running=False,
        state=State("Done", "good"),
        done=100_000,
        bad=(),
        bad_total=0,
        refused=0,
        ended_ms=NOW,
    )
    frame, path = session("/en/imports"), session("/en/imports/I-2026-0031")
    return (
        Sample(
            "imports",
            "imports",
            office.ImportsPage(rows=(row,), inputs=inputs, may_import=True, paging=Paging(total=1, shown=1)),
            frame,
        ),
        Sample(
            "imports-refused",
            "imports",
            office.ImportsPage(
                inputs=filled(inputs, {}, (fault,)),
                errors=(fault,),
                may_import=True,
                paging=Paging(total=0, shown=0),
            ),
            frame,
        ),
        Sample("import", "import", running, path),
        Sample("import-done", "import", done, path),
    )


def member_pages() -> tuple[Sample, ...]:
    post = office.PostRow(
        name="XBM/post-1",
        label="Harbour of Sundvik",
        state=State("Live", "good"),
        seen_ms=NOW - SECOND,
        extract_ms=NOW - 300,
        key_ends_ms=NOW + 6 * DAY,
    )
    dark = msgspec.structs.replace(
        post,
        name="XBM/post-2",
        label="Airport of Kaldre",
        state=State("Without a line", "warn"),
        seen_ms=NOW - 3 * HOUR,
        extract_ms=0,
    )
    rows = tuple(
        office.MemberRow(
            member=code,
            label=f"Bureau of {COUNTRIES[code]}",
            role="bureau",
            state=State("Active", "good"),
            since_ms=NOW - 400 * DAY,
            seen_ms=NOW - SECOND,
            key="7f3a 91c2 04de 88b1",
            key_ends_ms=NOW + 300 * DAY,
            posts=(post, dark) if code == "XBM" else (),
        )
        for code in ("XAV", "XBM", "XCS")
    )
    frame = session("/en/members", node="XSC", roles=("command", "administrator"))
    return (Sample("members", "members", office.MembersPage(rows=rows, may_admit=True), frame),)


AUDIT_ROWS = tuple(
    office.AuditRow(
        seq=104_813 - place,
        at_ms=NOW - place * 61 * SECOND,
        officer=officer,
        event=event,
        purpose=purpose,
        case="AV-2026-331" if purpose else "",
        subject=subject,
        reference=f"A-{104_813 - place}",
    )
    for place, (officer, event, purpose, subject) in enumerate(
        (
            ("A. Terlan", "Search", "Find a wanted person", "Orhanly Selim"),
            ("A. Terlan", "Record read", "Find a wanted person", "XAV-2026-331"),
            ("M. Aybek", "Signed in", "", ""),
        )
    )
)


def audit_pages() -> tuple[Sample, ...]:
    inputs = (
        Input(name="officer", label="Officer", value="A. Terlan"),
        Input(
            name="event",
            label="Event",
            kind="select",
            options=(Option("search", "Search"),),
            blank="All events",
        ),
    )
    page = office.AuditPage(
        chain=State("Log whole", "good"),
        head="9b1f6c02e7d4a85530be",
        size=104_813,
        anchored_ms=NOW - 4 * MINUTE,
        inputs=inputs,
        rows=AUDIT_ROWS,
        paging=Paging(
            total=104_813, shown=3, previous="/en/audit?before=104900", next="/en/audit?before=104811"
        ),
    )
    broken = office.AuditPage(
        chain=State("Chain broken at line 17", "bad"), head="00", size=40, paging=Paging(total=0, shown=0)
    )
    frame = session("/en/audit", roles=("administrator",))
    return (Sample("audit", "audit", page, frame), Sample("audit-broken", "audit", broken, frame))


def state_pages() -> tuple[Sample, ...]:
    page = office.StatePage(
        node=State("All lines live", "good"),
        sections=(
            Section(
                "Ledger", (Cell("Entries", 104_812, "number"), Cell("Root", "9b1f6c02e7d4a85530be", "code"))
            ),
            Section("Index", (Cell("Records", 100_212, "number"), Cell("Segments", 3, "number"))),
        ),
        peers=(
            office.PeerRow(
                name="XSC",
                label="Secretariat",
                role="relay",
                state=State("Live", "good"),
                delay_ms=12,
                seen_ms=NOW - 300,
                version="0.1.0",
            ),
            office.PeerRow(
                name="XAV/post-1",
                label="Crossing of Orlu",
                role="post",
                state=State("Without a line", "warn"),
                waiting=12,
            ),
        ),
        settings=(
            office.Setting(
                name="store.folder",
                value="/var/lib/allpoints",
                origin="file",
                sentence="Where the node keeps its files.",
            ),
            office.Setting(name="web.port", value="8443", origin="default"),
        ),
    )
    bare = office.StatePage(node=State("Starting", "info"), sections=())
    frame = session("/en/state", roles=("administrator",))
    return (Sample("state", "state", page, frame), Sample("state-bare", "state", bare, frame))


def component_pages() -> tuple[Sample, ...]:
    frame = session("/en/components", roles=("administrator",))
    parts = catalogue.load()
    return (
        Sample("components", "components", ComponentsPage(components=parts), frame),
        Sample(
            "components-rtl-dark",
            "components",
            ComponentsPage(components=parts, direction="rtl", scheme="dark"),
            frame,
        ),
    )


def error_pages() -> tuple[Sample, ...]:
    page = errors.ErrorPage
    pages = (
        page(
            status=403,
            code="RIGHT-MISSING",
            sentence="Your roles do not allow this page.",
            missing="reviewer",
            ask="the administrator of the secretariat",
            reference="E-7Q2F-01",
        ),
        page(status=404, code="NOT-FOUND", sentence="There is nothing at this address that you may see."),
        page(
            status=409,
            code="VERSION-CONFLICT",
            sentence="Another officer changed this notice while you wrote.",
            hint="Compare both and send yours again.",
            mine=(Cell("Height", "178 cm"),),
            theirs=(Cell("Height", "181 cm"),),
        ),
        page(status=429, code="TOO-MANY", sentence="This officer asked too often.", retry_at_ms=NOW + MINUTE),
        page(
            status=500,
            code="INTERNAL",
            sentence="The node could not finish this.",
            reference="E-7Q2F-02",
            hint="Tell the reference to the administrator.",
        ),
        page(
            status=422,
            code="NOT-ACCEPTED",
            sentence="The form could not be read.",
            faults=(Fault("FIELD", "The field case is too long.", "case"),),
        ),
    )
    return tuple(Sample(f"error-{one.status}", "error", one, session("/en/desk")) for one in pages)
