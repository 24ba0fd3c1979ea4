"""Serials and engine numbers keep their leading zeros and lose their separators."""

import pytest

from allpoints.ground.refusal import Refusal
from allpoints.vocabulary.types.serial import EngineNumber, Serial


def test_leading_zeros_count_and_separators_do_not() -> None:
    assert Serial().clean("00-417", "x") == "00417"
    assert Serial().normal("00417") != Serial().normal("417")
    assert EngineNumber().clean("bkc 123.456", "x") == "BKC123456"
    assert Serial().clean("ЛА 1234", "x") == "ЛA1234"


def test_what_is_easily_misread_is_near() -> None:
    assert set("0158Z") <= {near[0] for near in Serial().near("O417") + Serial().near("I417") + Serial().near("S417")
                            + Serial().near("B417") + Serial().near("2417")}  # fmt: skip


def test_an_engine_number_of_one_character_is_refused() -> None:
    with pytest.raises(Refusal) as caught:
        EngineNumber().clean("7", "engine")
    assert (caught.value.code, caught.value.path) == ("IDENTIFIER-SHORT", "engine")
    assert EngineNumber().clean("77", "engine") == "77"
    assert Serial().clean("7", "serial") == "7"
