from collections.abc import Callable
from functools import partial

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from allpoints.ground.clock import DAY, HOUR
from allpoints.ground.refusal import Refusal
from allpoints.identity import row
from allpoints.identity.certificate import Certificate, Holder, issue
from allpoints.identity.directory import Directory
from allpoints.identity.keystore import Keys
from allpoints.identity.known import Ordered
from allpoints.identity.root import Root
from allpoints.identity.standing import (
    DIRECT,
    KINDS,
    MESSAGES,
    PRE_REVIEWED,
    RECEIVE_ONLY,
    RECORDS,
    SUSPENDED,
    Measure,
    Restoration,
    new_id,
    strictest,
)

Certified = Callable[[str, str], Certificate]
KeysOf = Callable[[str], Keys]
Rooted = Callable[[str], Root]
HolderOf = Callable[[str, str], Holder]


@pytest.fixture
def directory(certified: Certified, rooted: Rooted, now_ms: int) -> Directory:
    made = Directory(rooted("XSC"))
    for name, role in [
        ("XSC", "secretariat"),
        ("XSC/relay", "relay"),
        ("XAV", "bureau"),
        ("XBM", "bureau"),
        ("XAV/post-1", "post"),
    ]:
        made.add(certified(name, role), now_ms)
    return made


def code_of(act: Callable[[], None]) -> str:
    try:
        act()
    except Refusal as refusal:
        return refusal.code
    return "accepted"


def test_who_was_added_is_known_and_active(directory: Directory, certified: Certified, now_ms: int) -> None:
    assert [member.code for member in directory.members()] == ["XAV", "XBM"]
    assert directory.certificate("XAV") == certified("XAV", "bureau")
    assert directory.verify_key("XAV/post-1") == certified("XAV/post-1", "post").verify_key
    member = directory.member("XAV")
    assert member is not None
    assert (member.label, member.admitted_ms, member.measures) == ("Office XAV", now_ms, ())
    for name in ("XSC", "XSC/relay", "XAV", "XAV/post-1"):
        assert directory.is_active(name, now_ms)
        assert not directory.is_active(name, now_ms - 1)
        assert not directory.is_active(name, now_ms + 20 * DAY)
    assert directory.member("XSC") is None
    assert directory.certificate("XCS") is None
    assert directory.verify_key("XCS") is None
    assert not directory.is_active("XCS", now_ms)


def measure(
    code: str = "XAV", mode: str = SUSPENDED, *, from_ms: int, days: int = 1, kinds: tuple[str, ...] = KINDS
) -> Measure:
    return Measure(
        new_id(), code, mode, kinds, from_ms, from_ms + days * DAY, "Keys may be stolen", "Duty officer"
    )


def restoration(*measures: Measure) -> Restoration:
    lifts = tuple(sorted(one.id for one in measures))
    return Restoration(new_id(), measures[0].member, lifts, "Cleared", "GA-2026-94-RES-07")


def test_a_suspension_counts_from_its_place_on_whatever_time_is_claimed_and_reaches_the_posts(
    directory: Directory, now_ms: int
) -> None:
    order = measure(from_ms=now_ms + HOUR)
    directory.limit(order, 7, now_ms + HOUR)
    for name in ("XAV", "XAV/post-1"):
        for at_ms in (now_ms - 20 * DAY, now_ms, now_ms + HOUR, now_ms + DAY):
            assert not directory.is_active(name, at_ms)
        assert directory.is_active(name, now_ms + HOUR + DAY)
    assert directory.is_active("XBM", now_ms)
    member = directory.member("XAV")
    assert member is not None
    assert member.measures == (Ordered(order, 7, now_ms + HOUR),)


def test_a_measure_may_begin_later(directory: Directory, now_ms: int) -> None:
    directory.limit(measure(from_ms=now_ms + DAY), 7, now_ms)
    assert directory.is_active("XAV", now_ms + HOUR)
    assert not directory.is_active("XAV", now_ms + DAY)


def test_of_several_measures_the_strictest_counts_for_the_kinds_that_each_names(
    directory: Directory, now_ms: int
) -> None:
    gate = measure(mode=PRE_REVIEWED, from_ms=now_ms, days=9, kinds=(MESSAGES,))
    hush = measure(mode=RECEIVE_ONLY, from_ms=now_ms, days=2, kinds=(RECORDS, MESSAGES))
    directory.limit(gate, 1, now_ms)
    directory.limit(hush, 2, now_ms)
    assert [directory.mode("XAV", kind, now_ms) for kind in KINDS] == [RECEIVE_ONLY, DIRECT, RECEIVE_ONLY]
    assert directory.is_active("XAV", now_ms)
    assert directory.mode("XAV", MESSAGES, now_ms + 3 * DAY) == PRE_REVIEWED
    directory.lift(restoration(gate, hush), now_ms + HOUR)
    assert [directory.mode("XAV", kind, now_ms) for kind in KINDS] == [DIRECT] * 3


def test_what_the_holders_of_the_root_approved_may_last_and_follow_at_once(
    directory: Directory, now_ms: int
) -> None:
    long, endless = measure(from_ms=now_ms, days=400), measure(from_ms=now_ms)
    endless = msgspec.structs.replace(endless, until_ms=0)
    for one in (long, endless):
        assert code_of(partial(directory.limit, one, 1, now_ms)) == "MEASURE-TOO-LONG"
        directory.limit(one, 1, now_ms, approved=True)
    assert not directory.is_active("XAV", now_ms + 300 * DAY)
    # And after it nobody goes on alone.
    again = measure(from_ms=now_ms + DAY)
    assert code_of(lambda: directory.limit(again, 2, now_ms + DAY)) == "MEASURE-AGAIN"
    directory.limit(again, 2, now_ms + DAY, approved=True)


def test_orders_out_of_place_are_refused(directory: Directory, now_ms: int) -> None:
    order = measure(from_ms=now_ms)
    assert code_of(lambda: directory.limit(measure("XCS", from_ms=now_ms), 1, now_ms)) == "UNKNOWN-NODE"
    assert code_of(lambda: directory.limit(measure("XSC", from_ms=now_ms), 1, now_ms)) == "CANNOT-LIMIT"
    assert code_of(lambda: directory.lift(restoration(order), now_ms)) == "MEASURE-UNKNOWN"
    assert code_of(lambda: directory.limit(order, 1, now_ms)) == "accepted"
    assert code_of(lambda: directory.limit(order, 2, now_ms)) == "ORDER-AGAIN"
    other = msgspec.structs.replace(restoration(order), member="XBM")
    assert code_of(lambda: directory.lift(other, now_ms)) == "MEASURE-UNKNOWN"
    end = restoration(order)
    assert code_of(lambda: directory.lift(end, now_ms)) == "accepted"
    assert code_of(lambda: directory.lift(end, now_ms)) == "ORDER-AGAIN"
    assert code_of(lambda: directory.lift(restoration(order), now_ms)) == "MEASURE-UNKNOWN"


def test_the_secretariat_alone_can_neither_limit_for_long_nor_chain_measures(
    directory: Directory, now_ms: int
) -> None:
    endless = msgspec.structs.replace(measure(from_ms=now_ms), until_ms=0)
    assert code_of(lambda: directory.limit(endless, 1, now_ms)) == "MEASURE-TOO-LONG"
    assert code_of(lambda: directory.limit(measure(from_ms=now_ms, days=15), 1, now_ms)) == "MEASURE-TOO-LONG"
    hush = measure(mode=RECEIVE_ONLY, from_ms=now_ms, days=14)
    assert code_of(lambda: directory.limit(hush, 1, now_ms)) == "accepted"
    later = now_ms + 20 * DAY
    again = measure(mode=RECEIVE_ONLY, from_ms=later)
    assert code_of(lambda: directory.limit(again, 2, later)) == "MEASURE-AGAIN"
    stricter = measure(from_ms=later)
    assert code_of(lambda: directory.limit(stricter, 2, later)) == "accepted"
    directory.lift(restoration(stricter), later)
    assert code_of(lambda: directory.limit(measure(from_ms=later), 3, later)) == "accepted"
    assert code_of(lambda: directory.limit(again, 4, now_ms + 120 * DAY)) == "accepted"


def test_a_copy_goes_its_own_way(directory: Directory, now_ms: int) -> None:
    other = directory.copy()
    other.limit(measure(from_ms=now_ms), 1, now_ms)
    assert directory.is_active("XAV", now_ms)
    assert not other.is_active("XAV", now_ms)
    assert [one.code for one in other.members()] == [one.code for one in directory.members()]


def test_a_renewal_keeps_the_past(
    directory: Directory, keys_of: KeysOf, holder_of: HolderOf, certified: Certified, now_ms: int
) -> None:
    renewed = issue(
        "XAV",
        keys_of("XAV").signing,
        msgspec.structs.replace(holder_of("XAV", "bureau"), label="Arvandia"),
        not_before_ms=now_ms + DAY,
        not_after_ms=now_ms + 40 * DAY,
    )
    directory.add(renewed, now_ms + HOUR)
    assert directory.certificate("XAV") == renewed
    assert directory.certificate("XAV", now_ms) == certified("XAV", "bureau")
    assert directory.certificate("XAV", now_ms + 2 * HOUR) == certified("XAV", "bureau")
    assert directory.certificate("XAV", now_ms + DAY) == renewed
    assert directory.certificate("XAV", now_ms - 1) is None
    assert directory.is_active("XAV", now_ms + 2 * HOUR)
    assert directory.is_active("XAV", now_ms + 30 * DAY)
    directory.add(certified("XAV", "bureau"), now_ms + 2 * DAY)
    assert directory.certificate("XAV") == renewed


def test_a_bureau_is_not_given_another_key(
    directory: Directory, holder_of: HolderOf, keys_of: KeysOf, now_ms: int
) -> None:
    other = keys_of("XCS")
    stolen = issue(
        "XAV",
        other.signing,
        msgspec.structs.replace(holder_of("XAV", "bureau"), verify_key=other.signing.public),
        not_before_ms=now_ms,
        not_after_ms=now_ms + DAY,
    )
    assert code_of(lambda: directory.add(stolen, now_ms)) == "KEY-CHANGED"


def test_the_secretariat_cannot_speak_under_a_members_name(
    directory: Directory, holder_of: HolderOf, keys_of: KeysOf, now_ms: int
) -> None:
    root = keys_of("XSC").signing

    def ghost(name: str, role: str, member: str) -> Certificate:
        holder = Holder(name, role, member, "Ghost", root.public, keys_of("XSC").reception.public)
        return issue(member, root, holder, not_before_ms=now_ms, not_after_ms=now_ms + DAY)

    assert code_of(lambda: directory.add(ghost("XAV", "secretariat", "XAV"), now_ms)) == "NOT-ISSUER"
    assert code_of(lambda: directory.add(ghost("XAV/relay", "relay", "XAV"), now_ms)) == "NOT-ISSUER"
    assert code_of(lambda: directory.add(ghost("XAV/post-2", "post", "XAV"), now_ms)) == "BAD-SIGNATURE"
    assert code_of(lambda: directory.add(ghost("XSC/post-2", "post", "XSC"), now_ms)) == "NOT-ISSUER"
    assert code_of(lambda: directory.add(ghost("XSC", "bureau", "XSC"), now_ms)) == "ROLE-CHANGED"
    assert code_of(lambda: directory.add(ghost("XSC", "secretariat", "XSC"), now_ms)) == "accepted"


def test_certificates_without_their_issuer_or_with_a_false_signature_are_refused(
    directory: Directory, certified: Certified, rooted: Rooted, now_ms: int
) -> None:
    empty = Directory(rooted("XSC"))
    assert code_of(lambda: empty.add(certified("XAV/post-1", "post"), now_ms)) == "UNKNOWN-NODE"
    assert code_of(lambda: empty.add(certified("XSC/relay", "relay"), now_ms)) == "NOT-ISSUER"
    good = certified("XCS", "bureau")
    false = Certificate.from_bytes(row.encode(good.body, bytes(3373)))
    assert code_of(lambda: directory.add(false, now_ms)) == "BAD-SIGNATURE"
    assert code_of(lambda: directory.add(good, now_ms)) == "accepted"
    wrong_root = Directory(rooted("XCS"))
    assert code_of(lambda: wrong_root.add(certified("XSC", "secretariat"), now_ms)) == "NOT-IN-ROOT"


def test_a_renewal_from_before_the_last_one_is_refused(
    directory: Directory, keys_of: KeysOf, holder_of: HolderOf, now_ms: int
) -> None:
    renewed = issue(
        "XAV",
        keys_of("XAV").signing,
        holder_of("XAV", "bureau"),
        not_before_ms=now_ms,
        not_after_ms=now_ms + DAY,
    )
    assert code_of(lambda: directory.add(renewed, now_ms - 1)) == "OUT-OF-ORDER"
    assert code_of(lambda: directory.add(renewed, now_ms)) == "accepted"


ORDERS = st.lists(
    st.tuples(st.sampled_from(["limit", "lift"]), st.integers(0, 40), st.integers(0, 3)), max_size=12
)


@settings(max_examples=60, deadline=None)
@given(steps=ORDERS)
def test_what_a_member_may_do_equals_a_plain_replay_of_what_was_accepted(
    certified: Certified, rooted: Rooted, now_ms: int, steps: list[tuple[str, int, int]]
) -> None:
    directory = Directory(rooted("XSC"))
    directory.add(certified("XAV", "bureau"), now_ms)
    stand: list[Measure] = []
    lifted: set[bytes] = set()
    for act, offset, which in steps:
        at_ms = now_ms + offset * DAY
        mode = (PRE_REVIEWED, RECEIVE_ONLY, SUSPENDED, SUSPENDED)[which]
        order = measure(mode=mode, from_ms=at_ms, kinds=(MESSAGES,) if which == 0 else KINDS)
        open_ = [one for one in stand if one.id not in lifted]
        try:
            if act == "limit":
                directory.limit(order, 1, at_ms)
                stand.append(order)
            elif open_:
                directory.lift(restoration(open_[which % len(open_)]), at_ms)
                lifted.add(open_[which % len(open_)].id)
        except Refusal:
            continue
    for day in range(42):
        at_ms = now_ms + day * DAY
        counted = max(at_ms, directory.clock_ms)
        modes = [one.mode for one in stand if one.id not in lifted and one.covers(counted)]
        assert directory.mode("XAV", MESSAGES, at_ms) == strictest(tuple(modes))
