"""Every register the same way: entered, found at another member by all it declares, changed, withdrawn, gone; never by the excluded."""

from collections.abc import Iterator
from functools import partial
from typing import Any

import msgspec
import pytest
from tests.node.federation import Federation, dump
from tests.node.samples import ANNA, CENTRE, PURPOSE, vocabulary
from tools.reference.registers import example

from allpoints.ground.refusal import Refusal
from allpoints.identity.officers import Asker
from allpoints.registers.entering import Carriage
from allpoints.registers.record import record_id
from allpoints.registers.searching import Query, SearchResult
from allpoints.vocabulary.identifying import PERSON
from allpoints.vocabulary.register import Register
from allpoints.vocabulary.types.attachment import Attachment, parse

OWNER, READER, EXCLUDED = "XAV", "XBM", "XCS"
WORDS = vocabulary()
REGISTERS = {name: register for name, register in WORDS.registers.items() if register.code <= 19}
EACH = pytest.mark.parametrize("name", sorted(REGISTERS))
CERTIFIED = frozenset(name for name, register in REGISTERS.items() if register.readers == "certified")
KNOWING = msgspec.structs.replace(ANNA, certified=CERTIFIED)


@pytest.fixture(scope="module")
def federation(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Federation]:
    made = Federation(tmp_path_factory.mktemp("nineteen"), (OWNER, READER, EXCLUDED))
    yield made
    for node in made.nodes.values():
        node.close()


def without_files(register: Register) -> dict[str, Any]:
    """The register's own example, less files: those have tests of their own."""
    given, _ = example(register)
    return {name: value for name, value in given.items() if not _is_file(value)}


def _is_file(value: object) -> bool:
    one = value[0] if isinstance(value, list | tuple) and value else value
    if not isinstance(one, str):
        return False
    try:
        return isinstance(parse(one, ""), Attachment)
    except Refusal:
        return False


def writer_of(register: Register) -> str:
    return CENTRE if register.writer == "secretariat" else OWNER


def enter(
    federation: Federation,
    register: Register,
    raw: dict[str, Any],
    excluded: tuple[str, ...] = (),
    reason: str = "",
) -> None:
    bureau = federation.bureau(writer_of(register))
    carriage = Carriage(PURPOSE, "restricted", excluded, reason=reason)
    bureau.do(lambda: bureau.records.enter(KNOWING, register.name, raw, carriage))
    federation.pump()


def asked(federation: Federation, member: str, asker: Asker = KNOWING, **query: Any) -> SearchResult:
    bureau = federation.bureau(member)
    found: SearchResult = bureau.do(lambda: bureau.records.search(asker, Query(**query)))
    return found


def questions(register: Register, raw: dict[str, Any]) -> list[dict[str, Any]]:
    """Every way in which the declaration says that a record can be asked for."""
    body = register.clean(raw)
    searches = WORDS.searches()
    asks: list[dict[str, Any]] = [{"ref": raw["source_ref"]}]
    asks += [{"identifiers": {kind: value}} for kind, value in register.keys(body) if kind in searches]
    asks += [
        {"identifiers": {kind: f"{value[:-1]}*"}} for kind, value in register.partials(body) if len(value) > 5
    ]
    asks += [{"name": name} for name in register.names(body)]
    words = [word for word in register.words(body) if len(word) > 3]
    asks += [{"text": " ".join(words[:2])}] if words else []
    asks += [{"register": register.name, "filters": {field: value}} for field, value in register.facets(body)]
    return asks


def changed(register: Register, raw: dict[str, Any]) -> dict[str, Any]:
    """The same record less one field that it can do without."""
    body = register.clean(raw)
    for field in reversed(register.fields):
        less = {name: value for name, value in raw.items() if name != field.name}
        try:
            if field.name != "source_ref" and register.clean(less) != body:
                return less
        except Refusal:
            continue
    raise AssertionError(f"every field of {register.name} is needed")


def finds(answer: SearchResult, identity: bytes) -> bool:
    return identity in {one.record_id for one in answer.results}


@EACH
def test_a_record_goes_its_whole_way(federation: Federation, name: str) -> None:
    register = REGISTERS[name]
    raw = without_files(register) | {"source_ref": f"WALK-{register.code}"}
    identity = record_id(name, writer_of(register), raw["source_ref"])
    enter(federation, register, raw)
    asks = questions(register, raw)
    assert len(asks) > 1
    for question in asks:
        assert finds(asked(federation, READER, **question), identity), question
    reader = federation.bureau(READER)
    record = reader.do(lambda: reader.records.read(KNOWING, identity))
    assert (record.owner, record.version, record.handling) == (writer_of(register), 1, "restricted")

    less = changed(register, raw)
    enter(federation, register, less, reason="Corrected.")
    record = reader.do(lambda: reader.records.read(KNOWING, identity))
    assert (record.version, record.body, record.history[-1].reason) == (2, register.clean(less), "Corrected.")

    writer = federation.bureau(writer_of(register))
    writer.do(lambda: writer.records.withdraw(KNOWING, name, raw["source_ref"], "Found."))
    federation.pump()
    for question in asks:
        assert not finds(asked(federation, READER, **question), identity), question
    gone = reader.do(lambda: reader.records.read(KNOWING, identity))
    assert (gone.status, gone.body, gone.history[-1].reason) == ("withdrawn", None, "Found.")


@EACH
def test_an_excluded_member_finds_nothing_by_any_question_count_or_refusal(
    federation: Federation, name: str
) -> None:
    register = REGISTERS[name]
    raw = without_files(register) | {"source_ref": f"HIDDEN-{register.code}"}
    identity = record_id(name, writer_of(register), raw["source_ref"])
    asks = questions(register, raw)
    excluded = federation.bureau(EXCLUDED)
    before = [asked(federation, EXCLUDED, **question) for question in asks]
    counted = excluded.records.counted(KNOWING)
    enter(federation, register, raw, excluded=(EXCLUDED,))
    assert finds(asked(federation, READER, ref=raw["source_ref"]), identity)
    assert [asked(federation, EXCLUDED, **question) for question in asks] == before
    assert excluded.records.counted(KNOWING) == counted
    refusals = []
    for one in (identity, bytes(16)):
        with pytest.raises(Refusal) as refused:
            excluded.do(partial(excluded.records.read, KNOWING, one))
        refusals.append((refused.value.code, refused.value.sentence, refused.value.status))
    assert refusals[0] == refusals[1]
    held = "\n".join(line for line in dump(excluded.db) if "office_audit" not in line)
    assert raw["source_ref"] not in held


@EACH
def test_the_looks_of_an_answer_take_the_same_steps_with_and_without_a_hidden_record(
    federation: Federation, name: str
) -> None:
    """Timing class: the node does the same statements for a hidden record as for one that does not exist."""
    register = REGISTERS[name]
    raw = without_files(register) | {"source_ref": f"QUIET-{register.code}"}
    excluded = federation.bureau(EXCLUDED)
    question = {"ref": raw["source_ref"]}
    before = _statements(excluded, lambda: asked(federation, EXCLUDED, **question))
    enter(federation, register, raw, excluded=(EXCLUDED,))
    assert _statements(excluded, lambda: asked(federation, EXCLUDED, **question)) == before


def _statements(node: Any, act: Any) -> list[str]:
    seen: list[str] = []
    node.db.set_trace_callback(lambda statement: seen.append(statement.split("VALUES")[0].split("'")[0]))
    try:
        act()
    finally:
        node.db.set_trace_callback(None)
    return seen


def test_there_are_nineteen_and_a_document_is_asked_for_as_before() -> None:
    assert sorted(register.code for register in REGISTERS.values()) == list(range(1, 20))
    assert PERSON not in WORDS.searches()
