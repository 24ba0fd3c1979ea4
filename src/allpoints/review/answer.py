"""What a gate's test answers."""

from enum import StrEnum

import msgspec


class Result(StrEnum):
    PASSED = "passed"
    FAILED = "failed"
    NEEDS_HUMAN = "needs-human"


class Answer(msgspec.Struct, frozen=True):
    """Result, the sentence that says why, and the values looked at."""

    result: Result
    sentence: str
    looked_at: dict[str, str]


def passed(sentence: str, **looked_at: object) -> Answer:
    return Answer(Result.PASSED, sentence, _shown(looked_at))


def failed(sentence: str, **looked_at: object) -> Answer:
    return Answer(Result.FAILED, sentence, _shown(looked_at))


def needs_human(sentence: str, **looked_at: object) -> Answer:
    return Answer(Result.NEEDS_HUMAN, sentence, _shown(looked_at))


def _shown(values: dict[str, object]) -> dict[str, str]:
    return {name: _words(value) for name, value in values.items()}


def _words(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, (list, tuple, set, frozenset)):
        listed = sorted(map(str, value)) if isinstance(value, (set, frozenset)) else map(str, value)
        return ", ".join(listed) or "none"
    return "not stated" if value is None or value == "" else str(value)
