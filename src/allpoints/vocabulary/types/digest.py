"""Cryptographic digests of files, as hexadecimal digits."""

import re
from typing import Annotated, Any, ClassVar

import msgspec

from allpoints.ground.refusal import Refusal
from allpoints.vocabulary.types.base import FieldType, plain_text

DIGEST_TEXT_LIMIT = 256
"""Longest text looked at: 64 digits, with a blank or colon after each pair and the name in front."""

_FILLING = re.compile(r"[\s:]+")


class Digest(FieldType, frozen=True):
    """A digest in small hexadecimal digits; blanks, colons and the algorithm's name in front are dropped."""

    digits: ClassVar[int]
    written: ClassVar[str]
    example: ClassVar[str]

    def clean(self, raw: object, path: str) -> str:
        text = plain_text(raw, path, DIGEST_TEXT_LIMIT).lower()
        if not text:
            return ""
        for spelling in (self.written.lower(), self.name):
            text = text.removeprefix(spelling).lstrip(" :=")
        digits = _FILLING.sub("", text)
        if not re.fullmatch(f"[0-9a-f]{{{self.digits}}}", digits):
            raise Refusal(
                "DIGEST-FORM",
                f"A {self.written} digest has {self.digits} hexadecimal digits.",
                path=path,
                hint="Copy it whole, without the file's name.",
            )
        return digits

    def normal(self, value: str) -> str:
        return value

    @property
    def examples(self) -> tuple[str, ...]:
        return (self.example,)

    def annotation(self) -> Any:
        return Annotated[
            str, msgspec.Meta(max_length=self.digits, pattern=rf"^([0-9a-f]{{{self.digits}}})?\Z")
        ]

    def schema(self) -> dict[str, Any]:
        return {"type": "string", "pattern": f"^[0-9a-f]{{{self.digits}}}$"}


class Sha256(Digest, frozen=True):
    """What names a file beyond doubt."""

    name: ClassVar[str] = "sha256"
    digits: ClassVar[int] = 64
    written: ClassVar[str] = "SHA-256"
    example: ClassVar[str] = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"


class _Outworn(Digest, frozen=True):
    """A digest that older collections are kept under; it is found, and it proves nothing."""

    def advice(self, value: str) -> tuple[str, ...]:
        del value
        return (f"Two different files can be made to share one {self.written} digest: give SHA-256 as well.",)


class Sha1(_Outworn, frozen=True):
    """The digest of older collections."""

    name: ClassVar[str] = "sha1"
    digits: ClassVar[int] = 40
    written: ClassVar[str] = "SHA-1"
    example: ClassVar[str] = "a9993e364706816aba3e25717850c26c9cd0d89d"


class Md5(_Outworn, frozen=True):
    """The digest of the oldest collections."""

    name: ClassVar[str] = "md5"
    digits: ClassVar[int] = 32
    written: ClassVar[str] = "MD5"
    example: ClassVar[str] = "900150983cd24fb0d6963f7d28e17f72"
