"""Letters between officers of different members: written here, sealed by the post office, read with a receipt."""

import sqlite3

import msgspec

from allpoints.ground.refusal import Refusal
from allpoints.identity import policy
from allpoints.identity.officers import Asker
from allpoints.identity.policy import Act
from allpoints.ledger import audit
from allpoints.messages import file_store, kept, store
from allpoints.messages import letter as letters
from allpoints.messages.letter import LIFE_MS, PRIORITIES, Draft, Letter, LetterView
from allpoints.messages.letter_file import ArrivingFile, FileView, LetterFile, UploadView
from allpoints.node import frames
from allpoints.node.alerts import Alerts
from allpoints.node.credentials import Credentials
from allpoints.node.engine import Engine
from allpoints.node.letter_files import LetterFiles, Opening
from allpoints.node.letter_uploads import LetterUploads, Upload
from allpoints.node.post_office import PostOffice
from allpoints.sealing.chunks import count_of
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
        self.files = LetterFiles(engine, me, mail.relay)
        self.uploads = LetterUploads(engine.clock, self.files.begin)
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
        draft = self.check(draft)
        now = self.engine.clock.now()
        reply_to = bytes.fromhex(self._known_reference(draft.reply_to)) if draft.reply_to else b""
        attached = self.files.attached(draft.files)
        letter = Letter(
            draft.subject,
            draft.text,
            asker.case,
            f"desk of {self.me.name}",
            reply_to=draft.reply_to,
            files=attached,
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
            msgspec.structs.replace(letter, files=()),
            draft.priority,
            draft.handling,
            asker.purpose,
            now,
            read_ms=now,
        )
        store.add_letter(self.db, self.me.storage_key, view)
        self.files.leave(attached, draft.to, view.reference, now + LIFE_MS)
        audit.record(self.db, "message:sent", asker, now, reference=view.reference, to=list(draft.to))
        return self._with_files(view)

    def check(self, draft: Draft) -> Draft:
        """The draft as it would be sent, or every fault in it at once."""
        return letters.checked(draft, self.addressees(), self.vocabulary.handling)

    def _with_files(self, view: LetterView) -> LetterView:
        """The letter with its files as they stand; what opens them stays in the node."""
        files = tuple(one.view() for one in file_store.of_letter(self.db, view.reference))
        return msgspec.structs.replace(view, files=files)

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
                msgspec.structs.replace(letter, files=()),
                priority,
                opened.handling,
                opened.purpose,
                opened.header.created_ms,
            ),
        )
        self.files.came(letter.files, sender, reference)
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
        found = store.list_letters(self.db, self.me.storage_key, folder)
        return [self._with_files(view) for view in found]

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
        return self._with_files(view)

    def open_file(self, asker: Asker, reference: str, file: str) -> Opening:
        """A file of a letter; the letter counts as read."""
        return self.files.opened(asker, self.read(asker, reference).reference, file)

    def attach(self, asker: Asker) -> ArrivingFile:
        """Begin to take a file for a letter to come."""
        policy.require(self.vocabulary, asker, Act.WRITE_LETTERS)
        self.files.may_attach()
        return self.files.begin()

    def begin_upload(self, asker: Asker, name: str, size: int) -> UploadView:
        """Begin to take a file that may come in several requests."""
        policy.require(self.vocabulary, asker, Act.WRITE_LETTERS)
        self.files.may_attach()
        return self.uploads.begin(asker, name, size).view()

    def upload(self, asker: Asker, upload_id: str) -> Upload:
        """An upload of this officer's that goes on."""
        policy.require(self.vocabulary, asker, Act.WRITE_LETTERS)
        return self.uploads.find(asker, upload_id)

    def attached(self, asker: Asker, file: LetterFile) -> FileView:
        """The file has come whole: keep it until its letter is sent."""
        policy.require(self.vocabulary, asker, Act.WRITE_LETTERS)
        self.files.take(asker, file)
        return FileView(
            file.id.hex(), file.name, file.size, file.sha256.hex(), "attached", 0, count_of(file.size)
        )
