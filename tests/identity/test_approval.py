"""Approvals: as many as the root demands, of different holders, for exactly these bytes, while they last."""

from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from allpoints.ground.refusal import Refusal
from allpoints.identity.approval import ADMISSION, Approval, approve, check_approvals
from allpoints.identity.holder_key import HolderKey
from allpoints.identity.keystore import Keys
from allpoints.identity.root import HOLDERS_LIMIT, Root, RootHolder

NOW = 1_800_000_000_000
SUBJECT = b"a certificate"
Holders = tuple[HolderKey, ...]


@pytest.fixture(scope="module")
def services(keys_of: Callable[[str], Keys]) -> tuple[Keys, Keys]:
    return keys_of("XSC"), keys_of("XSC/relay")


@pytest.fixture(scope="module")
def root(holders: Holders, services: tuple[Keys, Keys]) -> Root:
    listed = [RootHolder(f"Holder {place}", key.public) for place, key in enumerate(holders[:3])]
    return Root.draft(
        "test.allpoints", 1, 2, listed, (services[0].signing.public, services[1].signing.public)
    )


def given_by(
    root: Root, *keys: HolderKey, subject: bytes = SUBJECT, expires_ms: int = NOW + 1
) -> list[bytes]:
    return [approve(root, key, ADMISSION, subject, expires_ms).to_bytes() for key in keys]


def code(root: Root, approvals: list[bytes], subject: bytes = SUBJECT, at_ms: int = NOW) -> str:
    try:
        check_approvals(root, approvals, ADMISSION, subject, at_ms)
    except Refusal as refusal:
        return refusal.code
    return "taken"


def test_one_holder_less_than_the_threshold_does_not_suffice_and_the_threshold_does(
    root: Root, holders: Holders
) -> None:
    a, b, c = holders[:3]
    for signers, expected in (
        ((), "APPROVALS-MISSING"),
        ((a,), "APPROVALS-MISSING"),
        ((a, b), "taken"),
        ((c, a), "taken"),
        ((a, b, c), "taken"),
    ):
        assert code(root, given_by(root, *signers)) == expected


def test_the_same_holder_twice_counts_once(root: Root, holders: Holders) -> None:
    a, b, _ = holders[:3]
    assert code(root, given_by(root, a, a)) == "APPROVALS-MISSING"
    again = given_by(root, a) + given_by(root, a, expires_ms=NOW + 2)
    assert code(root, again) == "APPROVALS-MISSING"
    assert code(root, again + given_by(root, b)) == "taken"


def test_an_approval_is_for_these_bytes_under_this_root_while_it_lasts(
    root: Root, holders: Holders, services: tuple[Keys, Keys]
) -> None:
    a, b, _ = holders[:3]
    good = given_by(root, a, b)
    assert code(root, good) == "taken"
    assert code(root, good, subject=b"another certificate") == "APPROVAL-OTHER"
    assert code(root, good, at_ms=NOW + 1) == "APPROVAL-EXPIRED"
    keys = (services[0].signing.public, services[1].signing.public)
    for network, version, threshold in (
        ("test.allpoints", 2, 2),
        ("other.allpoints", 1, 2),
        ("test.allpoints", 1, 1),
    ):
        other = Root.draft(network, version, threshold, root.holders, keys)
        assert code(other, good) == "APPROVAL-HOLDER"
        assert code(root, given_by(other, a, b)) == "APPROVAL-HOLDER"


def test_a_key_that_is_no_holders_approves_nothing(root: Root, holders: Holders) -> None:
    with pytest.raises(Refusal) as caught:
        approve(root, holders[4], ADMISSION, SUBJECT, NOW)
    assert caught.value.code == "APPROVAL-HOLDER"


def test_too_many_approvals_are_not_even_read(root: Root, holders: Holders) -> None:
    good = given_by(root, holders[0], holders[1])
    assert code(root, good + [good[0]] * (HOLDERS_LIMIT - 2)) == "taken"
    assert code(root, good + [good[0]] * (HOLDERS_LIMIT - 1)) == "APPROVALS-TOO-MANY"


def test_no_flipped_bit_no_cut_and_no_addition_is_taken(root: Root, holders: Holders) -> None:
    first, second = given_by(root, holders[0], holders[1])
    assert code(root, [first, second]) == "taken"
    taken = []
    for place in range(0, len(first), 5):
        altered = bytearray(first)
        altered[place] ^= 1 << place % 8
        if code(root, [bytes(altered), second]) == "taken":
            taken.append(place)
    assert taken == []
    assert code(root, [first[:-1], second]) == code(root, [first + b"\0", second]) == "APPROVAL-UNREADABLE"


@settings(max_examples=150, deadline=None)
@given(data=st.binary(max_size=200))
def test_arbitrary_bytes_are_a_refusal(data: bytes) -> None:
    with pytest.raises(Refusal):
        Approval.from_bytes(data)
