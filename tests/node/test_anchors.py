"""Audit heads in the ledger: anchored while they change, checked by everybody, and by the node itself at start."""

import shutil
from pathlib import Path

import pytest
from tests.node.conftest import Make
from tests.node.federation import Federation
from tests.node.samples import ANNA, POST

from allpoints.border.question import Question
from allpoints.ground.clock import DAY, MINUTE, SECOND
from allpoints.ground.refusal import Refusal
from allpoints.ledger import audit, audit_tree
from allpoints.ledger.anchor import Anchor, Anchored
from allpoints.node import frames, membership
from allpoints.node.anchoring import EVERY_MS

QUESTION = Question(number="AB1234567", issuer="XAV")


def anchored(federation: Federation, log: str, at: str = "XAV") -> int:
    held = federation.bureau(at).audit.anchors.latest(log)
    return held.size if held else 0


def alerts(federation: Federation, name: str) -> list[str]:
    node = federation.nodes[name]
    return [
        one for (one,) in node.db.execute("SELECT title FROM office_alerts WHERE kind='anchor' ORDER BY id")
    ]


def test_a_changed_log_is_anchored_and_a_log_at_rest_costs_nothing(two: Federation) -> None:
    two.check("XBM", QUESTION)
    two.tick(SECOND)
    two.tick(SECOND)
    assert [anchored(two, "XBM", at) for at in ("XAV", "XBM", "XSC")] == [1, 1, 1]
    size = two.relay.size
    for _ in range(40):
        two.tick(MINUTE)
    assert two.relay.size == size
    two.check("XBM", QUESTION)
    two.tick(SECOND)
    assert anchored(two, "XBM") == 2
    two.check("XBM", QUESTION)
    waited = 0
    while anchored(two, "XBM") < 3 and waited < 20 * MINUTE:
        two.tick(30 * SECOND)
        waited += 30 * SECOND
    assert EVERY_MS - MINUTE <= waited <= 10 * MINUTE


def test_a_node_that_was_long_off_anchors_once_and_at_once(two: Federation) -> None:
    two.check("XBM", QUESTION)
    two.tick(SECOND)
    two.disconnect("XBM")
    for _ in range(5):
        two.check("XBM", QUESTION)
        two.tick(DAY)
    assert anchored(two, "XBM") == 1
    two.connect("XBM")
    two.tick(SECOND)
    two.tick(SECOND)
    assert anchored(two, "XBM") == 6


def test_a_posts_log_is_anchored_by_its_bureau_and_stays_whole(posted: Federation) -> None:
    posted.check_at_post(QUESTION)
    posted.tick(SECOND)
    for _ in range(22):
        posted.tick(30 * SECOND)
    assert anchored(posted, POST) == 1
    posted.check_at_post(QUESTION)
    posted.check_at_post(QUESTION)
    for _ in range(22):
        posted.tick(30 * SECOND)
    assert anchored(posted, POST) == 3
    assert not posted.post().audit.fault
    assert not alerts(posted, "XBM")


def test_a_log_rewritten_with_its_tree_is_found_at_the_next_start(two: Federation) -> None:
    for _ in range(3):
        two.check("XBM", QUESTION)
    two.tick(SECOND)
    two.tick(SECOND)
    db = two.bureau("XBM").db
    db.execute("DELETE FROM office_audit_tree")
    db.execute("UPDATE office_audit SET leaf = (SELECT leaf FROM office_audit WHERE number=2) WHERE number=1")
    two.restart("XBM")
    two.tick(SECOND)
    fault = two.bureau("XBM").audit.anchors.fault
    assert fault is not None
    assert fault.code == "AUDIT-REWRITTEN"
    assert "of the ledger is the evidence" in alerts(two, "XBM")[0]
    two.check("XBM", QUESTION)
    two.tick(10 * MINUTE)
    assert anchored(two, "XBM") == 3


def test_a_deleted_row_is_found_by_the_clock_and_told_once(two: Federation) -> None:
    two.check("XBM", QUESTION)
    two.check("XBM", QUESTION)
    two.bureau("XBM").db.execute("DELETE FROM office_audit WHERE number=1")
    for _ in range(5):
        two.tick(SECOND)
    assert alerts(two, "XBM") == ["The audit log was changed at line 1."]


def restored(make: Make, tmp_path: Path) -> Federation:
    """Belmora goes on from a copy of its folder that is older than what it anchored since."""
    federation = make()
    federation.check("XBM", QUESTION)
    federation.tick(SECOND)
    federation.tick(SECOND)
    federation.nodes["XBM"].db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    shutil.copytree(federation.folder / "XBM", tmp_path / "backup")
    for _ in range(3):
        federation.check("XBM", QUESTION)
    federation.tick(10 * MINUTE)
    federation.tick(SECOND)
    assert anchored(federation, "XBM") == 4
    federation.nodes["XBM"].close()
    shutil.rmtree(federation.folder / "XBM")
    shutil.copytree(tmp_path / "backup", federation.folder / "XBM")
    federation.start("XBM")
    federation.connect("XBM")
    federation.tick(SECOND)
    return federation


def test_a_node_restored_from_an_old_backup_finds_its_log_too_short(make: Make, tmp_path: Path) -> None:
    federation = restored(make, tmp_path)
    bureau = federation.bureau("XBM")
    assert bureau.audit.anchors.fault is not None
    assert bureau.audit.anchors.fault.code == "AUDIT-ROLLED-BACK"
    assert alerts(federation, "XBM")[0].startswith("The audit log has 1 lines, and one of 4 is anchored")
    assert federation.check("XBM", QUESTION)
    federation.tick(10 * MINUTE)
    assert anchored(federation, "XBM") == 4


def test_a_log_that_lost_what_was_anchored_is_begun_again_for_all_to_see(make: Make, tmp_path: Path) -> None:
    federation = restored(make, tmp_path)
    bureau = federation.bureau("XBM")
    assert bureau.do(bureau.audit.anchors.begin_again) == 2
    federation.tick(10 * MINUTE)
    federation.tick(SECOND)
    held = federation.centre.audit.anchors.latest("XBM")
    assert held is not None
    assert (held.generation, held.size) == (2, audit.size(bureau.db))
    assert "XBM began its audit log again" in alerts(federation, "XSC")[0]
    with pytest.raises(Refusal) as caught:
        bureau.do(bureau.audit.anchors.begin_again)
    assert caught.value.code == "AUDIT-AGREES"
    federation.restart("XBM")
    federation.tick(SECOND)
    assert federation.bureau("XBM").audit.anchors.fault is None


@pytest.mark.parametrize(
    ("head", "code"),
    [
        (Anchor("XBM", 1, 1, bytes(32)), "ANCHOR-SHRUNK"),
        (Anchor("XBM", 1, 9, bytes(32), 2, ()), "ANCHOR-REWRITTEN"),
        (Anchor("XAV", 1, 9, bytes(32)), "ANCHOR-NOT-YOURS"),
    ],
)
def test_a_forged_head_is_refused_by_everybody_and_the_alert_names_the_entry(
    two: Federation, head: Anchor, code: str
) -> None:
    for _ in range(2):
        two.check("XBM", QUESTION)
    two.tick(SECOND)
    two.tick(SECOND)
    rogue = two.bureau("XBM")
    rogue.do(lambda: rogue.outbox.write_clear(membership.ANCHORED, frames.pack(Anchored((head,)))))
    two.pump()
    for name in ("XAV", "XSC"):
        assert two.bureau(name).refusals[code] == 1
        assert anchored(two, "XBM", name) == 2
        if code != "ANCHOR-NOT-YOURS":
            assert f"Entry {two.relay.size} is the evidence" in alerts(two, name)[0]


def test_a_post_that_lost_its_log_says_so_and_sends_no_head(posted: Federation) -> None:
    for _ in range(3):
        posted.check_at_post(QUESTION)
    posted.tick(SECOND)
    for _ in range(22):
        posted.tick(30 * SECOND)
    post = posted.post()
    post.db.executescript("DELETE FROM office_audit WHERE number > 1; DELETE FROM office_audit_tree")
    post.db.execute("UPDATE sqlite_sequence SET seq=1 WHERE name='office_audit'")
    posted.restart(POST)
    posted.tick(SECOND)
    fault = posted.post().audit.fault
    assert fault is not None
    assert fault.code == "AUDIT-ROLLED-BACK"
    assert alerts(posted, POST)


def test_a_head_that_a_post_did_not_sign_is_refused(posted: Federation) -> None:
    posted.check_at_post(QUESTION)
    posted.tick(MINUTE)
    (text,) = posted.bureau("XBM").db.execute("SELECT checkpoint FROM office_post_heads").fetchone()
    taken = frames.AuditHead(1, text, 0, [])
    assert posted.tell(POST, "XBM", taken) is None
    altered = text.replace("\n1\n", "\n2\n")
    for frame in (frames.AuditHead(1, altered, 0, []), frames.AuditHead(2, text, 0, [])):
        assert isinstance(posted.tell(POST, "XBM", frame), Refusal)


def test_what_is_written_while_the_tree_lags_is_anchored_later(
    two: Federation, monkeypatch: pytest.MonkeyPatch
) -> None:
    bureau = two.bureau("XBM")
    bureau.do(lambda: [audit.record(bureau.db, "check:asked", ANNA, two.clock.now()) for _ in range(50)])
    monkeypatch.setattr(audit_tree.grow, "__defaults__", (20,))
    two.tick(SECOND)
    for _ in range(4):
        two.tick(EVERY_MS)
    assert anchored(two, "XBM") == 50
