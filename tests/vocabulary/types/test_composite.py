"""Objects have declared parts and no others."""

from typing import Any

import pytest

from allpoints.ground.refusal import Refusal
from allpoints.vocabulary.types.composite import Composite, Part, structure
from allpoints.vocabulary.types.dates import Day
from allpoints.vocabulary.types.document_number import DocumentNumber
from allpoints.vocabulary.types.number import Boolean

PARTS = (
    Part("number", DocumentNumber(), True, {"en": "Number"}),
    Part("expiry", Day(), False, {"en": "Expiry"}),
    Part("seen", Boolean(False), False, {"en": "Seen"}),
    Part("kept", Boolean(), False, {"en": "Kept"}),
)
PAPER = Composite(structure("identity_paper", PARTS), PARTS)


def test_parts_are_cleaned_and_silence_means_what_was_declared() -> None:
    paper: Any = PAPER.clean({"number": "ab 1", "expiry": ""}, "documents[0]")
    assert (paper.number, paper.expiry, paper.seen, paper.kept) == ("AB1", "", False, None)
    assert type(paper).__name__ == "IdentityPaper"
    assert PAPER.caption(paper) == "AB1, no"


def test_faults_of_parts_have_their_path() -> None:
    with pytest.raises(Refusal) as caught:
        PAPER.clean({"expiry": "soon", "colour": "red"}, "documents[0]")
    assert {fault.path: fault.code for fault in caught.value.faults} == {
        "documents[0].colour": "FIELD-UNKNOWN",
        "documents[0].number": "FIELD-REQUIRED",
        "documents[0].expiry": "DATE-FORM",
    }


def test_objects_are_compared_by_the_parts_both_have() -> None:
    one: Any = PAPER.clean({"number": "AB1", "expiry": "2031-01-01"}, "x")
    other: Any = PAPER.clean({"number": "AB1"}, "x")
    assert PAPER.compare(one, other) == 1.0
    assert PAPER.compare(one, PAPER.clean({"number": "XY9", "seen": "yes"}, "x")) == 0.0


def test_the_schema_closes_the_object() -> None:
    schema = PAPER.schema()
    assert (schema["required"], schema["additionalProperties"]) == (["number"], False)
