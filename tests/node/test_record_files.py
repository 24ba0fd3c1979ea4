"""Files of records: sealed for exactly the record's readers, shown with it, gone with it."""

import hashlib
import os
from collections.abc import Callable
from functools import partial

import msgspec
import pytest
from tests.node.conftest import Make
from tests.node.exhibits import (
    CANARY,
    CANARY_IMAGE,
    PLAIN_IMAGE,
    enter,
    entries_with_parts,
    files_with,
    parts_held,
    shown,
    state_with,
    upload,
    withdraw,
)
from tests.node.federation import Federation, dump
from tests.node.samples import ANNA, CARRIAGE, PURPOSE, RELAY
from tests.node.test_rebuilding import tables
from tests.node.test_record_blocks import block, unblock
from tests.registers.exhibits import NAME, PDF, attachment, exhibit, identity, png, vocabulary

from allpoints.ground.clock import DAY, HOUR
from allpoints.ground.refusal import Refusal
from allpoints.identity.officers import Asker
from allpoints.ledger import audit
from allpoints.node.rebuilding import refold
from allpoints.registers import chunking, file_sealing, file_store, import_job
from allpoints.registers.import_job import ImportJob
from allpoints.registers.importing import Order

EVERYBODY = ("XAV", "XBM", "XCS", "XSC")


@pytest.fixture
def three(make: Make) -> Federation:
    return make(("XAV", "XBM", "XCS"), words=vocabulary())


def refused(act: Callable[[], object]) -> str:
    with pytest.raises(Refusal) as caught:
        act()
    return caught.value.code


def test_a_file_is_read_where_its_record_is_read_and_lies_nowhere_else(three: Federation) -> None:
    record = enter(three, CANARY_IMAGE, excluded=("XCS",))
    for member in ("XAV", "XBM", "XSC"):
        assert shown(three, member, record, CANARY_IMAGE) == CANARY_IMAGE
    excluded = three.bureau("XCS")
    assert excluded.following.size == three.relay.size
    assert refused(lambda: shown(three, "XCS", record, CANARY_IMAGE)) == "UNKNOWN-RECORD"
    for node in (excluded, three.relay):
        assert files_with(node, CANARY) == []
    assert files_with(three.bureau("XBM"), CANARY)
    assert not any(CANARY in one.data for one in three.wire.seen)


def test_a_change_replaces_a_file_and_a_withdrawal_takes_it_from_every_node(three: Federation) -> None:
    record = enter(three, CANARY_IMAGE)
    assert set(parts_held(three)) == set(EVERYBODY)
    assert enter(three, PLAIN_IMAGE) == record
    for member in EVERYBODY:
        assert state_with(three.bureau(member), CANARY) == []
        assert shown(three, member, record, PLAIN_IMAGE) == PLAIN_IMAGE
    assert refused(lambda: shown(three, "XBM", record, CANARY_IMAGE)) == "UNKNOWN-FILE"
    withdraw(three)
    assert parts_held(three) == {}
    assert refused(lambda: shown(three, "XBM", record, PLAIN_IMAGE)) == "UNKNOWN-FILE"


def test_a_file_goes_at_the_end_of_its_records_retention(three: Federation) -> None:
    enter(three, PLAIN_IMAGE)
    three.tick(99 * DAY)
    assert set(parts_held(three)) == set(EVERYBODY)
    three.tick(2 * DAY)
    assert parts_held(three) == {}


def test_a_file_is_hidden_with_its_blocked_record_and_shown_again_with_it(three: Federation) -> None:
    record = enter(three, PLAIN_IMAGE)
    block(three, record)
    assert refused(lambda: shown(three, "XBM", record, PLAIN_IMAGE)) == "UNKNOWN-FILE"
    for member in ("XAV", "XSC"):
        assert shown(three, member, record, PLAIN_IMAGE) == PLAIN_IMAGE
    unblock(three, record)
    for member in EVERYBODY:
        assert shown(three, member, record, PLAIN_IMAGE) == PLAIN_IMAGE
    assert entries_with_parts(three) == 1


def test_a_file_goes_when_the_purpose_of_its_record_is_achieved(three: Federation) -> None:
    enter(three, PLAIN_IMAGE)
    owner = three.bureau("XAV")
    owner.do(lambda: owner.life.achieve(ANNA, NAME, "E-1", "Found by its owner."))
    three.pump()
    assert parts_held(three) == {}
    other = enter(three, PLAIN_IMAGE, ref="E-2")
    assert shown(three, "XBM", other, PLAIN_IMAGE) == PLAIN_IMAGE


def test_two_records_of_the_same_readers_share_a_file_until_the_last_of_them_goes(three: Federation) -> None:
    enter(three, CANARY_IMAGE)
    sealed = entries_with_parts(three)
    assert sealed == 3
    other = enter(three, CANARY_IMAGE, ref="E-2", uploading=False)
    assert entries_with_parts(three) == sealed
    withdraw(three)
    assert shown(three, "XBM", other, CANARY_IMAGE) == CANARY_IMAGE
    withdraw(three, "E-2")
    assert parts_held(three) == {}


def test_a_record_for_more_readers_takes_its_files_to_them(three: Federation) -> None:
    record = enter(three, CANARY_IMAGE, excluded=("XCS",))
    narrower = enter(three, CANARY_IMAGE, ref="E-2", excluded=("XBM", "XCS"), uploading=False)
    assert entries_with_parts(three) == 3
    assert shown(three, "XSC", narrower, CANARY_IMAGE) == CANARY_IMAGE
    assert enter(three, CANARY_IMAGE, uploading=False) == record
    assert entries_with_parts(three) == 6
    assert shown(three, "XCS", record, CANARY_IMAGE) == CANARY_IMAGE
    assert refused(lambda: shown(three, "XCS", narrower, CANARY_IMAGE)) == "UNKNOWN-RECORD"


def test_a_file_whose_readers_have_lost_it_meanwhile_is_sealed_again(three: Federation) -> None:
    enter(three, CANARY_IMAGE)
    enter(three, CANARY_IMAGE, ref="E-2", excluded=("XCS",), uploading=False)
    withdraw(three)
    assert set(parts_held(three)) == set(EVERYBODY) - {"XCS"}
    third = enter(three, CANARY_IMAGE, ref="E-3", uploading=False)
    assert shown(three, "XCS", third, CANARY_IMAGE) == CANARY_IMAGE


def test_a_renewal_near_the_end_takes_the_file_along_for_readers_that_were_away(three: Federation) -> None:
    record = enter(three, PLAIN_IMAGE)
    three.tick(60 * DAY)
    enter(three, PLAIN_IMAGE, reason="Still sought.", uploading=False)
    assert entries_with_parts(three) == 1
    three.tick(80 * DAY)
    three.disconnect("XBM")
    enter(three, PLAIN_IMAGE, reason="Still sought.", uploading=False)
    three.tick(25 * DAY)
    assert "XBM" not in parts_held(three)
    three.connect("XBM")
    assert shown(three, "XBM", record, PLAIN_IMAGE) == PLAIN_IMAGE


def test_a_member_that_joins_later_gets_the_files_of_what_it_may_read(three: Federation) -> None:
    open_one = enter(three, PLAIN_IMAGE)
    enter(three, CANARY_IMAGE, ref="E-2", excluded=("XDV",))
    three.admit("XDV")
    three.start("XDV")
    three.connect("XDV")
    three.tick()
    assert shown(three, "XDV", open_one, PLAIN_IMAGE) == PLAIN_IMAGE
    assert files_with(three.bureau("XDV"), CANARY) == []


# -- what may be entered


def test_a_record_refers_to_files_that_are_there_or_is_refused_without_a_trace(three: Federation) -> None:
    owner = three.bureau("XAV")
    before = dump(owner.db)
    assert refused(lambda: enter(three, CANARY_IMAGE, uploading=False)) == "FILE-UNKNOWN"
    assert dump(owner.db) == before
    enter(three, CANARY_IMAGE)


def test_a_record_says_of_a_file_what_it_was_uploaded_as(three: Federation) -> None:
    owner = three.bureau("XAV")
    upload(owner, PDF, "application/pdf", "deed.pdf")
    claims = attachment(PDF, "text/plain", "deed.txt").text()

    def act(text: str) -> Callable[[], object]:
        return lambda: owner.do(lambda: owner.records.enter(ANNA, NAME, exhibit(papers=[text]), CARRIAGE))

    assert refused(act(claims)) == "FILE-OTHERWISE"
    act(attachment(PDF, "application/pdf", "renamed.pdf").text())()


def test_a_file_that_was_altered_in_the_spool_is_not_sealed(three: Federation) -> None:
    owner = three.bureau("XAV")
    text = upload(owner, PLAIN_IMAGE)
    path = owner.records.files.folder() / hashlib.sha256(PLAIN_IMAGE).hexdigest()
    path.write_bytes(png(filling=b"something else entirely"))
    before = dump(owner.db)

    def act() -> object:
        return owner.do(lambda: owner.records.enter(ANNA, NAME, exhibit(front=text), CARRIAGE))

    assert refused(act) == "FILE-UNKNOWN"
    assert dump(owner.db) == before
    path.write_bytes(PLAIN_IMAGE)
    act()


def test_files_are_read_under_the_conditions_and_with_the_line_of_their_record(three: Federation) -> None:
    record = enter(three, PLAIN_IMAGE)
    reader = three.bureau("XBM")
    sha256 = hashlib.sha256(PLAIN_IMAGE).hexdigest()

    def read(asker: Asker) -> object:
        return reader.do(lambda: reader.records.read_file(asker, bytes.fromhex(record), sha256))

    assert refused(lambda: read(Asker("b", frozenset({"desk"})))) == "NO-PURPOSE"
    assert refused(lambda: read(Asker("b", frozenset({"border"}), PURPOSE))) == "NOT-ALLOWED"
    assert audit.verify(reader.db) == 0
    read(ANNA)
    (line,) = audit.lines(reader.db)
    assert line.event == "record:read"
    assert sha256.encode() in line.detail


# -- the spool


def spooled(federation: Federation) -> list[str]:
    return sorted(path.name for path in federation.bureau("XAV").records.files.folder().iterdir())


def test_an_upload_leaves_the_spool_when_its_record_is_in_the_ledger(three: Federation) -> None:
    three.disconnect("XAV")
    enter(three, PLAIN_IMAGE)
    sha256 = hashlib.sha256(PLAIN_IMAGE).hexdigest()
    assert spooled(three) == [sha256]
    three.connect("XAV")
    assert spooled(three) == []
    assert file_store.uploads(three.bureau("XAV").db) == []


def test_an_upload_that_no_record_refers_to_is_erased_after_a_day(three: Federation) -> None:
    owner = three.bureau("XAV")
    upload(owner, PLAIN_IMAGE)
    killed = owner.records.files.folder() / "arriving-halfway"
    killed.write_bytes(b"half")
    seconds = three.clock.now() / 1_000
    os.utime(killed, (seconds, seconds))
    three.tick(23 * HOUR)
    assert len(spooled(three)) == 2
    three.tick(2 * HOUR)
    three.tick(2 * HOUR)
    assert spooled(three) == []
    assert refused(lambda: enter(three, PLAIN_IMAGE, uploading=False)) == "FILE-UNKNOWN"


def test_the_spool_has_an_end(three: Federation, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("allpoints.node.record_files.UPLOADED_LIMIT_BYTES", 1)
    owner = three.bureau("XAV")
    upload(owner, PLAIN_IMAGE)
    assert refused(lambda: upload(owner, PDF, "application/pdf")) == "UPLOADS-FULL"


def test_only_the_desk_uploads(three: Federation) -> None:
    files = three.bureau("XAV").records.files
    assert refused(lambda: files.may_upload(Asker("b", frozenset({"command"})))) == "NOT-ALLOWED"
    files.may_upload(ANNA)


# -- rebuilding


def test_a_rebuild_comes_to_the_same_files(three: Federation) -> None:
    enter(three, CANARY_IMAGE)
    enter(three, CANARY_IMAGE, PLAIN_IMAGE, ref="E-2", excluded=("XCS",), uploading=True)
    withdraw(three)
    for member in EVERYBODY:
        bureau = three.bureau(member)
        before = tables(bureau.db, "state_")
        refold(bureau)
        assert {name: sorted(rows, key=repr) for name, rows in tables(bureau.db, "state_").items()} == {
            name: sorted(rows, key=repr) for name, rows in before.items()
        }
    assert shown(three, "XBM", identity("XAV", "E-2").hex(), CANARY_IMAGE) == CANARY_IMAGE
    assert RELAY not in parts_held(three)


# -- files of records


def import_rows(federation: Federation, rows: list[dict[str, object]]) -> ImportJob:
    """Import rows of exhibits at Arvandia, as a running node does piece by piece; gives the ended import."""
    owner = federation.bureau("XAV")
    path = owner.imports.spool() / "exhibits.jsonl"
    path.write_bytes(b"\n".join(map(msgspec.json.encode, rows)))
    source = chunking.inspect(owner.vocabulary, path, NAME)
    order = Order("import-1", "XAV", "anna", CARRIAGE, keep_going=True)
    job: ImportJob = owner.do(lambda: owner.imports.begin(ANNA, source, order))
    while not job.ended_ms:
        chunk = owner.imports.read(job)
        job = owner.do(partial(owner.imports.commit, job, chunk))
        federation.pump()
    return job


def test_imported_records_take_their_files_along_and_a_row_without_its_file_is_bad(
    three: Federation, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(file_sealing, "GROUP_FILES_LIMIT", 2)
    owner = three.bureau("XAV")
    images = [png(filling=b"%d" % number) for number in range(5)]
    rows = [exhibit(f"E-{at}", front=upload(owner, one), title=f"No. {at}") for at, one in enumerate(images)]
    rows.insert(2, exhibit("E-9", front=attachment(CANARY_IMAGE).text()))
    job = import_rows(three, rows)
    assert (job.state, job.accepted, job.bad) == ("done", 5, 1)
    (fault,) = import_job.faults(owner.db, job)
    assert (fault.line, fault.code) == (3, "FILE-UNKNOWN")
    assert entries_with_parts(three) == 3
    for at, image in enumerate(images):
        assert shown(three, "XBM", identity("XAV", f"E-{at}").hex(), image) == image
