"""A place in a tree of folders, such as musical instruments, strings, bowed, cello."""

import re
from collections.abc import Iterable
from typing import ClassVar

from allpoints.vocabulary.declaration import Term
from allpoints.vocabulary.types.base import plain_text
from allpoints.vocabulary.types.code import Code

STEP = "/"
"""Between the folders of a path."""

PATH_LIMIT = 200
"""Longest path as it is typed, with the labels of its folders."""

ARROW = " › "
_steps = re.compile(r"\s*[/>›\\]\s*")


class Folder(Code, frozen=True):
    """The code of a folder, which begins with the code of the folder above: ``strings/bowed/cello``.

    A path of labels is understood too. The normal form ends with ``/``, so that everything in a folder begins with
    what ``below`` says, and nothing else does.
    """

    name: ClassVar[str] = "folder"

    @classmethod
    def of(cls, terms: Iterable[Term], list_name: str = "") -> "Folder":
        known = {term.code: term for term in terms}
        spellings = {_folded(path): code for code in known for path in _paths(code, known)}
        return cls(known, {**spellings, **{code.casefold(): code for code in known}}, list_name)

    def clean(self, raw: object, path: str) -> str:
        if type(raw) is str and raw in self.terms:
            return raw
        text = plain_text(raw, path, PATH_LIMIT)
        code = self.spellings.get(_folded(text))
        return code if code is not None else super().clean(text, path)

    def normal(self, value: str) -> str:
        return value + STEP

    def below(self, code: str) -> str:
        """What the normal form of a folder, and of all folders in it, begins with."""
        return code + STEP

    def folders(self, value: str) -> tuple[str, ...]:
        """The codes from the top folder down to this one, for counting."""
        return _ancestry(value.rstrip(STEP))

    def compare(self, one: str, other: str) -> float:
        """The share of the way down from the top that both have."""
        left, right = one.split(STEP), other.split(STEP)
        shared = 0
        for here, there in zip(left, right, strict=False):
            if here != there:
                break
            shared += 1
        return shared / max(len(left), len(right))

    def caption(self, value: str, language: str = "en") -> str:
        return ARROW.join(_label(code, self.terms, language) for code in self.folders(value))

    @property
    def examples(self) -> tuple[str, ...]:
        return tuple(self.terms)[:2]


def _ancestry(code: str) -> tuple[str, ...]:
    steps = code.split(STEP)
    return tuple(STEP.join(steps[: depth + 1]) for depth in range(len(steps)))


def _label(code: str, terms: dict[str, Term], language: str) -> str:
    term = terms.get(code)
    return term.caption(language) if term else code.rpartition(STEP)[2]


def _paths(code: str, terms: dict[str, Term]) -> Iterable[str]:
    """The path of labels in every language its last folder has one in."""
    for language in terms[code].label:
        yield STEP.join(_label(one, terms, language) for one in _ancestry(code))


def _folded(text: str) -> str:
    return _steps.sub(STEP, text.strip()).strip(STEP).casefold()
