"""Every parser takes its samples and survives a short fuzzing; the long one is ``python -m tests.fuzz.run``."""

from collections import Counter

import pytest
from tests.fuzz.parsers import parsers
from tests.fuzz.run import fuzzed, wrong

INPUTS = 400


@pytest.mark.parametrize("name", list(parsers()))
def test_a_parser_takes_what_is_sound(name: str) -> None:
    parser = parsers()[name]
    assert parser.samples
    refused: Counter[str] = Counter()
    assert [wrong(parser, sample, refused) for sample in parser.samples] == [""] * len(parser.samples), (
        refused
    )


@pytest.mark.parametrize("name", list(parsers()))
def test_a_parser_takes_or_refuses_whatever_comes(name: str) -> None:
    outcome = fuzzed(name, seed=7, seconds=30.0, inputs=INPUTS)
    assert not outcome.find, (outcome.find, outcome.data[:400])
    assert outcome.inputs == INPUTS
