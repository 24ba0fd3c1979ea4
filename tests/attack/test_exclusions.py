"""Orders to delete that are forged, said again, cut off or about another's record; and obedience that is pretended."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.node.excluding import RECORD, WANTED, enter, holds, readers, settle
from tests.node.federation import Federation
from tests.node.samples import CENTRE, keys

from allpoints.ledger.entry import Entry
from allpoints.ledger.stub import read
from allpoints.node import frames, membership
from allpoints.node.obedience import OBEYED
from allpoints.node.widening import Widening
from allpoints.registers.exclusion import Named, Obeyed, encode_order, sign_obeyed
from allpoints.registers.record import Batch, RecordOp, encode_batch

EVERYONE = ("XAV", "XBM", "XCS", CENTRE)
ORDER = encode_order([Named("persons", str(WANTED["source_ref"]), 2)])


@pytest.fixture
def three(tmp_path: Path) -> Iterator[Federation]:
    federation = Federation(tmp_path / "federation", ("XAV", "XBM", "XCS"))
    enter(federation)
    yield federation
    for node in federation.nodes.values():
        node.close()


def order(federation: Federation, author: str, body: bytes = ORDER, to: tuple[str, ...] = ("XCS",)) -> None:
    """Whatever an author's own program would refuse to write, sealed for these members."""
    writer = federation.bureau(author)
    writer.do(lambda: writer.audience.write_to(membership.EXCLUDED, body, to))
    federation.pump()


def holders(federation: Federation) -> list[str]:
    return [name for name in EVERYONE if holds(federation.bureau(name))]


def given_orders(federation: Federation) -> list[Entry]:
    rows = federation.relay.db.execute(
        "SELECT bytes FROM ledger_entries WHERE kind=? ORDER BY seq", (membership.EXCLUDED,)
    )
    return [entry for (data,) in rows if isinstance(entry := read(data), Entry)]


@pytest.mark.parametrize("author", ["XBM", CENTRE])
def test_nobody_orders_what_another_owns_to_be_deleted(three: Federation, author: str) -> None:
    order(three, author, to=("XCS", "XAV"))
    assert holders(three) == list(EVERYONE)
    # Nor is it kept from whoever comes to hold it later.
    three.admit("XDV")
    three.start("XDV")
    three.connect("XDV")
    settle(three)
    order(three, author, to=("XDV",))
    enter(three, height_cm=170)
    assert holds(three.bureau("XDV"))
    order(three, "XAV")
    assert holders(three) == ["XAV", "XBM", "XCS", CENTRE]
    order(three, "XAV", encode_order([Named("persons", str(WANTED["source_ref"]), 3)]))
    assert holders(three) == ["XAV", "XBM", CENTRE]


def test_an_order_that_is_said_again_deletes_nothing_that_was_given_since(three: Federation) -> None:
    enter(three, ("XCS",))
    assert holders(three) == ["XAV", "XBM", CENTRE]
    enter(three)
    assert holders(three) == list(EVERYONE)
    order(three, "XAV")
    assert holders(three) == list(EVERYONE)
    before = three.relay.size
    (first, *_) = given_orders(three)
    three.tell("XAV", "XSC/relay", frames.Append([first.encoded]))
    three.tell("XBM", "XSC/relay", frames.Append([first.encoded]))
    three.pump()
    assert three.relay.size == before


def test_an_order_that_is_cut_off_or_nonsense_deletes_nothing_and_is_noted(three: Federation) -> None:
    reader = three.bureau("XCS")
    bodies = [ORDER[:cut] for cut in range(0, len(ORDER), 5)] + [
        ORDER + b"\0",
        b"\xff" * 20,
        bytes(3_000_000),
    ]
    for body in bodies:
        order(three, "XAV", body)
    assert holders(three) == list(EVERYONE)
    (noted,) = reader.db.execute("SELECT count(*) FROM state_refused").fetchone()
    assert noted == len(bodies)
    assert reader.db.execute("SELECT count(*) FROM office_obeyed").fetchone() == (0,)
    order(three, "XAV")
    assert holders(three) == ["XAV", "XBM", CENTRE]


def test_an_owner_that_seals_an_earlier_version_again_does_not_bring_it_back(three: Federation) -> None:
    enter(three, ("XCS",))
    owner = three.bureau("XAV")
    register = owner.records.register("persons")
    body = register.encode(register.clean(WANTED))
    op = RecordOp("put", str(WANTED["source_ref"]), 1, body, "border-control", "official-use")
    batch = encode_batch(Batch("persons", 1, (op,)))
    owner.do(lambda: owner.audience.write(membership.RECORDS, batch))
    three.pump()
    assert holders(three) == ["XAV", "XBM", CENTRE]
    assert not three.bureau("XCS").refusals


def test_an_owner_whose_own_program_shuts_it_out_keeps_its_record(three: Federation) -> None:
    order(three, "XAV", to=("XAV", "XCS"))
    assert holders(three) == ["XAV", "XBM", CENTRE]


def test_nobody_gives_rests_of_what_another_wrote(three: Federation) -> None:
    entry_id, *_ = three.relay.db.execute(
        "SELECT id FROM ledger_entries WHERE author='XAV' AND kind=?", (membership.RECORDS,)
    ).fetchone()
    forged = RecordOp("withdraw", str(WANTED["source_ref"]), 2, reason="Forged.")
    body = frames.pack(Widening([], [(entry_id, encode_batch(Batch("persons", 1, (forged,))))]))
    thief = three.bureau("XBM")
    thief.do(lambda: thief.audience.write(membership.WIDENED, body))
    three.pump()
    assert holders(three) == list(EVERYONE)


def test_nobody_pretends_that_another_obeyed_or_what_it_was_not_ordered(three: Federation) -> None:
    three.disconnect("XCS")
    enter(three, ("XCS",))
    (entry,) = given_orders(three)
    owner, liar = three.bureau("XAV"), three.bureau("XBM")
    when = three.clock.now_ms

    def say(word: Obeyed, signer: str) -> None:
        body = sign_obeyed(word, keys(signer)[0])
        liar.do(lambda: liar.mail.send(OBEYED, ["XAV"], body))
        three.pump()
        settle(three)

    say(Obeyed(entry.commitment, "XCS", when), "XBM")
    say(Obeyed(entry.commitment, "XCS", when), "XCS")
    say(Obeyed(entry.commitment, "XBM", when), "XBM")
    say(Obeyed(bytes(32), "XBM", when), "XBM")
    liar.do(lambda: liar.mail.send(OBEYED, ["XAV"], b"nonsense"))
    settle(three)
    assert [one.obeyed_ms for one in readers(three)] == [0]
    codes = {code: owner.refusals[code] for code in ("OBEYED-BY-ANOTHER", "BAD-SIGNATURE", "OBEYED-UNKNOWN")}
    assert codes == {"OBEYED-BY-ANOTHER": 1, "BAD-SIGNATURE": 1, "OBEYED-UNKNOWN": 2}
    three.connect("XCS")
    settle(three)
    (told,) = readers(three)
    assert told.obeyed_ms >= when
    (statement,) = owner.db.execute(
        "SELECT statement FROM office_exclusions WHERE record_id=?", (RECORD,)
    ).fetchone()
    assert statement
