"""A code from a closed list."""

from collections.abc import Iterable
from typing import Any, ClassVar, Literal

from allpoints.ground.refusal import Refusal
from allpoints.vocabulary.declaration import Term
from allpoints.vocabulary.types.base import FieldType, plain_text

CODE_LIMIT = 64
"""Longest code of any list."""

SHOWN_CODES = 12
"""How many codes a refusal lists before it refers to the list."""


class Code(FieldType, frozen=True):
    """One code of ``terms``; upper and lower case are not told apart on the way in."""

    terms: dict[str, Term]
    spellings: dict[str, str]
    list_name: str = ""

    name: ClassVar[str] = "code"

    @classmethod
    def of(cls, terms: Iterable[Term], list_name: str = "") -> "Code":
        known = {term.code: term for term in terms}
        return cls(known, {code.casefold(): code for code in known}, list_name)

    def clean(self, raw: object, path: str) -> str:
        if type(raw) is str and raw in self.terms:
            return raw
        text = plain_text(raw, path, CODE_LIMIT)
        if not text:
            return ""
        code = self.spellings.get(text.casefold())
        if code is None:
            raise Refusal("CODE-UNKNOWN", f"“{text}” is not on the list.", path=path, hint=self._hint())
        return code

    def _hint(self) -> str:
        if len(self.terms) <= SHOWN_CODES:
            return f"Use one of: {', '.join(self.terms)}."
        return f"Use a code of the list “{self.list_name}”."

    def normal(self, value: str) -> str:
        return value

    def caption(self, value: str, language: str = "en") -> str:
        term = self.terms.get(value)
        return term.caption(language) if term else value

    @property
    def examples(self) -> tuple[str, ...]:
        return tuple(self.terms)[:1]

    def annotation(self) -> Any:
        return Literal[tuple(self.terms)]

    def schema(self) -> dict[str, Any]:
        return {"type": "string", "enum": list(self.terms)}
