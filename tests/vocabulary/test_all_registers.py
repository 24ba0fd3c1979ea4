"""The nineteen registers together: who they are, who writes and reads them, how long they keep, what they may not hold."""

from collections.abc import Callable
from functools import partial
from typing import NamedTuple

import msgspec
import pytest
from tools.reference.registers import example

from allpoints.ground.refusal import Refusal
from allpoints.vocabulary.declaration import LANGUAGES
from allpoints.vocabulary.register import Register, Vocabulary
from allpoints.vocabulary.types.composite import Composite
from allpoints.vocabulary.types.listing import element_of

Faults = Callable[[Callable[[], object]], dict[str, str]]


class Known(NamedTuple):
    """A register by its code: name, short name, and who writes and reads it."""

    name: str
    short: str
    writer: str
    readers: str


NINETEEN = {
    1: Known("travel-documents", "SLTD", "issuer:issuer", "all"),
    2: Known("persons", "NOM", "owner", "all"),
    3: Known("child-exploitation-hashes", "ICSE", "owner", "certified"),
    4: Known("fingerprints", "AFIS", "owner", "certified"),
    5: Known("dna-profiles", "DNA", "owner", "certified"),
    6: Known("facial-images", "IFRS", "owner", "certified"),
    7: Known("administrative-documents", "SAD", "issuer:issuer", "all"),
    8: Known("counterfeit-alerts", "DIALDOC", "owner", "all"),
    9: Known("document-specimens", "EDISON", "issuer:issuer", "all"),
    10: Known("stolen-vehicles", "SMV", "owner", "all"),
    11: Known("stolen-vessels", "VES", "owner", "all"),
    12: Known("works-of-art", "WOA", "owner", "outsiders"),
    13: Known("firearms", "IARMS", "owner", "all"),
    14: Known("firearms-reference", "IFRT", "secretariat", "all"),
    15: Known("ballistics", "IBIN", "owner", "certified"),
    16: Known("maritime-piracy", "PIRACY", "secretariat", "certified"),
    17: Known("family-dna", "FAMILIA", "owner", "certified"),
    18: Known("radiological-incidents", "GEIGER", "secretariat", "certified"),
    19: Known("civil-status-specimens", "DISCS", "issuer:issuer", "all"),
}

# Register, status ("" for any other), days: five, ten, fifteen, thirty, fifty and ninety-nine years; 0 has no end.
RETENTION = [
    ("travel-documents", "", 3653),
    ("persons", "", 1826),
    ("child-exploitation-hashes", "identified", 36135),
    ("child-exploitation-hashes", "not-identified", 36135),
    ("fingerprints", "offender", 1826),
    ("fingerprints", "stain", 5479),
    ("fingerprints", "body", 5479),
    ("dna-profiles", "suspect", 1826),
    ("dna-profiles", "stain", 5479),
    ("dna-profiles", "body", 5479),
    ("facial-images", "", 1826),
    ("administrative-documents", "", 3653),
    ("counterfeit-alerts", "", 3653),
    ("document-specimens", "", 3653),
    ("stolen-vehicles", "", 3653),
    ("stolen-vessels", "", 3653),
    ("works-of-art", "", 18263),
    ("firearms", "", 18263),
    ("firearms-reference", "", 0),
    ("ballistics", "", 10958),
    ("maritime-piracy", "", 1826),
    ("family-dna", "", 1826),
    ("radiological-incidents", "", 18263),
    ("civil-status-specimens", "", 3653),
]

ABOUT_PERSONS = {
    "persons", "child-exploitation-hashes", "fingerprints", "dna-profiles", "facial-images", "maritime-piracy",
    "family-dna",
}  # fmt: skip

EFFECTS = {
    "document": {"travel-documents"},
    "bearer": {"persons"},
    "object": {"administrative-documents", "stolen-vehicles", "stolen-vessels", "works-of-art", "firearms"},
}

NO_PERSON_IN = ("travel-documents", "administrative-documents", "stolen-vehicles", "works-of-art")
"""Numbers 6, 7, 10 and 12 as the network counts its registers."""

SHARED = {
    "engine": {"stolen-vehicles", "stolen-vessels"},
    "imo": {"stolen-vessels", "maritime-piracy"},
    "mmsi": {"stolen-vessels", "maritime-piracy"},
    "call-sign": {"stolen-vessels", "maritime-piracy"},
    "serial": {"firearms", "ballistics"},
    "phone": {"persons", "maritime-piracy"},
    "e-mail": {"persons", "maritime-piracy"},
    "wallet": {"persons", "maritime-piracy"},
    "fingerprint-reference": {"persons", "fingerprints"},
    "sha256": {"child-exploitation-hashes", "fingerprints", "facial-images"},
}


@pytest.fixture(params=[known.name for known in NINETEEN.values()])
def register(request: pytest.FixtureRequest, vocabulary: Vocabulary) -> Register:
    return vocabulary.registers[str(request.param)]


def test_there_are_nineteen_and_their_codes_are_for_ever(vocabulary: Vocabulary) -> None:
    said = {
        one.code: Known(one.name, one.short, one.writer, one.readers) for one in vocabulary.registers.values()
    }
    assert said == NINETEEN


@pytest.mark.parametrize(("name", "status", "days"), RETENTION)
def test_a_record_is_kept_as_long_as_its_register_and_status_say(
    vocabulary: Vocabulary, name: str, status: str, days: int
) -> None:
    register = vocabulary.registers[name]
    given, _ = example(register)
    body = register.clean({**given, register.status: status} if status else given)
    assert register.retention(body) == days


def test_the_table_of_retention_leaves_no_register_out(vocabulary: Vocabulary) -> None:
    assert {name for name, _, _ in RETENTION} == set(vocabulary.registers)


def test_a_hit_says_of_a_document_a_bearer_or_a_thing_what_it_is_for(vocabulary: Vocabulary) -> None:
    said = {
        effect: {one.name for one in vocabulary.registers.values() if one.effect == effect}
        for effect in EFFECTS
    }
    assert said == EFFECTS
    assert {one.name for one in vocabulary.registers.values() if one.person_data} == ABOUT_PERSONS


def test_everything_has_words_in_four_languages_and_an_example(register: Register) -> None:
    labels = [register.label, register.plural, *(field.label for field in register.fields)]
    labels += [
        part.label
        for field in register.fields
        if isinstance(of := element_of(field.type), Composite)
        for part in of.parts
    ]
    assert not [label for label in labels if set(label) != set(LANGUAGES)]
    assert all(field.examples for field in register.fields)
    assert register.description["en"].endswith(".")


def test_the_reference_of_the_owner_is_always_asked_for(register: Register) -> None:
    (ref,) = [field for field in register.fields if field.name == "source_ref"]
    assert ref.required


def test_a_thing_is_never_described_by_a_person(vocabulary: Vocabulary, refused: Faults) -> None:
    for name in NO_PERSON_IN:
        register = vocabulary.registers[name]
        given, body = example(register)
        assert not register.person_data
        assert not [field.name for field in register.fields if element_of(field.type).personal]
        assert "no-person-text" in register.rules
        changed = {**given, "source_ref": "Mrs Torvane"}
        assert refused(partial(register.clean, changed)) == {"source_ref": "TEXT-PERSON"}
        assert register.clean(given) == body


def test_a_member_writes_its_own_and_only_the_issuer_its_papers(register: Register) -> None:
    _, body = example(register)
    writers = {member for member in ("XAV", "XBM", "XSC") if _may_write(register, member, body)}
    assert writers == {
        "owner": {"XAV", "XBM", "XSC"}, "secretariat": {"XSC"}, "issuer:issuer": {"XAV"},
    }[register.writer]  # fmt: skip


def _may_write(register: Register, member: str, body: msgspec.Struct) -> bool:
    try:
        register.may_write(member, body, "XSC")
    except Refusal:
        return False
    return True


def test_the_largest_register_carries_nothing_beside_its_keys(vocabulary: Vocabulary) -> None:
    machine = vocabulary.registers["travel-documents"].machine
    assert (machine.facets, machine.text, machine.partials, machine.names) == ((), (), (), ())


def test_one_question_finds_a_number_in_every_register_that_has_such_numbers(vocabulary: Vocabulary) -> None:
    searches = vocabulary.searches()
    assert {key: set(searches[key].registers) for key in SHARED} == SHARED


def test_what_is_sensitive_is_in_no_search_filter_or_text(register: Register) -> None:
    machine = register.machine
    sensitive = {field.name for field in register.fields if field.sensitive}
    used = {*machine.facets, *machine.text, *(name for group in machine.names for name in group)}
    used |= {one.field for one in register.identifiers}
    assert not sensitive & used


def test_only_art_is_open_and_shows_neither_file_nor_holder(vocabulary: Vocabulary) -> None:
    open_ = [one for one in vocabulary.registers.values() if any(field.public for field in one.fields)]
    assert [one.name for one in open_] == ["works-of-art"]
    assert {field.name for field in open_[0].fields if not field.public} >= {"source_ref", "holder"}


def test_a_purpose_that_is_served_is_a_status_of_its_register(register: Register) -> None:
    status = next((field for field in register.fields if field.name == register.status), None)
    if register.name == "firearms-reference":
        assert status is None
        return
    assert status is not None
    assert status.required
    assert register.achieved or register.name == "travel-documents"
