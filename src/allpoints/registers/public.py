"""A search by outsiders: it asks for public fields alone, and answers only from what is public of a record.

The search itself is that of desks. What it finds is looked at again here with every other field left out: a record that
no longer answers then is none. So a hidden field can be neither read nor guessed at.
"""

import msgspec

from allpoints.ground.refusal import Refusal
from allpoints.registers import store
from allpoints.registers.finding import Why
from allpoints.registers.reading import register_of
from allpoints.registers.searching import Query
from allpoints.registers.store import Row
from allpoints.registers.visibility import OUTSIDERS, is_public, public_body, public_fields
from allpoints.vocabulary.declaration import words
from allpoints.vocabulary.lint_head import used_by
from allpoints.vocabulary.normal import folded_name
from allpoints.vocabulary.register import Register, Vocabulary

TEXT, FILTERS = "text", "filters"
"""What a reason names as its field when it is no identifier."""


def asked_of(query: Query) -> Query:
    """As much of a question as an outsider may ask: no person, no reference of an owner."""
    return Query(
        register=query.register,
        number=query.number,
        issuer=query.issuer,
        identifiers=query.identifiers,
        text=query.text,
        filters=query.filters,
        limit=query.limit,
    )


def facets(register: Register) -> tuple[str, ...]:
    """Fields by which outsiders may filter the records of a register."""
    shown = public_fields(register)
    return tuple(name for name in register.machine.facets if name in shown)


def keys(register: Register) -> tuple[str, ...]:
    """Kinds of numbers under which outsiders may look for the records of a register."""
    shown = public_fields(register)
    return tuple(
        one.key for one in register.identifiers if one.key and not one.within and set(used_by(one)) <= shown
    )


def check_filters(vocabulary: Vocabulary, query: Query) -> None:
    """Refuse (UNKNOWN-FILTER) to filter by a field that is not public, in the words for one that is not there."""
    register = vocabulary.registers.get(query.register)
    if register is None or register.readers != OUTSIDERS:
        return
    open_to = facets(register)
    for name in query.filters:
        if name not in open_to:
            raise Refusal(
                "UNKNOWN-FILTER",
                f"{words(register.plural)} are not filtered by “{name}”.",
                path=f"filters.{name}",
                hint=f"Known are: {', '.join(open_to) or 'none'}.",
            )


def opened(vocabulary: Vocabulary, row: Row, now_ms: int) -> tuple[Register, msgspec.Struct] | None:
    """The register of a record and what is public of its body; None when nothing of it is shown to outsiders."""
    register = register_of(vocabulary, row.register)
    if register is None or register.readers != OUTSIDERS or not is_public(vocabulary, row.handling):
        return None
    if row.body is None or row.status != store.VALID or row.expires_ms <= now_ms:
        return None
    return register, public_body(register, register.decode(row.body))


def reasons(register: Register, body: msgspec.Struct, found: tuple[Why, ...]) -> tuple[Why, ...]:
    """Those reasons for which the public part of a record would have been found as well."""
    keys = {key.value for key in register.keys(body)}
    said = set(register.words(body))
    return tuple(why for why in found if _stands(why, keys, said))


def _stands(why: Why, keys: set[str], said: set[str]) -> bool:
    if why.field == FILTERS:
        return True  # only public fields are filtered by
    if why.field == TEXT:
        return set(folded_name(why.asked).split()) <= said
    return why.held in keys or set(why.held.split(", ")) <= keys


def caption(register: Register, body: msgspec.Struct) -> str:
    """One line for what is public of a record; the register's name where that is nothing."""
    return register.caption(body) or words(register.label)
