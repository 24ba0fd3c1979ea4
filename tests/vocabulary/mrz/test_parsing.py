import pytest
from tests.vocabulary.mrz.specimens import ALL, TD3, TODAY

from allpoints.vocabulary.mrz import parse
from allpoints.vocabulary.mrz.issuers import issuers


def test_an_unknown_issuer_is_a_warning_and_the_digits_stay_valid() -> None:
    mrz = parse((TD3[0].replace("UTO", "GER"), TD3[1]), today=TODAY)
    assert mrz.valid
    assert mrz.faults == ()
    assert [(warning.code, warning.path) for warning in mrz.warnings] == [("MRZ-ISSUER", "issuer")]


def test_the_caller_says_which_issuers_are_known() -> None:
    assert parse(TD3, today=TODAY, issuers={"UTO"}).warnings == ()
    assert [warning.path for warning in parse(TD3, today=TODAY, issuers=set()).warnings] == [
        "issuer",
        "nationality",
    ]


@pytest.mark.parametrize(
    "code", ["UTO", "D", "DEU", "GBD", "GBS", "UNO", "UNK", "XXA", "XXX", "XPO", "EUE", "RKS", "XAV"]
)
def test_codes_that_iso_does_not_have_are_known_by_default(code: str) -> None:
    assert code in issuers()
    assert "GER" not in issuers()


def test_a_misread_issuer_gets_the_known_code_as_a_hint() -> None:
    mrz = parse((TD3[0].replace("UTO", "UT0"), TD3[1]), today=TODAY)
    assert mrz.issuer == "UT0"
    assert "UTO" in mrz.warnings[0].hint


@pytest.mark.parametrize("lines", ALL)
def test_what_is_said_about_a_zone_holds_no_personal_data(lines: tuple[str, ...]) -> None:
    spoiled = [*lines]
    spoiled[-2 if len(lines) == 3 else -1] = spoiled[-2 if len(lines) == 3 else -1].replace("F", "Y")
    mrz = parse(spoiled, today=TODAY)
    said = " ".join(part for fault in (*mrz.faults, *mrz.warnings) for part in (fault.sentence, fault.hint))
    assert said
    for private in (mrz.number, mrz.family_name, mrz.birth_date.replace("-", "")[2:]):
        assert private not in said
