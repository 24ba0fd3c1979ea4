"""Age by the latest possible birthday, and the identity rule as a whole."""

from itertools import product

import pytest

from allpoints.review.answer import Result
from allpoints.review.predicates.parameters import AgeLimit, IdentityFields
from allpoints.review.predicates.person import identity_sufficient, of_age
from allpoints.review.request import Request

FIELDS = IdentityFields(
    documents=("documents",),
    description=("marks",),
    photo=("photos",),
    alias=("aliases",),
    parent=("father_name",),
    dna=("dna",),
    prints=("fingerprints",),
)
ONE_MORE = {
    "documents": [{"number": "A1"}],
    "marks": "scar",
    "aliases": ["x"],
    "father_name": "y",
    "dna": "d",
    "fingerprints": ["f"],
}
SUBMITTED_MS = 1_731_000_000_000
"""7 November 2024."""


def asked(body: dict[str, object]) -> Request:
    return Request("0" * 32, "red", "XAV", "ref", 1, body, SUBMITTED_MS)


@pytest.mark.parametrize(
    ("named", "photo", "more"), list(product([True, False], [True, False], [None, *ONE_MORE]))
)
def test_the_identity_rule_holds_for_every_combination(named: bool, photo: bool, more: str | None) -> None:
    body: dict[str, object] = {"family_name": "SORIN", "sex": "M", "birth_date": "1979"}
    if named:
        body["given_names"] = "MARO"
    if photo:
        body["photos"] = ["p"]
    if more:
        body[more] = ONE_MORE[more]
    beside_name = more in {"marks", "dna", "fingerprints", "documents"}
    beside_photo = more in {"marks", "dna", "fingerprints", "aliases", "father_name"}
    expected = (
        Result.PASSED
        if named and beside_name
        else Result.NEEDS_HUMAN
        if photo and beside_photo
        else Result.FAILED
    )
    assert identity_sufficient(asked(body), FIELDS).result is expected


@pytest.mark.parametrize(
    ("birth", "result"),
    [
        ("2006-11-07", Result.PASSED),
        ("2006-11-08", Result.NEEDS_HUMAN),
        ("2006-10", Result.PASSED),
        ("2006-11", Result.NEEDS_HUMAN),
        ("2005", Result.PASSED),
        ("2006", Result.NEEDS_HUMAN),
        ("2006-02-31", Result.PASSED),
        ("2006-13", Result.PASSED),
        ("", Result.PASSED),
    ],
)
def test_a_partial_birth_date_counts_as_its_last_day(birth: str, result: Result) -> None:
    assert of_age(asked({"birth_date": birth}), AgeLimit(18)).result is result
