"""The gates over bodies that the vocabulary's own red notice has cleaned."""

from typing import Any

import msgspec

from allpoints.review.gates import screen, standing
from allpoints.review.request import Request
from allpoints.review.rulebook import Rulebook
from allpoints.vocabulary.loading import load


def cleaned(raw: dict[str, Any]) -> dict[str, Any]:
    body: dict[str, Any] = msgspec.to_builtins(load().notices["red"].clean(raw))
    return body


def asked(golden: dict[str, Any], **changes: Any) -> Request:
    raw = {name: value for name, value in (golden["good"]["body"] | changes).items() if value is not None}
    return msgspec.convert(golden["good"]["request"] | {"body": cleaned(raw)}, Request)


def test_a_cleaned_good_notice_passes_every_gate(rulebook: Rulebook, golden: dict[str, Any]) -> None:
    assert standing(screen(rulebook.version("red-2022-01"), asked(golden))) == "passed"


def test_a_cleaned_notice_without_assurances_is_queried(rulebook: Rulebook, golden: dict[str, Any]) -> None:
    request = asked(golden, extradition_assured=None, international_interest=None)
    assert standing(screen(rulebook.version("red-2022-01"), request)) == "query"


def test_the_fields_and_offence_codes_that_the_gates_name_are_the_vocabularys(rulebook: Rulebook) -> None:
    vocabulary = load()
    fields = {field.name for field in vocabulary.notices["red"].fields}
    later = {"photos", "parents", "father_name", "mother_name", "dna", "fingerprints"}
    for rules in rulebook.versions:
        for gate in rules.gates:
            parameters = msgspec.structs.asdict(gate.parameters)
            for name, value in parameters.items():
                listed = value if isinstance(value, tuple) else ()
                if name.endswith("codes"):
                    assert set(listed) <= set(vocabulary.offences), gate.id
                if name == "field":
                    assert value in fields, gate.id
                if name in {
                    "fields",
                    "description",
                    "documents",
                    "alias",
                    "photo",
                    "parent",
                    "dna",
                    "prints",
                }:
                    assert set(listed) <= fields | later, gate.id
