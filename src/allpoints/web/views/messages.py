"""Messages: boxes, one message, compose."""

from typing import Literal

from allpoints.ground.refusal import Fault
from allpoints.web.views.common import Input, Link, Option, Paging, State, View
from allpoints.web.words import _

Box = Literal["inbox", "outbox"]


class MessageRow(View, frozen=True, kw_only=True):
    id: str
    href: str
    subject: str
    sender: str
    recipients: tuple[str, ...]
    at_ms: int
    state: State
    """Inbox: new, read; outbox: waiting, relayed, delivered, read."""
    unread: bool = False
    urgent: bool = False


class MessagesPage(View, frozen=True, kw_only=True):
    """GET ``?box=inbox|outbox``."""

    box: Box = "inbox"
    rows: tuple[MessageRow, ...] = ()
    paging: Paging
    may_write: bool = True


class Receipt(View, frozen=True, kw_only=True):
    """How far the message came to one recipient; 0 is not yet."""

    recipient: str
    relayed_ms: int = 0
    delivered_ms: int = 0
    read_ms: int = 0
    unopened: str = ""
    """Why the recipient could not open it, if it could not."""


class AttachedFile(View, frozen=True, kw_only=True):
    """A file of a message; ``have`` of ``parts`` have moved."""

    name: str
    size: str
    state: State
    href: str = ""
    """Where it is saved from, once it is whole here."""
    have: int = 0
    parts: int = 1


class MessagePage(View, frozen=True, kw_only=True):
    id: str
    reference: str
    subject: str
    sender: str
    sender_label: str
    recipients: tuple[str, ...]
    sent_ms: int
    urgent: bool = False
    handling: str = ""
    language: str = "en"
    paragraphs: tuple[str, ...]
    signed: State
    """Such as "Signature verified", good."""
    sealed: State
    key: str = ""
    """Fingerprint of the sender's key."""
    receipts: tuple[Receipt, ...] = ()
    files: tuple[AttachedFile, ...] = ()
    about: Link | None = None
    """The hit, record or notice it speaks of."""
    reply: str = ""


class ComposePage(View, frozen=True, kw_only=True):
    """POST fields: the inputs of `compose_inputs`, ``about`` (kept)."""

    inputs: tuple[Input, ...]
    about: str = ""
    about_label: str = ""
    errors: tuple[Fault, ...] = ()


def compose_inputs(recipients: tuple[Option, ...], handling: tuple[Option, ...]) -> tuple[Input, ...]:
    """``to`` (several), ``subject``, ``urgency``, ``handling``, ``text``, ``files``."""
    return (
        Input(name="to", label=_("To"), kind="checkboxes", options=recipients, required=True),
        Input(name="subject", label=_("Subject"), required=True, max_length=200),
        Input(
            name="urgency",
            label=_("Urgency"),
            kind="radios",
            value="normal",
            required=True,
            options=(
                Option("normal", _("Normal")),
                Option("urgent", _("Urgent"), _("The desk of the recipient is alerted at once.")),
            ),
        ),
        Input(name="handling", label=_("Handling"), kind="select", options=handling, required=True),
        Input(
            name="text",
            label=_("Message"),
            kind="textarea",
            required=True,
            max_length=20_000,
            hint=_("Sealed for the recipients only; the relay cannot read it."),
        ),
        Input(
            name="files",
            label=_("Files"),
            kind="file",
            several=True,
            hint=_("Sealed like the message. Large files go on by themselves after every break."),
        ),
    )
