"""Who belongs to the network, who may write what, and what a newcomer is given."""

from functools import partial

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.node.federation import Federation
from tests.node.samples import (
    ALL_ROLES,
    ANNA,
    CENTRE,
    NOW_MS,
    RELAY,
    approved,
    centre_certificate,
    certificate,
    credentials,
    keys,
    post_certificate,
    root,
)

from allpoints.ground.clock import DAY
from allpoints.ground.refusal import Refusal
from allpoints.identity.admission import read_admission
from allpoints.identity.certificate import Certificate, Holder, issue
from allpoints.identity.directory import Directory
from allpoints.identity.joining import make_join_request
from allpoints.identity.officers import Asker
from allpoints.identity.standing import KINDS as KINDS_OF_MEASURES
from allpoints.identity.standing import Measure, Restoration
from allpoints.ledger.entry import Entry, Header, compose
from allpoints.ledger.facts import CLEAR
from allpoints.node import frames, membership
from allpoints.node.member_keys import Event
from allpoints.node.network_desk import MemberRow
from allpoints.vocabulary.loading import load as load_vocabulary

KINDS = sorted(membership.SECRETARIAT_KINDS | membership.BUREAU_KINDS)


def directory() -> Directory:
    made = Directory(root())
    made.add(centre_certificate(), NOW_MS)
    made.add(certificate("XAV", "bureau"), NOW_MS)
    return made


def admitting(held: Certificate | bytes, author: str = CENTRE, kind: str = membership.ADMITTED) -> Entry:
    body = held if isinstance(held, bytes) else approved(held)
    header = Header(
        id=bytes(16),
        kind=kind,
        author=author,
        created_ms=NOW_MS,
        author_seq=1,
        prev=bytes(32),
        sealing=CLEAR,
        salt=bytes(32),
    )
    return compose(header, None, body, keys(author)[0])


def code(act: object) -> str:
    with pytest.raises(Refusal) as caught:
        act()  # type: ignore[operator]
    return caught.value.code


@settings(max_examples=60, deadline=None)
@given(
    st.sampled_from(["XAV", CENTRE, "XQQ", RELAY, "XAV/post-1"]), st.sampled_from([*KINDS, "anything", ""])
)
def test_who_may_write_which_kind_is_decided_by_membership_and_kind_alone(name: str, kind: str) -> None:
    me = credentials("XAV")
    allowed = {"XAV": membership.BUREAU_KINDS, CENTRE: membership.SECRETARIAT_KINDS}.get(name, frozenset())
    if kind in allowed:
        assert membership.author_key(directory(), me, name, kind, NOW_MS) == keys(name)[0].public
    else:
        expected = "KIND-NOT-ALLOWED" if allowed else "UNKNOWN-AUTHOR"
        assert code(lambda: membership.author_key(directory(), me, name, kind, NOW_MS)) == expected


def test_a_suspended_member_may_not_write_while_it_lasts() -> None:
    held, me = directory(), credentials("XAV")
    order = Measure(
        bytes(16), "XAV", "suspended", KINDS_OF_MEASURES, NOW_MS, NOW_MS + DAY, "Reason", "Authority"
    )
    held.limit(order, 1, NOW_MS)
    refused = code(lambda: membership.author_key(held, me, "XAV", membership.RECORDS, NOW_MS - DAY))
    assert refused == "AUTHOR-SUSPENDED"
    assert membership.author_key(held, me, "XAV", membership.RECORDS, NOW_MS + DAY)
    held.lift(Restoration(b"r" * 16, "XAV", (bytes(16),), "Reason", "Authority"), NOW_MS + 10)
    assert membership.author_key(held, me, "XAV", membership.RECORDS, NOW_MS)


def applied(entry: Entry) -> str | None:
    me = credentials("XAV")
    return membership.apply(membership.begin(me), me, Event.of(entry, 1))


def test_an_admission_is_the_secretariats_and_of_a_bureaus_own_certificate() -> None:
    good = certificate("XBM", "bureau")
    assert applied(admitting(good)) == "XBM"
    assert code(lambda: applied(admitting(good, author="XAV"))) == "EVENT-AUTHOR"
    assert code(lambda: applied(admitting(post_certificate()))) == "ADMISSION-ROLE"
    data = bytearray(good.to_bytes())
    data[-1] ^= 1
    forged = approved(bytes(data))
    assert code(lambda: applied(admitting(forged))) == "BAD-SIGNATURE"
    assert code(lambda: applied(admitting(b"\xff"))) == "BODY-UNREADABLE"
    assert code(lambda: applied(admitting(certificate(RELAY, "relay", CENTRE)))) == "ADMISSION-ROLE"


@settings(max_examples=60, deadline=None)
@given(st.binary(max_size=60), st.sampled_from(sorted(membership.MEMBERSHIP_KINDS)))
def test_an_event_of_arbitrary_bytes_is_refused(data: bytes, kind: str) -> None:
    with pytest.raises(Refusal):
        applied(admitting(data, kind=kind))


def test_every_node_folds_the_same_members_and_still_knows_them_after_a_restart(three: Federation) -> None:
    for name in (RELAY, CENTRE, "XAV", "XCS"):
        before = three.nodes[name].db.execute("SELECT * FROM state_members ORDER BY seq").fetchall()
        assert [row[0] for row in before] == ["XAV", "XBM", "XCS"]
        if name != RELAY:
            three.restart(name)
            assert [one.code for one in three.bureau(name).following.directory.members()] == [
                "XAV",
                "XBM",
                "XCS",
            ]


def test_a_second_admission_of_the_same_certificate_changes_nothing_and_of_another_is_refused(
    two: Federation,
) -> None:
    before = two.relay.db.execute("SELECT * FROM state_members").fetchall()
    two.admit("XAV")
    assert two.relay.db.execute("SELECT * FROM state_members").fetchall() == before
    signing, reception = keys("somebody else")
    holder = Holder("XAV", "bureau", "XAV", "Somebody else", signing.public, reception.public)
    other = issue("XAV", signing, holder, not_before_ms=NOW_MS, not_after_ms=NOW_MS + DAY)
    centre = two.centre
    body = frames.pack(membership.Admitting(other.to_bytes()))
    centre.do(lambda: centre.outbox.write_clear(membership.ADMITTED, body))
    two.pump()
    assert two.relay.refusals["ADMISSION-TWICE"] == 1
    assert centre.outbox.blocked()[0][0] == "ADMISSION-TWICE"


def test_a_member_renews_its_certificate_with_the_same_keys_and_goes_on(two: Federation) -> None:
    renewed = certificate("XAV", "bureau", days=600)
    holder, (signing, _) = renewed.holder, keys("XAV")
    request = make_join_request(holder, signing, two.clock.now(), renewed).write()
    centre = two.centre
    for _ in range(2):
        admission = centre.do(lambda: centre.network.admit_member(ANNA, request, "http://a"))
        two.pump()
        assert read_admission(admission).own == renewed
    for name in (CENTRE, "XAV", "XBM"):
        directory = two.bureau(name).following.directory
        assert directory.certificate("XAV") == renewed
        assert directory.knows(certificate("XAV", "bureau"))
        assert [row.code for row in two.bureau(name).network.members()] == ["XAV", "XBM"]
        two.restart(name)
        assert two.bureau(name).following.directory.certificate("XAV") == renewed
    two.enter()
    assert two.bureau("XBM").db.execute("SELECT count(*) FROM state_records").fetchone() == (1,)
    later, directory = two.clock.now() + 400 * DAY, two.relay.directory
    assert directory.is_active("XAV", later)
    assert not directory.is_active("XBM", later)


def test_an_older_certificate_of_a_member_does_not_come_back(two: Federation) -> None:
    first, renewed = certificate("XAV", "bureau"), certificate("XAV", "bureau", days=600)
    centre = two.centre
    for held in (renewed, first):
        body = frames.pack(membership.Admitting(held.to_bytes()))
        centre.do(partial(centre.outbox.write_clear, membership.ADMITTED, body))
        two.pump()
        assert two.bureau("XBM").following.directory.certificate("XAV") == renewed


def test_only_an_administrator_of_the_secretariat_admits_members(two: Federation) -> None:
    for name, asker, expected in (
        (CENTRE, Asker("b", frozenset({"desk"})), "NOT-ALLOWED"),
        ("XAV", ANNA, "NOT-SECRETARIAT"),
        (CENTRE, ANNA, "FILE-UNREADABLE"),
    ):
        node = two.bureau(name)
        assert code(lambda n=node, a=asker: n.do(lambda: n.network.admit_member(a, "{}", ""))) == expected
    rows: list[MemberRow] = two.centre.network.members()
    assert [(row.code, row.active) for row in rows] == [("XAV", True), ("XBM", True)]


def test_the_sample_officer_has_a_purpose_that_the_vocabulary_knows() -> None:
    assert ANNA.purpose in load_vocabulary().purposes
    assert msgspec.structs.replace(ANNA, purpose="").roles == ALL_ROLES
