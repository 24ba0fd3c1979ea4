"""Revocations and recoveries: read in one form alone, and folded as a plain model says, whatever is tried."""

from functools import cache

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.identity.test_rotation import NOW_MS, admitted, certificate, signing

from allpoints.ground.clock import HOUR
from allpoints.ground.refusal import Refusal
from allpoints.identity import row
from allpoints.identity.directory import Directory
from allpoints.identity.recovery import COOLING_MS, Recovery, Revocation
from allpoints.identity.root import key_hash

LATER_MS = NOW_MS + COOLING_MS


@cache
def hash_of(number: int) -> bytes:
    return key_hash(signing(number).public)


def revocation(number: int = 1, place: int = 0) -> Revocation:
    """Of the key with a number; ``place`` tells orders apart."""
    return Revocation(bytes((1, place)) * 8, "XAV", hash_of(number), "Stolen", "Four holders")


def recovery(
    number: int, before: int = 1, until_ms: int = LATER_MS, place: int = 0, following: int = 50
) -> Recovery:
    """Of the key ``before`` by the key ``number``."""
    return Recovery(
        bytes((2, place)) * 8,
        "XAV",
        hash_of(before),
        until_ms,
        certificate(number, following),
        "Lost",
        "Four holders",
    )


def test_they_are_read_as_they_were_written() -> None:
    for one in (revocation(), recovery(4)):
        assert type(one).from_bytes(one.to_bytes()) == one


@settings(max_examples=200, deadline=None)
@given(st.sampled_from([revocation(), recovery(4)]), st.data())
def test_what_is_altered_is_refused_or_says_something_else(
    sound: Revocation | Recovery, data: st.DataObject
) -> None:
    whole = sound.to_bytes()
    at = data.draw(st.integers(0, len(whole) - 1))
    altered = whole[:at] + bytes((whole[at] ^ data.draw(st.integers(1, 255)),)) + whole[at + 1 :]
    try:
        read = type(sound).from_bytes(altered)
    except Refusal:
        return
    assert read != sound
    assert read.to_bytes() == altered


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=200))
def test_anything_else_is_refused(data: bytes) -> None:
    for kind in (Revocation, Recovery):
        with pytest.raises(Refusal):
            kind.from_bytes(data)


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ((bytes(15), "XAV", bytes(32), "Stolen", "Holders"), "ORDER-ID"),
        ((bytes(16), "XAV", bytes(31), "Stolen", "Holders"), "ORDER-KEY"),
        ((bytes(16), "xav", bytes(32), "Stolen", "Holders"), "BAD-NAME"),
        ((bytes(16), "XAV", bytes(32), "", "Holders"), "BAD-LABEL"),
        ((bytes(16), "XAV", bytes(32), "Stolen", "a\nb"), "BAD-LABEL"),
    ],
)
def test_a_revocation_of_another_form_is_refused(
    fields: tuple[bytes, str, bytes, str, str], code: str
) -> None:
    with pytest.raises(Refusal) as caught:
        Revocation.from_bytes(row.encode("allpoints/revocation/1", *fields))
    assert caught.value.code == code


def test_a_recovery_is_of_the_members_own_certificate_and_of_another_key() -> None:
    for made, code in (
        (Recovery(bytes(16), "XBM", hash_of(1), LATER_MS, certificate(4, 5), "Lost", "H"), "RECOVERY-OTHER"),
        (
            Recovery(bytes(16), "XAV", hash_of(1), LATER_MS, certificate(4, 5, "XAV/post-1"), "Lost", "H"),
            "RECOVERY-OTHER",
        ),
        (recovery(1), "KEY-AGAIN"),
        (recovery(4, until_ms=2**48), "RECOVERY-TIME"),
    ):
        with pytest.raises(Refusal) as caught:
            made.check()
        assert caught.value.code == code
    recovery(4).check()


def outcome(directory: Directory, act: str, *given: object) -> str:
    try:
        getattr(directory, act)(*given)
    except Refusal as refusal:
        return refusal.code
    return ""


def test_a_revoked_key_signs_until_its_place_and_a_recovered_one_from_its_place_on() -> None:
    directory = admitted()
    directory.revoke(revocation(), 7, NOW_MS)
    assert directory.certificate("XAV") is None
    assert directory.latest("XAV") == certificate(1, 2)
    assert not directory.is_active("XAV", NOW_MS)
    assert outcome(directory, "check_signs", "XAV/post-1") == "KEY-REVOKED"
    assert outcome(directory, "rotate", certificate(2, 3), 8) == "KEY-REVOKED"
    assert outcome(directory, "revoke", revocation(place=1), 8, NOW_MS) == "KEY-REVOKED"
    directory.begin_recovery(recovery(4), 8, NOW_MS)
    assert directory.verify_key("XAV") is None
    assert outcome(directory, "complete_recovery", "XAV", recovery(4).id, 9, LATER_MS - 1) == "RECOVERY-EARLY"
    directory.complete_recovery("XAV", recovery(4).id, 9, LATER_MS)
    assert directory.verify_key("XAV") == signing(4).public
    found = [one.verify_key for one in directory.signers("XAV")]
    assert found == [signing(1).public, None, signing(4).public]
    assert [one.from_seq for one in directory.signers("XAV")] == [1, 8, 10]


def test_an_order_is_given_to_whom_it_concerns_alone() -> None:
    directory = admitted()
    assert outcome(directory, "revoke", revocation(2), 7, NOW_MS) == "KEY-OTHER"
    other = Revocation(bytes(16), "XBM", hash_of(1), "Stolen", "Four holders")
    assert outcome(directory, "revoke", other, 7, NOW_MS) == "UNKNOWN-NODE"
    assert outcome(directory, "revoke", revocation(), 7, NOW_MS) == ""


ACTS = st.lists(
    st.tuples(
        st.sampled_from(["rotate", "revoke", "begin", "object", "complete", "wait"]),
        st.integers(1, 6),
        st.integers(1, 6),
    ),
    max_size=14,
)


@settings(max_examples=150, deadline=None)
@given(ACTS)
def test_whatever_is_tried_the_keys_follow_as_a_plain_model_says(tried: list[tuple[str, int, int]]) -> None:
    """The model: the present key and the next one, whether it counts, what is under way until when, and what was used."""
    directory = admitted()
    present, following, counts, used, now = 1, 2, True, {1}, NOW_MS
    under_way: tuple[int, int, int, int] | None = None
    for place, (act, number, then) in enumerate(tried, 2):
        if act == "wait":
            now += 25 * HOUR
        elif act == "rotate":
            good = counts and number == following and number not in used
            assert (outcome(directory, "rotate", certificate(number, then), place) == "") is good
            if good:
                present, following, under_way = number, then, None
                used.add(number)
        elif act == "revoke":
            good = counts and number == present
            assert (outcome(directory, "revoke", revocation(number, place), place, now) == "") is good
            counts = counts and not good
        elif act == "begin":
            order = recovery(number, present, now + then * 24 * HOUR if then > 1 else 0, place, then)
            good = number not in used and (then >= 3 or (then == 1 and number == following))
            assert (outcome(directory, "begin_recovery", order, place, now) == "") is good
            if good:
                under_way = (place, number, then, order.until_ms)
        elif act == "object":
            named = under_way[0] if under_way else place
            assert (outcome(directory, "stop_recovery", "XAV", bytes((2, named)) * 8) == "") is bool(
                under_way
            )
            under_way = None
        else:
            named = under_way[0] if under_way else place
            good = under_way is not None and now >= under_way[3]
            done = outcome(directory, "complete_recovery", "XAV", bytes((2, named)) * 8, place, now)
            assert (done == "") is good
            if good and under_way is not None:
                present, following, counts = under_way[1], under_way[2], True
                used.add(present)
                under_way = None
        assert directory.verify_key("XAV") == (signing(present).public if counts else None)
        assert directory.copy().signers("XAV") == directory.signers("XAV")
