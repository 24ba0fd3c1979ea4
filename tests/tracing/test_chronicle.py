"""A trace told as it happened."""

from tests.tracing.acting import begun, played

from allpoints.tracing import chronicle
from allpoints.tracing.trace import ENDINGS, Ending, Finding, Why


def told(*acts: object) -> list[tuple[str, str]]:
    return [(one.country, one.word) for one in chronicle.told(played(list(acts), begun()))]


def test_everything_is_told_in_its_order() -> None:
    course = ({"ask": "XAV"}, {"says": ["XAV", "exported", "XBM"]}, "late", {"says": ["XBM", "no-record"]})
    assert sorted(told(*course)) == [
        ("XAV", "Asked as country of manufacture"),
        ("XAV", "Exported to XBM"),
        ("XBM", "Asked as importing country"),
        ("XBM", "No record in XBM"),
        ("XBM", "Not answered in time"),
        ("XCS", "The trail ends"),
    ]
    times = [one.at_ms for one in chronicle.told(played(list(course), begun()))]
    assert times == sorted(times)
    assert told({"ask": "XAV"}, {"withdraw": "Solved."})[-1] == ("XCS", "Withdrawn")


def test_every_finding_and_every_reason_has_words() -> None:
    assert set(chronicle.WORDS) == set(Finding)
    assert set(chronicle.ASKED) == set(Why)


def test_an_end_is_a_sentence() -> None:
    assert (
        chronicle.ending(played([{"ask": "XAV"}, {"says": ["XAV", "no-record"]}], begun()))
        == ENDINGS[Ending.NO_RECORD]
    )
    assert chronicle.ending(played([{"ask": "XAV"}, {"withdraw": "Solved."}], begun())) == "Solved."
    assert chronicle.ending(played([{"ask": "XAV"}], begun())) == ""
