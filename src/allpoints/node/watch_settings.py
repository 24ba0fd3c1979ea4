"""Settings of the insider watch: from where on something is odd. 0, or less, turns a rule off."""

from typing import TYPE_CHECKING

from allpoints.node.setting import Setting, words
from allpoints.watch.rules import Dials

if TYPE_CHECKING:
    from allpoints.node.settings import Settings

_USUAL = Dials()

SETTINGS: tuple[Setting, ...] = (
    Setting("watch", "enabled", bool, True, "Whether the insider watch looks at how officers ask."),
    Setting("watch", "past_days", int, _USUAL.past_days, "How many days back its rules look."),
    Setting(
        "watch",
        "usual_days",
        int,
        _USUAL.usual_days,
        "On how many of those days an officer must have asked to be compared with its own past.",
    ),
    Setting(
        "watch", "rate_least", int, _USUAL.rate_least, "So many questions in a day are never odd by number."
    ),
    Setting(
        "watch",
        "own_times",
        int,
        _USUAL.own_times,
        "How many times the middle of the officer's own days is odd; 0: the rule is off.",
    ),
    Setting(
        "watch",
        "colleague_times",
        int,
        _USUAL.colleague_times,
        "How many times the middle of the days of colleagues in the same roles is odd; 0: the rule is off.",
    ),
    Setting(
        "watch",
        "hour_least",
        int,
        _USUAL.hour_least,
        "How many questions in an hour of the day in which the officer did not ask before are odd; 0: the rule is off.",
    ),
    Setting(
        "watch",
        "case_persons",
        int,
        _USUAL.case_persons,
        "More different persons than these under one case number are odd; 0: the rule is off.",
    ),
    Setting(
        "watch",
        "no_case_least",
        int,
        _USUAL.no_case_least,
        "More questions than these in a day without a case are odd; 0: the rule is off.",
    ),
    Setting(
        "watch",
        "person_cases",
        int,
        _USUAL.person_cases,
        "The same person under so many different case numbers is odd; 0: the rule is off.",
    ),
    Setting(
        "watch",
        "routine",
        str,
        ",".join(sorted(_USUAL.routine)),
        "Purposes in which each question is about another person by its nature, separated by commas: "
        "rules about cases and persons pass them over.",
    ),
)


def dials(settings: "Settings") -> Dials | None:
    """The dials of this node; None when it does not watch."""
    if not settings.flag("watch.enabled"):
        return None
    return Dials(
        past_days=_number(settings, "watch.past_days"),
        usual_days=_number(settings, "watch.usual_days"),
        rate_least=_number(settings, "watch.rate_least"),
        own_times=_number(settings, "watch.own_times"),
        colleague_times=_number(settings, "watch.colleague_times"),
        hour_least=_number(settings, "watch.hour_least"),
        case_persons=_number(settings, "watch.case_persons"),
        no_case_least=_number(settings, "watch.no_case_least"),
        person_cases=_number(settings, "watch.person_cases"),
        routine=frozenset(words(settings.text("watch.routine"))),
    )


def _number(settings: "Settings", path: str) -> int:
    return max(0, settings.number(path))
