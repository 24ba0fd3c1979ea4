"""The registers of traces, specimens and incidents: who writes and reads them, how long, and the rules that bind."""

import datetime as dt
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, NamedTuple

import pytest
from tools.reference.registers import example

from allpoints.ground.refusal import Refusal
from allpoints.vocabulary.declaration import LANGUAGES, Label
from allpoints.vocabulary.machine import Field
from allpoints.vocabulary.register import Register, Vocabulary
from allpoints.vocabulary.types.composite import Composite
from allpoints.vocabulary.types.listing import element_of

Faults = Callable[[Callable[[], object]], dict[str, str]]

TODAY = dt.date(2031, 6, 1)
FIVE, TEN, FIFTEEN, THIRTY, FIFTY, NINETY_NINE = 1826, 3653, 5479, 10958, 18263, 36135
"""Days of so many years."""


class Golden(NamedTuple):
    """What a register's head must say."""

    code: int
    short: str
    writer: str
    readers: str
    person_data: bool
    days: int
    by_status: Mapping[str, int]
    achieved: tuple[str, ...]
    rules: tuple[str, ...]


TRACES = {"stain": FIFTEEN, "body": FIFTEEN}

GOLDEN = {
    "child-exploitation-hashes": Golden(
        3, "ICSE", "owner", "certified", True, NINETY_NINE,
        {"not-identified": NINETY_NINE, "identified": NINETY_NINE},
        ("not-material",), ("no-files", "nameless", "no-person-text"),
    ),
    "fingerprints": Golden(4, "AFIS", "owner", "certified", True, FIVE, TRACES, ("identified",), ()),
    "dna-profiles": Golden(
        5, "DNA", "owner", "certified", True, FIVE, TRACES, ("identified",), ("nameless", "no-person-text")
    ),
    "facial-images": Golden(6, "IFRS", "owner", "certified", True, FIVE, {}, ("found", "surrendered"), ()),
    "counterfeit-alerts": Golden(
        8, "DIALDOC", "owner", "all", False, TEN, {}, ("genuine",), ("no-person-text",)
    ),
    "document-specimens": Golden(
        9, "EDISON", "issuer:issuer", "all", False, TEN, {}, ("withdrawn",),
        ("no-person-text", "issued-before-expiry"),
    ),
    "ballistics": Golden(15, "IBIN", "owner", "certified", False, THIRTY, {}, ("matched",), ("no-person-text",)),
    "maritime-piracy": Golden(16, "PIRACY", "secretariat", "certified", True, FIVE, {}, ("served",), ()),
    "family-dna": Golden(
        17, "FAMILIA", "owner", "certified", True, FIVE, {}, ("found", "consent-withdrawn"),
        ("nameless", "consent", "no-person-text"),
    ),
    "radiological-incidents": Golden(
        18, "GEIGER", "secretariat", "certified", False, FIFTY, {}, ("unfounded",), ("no-person-text",)
    ),
    "civil-status-specimens": Golden(
        19, "DISCS", "issuer:issuer", "all", False, TEN, {}, ("withdrawn",),
        ("no-person-text", "issued-before-expiry"),
    ),
}  # fmt: skip

A_PERSON = "Ask Mr Torvane, +999 555 0100 200"

REFUSED: list[tuple[str, dict[str, Any], dict[str, str]]] = [
    ("child-exploitation-hashes", {"unit": A_PERSON}, {"unit": "TEXT-PERSON"}),
    (
        "child-exploitation-hashes",
        {"sha256": "", "sha1": "", "md5": "", "pdq": "", "frame_hashes": []},
        {"sha256": "FIELD-ONE-OF"},
    ),
    ("fingerprints", {"nist_file": "", "nist_sha256": "", "images": []}, {"nist_file": "FIELD-ONE-OF"}),
    ("dna-profiles", {"laboratory": A_PERSON}, {"laboratory": "TEXT-PERSON"}),
    ("dna-profiles", {"profile": "TH01:6,9.3;VWA:16,18"}, {"profile": "STR-FEW-LOCI"}),
    ("facial-images", {"image": "", "image_sha256": "", "image_pdq": ""}, {"image": "FIELD-ONE-OF"}),
    ("counterfeit-alerts", {"description": A_PERSON}, {"description": "TEXT-PERSON"}),
    ("document-specimens", {"features": A_PERSON}, {"features": "TEXT-PERSON"}),
    ("document-specimens", {"expiry_date": "2027-12-31"}, {"expiry_date": "DATES-ORDER"}),
    ("civil-status-specimens", {"title": A_PERSON}, {"title": "TEXT-PERSON"}),
    ("civil-status-specimens", {"expiry_date": "2027-12-31"}, {"expiry_date": "DATES-ORDER"}),
    ("ballistics", {"features": A_PERSON}, {"features": "TEXT-PERSON"}),
    ("ballistics", {"sharing": []}, {"sharing": "FIELD-REQUIRED"}),
    ("maritime-piracy", {"sensitive_reason": ""}, {"health": "SENSITIVE-NOT-RELEVANT"}),
    ("family-dna", {"consent": False}, {"consent": "CONSENT-MISSING"}),
    ("family-dna", {"consent": None}, {"consent": "FIELD-REQUIRED"}),
    ("family-dna", {"kit": A_PERSON}, {"kit": "TEXT-PERSON"}),
    ("radiological-incidents", {"summary": A_PERSON}, {"summary": "TEXT-PERSON"}),
]

MINORS = ("fingerprints", "facial-images", "maritime-piracy")
PROTECTED = {"fingerprints": "category", "dna-profiles": "category", "maritime-piracy": "status"}
PERSONAL = {"person-name", "scripted-name", "birth-date", "mrz", "phone", "e-mail", "e-wallet"}
FILES = {"file", "image"}


@pytest.fixture(params=GOLDEN)
def register(request: pytest.FixtureRequest, vocabulary: Vocabulary) -> Register:
    return vocabulary.registers[str(request.param)]


def _kinds(register: Register) -> set[str]:
    return {element_of(field.type).name for field in register.fields}


def _parts(field: Field) -> list[Label]:
    of = element_of(field.type)
    return [part.label for part in of.parts] if isinstance(of, Composite) else []


def test_the_head_says_who_writes_who_reads_and_how_long(register: Register) -> None:
    said = Golden(
        register.code, register.short, register.writer, register.readers, register.person_data,
        register.retention_days, dict(register.retention_by_status), register.achieved, register.rules,
    )  # fmt: skip
    assert said == GOLDEN[register.name]
    assert register.effect == "none"
    assert register.status


def test_everything_is_labelled_in_four_languages(register: Register, vocabulary: Vocabulary) -> None:
    labels = [register.label, register.plural, register.description]
    labels += [label for field in register.fields for label in (field.label, *_parts(field))]
    for label in labels:
        assert set(label) == set(LANGUAGES)
        assert all(words.strip() for words in label.values())


def test_every_fields_example_goes_into_one_record(register: Register) -> None:
    given, body = example(register)
    assert set(given) == {field.name for field in register.fields}
    assert register.accept(register.encode(body)) == body
    assert all(getattr(body, field.name) != field.type.absent for field in register.fields)
    assert {key.kind for key in register.keys(body)} == {
        identifier.key for identifier in register.identifiers
    }
    register.check_entry(body, "official-use", TODAY)


@pytest.mark.parametrize(("name", "changes", "faults"), REFUSED)
def test_what_a_register_forbids_is_refused_at_its_field(
    vocabulary: Vocabulary, refused: Faults, name: str, changes: dict[str, Any], faults: dict[str, str]
) -> None:
    register = vocabulary.registers[name]
    given, _ = example(register)
    assert register.clean(given)
    assert refused(lambda: register.clean({**given, **changes})) == faults


def test_retention_follows_whose_trace_it_is(vocabulary: Vocabulary) -> None:
    for name in ("fingerprints", "dna-profiles"):
        register = vocabulary.registers[name]
        given, _ = example(register)
        kept = {
            category: register.retention(register.clean({**given, "category": category}))
            for category in ("offender", "suspect", "missing-person", "stain", "body")
        }
        assert kept == {
            "offender": FIVE, "suspect": FIVE, "missing-person": FIVE, "stain": FIFTEEN, "body": FIFTEEN
        }  # fmt: skip


def test_an_identified_victim_stays_known(vocabulary: Vocabulary) -> None:
    register = vocabulary.registers["child-exploitation-hashes"]
    assert "identified" not in register.achieved
    body = register.clean({**example(register)[0], "victim_status": "identified"})
    assert register.retention(body) == NINETY_NINE


@pytest.mark.parametrize("name", MINORS)
def test_a_minor_is_flagged_and_never_held_in_the_open(
    vocabulary: Vocabulary, refused: Faults, name: str
) -> None:
    register = vocabulary.registers[name]
    child = {**example(register)[0], "birth_date": "2020-05-01"}
    unflagged = register.clean({**child, "minor": False})
    assert refused(lambda: register.check_entry(unflagged, "restricted", TODAY)) == {
        "minor": "MINOR-NOT-FLAGGED"
    }
    flagged = register.clean({**child, "minor": True})
    assert refused(lambda: register.check_entry(flagged, "official-use", TODAY)) == {
        "handling": "HANDLING-TOO-OPEN"
    }
    register.check_entry(flagged, "restricted", TODAY)


@pytest.mark.parametrize(("name", "status"), PROTECTED.items())
def test_victims_and_witnesses_are_never_held_in_the_open(
    vocabulary: Vocabulary, refused: Faults, name: str, status: str
) -> None:
    register = vocabulary.registers[name]
    for who in ("victim", "witness"):
        body = register.clean({**example(register)[0], status: who})
        assert refused(partial(register.check_entry, body, "official-use", TODAY)) == {
            "handling": "HANDLING-TOO-OPEN"
        }
        register.check_entry(body, "restricted", TODAY)


def test_only_the_country_that_issues_a_document_shows_it(vocabulary: Vocabulary) -> None:
    for name in ("document-specimens", "civil-status-specimens"):
        register = vocabulary.registers[name]
        _, body = example(register)
        register.may_write("XAV", body, "XSC")
        with pytest.raises(Refusal) as caught:
            register.may_write("XBM", body, "XSC")
        assert (caught.value.code, caught.value.path) == ("NOT-ISSUER", "issuer")


def test_only_the_secretariat_writes_what_its_analysts_put_together(vocabulary: Vocabulary) -> None:
    for name in ("maritime-piracy", "radiological-incidents"):
        register = vocabulary.registers[name]
        _, body = example(register)
        register.may_write("XSC", body, "XSC")
        with pytest.raises(Refusal) as caught:
            register.may_write("XAV", body, "XSC")
        assert caught.value.code == "NOT-SECRETARIAT"


def test_dna_is_nameless_and_hashes_have_no_file(vocabulary: Vocabulary) -> None:
    for name in ("dna-profiles", "family-dna", "child-exploitation-hashes"):
        register = vocabulary.registers[name]
        assert not _kinds(register) & (PERSONAL | FILES)
        assert not register.names(example(register)[1])
    assert _kinds(vocabulary.registers["facial-images"]) & FILES


def test_no_search_finds_relatives_and_criminals_together(vocabulary: Vocabulary) -> None:
    searches = vocabulary.searches()
    shared = [
        key for key, search in searches.items() if {"family-dna", "dna-profiles"} <= set(search.registers)
    ]
    assert shared == []
    assert searches["sample-code"].registers == ("dna-profiles",)
    assert searches["relative-sample"].registers == ("family-dna",)


def test_a_slip_warns_and_a_part_finds_where_the_register_says_so(vocabulary: Vocabulary) -> None:
    searches = vocabulary.searches()
    asked = searches["ballistic-exhibit"].ask("XCS-31-0009-2")
    assert asked in vocabulary.registers["ballistics"].keys(example(vocabulary.registers["ballistics"])[1])
    assert searches["ballistic-exhibit"].near_keys(asked)
    assert searches["radioactive-source"].pattern("CS88*").value
    with pytest.raises(Refusal) as caught:
        searches["ballistic-exhibit"].pattern("XCS*")
    assert caught.value.code == "PATTERN-NOT-ALLOWED"
