"""Letters: the two boxes, one letter with its receipts, and writing."""

from collections.abc import AsyncIterator

import msgspec
from litestar import Response, get, post
from litestar.datastructures import UploadFile
from litestar.params import FromPath
from litestar.response import Stream

from allpoints.ground.refusal import Fault, Refusal
from allpoints.identity.policy import Act
from allpoints.messages.letter import Draft, LetterView
from allpoints.messages.letter_file import FileView
from allpoints.node.bureau import Bureau
from allpoints.sealing.chunks import FILE_LIMIT_BYTES
from allpoints.vocabulary.types.attachment import readable
from allpoints.web import file_answers, letter_files
from allpoints.web.access import check_csrf
from allpoints.web.pages.showing import options, term
from allpoints.web.pages.visit import AnyRequest, Entered, Visit, faults_in
from allpoints.web.views.common import Input, Link, Option, Paging, State, filled
from allpoints.web.views.messages import (
    AttachedFile,
    Box,
    ComposePage,
    MessagePage,
    MessageRow,
    MessagesPage,
    Receipt,
    compose_inputs,
)
from allpoints.web.words import _

FOLDERS: dict[str, tuple[Box, str]] = {"inbox": ("inbox", "inbox"), "outbox": ("outbox", "sent")}
INPUTS = {"to", "subject", "urgency", "handling", "text"}
PATHS = {"priority": "urgency"}
FORM_BYTES = 256 * 1024
"""What the form may have beside the file."""
PART_BYTES = 1024 * 1024
FILE_STATES = {
    "leaving": State(_("On its way"), "info"),
    "left": State(_("At the relay"), "good"),
    "coming": State(_("Not whole here yet"), "warn"),
    "here": State(_("Here"), "good"),
    "refused": State(_("Not taken"), "bad"),
}
_PROGRESS = (
    ("read", State(_("Read"), "good")),
    ("delivered", State(_("Delivered"), "good")),
    ("relayed", State(_("Relayed"), "info")),
)


@get(["/en/messages", "/en/messages.json"])
async def index(request: AnyRequest) -> Response[bytes]:
    visit = Visit.open(request)
    desk = visit.desk()
    visit.require_reason_to_look(Act.WRITE_LETTERS)
    box, folder = FOLDERS.get(visit.query("box"), FOLDERS["inbox"])
    found = await visit.do(lambda: desk.letters.list_(visit.asker, folder))
    rows = tuple(_row(desk, one) for one in found)
    return visit.page(
        "messages", MessagesPage(box=box, rows=rows, paging=Paging(total=len(rows), shown=len(rows)))
    )


def _names(desk: Bureau) -> dict[str, str]:
    return {**desk.letters.addressees(), desk.me.name: desk.me.certificate.label}


def _row(desk: Bureau, one: LetterView) -> MessageRow:
    names = _names(desk)
    new = one.folder == "inbox" and not one.read_ms
    return MessageRow(
        id=one.reference,
        href=f"/en/messages/{one.reference}",
        subject=one.letter.subject,
        sender=names.get(one.sender, one.sender),
        recipients=tuple(names.get(name, name) for name in one.to),
        at_ms=one.at_ms,
        state=_state(one),
        unread=new,
        urgent=one.priority != "normal",
    )


def _state(one: LetterView) -> State:
    """A letter in: new or read. One sent: the least that all its recipients have said."""
    if one.folder == "inbox":
        return State(_("Read"), "quiet") if one.read_ms else State(_("New"), "info")
    for kind, state in _PROGRESS:
        said = {receipt.by for receipt in one.receipts if receipt.kind == kind}
        if said and (kind == "relayed" or said >= set(one.to)):
            return state
    return State(_("Waiting for the line"), "warn")


@get("/en/messages/{reference:str}")
async def show(request: AnyRequest, reference: FromPath[str]) -> Response[bytes]:
    visit = Visit.open(request)
    desk = visit.desk()
    visit.require_reason_to_look()
    name = reference.removesuffix(".json")
    letter = await visit.do(lambda: desk.letters.read(visit.asker, name))
    return visit.page("message", _page(visit, desk, letter))


def _page(visit: Visit, desk: Bureau, one: LetterView) -> MessagePage:
    names = _names(desk)
    certificate = desk.following.directory.certificate(one.sender)
    answered = one.letter.reply_to
    return MessagePage(
        id=one.reference,
        reference=one.reference,
        subject=one.letter.subject,
        sender=one.sender,
        sender_label=names.get(one.sender, one.sender),
        recipients=tuple(names.get(name, name) for name in one.to),
        sent_ms=one.at_ms,
        urgent=one.priority != "normal",
        handling=term(visit.host.vocabulary.handling, one.handling),
        language=one.letter.language,
        paragraphs=tuple(part for part in one.letter.text.split("\n") if part.strip()),
        signed=State(_("Signature verified"), "good"),
        sealed=State(_("Sealed for its recipients"), "good"),
        key=certificate.verify_key.fingerprint() if certificate else "",
        receipts=_receipts(one, names) if one.folder == "sent" else (),
        files=tuple(_file(one.reference, held) for held in one.files),
        about=Link(_("An earlier message"), f"/en/messages/{answered}") if answered else None,
        reply=f"/en/messages/new?to={one.sender}&about=message:{one.reference}"
        if one.folder == "inbox"
        else "",
    )


def _receipts(one: LetterView, names: dict[str, str]) -> tuple[Receipt, ...]:
    relayed = min((receipt.at_ms for receipt in one.receipts if receipt.kind == "relayed"), default=0)
    told = {(receipt.kind, receipt.by): receipt.at_ms for receipt in one.receipts}
    unopened = {receipt.by: receipt.reason for receipt in one.receipts if receipt.kind == "unopened"}
    return tuple(
        Receipt(
            recipient=names.get(name, name),
            relayed_ms=relayed,
            delivered_ms=told.get(("delivered", name), 0),
            read_ms=told.get(("read", name), 0),
            unopened=unopened.get(name, "") if ("delivered", name) not in told else "",
        )
        for name in one.to
    )


def _file(reference: str, held: FileView) -> AttachedFile:
    whole = held.state in {"here", "leaving", "left"}
    return AttachedFile(
        name=held.name,
        size=readable(held.size),
        state=FILE_STATES[held.state],
        href=f"/en/messages/{reference}/files/{held.id}" if whole else "",
        have=held.have,
        parts=held.parts,
    )


@get("/en/messages/new")
async def form(request: AnyRequest) -> Response[bytes]:
    visit = Visit.open(request)
    desk = visit.desk()
    visit.require_reason_to_look(Act.WRITE_LETTERS)
    about = visit.query("about")
    kept = {
        "to": [visit.query("to")],
        "text": visit.memory.draft,
        "subject": await _subject(visit, desk, about),
    }
    visit.memory.draft = ""
    inputs = filled(_inputs(visit, desk), kept)
    return visit.page("compose", ComposePage(inputs=inputs, about=about, about_label=_about(about)))


@post("/en/messages/new", status_code=200, request_max_body_size=FILE_LIMIT_BYTES + FORM_BYTES)
async def send(request: AnyRequest) -> Response[bytes]:
    visit = Visit.open(request)
    desk = visit.desk()
    visit.require_reason_to_look()
    entered, uploads = await _sent(visit)
    about = entered.text("about")
    draft = Draft(
        to=entered.several("to"),
        subject=entered.text("subject"),
        text=entered.text("text"),
        priority=entered.text("urgency") or "normal",
        handling=entered.text("handling"),
        reply_to=about.removeprefix("message:") if about.startswith("message:") else "",
    )
    try:
        entered.needed("text", _("A message needs a text."))
        desk.letters.check(draft)
        kept = [
            await letter_files.keep(visit.host, visit.asker, _pieces(one), one.filename) for one in uploads
        ]
        draft = msgspec.structs.replace(draft, files=tuple(one.id for one in kept))
        sent = await visit.do(lambda: desk.letters.send(visit.asker, draft))
    except Refusal as refusal:
        return _again(visit, desk, entered, faults_in(refusal, INPUTS, PATHS))
    text = _("It is relayed as soon as the line is up; the receipts say how far it came.")
    return visit.go(f"/en/messages/{sent.reference}", _("Message sealed and sent"), text)


async def _sent(visit: Visit) -> tuple[Entered, list[UploadFile]]:
    """What the form sent, its files apart; they lie on the disk if they are large."""
    fields: dict[str, list[str]] = {}
    files: list[UploadFile] = []
    for name, value in (await visit.request.form()).multi_items():
        if isinstance(value, UploadFile):
            if value.filename:
                files.append(value)
        else:
            fields.setdefault(name, []).append(str(value))
    entered = Entered(fields)
    check_csrf(visit.secret, entered.text("csrf"))
    return entered, files


async def _pieces(upload: UploadFile) -> AsyncIterator[bytes]:
    while piece := await upload.read(PART_BYTES):
        yield piece


@get("/en/messages/{reference:str}/files/{file:str}", opt={file_answers.AS_IT_IS: True})
async def file(request: AnyRequest, reference: FromPath[str], file: FromPath[str]) -> Stream:
    visit = Visit.open(request)
    visit.desk()
    visit.require_reason_to_look(Act.WRITE_LETTERS)
    return await letter_files.answer(visit.host, visit.asker, reference, file, visit.request.headers)


def _again(visit: Visit, desk: Bureau, entered: Entered, faults: tuple[Fault, ...]) -> Response[bytes]:
    about = entered.text("about")
    inputs = filled(_inputs(visit, desk), entered.values(INPUTS), faults)
    view = ComposePage(inputs=inputs, about=about, about_label=_about(about), errors=faults)
    return visit.page("compose", view, status=422)


def _inputs(visit: Visit, desk: Bureau) -> tuple[Input, ...]:
    recipients = tuple(Option(code, label) for code, label in sorted(desk.letters.addressees().items()))
    return compose_inputs(recipients, options(visit.host.vocabulary.handling))


def _about(about: str) -> str:
    """What a letter is about, as its page says it: a hit, or the letter that it answers."""
    kind, _colon, reference = about.partition(":")
    words = {"hit": _("hit %s"), "message": _("message %s")}
    return words[kind] % reference if kind in words and reference else ""


async def _subject(visit: Visit, desk: Bureau, about: str) -> str:
    kind, _colon, reference = about.partition(":")
    if kind == "hit" and reference:
        return _("Hit %s") % reference
    if kind == "message" and reference:
        answered = await visit.do(lambda: desk.letters.read(visit.asker, reference))
        return (
            answered.letter.subject
            if answered.letter.subject.startswith("Re: ")
            else f"Re: {answered.letter.subject}"
        )
    return ""


HANDLERS = [index, form, send, show, file]
