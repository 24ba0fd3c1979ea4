"""An order about a member as a file: drawn up at the secretariat, approved by holders of the root, then written."""

import msgspec

from allpoints.ground.refusal import Refusal
from allpoints.identity.approval import MEASURE, RECOVERY, RESTORATION, REVOCATION
from allpoints.identity.filed import base64url, parse, read_bytes, write_json
from allpoints.identity.recovery import Recovery, Revocation
from allpoints.identity.standing import Measure, Restoration

VERSION = "order/1"

Order = Measure | Restoration | Revocation | Recovery
_KINDS: dict[str, type[Order]] = {
    MEASURE: Measure,
    RESTORATION: Restoration,
    REVOCATION: Revocation,
    RECOVERY: Recovery,
}


def act_of(order: Order) -> str:
    """What holders of the root approve with it, and what kind its file is of."""
    return next(act for act, kind in _KINDS.items() if isinstance(order, kind))


def write_order(order: Order) -> str:
    """The file; ``read_order`` reads it back."""
    sentence, data = order.sentence(), base64url(order.to_bytes())
    return write_json(_OrderFile(VERSION, act_of(order), order.member, sentence, data))


def read_order(text: str) -> Order:
    """Read an order strictly; its words must be those of the bytes in it."""
    file = parse(text, _OrderFile, VERSION)
    kind = _KINDS.get(file.kind)
    if kind is None:
        raise Refusal("ORDER-KIND", f"An order is one of {', '.join(_KINDS)}.", path="kind", status=400)
    order = kind.from_bytes(read_bytes(file.order, "order"))
    if (file.member, file.sentence) != (order.member, order.sentence()):
        raise Refusal("FILE-CONTRADICTS", "The file says something else than the order in it.", path="order")
    return order


class _OrderFile(msgspec.Struct, forbid_unknown_fields=True):
    allpoints: str
    kind: str
    member: str
    sentence: str
    order: str
