"""E-mail addresses: the part of RFC 5321 that mailboxes really use."""

import re
from typing import Annotated, Any, ClassVar

import msgspec

from allpoints.ground.refusal import Refusal
from allpoints.vocabulary.normal import NEAR_LIMIT
from allpoints.vocabulary.types.base import FieldType, plain_text

ADDRESS_LIMIT = 254
"""Longest address: a path of 256 characters less its angle brackets (RFC 5321, 4.5.3.1.3)."""

LOCAL_LIMIT = 64
"""Longest part in front of the sign (RFC 5321, 4.5.3.1.1)."""

NEAR_SCORE = 0.5
"""One easily made slip apart."""

_ATOM = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+"
_LOCAL = re.compile(rf"{_ATOM}(?:\.{_ATOM})*", re.ASCII)
_LABEL = r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
_DOMAIN = re.compile(rf"(?:{_LABEL}\.)+(?![0-9]+\Z){_LABEL}", re.ASCII)
_LOOK_ALIKE = str.maketrans("o0l1i", "0o1ll")
# IDNA 2003, which the standard library has, would make other letters of these; IDNA 2008 keeps them.
_DISPUTED = frozenset("ßς\u200c\u200d")


class EMail(FieldType, frozen=True):
    """A mailbox; the domain is written in small ASCII letters, the part in front of it as it was given."""

    name: ClassVar[str] = "e-mail"
    personal: ClassVar[bool] = True

    def clean(self, raw: object, path: str) -> str:
        text = plain_text(raw, path, ADDRESS_LIMIT)
        if text[:7].lower() == "mailto:":
            text = text[7:].lstrip()
        if not text:
            return ""
        local, sign, domain = text.rpartition("@")
        if not sign or len(local) > LOCAL_LIMIT or not _LOCAL.fullmatch(local):
            raise _refusal("The part in front of the @ cannot be that of a mailbox.", path)
        domain = _domain(domain)
        if len(domain) > ADDRESS_LIMIT - len(local) - 1 or not _DOMAIN.fullmatch(domain):
            raise _refusal("The part behind the @ is not the name of a mail domain.", path)
        return f"{local}@{domain}"

    def normal(self, value: str) -> str:
        return value.lower()

    def compare(self, one: str, other: str) -> float:
        left, right = self.normal(one), self.normal(other)
        if left == right:
            return 1.0
        return NEAR_SCORE if right in self.near(left) or left in self.near(right) else 0.0

    def near(self, value: str) -> tuple[str, ...]:
        """The mailbox without its tag, look-alike characters, and neighbours exchanged in front of the sign."""
        local, _, domain = value.rpartition("@")
        found = dict.fromkeys([local.partition("+")[0]])
        swapped = local.translate(_LOOK_ALIKE)
        for at, other in enumerate(swapped):
            found[local[:at] + other + local[at + 1 :]] = None
        for at in range(len(local) - 1):
            found[local[:at] + local[at + 1] + local[at] + local[at + 2 :]] = None
        slips = (slip for slip in found if slip != local and _LOCAL.fullmatch(slip))
        return tuple(f"{slip}@{domain}" for slip in slips)[:NEAR_LIMIT]

    def facts(self, value: str) -> tuple[tuple[str, str], ...]:
        domain = value.rpartition("@")[2]
        own = _own_script(domain)
        return (("Domain", domain), *((("Domain in its own script", own),) if own != domain else ()))

    @property
    def examples(self) -> tuple[str, ...]:
        return ("elio.torvane@mail.example", "desk+17@xn--bcher-kva.example")

    def annotation(self) -> Any:
        return Annotated[str, msgspec.Meta(max_length=ADDRESS_LIMIT, pattern=r"^([!-~]+@[a-z0-9.-]+)?\Z")]

    def schema(self) -> dict[str, Any]:
        return {"type": "string", "maxLength": ADDRESS_LIMIT, "pattern": "^[!-~]+@[a-z0-9.-]+$"}


def _domain(text: str) -> str:
    """The domain in small ASCII letters; ``""`` when it cannot be written so."""
    if text.isascii():
        return text.lower()
    if _DISPUTED.intersection(text):
        return ""
    try:
        return text.encode("idna").decode("ascii").lower()
    except UnicodeError:
        return ""


def _own_script(domain: str) -> str:
    try:
        return domain.encode("ascii").decode("idna")
    except UnicodeError:
        return domain


def _refusal(sentence: str, path: str) -> Refusal:
    return Refusal(
        "E-MAIL-FORM",
        sentence,
        path=path,
        hint="Write one address as name@domain.example, without the person's name; a domain in other letters "
        "can be given as xn--.",
    )
