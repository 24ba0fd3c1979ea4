"""Files of records at a node: uploaded to its spool, sealed before the record that refers to them, shown with it."""

import contextlib
import hashlib
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import msgspec

from allpoints.ground.clock import DAY
from allpoints.ground.refusal import Refusal
from allpoints.identity import policy
from allpoints.identity.officers import Asker
from allpoints.identity.policy import Act
from allpoints.ledger import audit
from allpoints.ledger.entry import Entry
from allpoints.node import membership
from allpoints.node.audience import Audience
from allpoints.node.credentials import Credentials
from allpoints.node.engine import Engine
from allpoints.node.following import Following
from allpoints.registers import (
    attaching,
    file_content,
    file_folding,
    file_sealing,
    file_store,
    import_job,
)
from allpoints.registers.file_folding import Author
from allpoints.registers.file_part import FilePart, bundles, decode_bundle, encode_bundle, parts_of
from allpoints.registers.file_store import Upload
from allpoints.registers.reading import ReadRecord
from allpoints.registers.record import RecordOp, record_id
from allpoints.vocabulary.register import Register, Vocabulary
from allpoints.vocabulary.types.attachment import Attachment

UPLOADED_LIMIT_BYTES = 8 * 1024 * 1024 * 1024
"""Bytes that wait in the spool for their records, all uploads together."""


class OpenedFile(msgspec.Struct, frozen=True):
    """A record's file with its bytes; they are its own (the hash says so), but what they are is the author's word."""

    attachment: Attachment
    content: bytes

    def check(self) -> None:
        """Refuse what is not of the kind that its reference says."""
        file_content.check(self.attachment.media_type, self.content)


class RecordFiles:
    """One node's files."""

    def __init__(
        self,
        engine: Engine,
        me: Credentials,
        vocabulary: Vocabulary,
        following: Following,
        audience: Audience,
    ) -> None:
        self.engine = engine
        self.me = me
        self.vocabulary = vocabulary
        self.following = following
        self.audience = audience
        following.openers[membership.FILE_PART] = self._fold

    @property
    def db(self) -> sqlite3.Connection:
        return self.engine.db

    # -- the spool

    def folder(self) -> Path:
        """Where uploaded files wait, in the clear, for the record that refers to them."""
        folder = self.engine.disk.folder / "files"
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        return folder

    def may_upload(self, asker: Asker) -> None:
        """Refuse whoever may not attach files, before one of theirs is taken, and when too many wait already."""
        policy.require(self.vocabulary, asker, Act.ATTACH)
        if sum(one.size for one in file_store.uploads(self.db)) > UPLOADED_LIMIT_BYTES:
            raise Refusal(
                "UPLOADS-FULL",
                "Too many uploaded files wait for their records.",
                hint="Enter the records, or wait a day: what no record refers to is erased then.",
                status=503,
            )

    def take(self, asker: Asker, arrived: Path, attachment: Attachment) -> None:
        """Keep an uploaded file, looked at already, until a record refers to it, for a day at most."""
        self.may_upload(asker)
        now = self.engine.clock.now()
        audit.record(
            self.db, "file:uploaded", asker, now, file=attachment.sha256, media_type=attachment.media_type
        )
        try:
            arrived.replace(self.folder() / attachment.sha256)
        except FileNotFoundError:
            # Whoever sent it went away while this waited for its turn.
            raise Refusal("UPLOAD-GONE", "The file is no longer here.", hint="Upload it again.") from None
        sha256 = bytes.fromhex(attachment.sha256)
        file_store.put_upload(self.db, Upload(sha256, attachment.media_type, attachment.size, now))

    def tidy(self, now_ms: int) -> None:
        """Erase uploads that no record referred to for a day, and what a kill left behind.

        Nothing is erased while an import is going: its later rows may refer to it.
        """
        if import_job.going(self.db):
            return
        for one in file_store.uploads(self.db):
            if one.uploaded_ms <= now_ms - DAY:
                self._drop_upload(one.sha256)
        self.engine.after(lambda: self._sweep(now_ms))

    def _sweep(self, now_ms: int) -> None:
        known = {one.sha256.hex() for one in file_store.uploads(self.db)}
        for path in self.folder().iterdir():
            with contextlib.suppress(FileNotFoundError):
                if path.name not in known and path.stat().st_mtime * 1_000 < now_ms - DAY:
                    path.unlink()

    def _drop_upload(self, sha256: bytes) -> None:
        file_store.drop_upload(self.db, sha256)
        self.engine.after(self._unlinking(sha256))

    def _unlinking(self, sha256: bytes) -> Callable[[], None]:
        def unlink() -> None:
            # It may have been uploaded again beside the act that let it go.
            if file_store.upload(self.db, sha256) is None:
                (self.folder() / sha256.hex()).unlink(missing_ok=True)

        return unlink

    # -- what goes out

    def sealed(
        self, register: Register, ops: Sequence[RecordOp], excluded: tuple[str, ...]
    ) -> Iterator[list[RecordOp]]:
        """The same acts in groups, each given out once the files that it waits for are sealed for its readers."""
        for group in file_sealing.groups(register, ops):
            if attaching.file_fields(register):
                for bundle in bundles(self._parts(register, group, excluded)):
                    self.audience.write(membership.FILE_PART, encode_bundle(bundle), excluded)
            yield group

    def _parts(
        self, register: Register, ops: Sequence[RecordOp], excluded: tuple[str, ...]
    ) -> Iterator[FilePart]:
        now = self.engine.clock.now()
        for op in ops:
            files = file_sealing.files_of(register, op)
            wanted = file_sealing.wanted(self.db, files, excluded, now)
            identity = record_id(register.name, self.me.member, op.ref)
            hashes = [bytes.fromhex(one.sha256) for one in files]
            file_store.note_sealed(self.db, identity, hashes, excluded)
            for one in wanted:
                yield from parts_of(bytes.fromhex(one.sha256), self._content(one))

    def _content(self, attachment: Attachment) -> bytes:
        """A file's bytes from the spool, or as this member published them before."""
        sha256 = bytes.fromhex(attachment.sha256)
        try:
            content = (self.folder() / attachment.sha256).read_bytes()
        except FileNotFoundError:
            content = b"".join(file_store.parts(self.db, self.me.member, sha256))
        if len(content) != attachment.size or hashlib.sha256(content).digest() != sha256:
            raise Refusal(
                "FILE-UNKNOWN",
                f"The file {attachment.sha256} is not here as it was.",
                path="files",
                hint="Upload it again.",
            )
        file_content.check(attachment.media_type, content)
        return content

    # -- what comes in

    def _fold(self, entry: Entry, body: bytes, seq: int) -> None:
        parts = decode_bundle(body)
        for fault in file_folding.fold_parts(self.db, parts, _author(entry)):
            self.following.refuse(seq, fault.path, Refusal(fault.code, fault.sentence))
        if entry.header.author == self.me.name:
            for sha256 in {part.sha256 for part in parts}:
                self._unspool(sha256, entry.header.created_ms)

    def _unspool(self, sha256: bytes, sealed_ms: int) -> None:
        """Erase an upload that came back from the ledger whole: it lay in the clear."""
        held, upload = file_store.file(self.db, self.me.member, sha256), file_store.upload(self.db, sha256)
        if held is not None and held.complete and upload is not None and upload.uploaded_ms <= sealed_ms:
            self._drop_upload(sha256)

    def folded(self, entry: Entry) -> None:
        """An author went on with other entries: forget files that it left without a record."""
        file_folding.drop_unreferred(self.db, _author(entry))

    def opened(self, register: Register, found: ReadRecord, sha256: str) -> OpenedFile:
        """A file of a record that was read just now; raises Refusal UNKNOWN-FILE, FILE-NOT-HELD."""
        files = () if found.body is None else attaching.files_of(register, found.body)
        attachment = next((one for one in files if one.sha256 == sha256), None)
        if attachment is None:
            raise Refusal("UNKNOWN-FILE", "This record shows no such file.", path="sha256", status=404)
        key = bytes.fromhex(sha256)
        held = file_store.file(self.db, found.owner, key)
        if held is None or not held.complete or held.size != attachment.size:
            raise Refusal(
                "FILE-NOT-HELD",
                f"{found.owner} refers to this file, but has not published it whole.",
                path="sha256",
                hint="Ask its bureau.",
                status=404,
            )
        return OpenedFile(attachment, b"".join(file_store.parts(self.db, found.owner, key)))


def _author(entry: Entry) -> Author:
    return Author(entry.header.author, entry.header.author_seq)
