"""Maritime identification digits stand for countries and territories there are."""

from allpoints.vocabulary.countries import Countries
from allpoints.vocabulary.tables.maritime import FLAGS


def test_three_digits_from_2_to_7_stand_for_a_country(countries: Countries) -> None:
    assert len(FLAGS) > 280
    assert all(len(digits) == 3 and digits.isdigit() and digits[0] in "234567" for digits in FLAGS)
    assert not [code for code in FLAGS.values() if code not in countries]
