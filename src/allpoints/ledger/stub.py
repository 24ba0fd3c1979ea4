"""What stays of an entry whose bytes are erased: the facts that its commitment names, and the hash of the bytes.

A stub is canonical CBOR ``[id, kind, author, author_seq, sealing, digest]``: exactly what the commitment is computed
from. So whoever has it can check that it belongs to the tree, and nobody learns from it what the entry said.
"""

import hashlib

import msgspec

from allpoints.ground.refusal import Refusal
from allpoints.ledger.entry import Entry, parse
from allpoints.ledger.facts import HASH_BYTES, commit, fact_rules, refuse_unsound
from allpoints.ledger.merkle import leaf_hash
from allpoints.sealing import cbor

STUB_LIMIT_BYTES = 256
_TYPES = (bytes, str, str, int, int, bytes)
_LIST_OF_SIX = 0x86
"""The first byte of a stub. An entry is a list of four."""


class Stub(msgspec.Struct, frozen=True, kw_only=True):
    """The facts of one entry; ``digest`` is the SHA-256 of its bytes."""

    id: bytes
    kind: str
    author: str
    author_seq: int
    sealing: int
    digest: bytes

    @property
    def commitment(self) -> bytes:
        return commit(self.id, self.kind, self.author, self.author_seq, self.sealing, self.digest)

    @property
    def leaf(self) -> bytes:
        """The hash of the entry's leaf in the tree."""
        return leaf_hash(self.commitment)

    @property
    def encoded(self) -> bytes:
        return cbor.encode([self.id, self.kind, self.author, self.author_seq, self.sealing, self.digest])

    def check_bytes(self, data: bytes) -> None:
        """Refuse bytes that are not those of the entry that this stub is of (ENTRY-OTHER)."""
        if hashlib.sha256(data).digest() != self.digest:
            raise Refusal("ENTRY-OTHER", "These are not the bytes of that entry.", path="entry")


Item = Entry | Stub
"""What stands in one place of the ledger."""


def stub_of(item: Item) -> Stub:
    """What would stay of an item."""
    if isinstance(item, Stub):
        return item
    header = item.header
    return Stub(
        id=header.id,
        kind=header.kind,
        author=header.author,
        author_seq=header.author_seq,
        sealing=header.sealing,
        digest=item.digest,
    )


def read(data: bytes) -> Item:
    """Read what stands in one place of the ledger, strictly: an entry, or the stub of one."""
    return parse_stub(data) if data[:1] == bytes((_LIST_OF_SIX,)) else parse(data)


def parse_stub(data: bytes) -> Stub:
    """Read a stub strictly (ENTRY-STUB, ENTRY-HEADER)."""
    fields = cbor.decode(data, STUB_LIMIT_BYTES)
    if type(fields) is not list or tuple(map(type, fields)) != _TYPES or len(fields[5]) != HASH_BYTES:
        raise Refusal("ENTRY-STUB", "A stub has six fields of fixed types.", status=400)
    refuse_unsound(fact_rules(*fields[:5]))
    return Stub(
        id=fields[0],
        kind=fields[1],
        author=fields[2],
        author_seq=fields[3],
        sealing=fields[4],
        digest=fields[5],
    )
