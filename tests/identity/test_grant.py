"""Grants: what one says, and everything that is refused beside the true one."""

import hashlib
import json
from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from allpoints.ground.refusal import Refusal
from allpoints.identity import row
from allpoints.identity.grant import TERM_LIMIT_MS, Grant, check_signature, check_use, issue
from allpoints.identity.keys import SigningKey, VerifyKey
from allpoints.identity.keystore import Keys
from allpoints.identity.officers import BORDER, DESK, Asker

VECTORS = Path(__file__).parents[1] / "vectors"
NOW = 1_800_000_000_000
ANNA = Asker(
    "anna", frozenset({DESK, BORDER}), certified=frozenset({"ballistics"}), binding=b"hash of a session" * 2
)
PURPOSES = ("wanted-person", "border-control")


@pytest.fixture
def key(keys_of: Callable[[str], Keys]) -> SigningKey:
    return keys_of("XAV").signing


def code(data: bytes, key: SigningKey) -> str:
    try:
        check_signature(Grant.from_bytes(data), "XAV", key.public)
    except Refusal as refusal:
        return refusal.code
    return "taken"


def test_a_grant_says_who_may_do_what_until_when(key: SigningKey) -> None:
    grant = issue("XAV", key, ANNA, PURPOSES, NOW)
    assert (grant.node, grant.officer, grant.roles) == ("XAV", "anna", ("border", "desk"))
    assert (grant.registers, grant.purposes) == (("ballistics",), ("border-control", "wanted-person"))
    assert (grant.issued_ms, grant.ends_ms) == (NOW, NOW + TERM_LIMIT_MS)
    assert ANNA.binding not in grant.to_bytes()
    assert Grant.from_bytes(grant.to_bytes()) == grant
    check_signature(grant, "XAV", key.public)
    assert issue("XAV", key, ANNA, PURPOSES, NOW).serial != grant.serial


def test_no_flipped_bit_no_cut_and_no_addition_is_taken(key: SigningKey) -> None:
    data = issue("XAV", key, ANNA, PURPOSES, NOW).to_bytes()
    assert code(data, key) == "taken"
    taken = []
    for place in range(len(data)):
        for bit in (0x01, 0x10, 0x80):
            altered = bytearray(data)
            altered[place] ^= bit
            if code(bytes(altered), key) == "taken":
                taken.append((place, bit))
    assert taken == []
    for altered_ in (data[:-1], data + b"\x00", b"", data[:100]):
        assert code(altered_, key) != "taken"


def test_a_grant_of_another_node_or_another_key_is_refused(
    key: SigningKey, keys_of: Callable[[str], Keys]
) -> None:
    other = keys_of("XBM").signing
    for grant in (issue("XBM", key, ANNA, PURPOSES, NOW), issue("XAV", other, ANNA, PURPOSES, NOW)):
        assert code(grant.to_bytes(), key) in {"GRANT-OTHER", "BAD-SIGNATURE"}


def test_a_grant_is_good_for_its_time_and_purposes(key: SigningKey) -> None:
    grant = issue("XAV", key, ANNA, PURPOSES, NOW)
    check_use(grant, "border-control", NOW)
    check_use(grant, "", NOW + TERM_LIMIT_MS - 1)
    for purpose, at_ms, expected in (
        ("border-control", NOW - 1, "GRANT-ENDED"),
        ("border-control", NOW + TERM_LIMIT_MS, "GRANT-ENDED"),
        ("curiosity", NOW, "GRANT-PURPOSE"),
    ):
        with pytest.raises(Refusal) as refused:
            check_use(grant, purpose, at_ms)
        assert refused.value.code == expected


@pytest.mark.parametrize(
    ("place", "value"),
    [
        (0, "allpoints/grant/2"),
        (1, b"short"),
        (3, ""),
        (3, "x" * 65),
        (4, ""),
        (4, "king"),
        (4, "desk border"),
        (4, "desk desk"),
        (4, "border  desk"),
        (6, " border-control"),
        (7, bytes(15)),
        (9, NOW + TERM_LIMIT_MS + 1),
        (9, NOW),
    ],
)
def test_what_is_well_signed_and_still_no_grant_is_refused(
    key: SigningKey, place: int, value: str | bytes | int
) -> None:
    kinds = (str, bytes, str, str, str, str, str, bytes, int, int)
    body = issue("XAV", key, ANNA, PURPOSES, NOW).body
    fields = row.decode(body, kinds, what="grant", limit=8_192)
    same = row.encode(*fields)
    assert code(row.encode(same, key.sign(b"allpoints/grant/1", same).to_bytes()), key) == "taken"
    fields[place] = value
    changed = row.encode(*fields)
    signed = row.encode(changed, key.sign(b"allpoints/grant/1", changed).to_bytes())
    assert code(signed, key) in {"BAD-GRANT", "GRANT-UNREADABLE"}


@given(st.binary(max_size=300))
def test_bytes_of_any_kind_are_refused(data: bytes) -> None:
    with pytest.raises(Refusal):
        Grant.from_bytes(data)


def test_a_grant_longer_than_any_is_not_read(key: SigningKey) -> None:
    many = msgspec.structs.replace(ANNA, certified=frozenset(f"register-{n}" for n in range(2_000)))
    with pytest.raises(Refusal):
        issue("XAV", key, many, PURPOSES, NOW)


@pytest.mark.vectors
def test_the_published_grants_are_read_and_verified_and_their_bodies_made_again() -> None:
    published = json.loads((VECTORS / "grant" / "grants.json").read_text(encoding="utf-8"))
    key = SigningKey.from_seeds(bytes.fromhex(published["seeds"]))
    assert key.public.to_bytes().hex() == published["verify_key"]
    for case in published["grants"]:
        grant = Grant.from_bytes(bytes.fromhex(case["grant"]))
        check_signature(grant, case["node"], VerifyKey.from_bytes(bytes.fromhex(published["verify_key"])))
        assert grant.body.hex() == case["body"]
        assert [list(grant.roles), list(grant.registers), list(grant.purposes)] == [
            case["roles"],
            case["registers"],
            case["purposes"],
        ]
        half = hashlib.sha256(bytes.fromhex(case["session_hash"])).digest()[:16]
        assert grant.binding == half == bytes.fromhex(case["binding"])
        fields = (
            "allpoints/grant/1",
            bytes.fromhex(case["serial"]),
            case["node"],
            case["officer"],
            " ".join(case["roles"]),
            " ".join(case["registers"]),
            " ".join(case["purposes"]),
            half,
            case["issued_ms"],
            case["ends_ms"],
        )
        assert row.encode(*fields) == grant.body
