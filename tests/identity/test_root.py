"""Roots: how many holders it takes, how one follows another, and everything that is refused beside the true one."""

import json
from collections.abc import Callable
from functools import partial
from itertools import combinations
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from allpoints.ground.refusal import Refusal
from allpoints.identity import row
from allpoints.identity.approval import ADMISSION, check_approvals
from allpoints.identity.certificate import Certificate
from allpoints.identity.holder_key import HolderKey
from allpoints.identity.keys import VerifyKey
from allpoints.identity.keystore import Keys
from allpoints.identity.root import HOLDERS_LIMIT, Root, RootHolder, assembled, key_hash

STEP_BYTES = 23
"""A step that shares no factor with the sizes, so that every field is met."""
NETWORK = "Allpoints training network"
Holders = tuple[HolderKey, ...]
KeysOf = Callable[[str], Keys]
Make = Callable[..., Root]


@pytest.fixture(scope="module")
def make(keys_of: KeysOf) -> Make:
    def root(
        holders: Holders, threshold: int = 2, version: int = 1, network: str = NETWORK, names: str = "ABCDE"
    ) -> Root:
        services = (keys_of("XSC").signing.public, keys_of("XSC/relay").signing.public)
        listed = [RootHolder(f"Holder {name}", key.public) for name, key in zip(names, holders, strict=False)]
        return Root.draft(network, version, threshold, listed, services)

    return root


def signed(root: Root, *keys: HolderKey) -> Root:
    for key in keys:
        root = root.signed(key)
    return root


def code(act: Callable[[], object]) -> str:
    try:
        act()
    except Refusal as refusal:
        return refusal.code
    return "taken"


def test_as_many_holders_as_the_threshold_says_make_a_root_and_one_less_does_not(
    make: Make, holders: Holders
) -> None:
    draft = make(holders, threshold=3)
    for count, expected in ((0, "ROOT-THRESHOLD"), (2, "ROOT-THRESHOLD"), (3, "taken"), (5, "taken")):
        for chosen in list(combinations(holders, count))[:3]:
            assert code(partial(signed(draft, *chosen).check_first, NETWORK)) == expected


def test_a_holder_who_signs_twice_counts_once(make: Make, holders: Holders) -> None:
    twice = signed(make(holders), holders[0], holders[0])
    assert len(twice.signatures) == 1
    assert code(lambda: twice.check_first(NETWORK)) == "ROOT-THRESHOLD"
    held = twice.signatures[0]
    doubled = row.encode(twice.body, row.encode(row.encode(*held), row.encode(*held)))
    assert code(lambda: Root.from_bytes(doubled)) == "ROOT-MALFORMED"
    assert code(lambda: twice.signed(holders[1]).check_first(NETWORK)) == "taken"


def test_signatures_given_apart_are_put_together(make: Make, holders: Holders) -> None:
    draft = make(holders)
    whole = assembled([draft.signed(holders[0]), draft.signed(holders[3]), draft])
    whole.check_first(NETWORK)
    assert Root.from_bytes(whole.to_bytes()) == whole
    assert whole.fingerprint() == draft.fingerprint()
    assert code(lambda: whole.joined(make(holders, threshold=1))) == "ROOT-OTHER"


def test_a_root_is_changed_by_the_holders_before_and_the_holders_now(make: Make, holders: Holders) -> None:
    a, b, c, d, e = holders
    first = signed(make((a, b, c)), a, b)
    second = make((c, d, e), version=2, names="CDE")
    for signers, expected in (
        ((a, b, d, e), "taken"),
        ((a, c, d), "taken"),
        ((d, e), "ROOT-THRESHOLD"),
        ((c, d, e), "ROOT-THRESHOLD"),
        ((a, b), "ROOT-THRESHOLD"),
        ((a, b, c, d), "taken"),
    ):
        assert code(partial(signed(second, *signers).check_next, first)) == expected, signers


def test_a_root_follows_the_one_before_it_and_no_other(make: Make, holders: Holders) -> None:
    all_of = holders[:3]
    first = signed(make(all_of), *all_of)
    for changed, expected in (
        ({"version": 2}, "taken"),
        ({"version": 3}, "ROOT-NOT-NEXT"),
        ({"version": 1}, "ROOT-NOT-NEXT"),
        ({"version": 2, "network": "Another network"}, "ROOT-NOT-NEXT"),
    ):
        after = signed(make(all_of, **changed), *all_of)
        assert code(partial(after.check_next, first)) == expected
    later = signed(make(all_of, version=2), *all_of)
    assert code(lambda: later.check_first(NETWORK)) == "ROOT-NOT-FIRST"
    assert code(lambda: first.check_first("Another network")) == "ROOT-NOT-FIRST"
    assert code(lambda: first.check_first(NETWORK)) == "taken"


def test_a_signature_of_somebody_else_makes_a_root_unbelievable(make: Make, holders: Holders) -> None:
    root = signed(make(holders[:3]), holders[0], holders[1])
    assert code(lambda: root.check_first(NETWORK)) == "taken"
    assert code(lambda: root.signed(holders[4]).check_first(NETWORK)) == "ROOT-SIGNER"


def test_no_flipped_bit_no_cut_and_no_addition_is_taken(make: Make, holders: Holders) -> None:
    data = signed(make(holders[:3]), *holders[:3]).to_bytes()

    def read(changed: bytes) -> str:
        return code(lambda: Root.from_bytes(changed).check_first(NETWORK))

    assert read(data) == "taken"
    taken = []
    for place in range(0, len(data), STEP_BYTES):
        altered = bytearray(data)
        altered[place] ^= 1 << place % 8
        if read(bytes(altered)) == "taken":
            taken.append(place)
    assert taken == []
    assert {read(data[:-1]), read(data + b"\0")} == {"ROOT-UNREADABLE"}


@pytest.mark.parametrize("threshold", [0, 4])
def test_a_threshold_that_cannot_be_is_refused(make: Make, holders: Holders, threshold: int) -> None:
    assert code(lambda: make(holders[:3], threshold=threshold)) == "ROOT-MALFORMED"


def test_holders_stand_once_under_one_name_and_are_not_too_many(make: Make, holders: Holders) -> None:
    one = holders[0]
    assert code(lambda: make((one, one))) == "ROOT-MALFORMED"
    assert code(lambda: make(holders[:2], names="AA")) == "ROOT-MALFORMED"
    assert code(lambda: make((one,) * (HOLDERS_LIMIT + 1), names="ABCDEFGHIJKL")) == "ROOT-MALFORMED"
    assert code(lambda: make(holders[:2])) == "taken"


def test_a_root_names_the_keys_of_secretariat_and_relay(
    make: Make, holders: Holders, certified: Callable[[str, str], Certificate], keys_of: KeysOf
) -> None:
    root, key = make(holders), keys_of("XSC").signing.public
    for name, role, expected in (
        ("XSC", "secretariat", "taken"),
        ("XSC/relay", "relay", "taken"),
        ("XCS", "secretariat", "NOT-IN-ROOT"),
        ("XCS/relay", "relay", "NOT-IN-ROOT"),
        ("XSC", "bureau", "NOT-IN-ROOT"),
    ):
        offered = certified(name, role)
        assert code(partial(root.check_service, offered, key)) == expected
    other = keys_of("XCS").signing.public
    assert code(lambda: root.check_service(certified("XSC/relay", "relay"), other)) == "BAD-SIGNATURE"


@settings(max_examples=150, deadline=None)
@given(data=st.binary(max_size=200))
def test_arbitrary_bytes_are_a_refusal(data: bytes) -> None:
    with pytest.raises(Refusal):
        Root.from_bytes(data)


@settings(max_examples=150, deadline=None)
@given(
    version=st.integers(0, 2**40),
    threshold=st.integers(0, 2**40),
    lists=st.tuples(st.binary(max_size=40), st.binary(max_size=40)),
    hashes=st.tuples(st.binary(min_size=31, max_size=33), st.binary(min_size=31, max_size=33)),
)
def test_a_row_of_the_right_kinds_without_holders_is_refused(
    version: int, threshold: int, lists: tuple[bytes, bytes], hashes: tuple[bytes, bytes]
) -> None:
    body = row.encode("allpoints/root/1", NETWORK, version, threshold, lists[0], *hashes)
    data = row.encode(body, lists[1])
    assert code(lambda: Root.from_bytes(data)) in {"ROOT-UNREADABLE", "ROOT-MALFORMED", "BAD-KEY"}


def test_the_published_roots_and_approvals_read_as_they_say() -> None:
    said = json.loads((Path(__file__).parents[1] / "vectors/root/root.json").read_bytes())
    first, second = (Root.from_bytes(bytes.fromhex(said[name])) for name in ("first", "second"))
    first.check_first(said["network"])
    second.check_next(first)
    assert (first.hash.hex(), first.fingerprint()) == (said["first_hash"], said["first_fingerprint"])
    assert sorted(one.hex() for one in second.signers(first)) == sorted(said["second_signers"])
    for holder in said["holders"]:
        key = HolderKey(bytes.fromhex(holder["seeds"])).public
        assert (key.id.hex(), key.to_bytes().hex()) == (holder["id"], holder["key"])
    services = [VerifyKey(bytes.fromhex(said[name])) for name in ("secretariat_key", "relay_key")]
    assert [first.secretariat, first.relay] == [key_hash(key) for key in services]
    approvals, subject = [bytes.fromhex(one) for one in said["approvals"]], bytes.fromhex(said["subject"])
    check_approvals(first, approvals, ADMISSION, subject, said["expires_ms"] - 1)
    assert code(lambda: check_approvals(second, approvals, ADMISSION, subject, 0)) == "APPROVAL-HOLDER"
