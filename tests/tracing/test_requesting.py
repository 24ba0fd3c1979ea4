"""An order against the reference table: which firearm is meant, and who is asked first."""

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.tracing.acting import MEMBERS

from allpoints.ground.refusal import Refusal
from allpoints.tracing.requesting import Order, Reference, Request, prepared
from allpoints.tracing.trace import MARKS_LIMIT, NAME_LIMIT, Firearm, Priority, Why
from allpoints.vocabulary.loading import load

COUNTRIES = load().countries
P9 = Reference("NOR-P9", "Norvik", "P9", "9x19", "pistol", "XAV")
P9D = Reference("NOR-P9-D", "Norvik", "P9", "9x19", "pistol", "XDV")
ABROAD = Reference("SAB-1", "Sablewerk", "1", "", "", "XQQ")
ORDER = Order(" K18204417 ", "norvik", priority="urgent")


def prepare(order: Order, *table: Reference) -> Request:
    return prepared(order, lambda _firearm: table, COUNTRIES, MEMBERS)


def code_of(order: Order, *table: Reference) -> str:
    with pytest.raises(Refusal) as caught:
        prepare(order, *table)
    return caught.value.code


def test_the_one_entry_that_fits_gives_make_model_and_whom_to_ask() -> None:
    request = prepare(ORDER, P9)
    assert request == Request(
        Firearm("K18204417", "Norvik", "P9", "9x19", "pistol", reference="NOR-P9", made_in="XAV"),
        Priority.URGENT,
        "XAV",
        Why.MANUFACTURE,
    )


def test_several_entries_are_listed_and_one_is_chosen() -> None:
    with pytest.raises(Refusal, match=r"NOR-P9: Norvik P9 9x19 \(XAV\); NOR-P9-D") as caught:
        prepare(ORDER, P9, P9D)
    assert caught.value.code == "TRACE-AMBIGUOUS"
    assert prepare(msgspec.structs.replace(ORDER, reference="NOR-P9-D"), P9, P9D).first == "XDV"
    assert code_of(msgspec.structs.replace(ORDER, reference="NOR-X"), P9, P9D) == "TRACE-UNLISTED"
    assert prepare(msgspec.structs.replace(ORDER, to="XDV"), P9, P9D).firearm.reference == "NOR-P9-D"
    assert prepare(ORDER, P9, P9).firearm.reference == "NOR-P9"


def test_two_owners_entries_of_one_reference_that_differ_are_not_taken_for_one() -> None:
    other = msgspec.structs.replace(P9D, code="NOR-P9")
    assert code_of(msgspec.structs.replace(ORDER, reference="NOR-P9"), P9, other) == "TRACE-AMBIGUOUS"
    assert prepare(msgspec.structs.replace(ORDER, reference="NOR-P9", to="XDV"), P9, other).first == "XDV"


def test_an_unlisted_firearm_needs_a_reason_and_a_country() -> None:
    assert code_of(ORDER) == "TRACE-UNLISTED"
    reasoned = msgspec.structs.replace(ORDER, unlisted="A village maker.")
    assert code_of(reasoned) == "TRACE-NO-COUNTRY"
    assert code_of(msgspec.structs.replace(reasoned, to="nowhere")) == "COUNTRY-UNKNOWN"
    request = prepare(msgspec.structs.replace(reasoned, to="xbm", reference="NOR-X"))
    assert (request.first, request.why, request.firearm.reference) == ("XBM", Why.CHOSEN, "")
    assert prepare(reasoned, P9).firearm.unlisted == ""


def test_the_maker_is_asked_first_where_it_can_be() -> None:
    assert code_of(msgspec.structs.replace(ORDER, to="XBM"), P9) == "TRACE-MAKER-FIRST"
    assert prepare(msgspec.structs.replace(ORDER, to="XAV"), P9).first == "XAV"
    assert code_of(ORDER, ABROAD) == "TRACE-OUTSIDE"
    assert code_of(ORDER, msgspec.structs.replace(ABROAD, made_in="")) == "TRACE-OUTSIDE"
    assert prepare(msgspec.structs.replace(ORDER, to="XBM"), ABROAD).first == "XBM"


@pytest.mark.parametrize(
    ("changes", "path"),
    [
        ({"serial": " "}, "serial"),
        ({"make": ""}, "make"),
        ({"model": "x" * (NAME_LIMIT + 1)}, "model"),
        ({"calibre": "9\n19"}, "calibre"),
        ({"marks": "x" * (MARKS_LIMIT + 1)}, "marks"),
        ({"circumstances": "a\0b"}, "circumstances"),
        ({"priority": "soon"}, "priority"),
    ],
)
def test_what_no_desk_may_send_is_refused_at_its_field(changes: dict[str, str], path: str) -> None:
    with pytest.raises(Refusal) as caught:
        prepare(msgspec.structs.replace(ORDER, **changes), P9)
    assert caught.value.path == path


WORDS = st.text(max_size=130)


@settings(max_examples=150, deadline=None)
@given(st.builds(Order, WORDS, WORDS, WORDS, WORDS, unlisted=WORDS, to=st.sampled_from(["", "XBM", "XQQ"])))
def test_any_order_is_refused_or_asks_a_member(order: Order) -> None:
    try:
        request = prepare(order)
    except Refusal:
        return
    assert request.firearm.serial
    assert request.first in {"XBM", "XQQ"}
