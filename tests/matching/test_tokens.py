import hashlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from allpoints.ground.refusal import Refusal
from allpoints.matching.tokens import TOKEN_BYTES, VALUE_LIMIT_CHARACTERS, token, tokens

KEY = bytes(range(32))
KINDS = st.text(st.characters(exclude_characters="\x1f", exclude_categories=["Cs"]), max_size=20)
VALUES = st.text(st.characters(exclude_categories=["Cs"]), max_size=40)


def test_a_token_is_the_keyed_hash_that_the_documentation_names() -> None:
    plain = hashlib.blake2b(
        b"document\x1fXAV|P1234567", digest_size=16, key=KEY, person=b"allpoints/token1"
    ).digest()
    assert token(KEY, "document", "XAV|P1234567") == plain


def test_a_token_changes_with_key_kind_and_value() -> None:
    seen = {
        token(KEY, "document", "XAV|1"),
        token(KEY[::-1], "document", "XAV|1"),
        token(KEY, "person", "XAV|1"),
        token(KEY, "document", "XAV|2"),
    }
    assert len(seen) == 4


def test_a_character_cannot_move_from_the_kind_into_the_value() -> None:
    assert token(KEY, "ab", "c") != token(KEY, "a", "bc")
    assert token(KEY, "a", "b\x1fc") == token(KEY, "a", "b\x1fc")
    with pytest.raises(Refusal) as refused:
        token(KEY, "a\x1fb", "c")
    assert refused.value.code == "TOKEN-KIND"


@pytest.mark.parametrize("length", [0, 15, 65])
def test_a_key_that_is_too_short_or_too_long_is_refused(length: int) -> None:
    with pytest.raises(Refusal) as refused:
        token(bytes(length), "document", "XAV|1")
    assert refused.value.code == "TOKEN-KEY-LENGTH"


@pytest.mark.parametrize("length", [16, 64])
def test_a_key_at_the_limits_is_taken(length: int) -> None:
    assert len(token(bytes(length), "document", "XAV|1")) == TOKEN_BYTES


def test_an_endless_value_is_refused_and_one_at_the_limit_is_taken() -> None:
    assert len(token(KEY, "document", "A" * VALUE_LIMIT_CHARACTERS)) == TOKEN_BYTES
    with pytest.raises(Refusal) as refused:
        token(KEY, "document", "A" * (VALUE_LIMIT_CHARACTERS + 1))
    assert refused.value.code == "TOKEN-VALUE"


def test_half_a_surrogate_pair_is_refused() -> None:
    with pytest.raises(Refusal) as refused:
        token(KEY, "document", "\ud800")
    assert refused.value.code == "TOKEN-VALUE"


@given(KINDS, st.lists(VALUES, max_size=5))
@settings(max_examples=60, deadline=None)
def test_many_tokens_at_once_are_the_tokens_one_by_one(kind: str, values: list[str]) -> None:
    rows = tokens(KEY, kind, values)
    assert rows.shape == (len(values), TOKEN_BYTES)
    assert [row.tobytes() for row in rows] == [token(KEY, kind, value) for value in values]
