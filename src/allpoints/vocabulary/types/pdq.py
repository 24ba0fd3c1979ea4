"""PDQ: the perceptual hash of an image, close for images that look alike."""

import re
from typing import Annotated, Any, ClassVar

import msgspec

from allpoints.ground.refusal import Refusal
from allpoints.vocabulary.types.base import FieldType, plain_text

PDQ_DIGITS = 64
PDQ_TEXT_LIMIT = 100
"""Longest text looked at: 64 digits and a quality."""

NEAR_DISTANCE = 31
"""Most bits apart for two images to be taken as alike, as PDQ's documentation recommends."""

LEAST_QUALITY = 50
"""Hashes of lower quality come from images without features; PDQ's documentation says to discard them."""

_FORM = re.compile(r"([0-9a-f]{64})(?:\s*[:,;\s]\s*([0-9]{1,3}))?", re.ASCII)
_FEWEST_BITS, _MOST_BITS = 64, 192
_EXAMPLE = "d8f8f0cec0f4a84f0e370a22028f67f0b36e2ed596623e1d33e6339c4e9c9b22"


class Pdq(FieldType, frozen=True):
    """256 bits as 64 hexadecimal digits; a quality after them is checked and dropped."""

    name: ClassVar[str] = "pdq"

    def clean(self, raw: object, path: str) -> str:
        text = plain_text(raw, path, PDQ_TEXT_LIMIT).lower()
        if not text:
            return ""
        found = _FORM.fullmatch(text)
        if found is None:
            raise Refusal(
                "PDQ-FORM",
                f"A PDQ hash has {PDQ_DIGITS} hexadecimal digits.",
                path=path,
                hint="Give the hash alone, or with its quality behind a colon.",
            )
        digits, quality = found.groups()
        if quality is not None and not LEAST_QUALITY <= int(quality) <= 100:
            raise Refusal(
                "PDQ-QUALITY",
                f"The hash has the quality {int(quality)}, and only {LEAST_QUALITY} to 100 can be relied on.",
                path=path,
                hint="Hash a larger or richer copy of the image.",
            )
        return digits

    def normal(self, value: str) -> str:
        return value

    def compare(self, one: str, other: str) -> float:
        """1.0 for the same bits, falling by distance; 0.5 and more is near, 0.0 at twice that distance."""
        return max(0.0, 1.0 - distance(one, other) / (2 * NEAR_DISTANCE))

    def advice(self, value: str) -> tuple[str, ...]:
        # The hash cuts at the median, so that about half of its bits are set in any image with features.
        bits = int(value, 16).bit_count()
        if _FEWEST_BITS <= bits <= _MOST_BITS:
            return ()
        return (
            f"The hash has {bits} of 256 bits set, so the image is nearly plain and much will be near it.",
        )

    @property
    def examples(self) -> tuple[str, ...]:
        return (_EXAMPLE,)

    def annotation(self) -> Any:
        return Annotated[str, msgspec.Meta(max_length=PDQ_DIGITS, pattern=r"^([0-9a-f]{64})?\Z")]

    def schema(self) -> dict[str, Any]:
        return {"type": "string", "pattern": "^[0-9a-f]{64}$"}


def distance(one: str, other: str) -> int:
    """How many of 256 bits differ: about 128 for images that have nothing in common."""
    return (int(one, 16) ^ int(other, 16)).bit_count()
