"""Numbers as their standards want them: patterns of letters and digits, and check digits."""

from functools import cache, lru_cache

from allpoints.sample.countries import LETTERS

DIGITS = "0123456789"

_VIN_VALUES = {
    **{digit: int(digit) for digit in DIGITS},
    **dict(zip("ABCDEFGH", range(1, 9), strict=True)),
    **dict(zip("JKLMN", range(1, 6), strict=True)),
    "P": 7,
    "R": 9,
    **dict(zip("STUVWXYZ", range(2, 10), strict=True)),
}
_VIN_WEIGHTS = (8, 7, 6, 5, 4, 3, 2, 10, 0, 9, 8, 7, 6, 5, 4, 3, 2)
_VIN_YEARS = "ABCDEFGHJKLMNPRSTVWXY123456789"
"""Codes of the model years from 1980 on; after thirty years they begin anew."""
_HIN_MONTHS = "ABCDEFGHIJKL"


@cache
def space(pattern: str) -> int:
    """How many numbers have this pattern: L is a letter, 9 a digit."""
    count = 1
    for sign in pattern:
        count *= {"L": len(LETTERS), "9": 10}.get(sign, 1)
    return count


@lru_cache(maxsize=256)
def _places(pattern: str) -> tuple[tuple[str, str], ...]:
    """From the right: the signs that may stand there, or the one that must."""
    choices = {"L": LETTERS, "9": DIGITS}
    return tuple((sign, choices.get(sign, "")) for sign in reversed(pattern))


def numbered(pattern: str, number: int) -> str:
    """The ``number``-th of all numbers with this pattern; the last digit counts fastest."""
    signs = []
    for sign, choices in _places(pattern):
        if choices:
            number, at = divmod(number, len(choices))
            signs.append(choices[at])
        else:
            signs.append(sign)
    return "".join(reversed(signs))


def vin_check_digit(vin: str) -> str:
    """The ninth character of a vehicle identification number where makers compute it (North America, China)."""
    left = sum(_VIN_VALUES[sign] * weight for sign, weight in zip(vin, _VIN_WEIGHTS, strict=True)) % 11
    return "X" if left == 10 else DIGITS[left]


def model_year_code(year: int) -> str:
    """The tenth character of a vehicle identification number (ISO 3779)."""
    return _VIN_YEARS[(year - 1980) % len(_VIN_YEARS)]


def imo_number(stem: int) -> str:
    """The IMO number that begins with these six digits."""
    digits = f"{stem:06d}"
    total = sum(int(digit) * weight for digit, weight in zip(digits, range(7, 1, -1), strict=True))
    return digits + DIGITS[total % 10]


def hull_number(country: str, maker: str, serial: int, year: int, month: int) -> str:
    """A hull identification number of a boat built then and sold as the next year's model (ISO 10087)."""
    built = f"{_HIN_MONTHS[month - 1]}{year % 10}"
    return f"{country}-{maker}{serial:05d}{built}{(year + 1) % 100:02d}"
