"""A simulated year of one bureau in which some officers ask oddly, for the benchmark of the insider watch."""

import random
from collections import defaultdict
from collections.abc import Iterator
from typing import NamedTuple

from allpoints.ground.clock import DAY, MINUTE
from allpoints.sample import countries, names, traffic
from allpoints.sample.chance import Seed
from allpoints.watch.asked import Asked, named
from allpoints.watch.rules import Dials

SEED = 20_261_128
PAST_WEEKS, WEEKS, FIRST_DAY = 4, 52, 20_001
PLANTED_OF_EACH = 12
PAST_DAYS = Dials().past_days
STAFF = {"border": 24, "desk": 24, "command": 6, "analyst": 2}
PROTECTED = named("Ysolde Fenwick")
SHIFTS = ((6, 14), (14, 22), (22, 30))

Row = tuple[int, str, str, str, tuple[str, ...], bool]
"""Instant, officer, purpose, case, subjects, whether a record was opened."""


class Plant(NamedTuple):
    """Odd asking: its kind, who did it, on which days."""

    kind: str
    officer: str
    days: tuple[int, ...]


class Bureau:
    """The officers and what each has at hand; every draw comes from one generator."""

    def __init__(self) -> None:
        self.luck = random.Random(SEED)
        self.roles = {f"{role}{one:02}": role for role, count in STAFF.items() for one in range(count)}
        self.cases: dict[str, list[tuple[str, list[str]]]] = defaultdict(list)
        self._cases = self._persons = 0
        self._seed = Seed(SEED)
        self._homes = countries.countries()

    def person(self) -> str:
        """A name of the sample world, of which no two are alike."""
        self._persons += 1
        home = self._homes[self._persons % len(self._homes)]
        chance = self._seed.chance("watched", self._persons)
        tongue = names.tongue_of(home, chance)
        sex = (names.FEMALE, names.MALE)[self._persons % 2]
        family = names.family_name(tongue, self._persons % len(names.words(tongue, "family")), sex)
        full = names.full_name(tongue, family, names.given_name(tongue, sex, chance))
        return named(f"{full.family} {full.given} {self._persons}")

    def case(self, most: int) -> tuple[str, list[str]]:
        """A new case with one person or more, few of them with many."""
        self._cases += 1
        size = min(most, max(1, int(self.luck.lognormvariate(1.2, 0.8))))
        return f"C-{self._cases}", [self.person() for _ in range(size)]

    def amount(self, usual: float) -> int:
        """How much there is to do on a day."""
        return max(1, int(self.luck.lognormvariate(0, 0.35) * usual))

    def instant(self, day: int, hour: int) -> int:
        return day * DAY + hour * 60 * MINUTE + self.luck.randrange(60 * MINUTE)


# -- ordinary days


def border_day(bureau: Bureau, officer: str, day: int) -> Iterator[Row]:
    week, place = divmod(day, 7)
    start, end = SHIFTS[(week + int(officer[-2:])) % len(SHIFTS)]
    if (place + int(officer[-2:])) % 7 >= 5:
        return
    hours = range(start, end)
    busy = [traffic.HOURS[countries.LAND][hour % 24] for hour in hours]
    for hour in bureau.luck.choices(hours, busy, k=bureau.amount(80)):
        number = bureau.luck.randrange(10**9)
        yield bureau.instant(day, hour), officer, "border-control", "", (f"document:XAV|{number}",), False


def desk_day(bureau: Bureau, officer: str, day: int) -> Iterator[Row]:
    on_call = int(officer[-2:]) % 3 == 0 and (day + int(officer[-2:]) * 3) % 28 == 0
    if day % 7 >= 5 and not on_call:
        return
    hours = [*range(8, 17), *([17, 18, 19] if bureau.luck.random() < 0.1 else [])]
    hours = [*range(19, 31)] if on_call else hours
    yield from case_work(bureau, officer, day, hours, bureau.amount(18), 45)


def command_day(bureau: Bureau, officer: str, day: int) -> Iterator[Row]:
    start, end = SHIFTS[(day // 4 + int(officer[-2:])) % len(SHIFTS)]
    if (day + int(officer[-2:])) % 6 >= 4:
        return
    for _ in range(bureau.amount(40)):
        case, persons = bureau.case(2)
        hour = bureau.luck.randrange(start, end)
        yield bureau.instant(day, hour), officer, "locate", case, (persons[0],), False


def analyst_day(bureau: Bureau, officer: str, day: int) -> Iterator[Row]:
    if day % 7 >= 5:
        return
    operation = day % 91 in {20, 21}
    yield from case_work(bureau, officer, day, [*range(8, 18)], bureau.amount(90 if operation else 15), 80)


def case_work(
    bureau: Bureau, officer: str, day: int, hours: list[int], count: int, most: int
) -> Iterator[Row]:
    """Questions about the persons of one's cases, which come and go; rarely none is named, or a person is in two."""
    luck, cases = bureau.luck, bureau.cases[officer]
    while len(cases) < 5 or luck.random() < 0.25:
        cases.append(bureau.case(most))
        if len(cases) > 5:
            cases.pop(0)
    for _ in range(count):
        case, persons = luck.choice(cases)
        if luck.random() < 0.01:
            persons.append(luck.choice(luck.choice(cases)[1]))
        person = luck.choice(persons)
        at_ms = bureau.instant(day, luck.choice(hours))
        yield at_ms, officer, "locate", "" if luck.random() < 0.02 else case, (person,), False
        if luck.random() < 0.4:
            yield at_ms + MINUTE, officer, "locate", case, (f"record:{person}",), True


DAYS = {"border": border_day, "desk": desk_day, "command": command_day, "analyst": analyst_day}


# -- odd days


def trawl(bureau: Bureau, officer: str, day: int) -> Iterator[Row]:
    """A whole list of names in one afternoon, under a case of one's own."""
    case = bureau.case(1)[0]
    for _ in range(200):
        yield (
            bureau.instant(day, bureau.luck.randrange(13, 16)),
            officer,
            "locate",
            case,
            (bureau.person(),),
            False,
        )


def night(bureau: Bureau, officer: str, day: int) -> Iterator[Row]:
    case = bureau.case(1)[0]
    for _ in range(8):
        yield bureau.instant(day, 3), officer, "locate", case, (bureau.person(),), False


def under_one_case(bureau: Bureau, officer: str, day: int) -> Iterator[Row]:
    for _ in range(5):
        yield bureau.instant(day, 11), officer, "locate", f"X-{officer}", (bureau.person(),), False


def without_case(bureau: Bureau, officer: str, day: int) -> Iterator[Row]:
    for _ in range(15):
        yield bureau.instant(day, 12), officer, "locate", "", (bureau.person(),), False


def former_partner(bureau: Bureau, officer: str, day: int) -> Iterator[Row]:
    yield (
        bureau.instant(day, 10),
        officer,
        "locate",
        bureau.case(1)[0],
        (named(f"partner of {officer}"),),
        False,
    )


def celebrity(bureau: Bureau, officer: str, day: int) -> Iterator[Row]:
    yield bureau.instant(day, 10), officer, "locate", bureau.case(1)[0], (PROTECTED,), False


def oneself(bureau: Bureau, officer: str, day: int) -> Iterator[Row]:
    yield bureau.instant(day, 10), officer, "locate", bureau.case(1)[0], (named(f"own {officer}"),), False


def few_a_day(bureau: Bureau, officer: str, day: int) -> Iterator[Row]:
    """Three names sold a day, each under one of the officer's true cases."""
    for _ in range(3):
        case = bureau.luck.choice(bureau.cases[officer])[0] if bureau.cases[officer] else "C-0"
        yield bureau.instant(day, 10), officer, "locate", case, (bureau.person(),), False


ODD = {
    "a trawl of 200 names in an afternoon": (trawl, 1, 1),
    "eight questions at three in the morning": (night, 1, 1),
    "100 persons under one case in 20 days": (under_one_case, 20, 1),
    "15 questions without a case": (without_case, 1, 1),
    "a former partner on six days of a month": (former_partner, 6, 4),
    "somebody protected": (celebrity, 1, 1),
    "oneself": (oneself, 1, 1),
    "three names a day for 60 days, under true cases": (few_a_day, 60, 1),
}
"""Each kind with what is asked on a day of it, on how many days, and how many days lie between."""


def planted(bureau: Bureau) -> list[Plant]:
    """Desk officers, each at most once within some weeks while there are enough of them, on working days."""
    desks = [one for one, role in bureau.roles.items() if role == "desk"]
    found, taken = [], set[tuple[str, int]]()
    for kind, (_, count, apart) in ODD.items():
        for _ in range(PLANTED_OF_EACH):
            room: float = PAST_DAYS
            while True:
                officer, room = bureau.luck.choice(desks), room - 0.05
                first = FIRST_DAY + PAST_WEEKS * 7 + bureau.luck.randrange((WEEKS - 14) * 7)
                days = tuple(
                    day for day in range(first, first + count * apart * 2 + 3, apart) if day % 7 < 5
                )[:count]
                around = range(days[0] - int(max(room, 0)), days[-1] + int(max(room, 0)) + 1)
                if not taken & {(officer, day) for day in around}:
                    break
            taken |= {(officer, day) for day in days}
            found.append(Plant(kind, officer, days))
    return found


def questions(bureau: Bureau, plants: list[Plant]) -> Iterator[Asked]:
    """The year's questions in the order of their lines."""
    odd = {(plant.officer, day): plant.kind for plant in plants for day in plant.days}
    number, waiting = 0, list[Row]()
    for day in range(FIRST_DAY, FIRST_DAY + (PAST_WEEKS + WEEKS) * 7):
        for officer, role in bureau.roles.items():
            waiting += DAYS[role](bureau, officer, day)
            if (officer, day) in odd:
                waiting += ODD[odd[officer, day]][0](bureau, officer, day)
        # A night's questions are of the next day.
        waiting.sort(key=lambda row: row[0])
        until_ms = (day + 1) * DAY
        while waiting and waiting[0][0] < until_ms:
            at_ms, officer, purpose, case, subjects, reads = waiting.pop(0)
            number += 1
            yield Asked(number, at_ms, officer, "", purpose, case, subjects, reads)
