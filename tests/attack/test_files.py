"""Hostile files: what is imported, and what asks to join or says that one may."""

import json
from functools import partial
from typing import Any

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.attack.absurd import TEXTS, VALUES, outcome_of
from tests.node.federation import Federation
from tests.node.samples import (
    ANNA,
    CARRIAGE,
    NOW_MS,
    PASSPORT,
    PERSON,
    certificate,
    credentials,
    keys,
    vocabulary,
)

from allpoints.ground.clock import DAY, HOUR
from allpoints.ground.refusal import Refusal
from allpoints.identity.admission import Admission, read_admission
from allpoints.identity.certificate import Certificate, Holder, issue
from allpoints.identity.joining import make_join_request, read_join_request
from allpoints.registers import chunking
from allpoints.registers.importing import Order

fuzz = settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
GOOD_CSV = "source_ref,document_number,issuer,document_type,fraud\nAV-1,AB123456,XAV,passport,stolen\n"
CELLS = (
    TEXTS
    | st.text(max_size=12)
    | st.sampled_from(["=cmd|'/C calc'!A0", '"', '""', ",", ";", "XAV", "9" * 5_000, "\ufeff"])
)
ROWS = st.lists(st.lists(CELLS, max_size=7).map(",".join), max_size=6).map("\n".join)
JSON_ROWS = st.lists(
    st.dictionaries(st.sampled_from([*PASSPORT, *PERSON, "surplus"]), VALUES, max_size=6), max_size=5
).map(lambda rows: b"\n".join(msgspec.json.encode(row) for row in rows if _encodable(row)))
BROKEN = st.sampled_from(
    [b"", b"\xff\xfe", b"PK\x03\x04", b"{", b"{}" * 9, b'{"a":' * 30_000, b"[" * 90_000, b"x" * 200_000, b'"' + b"a\n" * 60_000,
     b'{"height_cm": 1' + b"0" * 6_000 + b"}", b'{"source_ref": "\\ud800"}', GOOD_CSV.encode() + b"\x00\x00\n", b"\r" * 500]
)  # fmt: skip


def _encodable(row: dict[str, Any]) -> bool:
    try:
        msgspec.json.encode(row)
    except (UnicodeEncodeError, TypeError, ValueError):
        return False
    return True


@pytest.fixture(scope="module")
def alone(tmp_path_factory: pytest.TempPathFactory) -> Any:
    federation = Federation(tmp_path_factory.mktemp("files"), ("XAV",))
    yield federation
    for node in federation.nodes.values():
        node.close()


@fuzz
@given(
    ROWS.map(lambda rows: (GOOD_CSV + rows).encode("utf-8", "surrogatepass"))
    | JSON_ROWS
    | BROKEN
    | st.binary(max_size=60),
    st.sampled_from(["travel-documents", "persons"]),
    st.booleans(),
)
def test_a_file_of_any_bytes_is_imported_or_refused_row_by_row(
    alone: Federation,
    tmp_path_factory: pytest.TempPathFactory,
    content: bytes,
    register: str,
    keep_going: bool,
) -> None:
    bureau = alone.bureau("XAV")
    path = bureau.imports.spool() / f"{len(list(bureau.imports.spool().iterdir()))}-{id(content)}.csv"
    path.write_bytes(content)
    source = outcome_of(lambda: chunking.inspect(vocabulary(), path, register))
    if isinstance(source, Refusal):
        path.unlink()
        return
    order = Order(path.stem, "XAV", "anna", CARRIAGE, keep_going)
    job = outcome_of(lambda: bureau.do(lambda: bureau.imports.begin(ANNA, source, order)))
    if isinstance(job, Refusal):
        return
    for _ in range(9):
        going = bureau.imports.going()
        if not going:
            break
        chunk = bureau.imports.read(going[0])
        job = bureau.do(partial(bureau.imports.commit, going[0], chunk))
        refused = alone.pump()
        assert not refused
    assert job.ended_ms
    assert not path.exists()
    assert job.read == job.accepted + job.unchanged + job.bad


def test_the_file_of_an_import_does_not_outlive_it_but_waits_while_it_is_stopped(alone: Federation) -> None:
    bureau = alone.bureau("XAV")
    from allpoints.registers import importing

    path = bureau.imports.spool() / "kept.csv"
    path.write_text(GOOD_CSV)
    source = chunking.inspect(vocabulary(), path, "travel-documents")
    bureau.do(lambda: bureau.imports.begin(ANNA, source, Order("kept", "XAV", "anna", CARRIAGE, True)))
    bureau.do(lambda: importing.stop(bureau.db, "kept"))
    bureau.do(lambda: bureau.imports.tidy_spool(2**47))
    assert path.exists()
    job = bureau.do(lambda: importing.resume(bureau.db, "kept"))
    bureau.do(lambda: bureau.imports.commit(job, bureau.imports.read(job)))
    assert not path.exists()
    orphan = bureau.imports.spool() / "orphan.csv"
    orphan.write_text(GOOD_CSV)
    bureau.do(lambda: bureau.imports.tidy_spool(0))
    assert orphan.exists()
    bureau.do(lambda: bureau.imports.tidy_spool(2**47))
    assert not orphan.exists()


# -- joining


def request_text() -> str:
    signing, reception = keys("XDV")
    holder = Holder("XDV", "bureau", "XDV", "Office XDV", signing.public, reception.public)
    return make_join_request(holder, signing, NOW_MS, certificate("XDV", "bureau")).write()


def admission_text() -> str:
    me = credentials("XAV")
    assert me.upper is not None
    return Admission(
        me.network, "http://127.0.0.1:1", me.root, me.secretariat, me.upper, me.certificate
    ).write()


@fuzz
@given(st.data(), st.booleans())
def test_a_join_request_or_admission_with_any_field_changed_is_refused(
    alone: Federation, data: st.DataObject, joining: bool
) -> None:
    sound = json.loads(request_text() if joining else admission_text())
    field = data.draw(st.sampled_from([*sound, "surplus"]))
    value = data.draw(VALUES.filter(lambda one: _encodable({"a": one})) | TEXTS)
    changed = msgspec.json.encode(sound | {field: value}).decode("utf-8", "replace")
    if joining:
        centre = alone.centre
        before = list(centre.db.iterdump())
        outcome = outcome_of(
            lambda: centre.do(lambda: centre.network.admit_member(ANNA, changed, "http://a"))
        )
        assert isinstance(outcome, Refusal)
        assert list(centre.db.iterdump()) == before
        return
    outcome = outcome_of(lambda: read_admission(changed))
    if not isinstance(outcome, Refusal):
        assert isinstance(outcome_of(lambda: outcome.check(keys("XAV")[0].public, NOW_MS)), Refusal | None)
        assert msgspec.json.decode(changed)[field] == sound.get(field, value)


@fuzz
@given(st.binary(max_size=80) | st.sampled_from([b"[" * 60_000, b'{"a":' * 20_000, b"\xff" * 40]))
def test_any_bytes_as_a_request_admission_or_certificate_are_refused(data: bytes) -> None:
    text = data.decode("utf-8", "replace")
    assert isinstance(outcome_of(lambda: read_join_request(text)), Refusal)
    assert isinstance(outcome_of(lambda: read_admission(text)), Refusal)
    assert isinstance(outcome_of(lambda: Certificate.from_bytes(data)), Refusal)


def test_the_sound_request_is_admitted_and_the_same_name_with_other_keys_is_not(alone: Federation) -> None:
    centre = alone.centre
    assert read_admission(admission_text()).own.subject == "XAV"
    centre.do(lambda: centre.network.admit_member(ANNA, request_text(), "http://a"))
    alone.pump()
    assert "XDV" in {row.code for row in centre.network.members()}
    signing, reception = keys("somebody else")
    for name in ("XDV", "XSC", "XAV"):
        holder = Holder(name, "bureau", name, "Nobody", signing.public, reception.public)
        own = issue(name, signing, holder, not_before_ms=NOW_MS - HOUR, not_after_ms=NOW_MS + DAY)
        forged = make_join_request(holder, signing, NOW_MS, own).write()
        outcome = outcome_of(
            partial(centre.do, partial(centre.network.admit_member, ANNA, forged, "http://a"))
        )
        assert isinstance(outcome, Refusal)
        assert outcome.code == "ADMISSION-TWICE"
