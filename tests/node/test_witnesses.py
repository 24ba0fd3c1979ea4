"""Members cosign what the relay shows them, and everyone knows how far the ledger was witnessed."""

import pytest
from tests.node.conftest import Make
from tests.node.federation import Federation
from tests.node.samples import ANNA, CENTRE, NETWORK, RELAY, witness_key
from tests.node.witnessing import WITNESSES, addition, forged, named, settle, witness

from allpoints.ground.clock import MINUTE
from allpoints.ground.refusal import Fault, Refusal
from allpoints.identity.officers import Asker
from allpoints.identity.witness_key import WitnessKey
from allpoints.ledger import checkpoint, cosignature, policy, witnessing
from allpoints.ledger import store as ledger_store
from allpoints.ledger.policy import Witness
from allpoints.ledger.witnessing import Addition
from allpoints.node import evidence, frames, membership, witnesses
from allpoints.node.bureau import Bureau

CLERK = Asker("carl", frozenset({"desk"}), "border-control", "C-1")


@pytest.fixture
def watched(three: Federation) -> Federation:
    """Three members, each a witness; two of them make a quorum."""
    witness(three)
    return three


def heads(federation: Federation) -> dict[str, int]:
    return {name: federation.bureau(name).witnesses.witnessed() for name in (CENTRE, *WITNESSES)}


def kinds(federation: Federation, name: str) -> list[str]:
    return [one.kind for one in federation.bureau(name).witnesses.evidence.listed()]


def decide(bureau: Bureau, request: Addition) -> str | Refusal:
    """What comes of a request over HTTP."""
    outcome: str | Refusal = bureau.run([lambda: bureau.witnesses.decide(request, "over HTTP")])[0]
    return outcome


def alerts(federation: Federation, name: str) -> list[str]:
    return [one.title for one in federation.bureau(name).alerts.recent() if one.kind == "ledger"]


def test_what_is_entered_is_witnessed_by_a_quorum_and_everyone_knows(watched: Federation) -> None:
    watched.enter()
    settle(watched)
    assert heads(watched) == dict.fromkeys((CENTRE, *WITNESSES), watched.relay.size)
    standing = watched.bureau("XBM").witnesses.standing()
    assert (standing.policy_from, standing.lagging, standing.forked) == ("ledger", False, False)
    assert sum(one.cosigned_ms > 0 for one in standing.witnesses) >= 2
    in_force = watched.bureau("XBM").witnesses.policy()
    assert in_force is not None
    signed, lines = checkpoint.parse(standing.checkpoint)
    assert in_force.check_quorum(signed, lines)


def test_an_entry_is_found_before_anyone_has_witnessed_it(watched: Federation) -> None:
    for name in WITNESSES:
        watched.bureau(name).witnesses.me = watched.bureau(CENTRE).me
    watched.enter()
    held = watched.bureau("XBM")
    assert held.following.size == watched.relay.size > held.witnesses.witnessed()
    assert held.db.execute("SELECT count(*) FROM state_records").fetchone() == (1,)


def test_one_silent_witness_is_borne_and_two_raise_an_alert_once(watched: Federation) -> None:
    watched.disconnect("XCS")
    watched.enter()
    settle(watched)
    assert watched.bureau("XAV").witnesses.witnessed() == watched.relay.size
    watched.disconnect("XBM")
    watched.enter(source_ref="AV-2", document_number="AB 123457")
    settle(watched)
    desk = watched.bureau("XAV").witnesses
    assert desk.witnessed() < watched.relay.size
    assert not desk.standing().lagging
    for _ in range(8):
        watched.tick(MINUTE)
    assert desk.standing().lagging
    assert len(alerts(watched, "XAV")) == 1
    watched.connect("XBM")
    settle(watched)
    assert desk.witnessed() == watched.relay.size
    assert not desk.standing().lagging


def test_a_witness_that_was_away_is_asked_from_where_it_stands(watched: Federation) -> None:
    watched.disconnect("XBM")
    watched.enter()
    settle(watched)
    watched.disconnect("XCS")
    watched.connect("XBM")
    watched.enter(source_ref="AV-2", document_number="AB 123457")
    settle(watched)
    assert watched.bureau("XBM").witnesses.witnessed() == watched.relay.size
    assert witnessing.held(watched.bureau("XBM").db, NETWORK).size == watched.relay.size


def test_a_relay_that_was_restarted_goes_on_with_its_witnesses(watched: Federation) -> None:
    watched.restart(RELAY)
    for name in (CENTRE, *WITNESSES):
        watched.connect(name)
    watched.enter()
    settle(watched)
    assert heads(watched) == dict.fromkeys((CENTRE, *WITNESSES), watched.relay.size)


def test_a_checkpoint_of_another_tree_is_refused_alerted_and_kept_with_ours(watched: Federation) -> None:
    bureau = watched.bureau("XAV")
    size = bureau.following.size
    text, _ = forged(watched, size)
    decided = decide(bureau, Addition(0, (), text))
    assert isinstance(decided, Refusal)
    assert decided.code == "WITNESS-FORK"
    (kept,) = bureau.witnesses.evidence.listed()
    assert (kept.kind, kept.source, kept.theirs) == (evidence.FORK, "over HTTP", text)
    ours, theirs = checkpoint.parse(kept.ours)[0], checkpoint.parse(kept.theirs)[0]
    assert (ours.size, ours.root != theirs.root) == (size, True)
    assert "evidence 1" in alerts(watched, "XAV")[0]
    assert isinstance(decide(bureau, addition(watched, size)), str)
    decide(bureau, Addition(0, (), text))
    assert len(alerts(watched, "XAV")) == 1


def test_a_rewrite_that_goes_on_is_refused_by_witness_and_follower(watched: Federation) -> None:
    bureau = watched.bureau("XAV")
    size = bureau.following.size
    text, _ = forged(watched, size + 1)
    watched.tell(RELAY, "XAV", frames.AddCheckpoint(size, [bytes(32)], text))
    assert kinds(watched, "XAV") == [evidence.REWRITE]
    answer = watched.wire.queue[-1].frame
    assert isinstance(answer, frames.NotCosigned)
    assert answer.fault.code == "WITNESS-PROOF"
    watched.pump()
    follower = watched.bureau("XBM")
    another = ledger_store.encoded(follower.db, 1, 1)
    watched.tell(RELAY, "XBM", frames.Entries(size + 1, another, text, size + 1))
    assert kinds(watched, "XBM") == [evidence.REWRITE]
    assert follower.following.size == size


def test_a_stranger_with_a_true_checkpoint_and_a_false_proof_raises_no_alarm(watched: Federation) -> None:
    bureau = watched.bureau("XAV")
    request = addition(watched, bureau.following.size)
    spoilt = Addition(request.old_size, (bytes(32),), request.checkpoint)
    decided = decide(bureau, spoilt)
    assert isinstance(decided, Refusal)
    assert (decided.code, kinds(watched, "XAV")) == ("WITNESS-PROOF", [])


def test_evidence_holds_publication_back_until_an_administrator_has_answered_for_it(
    watched: Federation,
) -> None:
    bureau = watched.bureau("XAV")
    text, _ = forged(watched, bureau.following.size)
    bureau.do(lambda: bureau.witnesses.compare(text, "XBM"))
    size = watched.relay.size
    watched.enter()
    settle(watched, 4)
    # Each owner's first record follows the keys of its epoch.
    assert (watched.relay.size, bureau.outbox.waiting()) == (size, 2)
    assert bureau.witnesses.standing().forked
    watched.enter("XBM", source_ref="BM-1", document_number="BM 000001", issuer="XBM")
    assert watched.relay.size == size + 2
    book = bureau.witnesses.evidence
    for asker, number, reason, code in (
        (CLERK, 1, "why", "NOT-ALLOWED"),
        (ANNA, 1, " ", "EVIDENCE-REASON"),
        (ANNA, 9, "why", "EVIDENCE-UNKNOWN"),
    ):
        with pytest.raises(Refusal) as caught:
            bureau.do(lambda a=asker, n=number, r=reason: book.settle(a, n, r))  # type: ignore[misc]
        assert caught.value.code == code
    bureau.do(lambda: book.settle(ANNA, 1, "The relay's key was taken; it has a new one."))
    settle(watched, 4)
    assert (watched.relay.size, bureau.outbox.waiting()) == (size + 4, 0)
    assert not bureau.witnesses.standing().forked


def test_a_relay_that_lost_entries_is_a_rollback_and_one_late_beat_is_none(watched: Federation) -> None:
    bureau = watched.bureau("XBM")
    size, now = bureau.following.size, watched.clock.now()
    for at_ms in (now + 1, now + 1, now):
        watched.tell(RELAY, "XBM", frames.Beat(at_ms, size - 1))
    watched.tell(RELAY, "XBM", frames.Beat(now + 2, size))
    assert kinds(watched, "XBM") == []
    for at_ms in (now + 3, now + 4, now + 5):
        watched.tell(RELAY, "XBM", frames.Beat(at_ms, size - 1))
    assert kinds(watched, "XBM") == []
    watched.clock.now_ms += MINUTE
    watched.tell(RELAY, "XBM", frames.Beat(now + 6, size - 1))
    assert kinds(watched, "XBM") == [evidence.ROLLBACK]
    assert str(size - 1) in alerts(watched, "XBM")[0]


def test_members_tell_each_other_their_heads_and_see_a_split_view(watched: Federation) -> None:
    text, _ = forged(watched, watched.bureau("XAV").following.size)
    desk = watched.bureau("XAV")
    desk.do(lambda: desk.mail.send("ledger.head", ["XBM", "XCS"], text.encode()))
    watched.pump()
    for name in ("XBM", "XCS"):
        assert kinds(watched, name) == [evidence.SPLIT_VIEW]
        assert "XAV shows a ledger" in alerts(watched, name)[0]
    assert kinds(watched, CENTRE) == []
    for _ in range(4):
        watched.tick(10 * MINUTE)
    assert [kinds(watched, name) for name in ("XAV", CENTRE)] == [[], []]


def test_a_head_that_is_ahead_is_compared_once_the_node_has_followed(watched: Federation) -> None:
    bureau = watched.bureau("XBM")
    size = bureau.following.size
    text, _ = forged(watched, size + 1)
    assert not bureau.do(lambda: bureau.witnesses.compare(text, "XCS"))
    assert kinds(watched, "XBM") == []
    watched.enter()
    assert kinds(watched, "XBM") == [evidence.SPLIT_VIEW]


def test_only_a_policy_over_announced_keys_whose_quorums_overlap_is_named(three: Federation) -> None:
    centre = three.centre
    made = witness(three)
    stranger = cosignature.witness_vkey(f"{NETWORK}/witness/XDO", WitnessKey.generate())
    foreign = policy.majority([], [Witness("XDO", stranger)], 1)
    half = made.to_bytes().replace(b"group quorum 2", b"group quorum 1")
    for data, code in (
        (foreign.to_bytes(), "POLICY-WITNESS"),
        (half, "POLICY-SPLITS"),
        (b"quorum none\n", "POLICY-SPLITS"),
        (b"nonsense\n", "POLICY-FORMAT"),
    ):
        with pytest.raises(Refusal) as caught:
            centre.do(lambda data=data: centre.witnesses.name(ANNA, data))  # type: ignore[misc]
        assert caught.value.code == code
        body = frames.pack(witnesses.Naming(data))
        centre.do(lambda body=body: centre.outbox.write_clear(membership.WITNESSES_NAMED, body))  # type: ignore[misc]
        three.pump()
        assert centre.outbox.blocked()[-1][0] == code
        centre.db.execute("DELETE FROM office_outbox")
        centre.db.execute(
            "UPDATE office_author SET (seq, hash) = (SELECT seq, hash FROM ledger_heads WHERE author='XSC')"
        )
    assert witnesses.named(three.relay.db) == made.to_bytes()
    narrower = named(("XAV", "XBM", "XCS"), 3, three)
    centre.do(lambda: centre.witnesses.name(ANNA, narrower.to_bytes()))
    three.pump()
    assert witnesses.named(three.relay.db) == narrower.to_bytes()


def test_who_may_announce_and_name(three: Federation) -> None:
    centre, member = three.centre, three.bureau("XAV")
    for act, code in (
        (lambda: centre.witnesses.announce(ANNA), "WITNESS-NONE"),
        (lambda: member.witnesses.announce(CLERK), "NOT-ALLOWED"),
        (lambda: member.witnesses.name(ANNA, b""), "NOT-SECRETARIAT"),
        (lambda: centre.witnesses.name(CLERK, b""), "NOT-ALLOWED"),
    ):
        with pytest.raises(Refusal) as caught:
            act()
        assert caught.value.code == code
    line = member.do(lambda: member.witnesses.announce(ANNA))
    three.pump()
    assert witnesses.announced(three.bureau("XBM").db)[0].vkey.text() == line


def test_a_member_announces_no_key_under_anothers_name(three: Federation) -> None:
    member = three.bureau("XAV")
    line = cosignature.witness_vkey(f"{NETWORK}/witness/XBM", witness_key("XBM")).text()
    body = frames.pack(witnesses.Announcing(line))
    member.do(lambda: member.outbox.write_clear(membership.WITNESS_ANNOUNCED, body))
    three.pump()
    assert member.outbox.blocked()[0][0] == "WITNESS-KEY"
    assert witnesses.announced(three.relay.db) == []


def test_only_witnesses_cosign_and_only_their_own_keys_count(watched: Federation) -> None:
    watched.disconnect("XBM")
    watched.disconnect("XCS")
    watched.enter()
    size = watched.relay.size
    latest = addition(watched, 0).checkpoint
    signed = checkpoint.parse(latest)[0]
    before = watched.relay.refusals.copy()
    forged_line = cosignature.cosign(signed, f"{NETWORK}/witness/XAV", witness_key("XBM"), 5)
    for peer, line in ((CENTRE, forged_line), ("XAV", forged_line), ("XAV", "nonsense")):
        assert isinstance(watched.tell(peer, RELAY, frames.Cosigned(size, line)), Refusal)
    watched.tell("XAV", RELAY, frames.NotCosigned(size, Fault("WITNESS-FORK", "Another tree.")))
    assert watched.relay.refusals["WITNESS-FORK"] == before["WITNESS-FORK"] + 1
    assert witnessing.witnessed(watched.relay.db)[0] < size
    mine = cosignature.cosign(signed, f"{NETWORK}/witness/XBM", witness_key("XBM"), 5)
    watched.tell("XBM", RELAY, frames.Cosigned(size, mine))
    assert witnessing.witnessed(watched.relay.db)[0] == size


def test_a_word_of_the_quorum_is_believed_only_with_the_quorum(watched: Federation) -> None:
    bureau = watched.bureau("XBM")
    text = addition(watched, 0).checkpoint
    assert isinstance(watched.tell(RELAY, "XBM", frames.Witnessed(text)), Refusal)
    assert bureau.refusals["QUORUM-MISSED"] == 1
    held = witnessing.witnessed(bureau.db)[1]
    assert watched.tell(RELAY, "XBM", frames.Witnessed(held)) is None


def test_a_policy_file_of_ones_own_goes_before_the_networks(make: Make) -> None:
    federation = make(("XAV", "XBM", "XCS"))
    made = witness(federation)
    narrower = named(WITNESSES, 3, federation)
    folder = federation.folder / "XBM"
    (folder / witnesses.POLICY_FILE).write_bytes(narrower.to_bytes())
    federation.restart("XBM")
    desk = federation.bureau("XBM").witnesses
    assert (desk.policy(), desk.standing().policy_from) == (narrower, "file")
    assert federation.bureau("XAV").witnesses.policy() == made
    federation.nodes["XBM"].close()
    (folder / witnesses.POLICY_FILE).write_bytes(b"quorum none\n")
    with pytest.raises(Refusal, match="Two sets"):
        federation.start("XBM")
    (folder / witnesses.POLICY_FILE).unlink()
    federation.start("XBM")
