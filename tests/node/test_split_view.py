"""A relay that shows two halves of the network two ledgers: it never has a quorum for both, and is found out."""

import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.node.federation import Federation
from tests.node.samples import RELAY
from tests.node.surroundings import Sent
from tests.node.witnessing import second_relay, settle, witness

from allpoints.ground.refusal import Refusal
from allpoints.ledger import checkpoint
from allpoints.ledger import store as ledger_store
from allpoints.node import evidence
from allpoints.node.relay import Relay

MEMBERS = ("XAV", "XBM", "XCS", "XDV")
QUORUM = 3
TICKS = 25


class TwoFaced(Federation):
    """A federation whose relay leads a second life for those in ``elsewhere``; mail does not cross."""

    other: Relay | None = None
    elsewhere: frozenset[str] = frozenset()

    def split(self, folder: Path, elsewhere: frozenset[str]) -> None:
        self.other = second_relay(self, folder)
        for name in elsewhere:
            self.disconnect(name)
        self.elsewhere = elsewhere
        for name in sorted(elsewhere):
            self.connect(name)

    def hand_over(self, one: Sent) -> Any:
        if self.other is not None and one.to == RELAY and one.sender in self.elsewhere:
            other = self.other
            return other.run([lambda: other.receive(one.sender, one.data)])[0]
        return super().hand_over(one)

    def storm(self, luck: random.Random) -> None:
        """Hand over what is on its way: some lost, some twice, in any order."""
        while self.wire.queue:
            at = luck.randrange(len(self.wire.queue))
            one = self.wire.queue[at]
            if luck.random() > 0.1:
                del self.wire.queue[at]
            if luck.random() > 0.1:
                self.hand_over(one)

    def weather(self, luck: random.Random, ticks: int) -> None:
        for _ in range(ticks):
            self.clock.now_ms += 1_000
            for node in (*self.nodes.values(), *([self.other] if self.other else [])):
                node.run([node.tick])
            self.storm(luck)

    def latest(self, name: str) -> tuple[int, str]:
        found = ledger_store.latest_checkpoint(self.bureau(name).db)
        assert found is not None
        return found


@pytest.fixture
def two_faced(tmp_path: Path) -> Iterator[TwoFaced]:
    federation = TwoFaced(tmp_path / "federation", MEMBERS)
    witness(federation, QUORUM, MEMBERS)
    yield federation
    for node in federation.nodes.values():
        node.close()
    if federation.other is not None:
        federation.other.close()


def enter(federation: TwoFaced, member: str, luck: random.Random) -> None:
    """Each half hears of another passport."""
    federation.enter(
        member, source_ref=f"{member}-9", issuer=member, document_number=f"ZZ {luck.randrange(10**6)}"
    )


@pytest.mark.parametrize("seed", range(4))
def test_two_histories_never_both_reach_the_quorum_and_are_found_out(
    two_faced: TwoFaced, tmp_path: Path, seed: int
) -> None:
    luck = random.Random(seed)
    settle(two_faced)
    before = two_faced.relay.size
    elsewhere = frozenset(luck.sample(MEMBERS, luck.choice((1, 2, 2, 3))))
    here = sorted(set(MEMBERS) - elsewhere)
    two_faced.split(tmp_path / "other", elsewhere)
    enter(two_faced, here[0], luck)
    enter(two_faced, min(elsewhere), luck)
    two_faced.weather(luck, TICKS)
    two_faced.pump()
    settle(two_faced)
    there = two_faced.other
    assert there is not None
    assert two_faced.relay.size == there.size > before
    sides = (here, sorted(elsewhere))
    witnessed = [
        any(two_faced.bureau(name).witnesses.witnessed() > before for name in side) for side in sides
    ]
    assert witnessed == [len(side) >= QUORUM for side in sides]
    for one, other in (sides, sides[::-1]):
        text = two_faced.latest(other[0])[1]
        watcher = two_faced.bureau(one[0])
        watcher.do(lambda w=watcher, t=text, o=other: w.witnesses.compare(t, o[0]))  # type: ignore[misc]
        (found,) = watcher.witnesses.evidence.listed()
        assert (found.kind, found.source) == (evidence.SPLIT_VIEW, other[0])
        ours, theirs = checkpoint.parse(found.ours)[0], checkpoint.parse(found.theirs)[0]
        assert ours.size == theirs.size
        assert ours.root != theirs.root
        size = watcher.following.size
        enter(two_faced, one[0], luck)
        assert watcher.outbox.waiting() == 1
        assert watcher.following.size == size


def test_a_witness_of_one_history_cosigns_nothing_of_the_other(two_faced: TwoFaced, tmp_path: Path) -> None:
    luck = random.Random(7)
    two_faced.split(tmp_path / "other", frozenset({"XCS", "XDV"}))
    enter(two_faced, "XAV", luck)
    enter(two_faced, "XCS", luck)
    settle(two_faced)
    bureau = two_faced.bureau("XAV")
    held = bureau.witnesses.witnessed()
    two_faced.disconnect("XAV")
    two_faced.elsewhere |= {"XAV"}
    two_faced.connect("XAV")
    settle(two_faced)
    assert isinstance(two_faced.other, Relay)
    assert two_faced.other.refusals["WITNESS-FORK"] >= 1
    (found,) = bureau.witnesses.evidence.listed()
    assert found.kind == evidence.FORK
    assert bureau.witnesses.witnessed() == held
    assert not any(isinstance(outcome, Refusal) for outcome in bureau.run([bureau.tick]))
