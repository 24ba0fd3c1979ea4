"""Issuers of documents and members: ISO 3166-1, what ICAO Doc 9303 adds, and codes users may assign."""

import string
from collections.abc import Mapping
from itertools import product

import babel
import msgspec

from allpoints.ground.refusal import Refusal

USER_LABEL_LIMIT = 80
"""Longest name a member may give its own code."""

_FORMERLY = {"en": "former {}", "fr": "ex-{}", "es": "ex {}", "ar": "{} (سابقًا)"}


class CountryTable(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The country file: ISO rows (alpha-2, alpha-3, numeric), ICAO's own codes, other spellings, free ranges.

    ``former`` holds withdrawn codes, ``since`` the first date of codes that came after 1974.
    """

    iso: tuple[tuple[str, str, str], ...]
    icao: tuple["IcaoCode", ...]
    alias: tuple[tuple[str, str], ...]
    user_assigned: tuple[tuple[str, str], ...]
    former: tuple["FormerCode", ...] = ()
    since: tuple[tuple[str, str], ...] = ()


class IcaoCode(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A code that only ICAO Doc 9303 knows."""

    code: str
    label: dict[str, str]


class FormerCode(
    msgspec.Struct, frozen=True, forbid_unknown_fields=True, rename={"since": "from", "until": "to"}
):
    """A code of ISO 3166-3: no country has it now, and births, papers and files of its time do.

    Dates are ISO text as far as they are known; ``since`` is empty for codes of the first edition.
    """

    code: str
    alpha4: str
    until: str
    label: dict[str, str]
    since: str = ""


class Countries:
    """Every code that may stand for an issuer, a nationality or a member; ``in`` asks for three letters."""

    def __init__(self, table: CountryTable, labels: Mapping[str, str] | None = None) -> None:
        self._table = table
        self._alpha2 = {three: two for two, three, _ in table.iso}
        self._numeric = {three: number for _, three, number in table.iso}
        self._alias = dict(table.alias)
        self._icao = {entry.code: entry.label for entry in table.icao}
        self._former = {entry.code: entry for entry in table.former}
        self._since = dict(table.since)
        free = {code for first, last in table.user_assigned for code in _span(first, last)}
        self._free = free - self._icao.keys() - self._alpha2.keys() - self._former.keys()
        self._labels = {code: label for code, label in (labels or {}).items() if code in self._free}
        self._known = self._alpha2.keys() | self._icao.keys() | self._free | self._former.keys()
        self.spellings: dict[str, str] = _spellings(table, self._known)

    def __contains__(self, code: object) -> bool:
        return code in self._known or code in self._alias

    def understand(self, text: str, path: str = "") -> str:
        """The three-letter code that ``text`` stands for (two letters, number, any case); raises ``Refusal``."""
        code = self.spellings.get(text.strip().strip("<").upper())
        if code is None:
            raise Refusal(
                "COUNTRY-UNKNOWN",
                f"“{text[:40]}” is not the code of an issuing country or organisation.",
                path=path,
                hint="Use the three letters printed on the document, such as UTO.",
            )
        return code

    def alpha2(self, code: str) -> str:
        """The two letters of a code, ``""`` when it has none."""
        return self._alpha2.get(code, "")

    def numeric(self, code: str) -> str:
        """The three digits of a code, ``""`` when it has none."""
        return self._numeric.get(code, "")

    def caption(self, code: str, language: str = "en") -> str:
        """The name of a code in ``language``; a code nobody has named is shown as itself."""
        code = self._alias.get(code, code)
        two = self._alpha2.get(code)
        if two is not None:
            return str(babel.Locale.parse(language).territories.get(two, code))
        label = self._icao.get(code)
        if label is not None:
            return label.get(language) or label["en"]
        former = self._former.get(code)
        if former is not None:
            name = former.label.get(language) or former.label["en"]
            return _FORMERLY.get(language, _FORMERLY["en"]).format(name)
        return self._labels.get(code, code)

    def validity(self, code: str) -> tuple[str, str]:
        """When a code was first assigned and when it was withdrawn, as far as is known, ``""`` for open ends.

        They are dates of the code: a state may have ended before, and its passports may have served longer.
        """
        code = self._alias.get(code, code)
        former = self._former.get(code)
        return (former.since, former.until) if former else (self._since.get(code, ""), "")

    def valid_on(self, code: str, day: str) -> bool:
        """Whether a known code stood in the standard on a day, month or year; both of its ends count."""
        if code not in self:
            return False
        since, until = self.validity(code)
        # Of two dates only what both say is compared: 1992 is within 1974 to 1992-08-30.
        return day[: len(since)] >= since[: len(day)] and day[: len(until)] <= (until[: len(day)] or day)

    def with_labels(self, labels: Mapping[str, str]) -> "Countries":
        """The same codes, with members' own names for user-assigned ones; other codes keep their names."""
        for code, label in labels.items():
            if not label.strip() or len(label) > USER_LABEL_LIMIT or not label.isprintable():
                raise Refusal(
                    "COUNTRY-LABEL",
                    f"A member's name has 1 to {USER_LABEL_LIMIT} readable characters.",
                    path=code,
                    hint="Shorten it.",
                )
        return Countries(self._table, {**self._labels, **labels})

    def codes(self) -> tuple[str, ...]:
        """ISO and ICAO codes and the user-assigned ones a member has named, then former ones; for lists."""
        current = self._alpha2.keys() | self._icao.keys() | self._labels.keys()
        return (*sorted(current), *sorted(self._former))


def _spellings(table: CountryTable, known: set[str]) -> dict[str, str]:
    twos = [entry.alpha4[:2] for entry in table.former]
    # Two letters that meant two countries one after the other are not understood for either of them.
    found = {entry.alpha4[:2]: entry.code for entry in table.former if twos.count(entry.alpha4[:2]) == 1}
    found.update({entry.alpha4: entry.code for entry in table.former})
    found.update({code: code for code in known})
    for two, three, number in table.iso:
        found[two] = found[number] = three
    found.update(table.alias)
    return found


def _span(first: str, last: str) -> list[str]:
    """All three-letter codes from ``first`` to ``last`` in the alphabet's order."""
    letters = string.ascii_uppercase
    return [code for code in map("".join, product(letters, repeat=3)) if first <= code <= last]
