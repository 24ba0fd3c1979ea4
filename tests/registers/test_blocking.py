"""What the secretariat said last holds, in whatever order records and words arrive; a blocked record is found by nothing."""

from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.registers.lives import LOOKOUTS, lookout
from tests.registers.owner import Node, Owner

from allpoints.ground.refusal import Refusal
from allpoints.registers import blocking, blocks, store
from allpoints.registers.blocks import Blocking, decode_blocking, encode_blocking
from allpoints.registers.record import Batch, record_id

L_1 = record_id(LOOKOUTS, "XAV", "L-1")
ACTS = st.lists(
    st.tuples(
        st.sampled_from(["L-1", "L-2"]), st.sampled_from(["enter", "withdraw", "renew", "block", "unblock"])
    ),
    max_size=14,
)


@settings(max_examples=60, deadline=None)
@given(ACTS, st.randoms(use_true_random=False))
def test_every_order_of_delivery_ends_with_the_same_records_blocked(
    acts: list[tuple[str, str]], random: Random
) -> None:
    owner, other = Owner(), Node()
    steps: list[tuple[Batch | Blocking, int, bool]] = []
    for seq, (ref, act) in enumerate(acts, 1):
        number, before = int(ref[-1]), len(owner.said)
        held = store.held(owner.db, [record_id(LOOKOUTS, "XAV", ref)])
        if act in {"block", "unblock"}:
            word = Blocking(record_id(LOOKOUTS, "XAV", ref), "Doubts.")
            owner.word(word, seq, seq, blocked=act == "block")
            steps.append((word, seq, act == "block"))
        elif act == "enter":
            owner.enter(lookout(number, title=f"Seal {seq}", tag=f"TAG{seq % 3}"), seq)
        elif held and act == "withdraw":
            owner.withdraw(ref, seq)
        elif held and next(iter(held.values())).status in store.LIVE:
            owner.renew(ref, seq)
        if len(owner.said) > before:
            steps.append((owner.said[-1][0], seq, False))
    orders = [steps, random.sample(steps, len(steps))]
    nodes = [Node(), other]
    for node, order in zip(nodes, orders, strict=True):
        for said, seq, blocked in order:
            if isinstance(said, Batch):
                node.fold(said, seq, seq)
            else:
                node.word(said, seq, seq, blocked=blocked)
    assert nodes[0].state() == nodes[1].state()
    refs = [ref for (ref,) in other.db.execute("SELECT ref FROM state_records")]
    told = [[node.read(ref, 1_000).history for ref in refs] for node in nodes]
    assert told[0] == told[1]
    for row in (store.Row(*row) for row in other.db.execute("SELECT * FROM state_records")):
        found = other.db.execute("SELECT count(*) FROM state_facets WHERE row=?", (row.row,)).fetchone()[0]
        shown = row.status == store.VALID
        assert (bool(found), row.record_id in other.keys) == (shown, shown)


def test_of_a_blocked_record_no_key_word_facet_or_part_is_left_and_all_of_it_comes_back() -> None:
    owner = Owner()
    owner.enter(lookout(), 1)
    before = owner.state()
    owner.word(Blocking(L_1, "Doubts."), 2, 2, blocked=True)
    tables = ("state_facets", "state_words", "state_parts", "state_names")
    assert [owner.db.execute(f"SELECT count(*) FROM {one}").fetchone()[0] for one in tables] == [0] * 4
    assert owner.keys == {}
    owner.word(Blocking(L_1, "None left."), 3, 3, blocked=False)
    assert owner.state() == before


def test_many_records_are_asked_about_at_once() -> None:
    owner = Owner()
    ids = [number.to_bytes(16, "big") for number in range(2_100)]
    assert blocks.blocked(owner.db, ids) == set()
    for seq, identity in enumerate(ids[::100], 1):
        owner.word(Blocking(identity, "Doubts."), seq, seq, blocked=True)
    owner.word(Blocking(ids[0], "Over."), 100, 100, blocked=False)
    assert blocks.blocked(owner.db, ids) == set(ids[100::100])


@given(
    st.builds(
        Blocking,
        st.binary(min_size=16, max_size=16),
        st.text(min_size=1, max_size=500),
        st.text(max_size=64),
        st.lists(st.from_regex(r"[A-Z]{3}", fullmatch=True), max_size=5).map(tuple),
    )
)
def test_a_word_reads_back_as_it_was_written(said: Blocking) -> None:
    assert decode_blocking(encode_blocking(said)) == said


@given(st.binary(max_size=60))
def test_any_other_bytes_are_refused_and_nothing_worse(data: bytes) -> None:
    with pytest.raises(Refusal) as refused:
        decode_blocking(data)
    assert refused.value.code == "BLOCK-SHAPE"


@pytest.mark.parametrize("reason", [" Doubts.", "", "half\u202ehidden"])
def test_a_reason_that_no_program_of_ours_would_send_blocks_nothing(reason: str) -> None:
    owner = Owner()
    owner.enter(lookout(), 1)
    said = Blocking(L_1, reason)
    with pytest.raises(Refusal):
        owner.word(said, 2, 2, blocked=True)
    assert owner.read("L-1", 3).status == store.VALID
    owner.word(Blocking(L_1, "Doubts."), 3, 3, blocked=True)
    assert owner.read("L-1", 3).status == store.BLOCKED


def test_blocks_that_did_not_reach_every_reader_are_found() -> None:
    owner = Owner()
    owner.enter(lookout(), 1, excluded=("XBM", "XCS"))
    owner.word(Blocking(L_1, "Doubts.", "", ("XBM", "XCS")), 2, 2, blocked=True)
    assert blocking.unreached(owner.db) == []
    owner.db.execute("UPDATE state_records SET excluded='XCS'")
    ((identity, last),) = blocking.unreached(owner.db)
    assert (identity, last.seq) == (L_1, 2)
    owner.word(Blocking(L_1, "Doubts.", "", ("XCS",)), 3, 3, blocked=True)
    assert blocking.unreached(owner.db) == []
