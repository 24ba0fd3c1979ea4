"""The ways in which people date things, in their languages, become years."""

import pytest

from allpoints.vocabulary.types.period_reading import Span, read_span


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [
        ("1650", 1650, 1650),
        ("AD 79", 79, 79),
        ("79 AD", 79, 79),
        ("1 BC", 0, 0),
        ("1620 BC", -1619, -1619),
        ("1620 B.C.E.", -1619, -1619),
        ("500 av. J.-C.", -499, -499),
        ("44 a. C.", -43, -43),
        ("1640-1655", 1640, 1655),
        ("1640–55", 1640, 1655),
        ("1640/1655", 1640, 1655),
        ("between 1640 and 1655", 1640, 1655),
        ("entre 1640 et 1655", 1640, 1655),
        ("de 1640 hasta 1655", 1640, 1655),
        ("1620-1500 BC", -1619, -1499),
        ("100 BC - 50 AD", -99, 50),
        ("1650s", 1650, 1659),
        ("150s BC", -158, -149),
        ("17th century", 1601, 1700),
        ("17th c.", 1601, 1700),
        ("XVIIe siècle", 1601, 1700),
        ("Ier siècle", 1, 100),
        ("siglo XIV", 1301, 1400),
        ("القرن ١٧", 1601, 1700),
        ("5th century BC", -499, -400),
        ("17th-18th century", 1601, 1800),
        ("early 17th century", 1601, 1633),
        ("mid-17th century", 1634, 1666),
        ("late 17th century", 1667, 1700),
        ("late 16th to early 17th century", 1567, 1633),
        ("first half of the 17th century", 1601, 1650),
        ("2nd half 18th century", 1751, 1800),
        ("third quarter of the 19th century", 1851, 1875),
        ("dernier quart du XIXe siècle", 1876, 1900),
        ("segunda mitad del siglo XVIII", 1751, 1800),
        ("3rd millennium BC", -2999, -2000),
    ],
)
def test_words_become_years(text: str, first: int, last: int) -> None:
    assert read_span(text) == Span(first, last)


@pytest.mark.parametrize("text", ["c. 1650", "c.1650", "c 1650", "ca. 1650", "circa 1650", "vers 1650", "hacia 1650",
                                  "نحو 1650", "~1650", "about 1650"])  # fmt: skip
def test_about_is_kept_apart_from_the_year(text: str) -> None:
    assert read_span(text) == Span(1650, 1650, about=True)


@pytest.mark.parametrize(
    "text",
    ["", "79", "12/1650", "0 BC", "early 1650", "1655s", "0th century", "17th century of 1650", "1650 1651", "AD 5 BC",
     "-17th century", "century 17 century", "ABOUT", "to", "-5"],
)  # fmt: skip
def test_what_is_not_understood_gives_no_years(text: str) -> None:
    assert read_span(text) is None
