"""A day at the borders: times, ratios, and that every check answers what the day expects."""

import datetime as dt
from collections import Counter

import pytest

from allpoints.border import checking
from allpoints.border.checking import Circumstances, examine
from allpoints.border.question import Question, understand
from allpoints.matching.posting import Posting
from allpoints.sample.quotas import Quotas
from allpoints.sample.table import cell
from allpoints.sample.tables import TABLES
from allpoints.sample.traffic import COLUMNS, ONE_DRIVES_IN, SHARES, VEHICLE_SHARES, Day
from allpoints.sample.world import World
from allpoints.vocabulary.loading import load

VOCABULARY = load()
EFFECTS = {
    "document": checking.EFFECT_DOCUMENT,
    "bearer": checking.EFFECT_BEARER,
    "object": checking.EFFECT_OBJECT,
}
AT = Circumstances("test", 0, "live", 0, VOCABULARY.register_names(), lambda _: False)

Rows = list[dict[str, str]]
Held = dict[tuple[str, str], list[Posting]]


@pytest.fixture(scope="module")
def crossings(world: World) -> Rows:
    return [dict(zip(COLUMNS, row, strict=True)) for row in Day(world).rows()]


@pytest.fixture(scope="module")
def held(world: World) -> Held:
    """Every key of every record that a border asks for, as an index has them."""
    found: Held = {}
    number = 0
    for table in TABLES:
        register = VOCABULARY.registers[table.register]
        if register.effect not in EFFECTS:
            continue
        for member in world.members:
            for row in table.rows(world, member):
                number += 1
                posting = Posting(
                    number.to_bytes(16, "big"), 0, register.code, EFFECTS[register.effect], member.code, 1
                )
                values = {name: cell(value) if table.columns else value for name, value in row.items()}
                body = register.clean({name: value for name, value in values.items() if value})
                for key in register.keys(body):
                    found.setdefault((key.kind, key.value), []).append(posting)
    return found


def test_every_check_answers_what_the_day_expects(world: World, crossings: Rows, held: Held) -> None:
    for one in crossings:
        asked = understand(Question(mrz=one["mrz"]), VOCABULARY, world.today)
        answer = examine(asked, lambda kind, value: held.get((kind, value), []), AT)
        assert answer.verdict == one["expected"], one
        if answer.matches:
            assert (answer.matches[0].register, answer.matches[0].owner) == (one["register"], one["owner"])


def test_every_check_of_a_vehicle_answers_what_the_day_expects(
    world: World, crossings: Rows, held: Held
) -> None:
    for one in crossings:
        if not one["vin"]:
            continue
        typed = {"vin": one["vin"], "plate": f"{one['plate_country']} {one['plate']}"}
        asked = understand(Question(identifiers=typed), VOCABULARY, world.today)
        answer = examine(asked, lambda kind, value: held.get((kind, value), []), AT)
        assert answer.verdict == one["vehicle_expected"], one
        assert [match.owner for match in answer.matches] == [one["plate_country"]] * bool(
            one["vehicle_record"]
        )
        assert not answer.warnings


def test_travellers_cross_in_order_all_day_and_most_of_them_by_day(world: World, crossings: Rows) -> None:
    times = [one["at"] for one in crossings]
    assert times == sorted(times)
    assert {at[:10] for at in times} == {world.today.isoformat()}
    hours = Counter(at[11:13] for at in times)
    assert hours["17"] > 8 * hours["03"]
    assert len({one["post"] for one in crossings}) > 25


def test_drivers_are_grown_up_and_cross_by_land_or_sea(world: World, crossings: Rows) -> None:
    driving = [one for one in crossings if one["vin"]]
    assert len(driving) == len(crossings) / ONE_DRIVES_IN
    kinds = {f"{member.code}/{name}": kind for member in world.members for name, kind in member.posts.items()}
    assert {kinds[one["post"]] for one in driving} == {"land", "sea"}
    for one in driving:
        asked = understand(Question(mrz=one["mrz"]), VOCABULARY, world.today)
        assert not asked.birth_date or asked.birth_date < "2008-05-19"


def test_hits_are_as_rare_as_in_the_real_world() -> None:
    world, travellers = World(11), 200_000
    quotas = Quotas(world, SHARES, travellers)
    found = Counter(map(quotas.what, range(travellers)))
    assert 0.8 <= 10_000 * found["reported"] / travellers <= 0.9
    assert 0.12 <= 10_000 * (found["own-paper"] + found["other-paper"]) / travellers <= 0.5
    driving = Quotas(world, VEHICLE_SHARES, travellers)
    stolen = sum(driving.what(number) == "stolen" for number in range(travellers))
    assert 5 <= 10_000 * stolen / travellers <= 10


def test_a_small_day_has_every_kind_of_answer(crossings: Rows) -> None:
    assert {one["expected"] for one in crossings} == {"clear", "unreadable", "document", "bearer", "possible"}
    assert {one["vehicle_expected"] for one in crossings} == {"", "clear", "object"}


def test_a_day_may_be_shorter_than_its_hits() -> None:
    world = World(3, 0.0001)
    rows = list(Day(world).rows())
    assert len(rows) == 2
    assert dt.datetime.fromisoformat(rows[0][0]).date() == world.today
