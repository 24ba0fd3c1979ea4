"""Wallet addresses as a field."""

import pytest

from allpoints.ground.refusal import Refusal
from allpoints.vocabulary.types.wallet import Wallet
from allpoints.vocabulary.wallets import base58

WALLET = Wallet()
SEGWIT, ETHER = WALLET.examples
OLD = base58.encoded(bytes(21))


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        (SEGWIT.upper(), SEGWIT),
        (f"bitcoin:{SEGWIT}?amount=20.3&label=Luke", SEGWIT),
        (f"BITCOIN:{SEGWIT.upper()}", SEGWIT),
        (ETHER.lower(), ETHER),
        ("0x" + ETHER[2:].upper(), ETHER),
        (f"ethereum:{ETHER}", ETHER),
        (OLD, OLD),
    ],
)
def test_an_address_has_one_spelling(said: str, kept: str) -> None:
    assert WALLET.clean(said, "x") == kept


@pytest.mark.parametrize(
    "said", [SEGWIT[:-1] + "q", ETHER.swapcase().replace("0X", "0x"), OLD.lower(), "wallet", OLD[1:]]
)
def test_a_mistyped_address_is_refused(said: str) -> None:
    with pytest.raises(Refusal) as caught:
        WALLET.clean(said, "wallet")
    assert (caught.value.code, caught.value.path) == ("WALLET-FORM", "wallet")
    assert WALLET.clean(SEGWIT, "wallet") == SEGWIT


def test_the_address_tells_its_network() -> None:
    assert WALLET.facts(SEGWIT) == (("Network", "Bitcoin"),)
    assert WALLET.advice(SEGWIT) == ()
    unknown = WALLET.clean(base58.encoded(bytes([99]) + bytes(20)), "x")
    assert WALLET.facts(unknown) == (("Network", "not known"),)
    assert "network" in WALLET.advice(unknown)[0]


def test_case_parts_addresses_only_where_it_means_something() -> None:
    assert WALLET.normal(ETHER) == ETHER.lower()
    assert WALLET.normal(OLD) == OLD


@pytest.mark.parametrize(
    ("said", "pattern"),
    [
        ("BC1QW508…8F3T4", "bc1qw508*8f3t4"),
        ("0x5aAeb6...BeAed", "0x5aaeb6*beaed"),
        ("1Boat?AB*", "1Boat?AB*"),
    ],
)
def test_a_partial_address_is_understood(said: str, pattern: str) -> None:
    assert WALLET.pattern(said, "x") == pattern


@pytest.mark.parametrize("said", ["*", "bc1q*", "bc1qw508 8f3t4", "%%%%%%%", ""])
def test_a_pattern_that_finds_everything_is_refused(said: str) -> None:
    with pytest.raises(Refusal) as caught:
        WALLET.pattern(said, "x")
    assert caught.value.code == "WALLET-PATTERN"
