"""A node's mail: seals what it sends, opens what arrives, answers with receipts, and hands each kind to its part."""

import sqlite3
from collections.abc import Callable, Iterable

import structlog

from allpoints.ground.clock import DAY
from allpoints.ground.refusal import Refusal
from allpoints.identity.directory import Directory
from allpoints.messages import store as letters
from allpoints.messages.letter import Receipt as ShownReceipt
from allpoints.node import frames
from allpoints.node.credentials import Credentials
from allpoints.node.engine import Engine
from allpoints.node.following import Following
from allpoints.node.outbox import Outbox
from allpoints.sealing.envelope import Draft, Opened, envelope_hash, open_envelope, open_header, seal
from allpoints.sealing.header import Place
from allpoints.sealing.receipt import Receipt, check_receipt, read_receipt, sign_receipt

LIFE_MS = 30 * DAY
RECEIPT = "receipt"
QUIET = frozenset({RECEIPT})
"""Kinds that get no receipt of their own, or receipts would beget receipts for ever."""

PASSING = frozenset({"MAIL-UNKNOWN-SENDER", "ENVELOPE-FROM-FUTURE"})
"""Refusals that time mends: a sender whose admission is on its way, a clock that is behind. The relay keeps those."""

Handler = Callable[[Opened, str], None]

log = structlog.get_logger("mail")


class PostOffice:
    """One node's sealed mail. Handlers are registered per kind by the parts that understand it."""

    def __init__(self, engine: Engine, me: Credentials, outbox: Outbox, following: Following) -> None:
        self.engine = engine
        self.me = me
        self.outbox = outbox
        self.following = following
        self.relay = following.relay
        self.handlers: dict[str, Handler] = {RECEIPT: self._take_receipt}
        self.on_receipt: list[Callable[[bytes, ShownReceipt], None]] = []

    @property
    def db(self) -> sqlite3.Connection:
        return self.engine.db

    @property
    def directory(self) -> Directory:
        return self.following.directory

    def send(
        self,
        kind: str,
        to: Iterable[str],
        body: bytes,
        *,
        priority: int = 0,
        purpose: str = "",
        handling: str = "official-use",
        reply_to: bytes = b"",
    ) -> bytes:
        """Seal a message for members and keep it for the relay; returns the envelope's hash."""
        now = self.engine.clock.now()
        recipients, places = {}, {}
        for name in sorted(set(to)):
            certificate = self.directory.certificate(name)
            if certificate is None:
                raise Refusal("MAIL-UNKNOWN-RECIPIENT", f"There is no {name} in this network.", path="to")
            pair = letters.pair(self.db, name)
            recipients[name] = certificate.reception_key
            places[name] = Place(pair.sent + 1, pair.sent_hash)
        draft = Draft(
            created_ms=now,
            expires_ms=now + LIFE_MS,
            priority=priority,
            type=kind,
            handling=handling,
            purpose=purpose,
            reply_to=reply_to,
            body=body,
            places=places,
        )
        envelope = seal(draft, self.me.name, self.me.signing, recipients)
        digest = envelope_hash(envelope)
        for name, place in places.items():
            letters.sent(self.db, name, place.sequence, digest)
        self.outbox.mail(digest, envelope)
        return digest

    def take(self, numbers: list[int], envelopes: list[bytes]) -> None:
        """Open what the relay delivered; one bad envelope is counted, the others are taken.

        What cannot be opened yet is not acknowledged: the relay offers it again.
        """
        taken = []
        for number, envelope in zip(numbers, envelopes, strict=False):
            self.db.execute("SAVEPOINT envelope")
            try:
                self._take_one(envelope)
            except Refusal as refusal:
                self.db.execute("ROLLBACK TO envelope")
                self.db.execute("RELEASE envelope")
                self.engine.refusals[refusal.code] += 1
                log.warning("message refused", code=refusal.code)
                if refusal.code in PASSING:
                    continue
            else:
                self.db.execute("RELEASE envelope")
            taken.append(number)
        self.engine.send(self.relay, frames.encode(frames.Took(taken)))

    def _take_one(self, envelope: bytes) -> None:
        header = open_header(envelope)
        sender = self.directory.certificate(header.sender)
        if sender is None:
            raise Refusal("MAIL-UNKNOWN-SENDER", f"{header.sender} is no member of this network.", status=403)
        now = self.engine.clock.now()
        opened = open_envelope(envelope, self.me.name, self.me.reception, sender.verify_key, now)
        if not letters.first_time(self.db, header.id, header.expires_ms):
            return
        place = header.places.get(self.me.name)
        if place is not None:
            letters.got(self.db, header.sender, place.sequence, place.previous, opened.envelope_hash)
        handler = self.handlers.get(opened.type)
        if handler is None:
            raise Refusal("MAIL-UNKNOWN-KIND", f"No part here understands {opened.type}.", status=400)
        handler(opened, header.sender)
        if opened.type not in QUIET:
            self.acknowledge("delivered", opened.envelope_hash, header.sender, self.me.role)

    def acknowledge(self, kind: str, about: bytes, to: str, role: str) -> None:
        """Tell the sender, signed, that its message was delivered or read."""
        receipt = Receipt(kind, about, self.me.name, role, self.engine.clock.now())
        self.send(RECEIPT, [to], sign_receipt(receipt, self.me.signing))

    def _take_receipt(self, opened: Opened, sender: str) -> None:
        self.keep_receipt(opened.body, sender)

    def keep_receipt(self, data: bytes, giver: str) -> None:
        """Check a receipt's signature and keep it with the letter it is about."""
        receipt = read_receipt(data)
        certificate = self.me.upper if giver == self.relay else self.directory.certificate(giver)
        if certificate is None or receipt.by != giver:
            raise Refusal("RECEIPT-GIVER", "A receipt speaks for its giver alone.", status=403)
        check_receipt(data, certificate.verify_key)
        shown = ShownReceipt(receipt.kind, receipt.by, receipt.role, receipt.at_ms)
        letters.add_receipt(self.db, receipt.envelope_hash.hex(), shown, data)
        for listener in self.on_receipt:
            listener(receipt.envelope_hash, shown)
