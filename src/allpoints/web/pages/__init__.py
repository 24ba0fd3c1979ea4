"""The console's pages: they read through the same verbs as the API, fill a frozen view record, and draw it.

Nothing is decided here. Whether an officer may see or do something is said by the part that is asked; the audit
line is on the disk before the page goes out. A form acts once, then redirects; what was refused comes back with
its faults and everything that was entered. Every page has a JSON twin at its address with ``.json``.
"""

from litestar import Router
from litestar.exceptions import HTTPException
from litestar.types import ControllerRouterHandler

from allpoints.ground.refusal import Refusal
from allpoints.web.pages import (
    account,
    audit,
    border,
    card,
    components,
    desk,
    emergency,
    enrolling,
    errors,
    feed,
    hits,
    imports,
    letters,
    members,
    notices,
    officers,
    outside,
    oversight,
    provider,
    record_entry,
    record_files,
    record_links,
    records,
    register_table,
    registers,
    review,
    searching,
    signing_in,
    state,
    static,
    submissions,
    trace_form,
    traces,
    verifying,
    watching,
    why,
)

GROUPS = (
    signing_in,
    enrolling,
    verifying,
    provider,
    card,
    account,
    officers,
    emergency,
    desk,
    border,
    searching,
    registers,
    register_table,
    record_entry,
    records,
    record_files,
    record_links,
    hits,
    trace_form,
    traces,
    notices,
    submissions,
    review,
    letters,
    imports,
    members,
    audit,
    oversight,
    watching,
    why,
    state,
    outside,
    components,
    feed,
    static,
    errors,
)


def handlers() -> list[ControllerRouterHandler]:
    """Every page of the console, with its own way of showing what is refused."""
    return [
        Router(
            path="/",
            route_handlers=[handler for group in GROUPS for handler in group.HANDLERS],
            exception_handlers={
                Refusal: errors.of_refusal,
                HTTPException: errors.of_http,
                Exception: errors.of_failure,
            },
            include_in_schema=False,
        )
    ]
