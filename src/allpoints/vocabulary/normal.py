"""Normal forms of identifiers: the same text for whoever records and whoever checks, or they never meet."""

import re
import unicodedata

from allpoints.ground.refusal import Refusal
from allpoints.vocabulary.transliteration import simple, to_mrz

DOCUMENT_NUMBER_LIMIT = 32
"""Longest document number: the zone's longest, with overflow, has 24 characters."""

RANGE_LIMIT = 10_000_000
"""Most documents in one range of blanks: a larger one is an error of typing, not a theft."""

NEAR_LIMIT = 64
"""Most neighbours of a number that are asked for a warning."""

# In the zone Germany stands as D; records and checks must meet under one code.
_ISSUER_ALIASES = {"D": "DEU"}
_SEPARATORS = re.compile(r"[\s\-‐‑‒–—<./_,:]+")
_NUMBER = re.compile(r"[A-Z0-9]+", re.ASCII)
_TRAILING_DIGITS = re.compile(r"[0-9]+\Z")
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", re.ASCII)
_LOOK_ALIKE = str.maketrans("O0I1B8S5Z2", "0O1I8B5S2Z")


def document_number(text: str, path: str = "") -> str:
    """A document number as A to Z and 0 to 9 only; spaces, hyphens, dots, slashes and fillers are dropped."""
    if text.isascii() and text.isalnum() and len(text) <= DOCUMENT_NUMBER_LIMIT:
        return text.upper()
    if len(text) > 2 * DOCUMENT_NUMBER_LIMIT:
        raise _too_long(path)
    number = _SEPARATORS.sub("", unicodedata.normalize("NFKC", text)).upper()
    if not number:
        raise Refusal(
            "DOCUMENT-NUMBER-EMPTY",
            "The document number is empty.",
            path=path,
            hint="Give the number printed on the document.",
        )
    if not _NUMBER.fullmatch(number):
        odd = next(letter for letter in number if not _NUMBER.fullmatch(letter))
        raise Refusal(
            "DOCUMENT-NUMBER-CHARACTER",
            f"“{odd}” cannot stand in a document number." if odd.isprintable() else "A control character.",
            path=path,
            hint="Use the letters A to Z and the digits 0 to 9 (Latin letters, also where others look alike).",
        )
    if len(number) > DOCUMENT_NUMBER_LIMIT:
        raise _too_long(path)
    return number


def _too_long(path: str) -> Refusal:
    return Refusal(
        "DOCUMENT-NUMBER-LONG",
        f"A document number has at most {DOCUMENT_NUMBER_LIMIT} characters.",
        path=path,
        hint="Give the number only.",
    )


def issuer_code(issuer: str) -> str:
    """The code records and checks use for an issuer (the zone's D is DEU)."""
    code = issuer.strip().strip("<").upper()
    return _ISSUER_ALIASES.get(code, code)


def document_key(issuer: str, number: str) -> str:
    """The key of one document, whether it is itself on record or belongs to a person on record."""
    return f"{issuer_code(issuer)}|{document_number(number)}"


def split_number(number: str) -> tuple[str, str]:
    """A normal number as its head and the digits it ends with (``AB0012`` is ``AB`` and ``0012``)."""
    found = _TRAILING_DIGITS.search(number)
    return (number[: found.start()], found.group()) if found else (number, "")


def range_shape(issuer: str, number: str) -> str:
    """The key of all numbers of the same issuer, head and length; asked first, so that a miss costs one look-up."""
    normal = document_number(number)
    return f"{issuer_code(issuer)}|{split_number(normal)[0]}|{len(normal)}"


def range_bounds(first: str, last: str, path: str = "", at_most: int = RANGE_LIMIT) -> tuple[str, str, str]:
    """Head, first and last digits of a range of numbers; refuses what is no range of equal shape."""
    head, low = split_number(document_number(first, path))
    last_head, high = split_number(document_number(last, path))
    if not low or head != last_head or len(low) != len(high):
        raise Refusal(
            "RANGE-SHAPE",
            "First and last number of a range must have the same letters in front and the same length.",
            path=path,
            hint="Enter two ranges, or one document each.",
        )
    count = int(high) - int(low) + 1
    if count < 1:
        raise Refusal(
            "RANGE-ORDER",
            "The last number of the range is lower than the first.",
            path=path,
            hint="Exchange the two numbers.",
        )
    if count > at_most:
        raise Refusal(
            "RANGE-SIZE",
            f"The range holds {count:,} documents; at most {at_most:,} are allowed.",
            path=path,
            hint="Check both numbers, or enter several ranges.",
        )
    return head, low, high


def range_cover(issuer: str, first: str, last: str) -> list[str]:
    """The fewest prefixes that cover a range of numbers exactly: at most 18 for each digit that varies."""
    head, low, high = range_bounds(first, last)
    stem = f"{issuer_code(issuer)}|{len(head) + len(low)}|{head}"
    return [stem + digits for digits in _prefixes(int(low), int(high), len(low))]


def _prefixes(low: int, high: int, digits: int) -> list[str]:
    """Decimal prefixes, ``digits`` long and shorter, whose numbers are exactly those from low to high."""
    front: list[str] = []
    back: list[str] = []
    while digits > 0 and low <= high:
        while low <= high and low % 10:
            front.append(f"{low:0{digits}d}")
            low += 1
        while low <= high and high % 10 != 9:
            back.append(f"{high:0{digits}d}")
            high -= 1
        low, high, digits = low // 10, high // 10 if low <= high else -1, digits - 1
    if digits == 0 and low <= high:
        front.append("")
    return front + back[::-1]


def range_probes(issuer: str, number: str) -> list[str]:
    """The prefixes under which a number must be asked: one is in a cover if and only if the range holds it."""
    normal = document_number(number)
    head = len(split_number(normal)[0])
    stem = f"{issuer_code(issuer)}|{len(normal)}|"
    return [stem + normal[:length] for length in range(len(normal), head - 1, -1)]


def near_numbers(number: str) -> list[str]:
    """Numbers one slip of the eye or hand away; for a warning only, a hit never comes from them."""
    normal = document_number(number)
    found: dict[str, None] = {}
    swapped = normal.translate(_LOOK_ALIKE)
    for at, other in enumerate(swapped):
        found[normal[:at] + other + normal[at + 1 :]] = None
    for at in range(len(normal) - 1):
        found[normal[:at] + normal[at + 1] + normal[at] + normal[at + 2 :]] = None
    found.pop(normal, None)
    return list(found)[:NEAR_LIMIT]


def folded_name(text: str) -> str:
    """A name for searching: small letters, no marks or punctuation, Latin where that is simple, order kept.

    Latin and Cyrillic letters are written as in the machine-readable zone, other scripts keep theirs.
    """
    if text.isascii() and text.replace(" ", "a").isalpha():
        return " ".join(text.lower().split())
    folded = "".join(_folded(letter) for letter in unicodedata.normalize("NFKC", text))
    return " ".join(folded.split())


def _folded(letter: str) -> str:
    if letter.isalnum():
        known = simple(letter)
        plain = letter if known is None else known
        marked = unicodedata.normalize("NFKD", plain.casefold())
        return "".join(part for part in marked if part.isalnum())
    # An apostrophe joins (O'Brien), a mark or joiner is not spoken; whatever else is a break.
    kind = unicodedata.category(letter)
    return "" if letter in "'’‘ʼ`´" or kind[0] == "M" or kind == "Cf" else " "


def person_key(family: str, given: str, birth_date: str) -> str:
    """The key of a person by name and day of birth, as the machine-readable zone would give it.

    Only the first given name counts, and spaces in the family name do not: documents differ in both.
    Raises ``Refusal`` when the name cannot be written in the zone or the date is no whole day.
    """
    if not _DAY.fullmatch(birth_date):
        raise Refusal(
            "PERSON-KEY-DATE",
            "A person is looked up by a whole birth date.",
            path="birth_date",
            hint="Give year, month and day as 1979-03-14.",
        )
    surname = to_mrz(family, "family_name").replace(" ", "")
    if not surname:
        raise Refusal(
            "PERSON-KEY-NAME",
            "A person is looked up by a family name.",
            path="family_name",
            hint="Put a single name into the family name.",
        )
    first = to_mrz(given, "given_names").partition(" ")[0]
    return f"{surname}|{first}|{birth_date}"
