"""Cartridges are called by one name each, and no designation means two."""

from allpoints.vocabulary.tables.calibres import TAKEN_FOR, called


def test_names_are_unique_and_those_taken_for_each_other_are_listed() -> None:
    names = [name for name, *_ in called()]
    assert len(names) > 50
    assert len(set(names)) == len(names)
    assert {name for pair in TAKEN_FOR for name in pair} <= set(names)


def test_no_designation_means_two_cartridges() -> None:
    seen: dict[str, str] = {}
    for name, designations, _ in called():
        for one in designations:
            assert seen.setdefault(one.casefold(), name) == name, one
