"""Numbers as their standards want them: patterns of letters and digits, and check digits."""

from functools import cache

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


@cache
def _runs(pattern: str) -> tuple[tuple[str, int], ...]:
    """From the right: runs of digits with their length, and every other sign by itself."""
    runs: list[tuple[str, int]] = []
    for sign in reversed(pattern):
        if sign == "9" and runs and runs[-1][0] == "9":
            runs[-1] = (sign, runs[-1][1] + 1)
        else:
            runs.append((sign, 1))
    return tuple(runs)


def numbered(pattern: str, number: int) -> str:
    """The ``number``-th of all numbers with this pattern; the last digit counts fastest."""
    written = ""
    for sign, length in _runs(pattern):
        if sign == "9":
            number, digits = divmod(number, 10**length)
            written = f"{digits:0{length}d}{written}"
        elif sign == "L":
            number, letter = divmod(number, len(LETTERS))
            written = LETTERS[letter] + written
        else:
            written = sign + written
    return written


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
