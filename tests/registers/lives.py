"""Registers whose records are kept by their state, or without end, and records of them."""

from functools import cache
from pathlib import Path

from allpoints.vocabulary.loading import load
from allpoints.vocabulary.register import Vocabulary

LOOKOUTS, MODELS = "lookouts", "models"
STOLEN_DAYS, SEEN_DAYS = 730, 200

Raw = dict[str, object]


@cache
def vocabulary() -> Vocabulary:
    return load([Path(__file__).parent / "declared_lives"])


def lookout(number: int = 1, state: str = "stolen", **changes: object) -> Raw:
    """The fields of the n-th thing that is looked for."""
    raw: Raw = {
        "source_ref": f"L-{number}",
        "title": f"Bronze seal {number}",
        "state": state,
        "tag": f"TAG{number:06d}",
    }
    return raw | changes


def model(number: int = 1) -> Raw:
    return {"source_ref": f"M-{number}", "title": f"MODEL{number:04d}"}
