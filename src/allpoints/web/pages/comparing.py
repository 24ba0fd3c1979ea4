"""The two sides of a hit beside each other: what the traveller showed, and what the record says."""

import re

from allpoints.border.hit import Hit
from allpoints.vocabulary.normal import folded_name
from allpoints.vocabulary.register import Vocabulary
from allpoints.web.pages.showing import plain_caption
from allpoints.web.views.hits import Agreement, Comparison
from allpoints.web.words import _

_DOCUMENT = re.compile(r"[A-Z]{1,3} [A-Z0-9]+")
_DATE = re.compile(r"\d{4}(-\d{2}){0,2}")


def comparisons(hit: Hit, vocabulary: Vocabulary) -> tuple[Comparison, ...]:
    """One row each for the document, the name and the birth date, as far as the check asked for them."""
    document, name, born = asked_parts(hit.asked)
    caption = plain_caption(hit.caption)
    personal = _is_personal(hit.register, vocabulary)
    held_name, held_born = person_parts(caption) if personal else ("", "")
    rows = []
    if document:
        held = caption if not personal else document if hit.verdict == "bearer" else ""
        rows.append(
            Comparison(
                label=_("Document"),
                asked=document,
                record=held,
                kind="text" if held == caption else "code",
                agreement="same" if held else "missing",
                note=_("The record names this document.") if held and personal else "",
            )
        )
    if name:
        rows.append(
            Comparison(
                label=_("Name"),
                asked=name,
                record=held_name,
                kind="name",
                agreement=names_agree(name, held_name),
                note="" if personal else _("A report on a document names no person."),
            )
        )
    if born:
        rows.append(
            Comparison(
                label=_("Date of birth"),
                asked=born,
                record=held_born,
                kind="partial-date",
                agreement=dates_agree(born, held_born),
            )
        )
    return tuple(rows)


def asked_parts(asked: str) -> tuple[str, str, str]:
    """Document, name and birth date in the line that a hit carries; each may be empty."""
    parts = asked.split(", ") if asked else []
    document = parts.pop(0) if parts and _DOCUMENT.fullmatch(parts[0]) else ""
    born = parts.pop() if parts and _DATE.fullmatch(parts[-1]) else ""
    return document, ", ".join(parts), born


def person_parts(caption: str) -> tuple[str, str]:
    """Name and birth date in the caption of a person or notice."""
    parts = caption.split(", ")
    born = parts.pop() if _DATE.fullmatch(parts[-1]) else ""
    return ", ".join(parts), born


def names_agree(asked: str, held: str) -> Agreement:
    """Whether two names are the same words, share some, or none; the order of the words says nothing."""
    if not held or not asked:
        return "missing"
    one, other = set(folded_name(asked).split()), set(folded_name(held).split())
    if one == other:
        return "same"
    return "close" if one & other else "different"


def dates_agree(asked: str, held: str) -> Agreement:
    """A year beside a day agrees as far as both are known."""
    if not held or not asked:
        return "missing"
    if asked == held:
        return "same"
    return "close" if asked.startswith(held) or held.startswith(asked) else "different"


def _is_personal(register: str, vocabulary: Vocabulary) -> bool:
    known = vocabulary.registers.get(register) or vocabulary.notices.get(register)
    return known.person_data if known else False
