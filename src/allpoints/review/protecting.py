"""Asylum, noted under seal: reviewers read it, no requester ever does (GA-2017-86-RES-09, domain reference 3.2)."""

import sqlite3

from allpoints.ground.refusal import Refusal
from allpoints.identity import policy
from allpoints.identity.officers import Asker
from allpoints.identity.policy import Act
from allpoints.review import store
from allpoints.review.case import TEXT_LIMIT, Case, Protection, ProtectionNote
from allpoints.vocabulary.register import Vocabulary

STATUSES = ("asked", "granted", "refused", "revoked")
_WEIGHS = ("asked", "granted")


def note_protection(
    db: sqlite3.Connection,
    vocabulary: Vocabulary,
    asker: Asker,
    case_id: str,
    protection: Protection,
    now_ms: int,
) -> ProtectionNote:
    """Note what a country said about asylum; a later note of the same country takes its place."""
    policy.require(vocabulary, asker, Act.REVIEW)
    store.known_case(db, case_id)
    for field, code in (("country", protection.country), ("feared", protection.feared)):
        if not (code.isascii() and code.isalpha() and code.isupper() and len(code) == 3):
            raise Refusal("REVIEW-COUNTRY", "A country is named by three capital letters.", path=field)
    if protection.status not in STATUSES:
        raise Refusal("REVIEW-STATUS", f"Asylum is one of {', '.join(STATUSES)}.", path="status")
    if len(protection.note) > TEXT_LIMIT:
        raise Refusal("REVIEW-TEXT", f"At most {TEXT_LIMIT} characters.", path="note")
    number = len(store.protection_notes(db, case_id)) + 1
    note = ProtectionNote(case_id, number, asker.officer, now_ms, protection)
    store.add_protection(db, note)
    return note


def read_protection(
    db: sqlite3.Connection, vocabulary: Vocabulary, asker: Asker, case_id: str
) -> list[ProtectionNote]:
    """The notes under seal, for reviewers only."""
    policy.require(vocabulary, asker, Act.REVIEW)
    store.known_case(db, case_id)
    return store.protection_notes(db, case_id)


def protected(db: sqlite3.Connection, case: Case) -> bool:
    """Whether asylum from the requester was asked for or granted; status refused or revoked no longer weighs."""
    latest = {one.protection.country: one.protection for one in store.protection_notes(db, case.id)}
    return any(one.status in _WEIGHS and one.feared == case.owner for one in latest.values())
