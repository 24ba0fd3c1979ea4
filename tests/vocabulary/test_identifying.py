"""What a body is found under is what a check asks for."""

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from allpoints.vocabulary.identifying import DOCUMENT_RANGE, DOCUMENT_SHAPE, PERSON, Key
from allpoints.vocabulary.normal import document_key, person_key, range_probes, range_shape
from allpoints.vocabulary.register import Register

BLANKS = {
    "source_ref": "1",
    "issuer": "XAV",
    "document_type": "passport",
    "fraud": "stolen-blank",
}
PERSON_ROW = {
    "source_ref": "1",
    "family_name": "Torvane",
    "given_names": "Elio Marek",
    "sex": "M",
    "status_of_person": "wanted",
    "birth_date": "1979-03-14",
}


@given(
    st.sampled_from(["D", "XAV", "utO"]),
    st.text(st.sampled_from("AB12 -."), max_size=12).map(lambda t: f"X{t}"),
)
@settings(max_examples=60, deadline=None)
def test_a_documents_key_is_the_one_a_check_asks(
    travel_documents: Register, issuer: str, number: str
) -> None:
    row = {**BLANKS, "fraud": "lost", "issuer": issuer, "document_number": number}
    keys = travel_documents.keys(travel_documents.clean(row))
    assert keys == [Key("document", document_key(issuer, number))]


def test_a_range_is_found_by_shape_and_probes(travel_documents: Register) -> None:
    body = travel_documents.clean({**BLANKS, "document_number": "AB0995", "last_number": "AB1010"})
    keys = set(travel_documents.keys(body))
    assert Key(DOCUMENT_SHAPE, range_shape("XAV", "AB1003")) in keys
    assert any(Key(DOCUMENT_RANGE, probe) in keys for probe in range_probes("XAV", "AB 1003"))
    assert not any(Key(DOCUMENT_RANGE, probe) in keys for probe in range_probes("XAV", "AB1011"))


def test_a_person_is_found_by_documents_name_and_aliases(persons: Register) -> None:
    row = {
        **PERSON_ROW,
        "aliases": ["Torvan, Elias", "The Ferryman"],
        "documents": [{"number": "c01x-0006h", "issuer": "D", "type": "passport"}] * 2,
    }
    assert persons.keys(persons.clean(row)) == [
        Key("document", "DEU|C01X0006H"),
        Key(PERSON, person_key("TORVANE", "ELIO", "1979-03-14")),
        Key(PERSON, person_key("TORVAN", "ELIAS", "1979-03-14")),
    ]


def test_without_a_whole_birth_date_or_a_name_the_zone_can_write_there_is_no_name_key(
    persons: Register,
) -> None:
    assert persons.keys(persons.clean({**PERSON_ROW, "birth_date": "1979-03"})) == []
    assert persons.keys(persons.clean({**PERSON_ROW, "family_name": "田中"})) == []
    assert len(persons.keys(persons.clean(PERSON_ROW))) == 1


def test_names_for_searching_come_in_every_script_and_once(persons: Register) -> None:
    row = {**PERSON_ROW, "names_original": ["Элио Торване", "エリオ"], "aliases": ["torvane elio marek"]}
    body: Any = persons.clean(row)
    assert persons.names(body) == ["torvane elio marek", "elio torvane", "エリオ"]
