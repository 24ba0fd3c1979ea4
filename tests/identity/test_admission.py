import json
from collections.abc import Callable

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from allpoints.ground.clock import DAY
from allpoints.ground.refusal import Refusal
from allpoints.identity.admission import Admission, read_admission
from allpoints.identity.certificate import Certificate, issue
from allpoints.identity.keystore import Keys
from allpoints.identity.root import Root

Certified = Callable[[str, str], Certificate]
Rooted = Callable[[str], Root]
KeysOf = Callable[[str], Keys]


@pytest.fixture(scope="module")
def bureau(certified: Certified, rooted: Rooted) -> Admission:
    return Admission(
        network="Allpoints training network",
        address="relay.example:7400",
        root=rooted("XSC"),
        secretariat=certified("XSC", "secretariat"),
        peer=certified("XSC/relay", "relay"),
        own=certified("XAV", "bureau"),
    )


@pytest.fixture(scope="module")
def post(bureau: Admission, certified: Certified) -> Admission:
    return msgspec.structs.replace(
        bureau, peer=certified("XAV", "bureau"), own=certified("XAV/post-1", "post")
    )


def test_an_admission_reads_back_and_holds(
    bureau: Admission, post: Admission, keys_of: KeysOf, now_ms: int
) -> None:
    for admission in (bureau, post):
        again = read_admission(admission.write())
        assert again == admission
        again.check(keys_of(again.own.subject).signing.public, now_ms)


def test_an_admission_for_other_keys_is_refused(bureau: Admission, keys_of: KeysOf, now_ms: int) -> None:
    bureau.check(keys_of("XAV").signing.public, now_ms)
    with pytest.raises(Refusal) as refused:
        bureau.check(keys_of("XBM").signing.public, now_ms)
    assert refused.value.code == "NOT-MY-ADMISSION"


def test_a_chain_that_does_not_reach_the_root_is_refused(
    bureau: Admission, post: Admission, keys_of: KeysOf, rooted: Rooted, now_ms: int
) -> None:
    own = keys_of("XAV").signing.public
    false_root = msgspec.structs.replace(bureau, root=rooted("XCS"))
    for admission, key in [
        (false_root, own),
        (msgspec.structs.replace(post, root=false_root.root), post.own.verify_key),
    ]:
        with pytest.raises(Refusal) as refused:
            admission.check(key, now_ms)
        assert refused.value.code == "NOT-IN-ROOT"
    bureau.check(own, now_ms)


def test_a_post_certified_by_another_key_than_its_bureaus_is_refused(
    post: Admission, keys_of: KeysOf, now_ms: int
) -> None:
    post.check(post.own.verify_key, now_ms)
    forged = issue(
        "XAV",
        keys_of("XCS").signing,
        post.own.holder,
        not_before_ms=now_ms,
        not_after_ms=now_ms + DAY,
    )
    with pytest.raises(Refusal) as refused:
        msgspec.structs.replace(post, own=forged).check(post.own.verify_key, now_ms)
    assert refused.value.code == "BAD-SIGNATURE"


def test_an_expired_chain_is_refused(bureau: Admission, keys_of: KeysOf) -> None:
    with pytest.raises(Refusal) as refused:
        bureau.check(keys_of("XAV").signing.public, bureau.own.not_after_ms)
    assert refused.value.code == "CERTIFICATE-EXPIRED"


def test_certificates_in_the_wrong_place_are_refused(bureau: Admission, certified: Certified) -> None:
    for wrong, path in [
        ({"secretariat": certified("XAV", "bureau")}, "secretariat"),
        ({"peer": certified("XBM", "bureau")}, "peer"),
        ({"own": certified("XSC/relay", "relay")}, "own"),
        ({"own": certified("XBM/post-1", "post"), "peer": certified("XAV", "bureau")}, "peer"),
    ]:
        with pytest.raises(Refusal) as refused:
            read_admission(msgspec.structs.replace(bureau, **wrong).write())
        assert (refused.value.code, refused.value.path) == ("BAD-ROLE", path)
    assert read_admission(bureau.write()) == bureau


@pytest.mark.parametrize(
    ("field", "value", "code", "path"),
    [
        ("allpoints", "admission/9", "FILE-UNREADABLE", "allpoints"),
        ("network", "", "BAD-LABEL", "network"),
        ("network", "Another network", "FILE-CONTRADICTS", "fingerprint"),
        ("subject", "XBM", "FILE-CONTRADICTS", "subject"),
        ("address", "two words", "BAD-ADDRESS", "address"),
        ("address", "relay.example\n", "BAD-ADDRESS", "address"),
        ("address", "elsewhere.example:7400", "FILE-CONTRADICTS", "fingerprint"),
        ("root", "AAAA", "ROOT-UNREADABLE", ""),
        ("own", "AAAA", "CERTIFICATE-UNREADABLE", "own"),
        ("peer", None, "FILE-UNREADABLE", "peer"),
    ],
)
def test_a_changed_field_is_refused_by_its_path(
    bureau: Admission, field: str, value: object, code: str, path: str
) -> None:
    with pytest.raises(Refusal) as refused:
        read_admission(json.dumps({**json.loads(bureau.write()), field: value}))
    assert (refused.value.code, refused.value.path) == (code, path)


@settings(max_examples=60, deadline=None)
@given(text=st.text())
def test_arbitrary_text_is_a_refusal(text: str) -> None:
    with pytest.raises(Refusal):
        read_admission(text)
