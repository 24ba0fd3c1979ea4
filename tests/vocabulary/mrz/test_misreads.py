import pytest
from tests.vocabulary.mrz.specimens import MRV_A, TD3, TODAY

from allpoints.vocabulary.mrz import Fields, Mrz, build, parse
from allpoints.vocabulary.mrz.digits import check_digits, checked_fields
from allpoints.vocabulary.mrz.misreads import LOOKALIKES, Misread, likely_misreads, meant_codes, misread_hint
from allpoints.vocabulary.mrz.scan import scanned


def with_number(number: str, seen: str, meant: str) -> tuple[Mrz, str]:
    """A zone in which the first ``meant`` of the number was read as ``seen``."""
    upper, lower = build(
        Fields(format="TD3", issuer="XAV", number=number, family_name="Rowan", nationality="XAV")
    )
    column = number.index(meant)
    mrz = parse((upper, f"{lower[:column]}{seen}{lower[column + 1 :]}"), today=TODAY)
    return mrz, f"{meant} at line 2, column {column + 1} (read as {seen})"


@pytest.mark.parametrize(("seen", "meant"), ["O0", "I1", "B8", "S5", "Z2", "D0", "Q0"])
def test_a_single_misread_that_explains_all_failures_is_named_as_a_hint(seen: str, meant: str) -> None:
    for one, other in ((seen, meant), (meant, seen)):
        mrz, place = with_number(f"X7{other}34", one, other)
        assert not mrz.valid
        assert [fault.path for fault in mrz.faults] == ["number", "composite"]
        assert all(place in fault.hint for fault in mrz.faults)


def test_a_hint_is_never_applied() -> None:
    mrz, _ = with_number("X7034", "O", "0")
    assert mrz.number == "X7O34"
    assert mrz.checks[0].given != mrz.checks[0].expected


def test_a_misread_check_digit_is_named_too_even_g_for_6() -> None:
    mrz = parse((TD3[0], TD3[1].replace("C36UTO", "C3GUTO")), today=TODAY)
    assert "6 at line 2, column 10 (read as G)" in mrz.faults[0].hint


def test_g_for_6_inside_a_number_cannot_be_noticed_because_the_values_differ_by_ten() -> None:
    mrz, _ = with_number("X7634", "G", "6")
    assert mrz.valid


def test_dates_are_only_ever_meant_to_hold_digits() -> None:
    mrz = parse((TD3[0], TD3[1].replace("740812", "7408I2")), today=TODAY)
    assert "1 at line 2, column 18 (read as I)" in mrz.faults[0].hint
    assert mrz.birth_date == ""
    assert ("MRZ-DATE", "birth_date") in [(warning.code, warning.path) for warning in mrz.warnings]


def test_a_visa_has_no_composite_so_a_hint_needs_its_own_field_only() -> None:
    mrz = parse((MRV_A[0], MRV_A[1].replace("961210", "96I210")), today=TODAY)
    assert [fault.path for fault in mrz.faults] == ["expiry_date"]
    assert "1 at line 2, column 24 (read as I)" in mrz.faults[0].hint


def test_no_single_look_alike_means_scan_again() -> None:
    mrz = parse((TD3[0], TD3[1].replace("L898902C3", "L898402C3")), today=TODAY)
    assert {fault.hint for fault in mrz.faults} == {"Scan it again, or compare the line with the document."}


def test_two_independent_misreads_are_not_explained_by_one() -> None:
    mrz = parse((TD3[0], TD3[1].replace("L898902", "L8989O2").replace("120415", "12O415")), today=TODAY)
    assert [fault.path for fault in mrz.faults][:2] == ["number", "expiry_date"]
    assert "Scan it again" in mrz.faults[0].hint


def test_several_explanations_are_all_offered_up_to_a_limit() -> None:
    hint = misread_hint([Misread(2, column, "O", "0") for column in range(1, 6)])
    assert hint.count("read as O") == 3


def test_a_zone_that_adds_up_has_no_misreads_to_name() -> None:
    zone, layout = scanned(TD3)
    fields = checked_fields(zone, layout)
    assert likely_misreads(zone, layout, fields, check_digits(zone, layout, fields)) == []


def test_look_alikes_go_both_ways() -> None:
    assert {(seen, meant) for seen, meants in LOOKALIKES.items() for meant in meants} == {
        (meant, seen) for seen, meants in LOOKALIKES.items() for meant in meants
    }


def test_a_code_one_look_alike_away_from_a_known_one_is_suggested() -> None:
    assert meant_codes("UT0", {"UTO", "XAV"}) == ["UTO"]
    assert meant_codes("XAV", {"UTO"}) == []
