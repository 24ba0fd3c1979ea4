import json
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from allpoints.ground.refusal import Refusal
from allpoints.identity.certificate import Certificate, Holder
from allpoints.identity.filed import FILE_LIMIT_BYTES
from allpoints.identity.joining import JoinRequest, make_join_request, read_join_request
from allpoints.identity.keystore import Keys

Certified = Callable[[str, str], Certificate]
KeysOf = Callable[[str], Keys]
HolderOf = Callable[[str, str], Holder]


@pytest.fixture(scope="module")
def bureau(certified: Certified, keys_of: KeysOf, holder_of: HolderOf, now_ms: int) -> JoinRequest:
    return make_join_request(
        holder_of("XAV", "bureau"), keys_of("XAV").signing, now_ms, certified("XAV", "bureau")
    )


@pytest.fixture(scope="module")
def post(keys_of: KeysOf, holder_of: HolderOf, now_ms: int) -> JoinRequest:
    return make_join_request(holder_of("XAV/post-1", "post"), keys_of("XAV/post-1").signing, now_ms)


def refusal_of(text: str) -> Refusal:
    with pytest.raises(Refusal) as refused:
        read_join_request(text)
    return refused.value


def changed(request: JoinRequest, **fields: object) -> str:
    return json.dumps({**json.loads(request.write()), **fields})


def test_a_request_reads_back_and_can_be_read_by_a_person(bureau: JoinRequest, post: JoinRequest) -> None:
    assert read_join_request(bureau.write()) == bureau
    assert read_join_request(post.write()) == post
    lines = bureau.write().splitlines()
    assert lines[1] == '  "allpoints": "join-request/1",'
    assert f'  "fingerprint": "{bureau.fingerprint()}",' in lines


def test_the_fingerprint_is_ten_groups_of_four_and_names_one_request(
    bureau: JoinRequest, post: JoinRequest
) -> None:
    assert [len(group) for group in bureau.fingerprint().split(" ")] == [4] * 10
    assert bureau.fingerprint() != post.fingerprint()


@pytest.mark.parametrize(
    ("field", "value", "code", "path"),
    [
        ("allpoints", "join-request/2", "FILE-UNREADABLE", "allpoints"),
        ("allpoints", 1, "FILE-UNREADABLE", "allpoints"),
        ("subject", "XBM", "BAD-NAME", "subject"),
        ("role", "relay", "BAD-NAME", "subject"),
        ("role", 7, "FILE-UNREADABLE", "role"),
        ("label", "Office XBM", "FILE-CONTRADICTS", "certificate"),
        ("created_ms", -1, "FILE-UNREADABLE", "created_ms"),
        ("created_ms", 2**60, "FILE-UNREADABLE", "created_ms"),
        ("created_ms", "now", "FILE-UNREADABLE", "created_ms"),
        ("created_ms", 5, "BAD-SIGNATURE", "signature.ed25519"),
        ("fingerprint", "0000", "FILE-CONTRADICTS", "fingerprint"),
        ("verify_key", "AAAA", "BAD-KEY", "verify_key"),
        ("verify_key", "not base64!", "FILE-UNREADABLE", "verify_key"),
        ("reception_key", "AAAB=", "FILE-UNREADABLE", "reception_key"),
        ("certificate", "", "FILE-UNREADABLE", "certificate"),
        ("certificate", "AAAA", "CERTIFICATE-UNREADABLE", "certificate"),
        ("signature", "AAAA", "BAD-SIGNATURE", "signature"),
        ("signature", "é", "FILE-UNREADABLE", "signature"),
    ],
)
def test_a_changed_field_is_refused_by_its_path(
    bureau: JoinRequest, field: str, value: object, code: str, path: str
) -> None:
    refusal = refusal_of(changed(bureau, **{field: value}))
    assert (refusal.code, refusal.path) == (code, path)


def test_unknown_missing_and_endless_things_are_refused(bureau: JoinRequest) -> None:
    assert refusal_of(changed(bureau, extra=1)).code == "FILE-UNREADABLE"
    without = json.loads(bureau.write())
    del without["label"]
    assert "label" in refusal_of(json.dumps(without)).sentence
    assert refusal_of(" " * (FILE_LIMIT_BYTES + 1)).code == "FILE-TOO-LARGE"
    assert refusal_of("[" * 60_000).code == "FILE-UNREADABLE"
    assert refusal_of('{"allpoints":"join-request/1","x":' + "[" * 60_000).code == "FILE-UNREADABLE"
    assert refusal_of("\ud800").code == "FILE-UNREADABLE"


def test_the_signature_must_come_from_the_keys_that_are_asked_for(
    bureau: JoinRequest, keys_of: KeysOf, holder_of: HolderOf, certified: Certified, now_ms: int
) -> None:
    with pytest.raises(Refusal) as refused:
        make_join_request(
            holder_of("XAV", "bureau"), keys_of("XCS").signing, now_ms, certified("XAV", "bureau")
        )
    assert refused.value.code == "BAD-SIGNATURE"
    assert read_join_request(bureau.write()) == bureau


def test_only_bureaus_and_posts_join_and_only_bureaus_bring_certificates(
    keys_of: KeysOf, holder_of: HolderOf, certified: Certified, now_ms: int
) -> None:
    for name, role, certificate, code in [
        ("XSC", "secretariat", certified("XSC", "secretariat"), "BAD-ROLE"),
        ("XAV", "bureau", None, "FILE-UNREADABLE"),
        ("XAV/post-1", "post", certified("XAV/post-1", "post"), "FILE-UNREADABLE"),
    ]:
        with pytest.raises(Refusal) as refused:
            make_join_request(holder_of(name, role), keys_of(name).signing, now_ms, certificate)
        assert refused.value.code == code


@settings(max_examples=60, deadline=None)
@given(text=st.one_of(st.text(), st.binary().map(lambda data: data.decode("utf-8", "surrogateescape"))))
def test_arbitrary_text_is_a_refusal(text: str) -> None:
    assert refusal_of(text).code == "FILE-UNREADABLE"


@settings(max_examples=60, deadline=None)
@given(
    field=st.sampled_from(["subject", "role", "member", "label", "verify_key", "certificate", "signature"]),
    value=st.one_of(
        st.text(max_size=50), st.none(), st.integers(), st.floats(allow_nan=False), st.lists(st.text())
    ),
)
def test_arbitrary_fields_are_a_refusal(bureau: JoinRequest, field: str, value: object) -> None:
    text = changed(bureau, **{field: value})
    if json.loads(text) != json.loads(bureau.write()):
        refusal_of(text)
