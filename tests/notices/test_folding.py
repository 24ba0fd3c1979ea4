"""What the ledger says becomes what a node shows, on every node alike."""

from collections.abc import Callable
from typing import TYPE_CHECKING

import msgspec
import pytest

from allpoints.ground.refusal import Refusal
from allpoints.identity.keys import SigningKey
from allpoints.notices import store
from allpoints.notices.authorship import sign
from allpoints.notices.expiring import expire
from allpoints.notices.folding import apply_cancelled, apply_published, apply_withdrawn, record_id
from allpoints.notices.notice import Published, Withdrawn, decode_submission
from allpoints.notices.state import NoticeState
from allpoints.notices.viewing import read_notice

if TYPE_CHECKING:
    from tests.notices.conftest import Office

ENDED = Withdrawn("2024/1", "Found.", "LOCATED")
NewOffice = Callable[[], "Office"]


def state_of(office: "Office") -> list[tuple[object, ...]]:
    tables = ("state_notices", "state_notice_versions")
    return [row for table in tables for row in office.db.execute(f"SELECT * FROM {table} ORDER BY 1, 2")]


def refused(office: "Office", published: Published, seq: int = 9) -> str:
    before = state_of(office)
    with pytest.raises(Refusal) as refusal:
        office.folded(published, seq)
    assert state_of(office) == before
    return refusal.value.code


def test_a_publication_gives_the_check_index_its_material(office: "Office", new_office: NewOffice) -> None:
    published = office.published()
    reader = new_office()
    applied = reader.folded(published, 7)
    assert (applied.notice_id, applied.owner, applied.version) == ("2024/1", "XAV", 1)
    assert (applied.keys, applied.names) == ((("document", "XAV|A1"),), ("sorin",))
    assert applied.record_id == record_id("2024/1")
    assert len(applied.record_id) == 16
    view = read_notice(reader.db, "2024/1")
    assert (view.row.state, view.row.seq, view.row.caption) == (NoticeState.PUBLISHED, 7, "SORIN")
    assert view.body == {"family_name": "SORIN", "number": "A1"}
    assert view.versions[0].published == published


def test_only_what_its_owner_signed_is_folded(office: "Office") -> None:
    published = office.published()
    signed = published.signed
    submission = decode_submission(signed.submission)
    stranger = sign(submission, SigningKey.from_seeds(bytes([9]) * 64))
    altered = msgspec.structs.replace(signed, submission=signed.submission.replace(b"SORIN", b"SORAN"))
    mixed = msgspec.structs.replace(stranger, ed25519=signed.ed25519)
    for forged in (stranger, altered, mixed):
        assert refused(office, msgspec.structs.replace(published, signed=forged)) == "BAD-SIGNATURE"
    unknown = sign(msgspec.structs.replace(submission, owner="XZZ"), office.keys["XAV"])
    assert refused(office, msgspec.structs.replace(published, signed=unknown)) == "NOTICE-UNKNOWN-OWNER"
    office.folded(published)


def test_a_body_that_the_vocabulary_does_not_understand_is_refused(office: "Office") -> None:
    published = office.published()
    submission = msgspec.structs.replace(decode_submission(published.signed.submission), body={"mood": 1})
    strange = msgspec.structs.replace(published, signed=sign(submission, office.keys["XAV"]))
    assert refused(office, strange) == "FIELD"


def test_a_notice_is_folded_once_and_old_signatures_give_no_second_one(office: "Office") -> None:
    published = office.published()
    office.folded(published)
    assert refused(office, published) == "NOTICE-STALE"
    renumbered = msgspec.structs.replace(published, notice_id="2024/2")
    assert refused(office, renumbered) == "NOTICE-SUBMISSION-REUSED"
    apply_withdrawn(office.db, ENDED, "XAV", 2)
    assert refused(office, renumbered) == "NOTICE-SUBMISSION-REUSED"


def test_an_update_needs_the_owners_wish_and_keeps_the_version_before(office: "Office") -> None:
    first = office.published(1)
    office.folded(first)
    other = office.published(2)
    assert (
        refused(office, msgspec.structs.replace(other, notice_id="2024/1", version=2)) == "NOTICE-NOT-ASKED"
    )
    body = {"family_name": "Sorin", "number": "A9"}
    update = office.published(3, owner_ref="AV-1", updates="2024/1", body=body)
    assert refused(office, msgspec.structs.replace(update, version=1)) == "NOTICE-NOT-ASKED"
    applied = office.folded(update, 5)
    assert (applied.version, applied.keys) == (2, (("document", "XAV|A9"),))
    view = read_notice(office.db, "2024/1")
    assert (view.row.state, view.row.version) == (NoticeState.UPDATED, 2)
    assert [one.submission.body["number"] for one in view.versions] == ["A1", "A9"]
    assert view.row.opened_ms == first.published_ms


def test_another_member_cannot_update_a_notice(office: "Office") -> None:
    office.folded(office.published(1))
    update = office.published(2, owner_ref="AV-1", updates="2024/1")
    taken = msgspec.structs.replace(decode_submission(update.signed.submission), owner="XBM")
    signed = sign(taken, office.keys["XBM"])
    assert refused(office, msgspec.structs.replace(update, signed=signed)) == "NOTICE-OWNER-CHANGED"


def test_a_member_admitted_by_an_update_starts_with_that_version_under_the_same_record(
    office: "Office", new_office: NewOffice
) -> None:
    office.folded(office.published(1, excluded=("XBM",)))
    update = office.published(2, owner_ref="AV-1", updates="2024/1")
    assert new_office().folded(update).record_id == office.folded(update, 2).record_id


def test_the_owner_withdraws_and_a_tombstone_without_the_person_stays(office: "Office") -> None:
    office.folded(office.published())
    with pytest.raises(Refusal) as refusal:
        apply_withdrawn(office.db, ENDED, "XBM", 2)
    assert (refusal.value.code, refusal.value.status) == ("NOTICE-NOT-OWNER", 403)
    ended = apply_withdrawn(office.db, ENDED, "XAV", 2)
    assert (ended.record_id, ended.version, ended.state) == (record_id("2024/1"), 1, NoticeState.WITHDRAWN)
    view = read_notice(office.db, "2024/1")
    assert (view.body, view.versions, view.row.caption) == ({}, (), "")
    assert (view.row.code, view.row.reason, view.row.owner) == ("LOCATED", "Found.", "XAV")
    assert b"SORIN" not in b"".join(bytes(str(row), "utf-8") for row in state_of(office))


def test_what_has_ended_is_neither_ended_again_nor_updated(office: "Office") -> None:
    office.folded(office.published(1))
    update = office.published(2, owner_ref="AV-1", updates="2024/1")
    apply_cancelled(office.db, ENDED, 2)
    with pytest.raises(Refusal) as refusal:
        apply_withdrawn(office.db, ENDED, "XAV", 3)
    assert refusal.value.code == "NOTICE-ENDED"
    assert refused(office, update) == "NOTICE-ENDED"


def test_an_end_of_a_notice_that_is_not_here_is_refused(office: "Office") -> None:
    with pytest.raises(Refusal) as refusal:
        apply_cancelled(office.db, ENDED, 2)
    assert (refusal.value.code, refusal.value.status) == ("NOTICE-UNKNOWN", 404)


def test_another_kind_of_notice_is_refused(office: "Office") -> None:
    published = office.published()

    class Blue(type(office.kind)):  # type: ignore[misc]
        name = "blue"

    with pytest.raises(Refusal) as refusal:
        apply_published(office.db, Blue(), published, 1, office.lookup)
    assert refusal.value.code == "NOTICE-KIND"


def test_nodes_whose_clocks_differ_end_in_the_same_state(office: "Office", new_office: NewOffice) -> None:
    first = office.published(1)
    office.folded(first)
    update = office.published(
        2, owner_ref="AV-1", updates="2024/1", body={"family_name": "Sorin", "number": "B"}
    )
    early, late = new_office(), new_office()
    for node in (early, late):
        node.folded(first, 1)
    assert [one.notice_id for one in expire(early.db, first.expires_ms)] == ["2024/1"]
    for node in (early, late):
        node.folded(update, 2)
    assert state_of(early) == state_of(late)
    expire(early.db, first.expires_ms + 10**12)
    for node in (early, late):
        apply_withdrawn(node.db, ENDED, "XAV", 3)
    assert state_of(early) == state_of(late)


def test_state_that_is_dropped_is_rebuilt_from_the_same_entries(
    office: "Office", new_office: NewOffice
) -> None:
    entries = [office.published(number) for number in (1, 2, 3)]
    for seq, published in enumerate(entries):
        office.folded(published, seq)
    apply_withdrawn(office.db, ENDED, "XAV", 9)
    before = state_of(office)
    office.db.execute("DROP TABLE state_notices")
    office.db.execute("DROP TABLE state_notice_versions")
    office.db.executescript(store.SCHEMA)
    for seq, published in enumerate(entries):
        office.folded(published, seq)
    apply_withdrawn(office.db, ENDED, "XAV", 9)
    assert state_of(office) == before
