"""The quick reading of a plain zone says what the ordinary one says, or nothing at all."""

import datetime as dt
from functools import partial

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from allpoints.border.question import Asked, Question, understand
from allpoints.border.quick import Zone, read_plain
from allpoints.ground.refusal import Refusal
from allpoints.vocabulary.loading import load
from allpoints.vocabulary.mrz import Fields, build
from allpoints.vocabulary.mrz.digits import ALPHABET

VOCABULARY = load()
TODAY = dt.date(2026, 11, 28)

words = st.text("ABCDEFGHIJKLMNOPQRSTUVWXYZ", min_size=1, max_size=9)
names = st.lists(words, min_size=1, max_size=3).map(" ".join)
days = st.dates(dt.date(1930, 1, 1), dt.date(2026, 11, 1)).map(str)
FORMATS = ("TD1", "TD2", "TD3", "TD3", "MRV-A", "MRV-B")
made = partial(
    st.builds,
    Fields,
    issuer=st.sampled_from(("XAV", "UTO", "DEU", "D", "UNO", "XBM", "ZZZ")),
    family_name=names,
    given_names=st.one_of(st.just(""), names),
    nationality=st.sampled_from(("XAV", "D", "UTO")),
    birth_date=st.one_of(days, st.sampled_from(("", "1979", "1979-03"))),
    sex=st.sampled_from(("M", "F", "X")),
    expiry_date=st.one_of(days, st.just("")),
    optional=st.one_of(st.just(""), st.text(ALPHABET, min_size=1, max_size=5)),
)
fields = made(format=st.sampled_from(FORMATS), number=st.text(ALPHABET, min_size=1, max_size=10))
passports = made(format=st.just("TD3"), number=st.text(ALPHABET, min_size=1, max_size=9))


def text_of(given_: Fields, joined: str = "\n") -> str:
    try:
        return joined.join(build(given_))
    except Refusal:
        assume(False)
        raise


def same(quick: Zone, asked: Asked) -> None:
    assert asked.readable
    assert quick == Zone(
        asked.number,
        asked.issuer,
        asked.document_type,
        asked.document,
        asked.shape,
        asked.person,
        asked.bearer,
        asked.birth_date,
    )
    assert not asked.near


def compare(text: str) -> bool:
    """Whether the quick reading took it; it must then be what the ordinary one gives."""
    quick = read_plain(text, TODAY)
    if quick is not None:
        same(quick, understand(Question(mrz=text), VOCABULARY, TODAY))
    return quick is not None


@given(zone=fields, joined=st.sampled_from(("\n", "", " ", "\r\n")))
def test_a_zone_that_is_read_quickly_is_read_as_ever(zone: Fields, joined: str) -> None:
    compare(text_of(zone, joined))


@given(zone=fields, at=st.integers(0, 91), letter=st.sampled_from(f"{ALPHABET}<a \n²İ"))
def test_a_zone_with_one_character_changed_is_read_as_ever_or_not_at_all(
    zone: Fields, at: int, letter: str
) -> None:
    text = text_of(zone)
    assume(at < len(text))
    compare(text[:at] + letter + text[at + 1 :])


@given(text=st.text(f"{ALPHABET}<\n", min_size=70, max_size=93))
def test_any_text_is_read_as_ever_or_not_at_all(text: str) -> None:
    compare(text)


@pytest.mark.parametrize("form", ["TD1", "TD2", "TD3"])
def test_the_ordinary_documents_of_a_border_are_read_quickly(form: str) -> None:
    zone = Fields(
        format=form,
        issuer="XAV",
        number="AB123456",
        family_name="Sorin",
        given_names="Maro Ilo",
        nationality="XAV",
        birth_date="1979-03-14",
        sex="M",
        expiry_date="2030-01-01",
        optional="" if form != "TD3" else "12345",
    )
    for joined in ("\n", ""):
        assert compare(joined.join(build(zone)))


@given(data=st.data())
def test_a_passport_whose_second_line_has_a_digit_misread_is_never_read_quickly(data: st.DataObject) -> None:
    zone = data.draw(passports)
    text = text_of(zone, "")
    places = [at for at in range(44, 88) if text[at].isdigit()]
    at, more = data.draw(st.sampled_from(places)), data.draw(st.integers(1, 9))
    changed = text[:at] + str((int(text[at]) + more) % 10) + text[at + 1 :]
    assert read_plain(changed, TODAY) is None
