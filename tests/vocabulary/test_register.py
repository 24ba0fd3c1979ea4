"""What every register does with a body: clean, encode, decode, caption, keys, columns and schema."""

from collections.abc import Callable
from functools import partial
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from allpoints.ground.refusal import Refusal
from allpoints.vocabulary.register import BODY_LIMIT_BYTES, FAULTS_LIMIT, Register, Vocabulary

Faults = Callable[[Callable[[], object]], dict[str, str]]

ROW = {
    "source_ref": "XAV-1",
    "document_number": "L898902C3",
    "issuer": "XAV",
    "document_type": "passport",
    "fraud": "lost",
}


def _all(vocabulary: Vocabulary) -> list[Register]:
    return [*vocabulary.registers.values(), *vocabulary.notices.values()]


def test_every_example_of_every_field_cleans_and_comes_back_the_same(vocabulary: Vocabulary) -> None:
    for register in _all(vocabulary):
        raw = {field.name: field.examples[0] for field in register.fields}
        if register.name == "travel-documents":
            raw |= {"document_number": "AB0001000", "fraud": "stolen-blank"}
        body = register.clean(raw)
        data = register.encode(body)
        assert register.decode(data) == body
        assert register.accept(data) == body
        assert register.encode(register.decode(data)) == data
        assert len(register.describe(body)) == len(register.fields)
        assert register.caption(body)
        assert register.keys(body)


def test_codes_and_short_names_are_unique_and_featured_fields_exist(vocabulary: Vocabulary) -> None:
    registers = _all(vocabulary)
    assert len({register.code for register in registers}) == len(registers)
    assert len(vocabulary.register_names()) == len(registers)
    for register in registers:
        assert set(register.featured) <= {field.name for field in register.fields}


def test_unknown_fields_are_refused_by_name(travel_documents: Register, refused: Faults) -> None:
    assert refused(lambda: travel_documents.clean({**ROW, "holder": "Elio Torvane"})) == {
        "holder": "FIELD-UNKNOWN"
    }
    assert travel_documents.clean(ROW)


def test_all_faults_are_told_at_once_and_missing_fields_with_their_label(
    travel_documents: Register, refused: Faults
) -> None:
    raw = {"document_number": "#", "issuer": "ZYX", "theft_date": "31.3.2031", "holder": 1, "source_ref": " "}
    assert refused(lambda: travel_documents.clean(raw)) == {
        "holder": "FIELD-UNKNOWN",
        "source_ref": "FIELD-REQUIRED",
        "document_number": "DOCUMENT-NUMBER-CHARACTER",
        "issuer": "COUNTRY-UNKNOWN",
        "document_type": "FIELD-REQUIRED",
        "fraud": "FIELD-REQUIRED",
        "theft_date": "DATE-FORM",
    }
    with pytest.raises(Refusal, match="missing"):
        travel_documents.clean({})


def test_faults_are_bounded(travel_documents: Register) -> None:
    with pytest.raises(Refusal) as caught:
        travel_documents.clean({str(number): "" for number in range(10 * FAULTS_LIMIT)})
    assert len(caught.value.faults) == FAULTS_LIMIT


def test_only_a_mapping_is_a_row(travel_documents: Register) -> None:
    raw: Any = [("issuer", "XAV")]
    with pytest.raises(Refusal) as caught:
        travel_documents.clean(raw)
    assert caught.value.code == "FIELD-TYPE"


@pytest.mark.parametrize("empty", ["", " ", "\u00a0", None])
def test_empty_counts_as_absent(travel_documents: Register, empty: object) -> None:
    body: Any = travel_documents.clean(
        {**ROW, "theft_country": empty, "theft_date": empty, "last_number": empty}
    )
    assert (body.theft_country, body.theft_date, body.last_number) == ("", "", "")
    assert b"theft" not in travel_documents.encode(body)


def test_text_is_bounded_composed_and_free_of_what_cannot_be_seen(persons: Register, refused: Faults) -> None:
    row = {"source_ref": "1", "family_name": "E\u0301loin", "sex": "F", "status_of_person": "missing"}
    body: Any = persons.clean(row)
    assert body.family_name == "Éloin"
    assert refused(lambda: persons.clean({**row, "birth_place": "a" * 101})) == {
        "birth_place": "FIELD-TOO-LONG"
    }
    assert persons.clean({**row, "birth_place": "a" * 100})
    for hidden in ("\x07", "\u202e", "\ue000", "\u2028", "\ud800"):
        bad = {**row, "birth_place": f"a{hidden}b"}
        assert refused(partial(persons.clean, bad)) == {"birth_place": "FIELD-CHARACTER"}
    assert persons.clean({**row, "birth_place": "a\u200cb", "marks": "one\ntwo"})
    assert refused(lambda: persons.clean({**row, "birth_place": "one\ntwo"}))


@pytest.mark.parametrize(
    "change",
    [
        {"holder": "x"},
        {"fraud": "eaten"},
        {"issuer": "xav"},
        {"document_number": "ab 1"},
        {"document_number": "AB1\n"},
        {"theft_date": "yesterday"},
        {"source_ref": "x" * 41},
        {"source_ref": 7},
        {"fraud": None},
    ],
)
def test_a_decoder_refuses_what_no_clean_body_holds(
    travel_documents: Register, change: dict[str, object]
) -> None:
    with pytest.raises(Refusal) as caught:
        travel_documents.decode(msgspec.msgpack.encode({**ROW, **change}))
    assert caught.value.code == "BODY-UNREADABLE"
    assert travel_documents.decode(msgspec.msgpack.encode(ROW)) == travel_documents.clean(ROW)


@pytest.mark.parametrize(
    "change",
    [
        {"source_ref": " XAV-1 "},
        {"source_ref": ""},
        {"theft_date": "2031-02-30"},
        {"issuer": "ZYX"},
        {"last_number": "L999999C3"},
        {"source_ref": "a\u202eb"},
    ],
)
def test_what_another_member_wrote_must_be_clean_already(
    travel_documents: Register, change: dict[str, object]
) -> None:
    data = msgspec.msgpack.encode({**ROW, **change})
    travel_documents.decode(data)
    with pytest.raises(Refusal):
        travel_documents.accept(data)
    assert travel_documents.accept(msgspec.msgpack.encode(ROW))


def test_bodies_have_a_limit(travel_documents: Register) -> None:
    with pytest.raises(Refusal) as caught:
        travel_documents.decode(b"\x00" * (BODY_LIMIT_BYTES + 1))
    assert (caught.value.code, caught.value.status) == ("BODY-LARGE", 413)


@given(st.binary(max_size=200))
@settings(max_examples=60, deadline=None)
def test_any_bytes_are_a_body_or_a_refusal(travel_documents: Register, data: bytes) -> None:
    with pytest.raises(Refusal):
        travel_documents.accept(data)


@given(st.data())
@settings(max_examples=60, deadline=None)
def test_a_body_with_a_byte_changed_is_a_body_or_a_refusal(
    travel_documents: Register, data: st.DataObject
) -> None:
    good = bytearray(travel_documents.encode(travel_documents.clean(ROW)))
    good[data.draw(st.integers(0, len(good) - 1))] = data.draw(st.integers(0, 255))
    try:
        body = travel_documents.accept(bytes(good))
    except Refusal:
        return
    assert travel_documents.accept(travel_documents.encode(body)) == body


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=30) | st.floats(allow_nan=False),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=5,
)


@given(st.data())
@settings(max_examples=60, deadline=None)
def test_whatever_is_given_is_cleaned_for_good_or_refused(
    persons: Register, refused: Faults, data: st.DataObject
) -> None:
    names = [field.name for field in persons.fields]
    good = {"source_ref": "1", "family_name": "T", "sex": "U", "status_of_person": "suspect"}
    raw = good | data.draw(st.dictionaries(st.sampled_from(names), VALUES, max_size=4))
    try:
        body = persons.clean(raw)
    except Refusal:
        faults = refused(partial(persons.clean, raw))
        assert all(faults)
        return
    assert persons.clean(msgspec.structs.asdict(body)) == body
    assert persons.accept(persons.encode(body)) == body
    assert persons.clean(msgspec.to_builtins(body)) == body
    persons.keys(body)
    persons.names(body)
    persons.caption(body)


def test_a_caption_leaves_out_what_is_missing(persons: Register, travel_documents: Register) -> None:
    row = {"source_ref": "1", "family_name": "Torvane", "sex": "M", "status_of_person": "wanted"}
    assert persons.caption(persons.clean(row)) == "Torvane"
    assert persons.caption(persons.clean({**row, "birth_date": "1979"})) == "Torvane, 1979"
    assert travel_documents.caption(travel_documents.clean(ROW), "fr") == (
        "Passeport L898902C3, XAV: Perdu par son titulaire"
    )


def test_the_schema_says_what_clean_wants(travel_documents: Register, persons: Register) -> None:
    schema = travel_documents.json_schema()
    assert schema["required"] == ["source_ref", "document_number", "issuer", "document_type", "fraud"]
    assert schema["additionalProperties"] is False
    assert schema["properties"]["fraud"]["enum"] == ["stolen-blank", "stolen", "lost", "revoked"]
    documents = persons.json_schema()["properties"]["documents"]
    assert documents["items"]["required"] == ["number", "issuer", "type"]
    assert msgspec.json.encode(schema)


def test_columns_are_the_fields_that_fit_a_cell(travel_documents: Register, persons: Register) -> None:
    assert travel_documents.columns() == tuple(field.name for field in travel_documents.fields)
    assert "documents" not in persons.columns()
    assert "nationalities" in persons.columns()


def test_bodies_cannot_be_changed(travel_documents: Register) -> None:
    body: Any = travel_documents.clean(ROW)
    with pytest.raises(AttributeError):
        body.fraud = "stolen"


def test_a_plate_is_remarked_on_by_the_shapes_of_the_country_beside_it(vocabulary: Vocabulary) -> None:
    vehicles = vocabulary.registers["stolen-vehicles"]
    raw = {"source_ref": "V-1", "status": "stolen", "kind": "car", "plate": "1234AB"}
    odd = vehicles.clean({**raw, "plate_country": "XAV"})
    assert [name for name, _ in vehicles.advice(odd)] == ["plate"]
    assert vehicles.advice(vehicles.clean({**raw, "plate_country": "XBM"})) == []
