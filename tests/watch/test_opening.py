"""Questions about openings, answers and how they are counted: one form, and nothing that points at an officer."""

from collections import Counter
from collections.abc import Callable

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from allpoints.ground.clock import DAY
from allpoints.ground.refusal import Refusal
from allpoints.ledger.audit_line import Line
from allpoints.watch import opening
from allpoints.watch.opening import (
    EXACT,
    EXACT_LEAST,
    FEW,
    MANY,
    OFFICERS_LEAST,
    Answer,
    Cell,
    Question,
    Signed,
    Tally,
)

OURS, OTHERS = bytes(16), bytes(range(16))
QUESTION = Question(bytes(range(16)), "persons", ("P-1", "P-2"), 20_000, 20_010)
CELLS = (Cell(20_000, "locate", FEW, 0), Cell(20_001, "locate", EXACT, 7))
ANSWER = Answer(QUESTION.hash(), "XBM", "XAV", "XBM", 1, 900, bytes(32), 44, False, CELLS)


def line(
    day: int, officer: str, record: bytes = OURS, purpose: str = "locate", event: str = "record:read"
) -> Line:
    detail = msgspec.json.encode({"record": record.hex()})
    return Line(1, day * DAY + 5, event, "", officer, "", purpose, "C-1", detail, bytes(16), None, bytes(32))


def cells(lines: list[Line]) -> tuple[Cell, ...]:
    tally = Tally(QUESTION, OURS.__eq__)
    tally.take(lines)
    return tally.cells()


def refused(read: Callable[[], object], code: str = "OPENINGS-FORMAT") -> None:
    with pytest.raises(Refusal) as caught:
        read()
    assert caught.value.code == code


def test_openings_of_the_askers_own_records_are_counted_by_day_and_purpose() -> None:
    several = [line(20_001, f"officer{number % OFFICERS_LEAST}") for number in range(8)]
    others = [
        line(20_001, "anna", OTHERS),
        line(19_999, "anna"),
        line(20_010, "anna"),
        line(20_001, "anna", event="notice:read"),
        line(20_001, "anna", b""),
    ]
    assert cells(several + others + [line(20_001, "anna", purpose="analyse")]) == (
        Cell(20_001, "analyse", FEW, 0),
        Cell(20_001, "locate", EXACT, 8),
    )


def test_few_openings_and_many_of_few_officers_are_told_in_words() -> None:
    assert cells([line(20_001, f"o{one}") for one in range(EXACT_LEAST - 1)]) == (
        Cell(20_001, "locate", FEW, 0),
    )
    assert cells([line(20_001, f"o{one}") for one in range(EXACT_LEAST)]) == (
        Cell(20_001, "locate", EXACT, 5),
    )
    assert cells([line(20_001, f"o{one % 2}") for one in range(90)]) == (Cell(20_001, "locate", MANY, 0),)


def test_that_lines_were_erased_is_told_and_not_how_many() -> None:
    tally = Tally(QUESTION, OURS.__eq__)
    tally.take(
        [line(20_001, "anna")._replace(salt=None, detail=b"{}"), line(19_000, "anna")._replace(salt=None)]
    )
    assert (tally.erased, tally.cells()) == (True, ())


@given(
    st.lists(
        st.tuples(st.integers(19_998, 20_011), st.sampled_from(["a", "b", "c", "d"]), st.booleans()),
        max_size=60,
    )
)
def test_no_answer_tells_a_number_behind_which_few_openings_or_few_officers_stand(
    opened: list[tuple[int, str, bool]],
) -> None:
    lines = [line(day, officer, OURS if own else OTHERS) for day, officer, own in opened]
    true = Counter(day for day, _, own in opened if own and 20_000 <= day < 20_010)
    told = cells(lines)
    assert {one.day for one in told} == set(true)
    for one in told:
        officers = {officer for day, officer, own in opened if own and day == one.day}
        exact = true[one.day] >= EXACT_LEAST and len(officers) >= OFFICERS_LEAST
        assert (one.told, one.count) == ((EXACT, true[one.day]) if exact else (one.told, 0))
        assert one.told != FEW or true[one.day] < EXACT_LEAST
    answer = msgspec.structs.replace(ANSWER, cells=told)
    assert opening.read_answer(opening.encode(answer)) == answer


def test_question_answer_and_signed_answer_have_one_form() -> None:
    signed = Signed(QUESTION.id, opening.encode(ANSWER), b"signature")
    for read, value in (
        (opening.read_question, QUESTION),
        (opening.read_answer, ANSWER),
        (opening.read_signed, signed),
    ):
        data = opening.encode(value)
        assert read(data) == value
        for spoiled in (
            b"",
            data[:-1],
            data + b"\0",
            data.replace(b"\xa2", b"\xd9\x02", 1) + b"",
            b"\x80",
            b"\xc1",
        ):
            if spoiled != data:
                refused(lambda read=read, spoiled=spoiled: read(spoiled))  # type: ignore[misc]


@pytest.mark.parametrize(
    ("spoiled", "code"),
    [
        ({"since": 20_010}, "OPENINGS-DAYS"),
        ({"until": 20_000 + opening.DAYS_LIMIT + 1}, "OPENINGS-DAYS"),
        ({"refs": ("P-2", "P-1")}, "OPENINGS-FORMAT"),
        ({"refs": ("P-1", "P-1")}, "OPENINGS-FORMAT"),
        ({"refs": tuple(f"{one:03}" for one in range(opening.REFS_LIMIT + 1))}, "OPENINGS-FORMAT"),
        ({"id": bytes(15)}, "OPENINGS-FORMAT"),
        ({"register": ""}, "OPENINGS-FORMAT"),
    ],
)
def test_a_question_out_of_bounds_is_refused(spoiled: dict[str, object], code: str) -> None:
    data = opening.encode(msgspec.structs.replace(QUESTION, **spoiled))
    refused(lambda: opening.read_question(data), code)
    assert opening.read_question(opening.encode(QUESTION)) == QUESTION


@pytest.mark.parametrize(
    "said",
    [
        (Cell(20_001, "locate", FEW, 3),),
        (Cell(20_001, "locate", MANY, 90),),
        (Cell(20_001, "locate", EXACT, 4),),
        (CELLS[1], CELLS[0]),
        (CELLS[0], CELLS[0]),
    ],
)
def test_an_answer_that_tells_too_much_or_out_of_order_is_refused(said: tuple[Cell, ...]) -> None:
    refused(lambda: opening.read_answer(opening.encode(msgspec.structs.replace(ANSWER, cells=said))))
