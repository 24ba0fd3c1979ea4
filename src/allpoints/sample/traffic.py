"""A day at the borders: travellers with their zones and vehicles, and what a check of each should answer.

Shares are those of the real world (documents on record: 85 of a million checked; stolen vehicles: 7 of ten thousand),
so that nearly all of it is the answer "no record".
"""

import datetime as dt
from bisect import bisect_right
from collections.abc import Iterator
from typing import NamedTuple

from allpoints.sample.chance import Chance, Odds
from allpoints.sample.countries import AIR, LAND, SEA, Country, country
from allpoints.sample.documents import CARD, PASSPORT, Documents
from allpoints.sample.names import FEMALE, MALE, family_name, given_name, tongue_of, words
from allpoints.sample.papers import TRAVELLERS, Papers
from allpoints.sample.persons import TRAVELLING, OnFile, OnRecord
from allpoints.sample.quotas import Quotas
from allpoints.sample.vehicles import DRIVEN, Vehicles, is_part
from allpoints.sample.world import World
from allpoints.vocabulary.mrz import Fields, build

REPORTED, OWN_PAPER, OTHER_PAPER, MISREAD = "reported", "own-paper", "other-paper", "misread"
SHARES = {REPORTED: 85, OWN_PAPER: 20, OTHER_PAPER: 10, MISREAD: 2_000}
"""Of a million travellers: with a reported document, on record with the own paper or another, and misread zones."""

STOLEN_VEHICLE = "stolen"
VEHICLE_SHARES = {STOLEN_VEHICLE: 700}
ONE_DRIVES_IN = 4
"""One of so many travellers drives a vehicle over the border."""

HOURS = {
    AIR: (8, 4, 2, 2, 6, 22, 48, 62, 54, 46, 42, 44, 46, 44, 48, 54, 60, 66, 62, 50, 44, 36, 24, 14),
    SEA: (2, 1, 1, 1, 2, 8, 26, 40, 36, 24, 22, 26, 30, 24, 22, 28, 40, 46, 38, 22, 14, 8, 4, 3),
    LAND: (6, 4, 4, 5, 12, 34, 62, 70, 52, 40, 36, 38, 42, 40, 44, 56, 72, 76, 60, 42, 30, 20, 14, 9),
}
"""How busy each kind of post is in each hour of the day."""

FORMS = {
    PASSPORT: ("TD3", "P"),
    CARD: ("TD1", "I"),
    "residence-permit": ("TD1", "IR"),
    "visa": ("MRV-A", "V"),
    "laissez-passer": ("TD3", "PL"),
}
"""The format of the zone and the document code of each type of document."""

_BUSY = Odds((hour, sum(hours)) for hour, hours in enumerate(zip(*HOURS.values(), strict=True)))

COLUMNS = (
    "at", "post", "mrz", "expected", "because", "register", "owner", "record",
    "plate", "plate_country", "vin", "vehicle_expected", "vehicle_record",
)  # fmt: skip

TRIES_LIMIT = 200
_FINE = 1_000
_INFANT_DAYS, _ADULT_DAYS, _OLDEST_DAYS = 200, 18 * 366, 82 * 365


class Bearer(NamedTuple):
    """Who shows a document."""

    family: str
    given: str
    sex: str
    born: dt.date
    nationality: str


class Paper(NamedTuple):
    """What is shown."""

    type: str
    number: str
    issuer: str
    expires: dt.date


class Answer(NamedTuple):
    """What a check should say: the verdict, why, and which record."""

    expected: str = "clear"
    because: str = ""
    register: str = ""
    owner: str = ""
    record: str = ""


Posts = tuple[Odds[str], ...]
"""For each hour of the day the posts, each with how busy it is then."""


class Day:
    """One day of a whole world."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.total = world.total("travellers")
        self._members = Odds((one, one.people) for one in world.members)
        self._papers = {one.code: Papers(world, one) for one in world.members}
        self._vehicles = {one.code: Vehicles(world, one) for one in world.members}
        self._files = {one.code: OnFile(world, one) for one in world.members}
        self._documents = {one.code: Documents(world, one) for one in world.members}
        self._quotas = Quotas(world, SHARES, self.total)
        self._vehicle_quotas = Quotas(world, VEHICLE_SHARES, -(-self.total // ONE_DRIVES_IN))
        self._walked, self._driven = posts(world, (AIR, SEA, LAND)), posts(world, (LAND, SEA))

    def rows(self) -> Iterator[tuple[str, ...]]:
        """All travellers in the order of their crossing, as rows of ``COLUMNS``."""
        return map(self._row, range(self.total))

    def _row(self, number: int) -> tuple[str, ...]:
        chance = self.world.chance("traveller", number)
        seconds = moment(number, self.total, chance)
        drives = number % ONE_DRIVES_IN == 0
        post = chance.weighed((self._driven if drives else self._walked)[seconds // 3_600])
        at = dt.datetime.combine(self.world.today, dt.time()) + dt.timedelta(seconds=seconds)
        paper, bearer, answer = self._shown(number, self._quotas.what(number), chance)
        zone = zone_of(paper, bearer)
        if answer.because == MISREAD:
            zone = misread(zone)
        vehicle = self._vehicle(number // ONE_DRIVES_IN, chance) if drives else ("",) * 5
        return (f"{at.isoformat()}Z", post, "".join(zone), *answer, *vehicle)

    def _shown(self, number: int, what: str, chance: Chance) -> tuple[Paper, Bearer, Answer]:
        if what == REPORTED:
            return self._reported(chance)
        if what in {OWN_PAPER, OTHER_PAPER} and (wanted := self._wanted(chance)) is not None:
            return self._on_file(number, what, wanted, chance)
        home = chance.weighed(self._members)
        answer = Answer("unreadable", MISREAD) if what == MISREAD else Answer()
        paper = self._paper(number, home, chance)
        return paper, self._bearer(home, chance, adult=number % ONE_DRIVES_IN == 0), answer

    def _paper(self, number: int, home: Country, chance: Chance) -> Paper:
        papers = self._papers[home.code]
        expires = self.world.today + dt.timedelta(days=30 + chance.below(3_400))
        if chance.in_hundred(20):
            return Paper(CARD, papers.card(TRAVELLERS, number), home.code, expires)
        return Paper(PASSPORT, papers.passport(TRAVELLERS, number), home.code, expires)

    def _bearer(self, home: Country, chance: Chance, *, adult: bool = True) -> Bearer:
        tongue = tongue_of(home, chance)
        sex = chance.one((MALE, FEMALE))
        surname = family_name(tongue, chance.below(len(words(tongue, "family"))), sex)
        given = given_name(tongue, sex, chance)
        # People on record are born on days of an even number.
        least = _ADULT_DAYS if adult else _INFANT_DAYS
        born = (self.world.today.toordinal() - least - chance.below(_OLDEST_DAYS - least)) | 1
        return Bearer(surname.latin, given.latin, sex, dt.date.fromordinal(born), home.code)

    def _reported(self, chance: Chance) -> tuple[Paper, Bearer, Answer]:
        owner = chance.weighed(self.world.owners("documents"))
        documents = self._documents[owner.code]
        one, shown = documents.shown(chance.below(documents.count), chance)
        expires = one.expiry_date or self.world.today + dt.timedelta(days=1_000)
        answer = Answer("document", one.fraud, "travel-documents", owner.code, one.ref)
        return Paper(one.type, shown, owner.code, expires), self._bearer(owner, chance), answer

    def _on_file(
        self, number: int, what: str, wanted: OnRecord, chance: Chance
    ) -> tuple[Paper, Bearer, Answer]:
        person = wanted.person
        name = person.name
        bearer = Bearer(name.family, name.given, person.sex, person.birth_date, person.member)
        answer = Answer("bearer", wanted.status, "persons", person.member, person.ref)
        paper = self._paper(number, country(person.member), chance)
        if what == OWN_PAPER:
            return (
                paper._replace(type=PASSPORT, number=self._files[person.member].families.passport(person)),
                bearer,
                answer,
            )
        return paper, bearer, answer._replace(expected="possible")

    def _wanted(self, chance: Chance) -> OnRecord | None:
        """Somebody on record who may travel; a world may be too small to have one."""
        for _ in range(TRIES_LIMIT):
            files = self._files[chance.weighed(self.world.owners("families")).code]
            for one in files.of(chance.below(files.count)):
                if one.status in TRAVELLING:
                    return one
        return None

    def _vehicle(self, number: int, chance: Chance) -> tuple[str, ...]:
        if self._vehicle_quotas.what(number) == STOLEN_VEHICLE:
            home = chance.weighed(self.world.owners("vehicles"))
            number = chance.below(self._vehicles[home.code].count)
            stolen = self._vehicles[home.code].vehicle(number - is_part(number))
            return stolen.plate, home.code, stolen.vin, "object", stolen.ref
        home = chance.weighed(self._members)
        driven = self._vehicles[home.code].vehicle(number, DRIVEN)
        return driven.plate, home.code, driven.vin, "clear", ""


def posts(world: World, kinds: tuple[str, ...]) -> Posts:
    """The posts of these kinds, for every hour of the day."""
    return tuple(
        Odds(
            (f"{member.code}/{name}", member.people * HOURS[kind][hour])
            for member in world.members
            for name, kind in member.posts.items()
            if kind in kinds
        )
        for hour in range(24)
    )


def moment(number: int, total: int, chance: Chance) -> int:
    """The second of the day at which a traveller crosses, later than that of the one before."""
    whole = total * _FINE
    at, inside = divmod((number * _FINE + chance.below(_FINE)) * _BUSY.total, whole)
    hour = bisect_right(_BUSY.ends, at)
    begun = _BUSY.ends[hour - 1] if hour else 0
    return 3_600 * hour + 3_600 * ((at - begun) * whole + inside) // ((_BUSY.ends[hour] - begun) * whole)


def zone_of(paper: Paper, bearer: Bearer) -> tuple[str, ...]:
    """The lines of the zone of a document."""
    form, code = FORMS[paper.type]
    return build(
        Fields(
            format=form,
            document_code=code,
            issuer=paper.issuer,
            number=paper.number,
            family_name=bearer.family,
            given_names=bearer.given,
            nationality=bearer.nationality,
            birth_date=bearer.born.isoformat(),
            sex=bearer.sex,
            expiry_date=paper.expires.isoformat(),
        )
    )


def misread(zone: tuple[str, ...]) -> tuple[str, ...]:
    """The same zone with one digit of its document number read as another, so that its check digit is wrong."""
    line = 0 if len(zone) == 3 else 1
    start = 5 if len(zone) == 3 else 0
    letters = list(zone[line])
    at = next(at for at in range(start, start + 9) if letters[at].isdigit())
    letters[at] = str((int(letters[at]) + 3) % 10)
    return (*zone[:line], "".join(letters), *zone[line + 1 :])
