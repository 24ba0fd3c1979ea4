"""Asking more narrowly: what a search page offers beside its answer, and what of it was chosen."""

from collections.abc import Sequence

from allpoints.ground.refusal import Refusal
from allpoints.registers.searching import PARTS_LIMIT, Facet, Query
from allpoints.vocabulary.register import Register, Vocabulary
from allpoints.vocabulary.types.base import FieldType
from allpoints.vocabulary.types.listing import element_of
from allpoints.web.pages.showing import field_of, register_label
from allpoints.web.pages.visit import Entered
from allpoints.web.views.common import Option
from allpoints.web.views.searching import Narrowing

FILTER = "filter."
"""What stands before the name of the facet that an input filters by."""
DROP = "drop"
VALUES_SHOWN = 12
"""Values of one facet that are offered, the most frequent ones."""


def filters_in(entered: Entered, register: Register | None) -> dict[str, str]:
    """The filters that were sent, of facets that the chosen register has, less the one that is taken off."""
    if register is None:
        return {}
    given = entered.under(FILTER, register.machine.facets)
    given.pop(entered.text(DROP), None)
    return dict(list(given.items())[:PARTS_LIMIT])


def kept(entered: Entered, names: Sequence[str], query: Query) -> tuple[tuple[str, str], ...]:
    """What a narrower question says again; without the register while that is still to be chosen."""
    said = [(name, entered.text(name)) for name in names if name != "register"]
    if query.register:
        said.append(("register", query.register))
    return (*said, *((FILTER + name, value) for name, value in query.filters.items()))


def narrowings(vocabulary: Vocabulary, query: Query, facets: Sequence[Facet]) -> tuple[Narrowing, ...]:
    """Ways to ask more narrowly; one that would leave everything as it is is none."""
    if not query.register:
        return tuple(_by_register(vocabulary, one) for one in facets if len(one.values) > 1)
    register = vocabulary.registers[query.register]
    return tuple(
        Narrowing(name=FILTER + one.field, label=one.label, options=_options(one))
        for one in facets
        if one.field in register.machine.facets and one.field not in query.filters and len(one.values) > 1
    )


def chosen(vocabulary: Vocabulary, query: Query) -> tuple[Option, ...]:
    """The filters in force, as people read them."""
    register = vocabulary.registers.get(query.register)
    if register is None:
        return ()
    found = []
    for name, value in query.filters.items():
        field = field_of(register, name)
        label = field.shown_label() if field else name
        found.append(Option(name, f"{label}: {shown_value(element_of(register.machine.types[name]), value)}"))
    return tuple(found)


def _by_register(vocabulary: Vocabulary, facet: Facet) -> Narrowing:
    options = tuple(
        Option(one.value, f"{register_label(vocabulary, one.value)} ({one.count:,})") for one in facet.values
    )
    return Narrowing(name="register", label=facet.label, options=options)


def _options(facet: Facet) -> tuple[Option, ...]:
    return tuple(
        Option(one.value.rstrip("/"), f"{one.caption} ({one.count:,})") for one in facet.values[:VALUES_SHOWN]
    )


def shown_value(kind: FieldType, value: str) -> str:
    """A value as its type shows it; one that the type does not take, as it was given."""
    try:
        return kind.caption(kind.clean(value, ""))
    except Refusal:
        return value
