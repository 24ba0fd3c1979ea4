"""How the gates read a body: fields of any declaration, and words in several languages."""

import re
import unicodedata
from collections.abc import Mapping
from functools import lru_cache

Body = Mapping[str, object]

_WORD = re.compile(r"[^\W_]+")
_ARABIC_ARTICLES = ("وال", "بال", "لل", "ال")
_SHORTEST_STEM = 2


def text(body: Body, field: str) -> str:
    value = body.get(field)
    return value.strip() if isinstance(value, str) else ""


def number(body: Body, field: str) -> int | None:
    """A whole number; a truth value is none."""
    value = body.get(field)
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def texts(body: Body, field: str) -> tuple[str, ...]:
    """A list of texts; one text counts as a list of one."""
    value = body.get(field)
    if isinstance(value, str):
        return (value.strip(),) if value.strip() else ()
    if isinstance(value, (list, tuple)):
        return tuple(one for one in value if isinstance(one, str) and one.strip())
    return ()


def maps(body: Body, field: str) -> tuple[Body, ...]:
    value = body.get(field)
    return tuple(one for one in value if isinstance(one, Mapping)) if isinstance(value, (list, tuple)) else ()


def present(body: Body, field: str) -> bool:
    """Whether the field says anything; zero and no are something."""
    value = body.get(field)
    if isinstance(value, str):
        return bool(value.strip())
    return value is not None and value not in ([], (), {})


def folded(written: str) -> str:
    """No case, no accents, Latin digits."""
    spread = unicodedata.normalize("NFKD", written.casefold())
    if spread.isascii():
        return spread
    return "".join(
        str(unicodedata.decimal(one)) if one.isdecimal() else one
        for one in spread
        if not unicodedata.combining(one)
    )


def words(written: str) -> list[str]:
    return [_bare(one) for one in _WORD.findall(folded(written))]


def _bare(word: str) -> str:
    """An Arabic word without its article, which is written as part of it."""
    for article in _ARABIC_ARTICLES:
        if word.startswith(article) and len(word) >= len(article) + _SHORTEST_STEM:
            return word.removeprefix(article)
    return word


@lru_cache(maxsize=256)
def _pattern(terms: tuple[str, ...]) -> re.Pattern[str]:
    """Any of the terms among words that stand one blank apart; ``insult*`` may go on to the word's end."""
    alternatives = "|".join(
        " ".join(
            re.escape(_bare(folded(word.rstrip("*")))) + (r"\S*" if word.endswith("*") else "")
            for word in term.split()
        )
        for term in terms
    )
    return re.compile(rf"(?<!\S)(?:{alternatives})(?!\S)")


def find_terms(written: str, terms: tuple[str, ...]) -> tuple[str, ...]:
    """The places of the text that match one of the terms, word for word, each once, in the order of the text."""
    if not terms or not written:
        return ()
    return tuple(dict.fromkeys(_pattern(terms).findall(" ".join(words(written)))))
