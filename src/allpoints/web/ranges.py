"""A part of a file over HTTP: one range of bytes (RFC 9110, section 14), so that a download goes on after a cut."""

import re
from typing import NamedTuple

from allpoints.ground.refusal import Refusal

_ONE = re.compile(r"bytes=(?:([0-9]{1,18})-([0-9]{1,18})?|-([0-9]{1,18}))", re.ASCII)


class Wanted(NamedTuple):
    """From which byte to which, the second not included; ``whole`` when nobody asked for a part."""

    start: int
    end: int
    whole: bool


def wanted(header: str, size: int) -> Wanted:
    """What a Range header asks for of a file of ``size`` bytes.

    Several ranges, other units and what is not understood ask for the whole, as the standard allows. Raises
    Refusal NO-SUCH-RANGE (416).
    """
    found = _ONE.fullmatch(header)
    if found is None:
        return Wanted(0, size, whole=True)
    first, last, suffix = found.groups()
    if suffix is not None:
        start, end = max(0, size - int(suffix)), size
    else:
        start, end = int(first), size if last is None else min(int(last) + 1, size)
        if last is not None and int(last) < start:
            return Wanted(0, size, whole=True)
    if start >= size or start >= end:
        raise Refusal(
            "NO-SUCH-RANGE", f"The file has {size} bytes, and none in this range.", path="range", status=416
        )
    return Wanted(start, end, whole=False)
