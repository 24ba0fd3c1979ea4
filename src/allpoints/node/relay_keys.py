"""Reception keys at the relay: it carries bundles to everybody and hands each one-time key out once."""

from collections.abc import Mapping
from functools import partial
from typing import TYPE_CHECKING

from allpoints.ground.refusal import Refusal
from allpoints.messages import key_desk
from allpoints.node import frames

if TYPE_CHECKING:
    from allpoints.node.relay import Relay

FRAME_LIMIT_BYTES = 2 * 1024 * 1024


class RelayKeys:
    """What the relay does with the frames about keys."""

    def __init__(self, relay: "Relay") -> None:
        self.relay = relay

    def take(self, peer: str, frame: frames.PublishKeys | frames.AskKeys | frames.AskOneTime) -> None:
        match frame:
            case frames.PublishKeys():
                self._publish(peer, frame)
            case frames.AskKeys():
                self._tell(peer, dict(frame.known))
            case frames.AskOneTime():
                self._hand_out(peer, frame)

    def ended(self, *members: str) -> None:
        """Members' keys sign no more: what they signed is forgotten, and their lines end with the entry that says so."""
        for member in members:
            key_desk.forget(self.relay.db, member)
            self.relay.after(partial(self._end, member))

    def _end(self, member: str) -> None:
        self.relay.stream(member)
        if self.relay.directory.revoked(member) is not None:
            self.relay.departed(member)
        self.relay.on_key_ended(member)

    def _publish(self, peer: str, frame: frames.PublishKeys) -> None:
        certificate = self.relay.directory.certificate(peer)
        if certificate is None:
            raise Refusal("PEER-UNKNOWN", f"{peer} is no member of this network.", status=403)
        db, now = self.relay.db, self.relay.clock.now()
        from_ms, new = key_desk.publish(db, peer, certificate.verify_key, frame.bundle, frame.one_time, now)
        self._send(peer, frames.KeysPublished(from_ms))
        if new:
            self.relay.after(lambda: self._spread(peer, frame.bundle))

    def _spread(self, owner: str, bundle: bytes) -> None:
        told = frames.encode(frames.PeerKeys([bundle]))
        for peer in self.relay.followers:
            if peer != owner:
                self.relay.carrier.send(peer, told)

    def _tell(self, peer: str, known: Mapping[str, int]) -> None:
        bundles = key_desk.newer(self.relay.db, peer, known)
        while bundles:
            count = frames.sized([len(one) for one in bundles], FRAME_LIMIT_BYTES)
            part, bundles = bundles[:count], bundles[count:]
            self._send(peer, frames.PeerKeys(part))

    def _hand_out(self, peer: str, frame: frames.AskOneTime) -> None:
        bundle = key_desk.bundle_of(self.relay.db, frame.peer)
        keys = key_desk.hand_out(self.relay.db, peer, frame.peer, frame.count, self.relay.clock.now())
        if keys:
            self._send(peer, frames.OneTimeKeys(bundle, keys))

    def _send(self, peer: str, frame: frames.Frame) -> None:
        self.relay.send(peer, frames.encode(frame))
