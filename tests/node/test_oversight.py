"""The overseer's desk: samples, exports with proofs, verification a piece at a time, erasing, and all of it on record."""

from functools import partial

import msgspec
import pytest
from tests.node.federation import Federation

from allpoints.border.question import Question
from allpoints.ground.clock import DAY, HOUR, SECOND
from allpoints.ground.refusal import Refusal
from allpoints.identity.officers import Asker
from allpoints.ledger import audit, audit_export, checkpoint
from allpoints.ledger.audit_reading import Filter
from allpoints.ledger.checkpoint import RelayKeys
from allpoints.ledger.merkle import verify_consistency
from allpoints.node import oversight
from allpoints.node.bureau import Bureau

OLGA = Asker("olga", frozenset({"overseer"}), "analyse", "DP-2031-4")
IDLE = Asker("olga", frozenset({"overseer"}))
DESK = Asker("dana", frozenset({"desk"}), "analyse", "C-1")
ADA = Asker("ada", frozenset({"administrator"}))
EVERYTHING = Filter()
QUESTION = Question(number="AB1234567", issuer="XAV")


@pytest.fixture
def bureau(two: Federation) -> Bureau:
    for _ in range(4):
        two.check("XBM", QUESTION)
    two.tick(SECOND)
    two.tick(SECOND)
    return two.bureau("XBM")


def last_event(bureau: Bureau) -> str:
    return audit.lines(bureau.db, limit=1)[0].event


def refused(bureau: Bureau, act: object) -> str:
    assert callable(act)
    with pytest.raises(Refusal) as caught:
        bureau.do(act)
    return caught.value.code


def test_an_export_is_proved_against_the_head_in_the_ledger_and_is_on_record(
    two: Federation, bureau: Bureau
) -> None:
    part = bureau.do(lambda: bureau.audit.oversight.export(OLGA, EVERYTHING, 0, 0))
    head, count, erased = audit_export.check([msgspec.json.encode(one) for one in (part.head, *part.lines)])
    assert (head.log, head.size, count, erased) == ("XBM", 4, 4, 0)
    held = two.centre.audit.anchors.latest("XBM")
    assert held is not None
    assert (held.seq, held.root.hex()) == (head.entry, head.root)
    keys = RelayKeys(f"{head.network}/audit/XBM/1", (bureau.me.certificate.verify_key,))
    assert checkpoint.verify(head.checkpoint, keys).root == held.root
    assert last_event(bureau) == "audit:exported"
    for other in (DESK, ADA):
        assert (
            refused(bureau, lambda other=other: bureau.audit.oversight.export(other, EVERYTHING, 0, 0))
            == "NOT-ALLOWED"
        )
    assert (
        refused(bureau, lambda: bureau.audit.oversight.export(OLGA, EVERYTHING, 0, 3)) == "AUDIT-NOT-ANCHORED"
    )


def test_a_long_export_goes_on_under_the_head_it_began_with(
    two: Federation, bureau: Bureau, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(oversight, "EXPORTED_AT_ONCE", 2)
    part = bureau.do(lambda: bureau.audit.oversight.export(OLGA, EVERYTHING, 0, 0))
    for _ in range(3):
        two.tick(10 * 60 * SECOND)
    assert len(bureau.audit.anchors.own_heads()) == 2
    lines, head = list(part.lines), part.head
    while part.after:
        after, size = part.after, part.head.size
        part = bureau.do(partial(bureau.audit.oversight.export, OLGA, EVERYTHING, after, size))
        lines += part.lines
    assert audit_export.check([msgspec.json.encode(one) for one in (head, *lines)])[1] == 4


def test_growth_between_anchored_heads_is_proved(two: Federation, bureau: Bureau) -> None:
    assert refused(bureau, lambda: bureau.audit.oversight.growth(OLGA, 0)) == "AUDIT-FIRST-ANCHOR"
    two.check("XBM", QUESTION)
    for _ in range(3):
        two.tick(10 * 60 * SECOND)
    found = bureau.do(lambda: bureau.audit.oversight.growth(ADA, 0))
    assert found.first == 4
    roots = bytes.fromhex(found.first_root), bytes.fromhex(found.second_root)
    verify_consistency(found.first, found.second, *roots, [bytes.fromhex(one) for one in found.path])
    assert refused(bureau, lambda: bureau.audit.oversight.growth(DESK, 0)) == "NOT-ALLOWED"


def test_a_sample_is_for_the_overseer_and_is_on_record(bureau: Bureau) -> None:
    drawn = bureau.do(lambda: bureau.audit.oversight.sample(OLGA, EVERYTHING, "", 0, 2))
    assert last_event(bureau) == "audit:sampled"
    again = bureau.do(lambda: bureau.audit.oversight.sample(OLGA, EVERYTHING, drawn.seed, drawn.size, 2))
    assert (again.lines, again.among) == (drawn.lines, 4)
    assert refused(bureau, lambda: bureau.audit.oversight.sample(DESK, EVERYTHING, "", 0, 2)) == "NOT-ALLOWED"


def test_a_verification_goes_on_a_piece_at_a_time_and_after_a_restart(
    two: Federation, bureau: Bureau, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(oversight, "VERIFIED_AT_ONCE", 2)
    assert refused(bureau, lambda: bureau.audit.oversight.progress(OLGA)) == "AUDIT-NOT-VERIFIED"
    begun = bureau.do(lambda: bureau.audit.oversight.verify(OLGA))
    assert (begun.verified, begun.finished_ms) == (0, 0)
    two.tick(SECOND)
    two.restart("XBM")
    bureau = two.bureau("XBM")
    assert bureau.do(lambda: bureau.audit.oversight.verify(ADA)).verified == 2
    for _ in range(4):
        two.tick(SECOND)
    ended = bureau.do(lambda: bureau.audit.oversight.progress(OLGA))
    assert ended.fault is None
    assert (ended.verified, ended.anchored) == (6, 4)
    assert ended.finished_ms
    assert refused(bureau, lambda: bureau.audit.oversight.verify(DESK)) == "NOT-ALLOWED"


def test_a_verification_names_the_line_that_is_not_sound_and_raises_an_alert(
    two: Federation, bureau: Bureau
) -> None:
    bureau.db.execute("UPDATE office_audit SET officer='eve' WHERE number=3")
    bureau.do(lambda: bureau.audit.oversight.verify(OLGA))
    two.tick(SECOND)
    ended = bureau.do(lambda: bureau.audit.oversight.progress(OLGA))
    assert ended.fault is not None
    assert (ended.fault.code, ended.verified) == ("AUDIT-BROKEN", 2)
    told = bureau.db.execute("SELECT title FROM office_alerts WHERE kind='anchor'").fetchall()
    assert told == [("The audit log was changed at line 3.",)]


def test_old_lines_lose_what_is_personal_and_every_proof_holds(two: Federation, bureau: Bureau) -> None:
    bureau.audit.oversight.kept_days = 30
    before = bureau.do(lambda: bureau.audit.oversight.export(OLGA, EVERYTHING, 0, 0))
    two.clock.now_ms += 31 * DAY
    two.check("XBM", QUESTION)
    two.tick(HOUR)
    erased = audit.lines(bureau.db, before=6)
    assert all(line.erased for line in erased)
    assert not audit.lines(bureau.db, before=7)[0].erased
    assert ("audit:erased",) in bureau.db.execute("SELECT event FROM office_audit").fetchall()
    part = bureau.do(lambda: bureau.audit.oversight.export(OLGA, EVERYTHING, 0, before.head.size))
    assert audit_export.check([msgspec.json.encode(one) for one in (part.head, *part.lines)])[1:] == (4, 4)
    assert audit_export.check([msgspec.json.encode(one) for one in (before.head, *before.lines)])[2] == 0
    assert b"AB1234567" not in b"".join(
        bytes(row[0]) for row in bureau.db.execute("SELECT detail FROM office_audit WHERE number < 5")
    )
    assert audit.verify(bureau.db, bureau.audit.anchors.own_heads()) == audit.size(bureau.db)


def test_a_log_is_begun_again_by_an_administrator_for_a_reason_and_only_when_it_must(bureau: Bureau) -> None:
    again = bureau.audit.oversight.begin_again
    assert refused(bureau, lambda: again(ADA, "Restored from Sunday")) == "AUDIT-AGREES"
    bureau.audit.anchors.fault = Refusal("AUDIT-ROLLED-BACK", "It is too short.")
    assert refused(bureau, lambda: again(OLGA, "Restored from Sunday")) == "NOT-ALLOWED"
    assert refused(bureau, lambda: again(ADA, "why")) == "REASON-NEEDED"
    assert bureau.do(lambda: again(ADA, "Restored from Sunday")) == 2
    assert last_event(bureau) == "audit:begun-again"
