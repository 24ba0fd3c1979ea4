"""Messages."""

import msgspec
from tests.web.samples.frame import COUNTRIES, HANDLING, NOW, Sample, session

from allpoints.ground.clock import MINUTE
from allpoints.ground.refusal import Fault
from allpoints.web.views import messages
from allpoints.web.views.common import Link, Option, Paging, State, filled


def message_pages() -> tuple[Sample, ...]:
    row = messages.MessageRow(
        id="M-2026-0815",
        href="/en/messages/M-2026-0815",
        subject="Passenger list of the ferry of 22 November",
        sender="Bureau of Belmora",
        recipients=("Bureau of Arvandia",),
        at_ms=NOW - 50 * MINUTE,
        state=State("New", "info"),
        unread=True,
        urgent=True,
    )
    sent = msgspec.structs.replace(
        row, state=State("Delivered", "good"), unread=False, urgent=False, subject="Ακίνητα στην Καστροβία"
    )
    inbox = messages.MessagesPage(rows=(row, sent), paging=Paging(total=2, shown=2))
    outbox = messages.MessagesPage(box="outbox", rows=(sent,), paging=Paging(total=1, shown=1))
    empty = messages.MessagesPage(paging=Paging(total=0, shown=0), may_write=False)
    page = _message_page()
    compose = messages.compose_inputs(
        tuple(Option(code, f"Bureau of {COUNTRIES[code]}") for code in ("XBM", "XCS")), HANDLING
    )
    fault = Fault("NO-RECIPIENT", "Choose at least one recipient.", "to")
    blank = messages.ComposePage(inputs=compose, about="H-2026-000118", about_label="Hit H-2026-000118")
    refused = messages.ComposePage(inputs=filled(compose, {"subject": "Ferry"}, (fault,)), errors=(fault,))
    path = "/en/messages/M-2026-0815"
    return (
        Sample("messages", "messages", inbox, session("/en/messages")),
        Sample("messages-outbox", "messages", outbox, session("/en/messages")),
        Sample("messages-empty", "messages", empty, session("/en/messages")),
        Sample("message", "message", page, session(path)),
        Sample(
            "message-bare",
            "message",
            msgspec.structs.replace(
                page,
                receipts=(),
                about=None,
                reply="",
                key="",
                handling="",
                urgent=False,
                signed=State("Signature wrong", "bad"),
            ),
            session(path),
        ),
        Sample("compose", "compose", blank, session("/en/messages/new")),
        Sample("compose-refused", "compose", refused, session("/en/messages/new")),
    )


def _message_page() -> messages.MessagePage:
    return messages.MessagePage(
        id="M-2026-0815",
        reference="M-2026-0815",
        subject="Passenger list of the ferry of 22 November",
        sender="XBM",
        sender_label="Bureau of Belmora",
        recipients=("Bureau of Arvandia", "Bureau of Castrovia"),
        sent_ms=NOW - 50 * MINUTE,
        urgent=True,
        handling="Restricted",
        paragraphs=(
            "The person of your notice 2026-4812-1 was booked on the ferry from Sundvik on 22 November under the name in the passport.",
            "وصل الشخص المذكور إلى الميناء في الساعة العاشرة.",
            "Two more travellers were on the same booking. Their documents raised no hit.",
        ),
        signed=State("Signature verified", "good"),
        sealed=State("Sealed for two members", "info"),
        key="7f3a 91c2 04de 88b1 5e20 c7aa 1f09 6d34",
        receipts=(
            messages.Receipt(
                recipient="Bureau of Arvandia",
                relayed_ms=NOW - 50 * MINUTE + 200,
                delivered_ms=NOW - 50 * MINUTE + 600,
                read_ms=NOW - 4 * MINUTE,
            ),
            messages.Receipt(
                recipient="Bureau of Castrovia",
                relayed_ms=NOW - 50 * MINUTE + 200,
                unopened="key-unknown",
            ),
        ),
        files=(
            messages.AttachedFile(
                name="ferry.mp4",
                size="412 MB",
                state=State("Not whole here yet", "warn"),
                have=120,
                parts=412,
            ),
            messages.AttachedFile(
                name="passenger-list.pdf",
                size="2 MB",
                state=State("Here", "good"),
                href="/en/messages/M-2026-0815/files/00",
                have=2,
                parts=2,
            ),
        ),
        about=Link("Hit H-2026-000118", "/en/hits/H-2026-000118"),
        reply="/en/messages/new?reply=M-2026-0815",
    )
