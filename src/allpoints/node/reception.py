"""A node's reception keys: made daily and published through the relay, kept for others to seal to, and destroyed.

Mail is sealed to these keys alone, never to the long-lived key of a certificate: a relay that holds bundles back delays
mail, but cannot have it sealed to a key that stays. The relay is trusted with nothing here; bundles are signed.
"""

import sqlite3
from collections.abc import Callable, Sequence
from typing import NamedTuple

from allpoints.ground.clock import DAY, MINUTE, SECOND
from allpoints.ground.refusal import Refusal
from allpoints.identity.directory import Directory
from allpoints.identity.keys import ReceptionKey, ReceptionPublic
from allpoints.messages import kept, own_keys, peer_keys
from allpoints.messages.key_file import KeyFile
from allpoints.node import frames
from allpoints.node.credentials import Credentials
from allpoints.node.engine import Engine
from allpoints.node.following import Following
from allpoints.sealing import reception
from allpoints.sealing.reception import KEPT_MS, LEAST_LIFE_MS, Bundle

KEY_FILE = "reception.keys"
RENEW_MS = DAY
"""How old a node's newest bundle gets before it makes another."""
PUBLISH_AGAIN_MS = 30 * SECOND
ASK_MS = 10 * MINUTE
"""How often a node asks the relay for bundles that it may have missed."""
ASK_WAITING_MS = 10 * SECOND
"""The same while a message waits for keys."""
STOCK_MS = 30 * SECOND
MARGIN_MS = 10 * MINUTE
"""How much longer a key is kept than its bundle says, for senders and relays whose clocks are slow."""


class PeerKey(NamedTuple):
    """A key of a peer to seal to, and until when its private half is kept."""

    public: ReceptionPublic
    kept_ms: int


class Reception:
    """One node's own keys and those of others."""

    def __init__(self, engine: Engine, me: Credentials, following: Following) -> None:
        self.engine = engine
        self.me = me
        self.following = following
        self.relay = following.relay
        self.file = KeyFile(engine.disk.folder / KEY_FILE)
        self.on_keys: Callable[[str], None] = lambda _peer: None
        """Called with a peer whose keys became known."""
        self._to_erase: list[int] = []
        self._published_ms = self._asked_ms = self._stocked_ms = 0
        following.on_admitted.append(self._admitted)
        self.file.keep_only(own_keys.live(self.db))

    def _admitted(self, _newcomer: str) -> None:
        self._asked_ms = 0

    @property
    def db(self) -> sqlite3.Connection:
        return self.engine.db

    @property
    def directory(self) -> Directory:
        return self.following.directory

    # -- its own keys

    def tick(self, *, line_up: bool) -> None:
        """Make the day's keys, publish them until the relay has them, ask for those of others, let go what ended."""
        now = self.engine.clock.now()
        self._erase(own_keys.end(self.db, now - MARGIN_MS))
        if not line_up:
            return
        self._renew(now)
        if _due(self._published_ms, PUBLISH_AGAIN_MS, now):
            self._publish(now)
        if _due(self._asked_ms, ASK_WAITING_MS if kept.waiting(self.db) else ASK_MS, now):
            self.ask()
        if _due(self._stocked_ms, STOCK_MS, now):
            self.restock()

    def connected(self) -> None:
        """The line to the relay is new: nothing sent before counts."""
        now = self.engine.clock.now()
        self._renew(now)
        self._publish(now)
        self.ask()
        self.restock()

    def _renew(self, now: int) -> None:
        newest = own_keys.published(self.db)
        mine = self.me.signing.public.key_id
        if newest and newest.signed_by == mine and 0 <= now - newest.from_ms < RENEW_MS:
            return
        from_ms = max(now, newest.from_ms + 1) if newest else now
        kept_ms = from_ms + KEPT_MS
        made = [ReceptionKey.generate() for _ in range(own_keys.ONE_TIME_KEYS + 1)]
        places = [
            own_keys.add(self.db, key.public.key_id, one_time=at > 0, kept_ms=kept_ms)
            for at, key in enumerate(made)
        ]
        self.file.write({place: key.seeds for place, key in zip(places, made, strict=True)})
        daily, *one_time = (key.public.to_bytes() for key in made)
        hashes = tuple(reception.hash_of(one) for one in one_time)
        bundle = reception.sign_bundle(Bundle(self.me.name, from_ms, kept_ms, daily, hashes), self.me.signing)
        own_keys.publish(self.db, from_ms, mine, bundle, one_time)

    def _publish(self, now: int) -> None:
        newest = own_keys.published(self.db)
        if newest is not None and not newest.published:
            self._published_ms = now
            self._send(frames.PublishKeys(newest.bundle, list(newest.one_time)))

    def take(self, frame: frames.KeysPublished | frames.PeerKeys | frames.OneTimeKeys) -> None:
        """Do what the relay says of keys."""
        match frame:
            case frames.KeysPublished():
                own_keys.relay_has(self.db, frame.from_ms)
            case frames.PeerKeys():
                self.take_bundles(frame.bundles)
            case frames.OneTimeKeys():
                self.take_one_time(frame.bundle, frame.keys)

    def opener(self, key_id: bytes) -> ReceptionKey:
        """The private half that an envelope names; ``RECEPTION-KEY-USED``, ``UNKNOWN-RECEPTION-KEY``."""
        own = own_keys.find(self.db, key_id)
        if own is not None and own.used:
            raise Refusal(
                "RECEPTION-KEY-USED",
                "This message was sealed to a key that was good for one message, and another had it.",
                hint="Either its sender used the key twice, or the relay gave it out twice.",
                status=403,
            )
        seed = self.file.read(own.place) if own is not None else None
        if seed is None:
            raise Refusal(
                "UNKNOWN-RECEPTION-KEY",
                "This message was sealed to a key that this node does not have, or no longer.",
                hint="Its sender is told, and its node seals it again.",
                status=403,
            )
        return ReceptionKey.from_seeds(seed)

    def used(self, key_id: bytes) -> None:
        """A message opened with this key: a one-time key is erased once that is on the disk."""
        place = own_keys.use(self.db, key_id)
        if place is not None:
            self._erase([place])

    def _erase(self, places: Sequence[int]) -> None:
        if places:
            self._to_erase += places
            self.engine.after(self._erase_now)

    def _erase_now(self) -> None:
        # What a batch that failed let go is not let go: only places without a live row are erased.
        places, self._to_erase = self._to_erase, []
        if places:
            live = set(own_keys.live(self.db))
            self.file.erase([place for place in places if place not in live])

    # -- the keys of others

    def key_for(self, peer: str, *, one_time: bool, other_than: bytes = b"") -> PeerKey | None:
        """The best key of a peer to seal to; None when none is known that it will still have for a day.

        ``other_than`` names a key that the peer could not open with.
        """
        known, certificate = peer_keys.known(self.db, peer), self.directory.certificate(peer)
        if known is None or certificate is None or known.signed_by != certificate.verify_key.key_id:
            return None
        least_ms = self.engine.clock.now() + LEAST_LIFE_MS
        if one_time:
            peer_keys.wrote_to(self.db, peer)
            taken = peer_keys.take_one_time(self.db, peer, least_ms, known.signed_by)
            if taken is not None:
                return PeerKey(ReceptionPublic.from_bytes(taken[0]), taken[1])
        daily = ReceptionPublic.from_bytes(reception.read_bundle(known.bundle).daily)
        if known.kept_ms < least_ms or daily.key_id == other_than:
            return None
        return PeerKey(daily, known.kept_ms)

    def ask(self) -> None:
        """Ask the relay for bundles newer than those known here."""
        self._asked_ms = self.engine.clock.now()
        self._send(frames.AskKeys(list(peer_keys.all_known(self.db))))

    def restock(self) -> None:
        """Ask the relay for one-time keys of the peers that this node writes to."""
        self._stocked_ms = self.engine.clock.now()
        for peer, wanting in peer_keys.short_of(self.db):
            self._send(frames.AskOneTime(peer, wanting))

    def take_bundles(self, bundles: Sequence[bytes]) -> None:
        """Take bundles of others; one that is refused is counted, the others are taken."""
        for data in bundles:
            try:
                self._take(data)
            except Refusal as refusal:
                self.engine.refusals[refusal.code] += 1

    def take_one_time(self, bundle: bytes, keys: Sequence[bytes]) -> None:
        """Keep one-time keys for use, each if it is of the bundle that its node signed."""
        proven = self._take(bundle)
        certificate = self.directory.certificate(proven.node)
        signed_by = certificate.verify_key.key_id if certificate else b""
        for key in keys:
            reception.check_one_time(proven, key)
            ReceptionPublic.from_bytes(key)
            if peer_keys.in_stock(self.db, proven.node) < peer_keys.STOCK:
                peer_keys.add_one_time(self.db, proven.node, key, proven.kept_ms, signed_by)

    def _take(self, data: bytes) -> Bundle:
        peer = reception.read_bundle(data).node
        certificate = self.directory.certificate(peer)
        if certificate is None or peer == self.me.name:
            raise Refusal("BUNDLE-UNKNOWN-NODE", f"{peer} is no other member of this network.", status=403)
        bundle = reception.check_bundle(data, peer, certificate.verify_key, self.engine.clock.now())
        # To a key that cannot be sealed to, everything for this peer would fail; it is not learnt.
        ReceptionPublic.from_bytes(bundle.daily)
        known = peer_keys.known(self.db, peer)
        if known is not None:
            if known.bundle == data:
                return bundle
            reception.check_successor(reception.read_bundle(known.bundle), known.bundle, bundle, data)
        signed_by = certificate.verify_key.key_id
        peer_keys.learn(self.db, peer, peer_keys.Known(bundle.from_ms, bundle.kept_ms, signed_by, data))
        self.on_keys(peer)
        return bundle

    def _send(self, frame: frames.Frame) -> None:
        self.engine.send(self.relay, frames.encode(frame))


def _due(last_ms: int, every_ms: int, now_ms: int) -> bool:
    # A clock that was set back must not hold anything up.
    return not 0 <= now_ms - last_ms < every_ms
