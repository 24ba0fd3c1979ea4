"""Review."""

import msgspec
from tests.web.samples.frame import NOW, PERSON, PERSON_SECTIONS, Sample, session

from allpoints.ground.clock import DAY, HOUR
from allpoints.ground.refusal import Fault
from allpoints.web.views import review
from allpoints.web.views.common import Cell, Countdown, Event, Link, Option, Paging, State


def review_pages() -> tuple[Sample, ...]:
    row = review.ReviewRow(
        id="R-2026-0412",
        href="/en/review/R-2026-0412",
        title="ORHANLI Selim",
        reference="2026-4812-1",
        kind_label="Red notice",
        owner="XAV",
        state=State("Legal review", "info"),
        submitted_ms=NOW - DAY,
        due=Countdown(label="due in", ends_ms=NOW + 5 * HOUR, starts_ms=NOW - DAY),
        passed=6,
        gates=7,
        decisions=1,
    )
    later = msgspec.structs.replace(
        row, id="R-2026-0413", href="/en/review/R-2026-0413", title="MAVRIDIS Andreas", due=None, decisions=0
    )
    queue = review.ReviewPage(rows=(row, later), paging=Paging(total=2, shown=2))
    frame = session("/en/review", node="XSC", roles=("reviewer",))
    case = msgspec.structs.replace(frame, path="/en/review/R-2026-0412")
    page = _review_case()
    done = msgspec.structs.replace(
        page, may_decide=False, why_not="You have decided already; another reviewer decides next.", clock=None
    )
    fault = Fault("NO-GROUNDS", "Write the grounds of your decision.", "text")
    codes = Fault("NO-REASON-CODE", "Choose at least one reason code to refuse.", "reason_codes")
    refused = msgspec.structs.replace(
        page, errors=(codes, fault), reason_codes=("PENALTY",), decisions=(), evidence=()
    )
    return (
        Sample("review", "review", queue, frame),
        Sample("review-empty", "review", review.ReviewPage(paging=Paging(total=0, shown=0)), frame),
        Sample("review-case", "review-case", page, case),
        Sample("review-case-decided", "review-case", done, case),
        Sample("review-case-refused", "review-case", refused, case),
    )


def _review_case() -> review.ReviewCasePage:
    gate = review.Gate
    return review.ReviewCasePage(
        id="R-2026-0412",
        reference="2026-4812-1",
        kind_label="Red notice",
        identity=PERSON,
        owner="XAV",
        state=State("Legal review", "info"),
        clock=Countdown(label="Due in", ends_ms=NOW + 5 * HOUR, starts_ms=NOW - DAY),
        rule_version="red-2026-01",
        gates=(
            gate(code="SERIOUS", title="Serious ordinary-law crime", article="Article 83", result="passed"),
            gate(
                code="PENALTY",
                title="Penalty",
                article="Article 83",
                result="passed",
                sentence="The maximum is 144 months, 24 are needed.",
                evidence=(Cell("Maximum penalty in months", 144, "number"),),
            ),
            gate(code="INTEREST", title="Interest for international cooperation", result="passed"),
            gate(
                code="IDENTITY",
                title="Identity and judicial data complete",
                result="failed",
                reason_code="FACTS-VAGUE",
                sentence="The account of the facts names no place.",
            ),
            gate(code="ASSURANCES", title="Assurances", article="Article 84", result="passed"),
            gate(code="NEUTRALITY", title="Neutrality", article="Articles 2 and 3", result="person"),
            gate(code="REFUGEE", title="Refugee status", result="not-reached"),
        ),
        sections=PERSON_SECTIONS,
        evidence=(Link("Warrant TB-2026/1187", "/en/notices/2026-4812-1"),),
        decisions=(
            review.ReviewDecision(
                officer="N. Ferrant", decision="approve", text="Complete.", at_ms=NOW - HOUR
            ),
            review.ReviewDecision(
                officer="O. Lindqvar", decision="query", reason_codes=("FACTS-VAGUE",), at_ms=NOW - 20 * HOUR
            ),
        ),
        timeline=(
            Event(at_ms=NOW - DAY, title="Submitted", by="Bureau of Arvandia", tone="info"),
            Event(at_ms=NOW - 20 * HOUR, title="Query to source", by="O. Lindqvar", tone="warn"),
        ),
        may_decide=True,
        reason_options=tuple(
            Option(code, code) for code in ("FACTS-VAGUE", "PENALTY", "NO-WARRANT", "ID-INSUFF")
        ),
    )
