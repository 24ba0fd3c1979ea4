"""What ships: the two registers, the red notice and the closed lists, as the rules of the network want them."""

import re
from collections.abc import Callable
from functools import partial
from typing import Any

import pytest

from allpoints.ground.refusal import Refusal
from allpoints.vocabulary.normal import RANGE_LIMIT
from allpoints.vocabulary.register import NoticeKind, Register, Vocabulary

Faults = Callable[[Callable[[], object]], dict[str, str]]

BLANKS = {
    "source_ref": "XAV-7",
    "document_number": "AB0001000",
    "last_number": "AB0001999",
    "issuer": "XAV",
    "document_type": "passport",
    "fraud": "stolen-blank",
}


def test_a_range_is_only_for_stolen_blanks(travel_documents: Register, refused: Faults) -> None:
    assert travel_documents.clean(BLANKS)
    for fraud in ("stolen", "lost", "revoked"):
        act = partial(travel_documents.clean, {**BLANKS, "fraud": fraud})
        assert refused(act) == {"last_number": "RANGE-NOT-ALLOWED"}


@pytest.mark.parametrize(
    ("last", "code"),
    [
        ("AC0001999", "RANGE-SHAPE"),
        ("AB00019990", "RANGE-SHAPE"),
        ("AB0000999", "RANGE-ORDER"),
    ],
)
def test_a_range_has_one_shape_and_its_order(
    travel_documents: Register, refused: Faults, last: str, code: str
) -> None:
    assert refused(lambda: travel_documents.clean({**BLANKS, "last_number": last})) == {"last_number": code}
    assert travel_documents.clean({**BLANKS, "last_number": "AB0001000"})


def test_a_range_holds_at_most_ten_million_documents(travel_documents: Register, refused: Faults) -> None:
    wide = {**BLANKS, "document_number": "A00000001", "last_number": f"A{RANGE_LIMIT:08d}"}
    assert travel_documents.clean(wide)
    wider = {**wide, "document_number": "A00000000"}
    assert refused(lambda: travel_documents.clean(wider)) == {"last_number": "RANGE-SIZE"}


def test_only_the_issuer_writes_a_document_and_anyone_its_own_persons(
    travel_documents: Register, persons: Register
) -> None:
    body = travel_documents.clean(BLANKS)
    travel_documents.may_write("XAV", body)
    with pytest.raises(Refusal) as caught:
        travel_documents.may_write("XBM", body)
    assert (caught.value.code, caught.value.status, caught.value.path) == ("NOT-ISSUER", 403, "issuer")
    row = {"source_ref": "1", "family_name": "T", "sex": "U", "status_of_person": "missing"}
    persons.may_write("XBM", persons.clean(row))


def test_the_document_register_has_no_place_for_a_person(travel_documents: Register) -> None:
    assert not travel_documents.person_data
    assert not any(field.type.personal for field in travel_documents.fields)
    assert travel_documents.effect == "document"
    assert travel_documents.names(travel_documents.clean(BLANKS)) == []


def test_a_red_notice_brings_the_persons_fields_and_what_a_red_notice_adds(
    red: NoticeKind, persons: Register
) -> None:
    mine = [field.name for field in red.fields]
    assert mine[: len(persons.fields)] == [field.name for field in persons.fields]
    assert {"facts", "warrants", "extradition_assured", "maximum_penalty_months"} <= set(mine)
    assert (red.colour, red.name, red.effect) == ("red", "red", "bearer")
    assert red.code != persons.code


def test_an_incomplete_red_notice_reaches_the_gates(red: NoticeKind, refused: Faults) -> None:
    least = {"source_ref": "XAV-9", "family_name": "Torvane", "offences": ["PTR"]}
    body: Any = red.clean(least)
    assert (body.facts, body.warrants, body.birth_date, body.sex, body.given_names) == ("", (), "", "", "")
    assert (body.maximum_penalty_months, body.extradition_assured, body.appeal_to_judge) == (
        None,
        False,
        None,
    )
    assert refused(lambda: red.clean({**least, "offences": []})) == {"offences": "FIELD-REQUIRED"}
    assert red.keys(body) == []


def test_a_warrant_is_whole_or_refused(red: NoticeKind, refused: Faults) -> None:
    least = {"source_ref": "XAV-9", "family_name": "Torvane", "offences": ["PTR"]}
    warrant = {"reference": "4/31", "authority": "Court", "issued_on": "2031-05-20", "country": "XAV"}
    body: Any = red.clean({**least, "warrants": [{**warrant, "judicial": "yes"}, warrant]})
    assert [found.judicial for found in body.warrants] == [True, False]
    bad = {**warrant, "issued_on": "2031-13-01", "judge": "x"}
    assert refused(lambda: red.clean({**least, "warrants": [warrant, bad]})) == {
        "warrants[1].issued_on": "DATE-CALENDAR",
        "warrants[1].judge": "FIELD-UNKNOWN",
    }
    assert refused(lambda: red.clean({**least, "facts": "a" * 4001})) == {"facts": "FIELD-TOO-LONG"}
    assert red.clean({**least, "facts": "a" * 4000})


def test_the_closed_lists_are_whole(vocabulary: Vocabulary) -> None:
    assert list(vocabulary.purposes) == [
        "find-wanted", "locate", "investigate", "warn", "identify", "forensic", "security-check",
        "border-control", "analyse",
    ]  # fmt: skip
    assert list(vocabulary.handling) == ["official-use", "restricted", "confidential"]
    assert len(vocabulary.offences) == 78
    assert sum(term.group != "civil" for term in vocabulary.offences.values()) == 71
    assert {"wanted", "missing", "suspect", "unidentified"} <= set(vocabulary.statuses)
    assert set(vocabulary.terms("sexes")) == {"M", "F", "X", "U"}
    with pytest.raises(Refusal):
        vocabulary.terms("beasts")


def test_every_audit_event_says_who_does_what_and_what_a_line_must_hold(vocabulary: Vocabulary) -> None:
    for code, term in vocabulary.audit_events.items():
        assert re.fullmatch("[a-z]+:[a-z-]+", code)
        assert term.subject
        assert term.fields or code == "officer:signed-out", "who and when is all there is to say"
    wanted = {
        "check:asked", "search:asked", "record:read", "record:entered", "record:withdrawn", "import:started",
        "notice:read", "notice:submitted", "review:decided", "hit:read", "hit:answered", "message:sent",
        "message:read", "message:listed", "message:file-attached", "message:file-saved", "officer:signed-in", "officer:refused", "member:admitted",
        "post:admitted", "extract:issued", "audit:read",
    }  # fmt: skip
    assert wanted <= set(vocabulary.audit_events)


def test_questions_about_data_always_say_their_purpose(vocabulary: Vocabulary) -> None:
    for code in ("check:asked", "search:asked", "record:read", "notice:read"):
        assert {"purpose", "case"} <= set(vocabulary.audit_events[code].fields)


def test_no_two_document_types_claim_the_same_letters(vocabulary: Vocabulary) -> None:
    claimed = [letters for term in vocabulary.terms("document-types").values() for letters in term.mrz]
    assert len(claimed) == len(set(claimed))
    assert {"P", "I", "A", "C", "V"} <= set(claimed)
