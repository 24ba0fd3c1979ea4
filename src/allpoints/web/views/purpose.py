"""Why an officer looks: asked once per shift, before the first page that discloses something."""

from allpoints.ground.refusal import Fault
from allpoints.web.views.common import Input, Option, View


class PurposePage(View, frozen=True, kw_only=True):
    """POST fields: ``purpose``, ``case``, ``next`` (the page that asked for them)."""

    inputs: tuple[Input, ...]
    next: str = ""
    errors: tuple[Fault, ...] = ()


def purpose_inputs(purposes: tuple[Option, ...]) -> tuple[Input, ...]:
    """``purpose`` and ``case``."""
    return (
        Input(
            name="purpose",
            label="Purpose",
            kind="select",
            options=purposes,
            required=True,
            blank="Choose a purpose",
        ),
        Input(
            name="case",
            label="Case",
            kind="code",
            required=True,
            max_length=64,
            width=24,
            hint="The number of the case or shift that you work on.",
        ),
    )
