"""The files that holders hand to each other: each reads back, and none says something else than what is in it."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from allpoints.ground.refusal import Refusal
from allpoints.identity import root_files
from allpoints.identity.approval import ADMISSION, approve
from allpoints.identity.certificate import Certificate
from allpoints.identity.holder_key import HolderKey
from allpoints.identity.joining import make_join_request
from allpoints.identity.keystore import Keys
from allpoints.identity.proposal import read_proposal
from allpoints.identity.root import Root, RootHolder
from allpoints.identity.root_files import Services

KeysOf = Callable[[str], Keys]
Certified = Callable[[str, str], Certificate]
INES = HolderKey.generate()
CARD = RootHolder("Ines of Arvandia", INES.public)


@pytest.fixture(scope="module")
def services(certified: Certified) -> Services:
    return Services("test.allpoints", certified("XSC", "secretariat"), certified("XSC/relay", "relay"))


@pytest.fixture(scope="module")
def root(services: Services) -> Root:
    keys = (services.secretariat.verify_key, services.relay.verify_key)
    return Root.draft(services.network, 1, 1, [CARD], keys).signed(INES)


@pytest.fixture(scope="module")
def request_text(certified: Certified, keys_of: KeysOf, now_ms: int) -> str:
    own = certified("XAV", "bureau")
    return make_join_request(own.holder, keys_of("XAV").signing, now_ms, own).write()


def refused(read: Callable[[str], object], text: str) -> Refusal:
    with pytest.raises(Refusal) as caught:
        read(text)
    return caught.value


def altered(text: str, **fields: Any) -> str:
    return json.dumps(json.loads(text) | fields)


def test_each_file_reads_back(services: Services, root: Root) -> None:
    approval = approve(root, INES, ADMISSION, b"a certificate", 1_000)
    assert root_files.read_card(root_files.write_card(CARD)) == CARD
    assert root_files.read_services(root_files.write_services(services)) == services
    assert root_files.read_root_file(root_files.write_root_file(root)) == root
    assert root_files.read_approval(root_files.write_approval(approval)) == approval


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("network", "other.allpoints"),
        ("version", 2),
        ("threshold", 3),
        ("holders", ["Bram"]),
        ("fingerprint", "0000 0000"),
    ],
)
def test_a_root_s_file_says_what_the_root_in_it_says(root: Root, field: str, value: object) -> None:
    text = root_files.write_root_file(root)
    assert root_files.read_root_file(altered(text)) == root
    assert refused(root_files.read_root_file, altered(text, **{field: value})).code == "FILE-CONTRADICTS"


@pytest.mark.parametrize(
    ("field", "value"), [("network", "o"), ("version", 2), ("holder", "00"), ("expires_ms", 9), ("act", "x")]
)
def test_an_approval_s_file_says_what_the_approval_in_it_says(root: Root, field: str, value: object) -> None:
    text = root_files.write_approval(approve(root, INES, ADMISSION, b"a certificate", 1_000))
    assert root_files.read_approval(altered(text))
    assert refused(root_files.read_approval, altered(text, **{field: value})).code == "FILE-CONTRADICTS"


def test_a_card_under_another_fingerprint_is_refused() -> None:
    text = root_files.write_card(CARD)
    other = HolderKey.generate().public.fingerprint()
    assert refused(root_files.read_card, altered(text, fingerprint=other)).code == "FILE-CONTRADICTS"


def test_services_are_a_secretariat_and_its_own_relay(services: Services, certified: Certified) -> None:
    bureau = certified("XAV", "bureau")
    for wrong, code in (
        (Services(services.network, bureau, services.relay), "BAD-ROLE"),
        (Services(services.network, services.secretariat, services.secretariat), "BAD-ROLE"),
        (Services(services.network, certified("XQS", "secretariat"), services.relay), "BAD-SIGNATURE"),
    ):
        assert refused(root_files.read_services, root_files.write_services(wrong)).code == code


def test_a_request_travels_bare_or_with_its_approvals(root: Root, request_text: str) -> None:
    given = [approve(root, INES, ADMISSION, b"a certificate", 1_000).to_bytes()]
    assert root_files.read_approved(request_text) == (request_text, [])
    wrapped = root_files.write_approved(request_text, given)
    assert root_files.read_approved(wrapped) == (request_text, given)
    twelve = root_files.write_approved(request_text, [b"x"] * 12)
    assert refused(root_files.read_approved, twelve).code == "APPROVALS-TOO-MANY"
    assert root_files.read_approved("no file at all") == ("no file at all", [])


def test_what_is_proposed_is_said_in_words_before_it_is_approved(
    root: Root, request_text: str, certified: Certified
) -> None:
    proposed = read_proposal(request_text, root)
    assert (proposed.act, proposed.subject) == (ADMISSION, certified("XAV", "bureau").to_bytes())
    assert "XAV" in proposed.words["proposed"]
    assert "becomes a member of test.allpoints" in proposed.words["proposed"]
    assert proposed.words["request fingerprint"] == json.loads(request_text)["fingerprint"]


def test_nothing_else_is_approved(root: Root, certified: Certified, keys_of: KeysOf, now_ms: int) -> None:
    post = certified("XAV/post-1", "post")
    asked = make_join_request(post.holder, keys_of("XAV/post-1").signing, now_ms).write()
    assert refused(lambda text: read_proposal(text, root), asked).code == "ADMIT-REQUEST"
    for text in ("", "[]", "{}", root_files.write_root_file(root)):
        assert refused(lambda text: read_proposal(text, root), text).code == "PROPOSAL-UNKNOWN"
