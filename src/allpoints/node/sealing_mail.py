"""How mail is sealed at a node: to the newest keys of each recipient, kept until it arrived, sealed again once if need be."""

import secrets
import sqlite3
from collections.abc import Mapping, Sequence

from allpoints.ground.clock import DAY
from allpoints.ground.refusal import Refusal
from allpoints.messages import kept
from allpoints.messages import store as letters
from allpoints.messages.kept import KeptFor, Words
from allpoints.node.credentials import Credentials
from allpoints.node.engine import Engine
from allpoints.node.following import Following
from allpoints.node.outbox import Outbox
from allpoints.node.reception import PeerKey, Reception
from allpoints.sealing.envelope import Draft, envelope_hash, seal
from allpoints.sealing.header import HASH_BYTES, Place

LIFE_MS = 30 * DAY
HELD_AT_ONCE = 200
"""Messages sealed in one go when the keys come for which they waited; the next tick takes more."""


class SealingMail:
    """One node's outgoing mail, from words to envelopes in the outbox."""

    def __init__(
        self, engine: Engine, me: Credentials, outbox: Outbox, following: Following, keys: Reception
    ) -> None:
        self.engine = engine
        self.me = me
        self.outbox = outbox
        self.following = following
        self.keys = keys
        keys.on_keys = self.seal_held

    @property
    def db(self) -> sqlite3.Connection:
        return self.engine.db

    def send(self, words: Words, to: Sequence[str], *, quiet: bool) -> bytes:
        """Seal for all whose keys are at hand, keep the words for the others; gives the message's name.

        A ``quiet`` message is kept only while it waits: nobody says that it arrived.
        """
        for name in to:
            if self.following.directory.certificate(name) is None:
                raise Refusal("MAIL-UNKNOWN-RECIPIENT", f"There is no {name} in this network.", path="to")
        keys, waiting = {}, []
        for name in to:
            key = self.keys.key_for(name, one_time=not quiet)
            if key is None:
                waiting.append(name)
            else:
                keys[name] = key
        placed = self._seal(words, keys, b"") if keys else {}
        message = next(iter(placed.values())).hash if placed else secrets.token_bytes(HASH_BYTES)
        if waiting or not quiet:
            expires_ms = self.engine.clock.now() + LIFE_MS
            kept.keep(self.db, self.me.storage_key, message, words, expires_ms)
        for one in placed.values() if not quiet else ():
            kept.note(self.db, one._replace(message=message))
        for name in waiting:
            kept.note(self.db, KeptFor(message, name, kept.HELD, 0, b"", 0))
        return message

    def seal_held(self, recipient: str) -> None:
        """Seal what waited for keys of this recipient, unless it is suspended."""
        if self.following.directory.suspended_at(recipient, self.engine.clock.now()) is not None:
            return
        for one in kept.held_for(self.db, recipient, HELD_AT_ONCE):
            words = kept.words(self.db, self.me.storage_key, one.message)
            key = self.keys.key_for(recipient, one_time=False, other_than=one.key_id)
            if words is not None and key is not None:
                self._seal_copy(words, one, key)

    def seal_again(self, one: KeptFor) -> bool:
        """Seal a copy once more, to another key than before; False when that was done already or cannot be."""
        words = kept.words(self.db, self.me.storage_key, one.message)
        if words is None or one.again:
            return False
        key = self.keys.key_for(one.recipient, one_time=True, other_than=one.key_id)
        if key is None:
            # The key that failed is the newest one known: the copy waits for the next.
            kept.note(self.db, one._replace(hash=kept.HELD, again=1))
            self.keys.ask()
        else:
            self._seal_copy(words, one._replace(again=1), key)
        return True

    def _seal_copy(self, words: Words, one: KeptFor, key: PeerKey) -> None:
        (placed,) = self._seal(words, {one.recipient: key}, one.message).values()
        kept.note(self.db, placed._replace(message=one.message, again=one.again))
        kept.name(self.db, placed.hash, one.message, self.engine.clock.now())

    def _seal(self, words: Words, keys: Mapping[str, PeerKey], first: bytes) -> dict[str, KeptFor]:
        """Seal and hand to the outbox; gives each recipient's place in it."""
        now = self.engine.clock.now()
        pairs = {name: letters.pair(self.db, name) for name in keys}
        draft = Draft(
            created_ms=now,
            # A message must not outlive the keys that open it.
            expires_ms=min(now + LIFE_MS, *(key.kept_ms for key in keys.values())),
            priority=words.priority,
            type=words.kind,
            handling=words.handling,
            purpose=words.purpose,
            reply_to=words.reply_to,
            body=words.body,
            first=first,
            places={name: Place(pair.sent + 1, pair.sent_hash) for name, pair in pairs.items()},
        )
        public = {name: key.public for name, key in keys.items()}
        envelope = seal(draft, self.me.name, self.me.signing, public)
        digest = envelope_hash(envelope)
        for name, place in draft.places.items():
            letters.sent(self.db, name, place.sequence, digest)
        self.outbox.mail(digest, envelope)
        return {
            name: KeptFor(b"", name, digest, place.sequence, public[name].key_id, 0)
            for name, place in draft.places.items()
        }
