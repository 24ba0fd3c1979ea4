"""Addresses: one spelling and a network each, with the examples of BIP-13, BIP-173, BIP-350 and EIP-55."""

import pytest

from allpoints.vocabulary.wallets import NETWORKS, address, base58


@pytest.mark.parametrize(
    ("text", "network"),
    [
        ("1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa", "Bitcoin"),
        (base58.encoded(b"\x05" + bytes(20)), "Bitcoin"),
        (base58.encoded(b"\xc4" + bytes(20)), "Bitcoin test network"),
        (base58.encoded(b"\x30" + bytes(20)), "Litecoin"),
        (base58.encoded(b"\x1e" + bytes(20)), "Dogecoin"),
        (base58.encoded(b"\x4c" + bytes(20)), "Dash"),
        (base58.encoded(b"\x41" + bytes(20)), "Tron"),
        (base58.encoded(b"\x63" + bytes(20)), ""),
        ("bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4", "Bitcoin"),
        ("tb1qrp33g0q5c5txsp9arysrx4k6zdkfs4nce4xj0gdcccefvpysxf3q0sl5k7", "Bitcoin test network"),
        ("0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed", "Ethereum and networks like it"),
    ],
)
def test_an_address_tells_its_network(text: str, network: str) -> None:
    found = address(text)
    assert found == (text, network)
    assert not network or network in NETWORKS


@pytest.mark.parametrize(
    ("version", "first"), [(5, "3"), (196, "2"), (0, "1"), (65, "T"), (48, "L"), (30, "D")]
)
def test_versions_give_the_first_letter_they_are_known_by(version: int, first: str) -> None:
    assert base58.encoded(bytes([version]) + bytes(20))[0] == first
    assert base58.encoded(bytes([version]) + b"\xff" * 20)[0] == first


@pytest.mark.vectors
@pytest.mark.parametrize(
    "text",
    [
        "0x52908400098527886E0F7030069857D2E4169EE7",
        "0x8617E340B3D01FA5F11F306F4090FD50E238070D",
        "0xde709f2102306220921060314715629080e2fb77",
        "0x27b1fdb04752bbc536007a920d24acb045561c26",
        "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed",
        "0xfB6916095ca1df60bB79Ce92cE3Ea74c37c5d359",
        "0xdbF03B407c01E7cD3CBea99509d93f8DDDC8C6FB",
        "0xD1220A0cf47c7B9Be7A2E6BA89F429762e7b9aDb",
    ],
)
def test_the_examples_of_eip_55(text: str) -> None:
    for said in (text, text.lower(), "0x" + text[2:].upper()):
        found = address(said)
        assert found is not None
        assert found.text == text


@pytest.mark.parametrize(
    "text",
    [
        "",
        "1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNb",
        "tc1p0xlxvlhemja6c4dqv22uapctqupfhlxm9h8z3k2e72q4k9hcz7vq5zuyut",
        "bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t5",
        "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAeD",
        "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAe",
        "5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed",
        base58.encoded(bytes(22)),
    ],
)
def test_what_cannot_be_verified_is_none(text: str) -> None:
    assert address(text) is None
