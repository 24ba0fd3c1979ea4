"""The relay's mailbox: rules one by one, and all of them against a plain dictionary."""

import sqlite3
from collections.abc import Callable
from contextlib import closing
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from allpoints.ground.refusal import Refusal
from allpoints.messages import mailbox
from allpoints.sealing import cbor
from allpoints.sealing.envelope import ENVELOPE_LIMIT_BYTES, envelope_hash

Envelope = Callable[..., bytes]

NOW_MS = 1_790_000_000_000
HOUR_MS = 3_600_000
KNOWN = {"XAV", "XBM", "XCS", "XSC"}


def refused(act: Callable[[], object]) -> str:
    with pytest.raises(Refusal) as caught:
        act()
    return caught.value.code


def everything(db: sqlite3.Connection) -> list[str]:
    return list(db.iterdump())


def test_an_envelope_waits_for_each_of_its_recipients_until_that_one_has_it(
    relay_db: sqlite3.Connection, envelope: Envelope
) -> None:
    sealed = envelope(to=("XBM", "XCS"))
    done = mailbox.deposit(relay_db, sealed, "XAV", KNOWN, NOW_MS)
    assert done == mailbox.Deposited(envelope_hash(sealed), ("XBM", "XCS"), again=False)
    ((number, data),) = mailbox.waiting(relay_db, "XBM", 0)
    assert data == sealed
    mailbox.took(relay_db, "XBM", [number])
    assert mailbox.waiting(relay_db, "XBM", 0) == []
    assert mailbox.waiting(relay_db, "XCS", 0) == [(number, sealed)]
    mailbox.took(relay_db, "XCS", [number])
    assert relay_db.execute("SELECT count(*) FROM relay_mail").fetchone() == (0,)


def test_the_same_envelope_again_changes_nothing_even_after_it_was_fetched(
    relay_db: sqlite3.Connection, envelope: Envelope
) -> None:
    sealed = envelope()
    mailbox.deposit(relay_db, sealed, "XAV", KNOWN, NOW_MS)
    assert mailbox.deposit(relay_db, sealed, "XAV", KNOWN, NOW_MS).again
    mailbox.took(relay_db, "XBM", [mailbox.waiting(relay_db, "XBM", 0)[0][0]])
    before = everything(relay_db)
    assert mailbox.deposit(relay_db, sealed, "XAV", KNOWN, NOW_MS).again
    assert everything(relay_db) == before


def _with_other_end(sealed: bytes) -> bytes:
    header, wraps, body = cbor.decode(sealed, ENVELOPE_LIMIT_BYTES)
    return cbor.encode([header, wraps, body[:-1] + bytes([body[-1] ^ 1])])


def test_what_may_not_be_deposited_is_refused_and_changes_nothing(
    relay_db: sqlite3.Connection, envelope: Envelope
) -> None:
    mailbox.deposit(relay_db, envelope(), "XAV", KNOWN, NOW_MS)
    before = everything(relay_db)
    cases: list[tuple[str, bytes, str, int]] = [
        ("MAIL-NOT-YOURS", envelope(body=b"a"), "XCS", NOW_MS),
        ("MAIL-EXPIRED", envelope(body=b"b"), "XAV", NOW_MS + HOUR_MS),
        ("MAIL-UNKNOWN-RECIPIENT", envelope(to=("XBM", "XQQ")), "XAV", NOW_MS),
        ("MAIL-ID-REUSED", _with_other_end(envelope()), "XAV", NOW_MS),
        ("MAIL-TOO-LARGE", bytes(ENVELOPE_LIMIT_BYTES + 1), "XAV", NOW_MS),
    ]
    for code, data, depositor, now_ms in cases:
        assert (
            refused(lambda d=data, w=depositor, n=now_ms: mailbox.deposit(relay_db, d, w, KNOWN, n)) == code  # type: ignore[misc]
        )
    assert everything(relay_db) == before
    mailbox.deposit(relay_db, envelope(body=b"a"), "XAV", KNOWN, NOW_MS)


@settings(max_examples=100, deadline=None)
@given(st.binary(max_size=80))
def test_any_bytes_that_are_no_envelope_are_refused(data: bytes) -> None:
    with closing(sqlite3.connect(":memory:", isolation_level=None)) as db:
        db.executescript(mailbox.SCHEMA)
        with pytest.raises(Refusal):
            mailbox.deposit(db, data, "XAV", KNOWN, NOW_MS)


def test_a_full_mailbox_tells_the_sender_to_wait_and_others_still_get_theirs(
    relay_db: sqlite3.Connection, envelope: Envelope, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mailbox, "WAITING_LIMIT", 2)
    for body in (b"1", b"2"):
        mailbox.deposit(relay_db, envelope(body=body), "XAV", KNOWN, NOW_MS)
    third = envelope(body=b"3")
    assert refused(lambda: mailbox.deposit(relay_db, third, "XAV", KNOWN, NOW_MS)) == "MAILBOX-FULL"
    mailbox.deposit(relay_db, envelope(to=("XCS",)), "XAV", KNOWN, NOW_MS)
    mailbox.took(relay_db, "XBM", [mailbox.waiting(relay_db, "XBM", 0)[0][0]])
    mailbox.deposit(relay_db, third, "XAV", KNOWN, NOW_MS)


def test_nobody_takes_what_waits_for_another(relay_db: sqlite3.Connection, envelope: Envelope) -> None:
    mailbox.deposit(relay_db, envelope(), "XAV", KNOWN, NOW_MS)
    number = mailbox.waiting(relay_db, "XBM", 0)[0][0]
    mailbox.took(relay_db, "XCS", [number])
    assert len(mailbox.waiting(relay_db, "XBM", 0)) == 1


def test_one_fetch_gives_at_least_one_envelope_and_no_more_than_fits(
    relay_db: sqlite3.Connection, envelope: Envelope, monkeypatch: pytest.MonkeyPatch
) -> None:
    for body in (b"1", b"2", b"3"):
        mailbox.deposit(relay_db, envelope(body=body), "XAV", KNOWN, NOW_MS)
    monkeypatch.setattr(mailbox, "FETCH_LIMIT_BYTES", 10)
    first = mailbox.waiting(relay_db, "XBM", 0)
    assert len(first) == 1
    assert mailbox.waiting(relay_db, "XBM", first[0][0])[0][0] == first[0][0] + 1


BODIES = [b"0", b"1", b"2", b"3"]
TARGETS = [("XBM",), ("XCS",), ("XBM", "XCS"), ("XAV", "XBM", "XCS")]
SPANS = [HOUR_MS, 2 * HOUR_MS]
STEPS = st.lists(
    st.one_of(
        st.tuples(
            st.just("deposit"), st.sampled_from(BODIES), st.sampled_from(TARGETS), st.sampled_from(SPANS)
        ),
        st.tuples(st.just("fetch"), st.sampled_from(["XAV", "XBM", "XCS"]), st.integers(0, 3)),
        st.tuples(st.just("later"), st.integers(1, HOUR_MS)),
        st.tuples(st.just("sweep")),
    ),
    max_size=25,
)


@settings(max_examples=60, deadline=None)
@given(STEPS)
def test_the_mailbox_behaves_like_a_dictionary_of_lists(
    envelope: Envelope, steps: list[tuple[Any, ...]]
) -> None:
    model: dict[str, list[bytes]] = {name: [] for name in KNOWN}
    expires: dict[bytes, int] = {}
    now_ms = NOW_MS
    with closing(sqlite3.connect(":memory:", isolation_level=None)) as db:
        db.execute("PRAGMA foreign_keys=ON")
        db.executescript(mailbox.SCHEMA)
        for step in steps:
            match step:
                case ("deposit", body, to, span):
                    sealed = envelope("XAV", to, body, NOW_MS + span)
                    _deposit(db, sealed, to, model, expires, now_ms, NOW_MS + span)
                case ("fetch", name, count):
                    taken = mailbox.waiting(db, name, 0)[:count]
                    mailbox.took(db, name, [number for number, _ in taken])
                    assert [data for _, data in taken] == model[name][:count]
                    model[name] = model[name][count:]
                case ("later", ms):
                    now_ms += ms
                case _:
                    mailbox.sweep(db, now_ms)
                    gone = {data for data, until in expires.items() if until <= now_ms}
                    model = {name: [one for one in held if one not in gone] for name, held in model.items()}
                    expires = {data: until for data, until in expires.items() if until > now_ms}
            for name, held in model.items():
                assert [data for _, data in mailbox.waiting(db, name, 0)] == held
            kept = db.execute("SELECT count(*) FROM relay_mail").fetchone()[0]
            assert kept == len({one for held in model.values() for one in held})


def _deposit(
    db: sqlite3.Connection,
    sealed: bytes,
    to: tuple[str, ...],
    model: dict[str, list[bytes]],
    expires: dict[bytes, int],
    now_ms: int,
    until_ms: int,
) -> None:
    if sealed in expires:
        assert mailbox.deposit(db, sealed, "XAV", KNOWN, now_ms).again
        return
    if until_ms <= now_ms:
        assert refused(lambda: mailbox.deposit(db, sealed, "XAV", KNOWN, now_ms)) == "MAIL-EXPIRED"
        return
    assert not mailbox.deposit(db, sealed, "XAV", KNOWN, now_ms).again
    expires[sealed] = until_ms
    for name in to:
        model[name].append(sealed)
