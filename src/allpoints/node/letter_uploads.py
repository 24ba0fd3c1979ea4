"""Uploads of files that go on after a cut: an officer's program says where it stands, and sends on from there.

An upload lives as long as the node's process; one that nobody goes on with for an hour is dropped. What of it is on the disk is
sealed, and swept away if the node ends in between.
"""

import secrets
from collections.abc import Callable
from threading import Lock

from allpoints.ground.clock import HOUR, Clock
from allpoints.ground.refusal import Refusal
from allpoints.identity.officers import Asker
from allpoints.messages.letter_file import ArrivingFile, FileView, LetterFile, UploadView
from allpoints.sealing.chunks import FILE_LIMIT_BYTES

UPLOADS_LIMIT = 20
IDLE_MS = HOUR


class Upload:
    """One file that is being uploaded, by one officer."""

    def __init__(self, officer: str, name: str, size: int, arriving: ArrivingFile) -> None:
        self.id = secrets.token_hex(16)
        self.officer = officer
        self.name = name
        self.size = size
        self.touched_ms = 0
        self.file: FileView | None = None
        self._arriving = arriving
        # A request that was cut off may still have a piece under way in a thread of its own.
        self._lock = Lock()
        self._turn = 0

    @property
    def whole(self) -> bool:
        return self._arriving.size == self.size

    def view(self) -> UploadView:
        with self._lock:
            return UploadView(self.id, self.name, self.size, self._arriving.size, self.file)

    def stand(self) -> UploadView:
        """How it stands for whoever wants to go on: a request that hangs in a cut connection adds nothing any more."""
        with self._lock:
            self._turn += 1
        return self.view()

    def go_on(self, start: int) -> int:
        """Take over from whoever sent before; gives the turn, without which no piece is taken."""
        with self._lock:
            if start != self._arriving.size:
                raise Refusal(
                    "UPLOAD-ELSEWHERE",
                    f"{self._arriving.size} bytes of this file are here, and these begin at {start}.",
                    path="start",
                    hint="Ask how the upload stands, and send on from there.",
                    status=409,
                )
            self._turn += 1
            return self._turn

    def add(self, turn: int, piece: bytes) -> None:
        """Take the next piece; refuses one of an earlier turn, and more than was announced."""
        with self._lock:
            if turn != self._turn:
                raise Refusal("UPLOAD-ELSEWHERE", "This upload went on in another request.", status=409)
            if self._arriving.size + len(piece) > self.size:
                raise Refusal(
                    "UPLOAD-TOO-LONG",
                    f"The file was announced with {self.size} bytes, and more came.",
                    path="size",
                    status=413,
                )
            self._arriving.add(piece)

    def finish(self) -> LetterFile:
        """The whole file, once."""
        with self._lock:
            self._turn += 1
            return self._arriving.finish(self.name)

    def drop(self) -> None:
        """Leave nothing of it, unless a letter may take it along."""
        if self.file is None:
            with self._lock:
                self._turn += 1
                self._arriving.drop()


class LetterUploads:
    """All uploads that go on at a node."""

    def __init__(self, clock: Clock, begin: Callable[[], ArrivingFile]) -> None:
        self._clock = clock
        self._begin = begin
        self._going: dict[str, Upload] = {}

    def begin(self, asker: Asker, name: str, size: int) -> Upload:
        """Announce a file; refuses one that is empty or too large, and too many at once."""
        if not 1 <= size <= FILE_LIMIT_BYTES:
            raise Refusal(
                "FILE-TOO-LARGE" if size > 0 else "EMPTY-FILE",
                f"A file has 1 to {FILE_LIMIT_BYTES:,} bytes.",
                path="size",
                status=413 if size > 0 else 422,
            )
        self._let_go()
        if len(self._going) >= UPLOADS_LIMIT:
            raise Refusal(
                "UPLOADS-FULL",
                f"{UPLOADS_LIMIT} uploads go on here already.",
                hint="Try again when one of them has ended.",
                status=503,
            )
        made = Upload(asker.officer, name, size, self._begin())
        made.touched_ms = self._clock.now()
        self._going[made.id] = made
        return made

    def find(self, asker: Asker, upload_id: str) -> Upload:
        """An officer's own upload (UPLOAD-UNKNOWN)."""
        self._let_go()
        found = self._going.get(upload_id)
        if found is None or found.officer != asker.officer:
            raise Refusal(
                "UPLOAD-UNKNOWN",
                "No such upload of yours goes on here.",
                path="upload",
                hint="Begin it anew: the node was started again, or it rested for an hour.",
                status=404,
            )
        found.touched_ms = self._clock.now()
        return found

    def _let_go(self) -> None:
        before = self._clock.now() - IDLE_MS
        for upload in [one for one in self._going.values() if one.touched_ms < before]:
            del self._going[upload.id]
            upload.drop()
