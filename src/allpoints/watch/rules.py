"""The rules of the insider watch: what each measures, and the dials that say from where on it is odd."""

from collections.abc import Mapping, Sequence
from statistics import median

import msgspec

OWN_RATE = "own-rate"
COLLEAGUES = "colleagues"
HOUR = "hour"
CASE = "case"
NO_CASE = "no-case"
PERSON = "person"
CHOSEN = "chosen"
ONESELF = "oneself"

RULES: Mapping[str, str] = {
    OWN_RATE: "{count} questions in a day, where the officer's own past makes {limit} the most to be expected.",
    COLLEAGUES: "{count} questions in a day, where the past of colleagues makes {limit} the most to be expected.",
    HOUR: "{count} questions in an hour of the day at which the officer did not ask before.",
    CASE: "{count} different persons under one case number, beyond {limit}.",
    NO_CASE: "{count} questions in a day without a case, beyond {limit}.",
    PERSON: "The same person under {count} different case numbers.",
    CHOSEN: "A question about somebody whom this node protects.",
    ONESELF: "A question about the officer's own name or papers.",
}
"""Each rule with the sentence of its findings; none of them says whom a question was about."""

COLLEAGUES_LEAST = 3
"""Others in the same roles, below which nobody is compared with them."""


class Dials(msgspec.Struct, frozen=True):
    """From where on something is odd; 0 turns the rule off.

    ``past_days`` is how far back the rules look and ``usual_days`` on how many of those days an officer must have asked
    to have a past. ``routine`` names purposes in which each question is about another person by its nature: rules about
    cases and persons pass them over.
    """

    past_days: int = 28
    usual_days: int = 10
    rate_least: int = 40
    own_times: int = 4
    colleague_times: int = 6
    hour_least: int = 5
    case_persons: int = 60
    no_case_least: int = 10
    person_cases: int = 4
    routine: frozenset[str] = frozenset({"border-control"})


class Finding(msgspec.Struct, frozen=True):
    """Something odd: the rule, who asked, and the line by which it showed; ``key`` tells one finding from the next."""

    rule: str
    officer: str
    post: str
    at_ms: int
    line: int
    count: int
    limit: int
    key: str

    @property
    def sentence(self) -> str:
        return RULES[self.rule].format(count=self.count, limit=self.limit)


def most_expected(counts: Sequence[int], times: int, least: int) -> int:
    """The most questions to be expected in a day: so many times the middle of the days before, and never few."""
    return max(least, int(times * median(counts)))


def is_unusual(hours_before: Sequence[int], hour: int) -> bool:
    """Whether nothing was asked in this hour of the day, nor in the one before or after it."""
    return not any(hours_before[(hour + near) % 24] for near in (-1, 0, 1))
