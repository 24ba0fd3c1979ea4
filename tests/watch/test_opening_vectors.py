"""The published vectors of openings, read by the words of docs/reference/openings.md and by this program."""

import hashlib
import json
from pathlib import Path

import msgspec
import pytest

from allpoints.ground.refusal import Refusal
from allpoints.identity.keys import Signature, VerifyKey
from allpoints.watch import opening

pytestmark = pytest.mark.vectors

VECTORS = json.loads((Path(__file__).parents[1] / "vectors" / "openings" / "openings.json").read_text())
QUESTION, ANSWER, SIGNED = (bytes.fromhex(VECTORS[name]) for name in ("question", "answer", "signed"))


def test_question_and_answer_are_what_the_page_says() -> None:
    plain = msgspec.msgpack.decode(QUESTION)
    assert plain.pop("id").hex() == VECTORS["means"]["question"].pop("id")
    assert plain == VECTORS["means"]["question"]
    assert hashlib.sha256(QUESTION).hexdigest() == VECTORS["question_hash"]
    said = msgspec.msgpack.decode(ANSWER)
    assert said.pop("asked").hex() == VECTORS["question_hash"]
    cells = [[one["day"], one["purpose"], one["told"], one["count"]] for one in said.pop("cells")]
    assert {**said, "root": said["root"].hex(), "cells": cells} == VECTORS["means"]["answer"]


def test_the_signature_is_over_the_answers_bytes_and_no_flipped_byte_of_either_is_taken() -> None:
    key = VerifyKey.from_bytes(bytes.fromhex(VECTORS["verify_key"]))
    signed = opening.read_signed(SIGNED)
    assert signed.answer == ANSWER
    assert opening.read_answer(ANSWER).asked == opening.read_question(QUESTION).hash()
    key.verify(opening.LABEL, signed.answer, Signature.from_bytes(signed.signature))
    for place in range(len(ANSWER)):
        flipped = bytearray(ANSWER)
        flipped[place] ^= 1
        with pytest.raises(Refusal):
            key.verify(opening.LABEL, bytes(flipped), Signature.from_bytes(signed.signature))
    for place in range(0, len(signed.signature), 61):
        spoiled = bytearray(signed.signature)
        spoiled[place] ^= 1
        with pytest.raises(Refusal):
            key.verify(opening.LABEL, ANSWER, Signature.from_bytes(bytes(spoiled)))
