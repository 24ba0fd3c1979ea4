from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from allpoints.ground.clock import DAY
from allpoints.ground.refusal import Refusal
from allpoints.identity import row
from allpoints.identity.certificate import (
    POST_TERM_LIMIT_MS,
    TERM_LIMIT_MS,
    Certificate,
    Holder,
    check,
    check_signature,
    issue,
)
from allpoints.identity.keystore import Keys

Certified = Callable[[str, str], Certificate]
KeysOf = Callable[[str], Keys]
HolderOf = Callable[[str, str], Holder]
ALL = [("XSC", "secretariat"), ("XSC/relay", "relay"), ("XAV", "bureau"), ("XAV/post-1", "post")]


@pytest.mark.parametrize(("name", "role"), ALL)
def test_a_certificate_reads_back_as_the_same_bytes(
    certified: Certified, keys_of: KeysOf, now_ms: int, name: str, role: str
) -> None:
    certificate = certified(name, role)
    again = Certificate.from_bytes(certificate.to_bytes())
    assert again == certificate
    assert again.to_bytes() == certificate.to_bytes()
    assert again.hash == certificate.hash
    assert again.self_signed == (role in {"secretariat", "bureau"})
    check(again, keys_of(name[:3]).signing.public, now_ms)


def test_another_key_than_the_issuers_is_refused(certified: Certified, keys_of: KeysOf, now_ms: int) -> None:
    for name, role in ALL:
        with pytest.raises(Refusal) as refused:
            check(certified(name, role), keys_of("XCS").signing.public, now_ms)
        assert refused.value.code == "BAD-SIGNATURE"


def test_a_self_signed_certificate_must_name_the_key_that_signed_it(
    keys_of: KeysOf, holder_of: HolderOf, now_ms: int
) -> None:
    with pytest.raises(Refusal) as refused:
        issue(
            "XAV",
            keys_of("XCS").signing,
            holder_of("XAV", "bureau"),
            not_before_ms=now_ms,
            not_after_ms=now_ms + DAY,
        )
    assert (refused.value.code, refused.value.path) == ("BAD-SIGNATURE", "verify_key")


def test_a_certificate_counts_from_its_first_to_before_its_last_moment(
    certified: Certified, keys_of: KeysOf
) -> None:
    certificate = certified("XAV", "bureau")
    key = keys_of("XAV").signing.public
    check(certificate, key, certificate.not_before_ms)
    check(certificate, key, certificate.not_after_ms - 1)
    for at_ms, code in [
        (certificate.not_before_ms - 1, "CERTIFICATE-EARLY"),
        (certificate.not_after_ms, "CERTIFICATE-EXPIRED"),
    ]:
        with pytest.raises(Refusal) as refused:
            check(certificate, key, at_ms)
        assert refused.value.code == code


@pytest.mark.parametrize(
    ("name", "role", "term_ms", "accepted"),
    [
        ("XAV", "bureau", TERM_LIMIT_MS, True),
        ("XAV", "bureau", TERM_LIMIT_MS + 1, False),
        ("XAV", "bureau", 0, False),
        ("XAV/post-1", "post", POST_TERM_LIMIT_MS, True),
        ("XAV/post-1", "post", POST_TERM_LIMIT_MS + 1, False),
    ],
)
def test_terms_are_limited_and_a_posts_more_than_others(
    keys_of: KeysOf, holder_of: HolderOf, now_ms: int, name: str, role: str, term_ms: int, accepted: bool
) -> None:
    def make() -> Certificate:
        return issue(
            "XAV",
            keys_of("XAV").signing,
            holder_of(name, role),
            not_before_ms=now_ms,
            not_after_ms=now_ms + term_ms,
        )

    if accepted:
        make()
        return
    with pytest.raises(Refusal) as refused:
        make()
    assert refused.value.code == "BAD-TERM"


@pytest.mark.parametrize(
    ("issuer", "name", "role"),
    [
        ("XSC", "XAV", "bureau"),
        ("XSC", "XAV/post-1", "post"),
        ("XAV/post-1", "XAV/post-1", "post"),
        ("XAV", "XSC", "secretariat"),
    ],
)
def test_nobody_certifies_for_another(
    keys_of: KeysOf, holder_of: HolderOf, now_ms: int, issuer: str, name: str, role: str
) -> None:
    with pytest.raises(Refusal) as refused:
        issue(
            issuer,
            keys_of(issuer).signing,
            holder_of(name, role),
            not_before_ms=now_ms,
            not_after_ms=now_ms + DAY,
        )
    assert refused.value.code == "BAD-ISSUER"


def test_other_versions_and_serials_are_refused(certified: Certified, keys_of: KeysOf) -> None:
    certificate = certified("XAV", "bureau")
    kinds = (str, bytes, str, str, str, str, bytes, bytes, str, int, int, bytes)
    fields = row.decode(certificate.body, kinds, what="certificate", limit=10_000)
    for index, value, code in [
        (0, "allpoints/certificate/1", "CERTIFICATE-UNREADABLE"),
        (1, b"short", "BAD-SERIAL"),
        (5, "two\nlines", "BAD-LABEL"),
        (6, b"short", "BAD-KEY"),
        (7, b"short", "BAD-KEY"),
    ]:
        changed = [*fields[:index], value, *fields[index + 1 :]]
        with pytest.raises(Refusal) as refused:
            Certificate.from_bytes(row.encode(row.encode(*changed), certificate.signature))
        assert refused.value.code == code
    assert Certificate.from_bytes(row.encode(row.encode(*fields), certificate.signature)) == certificate


def test_no_flipped_byte_passes(certified: Certified, keys_of: KeysOf) -> None:
    certificate = certified("XAV/post-1", "post")
    data = certificate.to_bytes()
    key = keys_of("XAV").signing.public
    check_signature(Certificate.from_bytes(data), key)
    accepted = []
    for place in range(0, len(data), 3):
        changed = data[:place] + bytes((data[place] ^ (1 << (place % 8)),)) + data[place + 1 :]
        try:
            check_signature(Certificate.from_bytes(changed), key)
        except Refusal:
            continue
        accepted.append(place)
    assert accepted == []


@settings(max_examples=60, deadline=None)
@given(data=st.binary(max_size=200), place=st.integers(0, 7000))
def test_arbitrary_bytes_are_a_refusal(certified: Certified, data: bytes, place: int) -> None:
    good = certified("XAV", "bureau").to_bytes()
    for hostile in (data, good[:place] + data, row.encode(data, good[-3373:])):
        if hostile != good:
            try:
                Certificate.from_bytes(hostile)
            except Refusal:
                continue
