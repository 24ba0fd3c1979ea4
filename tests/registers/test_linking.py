"""Links arrive in any order beside records and ends, and the same ones are shown; hostile ones never are."""

from collections.abc import Callable
from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.registers.lives import LOOKOUTS, lookout, vocabulary
from tests.registers.owner import Node, Owner

from allpoints.ground.refusal import Refusal
from allpoints.registers import link, linking
from allpoints.registers.blocks import Blocking
from allpoints.registers.folding import Published, apply_batch
from allpoints.registers.link import End, Link, Linking, Undoing, decode_link, encode_link
from allpoints.registers.linking import Between
from allpoints.registers.reading import Reader
from allpoints.registers.record import Batch, record_id

RELATIONS = vocabulary().terms("relations")
IDS = {number: record_id(LOOKOUTS, "XAV", f"L-{number}") for number in (1, 2, 3)}
READABLE = frozenset({vocabulary().registers[LOOKOUTS].code})
ACTS = st.lists(
    st.tuples(st.sampled_from(["enter", "withdraw", "block", "unblock", "link", "undo"]), st.integers(1, 3)),
    max_size=16,
)


def opened() -> Node:
    node = Node()
    node.db.executescript(link.SCHEMA)
    return node


def linked(source: int, target: int, seq: int) -> Link:
    name = seq.to_bytes(16, "big")
    return Link(name, seq, "XAV", seq, IDS[source], IDS[target], "bears", "Seen.", "desk", "")


def fold(node: Node, one: Link) -> None:
    said = Linking(one.source, one.target, one.relation, one.reason, one.by_role)
    linking.apply_link(node.db, RELATIONS, said, one)


def fold_end(node: Node, link_id: bytes, seq: int, author: str = "XAV") -> None:
    said = Undoing(link_id, "An error.")
    linking.apply_undo(node.db, said, End(link_id, author, seq, seq, said.reason, ""))


def shown(node: Node, number: int, now_ms: int = 1_000, member: str = "XBM") -> set[bytes]:
    found = linking.shown(node.db, IDS[number], Reader(member, "XSC", now_ms), READABLE)
    return {one.link.link_id for one in found}


class Ledger:
    """What an owner and the secretariat said, in order."""

    def __init__(self) -> None:
        self.owner = Owner()
        self.links: list[Link] = []
        self.steps: list[tuple[str, int, Batch | Link | bytes]] = []

    def act(self, act: str, number: int, seq: int) -> None:
        said, ref = len(self.owner.said), f"L-{number}"
        known = self.owner.db.execute("SELECT 1 FROM state_records WHERE ref=?", (ref,)).fetchone()
        if act == "enter":
            self.owner.enter(lookout(number, title=f"Seal {seq}"), seq)
        elif act == "withdraw" and known:
            self.owner.withdraw(ref, seq)
        elif act in {"block", "unblock"}:
            self.owner.word(Blocking(IDS[number], "Doubts."), seq, seq, blocked=act == "block")
            self.steps.append((act, seq, IDS[number]))
        elif act == "link":
            self.links.append(linked(number, number % 3 + 1, seq))
            self.steps.append((act, seq, self.links[-1]))
        elif act == "undo" and self.links:
            self.steps.append((act, seq, self.links[number % len(self.links)].link_id))
        if len(self.owner.said) > said:
            self.steps.append(("fold", seq, self.owner.said[-1][0]))


def folded(steps: list[tuple[str, int, Batch | Link | bytes]]) -> Node:
    node = opened()
    for act, seq, what in steps:
        if isinstance(what, Batch):
            node.fold(what, seq, seq)
        elif isinstance(what, Link):
            fold(node, what)
        elif act == "undo":
            fold_end(node, what, seq)
        else:
            node.word(Blocking(what, "Doubts."), seq, seq, blocked=act == "block")
    return node


@settings(max_examples=100, deadline=None)
@given(ACTS, st.randoms(use_true_random=False))
def test_every_order_of_delivery_shows_the_same_links(acts: list[tuple[str, int]], random: Random) -> None:
    ledger = Ledger()
    for seq, (act, number) in enumerate(acts, 1):
        ledger.act(act, number, seq)
    in_order = folded(ledger.steps)
    shuffled = folded(random.sample(ledger.steps, len(ledger.steps)))
    for number in IDS:
        assert shown(in_order, number) == shown(shuffled, number)


def test_a_link_from_before_a_record_was_withdrawn_and_entered_again_is_not_shown_to_a_newcomer_either() -> (
    None
):
    ledger = Ledger()
    for seq, (act, number) in enumerate(
        [("enter", 1), ("enter", 2), ("link", 1), ("withdraw", 2), ("enter", 2)], 1
    ):
        ledger.act(act, number, seq)
    in_order, backwards = folded(ledger.steps), folded(ledger.steps[::-1])
    assert shown(in_order, 1) == shown(backwards, 1) == set()
    ledger.act("link", 1, 6)
    assert len(shown(folded(ledger.steps[::-1]), 1)) == 1


def test_an_end_that_comes_before_its_link_ends_it_and_that_of_another_member_does_not() -> None:
    owner, node = Owner(), opened()
    for number in (1, 2):
        owner.enter(lookout(number), 1)
    for said in owner.said:
        node.fold(*said)
    one, two = linked(1, 2, 5), linked(2, 1, 6)
    fold_end(node, one.link_id, 8)
    fold_end(node, two.link_id, 9, "XBM")
    fold(node, one)
    fold(node, two)
    assert shown(node, 1) == shown(node, 2) == {two.link_id}
    with pytest.raises(Refusal) as refused:
        fold_end(node, two.link_id, 10, "XBM")
    assert refused.value.code == "LINK-NOT-AUTHOR"
    fold_end(node, two.link_id, 11)
    assert shown(node, 1) == set()


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"author": "XBM"}, "LINK-NOT-OWNER"),
        ({"relation": "married-to"}, "UNKNOWN-RELATION"),
        ({"reason": " blank "}, "REASON-NOT-CLEAN"),
        ({"target": IDS[1]}, "LINK-TO-ITSELF"),
    ],
)
@pytest.mark.parametrize("early", [False, True])
def test_a_hostile_link_is_never_shown_whether_it_comes_before_its_records_or_after(
    change: dict[str, Any], code: str, *, early: bool
) -> None:
    owner, node = Owner(), opened()
    for number in (1, 2):
        owner.enter(lookout(number), 1)
    hostile = linked(1, 2, 5)._replace(**change)
    codes = []
    for what in (hostile, None) if early else (None, hostile):
        if what is None:
            for said in owner.said:
                node.fold(*said)
            continue
        try:
            fold(node, what)
        except Refusal as refusal:
            codes.append(refusal.code)
    assert codes == [code] or (early and code == "LINK-NOT-OWNER")
    assert shown(node, 1) == shown(node, 2) == set()
    fold(node, linked(1, 2, 6))
    assert len(shown(node, 1)) == 1


def test_a_member_links_nothing_to_what_it_may_not_read() -> None:
    node, owner, other = opened(), Owner(), Owner()
    owner.enter(lookout(1), 1, excluded=("XBM",))
    other.enter(lookout(2), 1)
    node.fold(*owner.said[0])
    apply_batch(node.db, vocabulary(), other.said[0][0], Published("XBM", 2, 2, "XSC"))
    target = record_id(LOOKOUTS, "XBM", "L-2")
    hostile = linked(1, 2, 5)._replace(author="XBM", target=target)
    with pytest.raises(Refusal) as refused:
        fold(node, hostile)
    assert refused.value.code == "LINK-NOT-READER"
    fold(node, hostile._replace(author="XAV", link_id=bytes(16)))
    assert shown(node, 1) == {bytes(16)}


def test_no_more_links_are_shown_than_the_limit_and_the_newest_come_first() -> None:
    owner, node = Owner(), opened()
    for number in (1, 2):
        owner.enter(lookout(number), 1)
    for said in owner.said:
        node.fold(*said)
    for seq in range(10, 10 + linking.SHOWN_LIMIT + 5):
        fold(node, linked(1, 2, seq))
    found = linking.shown(node.db, IDS[2], Reader("XBM", "XSC", 1_000), READABLE)
    assert [one.link.seq for one in found[:2]] == [linking.SHOWN_LIMIT + 14, linking.SHOWN_LIMIT + 13]
    assert len(found) == linking.SHOWN_LIMIT
    assert linking.shown(node.db, IDS[2], Reader("XBM", "XSC", 1_000), frozenset()) == []


def test_linking_takes_a_reason_a_relation_and_two_records_one_of_them_ones_own() -> None:
    owner = Owner()
    owner.db.executescript(link.SCHEMA)
    owner.enter(lookout(1), 1, excluded=("XCS",))
    owner.enter(lookout(2), 1, excluded=("XBM",))
    said = Between(IDS[1], IDS[2], "bears", " Seen. ", "desk")
    reader = Reader("XAV", "XSC", 5)
    body = linking.prepare_link(owner.db, RELATIONS, said, reader, READABLE)
    assert (body.reason, body.excluded) == ("Seen.", ("XBM", "XCS"))
    with pytest.raises(Refusal) as refused:
        linking.prepare_link(owner.db, RELATIONS, said, reader, frozenset())
    assert refused.value.code == "UNKNOWN-RECORD"


IDENTITY = st.binary(min_size=16, max_size=16)
REASON = st.text(min_size=1, max_size=500)


@given(st.builds(Linking, IDENTITY, IDENTITY, st.text(min_size=1, max_size=64), REASON))
def test_a_link_reads_back_as_it_was_written(said: Linking) -> None:
    assert decode_link(encode_link(said), Linking) == said


@given(st.builds(Undoing, IDENTITY, REASON))
def test_the_end_of_a_link_reads_back_as_it_was_written(said: Undoing) -> None:
    assert decode_link(encode_link(said), Undoing) == said


@given(st.binary(max_size=60))
def test_any_other_bytes_are_refused_and_nothing_worse(data: bytes) -> None:
    acts: list[Callable[[], object]] = [
        lambda: decode_link(data, Linking),
        lambda: decode_link(data, Undoing),
    ]
    for act in acts:
        with pytest.raises(Refusal) as refused:
            act()
        assert refused.value.code == "LINK-SHAPE"
