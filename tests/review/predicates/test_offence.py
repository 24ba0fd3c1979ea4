"""Sums of money as charges write them."""

import pytest

from allpoints.review.predicates.offence import usd_sums


@pytest.mark.parametrize(
    ("written", "sums"),
    [
        ("a cheque of USD 10,000", (10_000,)),
        ("US$ 9,999.99 and $5", (9_999, 5)),
        ("12 500 dollars", (12_500,)),
        ("10.000,00 USD", (10_000,)),
        ("10000 EUR", ()),
        ("on 3 May 2019", ()),
        ("USD", ()),
    ],
)
def test_dollar_sums_are_read_in_the_usual_spellings_and_other_figures_are_not(
    written: str, sums: tuple[int, ...]
) -> None:
    assert usd_sums(written) == sums
