"""The part against the vocabulary's own red notice."""

from typing import TYPE_CHECKING, Any

import pytest

from allpoints.ground.refusal import Refusal
from allpoints.notices.kind import Kind
from allpoints.notices.submitting import follow_publication
from allpoints.notices.viewing import read_notice
from allpoints.vocabulary.loading import load

if TYPE_CHECKING:
    from tests.notices.conftest import Office

PERSON: dict[str, Any] = {
    "source_ref": "AV-1",
    "family_name": "Sorin",
    "given_names": "Maro",
    "sex": "M",
    "birth_date": "1979-03-14",
    "documents": [{"number": "AV 123-4567", "issuer": "XAV", "type": "passport"}],
    "status_of_person": "wanted",
    "offences": ["PTW"],
    "facts": "He robbed a savings bank in Lindenhaven on 3 May 2023.",
    "warrants": [
        {
            "reference": "W-77",
            "authority": "Court",
            "issued_on": "2023-06-01",
            "country": "XAV",
            "judicial": True,
        }
    ],
    "urgent": True,
}


@pytest.fixture
def red(office: "Office") -> "Office":
    kind: Kind = load().notices["red"]
    office.kind = kind  # type: ignore[assignment]
    return office


def test_a_red_notice_goes_from_draft_to_the_check_index(red: "Office") -> None:
    published = red.published(body=PERSON)
    assert published.urgent
    applied = red.folded(published)
    assert ("document", "XAV|AV1234567") in applied.keys
    assert any(kind == "person" for kind, _ in applied.keys)
    assert applied.names
    assert not follow_publication(red.db, published)
    view = read_notice(red.db, published.notice_id)
    assert view.body["documents"][0]["number"] == "AV1234567"
    assert view.row.caption.upper().startswith("SORIN")


def test_a_body_with_a_field_that_the_vocabulary_does_not_know_is_refused(red: "Office") -> None:
    with pytest.raises(Refusal):
        red.drafted(body=PERSON | {"mood": "grim"})
    assert red.drafted(body=PERSON)
