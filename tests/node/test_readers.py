"""Who reads what at a node, for each kind of readers and writers a register can have: what is allowed, and what is not."""

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import msgspec
import pytest
from tests.node.federation import Federation
from tests.node.samples import ANNA, CARRIAGE, CENTRE, POST, keys, standing
from tests.registers import readers
from tests.registers.readers import ANALYST, CLOSED, OPEN, PLAIN, thing

from allpoints.border.question import Question
from allpoints.border.verdict import Answer
from allpoints.ground.refusal import Refusal
from allpoints.identity.grant import Standing, issue
from allpoints.identity.officers import Asker
from allpoints.node import frames, membership, record_tables
from allpoints.node.record_tables import Ask
from allpoints.registers.record import Batch, RecordOp, encode_batch, record_id
from allpoints.registers.searching import Query

CERTIFIED = msgspec.structs.replace(ANNA, certified=frozenset({CLOSED}), may=frozenset({"export"}))
OUTSIDER = Asker("museum", frozenset({"outsider"}), case="Offered to us for sale")


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Federation]:
    words = readers.words(tmp_path_factory.mktemp("readers"))
    made = Federation(tmp_path_factory.mktemp("world"), ("XAV", "XBM"), (POST,), words=words)
    for register in (PLAIN, CLOSED, OPEN):
        enter(made, "XAV", register)
    enter(made, CENTRE, ANALYST)
    yield made
    for node in made.nodes.values():
        node.close()


def enter(world: Federation, member: str, register: str, ref: str = "T-1", asker: Asker = CERTIFIED) -> str:
    bureau = world.bureau(member)
    raw = thing(ref)
    identifier = bureau.do(lambda: bureau.records.enter(asker, register, raw, CARRIAGE))
    world.pump()
    return str(identifier)


def found(world: Federation, asker: Asker, **asked: Any) -> set[str]:
    bureau = world.bureau("XBM")
    result = bureau.do(lambda: bureau.records.search(asker, Query(**asked)))
    return {one.register for one in result.results}


WAYS: tuple[dict[str, Any], ...] = (
    {"number": "PP0001000", "issuer": "XAV"},
    {"identifiers": {"thing-tag": "AV12345"}},
    {"identifiers": {"thing-tag": "AV1*"}},
    {"name": "Osric Bramble"},
    {"ref": "T-1"},
    {"text": "glass cabinet"},
)


@pytest.mark.parametrize("asked", WAYS, ids=str)
def test_every_way_of_searching_finds_in_open_registers_and_in_those_one_is_certified_for(
    world: Federation, asked: dict[str, Any]
) -> None:
    assert found(world, ANNA, **asked) == {PLAIN, OPEN, ANALYST}
    assert found(world, CERTIFIED, **asked) == {PLAIN, OPEN, ANALYST, CLOSED}
    assert found(world, CERTIFIED, register=CLOSED, **asked) == {CLOSED}


def refusal(act: Callable[[], Any]) -> dict[str, Any]:
    with pytest.raises(Refusal) as refused:
        act()
    return msgspec.to_builtins(refused.value.problem())  # type: ignore[no-any-return]


def test_whoever_is_not_certified_is_told_of_a_closed_register_what_is_told_of_none(
    world: Federation,
) -> None:
    bureau = world.bureau("XAV")
    records = bureau.records
    identifier = enter(world, "XAV", CLOSED, "T-2")

    def acts(asker: Asker, name: str, record: str) -> list[Callable[[], Any]]:
        identity = bytes.fromhex(record)
        return [
            lambda: records.search(asker, Query(register=name, ref="T-2")),
            lambda: records.search(asker, Query(register=name, filters={"kind": "violin"})),
            lambda: records.read(asker, identity),
            lambda: records.read_file(asker, identity, "0" * 64),
            lambda: records.enter(asker, name, thing("T-2"), CARRIAGE),
            lambda: bureau.life.renew(asker, name, "T-2", "Still sought."),
            lambda: bureau.life.ending(asker, 2**50, name),
            lambda: bureau.exports.begin(asker, name, "csv"),
            lambda: bureau.imports.check_may(asker, name),
            lambda: records.withdraw(asker, name, "T-2", "Found."),
        ]

    for closed, never in zip(
        acts(ANNA, CLOSED, identifier), acts(ANNA, "never-things", "00" * 16), strict=True
    ):
        left, right = (refusal(partial(bureau.do, act)) for act in (closed, never))
        assert left["detail"].replace(CLOSED, "never-things") == right["detail"]
        assert left | {"detail": ""} == right | {"detail": ""}
    for act in acts(CERTIFIED, CLOSED, identifier):
        outcome = bureau.run([act])[0]
        assert not isinstance(outcome, Refusal) or outcome.code == "UNKNOWN-FILE", outcome
    world.pump()


def test_figures_endings_and_declarations_leave_closed_registers_out(world: Federation) -> None:
    bureau = world.bureau("XAV")

    def told(asker: Asker) -> tuple[bool, bool, bool]:
        ending = bureau.do(lambda: bureau.life.ending(asker, 2**50)).records
        return (
            CLOSED in {name.partition(":")[0] for name in bureau.records.counted(asker)},
            CLOSED in {one.register for one in ending},
            CLOSED in bureau.records.known(asker),
        )

    assert told(ANNA) == (False, False, False)
    assert told(CERTIFIED) == (True, True, True)


def test_nothing_at_a_border_tells_of_a_closed_register(world: Federation) -> None:
    """Neither a hit, nor a warning of one slip away, nor a warning that fails to come."""
    for asked in (Question(number="PP0001000", issuer="XAV"), Question(number="PPO001000", issuer="XAV")):
        answer = world.check("XBM", asked, CERTIFIED)
        assert (answer.verdict, answer.matches, answer.warnings) == ("clear", (), ())


def test_a_thief_of_a_post_cannot_try_numbers_that_only_registers_without_effect_have(
    world: Federation,
) -> None:
    bureau, extract = world.bureau("XBM"), world.post().extract
    world.enter("XAV")
    world.tick()
    assert extract.lookup("document", "XAV|AB123456") == bureau.index.lookup("document", "XAV|AB123456") != []
    for kind, value in (("document", "XAV|PP0001000"), ("thing-tag", "AV12345")):
        registers = {posting.register for posting in bureau.index.find(kind, value)}
        assert world.words.registers[CLOSED].code in registers
        assert extract.lookup(kind, value) == bureau.index.lookup(kind, value) == []


def test_a_post_signs_for_its_officers_but_certifies_none(world: Federation) -> None:
    bureau, asked = world.bureau("XBM"), []
    before = bureau.posts.answer

    def answer(asker: Asker, question: Question, check: str, asked_ms: int) -> Answer:
        asked.append(asker)
        return before(asker, question, check, asked_ms)

    bureau.posts.answer = answer
    question = frames.pack(Question(number="AB123456", issuer="XAV"))
    now = world.clock.now()
    shown = frames.pack(standing(CERTIFIED, at_ms=now))
    world.tell(POST, "XBM", frames.Ask("00" * 12, question, shown, now))
    certifies = issue(POST, keys(POST)[0], CERTIFIED, world.words.purposes, now).to_bytes()
    claimed = frames.pack(Standing(certifies, CERTIFIED.purpose, CERTIFIED.case))
    world.tell(POST, "XBM", frames.Ask("11" * 12, question, claimed, now))
    world.pump()
    assert bureau.refusals["GRANT-CERTIFIES"] == 1
    bureau.posts.answer = before
    assert [(one.officer, one.certified, one.post) for one in asked] == [("anna", frozenset(), POST)]


def test_an_outsider_in_process_gets_nothing_that_is_for_officers(world: Federation) -> None:
    bureau = world.bureau("XBM")
    identity = bytes.fromhex(enter(world, "XAV", OPEN, "T-3"))
    acts: list[Callable[[], Any]] = [
        lambda: bureau.records.search(OUTSIDER, Query(ref="T-1")),
        lambda: bureau.records.read(OUTSIDER, identity),
        lambda: bureau.records.enter(OUTSIDER, OPEN, thing("T-9"), CARRIAGE),
        lambda: bureau.check(OUTSIDER, Question(number="PP0001000", issuer="XAV")),
        lambda: bureau.hits.list_(OUTSIDER),
        lambda: bureau.imports.check_may(OUTSIDER),
        lambda: bureau.life.ending(OUTSIDER, 2**50),
    ]
    for act in acts:
        assert refusal(partial(bureau.do, act))["code"] == "NOT-ALLOWED"


def test_a_register_is_leafed_through_by_records_since_row_numbers_would_count_the_closed_ones(
    world: Federation, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(record_tables, "PAGE_RECORDS", 1)
    for number in range(3):
        enter(world, "XAV", PLAIN, f"L-{number}")
        enter(world, "XAV", CLOSED, f"L-{number}")
    tables, seen, before = world.bureau("XBM").tables, [], b""
    while True:
        ask = Ask(PLAIN, before=before)
        page = world.bureau("XBM").do(lambda ask=ask: tables.show(ANNA, ask))  # type: ignore[misc]
        seen += [row.ref for row in page.rows]
        if not page.after:
            break
        assert page.after == record_id(PLAIN, "XAV", seen[-1])
        before = page.after
    assert seen[:3] == ["L-2", "L-1", "L-0"]
    assert seen[-1] == "T-1"
    closed = Ask(PLAIN, before=record_id(CLOSED, "XAV", "L-0"))
    never = Ask(PLAIN, before=bytes(16))
    shown = [world.bureau("XBM").do(partial(tables.show, ANNA, one)).rows for one in (closed, never)]
    assert shown[0] == shown[1]


# -- who writes


def test_the_secretariats_analysts_write_their_register_and_every_desk_reads_it(world: Federation) -> None:
    assert found(world, ANNA, register=ANALYST, ref="T-1") == {ANALYST}
    bureau = world.bureau("XAV")
    work = partial(bureau.records.enter, ANNA, ANALYST, thing("T-4"), CARRIAGE)
    assert refusal(partial(bureau.do, work))["code"] == "NOT-SECRETARIAT"


@pytest.mark.parametrize("op", ["put", "withdraw"])
def test_what_a_hostile_member_signs_into_an_analysts_register_is_folded_by_nobody(
    world: Federation, op: str
) -> None:
    hostile = world.bureau("XAV")
    register = world.words.registers[ANALYST]
    body = register.encode(register.clean(thing("T-5"))) if op == "put" else b""
    said = {
        "put": {"purpose": CARRIAGE.purpose, "handling": CARRIAGE.handling},
        "withdraw": {"reason": "No."},
    }
    act = RecordOp(op, "T-5", 1, body, **said[op])  # type: ignore[arg-type]
    batch = encode_batch(Batch(ANALYST, 1, (act,)))
    counted = {name: world.bureau(name).records.counted(ANNA) for name in ("XAV", "XBM", CENTRE)}
    hostile.do(lambda: hostile.audience.write(membership.RECORDS, batch))
    assert world.pump() == []
    assert found(world, ANNA, register=ANALYST, ref="T-5") == set()
    for name, before in counted.items():
        assert world.bureau(name).records.counted(ANNA) == before
        codes = world.bureau(name).db.execute("SELECT code FROM state_refused").fetchall()
        assert ("NOT-SECRETARIAT",) in codes
