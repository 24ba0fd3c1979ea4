"""What an index says about a token: which record, whose, of which register, published when."""

import struct
from functools import lru_cache
from typing import NamedTuple

from allpoints.ground.refusal import Refusal

POSTING_BYTES = 32
"""Every posting has this length, so that the n-th one is found without an index of its own."""

RECORD_ID_BYTES = 16
"""Length of a record's identity."""

PUBLISHED_LIMIT_MS = (1 << 48) - 1
"""The largest time that six bytes hold, in the year 10889."""

VERSION_LIMIT = (1 << 24) - 1
"""The largest version of a record that three bytes hold."""

VERSION_OFFSET = 27
"""Where the three bytes of the version stand, big-endian, for readers of whole columns."""

_LAYOUT = struct.Struct(">16sHIBB3sBHH")


class Posting(NamedTuple):
    """One record behind a token."""

    record_id: bytes
    published_ms: int
    register: int
    flags: int
    owner: str
    version: int


def pack(posting: Posting) -> bytes:
    """The 32 bytes of a posting: id 16, time 6, register 1, flags 1, owner 3, version 3, two spare zeros.

    Raises Refusal POSTING-FIELD when a field does not fit.
    """
    record_id, published_ms, register, flags, owner, version = posting
    checks = (
        ("record_id", len(record_id) == RECORD_ID_BYTES),
        ("published_ms", 0 <= published_ms <= PUBLISHED_LIMIT_MS),
        ("register", 0 <= register <= 255),
        ("flags", 0 <= flags <= 255),
        ("owner", len(owner) == 3 and owner.isascii() and owner.isalpha() and owner.isupper()),
        ("version", 0 <= version <= VERSION_LIMIT),
    )
    for field, fits in checks:
        if not fits:
            raise Refusal("POSTING-FIELD", f"The posting's {field} does not fit its place.", path=field)
    return _LAYOUT.pack(
        record_id,
        published_ms >> 32,
        published_ms & 0xFFFF_FFFF,
        register,
        flags,
        owner.encode("ascii"),
        version >> 16,
        version & 0xFFFF,
        0,
    )


def unpack(data: bytes) -> Posting:
    """The posting in 32 bytes; raises Refusal POSTING-BYTES for anything ``pack`` does not write."""
    try:
        record_id, time_high, time_low, register, flags, owner, high, low, spare = _LAYOUT.unpack(data)
        if spare:
            raise _not_a_posting()
        # Every hit comes through here: building the tuple directly takes half the time of calling Posting.
        return tuple.__new__(
            Posting,
            (record_id, time_high << 32 | time_low, register, flags, _owner(owner), high << 16 | low),
        )
    except struct.error:
        raise _not_a_posting() from None


@lru_cache(maxsize=1_024)
def _owner(code: bytes) -> str:
    if not (code.isascii() and code.isalpha() and code.isupper()):
        raise _not_a_posting()
    return code.decode("ascii")


def _not_a_posting() -> Refusal:
    return Refusal("POSTING-BYTES", "These bytes are not a posting.")
