"""Refusals: one family, stable codes, and one body for every mouth."""

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st

from allpoints.ground.refusal import Fault, Problem, Refusal

FAULTS = st.lists(
    st.builds(
        Fault, st.from_regex(r"[A-Z]{2,8}(-[A-Z]{2,8})?", fullmatch=True), st.text(), st.text(), st.text()
    ),
    min_size=1,
    max_size=5,
)


def test_a_single_fault_speaks_for_itself() -> None:
    refusal = Refusal.of([Fault("NO-PURPOSE", "A question states its purpose.", "purpose", "Choose one.")])
    assert (refusal.code, refusal.path, refusal.hint) == ("NO-PURPOSE", "purpose", "Choose one.")
    assert refusal.sentence == "A question states its purpose."
    assert str(refusal) == refusal.sentence


@settings(max_examples=60, deadline=None)
@given(FAULTS)
def test_of_several_faults_the_first_speaks_and_all_are_kept_and_counted(faults: list[Fault]) -> None:
    refusal = Refusal.of(iter(faults), status=409)
    assert refusal.faults == tuple(faults)
    assert refusal.code == faults[0].code
    assert refusal.status == 409
    assert (f"(and {len(faults) - 1} more)" in refusal.sentence) == (len(faults) > 1)


@settings(max_examples=60, deadline=None)
@given(FAULTS)
def test_the_problem_body_of_a_refusal_survives_json(faults: list[Fault]) -> None:
    problem = Refusal.of(faults).problem()
    again = msgspec.json.decode(msgspec.json.encode(problem), type=Problem)
    assert again == problem
    assert again.type == f"urn:allpoints:refusal:{faults[0].code.lower()}"


def test_a_problem_body_leaves_out_what_was_not_said() -> None:
    body = msgspec.json.decode(msgspec.json.encode(Refusal("TOO-BUSY", "Not now.", status=429).problem()))
    assert body == {
        "type": "urn:allpoints:refusal:too-busy",
        "title": "Too busy",
        "status": 429,
        "code": "TOO-BUSY",
        "detail": "Not now.",
    }


def test_a_refusal_becomes_a_fault_of_something_larger() -> None:
    refusal = Refusal("MRZ-LENGTH", "Too short.", path="mrz", hint="Scan again.")
    assert refusal.fault() == Fault("MRZ-LENGTH", "Too short.", "mrz", "Scan again.")
