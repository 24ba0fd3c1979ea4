"""What an owner says about its records: acts, in batches, as they stand in a ledger entry."""

import zlib
from collections.abc import Sequence
from hashlib import blake2b
from typing import Annotated, Final, Literal

import msgspec
from msgspec import Meta

from allpoints.ground.refusal import Refusal

DECLARATION = 1
"""The version of the registers' declarations that this program writes and the highest that it reads."""

BATCH_LIMIT = 1_000
"""Acts in one batch; a larger import is several entries."""

BATCH_BYTES_LIMIT = 16 * 1024 * 1024
"""A batch unfolds to no more than this, whatever its compressed form claims."""

SEALED_BYTES_LIMIT = 3_500_000
"""A compressed batch must still fit into one ledger entry beside header, audience and signatures."""

BODY_BYTES_LIMIT = 128 * 1024
REF_FIELD = "source_ref"
"""Every register has this field: the owner's own reference, by which it changes and withdraws the record."""

REF_LIMIT = 64
REASON_LIMIT = 500
TERM_LIMIT = 64
EXCLUDED_LIMIT = 300

VERSION_LIMIT = 2**24 - 1
"""A version has three bytes in the check index."""

Ref = Annotated[str, Meta(min_length=1, max_length=REF_LIMIT)]
Term = Annotated[str, Meta(min_length=1, max_length=TERM_LIMIT)]
Member = Annotated[str, Meta(pattern=r"^[A-Z]{3}\Z")]


PUT: Final = "put"
WITHDRAW: Final = "withdraw"
ACHIEVE: Final = "achieve"
"""A withdrawal because the purpose is served."""

MOMENT_LIMIT_MS = 2**48 - 1
"""A moment has six bytes in the check index."""


class RecordOp(msgspec.Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True):
    """One act on one record. A put carries the whole record, so that acts never depend on one another.

    ``since_ms`` is when the retention of what is put began; 0 when it begins with the entry, as for a new record and
    for one that is renewed for a stated reason. A mere change does not keep a record longer.
    """

    op: Literal["put", "withdraw", "achieve"]
    ref: Ref
    version: Annotated[int, Meta(ge=1, le=VERSION_LIMIT)]
    body: Annotated[bytes, Meta(max_length=BODY_BYTES_LIMIT)] = b""
    purpose: Annotated[str, Meta(max_length=TERM_LIMIT)] = ""
    handling: Annotated[str, Meta(max_length=TERM_LIMIT)] = ""
    reason: Annotated[str, Meta(max_length=REASON_LIMIT)] = ""
    by_role: Annotated[str, Meta(max_length=TERM_LIMIT)] = ""
    since_ms: Annotated[int, Meta(ge=0, le=MOMENT_LIMIT_MS)] = 0


class Batch(msgspec.Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True):
    """Acts of one owner in one register, all for the same readers.

    ``declaration`` is the version of the registers' declarations that the bodies follow. ``excluded`` names the
    members who may not read: they cannot open it anyway, it tells the owner whom to leave out later too.
    """

    register: Term
    declaration: Annotated[int, Meta(ge=1, le=VERSION_LIMIT)]
    ops: Annotated[tuple[RecordOp, ...], Meta(min_length=1, max_length=BATCH_LIMIT)]
    excluded: Annotated[tuple[Member, ...], Meta(max_length=EXCLUDED_LIMIT)] = ()


_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(Batch).decode

# Copying a prepared state is faster than setting one up, and both are needed for every act.
_identifying = blake2b(digest_size=16, person=b"allpoints-record").copy
_condensing = blake2b(digest_size=16, person=b"allpoints-conten").copy


def record_id(register: str, owner: str, ref: str) -> bytes:
    """The 16 bytes by which every node knows this owner's record of that reference."""
    state = _identifying()
    state.update(f"{register}\0{owner}\0{ref}".encode(errors="surrogatepass"))
    return state.digest()


def ref_of(body: msgspec.Struct) -> str:
    return str(getattr(body, REF_FIELD))


def content_of(op: RecordOp, excluded: Sequence[str]) -> bytes:
    """16 bytes that change when what the readers may know of the record changes: not with version or reason."""
    state = _condensing()
    state.update(_encode((op.op, op.body, op.purpose, op.handling, *excluded)))
    return state.digest()


def encode_batch(batch: Batch) -> bytes:
    """The bytes to seal; refuses a batch that its readers would refuse."""
    if not 1 <= len(batch.ops) <= BATCH_LIMIT:
        raise Refusal("BATCH-SIZE", f"A batch has 1 to {BATCH_LIMIT} acts.", path="ops")
    plain = _encode(batch)
    if len(plain) > BATCH_BYTES_LIMIT:
        raise _too_large()
    packed = zlib.compress(plain, 1)
    if len(packed) > SEALED_BYTES_LIMIT:
        raise _too_large()
    return packed


def decode_batch(packed: bytes) -> Batch:
    """Read what ``encode_batch`` made; anything else is refused, and unpacks no more than the limit."""
    if len(packed) > BATCH_BYTES_LIMIT:
        raise _too_large()
    unpacking = zlib.decompressobj()
    try:
        plain = unpacking.decompress(packed, BATCH_BYTES_LIMIT + 1)
    except zlib.error:
        raise Refusal("BATCH-PACKING", "The batch is not packed as it should be.", status=400) from None
    if len(plain) > BATCH_BYTES_LIMIT:
        raise _too_large()
    if not unpacking.eof or unpacking.unused_data:
        raise Refusal("BATCH-PACKING", "The batch is cut off or has something after its end.", status=400)
    try:
        return _decode(plain)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise Refusal("BATCH-SHAPE", f"The batch cannot be read: {error}.", status=400) from None


def _too_large() -> Refusal:
    return Refusal(
        "BATCH-TOO-LARGE",
        f"A batch holds at most {BATCH_BYTES_LIMIT} bytes, {SEALED_BYTES_LIMIT} when packed.",
        hint="Send the records in smaller batches.",
        status=413,
    )
