"""Notices."""

import msgspec
from tests.web.samples.frame import (
    COUNTRY_OPTIONS,
    NOW,
    PERSON,
    PERSON_SECTIONS,
    Sample,
    session,
)

from allpoints.ground.clock import DAY, MINUTE
from allpoints.ground.refusal import Fault
from allpoints.vocabulary.loading import load
from allpoints.web.pages.notice_form import sections_of
from allpoints.web.views import notices
from allpoints.web.views.common import Countdown, Event, Option, Paging, State, filled_sections


def notice_pages() -> tuple[Sample, ...]:
    page = _notice_page()
    fault = Fault("NO-REASON", "Say why the notice is withdrawn.", "reason")
    draft = msgspec.structs.replace(
        page,
        reference="2026-4813-1",
        state=State("Draft"),
        published_ms=0,
        expiry=None,
        charges=(),
        warrant=None,
        review=(),
        review_href="",
        excluded=(),
        may_submit=True,
        may_withdraw=False,
    )
    refused = msgspec.structs.replace(page, errors=(fault,))
    path = "/en/notices/2026-4812-1"
    return (
        *_notice_lists(),
        Sample("notice", "notice", page, session(path)),
        Sample("notice-draft", "notice", draft, session("/en/notices/2026-4813-1")),
        Sample("notice-refused", "notice", refused, session(path)),
        *_notice_forms(),
    )


def _notice_lists() -> tuple[Sample, ...]:
    row = notices.NoticeRow(
        reference="2026-4812-1",
        href="/en/notices/2026-4812-1",
        title="ORHANLI Selim",
        kind="red",
        kind_label="Red notice",
        state=State("Published", "good"),
        owner="XAV",
        published_ms=NOW - 6 * MINUTE,
        expires_ms=NOW + 1826 * DAY,
    )
    review_row = msgspec.structs.replace(
        row,
        reference="2026-4799-1",
        href="/en/notices/2026-4799-1",
        title="ΜΑΥΡΙΔΗΣ Ανδρέας",
        owner="XCS",
        state=State("Query to source", "warn"),
        published_ms=0,
        expires_ms=0,
    )
    states = (Option("", "All"), Option("published", "Published"), Option("review", "In review"))
    listed = notices.NoticesPage(
        rows=(row, review_row), states=states, state="", paging=Paging(total=2, shown=2), may_write=True
    )
    empty = notices.NoticesPage(states=states, state="review", paging=Paging(total=0, shown=0))
    return (
        Sample("notices", "notices", listed, session("/en/notices")),
        Sample("notices-empty", "notices", empty, session("/en/notices")),
    )


def _notice_page() -> notices.NoticePage:
    return notices.NoticePage(
        reference="2026-4812-1",
        kind="red",
        kind_label="Red notice",
        identity=PERSON,
        owner="XAV",
        handling="Restricted",
        state=State("Published", "good"),
        published_ms=NOW - 6 * MINUTE,
        expiry=Countdown(label="Expires in", ends_ms=NOW + 1826 * DAY),
        sections=PERSON_SECTIONS,
        charges=(
            notices.Charge(
                offence="Armed robbery",
                law="Criminal Code of Arvandia, article 162",
                penalty="Maximum penalty 12 years",
                facts="On 2 June 2026 in Tarhan he and another threatened the staff of a bank with a pistol and took 48,000.",
                language="en",
            ),
        ),
        warrant=notices.Warrant(
            number="TB-2026/1187", authority="District court of Tarhan", issued="2026-06-05", country="XAV"
        ),
        versions=(
            notices.Version(
                number=2,
                at_ms=NOW - 6 * MINUTE,
                by="Bureau of Arvandia",
                changes=("Other names added", "Height changed"),
            ),
            notices.Version(number=1, at_ms=NOW - 2 * DAY, by="Bureau of Arvandia"),
        ),
        review=(
            Event(at_ms=NOW - DAY, title="Submitted", by="A. Terlan", tone="info"),
            Event(at_ms=NOW - 7 * MINUTE, title="Approved by two reviewers", tone="good"),
        ),
        review_href="/en/review/R-2026-0412",
        excluded=("XCS",),
        may_withdraw=True,
    )


def _notice_forms() -> tuple[Sample, ...]:
    blank = sections_of(load().notices["red"], COUNTRY_OPTIONS[:3])
    entered = {
        "family_name": "Orhanli",
        "given_names": "Selim",
        "names_original": "سليم أورهانلي",
        "sex": "M",
        "birth_date": "14.3.1979",
        "nationalities": "XAV",
        "aliases": "Селим Орханлы",
        "warnings": ["armed"],
        "offences": ["ILM"],
    }
    faults = (
        Fault("DATE-UNCLEAR", "Write the date of birth as 1979-03-14.", "birth_date"),
        Fault("REQUIRED", "Enter the reference of the warrant.", "warrants.0.reference"),
        Fault("REQUIRED", "State that extradition will be sought.", "extradition_assured"),
    )
    frame = session("/en/notices/new")
    new = notices.NoticeFormPage(sections=blank)
    wrong = notices.NoticeFormPage(
        reference="2026-4813-1", sections=filled_sections(blank, entered, faults), errors=faults
    )
    return (
        Sample("notice-form", "notice-form", new, frame),
        Sample("notice-form-refused", "notice-form", wrong, frame),
    )
