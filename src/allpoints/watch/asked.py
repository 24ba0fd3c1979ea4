"""One audit line as the rules see it: who asked, when, why, in which case, and about whom."""

import re
from functools import lru_cache
from typing import Any, NamedTuple

import msgspec

from allpoints.ground.refusal import Refusal
from allpoints.ledger.audit_line import Line
from allpoints.vocabulary.normal import document_key, folded_name

ASKING = ("check:asked", "search:asked")
READING = ("record:read", "notice:read")
EVENTS = (*ASKING, *READING)
"""The events by which an officer learns something about a person or a thing."""


class Asked(NamedTuple):
    """``subjects`` are what the line is about, each as ``kind:normal form``; ``reads`` says that a record was opened."""

    number: int
    at_ms: int
    officer: str
    post: str
    purpose: str
    case: str
    subjects: tuple[str, ...]
    reads: bool = False


def asked(line: Line) -> Asked | None:
    """The question in a line; None for a line of another event and for one that is erased."""
    if line.event not in EVENTS or line.erased or not line.officer:
        return None
    said = msgspec.json.decode(line.detail, type=dict[str, Any])
    about = subjects(said) if line.event in ASKING else _opened(said)
    return Asked(
        line.number,
        line.at_ms,
        line.officer,
        line.post,
        line.purpose,
        line.case_ref,
        about,
        line.event in READING,
    )


def subjects(said: dict[str, Any]) -> tuple[str, ...]:
    """What a check or a search asks about: documents, names, other identifiers."""
    query = said.get("query") or said.get("question")
    query = query if isinstance(query, dict) else {}
    number, issuer = said.get("number") or query.get("number"), said.get("issuer") or query.get("issuer")
    name = query.get("name") or f"{query.get('family_name') or ''} {query.get('given_names') or ''}"
    found = [document(issuer or "", number or ""), named(name)]
    found += [f"{kind}:{value}" for kind, value in sorted((query.get("identifiers") or {}).items())]
    return tuple(one for one in found if not one.endswith(":"))


def document(issuer: str, number: str) -> str:
    """A document as a subject, in its normal form if it has one."""
    try:
        return f"document:{document_key(issuer, number)}" if number else "document:"
    except Refusal:
        return f"document:{issuer}|{number}"


def named(name: str) -> str:
    """A name as a subject: its words in folded form, in whatever order they came."""
    return f"name:{' '.join(sorted(folded_name(name).split()))}"


@lru_cache(maxsize=1_024)
def own_name(officer: str) -> str:
    """The subject that an account's name spells, such as anna.berg; empty for a name of one word."""
    words = re.split(r"[._-]", officer)
    return named(" ".join(words)) if len(words) > 1 else ""


def _opened(said: dict[str, Any]) -> tuple[str, ...]:
    return tuple(f"{kind}:{said[kind]}" for kind in ("record", "notice") if said.get(kind))
