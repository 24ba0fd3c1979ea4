"""Letters between officers of different members: written here, sealed by the post office, read with a receipt."""

import sqlite3

from allpoints.ground.refusal import Refusal
from allpoints.identity import policy
from allpoints.identity.officers import Asker
from allpoints.identity.policy import Act
from allpoints.ledger import audit
from allpoints.messages import kept, store
from allpoints.messages import letter as letters
from allpoints.messages.letter import PRIORITIES, Draft, Letter, LetterView
from allpoints.node import frames
from allpoints.node.alerts import Alerts
from allpoints.node.credentials import Credentials
from allpoints.node.engine import Engine
from allpoints.node.post_office import PostOffice
from allpoints.sealing.envelope import Opened
from allpoints.vocabulary.register import Vocabulary

LETTER = "letter"


class Correspondence:
    """One node's letters, in and out."""

    def __init__(
        self, engine: Engine, me: Credentials, mail: PostOffice, alerts: Alerts, vocabulary: Vocabulary
    ) -> None:
        self.engine = engine
        self.me = me
        self.mail = mail
        self.alerts = alerts
        self.vocabulary = vocabulary
        mail.handlers[LETTER] = self._take

    @property
    def db(self) -> sqlite3.Connection:
        return self.engine.db

    def addressees(self) -> dict[str, str]:
        """Members one can write to, by code, with their labels; the secretariat is one more."""
        known = {one.code: one.label for one in self.mail.directory.members()}
        known[self.me.secretariat.subject] = self.me.secretariat.label
        known.pop(self.me.name, None)
        return known

    def send(self, asker: Asker, draft: Draft) -> LetterView:
        """Seal and send a letter; it stays in the sent folder with its receipts."""
        policy.require(self.vocabulary, asker, Act.WRITE_LETTERS)
        draft = letters.checked(draft, self.addressees(), self.vocabulary.handling)
        now = self.engine.clock.now()
        reply_to = bytes.fromhex(self._known_reference(draft.reply_to)) if draft.reply_to else b""
        letter = Letter(
            draft.subject, draft.text, asker.case, f"desk of {self.me.name}", reply_to=draft.reply_to
        )
        digest = self.mail.send(
            LETTER,
            draft.to,
            frames.pack(letter),
            priority=PRIORITIES[draft.priority],
            purpose=asker.purpose,
            handling=draft.handling,
            reply_to=reply_to,
        )
        view = LetterView(
            digest.hex(),
            "sent",
            self.me.name,
            draft.to,
            letter,
            draft.priority,
            draft.handling,
            asker.purpose,
            now,
            read_ms=now,
        )
        store.add_letter(self.db, self.me.storage_key, view)
        audit.record(self.db, "message:sent", asker, now, reference=view.reference, to=list(draft.to))
        return view

    def _known_reference(self, reference: str) -> str:
        try:
            reference = kept.message_of(self.db, bytes.fromhex(reference)).hex()
        except ValueError:
            reference = ""
        if store.read_letter(self.db, self.me.storage_key, reference) is None:
            raise Refusal("LETTER-REPLY", "There is no such message to answer.", path="reply_to", status=404)
        return reference

    def _take(self, opened: Opened, sender: str) -> None:
        letter = letters.received(frames.body(opened.body, Letter))
        now = self.engine.clock.now()
        priority = next(
            (word for word, rank in PRIORITIES.items() if rank == opened.header.priority), "normal"
        )
        reference = opened.envelope_hash.hex()
        store.add_letter(
            self.db,
            self.me.storage_key,
            LetterView(
                reference,
                "inbox",
                sender,
                opened.header.recipients,
                letter,
                priority,
                opened.handling,
                opened.purpose,
                opened.header.created_ms,
            ),
        )
        self.alerts.raise_(
            now,
            "message",
            f"Message from {sender}",
            f"/en/messages/{reference}",
            about=letter.subject,
            urgent=priority != "normal",
        )

    def list_(self, asker: Asker, folder: str) -> list[LetterView]:
        policy.require(self.vocabulary, asker, Act.WRITE_LETTERS)
        if folder not in {"inbox", "sent"}:
            raise Refusal("LETTER-FOLDER", "The folders are inbox and sent.", path="folder", status=404)
        audit.record(self.db, "message:listed", asker, self.engine.clock.now(), folder=folder)
        return store.list_letters(self.db, self.me.storage_key, folder)

    def read(self, asker: Asker, reference: str) -> LetterView:
        """Open a letter; the first time its sender gets a receipt that it was read."""
        policy.require(self.vocabulary, asker, Act.WRITE_LETTERS)
        view = store.read_letter(self.db, self.me.storage_key, reference)
        if view is None:
            raise Refusal("LETTER-UNKNOWN", "There is no such message here.", path="reference", status=404)
        now = self.engine.clock.now()
        audit.record(self.db, "message:read", asker, now, reference=reference)
        if store.mark_read(self.db, reference, now):
            self.mail.acknowledge("read", bytes.fromhex(reference), view.sender, "desk")
            view = store.read_letter(self.db, self.me.storage_key, reference) or view
        return view
