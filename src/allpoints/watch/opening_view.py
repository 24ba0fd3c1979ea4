"""A question about openings as officers ask it, and as they read it with its answer."""

import msgspec

from allpoints.watch import opening
from allpoints.watch.opening import Cell, Signed
from allpoints.watch.opening_store import AskedRow


class Asking(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What an officer asks ``member``: days are counted from 1970-01-01 in UTC, ``until`` itself is outside."""

    member: str
    register: str
    since: int
    until: int
    refs: tuple[str, ...] = ()


class OpeningsView(msgspec.Struct, frozen=True):
    """A question and, once ``state`` is answered, what was said.

    ``state`` is waiting, answered or refused. ``size``, ``root`` and ``entry`` name the head of the member's audit log under
    which it was counted, and ``anchored_ms`` says when that entry of the ledger was written: later lines were not counted.
    ``signed`` is the answer with its signature, in hexadecimal, for whoever examines it later.
    """

    id: str
    member: str
    register: str
    refs: tuple[str, ...]
    since: int
    until: int
    asked_by: str
    asked_ms: int
    state: str
    refusal: str = ""
    size: int = 0
    root: str = ""
    entry: int = 0
    anchored_ms: int = 0
    erased: bool = False
    cells: tuple[Cell, ...] = ()
    signed: str = ""


def shown(row: AskedRow, anchored_ms: int) -> OpeningsView:
    """A question with its answer once that is taken; ``anchored_ms`` is when its head came into the ledger."""
    question = opening.read_question(row.question)
    view = OpeningsView(
        row.id.hex(),
        row.member,
        question.register,
        question.refs,
        question.since,
        question.until,
        row.asked_by,
        row.asked_ms,
        "waiting",
    )
    if not row.heard_ms:
        return view
    answer = opening.read_answer(row.answer)
    return msgspec.structs.replace(
        view,
        state="refused" if answer.refusal else "answered",
        refusal=answer.refusal,
        size=answer.size,
        root=answer.root.hex(),
        entry=answer.entry,
        anchored_ms=anchored_ms,
        erased=answer.erased,
        cells=answer.cells,
        signed=opening.encode(Signed(row.id, row.answer, row.signature)).hex(),
    )
