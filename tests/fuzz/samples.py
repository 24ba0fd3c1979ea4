"""Valid input of every kind, taken from a real federation as it talks, so that it changes when the formats do."""

import tempfile
from collections import defaultdict
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import msgspec
from tests.node.federation import Federation
from tests.node.samples import (
    ANNA,
    ASKS_PASSPORT,
    CENTRE,
    PERSON,
    POST,
    centre_certificate,
    certificate,
    keys,
    post_certificate,
    relay_certificate,
    root,
)
from tests.node.surroundings import Sent

from allpoints.identity.admission import Admission
from allpoints.identity.grant import issue
from allpoints.identity.joining import make_join_request
from allpoints.identity.officers import Asker
from allpoints.ledger import store as ledger_store
from allpoints.ledger.audit_reading import Filter
from allpoints.ledger.entry import Entry
from allpoints.messages.letter import Draft
from allpoints.node import frames
from allpoints.node.following import Opener
from allpoints.node.rebuilding import refold
from allpoints.registers.linking import Between

KEPT_OF_EACH = 12
"""Frames of one kind that are kept; the first ones differ most."""


class Listening(Federation):
    """A federation that keeps what goes over its lines."""

    def __init__(self, folder: Path) -> None:
        self.heard: dict[str, list[bytes]] = defaultdict(list)
        super().__init__(folder, ("XAV", "XBM"), (POST,))

    def hand_over(self, one: Sent) -> Any:
        kind = type(frames.decode(one.data)).__name__
        if len(self.heard[kind]) < KEPT_OF_EACH:
            self.heard[kind].append(one.data)
        return super().hand_over(one)


def play(federation: Listening) -> None:
    """A little of everything that members do."""
    first = federation.enter()
    second = federation.enter(source_ref="AV-2", document_number="AB 654321")
    federation.enter("XBM", PERSON, register="persons", source_ref="P-7")
    federation.enter(excluded=("XBM",), source_ref="AV-3", document_number="AB 777777")
    owner = federation.bureau("XAV")
    said = Between(bytes.fromhex(first), bytes.fromhex(second), "same-as", "One booklet.", "")
    owner.do(lambda: owner.links.enter(ANNA, said))
    letter = Draft(("XBM",), "A question", "Do you know this traveller?", "urgent")
    owner.do(lambda: owner.letters.send(ANNA, letter))
    federation.pump()
    federation.check_at_post(ASKS_PASSPORT)
    federation.check("XBM", ASKS_PASSPORT)
    federation.disconnect(POST)
    federation.check_at_post(ASKS_PASSPORT)
    federation.connect(POST)
    owner.do(lambda: owner.records.withdraw(ANNA, "travel-documents", "AV-2", "Found."))
    centre = federation.centre
    centre.do(lambda: centre.blocks.block(ANNA, bytes.fromhex(first), "Doubts."))
    federation.pump()
    for pause_ms in (1_000, 1_000, 30_000, 30_000, 30_000):
        federation.tick(pause_ms)


def gathered() -> Mapping[str, list[bytes]]:
    """Samples by the kind of thing they are: frame, entry, envelope, receipt, checkpoint, body …"""
    with tempfile.TemporaryDirectory() as folder:
        federation = Listening(Path(folder))
        play(federation)
        found: dict[str, list[bytes]] = defaultdict(list)
        for several in federation.heard.values():
            found["frame"] += several
        for data in found["frame"]:
            _within(frames.decode(data), found)
        relay = federation.relay.db
        found["entry"] = ledger_store.encoded(relay, 1, ledger_store.size(relay))
        _bodies(federation, found)
        found["audit-export"] = [_audit_export(federation, event) for event in ("check:asked", "")]
        for node in federation.nodes.values():
            node.close()
    found["certificate"] = [
        one.to_bytes()
        for one in (
            centre_certificate(),
            relay_certificate(),
            certificate("XAV", "bureau"),
            post_certificate(POST),
        )
    ]
    found["grant"] = [issue(CENTRE, keys(CENTRE)[0], ANNA, ("border-control", "locate"), 1).to_bytes()]
    found["join-request"] = [_request().encode()]
    found["admission"] = [_admission().encode()]
    return found


def _audit_export(federation: Listening, event: str) -> bytes:
    """Lines with their proofs, as a data-protection officer takes them out."""
    bureau = federation.bureau("XBM")
    olga = Asker("olga", frozenset({"overseer"}), "analyse", "DP-1")
    part = bureau.do(lambda: bureau.audit.oversight.export(olga, Filter(event=event), 0, 0))
    return b"\n".join(msgspec.json.encode(one) for one in (part.head, *part.lines))


def _within(frame: frames.AnyFrame, found: dict[str, list[bytes]]) -> None:
    match frame:
        case frames.Deposit():
            found["envelope"].append(frame.envelope)
        case frames.Deposited():
            found["receipt"].append(frame.receipt)
        case frames.Entries():
            found["checkpoint"].append(frame.checkpoint.encode())
        case frames.PublishKeys():
            found["bundle"].append(frame.bundle)
        case frames.ExtractStamp():
            found["stamp"].append(frame.stamp)
        case _:
            pass


def _bodies(federation: Listening, found: dict[str, list[bytes]]) -> None:
    """The clear bodies of entries, as the secretariat's node is given them when it folds the ledger anew."""
    centre = federation.bureau(CENTRE)
    for kind, opener in list(centre.following.openers.items()):
        centre.following.openers[kind] = _overheard(opener, found)
    refold(centre)


def _overheard(opener: Opener, found: dict[str, list[bytes]]) -> Opener:
    def take(entry: Entry, body: bytes, seq: int) -> None:
        found[entry.header.kind].append(body)
        opener(entry, body, seq)

    return take


def _request() -> str:
    own = certificate("XAV", "bureau")
    signing, _ = keys("XAV")
    return make_join_request(own.holder, signing, own.not_before_ms, own).write()


def _admission() -> str:
    return Admission(
        network="test.allpoints",
        address="relay.example:7400",
        root=root(),
        secretariat=centre_certificate(),
        peer=relay_certificate(),
        own=certificate("XAV", "bureau"),
    ).write()
