"""A node's mail: opens what arrives, answers with receipts, hands each kind to its part; sealing is done by ``Sealing``."""

import sqlite3
from collections.abc import Callable, Iterable
from typing import Annotated

import msgspec
import structlog
from msgspec import Meta

from allpoints.ground.clock import DAY, MINUTE
from allpoints.ground.refusal import Refusal
from allpoints.identity import standing
from allpoints.identity.directory import Directory
from allpoints.messages import file_store, kept, own_keys, peer_keys
from allpoints.messages import store as letters
from allpoints.messages.kept import Words
from allpoints.messages.letter import Receipt as ShownReceipt
from allpoints.node import frames, membership
from allpoints.node.credentials import Credentials
from allpoints.node.engine import Engine
from allpoints.node.following import Following
from allpoints.node.outbox import Outbox
from allpoints.node.reception import Reception
from allpoints.node.sealing_mail import LIFE_MS, SealingMail
from allpoints.sealing import receipt as receipts
from allpoints.sealing.envelope import Opened, envelope_hash, open_envelope, open_header
from allpoints.sealing.header import Header
from allpoints.sealing.receipt import Receipt, check_receipt, read_receipt, sign_receipt

SCHEMAS = (letters.SCHEMA, kept.SCHEMA, own_keys.SCHEMA, peer_keys.SCHEMA, file_store.SCHEMA)
"""What a node keeps of its mail."""

RECEIPT = "receipt"
MISSING = "mail.missing"
QUIET = frozenset({RECEIPT, MISSING})
"""Kinds that get no receipt of their own, or receipts would beget receipts for ever."""

GAP_PATIENCE_MS = 10 * MINUTE
"""How long a message may be overtaken by later ones before it counts as missing."""
UNOPENED_LIMIT = 100
"""How often in a day one sender is told that something could not be opened; what tells it may itself not be opened."""

PASSING = frozenset({"MAIL-UNKNOWN-SENDER", "ENVELOPE-FROM-FUTURE"})
"""Refusals that time mends: a sender whose admission is on its way, a clock that is behind. The relay keeps those."""

REASONS = {
    "UNKNOWN-RECEPTION-KEY": receipts.KEY_UNKNOWN,
    "RECEPTION-KEY-USED": receipts.KEY_USED,
    "ENVELOPE-EXPIRED": receipts.EXPIRED,
    "MAIL-UNKNOWN-KIND": receipts.KIND,
    "CANNOT-OPEN": receipts.ALTERED,
    "BAD-SIGNATURE": receipts.ALTERED,
    "BAD-PADDING": receipts.ALTERED,
    "RE-ADDRESSED": receipts.ALTERED,
}
"""What a sender is told for a refusal; for every other one, that the content could not be read."""

Handler = Callable[[Opened, str], None]

log = structlog.get_logger("mail")


class Missing(msgspec.Struct, frozen=True):
    """The numbers of envelopes that never came, told to their sender."""

    numbers: Annotated[tuple[Annotated[int, Meta(ge=0, lt=2**53)], ...], Meta(max_length=10_000)]


class PostOffice:
    """One node's sealed mail. Handlers are registered per kind by the parts that understand it."""

    def __init__(self, engine: Engine, me: Credentials, outbox: Outbox, following: Following) -> None:
        self.engine = engine
        self.me = me
        self.following = following
        self.keys = Reception(engine, me, following)
        self.sealing = SealingMail(engine, me, outbox, following, self.keys)
        self.relay = following.relay
        self.handlers: dict[str, Handler] = {}
        self.handlers[RECEIPT] = self._take_receipt
        self.handlers[MISSING] = self._take_missing
        self.by_itself = {RECEIPT, MISSING}
        """Kinds that no officer waits for."""
        self.on_receipt: list[Callable[[bytes, ShownReceipt], None]] = []
        self.require_view: Callable[[], None] = lambda: None
        """Refuses while this node knows too little of the network to write to it."""
        self.warn: Callable[[str], None] = lambda _sentence: None
        """Tells the desk what it should know of its mail."""

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
        """Seal a message for members and keep it for the relay; gives the name by which receipts know it.

        For a recipient of whose keys none is known that is fit, it waits here until one is. What a node sends by
        itself waits while a measure stops this member, and leaves out members that are suspended (nobody left: no
        bytes). What an officer sends is refused then, with the measure.
        """
        allowed = self._allowed(sorted(set(to)), by_itself=kind in self.by_itself)
        if not allowed:
            return b""
        words = Words(kind, body, priority, purpose, handling, reply_to)
        return self.sealing.send(words, allowed, quiet=kind in QUIET)

    def _allowed(self, names: list[str], *, by_itself: bool) -> list[str]:
        now = self.engine.clock.now()
        if not by_itself:
            self.require_view()
        revoked = [name for name in names if self.directory.revoked(name) is not None]
        suspended = [name for name in names if self.directory.suspended_at(name, now) is not None]
        if by_itself:
            return [name for name in names if name not in {*suspended, *revoked}]
        if revoked:
            sentence = f"The key of {revoked[0]} was revoked; nothing is sent to it."
            raise Refusal("MAIL-RECIPIENT-REVOKED", sentence, path="to", status=409)
        if suspended:
            raise Refusal(
                "MAIL-RECIPIENT-SUSPENDED",
                f"{suspended[0]} is suspended; nothing is sent to it.",
                path="to",
                status=409,
            )
        self._check_mode(self.me.name, set(names))
        return names

    def _check_mode(self, sender: str, names: set[str]) -> None:
        """Refuse mail that a measure stops; reviewed first is what goes to the secretariat alone."""
        now = self.engine.clock.now()
        mode = self.directory.mode(sender, standing.MESSAGES, now)
        reviewed = mode == standing.PRE_REVIEWED and names <= {self.me.secretariat.subject}
        if mode != standing.DIRECT and not reviewed:
            raise membership.stopped(self.directory, sender, standing.MESSAGES, now)

    # -- what arrives

    def take(self, numbers: list[int], envelopes: list[bytes]) -> None:
        """Open what the relay delivered; one bad envelope is counted and its sender told, the others are taken.

        What cannot be opened yet is not acknowledged: the relay offers it again.
        """
        taken = [number for number, one in zip(numbers, envelopes, strict=False) if self._is_done(one)]
        self.engine.send(self.relay, frames.encode(frames.Took(taken)))

    def _is_done(self, envelope: bytes) -> bool:
        """Take one envelope; False when it should be offered again."""
        header: Header | None = None
        try:
            header = open_header(envelope)
            opened = self._open(header, envelope)
        except Refusal as refusal:
            self._count(refusal)
            if refusal.code in PASSING:
                return False
            self._tell_unopened(header, envelope_hash(envelope), refusal)
            return True
        if opened is None:
            return True
        letters.first_time(self.db, opened.envelope_hash, header.expires_ms)
        self.keys.used(header.key_ids[self.me.name])
        place = header.places.get(self.me.name)
        if place is not None:
            digest, now = opened.envelope_hash, self.engine.clock.now()
            letters.got(self.db, header.sender, place.sequence, place.previous, digest, now)
        self.db.execute("SAVEPOINT envelope")
        try:
            self._hand_over(opened, header.sender)
        except Refusal as refusal:
            self.db.execute("ROLLBACK TO envelope")
            self._count(refusal)
            self._tell_unopened(header, opened.envelope_hash, refusal)
        self.db.execute("RELEASE envelope")
        return True

    def _count(self, refusal: Refusal) -> None:
        self.engine.refusals[refusal.code] += 1
        log.warning("message refused", code=refusal.code)

    def _open(self, header: Header, envelope: bytes) -> Opened | None:
        """What an envelope holds; None for the same bytes a second time. Nothing is written yet."""
        self.directory.check_signs(header.sender)
        sender = self.directory.certificate(header.sender)
        if sender is None:
            raise Refusal("MAIL-UNKNOWN-SENDER", f"{header.sender} is no member of this network.", status=403)
        if letters.was_here(self.db, envelope_hash(envelope)):
            return None
        if self.me.name not in header.recipients:
            raise Refusal("NOT-A-RECIPIENT", f"This message was not sealed for {self.me.name}.", status=403)
        # The relay would have stopped it; a relay that does not is not believed.
        self._check_mode(header.sender, set(header.recipients))
        key = self.keys.opener(header.key_ids[self.me.name])
        return open_envelope(envelope, self.me.name, key, sender.verify_key, self.engine.clock.now())

    def _hand_over(self, opened: Opened, sender: str) -> None:
        mark = envelope_hash(sender.encode() + b"\0" + opened.message)
        if letters.first_time(self.db, mark, opened.header.expires_ms):
            handler = self.handlers.get(opened.type)
            if handler is None:
                raise Refusal("MAIL-UNKNOWN-KIND", f"No part here understands {opened.type}.", status=400)
            handler(opened, sender)
        if opened.type not in QUIET:
            self.acknowledge("delivered", opened.envelope_hash, sender, self.me.role)

    def acknowledge(self, kind: str, about: bytes, to: str, role: str, reason: str = "") -> None:
        """Tell the sender, signed, that its message was delivered or read, or why it was not opened."""
        receipt = Receipt(kind, about, self.me.name, role, self.engine.clock.now(), reason)
        self.send(RECEIPT, [to], sign_receipt(receipt, self.me.signing))

    def _tell_unopened(self, header: Header | None, digest: bytes, refusal: Refusal) -> None:
        """Tell whoever the header names as the sender: only a true sender knows an envelope of this hash."""
        if header is None or self.me.name not in header.recipients or header.sender == self.me.name:
            return
        now, reason = self.engine.clock.now(), REASONS.get(refusal.code, receipts.UNREADABLE)
        if reason == receipts.KEY_USED:
            self.warn(f"A one-time key was used twice, now by {header.sender}: see who got it from the relay")
        if letters.could_not_open(self.db, digest, header.sender, reason, now, UNOPENED_LIMIT, now - DAY):
            self.acknowledge(receipts.UNOPENED, digest, header.sender, self.me.role, reason)

    # -- what others say of this node's mail

    def _take_receipt(self, opened: Opened, sender: str) -> None:
        self.keep_receipt(opened.body, sender)

    def keep_receipt(self, data: bytes, giver: str) -> None:
        """Check a receipt's signature, keep it with the message it is about, and act on it."""
        receipt = read_receipt(data)
        certificate = self.directory.certificate(giver)
        if certificate is None or receipt.by != giver:
            raise Refusal("RECEIPT-GIVER", "A receipt speaks for its giver alone.", status=403)
        check_receipt(data, certificate.verify_key)
        message = kept.message_of(self.db, receipt.envelope_hash)
        shown = ShownReceipt(receipt.kind, receipt.by, receipt.role, receipt.at_ms, receipt.reason)
        letters.add_receipt(self.db, message.hex(), shown, data)
        if receipt.kind in {receipts.DELIVERED, receipts.READ}:
            kept.arrived(self.db, message, giver)
        elif receipt.kind == receipts.UNOPENED:
            self._not_opened(receipt)
        for listener in self.on_receipt:
            listener(message, shown)

    def _not_opened(self, receipt: Receipt) -> None:
        copy = kept.by_hash(self.db, receipt.envelope_hash, receipt.by)
        if copy is None:
            return
        if receipt.reason in receipts.MENDED_BY_SEALING_AGAIN and self.sealing.seal_again(copy):
            return
        self.warn(f"{receipt.by} cannot open a message of this bureau ({receipt.reason})")

    def _take_missing(self, opened: Opened, sender: str) -> None:
        missing = frames.body(opened.body, Missing)
        numbers = sorted(set(missing.numbers))[: letters.MISSING_LIMIT]
        for number in numbers:
            copy = kept.by_number(self.db, sender, number)
            if copy is not None:
                self.sealing.seal_again(copy)
        if numbers:
            self.warn(f"{sender} did not get {_listed(numbers)} of this bureau")

    # -- the clock

    def tick(self, now: int, *, line_up: bool) -> None:
        """Keep keys; seal what waited for keys; tell desk and sender of messages that never came, though later ones did."""
        self.keys.tick(line_up=line_up)
        for recipient, _count in kept.waiting(self.db):
            self.sealing.seal_held(recipient)
        for peer, numbers in letters.to_be_told(self.db, now - GAP_PATIENCE_MS).items():
            self.warn(f"{_listed(numbers)[0].upper()}{_listed(numbers)[1:]} of {peer} did not arrive")
            self.send(MISSING, [peer], frames.pack(Missing(tuple(numbers))))

    def sweep(self, now: int) -> None:
        """Forget what can come no more."""
        letters.forget_envelopes(self.db, now)
        letters.forget_missing(self.db, now - LIFE_MS)
        kept.sweep(self.db, now)


SHOWN_NUMBERS = 12


def _listed(numbers: list[int]) -> str:
    shown = ", ".join(map(str, numbers[:SHOWN_NUMBERS]))
    more = f" and {len(numbers) - SHOWN_NUMBERS} more" if len(numbers) > SHOWN_NUMBERS else ""
    return f"message {shown}" if len(numbers) == 1 else f"messages {shown}{more}"
