import datetime as dt
from pathlib import Path
from typing import Any

import pytest
import yaml

from allpoints.vocabulary.mrz import parse

CASES: list[dict[str, Any]] = yaml.safe_load(Path(__file__).with_name("golden.yaml").read_text("utf-8"))
DEFAULT_TODAY = "2010-01-01"


@pytest.mark.vectors
@pytest.mark.parametrize("case", CASES, ids=[case["title"] for case in CASES])
def test_a_zone_says_what_its_golden_case_says(case: dict[str, Any]) -> None:
    mrz = parse(case["lines"], today=dt.date.fromisoformat(case.get("today", DEFAULT_TODAY)))
    assert [fault.path for fault in mrz.faults] == case.get("faults", [])
    assert mrz.valid == ("faults" not in case)
    assert [[warning.code, warning.path] for warning in mrz.warnings] == case.get("warnings", [])
    for field, value in case.get("says", {}).items():
        assert getattr(mrz, field) == value, field
    given = {check.field: check.given for check in mrz.checks}
    assert {**given, **case.get("checks", {})} == given


def test_there_is_a_case_for_each_of_the_five_formats() -> None:
    formats = {case["says"]["format"] for case in CASES if "format" in case.get("says", {})}
    assert formats == {"TD1", "TD2", "TD3", "MRV-A", "MRV-B"}
