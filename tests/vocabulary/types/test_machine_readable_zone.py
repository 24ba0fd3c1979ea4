"""Zones as a field: the specimens of Doc 9303, and misread ones."""

import pytest

from allpoints.ground.refusal import Refusal
from allpoints.vocabulary.types.machine_readable_zone import (
    SAME_DOCUMENT_SCORE,
    SAME_PERSON_SCORE,
    MachineReadableZone,
)

ZONE = MachineReadableZone()
PASSPORT, CARD = ZONE.examples


@pytest.mark.parametrize(
    "said",
    [PASSPORT.lower(), PASSPORT.replace("\n", ""), f"\r\n {PASSPORT} \n", PASSPORT.replace("\n", "\r\n")],
)
def test_case_and_line_ends_do_not_matter(said: str) -> None:
    assert ZONE.clean(said, "x") == PASSPORT


def test_a_wrong_check_digit_is_refused_with_line_and_column() -> None:
    with pytest.raises(Refusal) as caught:
        ZONE.clean(PASSPORT.replace("L898902C3", "L89B902C3"), "zone")
    assert (caught.value.code, caught.value.path) == ("MRZ-CHECK-DIGIT", "zone")
    assert "line 2, column 10" in caught.value.sentence
    assert "8 at line 2, column 4" in caught.value.hint
    assert {fault.path for fault in caught.value.faults} == {"zone"}


@pytest.mark.parametrize(
    ("said", "code"),
    [
        ("P<UTO", "MRZ-LENGTH"),
        ("ERIKSSON", "MRZ-LENGTH"),
        ("<" * 300, "MRZ-LENGTH"),
        ("é" * 88, "MRZ-CHARACTER"),
    ],
)
def test_what_is_no_zone_is_refused_at_the_field(said: str, code: str) -> None:
    with pytest.raises(Refusal) as caught:
        ZONE.clean(said, "zone")
    assert (caught.value.code, caught.value.path) == (code, "zone")
    assert ZONE.clean(CARD, "zone") == CARD


def test_the_zone_tells_what_is_printed() -> None:
    facts = dict(ZONE.facts(PASSPORT))
    assert (facts["Issuer"], facts["Number"], facts["Family name"]) == ("UTO", "L898902C3", "ERIKSSON")
    assert (facts["Birth date"], facts["Expiry date"]) == ("74-08-12", "12-04-15")
    assert ZONE.caption(CARD) == "identity-card UTO D23145890, ERIKSSON ANNA MARIA"


def test_irregularities_are_advice() -> None:
    assert ZONE.advice(PASSPORT) == ()
    unknown = ZONE.clean(PASSPORT.replace("P<UTO", "P<QLZ"), "x")
    assert "QLZ is not the code" in ZONE.advice(unknown)[0]


def test_two_papers_of_one_person_are_alike_and_two_prints_of_one_document_more_so() -> None:
    assert ZONE.compare(PASSPORT, CARD) == ZONE.compare(CARD, PASSPORT) == SAME_PERSON_SCORE
    forged = ZONE.clean(PASSPORT.replace("ANNA<MARIA", "EVA<SOFIA<"), "x")
    assert ZONE.compare(PASSPORT, forged) == SAME_DOCUMENT_SCORE
    assert ZONE.compare(forged, CARD) == 0.0
