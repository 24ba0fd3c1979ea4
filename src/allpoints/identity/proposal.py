"""What a holder of the root is asked to approve: read from its file, and put into words before a passphrase is given."""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import NamedTuple

from allpoints.ground.clock import HOUR
from allpoints.ground.refusal import Refusal
from allpoints.identity import joining, order_file
from allpoints.identity.approval import ADMISSION
from allpoints.identity.filed import fingerprint_of, version_of
from allpoints.identity.keys import grouped
from allpoints.identity.recovery import COOLING_MS, Recovery, Revocation
from allpoints.identity.root import Root
from allpoints.identity.standing import moment


class Proposal(NamedTuple):
    """``subject`` is what is approved, byte for byte; ``words`` say the same to a person, line by line."""

    act: str
    subject: bytes
    words: Mapping[str, str]
    objections_until_ms: int = 0
    """Until when the key that a recovery replaces may object; 0 where nothing is replaced, or at once."""

    def check_time(self, now_ms: int) -> None:
        """Refuse to approve a recovery that leaves the key in use less time than it must have, by the holder's own clock.

        An entry says itself when it was written: what the holders signed is all that keeps its writer from dating it back.
        """
        if self.objections_until_ms and self.objections_until_ms < now_ms + COOLING_MS:
            raise Refusal(
                "RECOVERY-SHORT",
                f"The key in use must have {COOLING_MS // HOUR} hours to object, and has less by this clock.",
                path="proposal",
                hint="Ask the secretariat for a new draft that ends later.",
                status=409,
            )


def read_proposal(text: str, root: Root) -> Proposal:
    """What a file proposes to the holders of ``root``; PROPOSAL-UNKNOWN for a file that proposes nothing."""
    read = _READERS.get(version_of(text))
    if read is None:
        raise Refusal(
            "PROPOSAL-UNKNOWN",
            "Holders of a root approve nothing that is in this file.",
            path="proposal",
            hint="They approve a join request of a bureau, or an order about a member.",
            status=400,
        )
    return read(text, root)


def _admission(text: str, root: Root) -> Proposal:
    request = joining.read_join_request(text)
    if request.certificate is None:
        raise Refusal("ADMIT-REQUEST", "Only a member's admission is approved, no post's.", path="proposal")
    holder, until = request.holder, request.certificate.not_after_ms
    words = {
        "proposed": f"{holder.subject} ({holder.label}) becomes a member of {root.network}",
        "request fingerprint": request.fingerprint(),
        "signs with": holder.verify_key.fingerprint(),
        "certificate until": moment(until),
    }
    return Proposal(ADMISSION, request.certificate.to_bytes(), words)


def _order(text: str, root: Root) -> Proposal:
    order = order_file.read_order(text)
    data = order.to_bytes()
    words = {"proposed": order.sentence(), "network": root.network, "fingerprint": fingerprint_of(data)}
    until_ms = 0
    if isinstance(order, Revocation | Recovery):
        words["present key"] = grouped(order.key.hex())
    if isinstance(order, Recovery):
        words["signs with"] = order.certificate.verify_key.fingerprint()
        until_ms = order.until_ms
    return Proposal(order_file.act_of(order), data, words, until_ms)


_READERS: Mapping[str, Callable[[str, Root], Proposal]] = MappingProxyType(
    {joining.VERSION: _admission, order_file.VERSION: _order}
)
