"""How data and talk are printed."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from allpoints.cli import output
from allpoints.ground.refusal import Fault, Refusal


def test_a_table_in_a_pipe_cuts_nothing_and_has_no_colour(capsys: pytest.CaptureFixture[str]) -> None:
    output.table(("name", "long"), [("a", "x" * 500), ("bcd", True)], empty="")
    lines = capsys.readouterr().out.splitlines()
    assert lines == ["name  long", f"a     {'x' * 500}", "bcd   yes"]


def test_an_empty_table_is_said_and_leaves_the_data_empty(capsys: pytest.CaptureFixture[str]) -> None:
    output.table(("name",), [], empty="There are none.")
    told = capsys.readouterr()
    assert (told.out, told.err) == ("", "There are none.\n")


def test_facts_leave_out_what_is_empty_and_align_the_rest(capsys: pytest.CaptureFixture[str]) -> None:
    output.facts([("one", 1), ("none", ""), ("lines", "a\nb"), ("zero", 0)])
    assert capsys.readouterr().out == "one    1\nlines  a\n       b\nzero   0\n"


def test_several_faults_are_listed_each_with_its_field_and_hint() -> None:
    refusal = Refusal.of([Fault("A", "First.", "x", "Mend x."), Fault("B", "Second.")])
    assert output.sentences(refusal.problem()) == [
        "error: First. (and 1 more)",
        "  x: First.",
        "    hint: Mend x.",
        "  Second.",
    ]


@pytest.mark.parametrize(
    ("length_ms", "shown"),
    [
        (0, "0 ms"),
        (999, "999 ms"),
        (1_500, "1.5 s"),
        (119_000, "119.0 s"),
        (180_000, "3 min"),
        (7_200_000, "2 h"),
        (200_000_000, "2 days"),
    ],
)
def test_a_length_of_time_is_said_in_the_unit_that_fits(length_ms: int, shown: str) -> None:
    assert output.span(length_ms) == shown


def test_an_instant_is_shown_in_utc_and_no_instant_not_at_all() -> None:
    assert output.at(1_790_000_000_000) == "2026-09-21 14:13:20Z"
    assert output.at(0) == ""


@settings(max_examples=60, deadline=None)
@given(st.recursive(st.none() | st.booleans() | st.integers() | st.text(), st.lists, max_leaves=5))
def test_every_value_has_a_form_to_read(value: object) -> None:
    assert isinstance(output.shown(value), str)


def test_no_colour_reaches_a_stream_that_is_no_terminal(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    import sys

    monkeypatch.setenv("FORCE_COLOR", "1")
    output.console(sys.stdout).print("plain", style="bold red")
    assert capsys.readouterr().out == "plain\n"
