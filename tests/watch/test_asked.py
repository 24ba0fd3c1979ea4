"""What an audit line says about whom a question was."""

import msgspec
import pytest

from allpoints.ledger.audit_line import Line
from allpoints.watch.asked import asked


def line(event: str, detail: object, officer: str = "anna", *, erased: bool = False) -> Line:
    salt = None if erased else bytes(16)
    said = msgspec.json.encode(detail)
    return Line(7, 99, event, "", officer, "", "analyse", "C-1", said, salt, None, bytes(32))


@pytest.mark.parametrize(
    ("event", "detail", "subjects"),
    [
        (
            "check:asked",
            {
                "check": "1",
                "question": {"family_name": "Fenwick", "given_names": "Ysolde"},
                "number": "AB1",
                "issuer": "XAV",
            },
            ("document:XAV|AB1", "name:fenwick ysolde"),
        ),
        ("search:asked", {"query": {"number": "ab 1", "issuer": "xav"}}, ("document:XAV|AB1",)),
        ("search:asked", {"query": {"name": "Ysolde  FENWICK"}}, ("name:fenwick ysolde",)),
        ("search:asked", {"query": {"number": "??", "issuer": "XAV"}}, ("document:XAV|??",)),
        ("search:asked", {"query": {"identifiers": {"vin": "V1", "plate": "P1"}}}, ("plate:P1", "vin:V1")),
        ("search:asked", {"query": {"text": "violin"}}, ()),
        ("search:asked", {"query": "sealed"}, ()),
        ("record:read", {"record": "0a"}, ("record:0a",)),
        ("notice:read", {"submission": "0a"}, ()),
    ],
)
def test_a_question_is_about_documents_names_and_identifiers_in_their_normal_forms(
    event: str, detail: object, subjects: tuple[str, ...]
) -> None:
    found = asked(line(event, detail))
    assert found is not None
    assert found.subjects == subjects
    assert found.reads is (event in {"record:read", "notice:read"})


def test_other_events_erased_lines_and_those_of_the_clock_are_passed_over() -> None:
    said = {"query": {"name": "Fenwick"}}
    assert asked(line("record:entered", said)) is None
    assert asked(line("search:asked", said, erased=True)) is None
    assert asked(line("search:asked", said, "")) is None
