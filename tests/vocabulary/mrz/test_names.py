from string import ascii_uppercase

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from allpoints.ground.refusal import Refusal
from allpoints.vocabulary.mrz.names import name_field, read_name

WORDS = st.lists(st.text(ascii_uppercase, min_size=1, max_size=14), min_size=1, max_size=5).map(" ".join)
LENGTHS = st.sampled_from([30, 31, 39])


@pytest.mark.vectors
@pytest.mark.parametrize(
    ("family", "given_names", "length", "field"),
    [
        ("Eriksson", "Anna Maria", 39, "ERIKSSON<<ANNA<MARIA"),
        ("Smith-Jones", "Susie Margaret", 39, "SMITH<JONES<<SUSIE<MARGARET"),
        ("O'Connor", "Enya Siobhan", 39, "OCONNOR<<ENYA<SIOBHAN"),
        ("van der Muellen", "Martin", 30, "VAN<DER<MUELLEN<<MARTIN"),
        ("Al-Basri", "Huda Muhammad Jawad", 31, "AL<BASRI<<HUDA<MUHAMMAD<JAWAD"),
        ("Arkfreith", "", 39, "ARKFREITH"),
        ("", "Satriya Sudarpa", 30, "SATRIYA<SUDARPA"),
        ("Vilarchao Fernandez", "Jose Ramon", 30, "VILARCHAO<FERNANDEZ<<JOSE<RAMO"),
        ("Papandropoulous", "Jonathon Warren Trevor", 39, "PAPANDROPOULOUS<<JONATHON<WARREN<TREVOR"),
        (
            "Nilavadhanananda",
            "Chayapa Dejthamrong Krasuang",
            39,
            "NILAVADHANANANDA<<CHAYAPA<DEJTHAMRONG<K",
        ),
        ("Nilavadhanananda", "Arnpol Petch Charonguang", 39, "NILAVADHANANANDA<<ARNPOL<PETCH<CHARONGU"),
        (
            "Bennelong Wooloomooloo Warrandyte Warnambool",
            "Dingo Potoroo",
            39,
            "BENNELONG<WOOLOOMOOLOO<WARRANDYTE<W<<DI",
        ),
        (
            "Bennelong Wooloomooloo Warrandyte Warnambool",
            "Dingo Potoroo",
            30,
            "BENNELONG<WOOLOOMOOLOO<W<W<<DI",
        ),
    ],
)
def test_the_names_of_parts_4_to_7_are_written_as_printed_there(
    family: str, given_names: str, length: int, field: str
) -> None:
    assert name_field(family, given_names, length) == field.ljust(length, "<")


@given(WORDS, st.one_of(st.just(""), WORDS), LENGTHS)
@settings(max_examples=100, deadline=None)
def test_a_name_field_is_full_length_and_reads_back_whole_or_as_a_shortened_one(
    family: str, given_names: str, length: int
) -> None:
    field = name_field(family, given_names, length)
    assert len(field) == length
    read = read_name(field)
    assert read.complaint == ""
    if len(family) + (len(given_names) + 2 if given_names else 0) <= length:
        assert (read.family, read.given) == (family, given_names)
        assert read.truncated == (not field.endswith("<"))
        return
    assert read.truncated
    for shown, whole in ((read.family, family), (read.given, given_names)):
        assert bool(shown) == bool(whole)
        for short, word in zip(shown.split(), whole.split(), strict=False):
            assert word.startswith(short)


def test_a_cut_that_falls_on_a_filler_takes_letters_from_a_longer_word_so_that_a_letter_stands_last() -> None:
    assert name_field("ROWAN", "MIRABELLA CONSTANTINE THEA", 30) == "ROWAN<<MIRABELLA<CONSTANTINE<T"
    assert name_field("ROWANS", "MIRABELLA CONSTANTINE THEA", 30) == "ROWANS<<MIRABELLA<CONSTANTIN<T"
    assert name_field("A" * 29, "", 30) == "A" * 29 + "<"
    assert name_field("A" * 29 + " B", "", 30) == "A" * 28 + "<B"


def test_a_shortened_family_name_gets_letters_back_while_there_is_room() -> None:
    assert name_field("Rowan Castlemaine Warrandyte", "Mi", 30) == "ROWAN<CASTLEMAINE<WARRANDY<<MI"


def test_a_family_name_of_one_endless_word_leaves_room_for_a_given_initial() -> None:
    assert name_field("A" * 60, "Mira", 30) == "A" * 27 + "<<M"


def test_more_initials_than_the_field_holds_are_left_out() -> None:
    family = " ".join(ascii_uppercase)
    assert name_field(family, "Mira", 30) == "A<B<C<D<E<F<G<H<I<J<K<L<M<N<<M"
    assert name_field(family, "Mira", 31) == "A<B<C<D<E<F<G<H<I<J<K<L<M<N<<MI"
    assert name_field(family, "", 31) == "A<B<C<D<E<F<G<H<I<J<K<L<M<N<O<P"
    assert name_field(family, "", 30) == "A<B<C<D<E<F<G<H<I<J<K<L<M<N<O<"


@pytest.mark.parametrize(
    ("family", "given_names"), [("", ""), ("-", "'"), ("R2D2", "Mira"), ("Rowan", "M1ra")]
)
def test_a_name_that_cannot_be_written_is_refused(family: str, given_names: str) -> None:
    with pytest.raises(Refusal):
        name_field(family, given_names, 39)
    assert name_field("Öztürk", "Straße", 39).rstrip("<") == "OEZTUERK<<STRASSE"


@given(st.text("<<<<AB1", min_size=30, max_size=30))
@settings(max_examples=60, deadline=None)
def test_any_field_is_read_without_losing_a_letter(field: str) -> None:
    read = read_name(field)
    assert (read.family + read.given).replace(" ", "") == field.replace("<", "")
    assert "  " not in read.family + read.given
    assert read.truncated == (not field.endswith("<"))
