"""Small JSON files that a person can read and that a program reads strictly, naming the field that is wrong."""

import base64
import binascii
import hashlib
from collections.abc import Callable
from typing import TypeVar

import msgspec

from allpoints.ground.refusal import Refusal
from allpoints.identity.certificate import Certificate
from allpoints.identity.keys import ReceptionPublic, VerifyKey, grouped

FILE_LIMIT_BYTES = 256 * 1024
FINGERPRINT_DIGITS = 40

_File = TypeVar("_File", bound=msgspec.Struct)
_Read = TypeVar("_Read")


class _Versioned(msgspec.Struct):
    allpoints: str


def parse(text: str, kind: type[_File], version: str) -> _File:
    """The file as ``kind``, once it says it is ``version``; unknown fields are refused."""
    try:
        data = text.encode()
        if _version(data) != version:
            raise Refusal(
                "FILE-UNREADABLE",
                f"The file is no {version.partition('/')[0]} of a version this program knows.",
                path="allpoints",
                hint=f"Here stands {version}.",
                status=400,
            )
        return msgspec.json.decode(data, type=kind)
    except msgspec.ValidationError as error:
        sentence, _, path = str(error).partition(" - at `$.")
        raise Refusal("FILE-UNREADABLE", f"{sentence}.", path=path.rstrip("`"), status=400) from error
    except (msgspec.DecodeError, UnicodeEncodeError, RecursionError) as error:
        raise Refusal("FILE-UNREADABLE", "The file is no JSON that can be read.", status=400) from error


def version_of(text: str) -> str:
    """What the file says it is, such as ``join-request/1``; empty when it is no such file."""
    try:
        return _version(text.encode())
    except (msgspec.DecodeError, UnicodeEncodeError, RecursionError):
        return ""


def _version(data: bytes) -> str:
    if len(data) > FILE_LIMIT_BYTES:
        raise Refusal("FILE-TOO-LARGE", f"The file is larger than {FILE_LIMIT_BYTES} bytes.", status=413)
    return msgspec.json.decode(data, type=_Versioned).allpoints


def write_json(file: msgspec.Struct) -> str:
    """The file, indented, with a line's end at its end."""
    return msgspec.json.format(msgspec.json.encode(file), indent=2).decode() + "\n"


def fingerprint_of(meaning: bytes) -> str:
    """Forty hex digits of a SHA-256, to be read over the phone."""
    return grouped(hashlib.sha256(meaning).hexdigest()[:FINGERPRINT_DIGITS])


def check_fingerprint(said: str, true: str) -> None:
    """Refuse a file whose fingerprint belongs to another content."""
    if said != true:
        raise Refusal(
            "FILE-CONTRADICTS",
            "The fingerprint in the file is not the fingerprint of its content.",
            path="fingerprint",
            hint="The file was altered; ask for it again.",
        )


def read_bytes(text: str, path: str) -> bytes:
    """The bytes of a base64url text without padding, in its one form."""
    try:
        data = base64.b64decode(text.encode("ascii") + b"=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, UnicodeEncodeError) as error:
        raise Refusal("FILE-UNREADABLE", "This is no base64url.", path=path, status=400) from error
    if base64url(data) != text:
        raise Refusal("FILE-UNREADABLE", "This is not the one base64url form.", path=path, status=400)
    return data


def base64url(data: bytes) -> str:
    """Base64url without padding."""
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def read_verify_key(text: str, path: str) -> VerifyKey:
    return _at(path, VerifyKey.from_bytes, text)


def read_reception_key(text: str, path: str) -> ReceptionPublic:
    return _at(path, ReceptionPublic.from_bytes, text)


def read_certificate(text: str, path: str) -> Certificate:
    return _at(path, Certificate.from_bytes, text)


def _at(path: str, read: Callable[[bytes], _Read], text: str) -> _Read:
    data = read_bytes(text, path)
    try:
        return read(data)
    except Refusal as refusal:
        inner = f"{path}.{refusal.path}" if refusal.path else path
        raise Refusal(
            refusal.code, refusal.sentence, path=inner, hint=refusal.hint, status=refusal.status
        ) from refusal
