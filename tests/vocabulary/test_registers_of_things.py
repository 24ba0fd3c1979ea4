"""The registers of things: who writes and reads them, how long they keep, and what they refuse."""

from typing import Any

import pytest
from tools.reference.registers import example

from allpoints.ground.refusal import Refusal
from allpoints.vocabulary.declaration import LANGUAGES
from allpoints.vocabulary.register import Register, Vocabulary
from allpoints.vocabulary.types.base import faults_of

NAMES = (
    "administrative-documents",
    "stolen-vehicles",
    "stolen-vessels",
    "works-of-art",
    "firearms",
    "firearms-reference",
    "travel-documents",
    "persons",
)
EACH = pytest.mark.parametrize("name", NAMES)

# writer, readers, about persons, what a hit means, years kept
FACTS = {
    "administrative-documents": ("issuer:issuer", "all", False, "object", 10),
    "stolen-vehicles": ("owner", "all", False, "object", 10),
    "stolen-vessels": ("owner", "all", False, "object", 10),
    "works-of-art": ("owner", "outsiders", False, "object", 50),
    "firearms": ("owner", "all", False, "object", 50),
    "travel-documents": ("issuer:issuer", "all", False, "document", 10),
    "persons": ("owner", "all", True, "bearer", 5),
}


def _codes(register: Register, raw: dict[str, Any]) -> dict[str, str]:
    with pytest.raises(Refusal) as caught:
        register.clean(raw)
    return {fault.path: fault.code for fault in faults_of(caught.value)}


@EACH
def test_a_register_and_its_fields_have_words_in_every_language(vocabulary: Vocabulary, name: str) -> None:
    register = vocabulary.registers[name]
    labels = [register.label, register.plural, *(field.label for field in register.fields)]
    assert all(set(LANGUAGES) <= set(label) for label in labels)


@EACH
def test_the_example_of_a_register_is_accepted_and_found(vocabulary: Vocabulary, name: str) -> None:
    register = vocabulary.registers[name]
    _, body = example(register)
    assert register.accept(register.encode(body)) == body
    assert register.caption(body)
    assert register.keys(body)
    assert all(field.examples for field in register.fields)


@pytest.mark.parametrize(("name", "facts"), FACTS.items())
def test_who_writes_and_reads_and_how_long_it_is_kept(
    vocabulary: Vocabulary, name: str, facts: tuple[str, str, bool, str, int]
) -> None:
    register = vocabulary.registers[name]
    years = round(register.retention_days / 365.25)
    assert (register.writer, register.readers, register.person_data, register.effect, years) == facts


def test_a_vehicle_is_found_by_every_number_on_it(vocabulary: Vocabulary) -> None:
    _, body = example(vocabulary.registers["stolen-vehicles"])
    kinds = {key.kind for key in vocabulary.registers["stolen-vehicles"].keys(body)}
    assert kinds == {"vin", "plate", "engine", "part-number", "registration-document"}
    assert {key.kind for key in vocabulary.registers["stolen-vehicles"].partials(body)} == {
        "vin",
        "plate",
        "engine",
    }


def test_a_vehicle_without_any_number_is_refused(vocabulary: Vocabulary) -> None:
    vehicles = vocabulary.registers["stolen-vehicles"]
    raw = {"source_ref": "V-1", "status": "stolen", "kind": "car"}
    assert _codes(vehicles, raw) == {"vin": "FIELD-ONE-OF"}
    assert vehicles.clean({**raw, "engine_number": "BKC123456"}) is not None


@pytest.mark.parametrize(
    ("name", "field"),
    [
        ("stolen-vehicles", "features"),
        ("works-of-art", "description"),
        ("administrative-documents", "authority"),
        ("travel-documents", "source_ref"),
    ],
)
def test_registers_of_things_refuse_text_that_speaks_of_a_person(
    vocabulary: Vocabulary, name: str, field: str
) -> None:
    register = vocabulary.registers[name]
    given, _ = example(register)
    assert _codes(register, {**given, field: "Ask Mr Torvane"}) == {field: "TEXT-PERSON"}
    assert register.clean({**given, field: "Ask the harbour"}) is not None


def test_only_the_issuer_writes_an_administrative_paper(vocabulary: Vocabulary) -> None:
    papers = vocabulary.registers["administrative-documents"]
    _, body = example(papers)
    papers.may_write("XAV", body)
    with pytest.raises(Refusal, match="Only XAV"):
        papers.may_write("XBM", body)


def test_a_work_of_art_shows_outsiders_what_helps_to_know_it_and_not_the_file(vocabulary: Vocabulary) -> None:
    art = vocabulary.registers["works-of-art"]
    hidden = {field.name for field in art.fields if not field.public}
    assert hidden == {"source_ref", "picture_hashes", "holder"}


def test_folders_of_art_lie_in_each_other(vocabulary: Vocabulary) -> None:
    codes = vocabulary.terms("art-folders")
    parents = {code.rpartition("/")[0] for code in codes} - {""}
    assert parents <= set(codes)


def test_a_serial_number_is_found_only_with_its_make(vocabulary: Vocabulary) -> None:
    firearms = vocabulary.registers["firearms"]
    _, body = example(firearms)
    assert ("serial", "tarnwerk|A0012345") in [tuple(key) for key in firearms.keys(body)]


def test_health_is_held_only_for_a_reason(vocabulary: Vocabulary) -> None:
    persons = vocabulary.registers["persons"]
    given, _ = example(persons)
    without = {name: value for name, value in given.items() if name != "sensitive_reason"}
    assert _codes(persons, without) == {"health": "SENSITIVE-NOT-RELEVANT"}
    assert persons.clean(given) is not None


@pytest.mark.parametrize("name", ["stolen-vehicles", "stolen-vessels", "works-of-art", "firearms", "persons"])
def test_a_served_purpose_is_a_status_that_ends_a_record(vocabulary: Vocabulary, name: str) -> None:
    assert vocabulary.registers[name].achieved
