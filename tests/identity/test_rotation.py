"""A member's key follows its key: by commitment alone, from a place in the ledger on."""

from functools import cache

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.node.samples import root

from allpoints.ground.clock import DAY
from allpoints.ground.refusal import Refusal
from allpoints.identity.certificate import Certificate, Holder, commitment, issue
from allpoints.identity.directory import Directory
from allpoints.identity.keys import ReceptionKey, SigningKey
from allpoints.identity.rotation import Signer

NOW_MS = 1_800_000_000_000
THIEF = 99


@cache
def signing(number: int) -> SigningKey:
    return SigningKey.from_seeds(bytes((number,)) * 64)


@cache
def certificate(number: int, following: int, name: str = "XAV", term_days: int = 20) -> Certificate:
    """The certificate of a member's key, committed to its key ``following``."""
    role = "bureau" if "/" not in name else "post"
    reception = ReceptionKey.from_seeds(bytes((number,)) * 32).public
    return issue(
        name[:3],
        signing(number),
        Holder(name, role, name[:3], f"Office {name}", signing(number).public, reception),
        not_before_ms=NOW_MS,
        not_after_ms=NOW_MS + term_days * DAY,
        next_key=commitment(signing(following).public) if role == "bureau" else b"",
    )


def admitted() -> Directory:
    made = Directory(root())
    made.add(certificate(1, 2), NOW_MS)
    return made


def code(directory: Directory, offered: Certificate, seq: int = 7) -> str:
    with pytest.raises(Refusal) as caught:
        directory.rotate(offered, seq)
    return caught.value.code


def test_the_next_key_follows_and_signs_from_its_place_on() -> None:
    directory = admitted()
    directory.rotate(certificate(2, 3), 7)
    directory.rotate(certificate(3, 4), 9)
    assert directory.verify_key("XAV") == signing(3).public
    assert directory.signers("XAV") == (
        Signer(1, signing(1).public),
        Signer(8, signing(2).public),
        Signer(10, signing(3).public),
    )
    assert [one.code for one in directory.members()] == ["XAV"]
    assert directory.is_active("XAV", NOW_MS + DAY)
    assert directory.signers("XQQ") == ()


def test_a_thief_of_the_present_key_cannot_rotate_and_the_owner_still_can() -> None:
    directory = admitted()
    assert code(directory, certificate(THIEF, 3)) == "KEY-NOT-COMMITTED"
    assert directory.verify_key("XAV") == signing(1).public
    directory.rotate(certificate(2, 3), 7)
    assert directory.verify_key("XAV") == signing(2).public


def test_a_thief_of_the_present_key_cannot_commit_it_to_a_key_of_his_own() -> None:
    """A renewal would let him rotate afterwards; one that keeps the commitment is a renewal."""
    directory = admitted()
    with pytest.raises(Refusal) as caught:
        directory.add(certificate(1, THIEF), NOW_MS)
    assert caught.value.code == "NEXT-CHANGED"
    renewed = certificate(1, 2, term_days=90)
    directory.add(renewed, NOW_MS)
    assert directory.certificate("XAV") == renewed
    assert code(directory, certificate(THIEF, 3)) == "KEY-NOT-COMMITTED"


def test_a_key_that_was_used_before_never_returns() -> None:
    directory = admitted()
    assert code(directory, certificate(1, 2)) == "KEY-AGAIN"
    directory.rotate(certificate(2, 1), 7)
    assert code(directory, certificate(1, 2)) == "KEY-AGAIN"
    directory = admitted()
    directory.rotate(certificate(2, 3), 7)
    assert code(directory, certificate(2, 3)) == "KEY-AGAIN"


def test_nobody_rotates_who_is_unknown_or_committed_to_nothing() -> None:
    assert code(admitted(), certificate(2, 3, "XBM")) == "UNKNOWN-NODE"
    directory = Directory(root())
    held = certificate(1, 2)
    bare = issue("XAV", signing(1), held.holder, not_before_ms=NOW_MS, not_after_ms=NOW_MS + DAY)
    directory.add(bare, NOW_MS)
    assert code(directory, certificate(2, 3)) == "KEY-NOT-COMMITTED"


@pytest.mark.parametrize("size", [1, 31, 33])
def test_a_commitment_of_another_length_or_at_a_post_is_refused(size: int) -> None:
    holder = certificate(1, 2).holder
    for who, committed in ((holder, bytes(size)), (certificate(1, 2, "XAV/post-1").holder, bytes(32))):
        with pytest.raises(Refusal) as caught:
            issue("XAV", signing(1), who, not_before_ms=NOW_MS, not_after_ms=NOW_MS + DAY, next_key=committed)
        assert caught.value.code == "BAD-COMMITMENT"


@settings(max_examples=80, deadline=None)
@given(st.lists(st.tuples(st.integers(1, 6), st.integers(1, 6)), max_size=10))
def test_whatever_rotations_are_tried_only_the_committed_chain_is_walked(
    tried: list[tuple[int, int]],
) -> None:
    """The model: the present key, the one committed to, and those used; a copy replays to the same."""
    directory, used, following = admitted(), [1], 2
    accepted = [(1, 1)]
    for seq, (number, then) in enumerate(tried, 2):
        good = number == following and number not in used
        before = directory.copy()
        if good:
            directory.rotate(certificate(number, then), seq)
            used.append(number)
            accepted.append((seq + 1, number))
            following = then
        else:
            assert code(directory, certificate(number, then), seq) in {"KEY-AGAIN", "KEY-NOT-COMMITTED"}
            assert directory.signers("XAV") == before.signers("XAV")
        assert before.signers("XAV") == directory.signers("XAV")[: len(before.signers("XAV"))]
    assert directory.signers("XAV") == tuple(Signer(seq, signing(number).public) for seq, number in accepted)
    assert directory.verify_key("XAV") == signing(used[-1]).public
