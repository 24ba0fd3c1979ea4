"""Border screening."""

import msgspec
from tests.web.samples.frame import (
    COUNTRY_OPTIONS,
    NOW,
    OWNER_CONTACT,
    PERSON_SECTIONS,
    PURPOSES,
    Sample,
    session,
)

from allpoints.ground.clock import HOUR, MINUTE, SECOND
from allpoints.ground.refusal import Fault
from allpoints.web.views import border
from allpoints.web.views.common import Cell, Option, Reason, Section, State, Verdict, filled

MRZ = ("P<XAVORHANLI<<SELIM<<<<<<<<<<<<<<<<<<<<<<<<<", "AV71930045XAV7903142M3104118<<<<<<<<<<<<<<06")


LIVE = border.Source(live=True, as_of_ms=NOW - 300)


EXTRACT = border.Source(live=False, as_of_ms=NOW - 3 * HOUR - 12 * MINUTE, waiting=14)


STALE = border.Source(live=False, stale=True, as_of_ms=NOW - 55 * HOUR, waiting=240)


def _parsed(*, wrong: bool = False) -> border.ParsedDocument:
    return border.ParsedDocument(
        format="TD3",
        lines=MRZ,
        cells=(
            Cell("Family name", "ORHANLI", "name"),
            Cell("Given names", "SELIM", "name"),
            Cell("Document number", "AV7193004", "code"),
            Cell("Issued by", "XAV", "country"),
            Cell("Date of birth", "1979-03-14", "date"),
            Cell("Expires", "2031-04-11", "date"),
        ),
        checks=(
            border.CheckDigit(
                label="Document number",
                given="5",
                expected="1" if wrong else "5",
                line=2,
                position=10,
                ok=not wrong,
            ),
            border.CheckDigit(label="Date of birth", given="2", expected="2", line=2, position=20, ok=True),
            border.CheckDigit(label="Date of expiry", given="8", expected="8", line=2, position=28, ok=True),
        ),
    )


def _check(verdict: Verdict, source: border.Source = LIVE) -> border.CheckResult:
    result = border.CheckResult(
        verdict=verdict,
        reference="C-7Q2F-000214",
        checked_ms=NOW,
        took_us=38 if source.live else 61,
        source=source,
        subject="Passport XAV AV7193004",
        document=_parsed(),
    )
    if verdict in {"document", "bearer", "possible"}:
        hit = "" if verdict == "possible" else "/en/hits/H-2026-000118"
        return msgspec.structs.replace(result, matches=(_match(verdict),), hit=hit)
    if verdict == "unreadable":
        fault = Fault(
            "MRZ-CHECK-DIGIT",
            "The document number does not agree with its check digit (line 2, position 10).",
            "scan",
            "Scan again; if it reads the same, type the number that is printed.",
        )
        return msgspec.structs.replace(result, document=_parsed(wrong=True), faults=(fault,))
    if verdict == "unable":
        fault = Fault("EXTRACT-STALE", "The extract is older than the policy of Belmora allows.")
        return msgspec.structs.replace(result, faults=(fault,), document=None)
    return result


def _match(verdict: Verdict) -> border.Match:
    if verdict == "document":
        return border.Match(
            title="Passport XAV AV7193004",
            register="Stolen and lost travel documents",
            owner="XAV",
            state=State("Stolen", "bad"),
            handling="For official use only",
            sections=(
                Section(
                    "Report",
                    (Cell("Kind", "Stolen from bearer"), Cell("Date of theft", "2026-10", "partial-date")),
                ),
            ),
            reasons=(
                Reason(
                    sentence="Document number and issuer are the same",
                    asked="XAV AV7193004",
                    record="XAV AV7193004",
                ),
            ),
            contact=OWNER_CONTACT,
            published_ms=NOW - 124 * SECOND,
        )
    return border.Match(
        title="ORHANLI Selim",
        register="Persons, red notice 2026-4812-1",
        owner="XAV",
        state=State("Wanted", "bad"),
        handling="Restricted",
        href="/en/notices/2026-4812-1",
        sections=PERSON_SECTIONS[:1],
        reasons=(
            Reason(
                sentence="The notice names this document",
                asked="XAV AV7193004",
                record="XAV AV7193004",
                score=0.78 if verdict == "possible" else None,
            ),
        ),
        warnings=("Armed", "Escape risk"),
        contact=OWNER_CONTACT,
        published_ms=NOW - 6 * MINUTE,
    )


_LAST: tuple[tuple[str, Verdict], ...] = (
    ("Passport XAV AV7193004", "bearer"),
    ("Identity card XBM 40021837", "clear"),
    ("Passport XCS CD7654321", "document"),
    ("TD3, line 2", "unreadable"),
    ("Passport UTO L898902C3", "clear"),
)
RECENT_CHECKS = tuple(
    border.RecentCheck(
        at_ms=NOW - place * 47 * SECOND,
        subject=subject,
        verdict=verdict,
        reference=f"C-7Q2F-{214 - place:06}",
        hit="/en/hits/H-2026-000118" if verdict == "bearer" else "",
    )
    for place, (subject, verdict) in enumerate(_LAST)
)


def border_pages() -> tuple[Sample, ...]:
    manual = border.manual_inputs(
        COUNTRY_OPTIONS, (Option("passport", "Passport"), Option("identity-card", "Identity card"))
    )
    shift = border.Shift(
        purpose="border-control", case="SUND-2026-11-24", post="Harbour of Sundvik, lane 3", purposes=PURPOSES
    )
    page = border.BorderPage(shift=shift, source=LIVE, manual=manual, recent=RECENT_CHECKS)
    frame = session("/en/border", node="XBM/post-1", roles=("border",))
    faults = (
        Fault("NO-PURPOSE", "Choose the purpose of this shift.", "purpose"),
        Fault("NO-CASE", "Enter a case or shift number.", "case"),
    )
    manual_faults = (Fault("REQUIRED", "Enter the document number.", "number"),)
    unset = msgspec.structs.replace(
        page, shift=border.Shift(purposes=PURPOSES), recent=(), errors=faults, scan="\n".join(MRZ)
    )
    refused = msgspec.structs.replace(
        page, manual=filled(manual, {"issuer": "XAV"}, manual_faults), manual_open=True, errors=manual_faults
    )
    verdicts: tuple[Verdict, ...] = ("clear", "document", "bearer", "possible", "unreadable", "unable")
    return (
        Sample("border", "border", msgspec.structs.replace(page, recent=()), frame),
        Sample("border-no-purpose", "border", unset, frame),
        Sample("border-manual", "border", refused, frame),
        *(
            Sample(f"border-{verdict}", "border", msgspec.structs.replace(page, check=_check(verdict)), frame)
            for verdict in verdicts
        ),
        Sample(
            "border-extract",
            "border",
            msgspec.structs.replace(page, source=EXTRACT, check=_check("document", EXTRACT)),
            frame,
        ),
        Sample(
            "border-stale",
            "border",
            msgspec.structs.replace(page, source=STALE, check=_check("unable", STALE)),
            frame,
        ),
    )
