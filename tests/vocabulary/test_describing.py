"""A form description says everything a program needs to draw the form."""

import msgspec

from allpoints.vocabulary.describing import form_of
from allpoints.vocabulary.register import Register


def test_every_field_is_described_with_its_choices_and_parts(persons: Register) -> None:
    fields = {field.name: field for field in form_of(persons)}
    assert list(fields) == [field.name for field in persons.fields]
    assert fields["sex"].choices[0].code == "M"
    assert (fields["warnings"].several, bool(fields["warnings"].choices)) == (True, True)
    assert [part.name for part in fields["documents"].parts][:2] == ["number", "issuer"]
    assert fields["family_name"].required
    assert fields["height_cm"].schema["maximum"] == 260
    assert msgspec.json.decode(msgspec.json.encode(form_of(persons)))
