"""Files of letters at the relay: sealed chunks in, sealed chunks out, gone when everybody took them or their time is over."""

import contextlib
from typing import TYPE_CHECKING

from allpoints.ground.refusal import Refusal
from allpoints.identity import standing
from allpoints.messages import file_desk
from allpoints.messages.chunk_file import ChunkFile
from allpoints.messages.file_desk import Waiting
from allpoints.node import frames, membership

if TYPE_CHECKING:
    from allpoints.node.relay import Relay

FOLDER = "files"
WINDOW_CHUNKS = 4
"""Chunks sent to a recipient before it has said that it has one."""

FileFrame = frames.FileOffer | frames.FileChunk | frames.AskFile | frames.FileTook


class RelayFiles:
    """What the relay does with the frames about files."""

    def __init__(self, relay: "Relay") -> None:
        self.relay = relay
        self._asked: dict[tuple[str, bytes], int] = {}
        """From where a recipient wants chunks."""
        self._sent: dict[tuple[str, bytes], int] = {}

    def chunks(self, file_id: bytes) -> ChunkFile:
        return ChunkFile(self.relay.disk.folder / FOLDER / file_id.hex())

    def take(self, peer: str, frame: FileFrame) -> None:
        """Do what a frame asks; a refusal is told to whoever sent it."""
        match frame:
            case frames.FileChunk():
                self._take_chunk(peer, frame)
            case frames.FileTook():
                self._took(peer, frame.id)
            case _:
                try:
                    self._offer(peer, frame) if isinstance(frame, frames.FileOffer) else self._ask(
                        peer, frame
                    )
                except Refusal as refusal:
                    self.relay.refusals[refusal.code] += 1
                    self._send(peer, frames.FileRefused(frame.id, refusal.fault()))

    def _offer(self, peer: str, frame: frames.FileOffer) -> None:
        self.relay.check_sender(peer, frame.recipients)
        relay, new = self.relay, Waiting(frame.id, peer, frame.size, 0, frame.expires_ms)
        held = file_desk.offer(relay.db, new, frame.recipients, relay.known(), relay.clock.now())
        self._send(peer, frames.FileFrom(held.id, held.have))

    def _take_chunk(self, peer: str, frame: frames.FileChunk) -> None:
        held = file_desk.find(self.relay.db, frame.id)
        if held is None or held.sender != peer:
            raise Refusal("FILE-NOT-YOURS", "A file is handed in by its own sender.", status=403)
        self._check_standing(peer)
        if frame.position != held.have:
            return
        if len(frame.data) != held.length(frame.position):
            raise Refusal("FILE-CHUNK-SHAPE", "This chunk has not the length of its place.", status=400)
        self.chunks(frame.id).write(frame.position, frame.data)
        file_desk.came(self.relay.db, frame.id, frame.position)
        self._send(peer, frames.FileFrom(frame.id, held.have + 1))
        self.relay.after(lambda: self._pass_on(held._replace(have=held.have + 1)))

    def _check_standing(self, peer: str) -> None:
        """Carry nothing more to or from a member that is suspended; its files wait, as long as they are good."""
        directory, now = self.relay.directory, self.relay.clock.now()
        if directory.suspended_at(peer, now) is not None:
            raise membership.stopped(directory, peer, standing.MESSAGES, now)

    def _pass_on(self, held: Waiting) -> None:
        for peer, file_id in list(self._asked):
            if file_id == held.id:
                self._push(peer, held)

    def _ask(self, peer: str, frame: frames.AskFile) -> None:
        self._check_standing(peer)
        held, key = file_desk.for_recipient(self.relay.db, frame.id, peer), (peer, frame.id)

        def go_on() -> None:
            self._asked[key] = frame.position
            if frame.again:
                self._sent.pop(key, None)
            self._push(peer, held)

        self.relay.after(go_on)

    def _push(self, peer: str, held: Waiting) -> None:
        """Send a recipient what it asked for, as far as it is here and fits into the window."""
        key, chunks = (peer, held.id), self.chunks(held.id)
        asked = self._asked[key]
        for at in range(max(asked, self._sent.get(key, 0)), min(asked + WINDOW_CHUNKS, held.have)):
            self.relay.carrier.send(peer, frames.encode(frames.FileChunk(held.id, at, chunks.read(at))))
            self._sent[key] = at + 1

    def _took(self, peer: str, file_id: bytes) -> None:
        self.relay.after(lambda: self._forget(peer, file_id))
        if file_desk.took(self.relay.db, file_id, peer):
            self.relay.after(self.chunks(file_id).erase)

    def _forget(self, peer: str, file_id: bytes) -> None:
        self._asked.pop((peer, file_id), None)
        self._sent.pop((peer, file_id), None)

    def remind(self, peer: str) -> None:
        """A line is up: ask after the files that wait for this recipient, whose word that it has them may have been lost."""
        for held in file_desk.whole_for(self.relay.db, peer):
            self._send(peer, frames.FileFrom(held.id, held.have))

    def departed(self, peer: str) -> None:
        """The line to a recipient is gone; it will ask again."""
        for key in [key for key in self._asked if key[0] == peer]:
            self._forget(*key)

    def sweep(self, now_ms: int) -> None:
        """Erase the chunks of files that ended, and what a kill left behind."""
        for file_id in file_desk.sweep(self.relay.db, now_ms):
            self.relay.after(self.chunks(file_id).erase)
        self.relay.after(self._tidy)

    def _tidy(self) -> None:
        with contextlib.suppress(FileNotFoundError):
            for path in (self.relay.disk.folder / FOLDER).iterdir():
                if not file_desk.waited_for(self.relay.db, bytes.fromhex(path.name)):
                    path.unlink()

    def _send(self, peer: str, frame: frames.Frame) -> None:
        self.relay.send(peer, frames.encode(frame))
