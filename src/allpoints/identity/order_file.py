"""An order about a member as a file: drawn up at the secretariat, approved by holders of the root, then written."""

import msgspec

from allpoints.ground.refusal import Refusal
from allpoints.identity.filed import base64url, parse, read_bytes, write_json
from allpoints.identity.standing import Measure, Restoration

VERSION = "order/1"
_KINDS: dict[str, type[Measure] | type[Restoration]] = {"measure": Measure, "restoration": Restoration}


def write_order(order: Measure | Restoration) -> str:
    """The file; ``read_order`` reads it back."""
    kind = "measure" if isinstance(order, Measure) else "restoration"
    return write_json(_OrderFile(VERSION, kind, order.member, order.sentence(), base64url(order.to_bytes())))


def read_order(text: str) -> Measure | Restoration:
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
