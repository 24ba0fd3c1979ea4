from collections.abc import Callable

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from allpoints.ground.clock import DAY, HOUR
from allpoints.ground.refusal import Refusal
from allpoints.identity import row
from allpoints.identity.certificate import Certificate, Holder, issue
from allpoints.identity.directory import Directory, Period
from allpoints.identity.keystore import Keys

Certified = Callable[[str, str], Certificate]
KeysOf = Callable[[str], Keys]
HolderOf = Callable[[str, str], Holder]


@pytest.fixture
def directory(certified: Certified, keys_of: KeysOf, now_ms: int) -> Directory:
    made = Directory(keys_of("XSC").signing.public)
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
    assert (member.label, member.admitted_ms, member.suspended) == ("Office XAV", now_ms, ())
    for name in ("XSC", "XSC/relay", "XAV", "XAV/post-1"):
        assert directory.is_active(name, now_ms)
        assert not directory.is_active(name, now_ms - 1)
        assert not directory.is_active(name, now_ms + 20 * DAY)
    assert directory.member("XSC") is None
    assert directory.certificate("XCS") is None
    assert directory.verify_key("XCS") is None
    assert not directory.is_active("XCS", now_ms)


def test_a_suspension_counts_in_its_time_and_reaches_the_posts(directory: Directory, now_ms: int) -> None:
    directory.suspend("XAV", now_ms + HOUR)
    directory.restore("XAV", now_ms + 3 * HOUR)
    directory.suspend("XAV", now_ms + 5 * HOUR)
    expected = {0: True, 1: False, 2: False, 3: True, 4: True, 5: False, 6: False}
    for name in ("XAV", "XAV/post-1"):
        assert {h: directory.is_active(name, now_ms + h * HOUR) for h in expected} == expected
    assert directory.is_active("XBM", now_ms + 2 * HOUR)
    member = directory.member("XAV")
    assert member is not None
    assert member.suspended == (Period(now_ms + HOUR, now_ms + 3 * HOUR), Period(now_ms + 5 * HOUR))


def test_a_post_can_be_suspended_alone(directory: Directory, now_ms: int) -> None:
    directory.suspend("XAV/post-1", now_ms)
    assert not directory.is_active("XAV/post-1", now_ms)
    assert directory.is_active("XAV", now_ms)


def test_suspensions_out_of_place_are_refused(directory: Directory, now_ms: int) -> None:
    assert code_of(lambda: directory.restore("XAV", now_ms)) == "NOT-SUSPENDED"
    assert code_of(lambda: directory.suspend("XCS", now_ms)) == "UNKNOWN-NODE"
    assert code_of(lambda: directory.suspend("XSC", now_ms)) == "CANNOT-SUSPEND"
    assert code_of(lambda: directory.suspend("XSC/relay", now_ms)) == "CANNOT-SUSPEND"
    assert code_of(lambda: directory.suspend("XAV", now_ms)) == "accepted"
    assert code_of(lambda: directory.suspend("XAV", now_ms + 1)) == "ALREADY-SUSPENDED"
    assert code_of(lambda: directory.restore("XAV", now_ms - 1)) == "OUT-OF-ORDER"
    assert code_of(lambda: directory.restore("XAV", now_ms + 5)) == "accepted"
    assert code_of(lambda: directory.suspend("XAV", now_ms + 4)) == "ALREADY-SUSPENDED"


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
    directory: Directory, certified: Certified, keys_of: KeysOf, now_ms: int
) -> None:
    empty = Directory(keys_of("XSC").signing.public)
    assert code_of(lambda: empty.add(certified("XAV/post-1", "post"), now_ms)) == "UNKNOWN-NODE"
    assert code_of(lambda: empty.add(certified("XSC/relay", "relay"), now_ms)) == "NOT-ISSUER"
    good = certified("XCS", "bureau")
    false = Certificate.from_bytes(row.encode(good.body, bytes(3373)))
    assert code_of(lambda: directory.add(false, now_ms)) == "BAD-SIGNATURE"
    assert code_of(lambda: directory.add(good, now_ms)) == "accepted"
    wrong_root = Directory(keys_of("XCS").signing.public)
    assert code_of(lambda: wrong_root.add(certified("XSC", "secretariat"), now_ms)) == "BAD-SIGNATURE"


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


@settings(max_examples=60, deadline=None)
@given(steps=st.lists(st.tuples(st.booleans(), st.integers(0, 50)), max_size=12))
def test_activity_equals_a_plain_replay_of_what_was_accepted(
    certified: Certified, keys_of: KeysOf, now_ms: int, steps: list[tuple[bool, int]]
) -> None:
    directory = Directory(keys_of("XSC").signing.public)
    directory.add(certified("XAV", "bureau"), now_ms)
    marks: list[tuple[int, bool]] = []
    for suspend, offset in steps:
        act = directory.suspend if suspend else directory.restore
        try:
            act("XAV", now_ms + offset)
        except Refusal:
            continue
        marks.append((offset, not suspend))
    for offset in range(52):
        state = True
        for mark, active in marks:
            if mark <= offset:
                state = active
        assert directory.is_active("XAV", now_ms + offset) == state
