"""What a vetted outsider finds and reads: public fields of open registers, within the limit, with every question kept."""

from collections.abc import Iterator
from functools import partial
from typing import Any

import msgspec
import pytest
from tests.node.federation import Federation
from tests.node.samples import ANNA, CARRIAGE
from tests.registers import readers
from tests.registers.readers import CLOSED, OPEN, PLAIN, thing

from allpoints.ground.clock import MINUTE
from allpoints.ground.refusal import Refusal
from allpoints.identity.officers import Asker
from allpoints.ledger import audit
from allpoints.node import outside
from allpoints.node.outside import NOTE, QUESTIONS_LIMIT, WINDOW_MS, PublicAnswer, PublicRecord
from allpoints.registers.record import record_id
from allpoints.registers.searching import Query

MUSEUM = Asker("museum", frozenset({"outsider"}), "border-control", "Offered to us for sale")
HIDDEN = ("Osric", "Bramble", "Sundvik", "cabinet", "HID98765", "PP0001000", "T-1")


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Federation]:
    words = readers.words(tmp_path_factory.mktemp("readers"))
    made = Federation(tmp_path_factory.mktemp("world"), ("XAV", "XBM"), words=words)
    bureau = made.bureau("XAV")
    certified = msgspec.structs.replace(ANNA, certified=frozenset({CLOSED}))
    for register in (PLAIN, CLOSED, OPEN):
        bureau.do(partial(bureau.records.enter, certified, register, thing("T-1"), CARRIAGE))
    restricted = msgspec.structs.replace(CARRIAGE, handling="restricted")
    raw = thing("T-2", title="Child violin", tag="AV99999")
    bureau.do(lambda: bureau.records.enter(ANNA, OPEN, raw, restricted))
    made.pump()
    yield made
    for node in made.nodes.values():
        node.close()


@pytest.fixture(autouse=True)
def _later(world: Federation) -> None:
    world.clock.now_ms += WINDOW_MS


def search(world: Federation, asker: Asker = MUSEUM, **asked: Any) -> PublicAnswer:
    bureau = world.bureau("XBM")
    answer = bureau.do(lambda: bureau.outside.search(asker, Query(**asked)))
    assert isinstance(answer, PublicAnswer)
    return answer


def read(world: Federation, record: bytes, asker: Asker = MUSEUM) -> PublicRecord:
    bureau = world.bureau("XBM")
    answer = bureau.do(lambda: bureau.outside.read(asker, record))
    assert isinstance(answer, PublicRecord)
    return answer


VIOLIN = record_id(OPEN, "XAV", "T-1")


@pytest.mark.parametrize(
    "asked",
    [
        {"text": "violin quillfeather"},
        {"identifiers": {"thing-tag": "av 12345"}},
        {"identifiers": {"thing-tag": "AV123??"}},
        {"register": OPEN, "filters": {"kind": "violin"}},
        {"register": OPEN, "text": "quillfeather", "filters": {"kind": "violin"}},
    ],
    ids=str,
)
def test_an_outsider_finds_by_public_fields_and_is_told_how_much_that_is_worth(
    world: Federation, asked: dict[str, Any]
) -> None:
    answer = search(world, **asked)
    assert [(one.record, one.register, one.owner) for one in answer.results] == [(VIOLIN.hex(), OPEN, "XAV")]
    assert answer.results[0].caption == "Quillfeather violin"
    assert answer.results[0].why
    assert answer.note == NOTE
    assert "proves nothing" in NOTE
    assert "owner" in NOTE
    said = msgspec.json.encode(answer).decode()
    assert not [word for word in HIDDEN if word in said]


@pytest.mark.parametrize(
    "asked",
    [
        {"text": "glass cabinet"},
        {"text": "quillfeather cabinet"},
        {"identifiers": {"hidden-tag": "HID98765"}},
        {"number": "PP0001000", "issuer": "XAV"},
        {"identifiers": {"thing-tag": "AV99999"}},
        {"text": "child"},
        {"text": "nobody"},
    ],
    ids=str,
)
def test_what_is_hidden_is_no_more_found_than_what_is_not_there(
    world: Federation, asked: dict[str, Any]
) -> None:
    assert search(world, **asked) == PublicAnswer((), more=False)


def test_a_desk_finds_all_of_that(world: Federation) -> None:
    bureau = world.bureau("XBM")
    for asked in (
        Query(text="glass cabinet"),
        Query(identifiers={"hidden-tag": "HID98765"}),
        Query(text="child"),
    ):
        result = bureau.do(partial(bureau.records.search, ANNA, asked))
        assert OPEN in {one.register for one in result.results}


def test_names_and_references_are_no_question_of_an_outsider(world: Federation) -> None:
    questions: tuple[dict[str, Any], ...] = ({"name": "Osric Bramble"}, {"ref": "T-1"})
    for asked in questions:
        with pytest.raises(Refusal) as refused:
            search(world, **asked)
        assert refused.value.code == "NO-QUESTION"


def test_a_filter_or_a_register_that_is_not_open_is_refused_as_one_that_is_not_there(
    world: Federation,
) -> None:
    for left, right in (
        ({"register": OPEN, "filters": {"keeper": "x"}}, {"register": OPEN, "filters": {"colour": "x"}}),
        ({"register": PLAIN, "text": "violin"}, {"register": "never-things", "text": "violin"}),
        ({"register": CLOSED, "text": "violin"}, {"register": "never-things", "text": "violin"}),
    ):
        problems = []
        for asked in (left, right):
            with pytest.raises(Refusal) as refused:
                search(world, **asked)
            problem = msgspec.json.encode(refused.value.problem()).decode()
            for word in ("keeper", "colour", PLAIN, CLOSED, "never-things"):
                problem = problem.replace(word, "…")
            problems.append(problem)
        assert problems[0] == problems[1]


def test_what_is_public_of_a_record_is_read_and_nothing_else(world: Federation) -> None:
    record = read(world, VIOLIN)
    assert record.fields == {"title": "Quillfeather violin", "kind": "violin", "tag": "AV12345"}
    assert record.described == (("Title", "Quillfeather violin"), ("Kind", "Violin"), ("Tag", "AV12345"))
    assert (record.owner, record.register, record.note) == ("XAV", OPEN, NOTE)
    said = msgspec.json.encode(record).decode()
    assert not [word for word in HIDDEN if word in said]


def test_what_is_not_for_outsiders_is_read_as_what_never_was(world: Federation) -> None:
    problems = []
    for register, ref in ((OPEN, "T-2"), (PLAIN, "T-1"), (CLOSED, "T-1"), (OPEN, "never")):
        with pytest.raises(Refusal) as refused:
            read(world, record_id(register, "XAV", ref))
        problems.append(refused.value.problem())
    assert problems == [problems[-1]] * 4
    assert (problems[0].code, problems[0].status) == ("UNKNOWN-RECORD", 404)


def test_every_question_is_kept_with_its_reason_the_refused_one_too(world: Federation) -> None:
    search(world, text="violin")
    with pytest.raises(Refusal):
        read(world, bytes(16))
    with pytest.raises(Refusal):
        search(world)
    lines = audit.lines(world.bureau("XBM").db, limit=3)
    assert [one.event for one in lines] == ["outsider:searched", "outsider:read", "outsider:searched"]
    assert {(one.officer, one.purpose, one.case_ref) for one in lines} == {("museum", "", MUSEUM.case)}
    assert lines[2].detail == b'{"question":{"limit":50,"text":"violin"}}'


def test_without_a_reason_nothing_is_answered(world: Federation) -> None:
    for case in ("", "  "):
        with pytest.raises(Refusal) as refused:
            search(world, msgspec.structs.replace(MUSEUM, case=case), text="violin")
        assert (refused.value.code, refused.value.status, refused.value.path) == ("NO-REASON", 403, "case")


def test_an_officer_has_a_search_of_its_own(world: Federation) -> None:
    with pytest.raises(Refusal) as refused:
        search(world, ANNA, text="violin")
    assert refused.value.code == "NOT-ALLOWED"


def test_an_account_asks_only_so_often_and_is_told_when_again(world: Federation) -> None:
    for number in range(QUESTIONS_LIMIT):
        if number % 3:
            search(world, text="violin")
        else:
            with pytest.raises(Refusal):
                read(world, bytes(16))
        world.clock.now_ms += MINUTE // 2
    before = audit.verify(world.bureau("XBM").db)
    with pytest.raises(Refusal) as refused:
        read(world, VIOLIN)
    assert (refused.value.code, refused.value.status) == ("TOO-MANY-QUESTIONS", 429)
    assert refused.value.retry_s == 45 * 60
    assert "45 minutes" in refused.value.hint
    assert audit.verify(world.bureau("XBM").db) == before
    search(world, msgspec.structs.replace(MUSEUM, officer="dealer"), text="violin")
    world.clock.now_ms += 45 * MINUTE
    read(world, VIOLIN)
    with pytest.raises(Refusal):
        read(world, VIOLIN)


def test_more_than_a_page_of_results_is_said_and_not_shown(
    world: Federation, monkeypatch: pytest.MonkeyPatch
) -> None:
    bureau = world.bureau("XAV")
    for number in range(3):
        raw = thing(f"P-{number}", title="Painting of a harbour", kind="painting")
        bureau.do(partial(bureau.records.enter, ANNA, OPEN, raw, CARRIAGE))
    world.pump()
    monkeypatch.setattr(outside, "SHOWN_LIMIT", 2)
    answer = search(world, text="harbour")
    assert (len(answer.results), answer.more) == (2, True)
    assert not search(world, text="violin").more


def test_a_record_that_ended_is_not_there_any_more(world: Federation) -> None:
    bureau = world.bureau("XAV")
    bureau.do(lambda: bureau.records.enter(ANNA, OPEN, thing("T-7", title="Lute"), CARRIAGE))
    world.pump()
    assert search(world, text="lute").results
    bureau.do(lambda: bureau.records.withdraw(ANNA, OPEN, "T-7", "Found."))
    world.pump()
    assert search(world, text="lute").results == ()
    with pytest.raises(Refusal):
        read(world, record_id(OPEN, "XAV", "T-7"))
