"""The relay: keeps the ledger's one order and the mailbox; carries what it cannot read."""

from collections.abc import Callable, Container, Iterable

import structlog

from allpoints.ground.carrier import Carrier
from allpoints.ground.clock import DAY, SECOND, Clock
from allpoints.ground.disk import Disk
from allpoints.ground.refusal import Refusal
from allpoints.identity import standing
from allpoints.identity.directory import Directory
from allpoints.identity.keys import VerifyKey
from allpoints.ledger import appending, serving, witnessing
from allpoints.ledger import store as ledger_store
from allpoints.ledger.entry import Entry, parse
from allpoints.messages import file_desk, key_desk, mailbox
from allpoints.node import frames, membership, reach, witnesses
from allpoints.node.credentials import Credentials
from allpoints.node.engine import Engine
from allpoints.node.gathering import Gathering
from allpoints.node.member_keys import ENDS_KEY
from allpoints.node.relay_files import RelayFiles
from allpoints.node.relay_keys import RelayKeys
from allpoints.sealing.envelope import envelope_hash, open_header
from allpoints.sealing.receipt import Receipt, sign_receipt

BEAT_MS = 5 * SECOND
WINDOW_ENTRIES = 512
"""How far a follower may be behind its own acknowledgement before the relay waits for it."""
WINDOW_BYTES = 16 * 1024 * 1024
"""What is sent to a follower at once; its acknowledgement brings the rest."""

log = structlog.get_logger("relay")


class Follower:
    """Where one follower stands: what was sent to it, and what it says it has."""

    def __init__(self, next_seq: int) -> None:
        self.next_seq = next_seq
        self.acked = next_seq - 1
        self.mail_sent = 0


class Relay(Engine):
    """The relay's engine. Everyone it talks to has been identified by the line; it trusts none of them."""

    SCHEMAS = (
        ledger_store.SCHEMA,
        mailbox.SCHEMA,
        key_desk.SCHEMA,
        file_desk.SCHEMA,
        membership.SCHEMA,
        reach.SCHEMA,
        witnesses.SCHEMA,
        witnessing.SCHEMA,
    )

    def __init__(self, disk: Disk, clock: Clock, carrier: Carrier, credentials: Credentials) -> None:
        super().__init__(disk, "relay.sqlite", clock, carrier)
        self.me = credentials
        self.directory = Directory(credentials.root)
        self.followers: dict[str, Follower] = {}
        self.keys, self.files = RelayKeys(self), RelayFiles(self)
        self.gathering = Gathering(self)
        self.on_key_ended: Callable[[str], None] = lambda _member: None
        """Told whose line must be made anew: it may be held by whoever has the key that no longer counts."""
        self._ended: list[str] = []
        self._beaten_ms = self._swept_ms = 0
        self.reload()

    def reload(self) -> None:
        self.directory = membership.load(self.db, self.me)
        self.size = ledger_store.size(self.db)
        self._changed = False

    def undone(self) -> None:
        """What was undone of the directory never was; it is read again only then: that takes long."""
        if self._changed:
            self.reload()

    def released(self) -> None:
        self._changed = False

    def _author_key(self, name: str, kind: str, at_ms: int) -> VerifyKey:
        return membership.author_key(self.directory, self.me, name, kind, at_ms)

    def receive(self, peer: str, data: bytes) -> None:
        """Take one frame from ``peer``; a refusal is answered where the protocol has an answer for it."""
        frame = frames.decode(data)
        if peer not in self.known():
            raise Refusal("PEER-UNKNOWN", f"{peer} is no member of this network.", status=403)
        self.directory.check_signs(peer)
        match frame:
            case frames.Follow():
                self._follow(peer, frame.next_seq)
            case frames.Followed():
                self._followed(peer, frame.seq)
            case frames.Append():
                self._append(peer, frame.entries)
            case frames.Deposit():
                self._deposit(peer, frame.envelope)
            case frames.Took():
                mailbox.took(self.db, peer, frame.numbers)
                self.after(lambda: self._mail(peer))
            case frames.FileOffer() | frames.FileChunk() | frames.AskFile() | frames.FileTook():
                self.files.take(peer, frame)
            case frames.PublishKeys() | frames.AskKeys() | frames.AskOneTime():
                self.keys.take(peer, frame)
            case frames.Cosigned():
                self.gathering.cosigned(peer, frame.size, frame.line)
            case frames.NotCosigned():
                self.gathering.not_cosigned(peer, frame.size, frame.fault)
            case frames.Beat():
                pass
            case _:
                raise Refusal("FRAME-UNEXPECTED", "A relay takes no such frame.", status=400)

    def connected(self, peer: str) -> None:
        """A line is up; the peer says itself from where it follows."""
        self.files.remind(peer)

    def departed(self, peer: str) -> None:
        """The line to ``peer`` is gone; it will say where it stands when it returns."""
        self.followers.pop(peer, None)
        self.gathering.departed(peer)
        self.files.departed(peer)

    def _append(self, peer: str, entries: list[bytes]) -> None:
        ids: list[bytes] = []
        seqs: list[int] = []
        self._ended.clear()
        refused: frames.NotAppended | None = None
        for data in entries:
            entry = parse(data)
            if entry.header.author != peer:
                raise Refusal("ENTRY-NOT-YOURS", "An entry is handed in by its own author.", status=403)
            refusal = self._append_one(entry, ids, seqs)
            if refusal is not None:
                self.refusals[refusal.code] += 1
                refused = frames.NotAppended(entry.header.id, refusal.fault())
                log.warning("entry refused", author=peer, code=refusal.code)
                break
        if seqs and max(seqs) > self.size:
            self._seal()
        if ids:
            self.send(peer, frames.encode(frames.Appended(ids, seqs)))
        if refused is not None:
            self.send(peer, frames.encode(refused))
        self.after(self._fan_out)
        self.keys.ended(*self._ended)

    def _append_one(self, entry: Entry, ids: list[bytes], seqs: list[int]) -> Refusal | None:
        self.db.execute("SAVEPOINT entry")
        try:
            done = appending.append(self.db, entry.encoded, self._author_key, self.clock.now())
            if not done.already:
                witnesses.fold(self.db, self.me, entry, done.seq)
                member = membership.fold_at_relay(self.db, self.directory, self.me, entry, done.seq)
                self._changed = self._changed or member is not None
                if member is not None and entry.header.kind in ENDS_KEY:
                    self._ended.append(member)
        except Refusal as refusal:
            self.db.execute("ROLLBACK TO entry")
            self.db.execute("RELEASE entry")
            return refusal
        self.db.execute("RELEASE entry")
        ids.append(done.id)
        seqs.append(done.seq)
        return None

    def _seal(self) -> None:
        appending.seal_checkpoint(self.db, self.me.network, self.me.signing, self.me.log)
        size = ledger_store.size(self.db)
        self.after(lambda: setattr(self, "size", size))
        self.after(self.gathering.go_on)

    def _follow(self, peer: str, next_seq: int) -> None:
        held = ledger_store.size(self.db)
        if next_seq > held + 1:
            # It has seen more than there is: it is told how much there is, and draws its own conclusion.
            self.refusals["FOLLOW-AHEAD"] += 1
            self.send(peer, frames.encode(frames.Beat(self.clock.now(), held)))
            return
        if next_seq < 1:
            raise Refusal("FOLLOW-FROM", "Entries are counted from 1.", path="next_seq", status=400)

        def begin() -> None:
            self.followers[peer] = Follower(next_seq)
            self.stream(peer)
            self._mail(peer)
            self.carrier.send(peer, frames.encode(frames.Beat(self.clock.now(), self.size)))
            self.gathering.connected(peer)

        self.after(begin)

    def _followed(self, peer: str, seq: int) -> None:
        held = self.followers.get(peer)
        if held is not None:
            reach.keep(self.db, peer, min(seq, held.next_seq - 1), self.clock.now())

        def move() -> None:
            follower = self.followers.get(peer)
            if follower is not None:
                # No more than was sent: an acknowledgement from the future would open the window for ever.
                follower.acked = max(follower.acked, min(seq, follower.next_seq - 1))
                self.stream(peer)

        self.after(move)

    def _fan_out(self) -> None:
        for peer in list(self.followers):
            self.stream(peer)

    def stream(self, peer: str) -> None:
        """Send what the follower lacks, as far as its window allows; the next acknowledgement sends more."""
        follower = self.followers.get(peer)
        if follower is None:
            return
        sent, end = 0, self._end_for(peer)
        while follower.next_seq <= end and follower.next_seq - follower.acked <= WINDOW_ENTRIES:
            chunk = serving.chunk(self.db, follower.next_seq, end - follower.next_seq + 1)
            if chunk is None or sent >= WINDOW_BYTES:
                return
            sent += sum(map(len, chunk.entries))
            follower.next_seq = chunk.size + 1
            self.carrier.send(
                peer,
                frames.encode(
                    frames.Entries(chunk.first_seq, list(chunk.entries), chunk.checkpoint, self.size)
                ),
            )

    def _end_for(self, peer: str) -> int:
        """The last entry that a follower is sent: to a member shut out, the one that says so, so that it learns why.

        A chunk ends at a checkpoint, perhaps a little later; nobody seals anything for it there.
        """
        orders = (self.directory.suspended_at(peer, self.clock.now()), self.directory.revoked(peer))
        return min([self.size, *(one.seq for one in orders if one is not None)])

    def known(self) -> Container[str]:
        return {self.me.secretariat.subject, *(one.code for one in self.directory.members())}

    def _deposit(self, peer: str, envelope: bytes) -> None:
        self.db.execute("SAVEPOINT mail")
        try:
            self.check_sender(peer, open_header(envelope).recipients)
            done = mailbox.deposit(self.db, envelope, peer, self.known(), self.clock.now())
        except Refusal as refusal:
            self.db.execute("ROLLBACK TO mail")
            self.db.execute("RELEASE mail")
            self.refusals[refusal.code] += 1
            self.send(peer, frames.encode(frames.NotDeposited(envelope_hash(envelope), refusal.fault())))
            return
        self.db.execute("RELEASE mail")
        receipt = Receipt("relayed", done.hash, self.me.name, "relay", self.clock.now())
        self.send(peer, frames.encode(frames.Deposited(done.hash, sign_receipt(receipt, self.me.signing))))
        for name in done.recipients:
            self.after(lambda name=name: self._mail(name))  # type: ignore[misc]

    def check_sender(self, peer: str, recipients: Iterable[str]) -> None:
        """Refuse mail that a measure against its sender stops; reviewed first is what goes to the secretariat alone."""
        now = self.clock.now()
        mode = self.directory.mode(peer, standing.MESSAGES, now)
        if mode == standing.DIRECT:
            return
        reviewed = {self.me.secretariat.subject}.issuperset(recipients)
        if mode != standing.PRE_REVIEWED or not reviewed:
            raise membership.stopped(self.directory, peer, standing.MESSAGES, now)

    def _mail(self, peer: str) -> None:
        follower = self.followers.get(peer)
        # A suspended member's mail waits for it, as long as it is good.
        if follower is None or self.directory.suspended_at(peer, self.clock.now()) is not None:
            return
        if items := mailbox.waiting(self.db, peer, follower.mail_sent):
            follower.mail_sent = items[-1][0]
            self.carrier.send(peer, frames.encode(frames.Mail(*map(list, zip(*items, strict=True)))))

    def tick(self) -> None:
        """Signs of life, mail offered again to those who have not said they took it, and the daily sweep."""
        now = self.clock.now()
        if not 0 <= now - self._beaten_ms < BEAT_MS:
            self._beaten_ms = now
            self.after(self._beat)
        self.after(self.gathering.go_on)
        if now - self._swept_ms >= DAY:
            self._swept_ms = now
            mailbox.sweep(self.db, now)
            key_desk.sweep(self.db, now)
            self.files.sweep(now)

    def _beat(self) -> None:
        beat = frames.encode(frames.Beat(self.clock.now(), self.size))
        for peer, follower in self.followers.items():
            self.carrier.send(peer, beat)
            follower.mail_sent = 0
            self._mail(peer)
