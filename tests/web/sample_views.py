"""One realistic, invented view for every state of every page, for template tests and screenshots."""

from tests.web.samples.bulletins import notice_pages
from tests.web.samples.desks import desk_pages, sign_in
from tests.web.samples.examination import review_pages
from tests.web.samples.frame import Sample
from tests.web.samples.housekeeping import (
    audit_pages,
    component_pages,
    error_pages,
    import_pages,
    member_pages,
    state_pages,
)
from tests.web.samples.leads import hit_samples
from tests.web.samples.mail import message_pages
from tests.web.samples.outside import open_samples
from tests.web.samples.oversight import oversight_samples
from tests.web.samples.proofs import proof_samples
from tests.web.samples.registers import register_pages
from tests.web.samples.screening import border_pages
from tests.web.samples.searches import record_pages, search_pages
from tests.web.samples.tracing import trace_samples


def all_samples() -> tuple[Sample, ...]:
    return (
        *sign_in(),
        *proof_samples(),
        *oversight_samples(),
        *desk_pages(),
        *search_pages(),
        *record_pages(),
        *register_pages(),
        *border_pages(),
        *hit_samples(),
        *trace_samples(),
        *notice_pages(),
        *review_pages(),
        *message_pages(),
        *import_pages(),
        *member_pages(),
        *audit_pages(),
        *state_pages(),
        *component_pages(),
        *error_pages(),
        *open_samples(),
    )
