"""Officers who send files with letters, and what must hold of every file in the end: whole, and with nobody else."""

import hashlib
import random
from collections.abc import Iterator
from typing import NamedTuple

from tests.simulator import keys
from tests.simulator.acts import CANARY, OFFICER, Officers
from tests.simulator.federation import Federation
from tests.simulator.truth import EVERYONE, Letter

from allpoints.ground.refusal import Refusal
from allpoints.messages import file_store
from allpoints.messages.file_store import COMING, LEAVING, LEFT
from allpoints.messages.letter import Draft
from allpoints.messages.letter_file import FileView
from allpoints.node import relay_files
from allpoints.sealing.chunks import CHUNK_BYTES

SENT_LIMIT = 5
"""Enough files for one play: each is a few chunks of a mebibyte, sealed once and opened at each end."""
MOST_BYTES = 3 * CHUNK_BYTES
PIECE_BYTES = 300_000


class Sent(NamedTuple):
    """A file whose letter was sent, as its sender knows it."""

    file: bytes
    to: tuple[str, ...]
    digest: bytes


class Couriers:
    """They upload a file and send it with a letter, on lines that break under it."""

    def __init__(self, officers: Officers) -> None:
        self.officers = officers
        self.sent: list[Sent] = []
        # Their own luck: how often others draw must not change with the bytes of a file.
        self.luck = random.Random(f"{officers.world.seed}/files")
        officers.also(2, self.send_file)

    def send_file(self) -> str:
        if len(self.sent) >= SENT_LIMIT:
            return ""
        officers = self.officers
        sender = officers.somewhere()
        letters = officers.federation.bureau(sender).letters
        known = sorted(letters.addressees())
        to = tuple(sorted(self.luck.sample(known, min(len(known), self.luck.choice((1, 1, 2))))))
        content = self.luck.randbytes(self.luck.randint(1, MOST_BYTES))
        arriving = officers.do(sender, lambda: letters.attach(OFFICER))
        for start in range(0, len(content), PIECE_BYTES):
            arriving.add(content[start : start + PIECE_BYTES])
        file = arriving.finish("film.bin")
        kept: FileView = officers.do(sender, lambda: letters.attached(OFFICER, file))
        subject = f"{CANARY} film {officers.next()}"
        draft = Draft(to, subject, f"{CANARY} text", files=(kept.id,))
        view = officers.do(sender, lambda: letters.send(OFFICER, draft))
        officers.truth.letters.append(Letter(sender, to, subject, view.reference))
        self.sent.append(Sent(file.id, to, hashlib.sha256(content).digest()))
        return f"{sender} to {','.join(to)}, {len(content)} bytes"


def unrest(federation: Federation, name: str) -> Iterator[str]:
    """What is still under way at a bureau."""
    moving = file_store.in_state(federation.bureau(name).db, LEAVING, COMING)
    if moving:
        yield f"{name} has {len(moving)} files under way"


def faults(federation: Federation, couriers: Couriers) -> Iterator[str]:
    """Each file is whole at each recipient and with nobody else, and the relay keeps none of its chunks."""
    for sent in couriers.sent:
        for name in EVERYONE:
            held = file_store.find(federation.bureau(name).db, sent.file)
            if name in sent.to:
                yield from _at_recipient(federation, name, sent)
            elif held is not None and held.state != LEFT:
                yield f"{name} holds a file that is {held.state} and was not for it"
    # A relay that was killed as the last recipient had a file tidies up with its next sweep.
    relay = federation.relay()
    federation.act(keys.RELAY, lambda: relay.files.sweep(relay.clock.now()))
    folder = federation.nodes[keys.RELAY].folder / relay_files.FOLDER
    left = sorted(folder.iterdir()) if folder.exists() else []
    if left:
        yield f"{len(left)} files lie at the relay, and everyone has them"


def _at_recipient(federation: Federation, name: str, sent: Sent) -> Iterator[str]:
    letters = federation.bureau(name).letters
    held = file_store.find(federation.bureau(name).db, sent.file)
    if held is None:
        yield f"{name} knows nothing of a file that was sent to it"
        return
    try:
        opening = federation.act(name, lambda: letters.open_file(OFFICER, held.reference, held.id.hex()))
    except Refusal as refusal:
        yield f"{name} cannot open its file: {refusal.code} {refusal.sentence}"
        return
    digest = hashlib.sha256()
    for piece in opening.pieces(0, held.size):
        digest.update(piece)
    if digest.digest() != sent.digest:
        yield f"the file at {name} is not the one that was sent"
