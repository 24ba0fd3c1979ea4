"""Padding, so that a carrier learns little from the size of what it carries.

Up to 256 bytes everything has one size; above, sizes are rounded as in Padmé (Nikitin and others, "Reducing
metadata leakage from encrypted files and communication with PURBs", 2019), which adds at most about 12 %.
"""

from allpoints.ground.refusal import Refusal

FLOOR_BYTES = 256
_LENGTH_BYTES = 4


def padded_size(size: int) -> int:
    """The size that ``size`` bytes are padded to."""
    if size <= FLOOR_BYTES:
        return FLOOR_BYTES
    exponent = size.bit_length() - 1
    rounding = (1 << (exponent - exponent.bit_length())) - 1
    return (size + rounding) & ~rounding


def pad(data: bytes) -> bytes:
    """Four bytes of length, the data, zeros."""
    framed = len(data).to_bytes(_LENGTH_BYTES, "big") + data
    return framed.ljust(padded_size(len(framed)), b"\0")


def unpad(padded: bytes) -> bytes:
    """The data in ``padded``; refuses any form that ``pad`` would not have made."""
    size = int.from_bytes(padded[:_LENGTH_BYTES], "big")
    data = padded[_LENGTH_BYTES : _LENGTH_BYTES + size]
    if pad(data) != padded:
        raise Refusal("BAD-PADDING", "The padding is not the one for this size.", status=400)
    return data
