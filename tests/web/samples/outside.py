"""The two pages of a vetted outsider."""

from tests.web.samples.frame import NOW, Sample, session

from allpoints.ground.clock import DAY
from allpoints.ground.refusal import Fault
from allpoints.node.outside import NOTE
from allpoints.web.views import outside
from allpoints.web.views.common import Cell, Input, Option, Reason, Section, filled


def open_samples() -> tuple[Sample, ...]:
    kinds = (Option("inventory-number", "Inventory number"),)
    folders = (Option("pictures/painting", "Paintings"), Option("instruments/strings", "String instruments"))
    inputs = outside.open_inputs(
        (Option("works-of-art", "Works of art"),),
        kinds,
        (
            Input(
                name="filter.object_type", label="Type of object", kind="select", options=folders, blank="Any"
            ),
        ),
    )
    asked = filled(inputs, {"case": "Offered to us for sale", "text": "cello lion"})
    result = outside.OpenResult(
        title="Cello with lion's head scroll, Cello, c. 1720",
        href="/en/open/records/00",
        register="Work of art",
        owner="XAV",
        why=(Reason(sentence="Every word asked for stands in the record.", asked="cello lion"),),
    )
    faults = (Fault("NOT-GIVEN", "Say why you ask.", "case"),)
    frame = session("/en/open", roles=("outsider",), unread=0, open_hits=0)
    record = outside.OpenRecordPage(
        title=result.title,
        register="Work of art",
        owner="XAV",
        published_ms=NOW - 30 * DAY,
        record="00" * 16,
        sections=(
            Section(
                "What is public", (Cell("Title", "Cello with lion's head scroll"), Cell("Height", "1230 mm"))
            ),
        ),
        note=NOTE,
    )
    found = outside.OpenSearchPage(inputs=asked, asked=True, results=(result,), more=True, note=NOTE)
    return (
        Sample("open", "open", outside.OpenSearchPage(inputs=inputs), frame),
        Sample("open-results", "open", found, frame),
        Sample("open-nothing", "open", outside.OpenSearchPage(inputs=asked, asked=True, note=NOTE), frame),
        Sample(
            "open-errors",
            "open",
            outside.OpenSearchPage(inputs=filled(inputs, {}, faults), errors=faults),
            frame,
        ),
        Sample("open-record", "open-record", record, frame),
    )
