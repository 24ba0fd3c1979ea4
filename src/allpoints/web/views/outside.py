"""The two pages of a vetted outsider: searching the open registers, and what is public of a record."""

from allpoints.ground.refusal import Fault
from allpoints.web.views.common import Input, Option, Reason, Section, View
from allpoints.web.words import _


class OpenResult(View, frozen=True, kw_only=True):
    title: str
    href: str
    register: str
    """Shown word of the register."""
    owner: str
    why: tuple[Reason, ...] = ()


class OpenSearchPage(View, frozen=True, kw_only=True):
    """POST fields: those of ``inputs``; ``asked`` says that the question was answered."""

    inputs: tuple[Input, ...]
    errors: tuple[Fault, ...] = ()
    asked: bool = False
    results: tuple[OpenResult, ...] = ()
    more: bool = False
    note: str = ""


class OpenRecordPage(View, frozen=True, kw_only=True):
    title: str
    register: str
    owner: str
    published_ms: int
    record: str
    sections: tuple[Section, ...]
    note: str


def open_inputs(
    registers: tuple[Option, ...], kinds: tuple[Option, ...], filters: tuple[Input, ...]
) -> tuple[Input, ...]:
    """``case`` (the reason), ``text``, ``kind`` and ``number``, ``register`` where there are several, filters."""
    register = Input(
        name="register", label=_("Register"), kind="select", options=registers, blank=_("All registers")
    )
    number = (
        Input(name="kind", label=_("Kind of number"), kind="select", options=kinds, blank=_("None")),
        Input(name="number", label=_("Number"), kind="code", max_length=100, width=24),
    )
    return (
        Input(
            name="case",
            label=_("Why do you ask?"),
            required=True,
            max_length=200,
            hint=_("It is kept with your question: offered for sale, say, and by whom."),
        ),
        Input(
            name="text",
            label=_("Words"),
            kind="search",
            max_length=400,
            hint=_("Every word must stand in the description: title, maker, subject, inscriptions."),
        ),
        *(number if kinds else ()),
        *((register,) if len(registers) > 1 else ()),
        *filters,
    )
