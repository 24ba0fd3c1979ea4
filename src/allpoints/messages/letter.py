"""What officers write to each other: a letter, its priority, and what may be in it."""

from collections.abc import Container

import msgspec

from allpoints.ground.clock import DAY
from allpoints.ground.refusal import Fault, Refusal
from allpoints.messages.letter_file import FILES_LIMIT, FileView, LetterFile, shown_name

SUBJECT_LIMIT = 200
TEXT_LIMIT = 100_000
RECIPIENT_LIMIT = 20
LIFE_MS = 30 * DAY
"""How long a letter waits for a recipient that is away."""

PRIORITIES = {"normal": 0, "urgent": 1, "very-urgent": 2}


class Draft(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A letter as its writer hands it in."""

    to: tuple[str, ...]
    subject: str
    text: str
    priority: str = "normal"
    handling: str = "official-use"
    reply_to: str = ""
    files: tuple[str, ...] = ()
    """Identifiers of files that were uploaded for it."""


class Letter(msgspec.Struct, frozen=True):
    """The sealed part of a letter. ``reply_to`` is the reference of the letter it answers."""

    subject: str
    text: str
    case: str
    by: str
    language: str = "en"
    reply_to: str = ""
    files: tuple[LetterFile, ...] = ()


class Receipt(msgspec.Struct, frozen=True):
    """One receipt as shown: relayed, delivered, read or unopened, by whom and when; its signature was checked.

    ``reason`` says in one word why a message was not opened.
    """

    kind: str
    by: str
    role: str
    at_ms: int
    reason: str = ""


class LetterView(msgspec.Struct, frozen=True):
    """A letter as its desk sees it; ``reference`` is the hash of the sealed envelope."""

    reference: str
    folder: str
    sender: str
    to: tuple[str, ...]
    letter: Letter
    priority: str
    handling: str
    purpose: str
    at_ms: int
    read_ms: int = 0
    receipts: tuple[Receipt, ...] = ()
    files: tuple[FileView, ...] = ()


def received(letter: Letter) -> Letter:
    """A letter as another member wrote it; refuses (LETTER-UNREADABLE) what no node would have sent."""
    short = (letter.case, letter.by, letter.language, letter.reply_to)
    if (
        len(letter.subject) > SUBJECT_LIMIT
        or len(letter.text) > TEXT_LIMIT
        or any(len(part) > SUBJECT_LIMIT for part in short)
        or not all(_is_line(part) for part in (letter.subject, *short))
        or len(letter.files) > FILES_LIMIT
        or any(shown_name(one.name) != one.name for one in letter.files)
    ):
        raise Refusal("LETTER-UNREADABLE", "No node sends such a letter.", path="subject", status=400)
    return letter


def _is_line(text: str) -> bool:
    return "\0" not in text and len(text.splitlines()) <= 1


def checked(draft: Draft, known: Container[str], handling: Container[str]) -> Draft:
    """The draft with its recipients in order, or every fault in it at once."""
    faults = []
    to = tuple(dict.fromkeys(one.strip().upper() for one in draft.to if one.strip()))
    if not to:
        faults.append(
            Fault("LETTER-NO-RECIPIENT", "A message needs a recipient.", "to", "Give a member's code.")
        )
    if len(to) > RECIPIENT_LIMIT:
        faults.append(Fault("LETTER-RECIPIENTS", f"At most {RECIPIENT_LIMIT} recipients.", "to"))
    faults.extend(
        Fault("LETTER-UNKNOWN", f"{one} is no member of this network.", f"to[{at}]", "See the members' list.")
        for at, one in enumerate(to)
        if one not in known
    )
    if not _is_line(draft.subject.strip()):
        faults.append(Fault("LETTER-SUBJECT-LINES", "A subject is one line.", "subject"))
    if not draft.subject.strip():
        faults.append(Fault("LETTER-NO-SUBJECT", "A message needs a subject.", "subject"))
    for field, limit in (("subject", SUBJECT_LIMIT), ("text", TEXT_LIMIT)):
        if len(getattr(draft, field)) > limit:
            faults.append(Fault("LETTER-TOO-LONG", f"At most {limit} characters.", field))
    if len(draft.files) > FILES_LIMIT or len(set(draft.files)) != len(draft.files):
        faults.append(Fault("LETTER-FILES", f"At most {FILES_LIMIT} files, each once.", "files"))
    if draft.priority not in PRIORITIES:
        known_priorities = ", ".join(PRIORITIES)
        faults.append(Fault("LETTER-PRIORITY", f"Priority is one of {known_priorities}.", "priority"))
    if draft.handling not in handling:
        faults.append(Fault("LETTER-HANDLING", f"{draft.handling} is no handling code.", "handling"))
    if faults:
        raise Refusal.of(faults)
    return msgspec.structs.replace(draft, to=to, subject=draft.subject.strip())
