"""Files of letters at a node: sealed as they are uploaded, carried in chunks after their letter, opened as they are saved.

A chunk that is on the disk at the other end is never sent again, whatever breaks in between; and never is more of a file in
memory than the few chunks on their way.
"""

import contextlib
import sqlite3
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from allpoints.ground.clock import DAY, SECOND
from allpoints.ground.disk import Disk
from allpoints.ground.refusal import Refusal
from allpoints.identity.officers import Asker
from allpoints.ledger import audit
from allpoints.messages import file_store
from allpoints.messages.chunk_file import ChunkFile
from allpoints.messages.file_store import ATTACHED, COMING, HERE, LEAVING, LEFT, REFUSED, Held
from allpoints.messages.letter_file import ArrivingFile, LetterFile
from allpoints.node import frames
from allpoints.node.credentials import Credentials
from allpoints.node.engine import Engine
from allpoints.sealing.chunks import CHUNK_BYTES, FileKey, count_of, open_chunk, sealed_size

FOLDER = "letter-files"
WINDOW_CHUNKS = 4
"""Chunks on their way before the other side has said that it has one."""
STALL_MS = 5 * SECOND
PATIENCE_MS = 30 * SECOND
"""How long a node waits before it asks again for what the relay does not have, or had no room for."""
MOVING_LIMIT = 4
"""Files of one direction that move at the same time."""
ATTACHED_LIMIT_BYTES = 32 * 1024 * 1024 * 1024
ATTACHED_MS = DAY
"""How long an uploaded file waits for its letter."""
KEPT_MS = 90 * DAY
"""How long a file that came is kept."""
SENDER_LIMIT_BYTES = 32 * 1024 * 1024 * 1024
"""What is kept of the files of one sender."""

FINAL = frozenset({"FILE-TOO-LARGE", "FILE-ENDED", "FILE-ID-REUSED", "FILE-OFFER"})
"""Refusals of a file that time does not mend."""


class Opening(NamedTuple):
    """A file that may be read, with what opens it."""

    held: Held
    key: FileKey
    chunks: ChunkFile

    def pieces(self, start: int, end: int) -> Iterator[bytes]:
        """The bytes from ``start`` up to ``end``, a chunk at a time: those before and after are not read."""
        for at in range(start // CHUNK_BYTES, count_of(end)):
            piece = open_chunk(self.key, at, self.chunks.read(at), self.held.size)
            begins = at * CHUNK_BYTES
            yield piece[max(0, start - begins) : end - begins]


class LetterFiles:
    """One node's files, out and in."""

    def __init__(self, engine: Engine, me: Credentials, relay: str) -> None:
        self.engine = engine
        self.me = me
        self.relay = relay
        self._next: dict[bytes, int] = {}
        """The chunk of a leaving file that was not sent yet over this line."""
        self._asked_ms: dict[bytes, int] = {}

    @property
    def db(self) -> sqlite3.Connection:
        return self.engine.db

    def chunks(self, file_id: bytes) -> ChunkFile:
        return _chunks(self.engine.disk, file_id)

    # -- what officers do

    def may_attach(self) -> None:
        """Refuse a file before it is taken when too many wait for their letters already."""
        if sum(one.size for one in file_store.in_state(self.db, ATTACHED)) > ATTACHED_LIMIT_BYTES:
            raise Refusal(
                "UPLOADS-FULL",
                "Too many uploaded files wait for their letters.",
                hint="Send the letters, or wait a day: what no letter refers to is erased then.",
                status=503,
            )

    def begin(self) -> ArrivingFile:
        """A file that is about to be uploaded; its pieces are sealed as they come."""
        return ArrivingFile(self.chunks)

    def take(self, asker: Asker, file: LetterFile) -> None:
        """Keep an uploaded file until a letter takes it along, for a day at most."""
        now = self.engine.clock.now()
        audit.record(self.db, "message:file-attached", asker, now, file=file.id.hex(), size=file.size)
        key = file_store.seal_key(self.me.storage_key, FileKey(file.id, file.key))
        file_store.add(
            self.db,
            Held(
                file.id, ATTACHED, "", file.size, 0, file.sha256, file.name, key, "", now, now + ATTACHED_MS
            ),
        )

    def attached(self, ids: Sequence[str]) -> tuple[LetterFile, ...]:
        """What a letter says of its files to those who may open them; ``FILE-UNKNOWN`` for what is not uploaded."""
        found = []
        for given in ids:
            held = self._find(given)
            if held is None or held.state != ATTACHED:
                raise Refusal(
                    "FILE-UNKNOWN",
                    "This file is not here, or went with another letter.",
                    path="files",
                    hint="Upload it again.",
                )
            key = held.key(self.me.storage_key)
            found.append(LetterFile(held.id, key.key, held.name, held.size, held.sha256))
        return tuple(found)

    def leave(self, files: Sequence[LetterFile], to: Sequence[str], reference: str, ends_ms: int) -> None:
        """The letter was sealed: its files follow it at once.

        A recipient that asks the relay for a file of which it knows nothing yet waits for half a minute.
        """
        for one in files:
            file_store.leave(self.db, one.id, to, reference, ends_ms)
        self._offer(self.engine.clock.now())

    def came(self, files: Sequence[LetterFile], sender: str, reference: str) -> None:
        """A letter names these files: they are fetched as they come to the relay."""
        now = self.engine.clock.now()
        for one in files:
            held = file_store.bytes_of(self.db, sender, COMING, HERE)
            state = COMING if held + one.size <= SENDER_LIMIT_BYTES else REFUSED
            key = file_store.seal_key(self.me.storage_key, FileKey(one.id, one.key))
            row = Held(
                one.id, state, sender, one.size, 0, one.sha256, one.name, key, reference, now, now + KEPT_MS
            )
            if not file_store.add(self.db, row):
                raise Refusal("FILE-ID-REUSED", "This file's identifier was used for another.", status=409)

    def opened(self, asker: Asker, reference: str, given: str) -> Opening:
        """A file of a letter that was read just now; refuses what is not whole here."""
        held = self._find(given)
        if held is None or held.reference != reference:
            raise Refusal("FILE-UNKNOWN", "This letter has no such file.", path="file", status=404)
        if held.state not in {HERE, LEAVING, LEFT}:
            raise Refusal(
                "FILE-NOT-HERE",
                f"{held.have} of {held.chunks} parts of this file are here.",
                path="file",
                hint="Wait until it has come; `state` says how it stands.",
                status=409,
            )
        now = self.engine.clock.now()
        audit.record(self.db, "message:file-saved", asker, now, file=held.id.hex(), reference=reference)
        return Opening(held, held.key(self.me.storage_key), self.chunks(held.id))

    def _find(self, given: str) -> Held | None:
        try:
            return file_store.find(self.db, bytes.fromhex(given))
        except ValueError:
            return None

    # -- what the relay says

    def take_frame(self, frame: frames.FileFrom | frames.FileChunk | frames.FileRefused) -> None:
        """Go on with a file as far as this frame says."""
        match frame:
            case frames.FileFrom():
                self._go_on(frame.id, frame.position)
            case frames.FileChunk():
                self._take_chunk(frame)
            case frames.FileRefused():
                self._refused(frame)

    def _go_on(self, file_id: bytes, position: int) -> None:
        held = file_store.find(self.db, file_id)
        if held is not None and held.state == HERE:
            # The relay did not hear that this one was taken.
            self._send(frames.FileTook(file_id))
        if held is None or held.state != LEAVING or position > held.chunks:
            return
        file_store.moved(self.db, file_id, position)
        self._asked_ms[file_id] = self.engine.clock.now()
        self.engine.after(lambda: self._push(held, position))

    def _push(self, held: Held, position: int) -> None:
        """Send what fits into the window and was not sent yet."""
        chunks = self.chunks(held.id)
        end = min(position + WINDOW_CHUNKS, held.chunks)
        for at in range(max(position, self._next.get(held.id, 0)), end):
            self.engine.carrier.send(
                self.relay, frames.encode(frames.FileChunk(held.id, at, chunks.read(at)))
            )
            self._next[held.id] = at + 1

    def _take_chunk(self, frame: frames.FileChunk) -> None:
        held = file_store.find(self.db, frame.id)
        if held is None or held.state != COMING or frame.position != held.have:
            return
        open_chunk(held.key(self.me.storage_key), frame.position, frame.data, held.size)
        self.chunks(frame.id).write(frame.position, frame.data)
        have = held.have + 1
        file_store.moved(self.db, frame.id, have)
        self._asked_ms[frame.id] = self.engine.clock.now()
        self._send(frames.FileTook(frame.id) if have == held.chunks else frames.AskFile(frame.id, have))

    def _refused(self, frame: frames.FileRefused) -> None:
        if frame.fault.code in FINAL:
            file_store.refuse(self.db, frame.id)
        self._asked_ms[frame.id] = self.engine.clock.now() + PATIENCE_MS - STALL_MS

    # -- the clock

    def line_is_new(self) -> None:
        """Nothing sent over the old line counts as sent."""
        self._next.clear()
        self._asked_ms.clear()

    def tick(self, *, line_up: bool) -> None:
        """Go on with what stands still, and let go what ended."""
        now = self.engine.clock.now()
        for file_id in file_store.end(self.db, now):
            self.engine.after(self.chunks(file_id).erase)
        if not line_up:
            return
        self._offer(now)
        for held in file_store.in_state(self.db, COMING)[:MOVING_LIMIT]:
            if self._stalls(held.id, now):
                self._send(frames.AskFile(held.id, held.have, again=True))

    def _offer(self, now: int) -> None:
        for held in file_store.in_state(self.db, LEAVING)[:MOVING_LIMIT]:
            if self._stalls(held.id, now):
                self._next.pop(held.id, None)
                size = sealed_size(held.size)
                self._send(frames.FileOffer(held.id, size, held.peer.split(","), held.ends_ms))

    def sweep(self, now: int) -> None:
        """Erase what a kill left behind: chunks of uploads that did not come whole."""
        self.engine.after(lambda: self._sweep(now - ATTACHED_MS))

    def _sweep(self, before_ms: int) -> None:
        with contextlib.suppress(FileNotFoundError):
            for path in (self.engine.disk.folder / FOLDER).iterdir():
                if path.stat().st_mtime * 1_000 < before_ms and self._find(path.name) is None:
                    path.unlink()

    def _stalls(self, file_id: bytes, now: int) -> bool:
        asked_ms = self._asked_ms.get(file_id, 0)
        if now - asked_ms < STALL_MS and asked_ms - now < PATIENCE_MS:
            return False
        self._asked_ms[file_id] = now
        return True

    def _send(self, frame: frames.Frame) -> None:
        self.engine.send(self.relay, frames.encode(frame))


def _chunks(disk: Disk, file_id: bytes) -> ChunkFile:
    return ChunkFile(disk.folder / FOLDER / file_id.hex())
