import datetime as dt
from string import ascii_uppercase, digits

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.vocabulary.mrz.specimens import MRV_A, MRV_B, TD1, TD2, TD3, TODAY

from allpoints.ground.refusal import Refusal
from allpoints.vocabulary.mrz import Fields, build, parse

LONGEST_NUMBER = {"TD1": 22, "TD2": 14, "TD3": 9, "MRV-A": 9, "MRV-B": 9}
OPTIONAL = {"TD1": 15, "TD2": 7, "TD3": 14, "MRV-A": 16, "MRV-B": 8}
ROWAN = Fields(
    format="TD3",
    issuer="XAV",
    number="AB1234567",
    family_name="Rowan",
    given_names="Mira",
    nationality="XBM",
    birth_date="1979-11-04",
    sex="F",
    expiry_date="2031-02-03",
)
ERIKSSON = Fields(
    format="TD3",
    issuer="UTO",
    number="L898902C3",
    family_name="Eriksson",
    given_names="Anna Maria",
    nationality="UTO",
    birth_date="1974-08-12",
    sex="F",
    expiry_date="2012-04-15",
    optional="ZE184226B",
)
VISA = msgspec.structs.replace(
    ERIKSSON,
    number="L8988901C",
    nationality="XXX",
    birth_date="1940-09-07",
    expiry_date="1996-12-10",
)


def partial(first: dt.date, last: dt.date) -> st.SearchStrategy[str]:
    written = st.dates(first, last).map(dt.date.isoformat)
    return st.one_of(st.just(""), written.flatmap(lambda day: st.sampled_from([day, day[:7], day[:4]])))


@st.composite
def any_fields(draw: st.DrawFn) -> Fields:
    name = draw(st.sampled_from(sorted(LONGEST_NUMBER)))
    number = draw(st.text(ascii_uppercase + digits, min_size=1, max_size=LONGEST_NUMBER[name]))
    taken = len(number) - 9 + 2 if len(number) > 9 else 0
    words = st.lists(st.text(ascii_uppercase, min_size=1, max_size=6), min_size=1, max_size=2).map(" ".join)
    code = st.text(ascii_uppercase, min_size=3, max_size=3)
    extra = st.text(ascii_uppercase + digits, max_size=max(0, OPTIONAL[name] - taken))
    return Fields(
        format=name,
        issuer=draw(code),
        number=number,
        family_name=draw(words),
        given_names=draw(st.one_of(st.just(""), words)),
        nationality=draw(code),
        birth_date=draw(partial(dt.date(1911, 1, 1), dt.date(2009, 12, 31))),
        sex=draw(st.sampled_from("MFX")),
        expiry_date=draw(partial(dt.date(1960, 1, 1), dt.date(2059, 12, 31))),
        optional=draw(extra),
        optional_2=draw(st.text(ascii_uppercase + digits, max_size=11)) if name == "TD1" else "",
    )


@given(any_fields())
@settings(max_examples=100, deadline=None)
def test_what_is_built_reads_back_in_every_format(fields: Fields) -> None:
    printed = msgspec.structs.replace(
        fields,
        issuer="D" if fields.issuer == "DEU" else fields.issuer,
        nationality="D" if fields.nationality == "DEU" else fields.nationality,
        document_code={"TD3": "P", "MRV-A": "V", "MRV-B": "V"}.get(fields.format, "I"),
    )
    mrz = parse(build(fields), today=TODAY)
    assert mrz.valid
    assert {name: getattr(mrz, name) for name in Fields.__struct_fields__} == msgspec.structs.asdict(printed)


@pytest.mark.vectors
@pytest.mark.parametrize(
    ("fields", "lines"),
    [
        (ERIKSSON, TD3),
        (msgspec.structs.replace(ERIKSSON, format="TD1", number="D23145890", optional=""), TD1),
        (msgspec.structs.replace(ERIKSSON, format="TD2", number="D23145890", optional=""), TD2),
        (msgspec.structs.replace(VISA, format="MRV-A", optional="6ZE184226B"), MRV_A),
        (msgspec.structs.replace(VISA, format="MRV-B", optional=""), MRV_B),
    ],
)
def test_the_specimens_of_the_standard_are_built_character_by_character(
    fields: Fields, lines: tuple[str, ...]
) -> None:
    assert build(fields) == lines


def test_a_number_beyond_nine_characters_overflows_as_the_standard_shows() -> None:
    stevenson = Fields(
        format="TD1",
        issuer="UTO",
        number="D23145890734",
        family_name="Stevenson",
        given_names="Peter John",
        nationality="UTO",
        birth_date="1934-07-12",
        sex="M",
        expiry_date="1995-07-12",
    )
    assert build(stevenson)[:2] == ("I<UTOD23145890<7349<<<<<<<<<<<", "3407127M9507122UTO<<<<<<<<<<<2")
    card = build(msgspec.structs.replace(stevenson, format="TD2"))
    assert card[1] == "D23145890<UTO3407127M95071227349<<<8"


@pytest.mark.parametrize(("number", "printed"), [("ab-12 345", "AB<12<345"), ("AB 123-456-7", "AB1234567")])
def test_separators_in_a_number_become_fillers_or_give_way_when_it_is_too_long(
    number: str, printed: str
) -> None:
    lines = build(msgspec.structs.replace(ROWAN, number=number))
    assert lines[1][:9] == printed
    assert parse(lines, today=TODAY).number == printed.replace("<", "")


def test_the_code_of_germany_is_a_single_letter_padded() -> None:
    lines = build(msgspec.structs.replace(ROWAN, issuer="DEU", nationality="d"))
    assert lines[0][2:5] == lines[1][10:13] == "D<<"


def test_a_document_code_is_the_one_asked_for_when_the_format_has_it() -> None:
    assert build(msgspec.structs.replace(ROWAN, document_code="pp"))[0].startswith("PPXAV")
    assert build(msgspec.structs.replace(ROWAN, format="TD2", document_code="IR"))[0].startswith("IRXAV")


def test_a_long_name_is_shortened_and_said_to_be() -> None:
    mrz = parse(build(msgspec.structs.replace(ROWAN, given_names="Mirabella " * 5)), today=TODAY)
    assert mrz.valid
    assert mrz.name_truncated
    assert not parse(build(ROWAN), today=TODAY).name_truncated


@pytest.mark.parametrize(
    ("field", "value", "code"),
    [
        ("format", "TD4", "MRZ-FORMAT"),
        ("document_code", "V", "MRZ-FORMAT"),
        ("document_code", "P12", "MRZ-FORMAT"),
        ("issuer", "XA1", "MRZ-ISSUER"),
        ("issuer", "", "MRZ-ISSUER"),
        ("nationality", "XAVX", "MRZ-ISSUER"),
        ("number", "", "MRZ-NUMBER"),
        ("number", "AB1234567X", "MRZ-NUMBER"),
        ("number", "ÄB12", "MRZ-NUMBER"),
        ("birth_date", "4 November 1979", "MRZ-DATE"),
        ("expiry_date", "2031-02-30", "MRZ-DATE"),
        ("sex", "female", "MRZ-SEX"),
        ("optional", "X" * 15, "MRZ-OPTIONAL"),
        ("optional", "ä", "MRZ-OPTIONAL"),
        ("optional_2", "X", "MRZ-OPTIONAL"),
    ],
)
def test_a_field_the_format_cannot_hold_is_refused_by_name(field: str, value: str, code: str) -> None:
    with pytest.raises(Refusal) as refused:
        build(msgspec.structs.replace(ROWAN, **{field: value}))
    assert (refused.value.code, refused.value.path) == (code, field)
    assert parse(build(ROWAN), today=TODAY).valid


def test_overflow_and_optional_data_share_one_field() -> None:
    card = msgspec.structs.replace(ROWAN, format="TD2", number="AB12345678", optional="1234")
    assert parse(build(card), today=TODAY).optional == "1234"
    with pytest.raises(Refusal, match="fit into 4 characters"):
        build(msgspec.structs.replace(card, optional="12345"))
