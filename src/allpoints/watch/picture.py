"""The picture of how each officer asks, made of audit lines one by one; what does not fit in it is a finding.

It is held in memory and can be made again from the lines: there is no second store of who asked what.
"""

from collections import defaultdict, deque
from collections.abc import Callable, Iterator
from typing import Any

from allpoints.ground.clock import DAY, HOUR
from allpoints.watch import rules
from allpoints.watch.asked import Asked, own_name
from allpoints.watch.rules import Dials, Finding

Whose = Callable[[str], frozenset[str]]
"""For a subject the officers whose own it is; "" among them says that nobody may ask about it unseen."""


class _Day:
    """One officer's questions on one day: how many, in which hours, how many without a case."""

    __slots__ = ("colleagues_limit", "count", "day", "hours", "no_case", "own_limit")

    def __init__(self, day: int) -> None:
        self.day = day
        self.count = self.no_case = 0
        self.hours = [0] * 24
        self.own_limit = self.colleagues_limit = 0


class _Past:
    """One officer's last days, and whom the questions were about where that is not routine."""

    __slots__ = ("cases", "days", "group", "hours", "persons")

    def __init__(self, group: str) -> None:
        self.group = group
        self.days: deque[_Day] = deque()
        self.hours = [0] * 24
        self.cases: dict[tuple[str, bool], dict[str, int]] = defaultdict(dict)
        self.persons: dict[str, dict[str, int]] = defaultdict(dict)

    def turn(self, day: int, past_days: int) -> None:
        """Begin another day: yesterday becomes the past, and what is too long ago is forgotten."""
        if self.days:
            self._add_hours(self.days[-1], 1)
        while self.days and self.days[0].day < day - past_days:
            self._add_hours(self.days.popleft(), -1)
        self.days.append(_Day(day))
        _forget(self.cases, day - past_days)
        _forget(self.persons, day - past_days)

    def _add_hours(self, one: _Day, times: int) -> None:
        for hour, count in enumerate(one.hours):
            self.hours[hour] += times * count

    def before(self) -> list[int]:
        """How many questions there were on each day before this one."""
        return [one.count for one in self.days][:-1]


def _forget(kept: dict[Any, dict[str, int]], since: int) -> None:
    """Forget what last came up before a day."""
    for key, parts in list(kept.items()):
        lately = {one: last for one, last in parts.items() if last >= since}
        if lately:
            kept[key] = lately
        else:
            del kept[key]


class Picture:
    """Takes questions in the order of their lines and gives what is odd about each."""

    def __init__(self, dials: Dials, group_of: Callable[[str, str], str]) -> None:
        """``group_of(officer, post)`` names the roles in which colleagues are compared."""
        self.dials = dials
        self.group_of = group_of
        self.whose: Whose = lambda _subject: frozenset()
        self._pasts: dict[tuple[str, str], _Past] = {}

    def take(self, asked: Asked) -> list[Finding]:
        """Fold one question in; what is odd about it, each with a key that stands for the same finding again."""
        past = self._past(asked)
        day = past.days[-1]
        hour = asked.at_ms % DAY // HOUR
        day.count += 1
        day.hours[hour] += 1
        found = [*self._rates(past, day), *self._hours(past, day, hour), *self._watched(asked, day.day)]
        if asked.purpose not in self.dials.routine:
            found += [*self._cases(past, day, asked), *self._persons(past, day, asked)]
        return [
            Finding(rule, asked.officer, asked.post, asked.at_ms, asked.number, count, limit, key)
            for rule, count, limit, key in found
        ]

    def _past(self, asked: Asked) -> _Past:
        who, day = (asked.officer, asked.post), asked.at_ms // DAY
        past = self._pasts.get(who)
        if past is None:
            past = self._pasts[who] = _Past(self.group_of(*who))
        # A line with a clock set back belongs to the day that has begun.
        if not past.days or past.days[-1].day < day:
            past.group = self.group_of(*who)
            past.turn(day, self.dials.past_days)
            self._set_limits(who, past)
        return past

    def _set_limits(self, who: tuple[str, str], past: _Past) -> None:
        today, before, dials = past.days[-1], past.before(), self.dials
        if dials.own_times and len(before) >= dials.usual_days:
            today.own_limit = rules.most_expected(before, dials.own_times, dials.rate_least)
        others = [one for key, one in self._pasts.items() if key != who and one.group == past.group]
        counts = [
            [day.count for day in one.days if today.day - dials.past_days <= day.day < today.day]
            for one in others
        ]
        known = [one for one in counts if one]
        if dials.colleague_times and len(known) >= rules.COLLEAGUES_LEAST:
            together = [count for one in known for count in one]
            today.colleagues_limit = rules.most_expected(together, dials.colleague_times, dials.rate_least)

    def _rates(self, past: _Past, day: _Day) -> Iterator[tuple[str, int, int, str]]:
        del past
        for rule, limit in ((rules.OWN_RATE, day.own_limit), (rules.COLLEAGUES, day.colleagues_limit)):
            if limit and day.count == limit + 1:
                yield rule, day.count, limit, str(day.day)

    def _hours(self, past: _Past, day: _Day, hour: int) -> Iterator[tuple[str, int, int, str]]:
        known = len(past.days) > self.dials.usual_days
        if known and self.dials.hour_least == day.hours[hour] and rules.is_unusual(past.hours, hour):
            yield rules.HOUR, day.hours[hour], 0, str(day.day)

    def _watched(self, asked: Asked, day: int) -> Iterator[tuple[str, int, int, str]]:
        for subject in asked.subjects:
            whose = self.whose(subject)
            if "" in whose:
                yield rules.CHOSEN, 1, 0, f"{day} {subject}"
            if asked.officer in whose or subject == own_name(asked.officer):
                yield rules.ONESELF, 1, 0, f"{day} {subject}"

    def _cases(self, past: _Past, day: _Day, asked: Asked) -> Iterator[tuple[str, int, int, str]]:
        limit = self.dials.no_case_least
        if not asked.case:
            day.no_case += 1
            if limit and day.no_case == limit + 1:
                yield rules.NO_CASE, day.no_case, limit, str(day.day)
            return
        persons = past.cases[asked.case, asked.reads]
        known = len(persons)
        persons.update(dict.fromkeys(asked.subjects[:1], day.day))
        limit = self.dials.case_persons
        if limit and known <= limit < len(persons):
            yield rules.CASE, len(persons), limit, asked.case

    def _persons(self, past: _Past, day: _Day, asked: Asked) -> Iterator[tuple[str, int, int, str]]:
        if not asked.case:
            return
        for subject in asked.subjects:
            cases = past.persons[subject]
            known = len(cases)
            cases[asked.case] = day.day
            if known + 1 == self.dials.person_cases == len(cases):
                yield rules.PERSON, len(cases), 0, f"{min(cases.values())} {subject}"
