"""The name field: two fillers between family and given names, one between their parts (part 3, 4.6)."""

import re
from typing import NamedTuple

from allpoints.ground.refusal import Refusal
from allpoints.vocabulary.transliteration import to_mrz

_REGULAR = re.compile(r"[A-Z]+(<[A-Z]+)*(<<[A-Z]+(<[A-Z]+)*)?")


class ReadName(NamedTuple):
    """Names with single spaces; ``truncated`` when the field is full, for then a part may be missing."""

    family: str
    given: str
    truncated: bool
    complaint: str


def read_name(field: str) -> ReadName:
    """Split a name field; whatever is irregular is read all the same and complained about.

    A name with one part only (``ARKFREITH``), or with single fillers only, is a family name: the issuer could
    not divide it.
    """
    written = field.rstrip("<")
    family, _, given = written.partition("<<")
    complaint = "" if _REGULAR.fullmatch(written) else _complaint(written)
    return ReadName(_words(family), _words(given), len(written) == len(field), complaint)


def _words(text: str) -> str:
    return " ".join(text.replace("<", " ").split())


def _complaint(written: str) -> str:
    if not written:
        return "is empty"
    if written.startswith("<"):
        return "starts with a filler"
    if not written.replace("<", "").isalpha():
        return "holds a digit, which no name has"
    return "has more fillers than one between its parts and two between the names"


def name_field(family_name: str, given_names: str, length: int) -> str:
    """The name field of ``length`` characters, shortened by the standard's rules if it must be.

    Parts 4 to 7: the family name gives way only until two fillers and the first letter of the given names
    fit, and a shortened field ends with a letter, for that is the sign that something may be missing. Of the
    methods that the standard offers, the last parts of the family name become initials, and given names are
    cut where the field ends.
    """
    family = to_mrz(family_name, "family_name").split()
    given = to_mrz(given_names, "given_names").split()
    if not family:
        family, given = given, []
    if not family:
        raise Refusal(
            "MRZ-NAME",
            "There is no name that can be written with A to Z.",
            path="family_name",
            hint="Give a family name; a bearer with one name only has it as the family name.",
        )
    whole = _joined(family, given)
    if len(whole) <= length:
        return whole.ljust(length, "<")
    short = _shortened(family, length - 3) if given else family
    spare = length - len(_joined(short, given))
    return _cut(_restored(short, family, spare), given, length).ljust(length, "<")


def _joined(family: list[str], given: list[str]) -> str:
    return "<".join(family) + ("<<" + "<".join(given) if given else "")


def _shortened(words: list[str], room: int) -> list[str]:
    """Family words in at most ``room`` characters: initials from the right, then the first word, then fewer."""
    words = list(words)
    for index in range(len(words) - 1, 0, -1):
        if len("<".join(words)) <= room:
            return words
        words[index] = words[index][0]
    words = words[: (room + 1) // 2]
    spare = room - 2 * (len(words) - 1)
    return [words[0][:spare], *words[1:]]


def _restored(short: list[str], whole: list[str], spare: int) -> list[str]:
    """Give letters back from the left, so that a shortened name fills its field and so shows that it is one."""
    words = []
    for kept, word in zip(short, whole, strict=False):
        words.append(word[: len(kept) + max(spare, 0)])
        spare -= len(words[-1]) - len(kept)
    return words


def _cut(family: list[str], given: list[str], length: int) -> str:
    """The names cut to ``length`` so that the last character is a letter.

    Where the cut falls on a filler, the longest given name (or part of the family name) loses letters until an
    initial stands last.
    """
    family, given = list(family), list(given)
    field = _joined(family, given)[:length]
    while field.endswith("<"):
        words = given if any(len(word) > 1 for word in given) else family
        longest = max(range(len(words)), key=lambda index: len(words[index]))
        if len(words[longest]) == 1:
            # Initials only, and more of them than the field holds: no letter is left to give way.
            return field
        words[longest] = words[longest][:-1]
        field = _joined(family, given)[:length]
    return field
