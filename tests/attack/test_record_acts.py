"""Hostile members block, unblock, link and undo what is not theirs, and say again what was said: nothing comes of it."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.attack.hostile import after, written
from tests.node.federation import Federation
from tests.node.samples import ANNA, ASKS_PASSPORT, CENTRE, PASSPORT, PERSON, POST, RELAY, credentials

from allpoints.ground.refusal import Refusal
from allpoints.ledger import store as ledger_store
from allpoints.node import frames, membership
from allpoints.registers.blocks import Blocking, encode_blocking
from allpoints.registers.link import Linking, Undoing, encode_link
from allpoints.registers.linking import Between
from allpoints.registers.record import record_id

NAMES = ("XAV", "XBM", "XCS", CENTRE)


@pytest.fixture
def world(tmp_path: Path) -> Iterator[Federation]:
    federation = Federation(tmp_path, ("XAV", "XBM", "XCS"), (POST,))
    yield federation
    for node in federation.nodes.values():
        node.close()


def links(world: Federation, name: str, record: str) -> list[str]:
    bureau = world.bureau(name)
    _, found = bureau.do(lambda: bureau.links.read(ANNA, bytes.fromhex(record)))
    return [one.link for one in found]


@pytest.mark.parametrize("kind", [membership.BLOCKED, membership.UNBLOCKED])
@pytest.mark.parametrize("author", ["XAV", "XBM"])
def test_a_member_that_writes_a_block_is_refused_by_the_relay_and_by_every_follower(
    world: Federation, kind: str, author: str
) -> None:
    record = bytes.fromhex(world.enter())
    centre, hostile = world.centre, world.bureau(author)
    if kind == membership.UNBLOCKED:
        centre.do(lambda: centre.blocks.block(ANNA, record, "Doubts."))
        world.pump()
    verdict = world.check("XCS", ASKS_PASSPORT).verdict
    body = encode_blocking(Blocking(record, "It is ours to say."))
    hostile.do(lambda: hostile.audience.write(kind, body))
    world.pump()
    assert [code for code, _ in hostile.outbox.blocked()] == ["KIND-NOT-ALLOWED"]
    for name in NAMES:
        directory, me = world.bureau(name).following.directory, credentials(name)
        with pytest.raises(Refusal) as refused:
            membership.author_key(directory, me, author, kind, world.clock.now())
        assert refused.value.code == "KIND-NOT-ALLOWED"
        assert membership.author_key(directory, me, CENTRE, kind, world.clock.now())
    assert world.check("XCS", ASKS_PASSPORT).verdict == verdict
    act = centre.blocks.block if kind == membership.BLOCKED else centre.blocks.unblock
    centre.do(lambda: act(ANNA, record, "Said by whom it is for."))
    world.pump()
    assert world.check("XCS", ASKS_PASSPORT).verdict != verdict


def test_the_secretariats_block_said_again_by_a_member_changes_nothing(world: Federation) -> None:
    record, centre = bytes.fromhex(world.enter()), world.centre
    centre.do(lambda: centre.blocks.block(ANNA, record, "Doubts."))
    world.pump()
    (data,) = ledger_store.encoded(world.relay.db, world.relay.size, world.relay.size)
    centre.do(lambda: centre.blocks.unblock(ANNA, record, "None left."))
    world.pump()
    size = world.relay.size
    for name in ("XBM", CENTRE):
        world.tell(name, RELAY, frames.Append([data]))
        world.pump()
    assert world.relay.size == size
    assert world.check("XCS", ASKS_PASSPORT).verdict == "document"


def test_a_block_of_what_nobody_holds_or_of_a_record_to_come_harms_nobody(world: Federation) -> None:
    identity = record_id("travel-documents", "XAV", "AV-1")
    written(world, CENTRE, membership.BLOCKED, encode_blocking(Blocking(bytes(16), "Nothing there.")))
    written(world, CENTRE, membership.BLOCKED, encode_blocking(Blocking(identity, "It will come.")))
    world.enter()
    assert world.check("XBM", ASKS_PASSPORT).verdict == "clear"
    centre = world.centre
    centre.do(lambda: centre.blocks.unblock(ANNA, identity, "It came."))
    world.pump()
    assert world.check("XBM", ASKS_PASSPORT).verdict == "document"
    after(world)


def test_a_member_links_no_records_of_others_and_none_that_it_may_not_read(world: Federation) -> None:
    first = world.enter("XAV", PERSON, register="persons")
    second = world.enter()
    kept = world.enter(
        "XAV", PASSPORT | {"source_ref": "KEPT", "document_number": "KEPT1"}, excluded=("XBM",)
    )
    own = world.enter("XBM", PASSPORT | {"issuer": "XBM"})
    for source, target, code in [
        (first, second, "LINK-NOT-OWNER"),
        (own, kept, "LINK-NOT-READER"),
        (kept, own, "LINK-NOT-READER"),
        (own, own, "LINK-TO-ITSELF"),
    ]:
        said = Linking(bytes.fromhex(source), bytes.fromhex(target), "bears", "Ours to say.")
        written(world, "XBM", membership.LINKED, encode_link(said))
        assert world.bureau("XAV").refusals[code] > 0
        for name in NAMES:
            for record in {source, target} - ({kept} if name == "XBM" else set()):
                assert links(world, name, record) == []
    said = Linking(bytes.fromhex(own), bytes.fromhex(second), "same-as", "Seen together.")
    written(world, "XBM", membership.LINKED, encode_link(said))
    assert [len(links(world, name, second)) for name in NAMES] == [1, 1, 1, 1]


def test_a_link_that_is_sealed_for_too_many_is_not_shown_to_them(world: Federation) -> None:
    person = world.enter("XAV", PERSON, register="persons", excluded=("XCS",))
    paper = world.enter()
    said = Linking(bytes.fromhex(person), bytes.fromhex(paper), "bears", "Told to all.")
    written(world, "XAV", membership.LINKED, encode_link(said))
    assert links(world, "XCS", paper) == []
    assert [len(links(world, name, paper)) for name in ("XAV", "XBM", CENTRE)] == [1, 1, 1]


def test_nobody_undoes_the_link_of_another_before_or_after_it_is_there(world: Federation) -> None:
    person, paper = world.enter("XAV", PERSON, register="persons"), world.enter()
    owner = world.bureau("XAV")
    said = Between(bytes.fromhex(person), bytes.fromhex(paper), "bears", "Found on him.", "")
    link = owner.do(lambda: owner.links.enter(ANNA, said))
    undoing = encode_link(Undoing(bytes.fromhex(link), "Not ours, but still."))
    for hostile in ("XBM", CENTRE):
        written(world, hostile, membership.UNLINKED, undoing)
    assert [links(world, name, paper) for name in NAMES] == [[link]] * 4
    early = encode_link(Undoing(bytes(15) + b"\x01", "Before it was said."))
    written(world, "XBM", membership.UNLINKED, early)
    written(world, "XAV", membership.UNLINKED, undoing)
    assert [links(world, name, paper) for name in NAMES] == [[]] * 4
    written(world, "XAV", membership.UNLINKED, undoing)
    after(world)
