"""No two documents of a member have the same number, whatever became of them."""

import pytest

from allpoints.sample.countries import Country, countries
from allpoints.sample.documents import ONE_RANGE_IN, Documents
from allpoints.sample.papers import BEARERS, BLANKS_APART, OTHERS, RECORDED, TRAVELLERS, Papers
from allpoints.sample.world import World
from allpoints.vocabulary.normal import document_number, range_bounds

MEMBERS = [pytest.param(one, id=one.code) for one in countries()]


@pytest.mark.parametrize("member", MEMBERS)
def test_numbers_of_all_quarters_are_different(world: World, member: Country) -> None:
    papers = Papers(world, member)
    numbers = [
        document_number(number(quarter, at))
        for number in (papers.passport, papers.card)
        for quarter in (RECORDED, BEARERS, TRAVELLERS, OTHERS)
        for at in range(250)
    ]
    assert len(set(numbers)) == len(numbers)


@pytest.mark.parametrize("member", MEMBERS)
def test_blanks_are_ranges_that_hold_nobodys_document(world: World, member: Country) -> None:
    papers = Papers(world, member)
    first, last = papers.blanks(3, BLANKS_APART)
    head, low, high = range_bounds(first, last)
    assert "Q" in head
    assert int(high) - int(low) + 1 == BLANKS_APART
    assert papers.blank(3, 17) == head + str(int(low) + 17).zfill(len(low))
    assert papers.blanks(4, 5)[0] > last
    assert "Q" not in papers.passport(RECORDED, 1) + papers.card(RECORDED, 1)


def test_a_record_says_what_happened_in_order(world: World, arvandia: Country) -> None:
    documents = Documents(world, arvandia)
    found = list(documents)
    assert len(found) == documents.count
    ranges = [number for number in range(documents.count) if documents.is_range(number)]
    assert len(ranges) == max(1, documents.count // ONE_RANGE_IN)
    for number, one in enumerate(found):
        assert one == documents.reported(number)
        assert bool(one.last) == (one.fraud == "stolen-blank") == documents.is_range(number)
        assert one.theft_date <= world.today
        if one.issue_date is not None and one.expiry_date is not None:
            assert one.issue_date < one.theft_date < one.expiry_date
