"""What the audit log can hold."""

from tools.reference import registers
from tools.reference.markdown import code, codes, page, table
from tools.reference.reading import where_written

NAME = "audit-events"


def recorded() -> dict[str, list[str]]:
    """Every event that the program writes, with the modules that write it."""
    return where_written(r"[a-z]+:[a-z]+(-[a-z]+)*")


def write() -> str:
    written = recorded()
    rows = [
        (
            code(event),
            term.group,
            term.caption(),
            term.subject,
            codes(term.fields),
            codes(written.get(event, ())) or "not yet",
        )
        for event, term in registers.vocabulary().audit_events.items()
    ]
    return page(
        "Audit events",
        "A line is written, and on the disk, before the answer it allows is released. Every line holds its number, the "
        "instant, the officer, the post, purpose and case, the policies in force, and the hash by which it stands in the log's tree "
        "([format](audit-log.md)). A line is a query, a release or administration. How to read "
        "it: [read the audit log](../how-to/read-the-audit-log.md). “Not yet” marks events whose act this release does "
        "not have.\n",
        table(["event", "kind", "meaning", "who", "what it says", "written by"], rows),
    )
