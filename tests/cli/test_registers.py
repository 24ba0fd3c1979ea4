"""Registers and templates, with no node at all."""

import csv
import io
import json
from collections.abc import Callable
from pathlib import Path

import pytest
from tests.cli.conftest import Allpoints

from allpoints.cli.registers import example_of
from allpoints.vocabulary.loading import load

VOCABULARY = load()
KNOWN = {**VOCABULARY.registers, **VOCABULARY.notices}


@pytest.mark.parametrize("name", KNOWN)
def test_the_example_of_a_register_is_accepted_as_a_whole(name: str) -> None:
    register = KNOWN[name]
    register.clean(example_of(register, "XAV"))


def test_a_template_is_a_file_that_can_be_imported(allpoints: Allpoints, made: Callable[[str], Path]) -> None:
    template = allpoints("template", "travel-documents", "--dir", made("bureau"))
    (row,) = csv.DictReader(io.StringIO(template.out))
    register = VOCABULARY.registers["travel-documents"]
    assert tuple(row) == register.columns()
    register.may_write("XAV", register.clean(row))


def test_a_kind_of_notice_has_an_example_to_change_and_submit(allpoints: Allpoints, tmp_path: Path) -> None:
    example = json.loads(allpoints("template", "red", "--dir", tmp_path).out)
    VOCABULARY.notices["red"].clean(example)


def test_registers_are_listed_and_one_shows_its_fields(allpoints: Allpoints, tmp_path: Path) -> None:
    listed = allpoints("registers", "--dir", tmp_path)
    assert {line.split()[0] for line in listed.out.splitlines()[1:]} == set(KNOWN)
    fields = allpoints("registers", "travel-documents", "--dir", tmp_path).out
    assert [line.split()[0] for line in fields.splitlines()[1:]] == [
        field.name for field in VOCABULARY.registers["travel-documents"].fields
    ]


def test_a_register_that_does_not_exist_is_refused_with_those_that_do(
    allpoints: Allpoints, tmp_path: Path
) -> None:
    refused = allpoints("template", "passports", "--dir", tmp_path)
    assert refused.code == 1
    known = ", ".join(sorted([*VOCABULARY.registers, *VOCABULARY.notices]))
    assert refused.err == (
        f"error: There is no register 'passports'.\n  field: register\nhint: Known are: {known}.\n"
    )
