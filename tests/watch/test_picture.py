"""Each rule of the insider watch finds what is odd and passes over what is usual."""

from collections import Counter
from collections.abc import Iterable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from allpoints.ground.clock import DAY, HOUR, MINUTE
from allpoints.watch.asked import Asked, document, named
from allpoints.watch.picture import Picture
from allpoints.watch.rules import RULES, Dials, Finding

DIALS = Dials()
MONDAY = 20_000 * DAY
EVERYBODY = frozenset({""})


def question(number: int, day: int, hour: int = 9, **said: Any) -> Asked:
    """One question of anna's; a purpose that is not routine, a case and a person of its own."""
    fields = {
        "officer": "anna",
        "post": "",
        "purpose": "analyse",
        "case": "C-1",
        "subjects": (f"name:person {number}",),
        "reads": False,
    }
    return Asked(number, MONDAY + day * DAY + hour * HOUR + number % 60 * MINUTE // 60, **{**fields, **said})


def days(first: int, last: int, each: int, **said: Any) -> list[Asked]:
    """So many questions on each of several days, under a case of its own each day."""
    return [
        question(day * 1_000 + one, day, **{"case": f"C-{day}", **said})
        for day in range(first, last)
        for one in range(each)
    ]


def found(asked: Iterable[Asked], picture: Picture | None = None) -> list[Finding]:
    picture = picture or Picture(DIALS, lambda _officer, _post: "desk")
    return [one for each in asked for one in picture.take(each)]


def rules(asked: Iterable[Asked], picture: Picture | None = None) -> Counter[str]:
    return Counter(one.rule for one in found(asked, picture))


def test_a_day_beyond_the_officers_own_past_is_found_once_and_a_busy_one_is_not() -> None:
    usual = days(0, 12, 20)
    assert rules(usual + days(12, 13, 80)) == Counter(case=1)
    (odd,) = [one for one in found(usual + days(12, 13, 90)) if one.rule == "own-rate"]
    assert (odd.count, odd.limit, odd.officer) == (81, 80, "anna")
    assert odd.sentence.startswith("81 questions in a day")


def test_without_a_past_nobody_is_compared_with_it() -> None:
    assert rules(days(0, DIALS.usual_days - 1, 1) + days(20, 21, 59)) == Counter()


def test_few_questions_are_never_odd_by_number() -> None:
    assert rules(days(0, 20, 1) + days(20, 21, DIALS.rate_least)) == Counter()
    assert rules(days(0, 20, 1) + days(20, 21, DIALS.rate_least + 1)) == Counter({"own-rate": 1})


def colleagues(count: int, each: int, group: str = "desk") -> tuple[Picture, list[Asked]]:
    picture = Picture(DIALS, lambda officer, _post: group if officer != "anna" else "desk")
    return picture, [one for number in range(count) for one in days(0, 8, each, officer=f"colleague{number}")]


def test_a_newcomer_is_compared_with_colleagues_in_the_same_roles() -> None:
    picture, asked = colleagues(3, 10)
    assert rules(asked + days(8, 9, 60), picture) == Counter()
    picture, asked = colleagues(3, 10)
    assert rules(asked + days(8, 9, 61), picture) == Counter(colleagues=1, case=1)
    picture, asked = colleagues(2, 10)
    assert rules(asked + days(8, 9, 61), picture) == Counter(case=1)
    picture, asked = colleagues(3, 10, "command")
    assert rules(asked + days(8, 9, 61), picture) == Counter(case=1)


def test_an_hour_in_which_the_officer_did_not_ask_before_is_found_and_one_beside_a_known_one_is_not() -> None:
    usual = days(0, 12, 6, hour=9)
    assert rules(usual + days(12, 13, 6, hour=10)) == Counter()
    assert rules(usual + days(12, 13, DIALS.hour_least - 1, hour=3)) == Counter()
    assert rules(usual + days(12, 13, 30, hour=3)) == Counter(hour=1)
    assert rules(usual[:24] + days(12, 13, 30, hour=3)) == Counter()


def test_an_hour_that_was_usual_long_ago_is_not_usual_any_more() -> None:
    night, day = days(0, 5, 6, hour=3), days(6, 20, 6, hour=12)
    assert rules(night + day + days(20, 21, 6, hour=3)) == Counter()
    assert rules(night + day + days(40, 52, 6, hour=12) + days(52, 53, 6, hour=3)) == Counter(hour=1)


def test_many_persons_under_one_case_are_found_however_slowly_and_the_same_ones_again_are_not() -> None:
    slow = [question(one, one // 4, case="C-9") for one in range(DIALS.case_persons + 1)]
    assert rules(slow[:-1]) == Counter()
    assert rules(slow) == Counter(case=1)
    again = [question(one, one // 8, case="C-9", subjects=("name:one",)) for one in range(200)]
    assert rules(again)["case"] == 0
    opened = [question(one, one // 4, case="C-9", reads=True) for one in range(DIALS.case_persons + 1)]
    assert rules(opened) == Counter(case=1)


def test_travellers_at_a_border_are_not_persons_under_one_case() -> None:
    assert rules(days(0, 30, 300, purpose="border-control", case="")) == Counter()


def test_questions_without_a_case_are_found() -> None:
    assert rules(days(0, 1, DIALS.no_case_least, case="")) == Counter()
    assert rules(days(0, 1, DIALS.no_case_least + 5, case="")) == Counter({"no-case": 1})


def test_the_same_person_again_and_again_is_found_only_under_several_cases() -> None:
    same: dict[str, Any] = {"subjects": (named("Ysolde Fenwick"),)}
    assert rules([question(day, day * 3, case="C-1", **same) for day in range(9)]) == Counter()
    several = [question(day, day * 3, case=f"C-{day}", **same) for day in range(DIALS.person_cases)]
    assert rules(several[:-1]) == Counter()
    assert rules(several) == Counter(person=1)
    seldom = [question(day, day * 15, case=f"C-{day}", **same) for day in range(9)]
    assert rules(seldom) == Counter()
    assert rules([one._replace(case="") for one in several]) == Counter()
    assert rules([*several, *several]) == Counter(person=1)


def test_a_question_about_somebody_protected_is_found_whoever_asks_and_once_a_day() -> None:
    star = document("XAV", "ab 123456")
    picture = Picture(DIALS, lambda _officer, _post: "desk")
    picture.whose = lambda subject: EVERYBODY if subject == star else frozenset()
    asked = [
        question(1, 0, subjects=(star,)),
        question(2, 0),
        question(3, 0, post="XBM/post-1", subjects=(star,)),
    ]
    assert [(one.rule, one.line) for one in found(asked, picture)] == [("chosen", 1), ("chosen", 3)]
    first, again = found([question(5, 1, subjects=(star,)), question(6, 1, subjects=(star,))], picture)
    assert first.key == again.key


def test_ones_own_papers_and_the_name_that_an_account_spells_are_found_for_oneself_alone() -> None:
    passport = document("XBM", "P1234567")
    picture = Picture(DIALS, lambda _officer, _post: "desk")
    picture.whose = lambda subject: frozenset({"anna"}) if subject == passport else frozenset()
    asked = [question(1, 0, subjects=(passport,)), question(2, 0, officer="bert", subjects=(passport,))]
    assert [(one.rule, one.officer) for one in found(asked, picture)] == [("oneself", "anna")]
    own = question(3, 0, officer="anna.berg", subjects=(named("BERG, Anna"),))
    assert rules([own]) == Counter(oneself=1)
    assert rules([own._replace(officer="anna.bergen")]) == Counter()
    assert rules([question(4, 0, officer="anna", subjects=(named("Anna"),))]) == Counter()


@pytest.mark.parametrize(
    "dial", ["own_times", "colleague_times", "hour_least", "case_persons", "no_case_least", "person_cases"]
)
def test_a_dial_at_nought_turns_its_rule_off_and_no_other(dial: str) -> None:
    rule = {
        "own_times": "own-rate",
        "colleague_times": "colleagues",
        "hour_least": "hour",
        "case_persons": "case",
        "no_case_least": "no-case",
        "person_cases": "person",
    }[dial]
    together = [one for number in range(3) for one in days(0, 13, 5, officer=f"c{number}", hour=9)]
    odd = (
        days(0, 13, 5)
        + days(13, 14, 100, hour=3, case="")
        + [question(20_000 + day, 14 + day, case=f"D-{day}", subjects=("name:one",)) for day in range(4)]
        + days(18, 19, 100)
    )
    with_all, without = (
        rules(together + odd, Picture(dials, lambda _officer, _post: "desk"))
        for dials in (DIALS, Dials(**{dial: 0}))  # type: ignore[arg-type]
    )
    assert set(with_all) == set(RULES) - {"chosen", "oneself"}
    assert set(without) == set(with_all) - {rule}


@given(
    st.lists(
        st.tuples(
            st.integers(0, 3), st.integers(0, 60), st.integers(0, 23), st.integers(0, 5), st.booleans()
        ),
        max_size=60,
    )
)
def test_whatever_is_asked_a_picture_made_again_finds_the_same(
    asked: list[tuple[int, int, int, int, bool]],
) -> None:
    lines = [
        question(number, day, hour, officer=f"o{who}", case=f"C-{case}" if case else "", reads=reads)
        for number, (who, day, hour, case, reads) in enumerate(sorted(asked, key=lambda one: one[1]))
    ]
    assert found(lines) == found(lines)
    assert all(one.rule in RULES and one.sentence for one in found(lines))
