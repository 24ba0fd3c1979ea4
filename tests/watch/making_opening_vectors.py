"""Makes tests/vectors/openings/openings.json: run as ``python -m tests.watch.making_opening_vectors``.

Signing is randomised, so each run gives another signature; all other bytes are the same every time.
"""

import json
from pathlib import Path
from typing import Any

from tests.watch.test_opening import ANSWER, QUESTION

from allpoints.identity.keys import SigningKey
from allpoints.watch import opening
from allpoints.watch.opening import LABEL, Signed

FILE = Path(__file__).parents[1] / "vectors" / "openings" / "openings.json"
KEY = SigningKey.from_seeds(bytes((7,)) * 64)


def vectors() -> dict[str, Any]:
    """A question, its hash, an answer, and the body of the message that carries it, signed."""
    answer = opening.encode(ANSWER)
    signature = KEY.sign(LABEL, answer).to_bytes()
    return {
        "verify_key": KEY.public.to_bytes().hex(),
        "question": opening.encode(QUESTION).hex(),
        "question_hash": QUESTION.hash().hex(),
        "answer": answer.hex(),
        "signed": opening.encode(Signed(QUESTION.id, answer, signature)).hex(),
        "means": {
            "question": {
                "id": QUESTION.id.hex(),
                "register": QUESTION.register,
                "refs": list(QUESTION.refs),
                "since": QUESTION.since,
                "until": QUESTION.until,
            },
            "answer": {
                "by": ANSWER.by,
                "to": ANSWER.to,
                "log": ANSWER.log,
                "generation": ANSWER.generation,
                "size": ANSWER.size,
                "root": ANSWER.root.hex(),
                "entry": ANSWER.entry,
                "erased": ANSWER.erased,
                "cells": [[one.day, one.purpose, one.told, one.count] for one in ANSWER.cells],
                "refusal": ANSWER.refusal,
            },
        },
    }


if __name__ == "__main__":
    FILE.write_text(json.dumps(vectors(), indent=1) + "\n", encoding="utf-8")
