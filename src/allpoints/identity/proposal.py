"""What a holder of the root is asked to approve: read from its file, and put into words before a passphrase is given."""

import datetime as dt
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import NamedTuple

from allpoints.ground.refusal import Refusal
from allpoints.identity import joining, order_file
from allpoints.identity.approval import ADMISSION, MEASURE, RESTORATION
from allpoints.identity.filed import version_of
from allpoints.identity.root import Root
from allpoints.identity.standing import Measure


class Proposal(NamedTuple):
    """``subject`` is what is approved, byte for byte; ``words`` say the same to a person, line by line."""

    act: str
    subject: bytes
    words: Mapping[str, str]


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
        "certificate until": f"{dt.datetime.fromtimestamp(until // 1000, dt.UTC):%Y-%m-%d %H:%M} UTC",
    }
    return Proposal(ADMISSION, request.certificate.to_bytes(), words)


def _order(text: str, root: Root) -> Proposal:
    order = order_file.read_order(text)
    act = MEASURE if isinstance(order, Measure) else RESTORATION
    return Proposal(act, order.to_bytes(), {"proposed": order.sentence(), "network": root.network})


_READERS: Mapping[str, Callable[[str, Root], Proposal]] = MappingProxyType(
    {joining.VERSION: _admission, order_file.VERSION: _order}
)
