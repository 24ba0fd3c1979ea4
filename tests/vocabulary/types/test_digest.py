"""Digests: the examples of FIPS 180-4 and RFC 1321, however a tool prints them."""

import hashlib

import pytest

from allpoints.ground.refusal import Refusal
from allpoints.vocabulary.types.digest import Digest, Md5, Sha1, Sha256

OF_EACH = pytest.mark.parametrize("kind", [Sha256(), Sha1(), Md5()], ids=lambda kind: kind.name)


@OF_EACH
def test_the_standards_example_is_the_digest_of_abc(kind: Digest) -> None:
    assert kind.examples == (hashlib.new(kind.name, b"abc", usedforsecurity=False).hexdigest(),)


@OF_EACH
def test_prefixes_blanks_colons_and_capitals_do_not_matter(kind: Digest) -> None:
    digits = kind.example
    paired = ":".join(digits[at : at + 2] for at in range(0, len(digits), 2))
    blanks = " ".join(digits[at : at + 8] for at in range(0, len(digits), 8))
    for said in (digits.upper(), paired, blanks, f"{kind.name}:{digits}", f"{kind.written} = {digits}"):
        assert kind.clean(said, "x") == digits


@OF_EACH
@pytest.mark.parametrize(
    "change", [lambda text: text[1:], lambda text: text + "0", lambda text: "g" + text[1:]]
)
def test_other_lengths_and_letters_are_refused(kind: Digest, change: object) -> None:
    assert callable(change)
    with pytest.raises(Refusal) as caught:
        kind.clean(change(kind.example), "hash")
    assert (caught.value.code, caught.value.path) == ("DIGEST-FORM", "hash")
    assert kind.clean(kind.example, "hash") == kind.example


def test_outworn_digests_come_with_advice() -> None:
    assert Sha256().advice(Sha256().example) == ()
    assert "SHA-256" in Md5().advice(Md5().example)[0]
    assert "SHA-256" in Sha1().advice(Sha1().example)[0]
