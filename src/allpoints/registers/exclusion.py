"""A member that is shut out of a record which it could read: the order to delete it, and its word that it has.

An order is the body of an entry that is sealed for those alone whom it is for. It names records as their owner does, by
register and reference, so that none can name another's; and each with a version: what is held of a record from before that
version is to be deleted, and is not taken again when it comes later.
"""

from collections.abc import Iterable
from itertools import pairwise
from typing import NamedTuple

import msgspec

from allpoints.registers.record import REF_LIMIT, TERM_LIMIT, VERSION_LIMIT
from allpoints.sealing import cbor
from allpoints.sealing.fields import Fields
from allpoints.sealing.parties import SIGNATURE_BYTES, Signer, Verifier

ORDER_LIMIT = 1_000
"""Records that one order names: as many as one batch changes."""
ORDER_LIMIT_BYTES = 16 + ORDER_LIMIT * (4 * (TERM_LIMIT + REF_LIMIT) + 16)
STATEMENT_LIMIT_BYTES = 4 * 1024
COMMITMENT_BYTES = 32

_VERSION = 1
_LABEL = b"allpoints/exclusion-obeyed/1"

_order = Fields("ORDER-SHAPE")
_word = Fields("OBEYED-SHAPE")


class Named(NamedTuple):
    """A record of an order's author, and the version below which it is to be deleted."""

    register: str
    ref: str
    below: int


class ShutOut(NamedTuple):
    """A member that a change of an own record shuts out: it is not to keep what is below this version."""

    record_id: bytes
    member: str
    below: int
    register: int
    ref: str


class Exclusion(NamedTuple):
    """One member shut out of one record, as its owner knows it.

    ``commitment`` is that of the entry with the order, empty when none was needed: the member never was given a key.
    ``obeyed_ms`` is 0 until it has said that it obeyed, ``statement`` its signed word.
    """

    record_id: bytes
    member: str
    below: int
    register: int
    ref: str
    at_ms: int
    commitment: bytes
    obeyed_ms: int
    statement: bytes


class Obeyed(msgspec.Struct, frozen=True):
    """A member's word that it has deleted what the order with this commitment names."""

    commitment: bytes
    by: str
    at_ms: int


def encode_order(named: Iterable[Named]) -> bytes:
    """The bytes to seal, sorted by register and reference."""
    return cbor.encode([list(one) for one in sorted(named)])


def decode_order(data: bytes) -> tuple[Named, ...]:
    """Read what ``encode_order`` made; raises Refusal ORDER-SHAPE for anything else."""
    if len(data) > ORDER_LIMIT_BYTES:
        raise _order.refuse("order", f"An order has at most {ORDER_LIMIT_BYTES} bytes.")
    items = _order.listed(cbor.decode(data, ORDER_LIMIT_BYTES), "order", ORDER_LIMIT)
    named = tuple(_named(item, f"order[{position}]") for position, item in enumerate(items))
    if any(left[:2] >= right[:2] for left, right in pairwise(named)):
        raise _order.refuse("order", "An order is sorted by register and reference, and names none twice.")
    return named


def _named(item: object, path: str) -> Named:
    register, ref, below = _order.array(item, 3, path)
    _order.text(register, f"{path}[0]")
    if type(ref) is not str or not 1 <= len(ref) <= REF_LIMIT:
        raise _order.refuse(f"{path}[1]", f"A reference has 1 to {REF_LIMIT} characters.")
    if _order.number(below, f"{path}[2]", below=VERSION_LIMIT + 1) < 2:
        raise _order.refuse(f"{path}[2]", "Nothing of a record is older than its first version.")
    return Named(register, ref, below)


def sign_obeyed(word: Obeyed, key: Signer) -> bytes:
    """The word as it travels, signed by the member it names."""
    body = cbor.encode([_VERSION, word.commitment, word.by, word.at_ms])
    _obeyed(body)
    return cbor.encode([body, key.sign(_LABEL, body).to_bytes()])


def check_obeyed(data: bytes, key: Verifier) -> Obeyed:
    """What a member says, once ``key`` is found to have signed it; raises Refusal OBEYED-SHAPE, BAD-SIGNATURE."""
    body, signature = _word.array(cbor.decode(data, STATEMENT_LIMIT_BYTES), 2, "obeyed")
    word = _obeyed(_word.data(body, "obeyed[0]"))
    key.verify_bytes(_LABEL, body, _word.data(signature, "obeyed[1]", size=SIGNATURE_BYTES))
    return word


def _obeyed(body: bytes) -> Obeyed:
    version, commitment, by, at_ms = _word.array(cbor.decode(body, STATEMENT_LIMIT_BYTES), 4, "obeyed")
    if _word.number(version, "version") != _VERSION:
        raise _word.refuse("version", "This version of the word is not known.")
    return Obeyed(
        _word.data(commitment, "commitment", size=COMMITMENT_BYTES),
        _word.text(by, "by"),
        _word.number(at_ms, "at_ms"),
    )
