"""National letters as the machine-readable zone writes them (ICAO Doc 9303 part 3, section 6, tables A to C)."""

import unicodedata

from allpoints.ground.refusal import Refusal

NAME_LIMIT = 400
"""Longest text that is transliterated: no name field is longer, and one letter becomes four at most."""

# Where the standard offers a choice (Ä: AE or A) the first is taken: it keeps more of the name.
LATIN = {
    "Ä": "AE", "Å": "AA", "Æ": "AE", "Ǽ": "AE", "Ð": "D", "Ñ": "N", "Ö": "OE", "Ø": "OE", "Ǿ": "OE", "Ü": "UE",
    "Þ": "TH", "ß": "SS", "ẞ": "SS", "Đ": "D", "Ħ": "H", "ı": "I", "İ": "I", "Ĳ": "IJ", "ĸ": "Q", "Ŀ": "L",
    "Ł": "L", "ŉ": "N", "Ŋ": "N", "Œ": "OE", "Ŧ": "T",
}  # fmt: skip

CYRILLIC = {
    "А": "A", "Б": "B", "В": "V", "Г": "G", "Д": "D", "Е": "E", "Ж": "ZH", "З": "Z", "И": "I", "Й": "I",
    "К": "K", "Л": "L", "М": "M", "Н": "N", "О": "O", "П": "P", "Р": "R", "С": "S", "Т": "T", "У": "U",
    "Ф": "F", "Х": "KH", "Ц": "TS", "Ч": "CH", "Ш": "SH", "Щ": "SHCH", "Ъ": "IE", "Ы": "Y", "Ь": "",
    "Э": "E", "Ю": "IU", "Я": "IA", "Ё": "E", "Ђ": "D", "Ѓ": "G", "Є": "IE", "Ѕ": "DZ", "І": "I", "Ї": "I",
    "Ј": "J", "Љ": "LJ", "Њ": "NJ", "Ћ": "C", "Ќ": "K", "Ў": "U", "Џ": "DZ", "Ѫ": "U", "Ѵ": "Y", "Ґ": "G",
    "Ғ": "F", "Һ": "C",
}  # fmt: skip

ARABIC = {
    "ء": "XE", "آ": "XAA", "أ": "XAE", "ؤ": "U", "إ": "I", "ئ": "XI", "ا": "A", "ٱ": "XXA", "ب": "B",
    "ة": "XTA", "ت": "T", "ث": "XTH", "ج": "J", "ح": "XH", "خ": "XKH", "د": "D", "ذ": "XDH", "ر": "R",
    "ز": "Z", "س": "S", "ش": "XSH", "ص": "XSS", "ض": "XDZ", "ط": "XTT", "ظ": "XZZ", "ع": "E", "غ": "G",
    "ف": "F", "ق": "Q", "ك": "K", "ل": "L", "م": "M", "ن": "N", "ه": "H", "و": "W", "ى": "XAY", "ي": "Y",
    "ٹ": "XXT", "ټ": "XRT", "پ": "P", "ځ": "XKE", "څ": "XXH", "چ": "XC", "ڈ": "XXD", "ډ": "XDR", "ڑ": "XXR",
    "ړ": "XRR", "ږ": "XRX", "ژ": "XJ", "ښ": "XXS", "ک": "XKK", "ګ": "XXK", "ڭ": "XNG", "گ": "XGG",
    "ں": "XNN", "ڼ": "XXN", "ھ": "XDO", "ۀ": "XYH", "ہ": "XXG", "ۂ": "XGE", "ۃ": "XTG", "ی": "XYA",
    "ۍ": "XXY", "ې": "Y", "ے": "XYB", "ۓ": "XBE",
}  # fmt: skip

_TEH_MARBUTA = "ة"
_TEH_MARBUTA_LAST = "XAH"
_SHADDA = "\u0651"
_TATWEEL = "\u0640"
_APOSTROPHES = frozenset("'’‘ʼʻʾʿ`´′")
_WORDS = frozenset("-‐‑‒–—,;/<·\u30fb")
_TABLE = {**LATIN, **CYRILLIC, **ARABIC}


def to_mrz(text: str, path: str = "") -> str:
    """The name as the zone writes it: upper-case A to Z, words separated by single spaces.

    Apostrophes are dropped, hyphens and commas become spaces, other punctuation is dropped. Raises
    ``Refusal`` for digits and for letters the standard has no transliteration for; ``path`` names the field.
    """
    if text.isascii() and (text.isalpha() or text.replace(" ", "A").isalpha()):
        return " ".join(text.upper().split())
    if len(text) > NAME_LIMIT:
        raise Refusal(
            "NAME-TOO-LONG", f"A name has at most {NAME_LIMIT} characters.", path=path, hint="Shorten it."
        )
    composed = unicodedata.normalize("NFC", text)
    parts: list[str] = []
    for position, letter in enumerate(composed):
        if letter == _TEH_MARBUTA and not composed[position + 1 : position + 2].isalpha():
            parts.append(_TEH_MARBUTA_LAST)
        elif letter == _SHADDA:
            # The sign doubles the letter it stands on.
            parts.append(parts[-1] if parts else "")
        else:
            parts.append(_written(letter, path))
    return " ".join("".join(parts).split())


def simple(letter: str) -> str | None:
    """The Latin or Cyrillic letter in the zone's letters, None for any other letter (for name search)."""
    return _base(letter) if unicodedata.name(letter, "")[:5] in {"LATIN", "CYRIL"} else None


def _written(letter: str, path: str) -> str:
    if letter.isspace() or letter in _WORDS:
        return " "
    if letter in _APOSTROPHES or letter == _TATWEEL:
        return ""
    if not letter.isalnum():
        return _sign(letter, path)
    found = _base(letter)
    if found is None:
        raise Refusal(
            "NAME-LETTER",
            f"“{letter}” has no transliteration for the machine-readable zone.",
            path=path,
            hint="Write the name in Latin letters as the document's zone shows it, without digits.",
        )
    return found


def _base(letter: str) -> str | None:
    """One letter in A to Z, None when the tables do not know it."""
    upper = letter.upper()
    found = _TABLE.get(upper) if len(upper) == 1 else None
    if found is None:
        found = _TABLE.get(letter)
    if found is not None:
        return found
    plain = "".join(
        _TABLE.get(part, part)
        for part in unicodedata.normalize("NFKD", letter).upper()
        if not unicodedata.combining(part) and part not in _APOSTROPHES
    )
    return plain if plain.isascii() and plain.isalpha() else None


def _sign(letter: str, path: str) -> str:
    """Punctuation, marks and joiners are not written; controls and unassigned characters are refused."""
    if unicodedata.category(letter)[0] in "PSM" or letter in "\u200c\u200d":
        return ""
    raise Refusal(
        "NAME-CHARACTER",
        f"The name holds a character that is no letter (U+{ord(letter):04X}).",
        path=path,
        hint="Remove it.",
    )
