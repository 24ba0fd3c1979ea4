"""Hostile members: what they sign, seal and send well is opened everywhere, and its content still harms nobody."""

import zlib
from typing import Any

import cbor2
from hypothesis import given
from hypothesis import strategies as st
from tests.attack.absurd import BLOB, VALUES, one_changed, packed
from tests.attack.hostile import after, everything_readable, fuzz, mailed, written
from tests.node.federation import Federation
from tests.node.samples import CENTRE, PASSPORT, PERSON, RED

from allpoints.node import correspondence, hits, membership, notice_desk, post_office

# -- entries: what a member writes into the ledger, opened and folded by all others


PUT = {
    "op": "put",
    "ref": "AV-1",
    "version": 7,
    "body": b"",
    "purpose": "border-control",
    "handling": "official-use",
}
PASSPORT_BODY = one_changed(PASSPORT | {"document_number": "AB123456", "last_number": "AB123499"}).map(packed)
PERSON_BODY = one_changed(PERSON).map(packed)
OPS = st.builds(
    lambda op, body: op | {"body": body}, st.just(PUT) | one_changed(PUT), PASSPORT_BODY | PERSON_BODY | BLOB
)
BATCHES = st.one_of(
    st.builds(
        lambda register, ops: {"register": register, "declaration": 1, "ops": ops},
        st.sampled_from(["travel-documents", "persons", "none"]),
        st.lists(OPS, min_size=1, max_size=3),
    ),
    one_changed({"register": "persons", "declaration": 1, "ops": [PUT]}),
)


@fuzz
@given(BATCHES.map(packed).map(zlib.compress) | BLOB | BLOB.map(zlib.compress))
def test_records_with_absurd_content_in_a_sound_entry_stop_nobody(world: Federation, body: bytes) -> None:
    written(world, "XAV", membership.RECORDS, body)
    after(world)


@fuzz
@given(
    st.sampled_from([membership.WITHDRAWN, membership.WIDENED, membership.EXCLUDED]),
    st.one_of(
        st.lists(st.tuples(BLOB, BLOB), max_size=3).map(lambda rests: packed({"keys": [], "rests": rests})),
        st.lists(st.tuples(st.text(), st.text(), st.integers(0, 2**40)), max_size=3).map(cbor2.dumps),
        one_changed({"notice_id": "2026/1", "reason": "Over.", "code": "ACHIEVED"}).map(packed),
        st.lists(st.tuples(BLOB, BLOB), max_size=3).map(lambda keys: packed({"keys": keys})),
        VALUES.map(packed),
        BLOB,
    ),
)
def test_other_entries_of_a_member_with_absurd_content_stop_nobody(
    world: Federation, kind: str, body: bytes
) -> None:
    written(world, "XAV", kind, body)


@fuzz
@given(
    st.sampled_from([membership.PUBLISHED, membership.CANCELLED]),
    st.one_of(
        one_changed(
            {
                "notice_id": "2026/1",
                "control_number": "A-1/1-2026",
                "signed": {"submission": b"x", "ed25519": bytes(64), "ml_dsa_65": bytes(3309)},
                "rule_version": "1",
                "published_ms": 1,
                "expires_ms": 2,
                "urgent": False,
                "version": 1,
            }
        ).map(packed),
        VALUES.map(packed),
        BLOB,
    ),
)
def test_entries_of_the_secretariat_with_absurd_content_stop_nobody(
    world: Federation, kind: str, body: bytes
) -> None:
    written(world, CENTRE, kind, body)


BLOCKING = {"record": bytes(16), "reason": "Doubts.", "by_role": "reviewer of XSC", "excluded": ["XBM"]}


@fuzz
@given(
    st.sampled_from([membership.BLOCKED, membership.UNBLOCKED]),
    one_changed(BLOCKING).map(packed) | VALUES.map(packed) | BLOB,
)
def test_blocks_with_absurd_content_stop_nobody(world: Federation, kind: str, body: bytes) -> None:
    written(world, CENTRE, kind, body)
    after(world)


LINKING = {
    "source": bytes(16),
    "target": bytes(15) + b"\x01",
    "relation": "bears",
    "reason": "Seen.",
    "by_role": "desk of XAV",
    "excluded": ["XBM"],
}


@fuzz
@given(
    st.sampled_from(["XAV", CENTRE]),
    st.sampled_from([membership.LINKED, membership.UNLINKED]),
    st.one_of(
        one_changed(LINKING).map(packed),
        one_changed({"link": bytes(16), "reason": "An error."}).map(packed),
        VALUES.map(packed),
        BLOB,
    ),
)
def test_links_with_absurd_content_stop_nobody(
    world: Federation, author: str, kind: str, body: bytes
) -> None:
    written(world, author, kind, body)


# -- mail: what a member seals to another


HIT = {
    "hit": "h",
    "check": "c",
    "record": "00" * 16,
    "version": 1,
    "register": "persons",
    "verdict": "bearer",
    "owner": "XBM",
    "searcher": "XAV",
    "post": "",
    "reference": "r",
    "caption": "c",
    "asked": "a",
    "reason": "r",
    "checked_ms": 1,
    "raised_ms": 1,
    "deadline_ms": 1,
}
SUBMISSION = {
    "id": "0" * 32,
    "kind": "red",
    "owner": "XAV",
    "owner_ref": "N-1",
    "body": RED,
    "excluded": [],
    "language": "en",
    "submitted_ms": 1,
    "submitted_by": "desk",
}
MAIL = st.one_of(
    st.tuples(st.just(hits.RAISED), one_changed(HIT).map(packed)),
    st.tuples(
        st.just(hits.ANSWERED),
        one_changed({"hit": "h", "state": "refuted", "reason": "r", "by": "XAV", "at_ms": 1}).map(packed),
    ),
    st.tuples(
        st.just(correspondence.LETTER),
        one_changed(
            {"subject": "s", "text": "t", "case": "c", "by": "b", "language": "en", "reply_to": ""}
        ).map(packed),
    ),
    st.tuples(
        st.just(notice_desk.TOLD),
        one_changed(
            {
                "submission_id": "0" * 32,
                "revision": 1,
                "state": "refused",
                "codes": [],
                "text": "",
                "at_ms": 1,
            }
        ).map(packed),
    ),
    st.tuples(
        st.sampled_from(
            [post_office.RECEIPT, notice_desk.TAKEN_BACK, notice_desk.SUBMITTED, "un.known", hits.RAISED]
        ),
        BLOB | VALUES.map(packed),
    ),
)


@fuzz
@given(MAIL, st.sampled_from(["XBM", CENTRE]))
def test_mail_with_absurd_content_stops_nobody_and_hides_nothing(
    world: Federation, mail: tuple[str, bytes], to: str
) -> None:
    mailed(world, mail[0], to, mail[1])
    after(world)
    everything_readable(world.bureau(to))


@fuzz
@given(one_changed(SUBMISSION), st.integers(0, 2**62))
def test_a_submission_signed_by_its_owner_with_absurd_content_stops_nobody(
    world: Federation, raw: dict[str, Any], number: int
) -> None:
    if raw.get("id") == SUBMISSION["id"]:
        raw = raw | {"id": f"{number:032x}"}
    world.bureau("XAV")
    mailed(world, notice_desk.SUBMITTED, CENTRE, signed_submission(world, packed(raw)))
    everything_readable(world.centre)


@fuzz
@given(one_changed(RED), st.integers(0, 2**62))
def test_a_notice_body_with_absurd_fields_is_examined_without_harm(
    world: Federation, body: dict[str, Any], number: int
) -> None:
    raw = SUBMISSION | {"id": f"{number:032x}", "body": body}
    mailed(world, notice_desk.SUBMITTED, CENTRE, signed_submission(world, packed(raw)))
    everything_readable(world.centre)


def signed_submission(world: Federation, data: bytes) -> bytes:
    signature = world.bureau("XAV").me.signing.sign(b"allpoints/notice/1", data)
    return packed({"submission": data, "ed25519": signature.ed25519, "ml_dsa_65": signature.ml_dsa_65})
