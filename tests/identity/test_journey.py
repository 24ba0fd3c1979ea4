"""To a provider and back: once, in one browser, for one use, within five minutes."""

import sqlite3

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from allpoints.ground.refusal import Refusal
from allpoints.identity import journey
from allpoints.identity.challenges import LIFE_MS

NOW = 1_795_852_800_000


def test_who_comes_back_finds_what_was_sent_out(db: sqlite3.Connection) -> None:
    begun = journey.begin(db, "sign-in", "browser", "/en/state", NOW)
    assert journey.arrive(db, "sign-in", "browser", begun.state, NOW + LIFE_MS - 1) == begun
    assert (begun.begun_ms, begun.onward) == (NOW, "/en/state")
    assert len({begun.state, begun.nonce, begun.verifier, begun.challenge}) == 4
    assert 43 <= len(begun.verifier) <= 128


@pytest.mark.parametrize(
    ("use", "bound", "later_ms"),
    [
        ("verify", "browser", 0),
        ("sign-in", "another", 0),
        ("sign-in", "browser", LIFE_MS),
        ("sign-in", "", 0),
    ],
)
def test_another_browser_another_use_or_too_late_is_refused(
    db: sqlite3.Connection, use: str, bound: str, later_ms: int
) -> None:
    begun = journey.begin(db, "sign-in", "browser", "", NOW)
    with pytest.raises(Refusal, match="begun too long ago"):
        journey.arrive(db, use, bound, begun.state, NOW + later_ms)
    assert journey.arrive(db, "sign-in", "browser", begun.state, NOW) == begun
    with pytest.raises(Refusal, match="used already"):
        journey.arrive(db, "sign-in", "browser", begun.state, NOW)


def test_no_flipped_byte_of_a_state_is_taken(db: sqlite3.Connection) -> None:
    begun = journey.begin(db, "sign-in", "browser", "/en/state", NOW)
    text = begun.state.encode()
    for place in range(len(text)):
        for bit in range(7):
            altered = bytearray(text)
            altered[place] ^= 1 << bit
            with pytest.raises(Refusal):
                journey.arrive(db, "sign-in", "browser", altered.decode(), NOW)
    assert journey.arrive(db, "sign-in", "browser", begun.state, NOW) == begun


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.text() | st.text(alphabet="sign-n.AbC_=").map("sign-in.".__add__))
def test_no_text_but_a_state_is_taken(db: sqlite3.Connection, text: str) -> None:
    with pytest.raises(Refusal, match="begun too long ago"):
        journey.arrive(db, "sign-in", "browser", text, NOW)
    assert isinstance(journey.use_of(text), str)


def test_where_to_go_afterwards_is_left_out_when_it_is_too_long(db: sqlite3.Connection) -> None:
    assert journey.begin(db, "sign-in", "b", "/en/" + "x" * 300, NOW).onward == ""
