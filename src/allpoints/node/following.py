"""Following the ledger: take what the relay streams, refuse what does not hold, and fold the rest into state."""

import contextlib
import sqlite3
from collections.abc import Callable

import structlog

from allpoints.ground.clock import SECOND
from allpoints.ground.refusal import Refusal
from allpoints.identity.directory import Directory
from allpoints.identity.keys import VerifyKey
from allpoints.ledger import following
from allpoints.ledger import store as ledger_store
from allpoints.ledger.checkpoint import RelayKeys
from allpoints.ledger.entry import Entry, bound
from allpoints.ledger.stub import Item, Stub
from allpoints.node import epoch_keys, frames, membership, root_changes, view, witnesses
from allpoints.node.credentials import Credentials
from allpoints.node.engine import Engine
from allpoints.node.member_keys import Event
from allpoints.node.widening import Widening
from allpoints.sealing import wrapping

QUIET_LIMIT_MS = 12 * SECOND
"""After this long without a sign of life the follower asks again from where it stands."""

SCHEMA = (
    """
CREATE TABLE IF NOT EXISTS state_fold (one INTEGER PRIMARY KEY CHECK (one = 1), seq INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS state_refused (
    seq INTEGER NOT NULL, place TEXT NOT NULL, code TEXT NOT NULL, sentence TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS state_opened_later (seq INTEGER PRIMARY KEY);
"""
    + epoch_keys.SCHEMA
)

Opener = Callable[[Entry, bytes, int], None]
"""What a part does with an opened entry: (entry, clear body, sequence number)."""

log = structlog.get_logger("following")


class _Batch:
    """The directory as it stands before each entry of a batch that may yet be refused."""

    def __init__(self, directory: Directory, me: Credentials) -> None:
        self.directory = directory
        self.me = me
        self._own = False

    def learn(self, entry: Entry) -> None:
        if entry.header.kind not in membership.MEMBERSHIP_KINDS:
            return
        if not self._own:
            self.directory, self._own = self.directory.copy(), True
        # One that does not hold changes nothing; the fold notes why.
        with contextlib.suppress(Refusal):
            membership.apply(self.directory, self.me, Event.of(entry, 0))

    def author_key(self, name: str, kind: str, at_ms: int) -> VerifyKey:
        return membership.author_key(self.directory, self.me, name, kind, at_ms)


class Following:
    """One node's view of the ledger. Parts register what they do with each kind of entry."""

    def __init__(self, engine: Engine, me: Credentials, relay: str) -> None:
        self.engine = engine
        self.me = me
        self.relay = relay
        self.directory = Directory(me.root)
        self.openers: dict[str, Opener] = {}
        self.clear_openers: dict[str, Callable[[Entry, int], None]] = {}
        """What parts do with entries whose body is clear for everyone."""
        self.on_admitted: list[Callable[[str], None]] = []
        self.on_decided: list[Callable[[str, str], None]] = []
        """Told the kind of an entry about a member that was admitted before, and the member."""
        self.on_own: Callable[[Item], None] = lambda _item: None
        self.on_own_refused: Callable[[Refusal], None] = lambda _refusal: None
        self.on_widened: list[Callable[[], None]] = []
        self.on_refused: Callable[[Refusal, str], bool] = lambda _refusal, _checkpoint: False
        """Told why a batch was refused, with its checkpoint; whether that was dealt with."""
        self.on_grown: Callable[[], None] = lambda: None
        self.size = 0
        self.heard_ms = 0
        self.asked_ms = 0
        self.complete_ms = 0
        """When this node last knew that it held everything the relay had."""
        self.live = False
        self._kept_ms = 0
        self._changed = False

    @property
    def db(self) -> sqlite3.Connection:
        return self.engine.db

    def load(self) -> None:
        """Start from what lies on the disk."""
        self.directory = membership.load(self.db, self.me)
        self.size = ledger_store.size(self.db)
        self.complete_ms = max(self.complete_ms, view.kept(self.db))
        self._changed = False

    def released(self) -> None:
        self._changed = False

    def undone(self) -> None:
        """Read the directory again if the item that was undone had changed it; reading checks every signature."""
        if self._changed:
            self.load()

    def ask(self) -> None:
        """Ask the relay for everything from here on."""
        self.asked_ms = self.engine.clock.now()
        self.engine.carrier.send(self.relay, frames.encode(frames.Follow(ledger_store.size(self.db) + 1)))

    def beat(self, relay_size: int) -> None:
        """A sign of life; when the relay has more than arrived, and nothing came of asking, ask again."""
        now = self.engine.clock.now()
        behind = relay_size > ledger_store.size(self.db)
        whole = not behind and self._all_ordered()
        self._kept_ms = view.keep(self.db, now, self._kept_ms, whole=whole)
        self.engine.after(lambda: self._heard(now, whole=whole))
        if behind and not 0 <= now - self.asked_ms <= 4 * SECOND:
            self.engine.after(self.ask)

    def _heard(self, now: int, *, whole: bool) -> None:
        self.heard_ms, self.live = now, whole
        if whole:
            self.complete_ms = now

    def require_view(self, limit_ms: int) -> None:
        """Refuse an act on a view of the network that is older than ``limit_ms`` (VIEW-TOO-OLD)."""
        if not self.live:
            view.require(self.complete_ms, self.engine.clock.now(), limit_ms)

    def tick(self) -> None:
        now = self.engine.clock.now()
        if not 0 <= now - self.heard_ms <= QUIET_LIMIT_MS:
            self.live = False
            if not 0 <= now - self.asked_ms <= QUIET_LIMIT_MS:
                self.engine.after(self.ask)

    def take(self, frame: frames.Entries) -> None:
        """Accept a run of entries with its checkpoint, whole or not at all, and fold them."""
        now = self.engine.clock.now()
        held = ledger_store.size(self.db)
        if frame.first_seq > held + 1:
            self.engine.refusals["LEDGER-GAP"] += 1
            if not 0 <= now - self.asked_ms <= SECOND:
                self.engine.after(self.ask)
            return
        items = self._accepted(frame)
        if items is None:
            return
        seq = held
        for item in items:
            seq += 1
            self.fold(item, seq)
        whole = seq >= frame.size and self._all_ordered()
        self._kept_ms = view.keep(self.db, now, self._kept_ms, whole=whole)
        self.engine.after(lambda: self._heard(now, whole=whole))
        self.engine.after(lambda: setattr(self, "size", seq))
        self.on_grown()
        self.engine.send(self.relay, frames.encode(frames.Followed(seq)))

    def _accepted(self, frame: frames.Entries) -> list[Item] | None:
        """What is new of a batch; None if it was refused, and why was dealt with: nothing has been written then."""
        batch = _Batch(self.directory, self.me)
        try:
            return following.accept(
                self.db,
                frame.first_seq,
                frame.entries,
                frame.checkpoint,
                root_changes.keys_after(self.directory, self.me, frame.first_seq, frame.entries),
                batch.author_key,
                batch.learn,
            )
        except Refusal as refusal:
            if not self.on_refused(refusal, frame.checkpoint):
                raise
            self.engine.refusals[refusal.code] += 1
            return None

    def relay_keys(self) -> RelayKeys:
        """The keys that sign this network's checkpoints."""
        return root_changes.relay_keys(self.directory, self.me)

    def _all_ordered(self) -> bool:
        """Whether the owner's order is here for every entry that the relay sent as erased: else it may be hiding one."""
        missing = ledger_store.unordered(self.db)
        if missing:
            self.engine.refusals["LEDGER-UNORDERED"] += 1
            log.warning("an entry came erased and its owner's order did not", seq=missing[0])
        return not missing

    def fold(self, item: Item, seq: int) -> None:
        """Fold one verified item into state; what it may not or cannot mean is refused and counted.

        An erased entry says nothing any more: its owner had it erased because later ones overtook it.
        """
        self.db.execute("INSERT OR REPLACE INTO state_fold VALUES (1,?)", (seq,))
        author = item.author if isinstance(item, Stub) else item.header.author
        if author == self.me.name:
            self.on_own(item)
        if isinstance(item, Entry):
            self._fold_entry(item, seq)

    def _fold_entry(self, entry: Entry, seq: int) -> None:
        self.db.execute("SAVEPOINT entry")
        try:
            if entry.header.kind == membership.EPOCH:
                epoch_keys.fold(self.db, self.me, entry)
            elif entry.header.kind in self.clear_openers:
                self.clear_openers[entry.header.kind](entry, seq)
            elif entry.header.kind in membership.CLEAR_KINDS:
                self._fold_membership(entry, seq)
            else:
                self._fold_sealed(entry, seq)
        except Refusal as refusal:
            self.db.execute("ROLLBACK TO entry")
            if self._changed:
                self.directory = membership.load(self.db, self.me)
            self.refuse(seq, "entry", refusal)
            if entry.header.author == self.me.name:
                self.on_own_refused(refusal)
        self.db.execute("RELEASE entry")

    def refuse(self, seq: int, place: str, refusal: Refusal) -> None:
        """Note something in an entry that was not applied; every node that can open it notes the same."""
        self.engine.refusals[refusal.code] += 1
        self.db.execute(
            "INSERT INTO state_refused VALUES (?,?,?,?)", (seq, place, refusal.code, refusal.sentence)
        )
        log.warning("not applied", seq=seq, place=place, code=refusal.code)

    def _fold_membership(self, entry: Entry, seq: int) -> None:
        if witnesses.fold(self.db, self.me, entry, seq):
            return
        member = membership.fold(self.db, self.directory, self.me, entry, seq)
        self._changed = self._changed or member is not None
        if member is None:
            return
        if entry.header.kind != membership.ADMITTED:
            for told in self.on_decided:
                told(entry.header.kind, member)
        elif member != self.me.name:
            for listener in self.on_admitted:
                listener(member)

    def _fold_sealed(self, entry: Entry, seq: int) -> None:
        content_key = epoch_keys.content_key(self.db, entry)
        if content_key is not None:
            self._open(entry, content_key, seq)

    def _open(self, entry: Entry, content_key: bytes, seq: int) -> None:
        body = wrapping.open_body(content_key, entry.sealed, bound(entry.header_bytes, entry.audience_bytes))
        if entry.header.kind == membership.WIDENED:
            self._open_older(entry, frames.body(body, Widening))
        else:
            self._opened(entry, body, seq)

    def _opened(self, entry: Entry, body: bytes, seq: int) -> None:
        opener = self.openers.get(entry.header.kind)
        if opener is None:
            raise Refusal("KIND-UNKNOWN", f"This version does not know entries of kind {entry.header.kind}.")
        opener(entry, body, seq)

    def _open_older(self, widening: Entry, body: Widening) -> None:
        """Fold entries from before this member came, in the ledger's order, now that their owner gave them to it."""
        for older in body.older(self.db):
            if older.entry.header.author != widening.header.author or not self._missed(
                older.entry, older.seq
            ):
                continue
            try:
                if older.content_key:
                    self._open(older.entry, older.content_key, older.seq)
                else:
                    self._opened(older.entry, older.rest, older.seq)
            except Refusal as refusal:
                self.refuse(older.seq, "older entry", refusal)
        for listener in self.on_widened:
            listener()

    def _missed(self, entry: Entry, seq: int) -> bool:
        """Whether an older entry was not opened before: an author that gives its keys again and again, in entries of
        a few bytes each, would keep every reader busy for hours.
        """
        if entry.header.kind in {membership.WIDENED, membership.EPOCH}:
            return False
        if epoch_keys.content_key(self.db, entry) is not None:
            return False
        return bool(self.db.execute("INSERT OR IGNORE INTO state_opened_later VALUES (?)", (seq,)).rowcount)
