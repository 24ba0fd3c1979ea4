"""Every way a record can be asked for that its register declares, and that what one may not see takes no part."""

import sqlite3
from collections import defaultdict
from collections.abc import Iterable
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.registers.writers import writer

from allpoints.ground.clock import DAY
from allpoints.ground.refusal import Refusal
from allpoints.registers import finding, mark_store, searching, store
from allpoints.registers.entering import Carriage, prepare_put
from allpoints.registers.finding import Sight, Strength
from allpoints.registers.folding import Published, apply_batch
from allpoints.registers.mark_store import Marked, Marks, Wanted
from allpoints.registers.record import Batch
from allpoints.registers.searching import Query, SearchResult
from allpoints.registers.withdrawing import prepare_withdraw
from allpoints.vocabulary.loading import load
from allpoints.vocabulary.register import Vocabulary

BOATS = """\
register: boats
code: 220
short: BOAT
label: {en: Stolen boat}
plural: {en: Stolen boats}
description: {en: Boats.}
writer: owner
person_data: false
retention_days: 1000
featured: [name]
caption: "{name} {tag}"
facets: [kind, harbours]
text: [story]
names: [[name]]
identifiers:
  - {kind: exact, field: tag, key: hull-tag, with: [flag], near: true, partial: true}
  - {kind: range, first: first, last: last, key: permit, with: [flag]}
fields:
  - {name: source_ref, type: text, required: true, label: {en: Reference}}
  - {name: name, type: text, label: {en: Name}}
  - {name: flag, type: country, label: {en: Flag}}
  - {name: tag, type: tag, label: {en: Tag}}
  - {name: kind, type: code, list: boat-kinds, label: {en: Kind}}
  - {name: harbours, type: list, of: text, label: {en: Harbours}}
  - {name: story, type: text, max: 400, label: {en: Story}}
  - {name: first, type: document-number, label: {en: First permit}}
  - {name: last, type: document-number, label: {en: Last permit}}
"""
KINDS_ = """\
list: boat-kinds
label: {en: Kinds of boats}
terms:
  - {code: sail, label: {en: Sail}}
  - {code: motor, label: {en: Motor}}
"""
SECRET = BOATS.replace("register: boats", "register: secrets").replace("220", "221").replace("BOAT", "SEC")

NOW = 10 * DAY


@pytest.fixture(scope="module")
def own(tmp_path_factory: pytest.TempPathFactory) -> Vocabulary:
    folder = tmp_path_factory.mktemp("own")
    (folder / "boats.yaml").write_text(BOATS.replace("type: tag", "type: serial"))
    (folder / "secrets.yaml").write_text(SECRET.replace("type: tag", "type: serial"))
    (folder / "kinds.yaml").write_text(KINDS_)
    return load((folder,))


class Desk:
    """A node that has entered records, seen by whoever may see the registers of ``codes``."""

    def __init__(self, db: sqlite3.Connection, vocabulary: Vocabulary, carriage: Carriage) -> None:
        self.db = db
        self.vocabulary = vocabulary
        self.carriage = carriage
        self.codes = frozenset(register.code for register in vocabulary.registers.values())
        self.index: dict[tuple[str, str], list[bytes]] = defaultdict(list)
        self.seq = 0

    def enter(self, ref: str, register: str = "boats", **raw: Any) -> bytes:
        given_ = {"source_ref": ref, **raw}
        op = prepare_put(self.db, self.vocabulary.registers[register], writer("XAV"), given_, self.carriage)
        assert op is not None
        return self._fold(Batch(register, 1, (op,)))

    def withdraw(self, ref: str) -> None:
        op = prepare_withdraw(self.db, self.vocabulary.registers["boats"], "XAV", ref, "found")
        assert op is not None
        self._fold(Batch("boats", 1, (op,)))

    def _fold(self, batch: Batch) -> bytes:
        self.seq += 1
        report = apply_batch(self.db, self.vocabulary, batch, Published("XAV", self.seq, self.seq, "XSC"))
        (applied,) = report.applied
        for key in applied.keys:
            self.index[key.kind, key.value].append(applied.record_id)
        return applied.record_id

    def lookup(self, kind: str, value: str) -> Iterable[bytes]:
        return self.index.get((kind, value), [])

    def search(self, **asked: Any) -> SearchResult:
        sight = Sight(self.codes, NOW)
        return searching.search(self.db, self.vocabulary, self.lookup, Query(**asked), sight)

    def refs(self, **asked: Any) -> list[str]:
        return [one.ref for one in self.search(**asked).results]


@pytest.fixture
def desk(db: sqlite3.Connection, own: Vocabulary, carriage: Carriage) -> Desk:
    return Desk(db, own, carriage)


def test_an_identifier_is_found_however_it_is_written_and_only_beside_its_country(desk: Desk) -> None:
    desk.enter("B-1", tag="AB-12 34", flag="XAV")
    desk.enter("B-2", tag="AB1234", flag="XBM")
    assert desk.refs(identifiers={"hull-tag": "XAV ab1234"}) == ["B-1"]
    assert desk.refs(identifiers={"hull-tag": "XBM|AB 1234"}) == ["B-2"]
    assert desk.refs(identifiers={"hull-tag": "XCS AB1234"}) == []


def test_a_value_one_slip_away_is_a_warning_and_never_a_result(desk: Desk) -> None:
    desk.enter("B-1", tag="AB10", flag="XAV")
    answer = desk.search(identifiers={"hull-tag": "XAV ABI0"})
    assert answer.results == ()
    (warning,) = answer.warnings
    assert warning.held == "AB10"
    assert desk.search(identifiers={"hull-tag": "XAV AB10"}).warnings == ()
    desk.withdraw("B-1")
    assert desk.search(identifiers={"hull-tag": "XAV ABI0"}).warnings == ()


def test_a_number_within_a_range_of_another_register_is_found(desk: Desk) -> None:
    desk.enter("B-1", first="P100", last="P250", flag="XAV")
    (found,) = desk.search(identifiers={"permit": "XAV P200"}).results
    assert (found.ref, found.strength) == ("B-1", Strength.RANGE)
    assert desk.refs(identifiers={"permit": "XAV P251"}) == []
    assert desk.refs(identifiers={"permit": "XBM P200"}) == []


def test_a_value_known_in_part_is_found_from_either_end(desk: Desk) -> None:
    desk.enter("B-1", tag="AB1234", flag="XAV")
    desk.enter("B-2", tag="AB1299", flag="XBM")
    assert desk.refs(identifiers={"hull-tag": "AB12*"}) == ["B-2", "B-1"]
    assert desk.refs(identifiers={"hull-tag": "*1234"}) == ["B-1"]
    assert desk.refs(identifiers={"hull-tag": "AB??34"}) == ["B-1"]
    assert desk.refs(identifiers={"hull-tag": "XBM AB12*"}) == ["B-2"]
    for text, code in (("*", "PATTERN-TOO-OPEN"), ("?B123?", "PATTERN-NEEDS-AN-END"), ("*B1234", "")):
        if code:
            with pytest.raises(Refusal) as refused:
                desk.search(identifiers={"hull-tag": text})
            assert refused.value.code == code
        else:
            assert desk.refs(identifiers={"hull-tag": text}) == ["B-1"]


def test_words_of_text_are_found_in_any_order_and_gone_with_their_record(desk: Desk) -> None:
    desk.enter("B-1", story="A white hull with a blue stripe.")
    desk.enter("B-2", story="A blue hull.")
    assert desk.refs(text="HULL blue") == ["B-2", "B-1"]
    assert desk.refs(text="stripe") == ["B-1"]
    desk.enter("B-1", story="Repainted.")
    assert desk.refs(text="stripe") == []
    desk.withdraw("B-2")
    assert desk.refs(text="hull") == []


def test_filters_narrow_and_are_counted(desk: Desk) -> None:
    desk.enter("B-1", kind="sail", harbours=["Port Selm", "Arven"], name="Heron")
    desk.enter("B-2", kind="motor", harbours=["Arven"], name="Heron")
    desk.enter("B-3", kind="sail", harbours=["Tarn"], name="Tern")
    assert desk.refs(register="boats", filters={"kind": "sail"}) == ["B-3", "B-1"]
    assert desk.refs(register="boats", filters={"kind": "sail", "harbours": "arven"}) == ["B-1"]
    assert desk.refs(register="boats", name="heron", filters={"kind": "motor"}) == ["B-2"]
    facets = {facet.field: facet for facet in desk.search(register="boats", name="heron").facets}
    assert [(one.value, one.caption, one.count) for one in facets["kind"].values] == [
        ("motor", "Motor", 1),
        ("sail", "Sail", 1),
    ]
    assert [(one.value, one.count) for one in facets["harbours"].values] == [("arven", 2), ("port selm", 1)]


def test_counts_of_more_records_than_are_looked_at_are_of_all_of_them(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(7):
        desk.enter(f"B-{number}", kind="sail" if number else "motor", harbours=["Arven"])
    monkeypatch.setattr(finding, "CANDIDATES_LIMIT", 3)
    answer = desk.search(register="boats", filters={"harbours": "Arven"})
    assert answer.more
    facets = {facet.field: [(one.value, one.count) for one in facet.values] for facet in answer.facets}
    assert facets["kind"] == [("sail", 6), ("motor", 1)]
    overview = searching.overview(desk.db, desk.vocabulary.registers["boats"])
    assert {facet.field for facet in overview} == {"kind", "harbours"}


@pytest.mark.parametrize(
    ("asked", "code"),
    [
        ({"filters": {"kind": "sail"}}, "FILTER-NEEDS-REGISTER"),
        ({"register": "boats", "filters": {"story": "x"}}, "UNKNOWN-FILTER"),
        ({"register": "boats", "filters": {"kind": "submarine"}}, "CODE-UNKNOWN"),
        ({"register": "boats", "filters": {"harbours": " "}}, "FILTER-EMPTY"),
        ({"identifiers": {"smell": "x"}}, "UNKNOWN-IDENTIFIER"),
        ({"identifiers": {"permit": "XAV P1*"}}, "PATTERN-NOT-ALLOWED"),
        ({"identifiers": {"hull-tag": "AB1234"}}, "ASKED-PARTS"),
        ({"text": "--"}, "TEXT-EMPTY"),
    ],
)
def test_a_question_that_cannot_be_asked_is_refused(desk: Desk, asked: dict[str, Any], code: str) -> None:
    with pytest.raises(Refusal) as refused:
        desk.search(**asked)
    assert refused.value.code == code
    assert desk.refs(register="boats", filters={"kind": "sail"}) == []


QUESTIONS: tuple[dict[str, Any], ...] = (
    {"identifiers": {"hull-tag": "XAV AB10"}},
    {"identifiers": {"hull-tag": "XAV ABI0"}},
    {"identifiers": {"hull-tag": "AB1*"}},
    {"identifiers": {"permit": "XAV P200"}},
    {"text": "blue"},
    {"name": "heron"},
    {"ref": "B-1"},
    {"register": "boats", "filters": {"kind": "sail"}},
    {"register": "boats", "name": "heron"},
)


def test_what_one_may_not_see_takes_no_part_in_results_warnings_or_counts(
    desk: Desk, own: Vocabulary
) -> None:
    seen = {"tag": "AB10", "flag": "XAV", "name": "Heron", "kind": "sail", "story": "blue", "first": "P100"}
    desk.enter("B-1", **seen, last="P250")
    before = [desk.search(**asked) for asked in QUESTIONS]
    desk.codes -= {own.registers["secrets"].code}
    for number in range(3):
        desk.enter(f"B-{number}", "secrets", **seen, last="P250")
    assert [desk.search(**asked) for asked in QUESTIONS] == before
    with pytest.raises(Refusal) as refused:
        desk.search(register="secrets", name="heron")
    with pytest.raises(Refusal) as unknown:
        desk.search(register="nothing", name="heron")
    assert (refused.value.code, refused.value.status) == (unknown.value.code, unknown.value.status)


def test_an_identifier_of_registers_out_of_sight_is_as_unknown_as_one_that_does_not_exist(desk: Desk) -> None:
    desk.codes = frozenset({desk.vocabulary.registers["travel-documents"].code})
    refusals = []
    for key in ("hull-tag", "smell"):
        with pytest.raises(Refusal) as refused:
            desk.search(identifiers={key: "XAV AB10"})
        refusals.append((refused.value.code, refused.value.hint))
    assert refusals[0] == refusals[1]


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(st.from_regex(r"[AB0-2]{2,6}", fullmatch=True), max_size=12),
    st.from_regex(r"[AB0-2]{2}[AB0-2?*]{0,4}|[AB0-2?*]{0,4}[AB0-2]{2}", fullmatch=True),
)
def test_a_pattern_finds_exactly_what_fits_it(values: list[str], pattern: str) -> None:
    db = sqlite3.connect(":memory:", isolation_level=None)
    db.executescript(mark_store.SCHEMA)
    marked = [Marked(row, 1, Marks((), (), (("tag", value),))) for row, value in enumerate(values)]
    mark_store.add(db, marked)
    found = mark_store.rows_like(db, "tag", pattern, [1], 100)
    assert sorted(found) == [row for row, value in enumerate(values) if _fits(value, pattern)]
    db.close()


def _fits(value: str, pattern: str) -> bool:
    if not pattern:
        return not value
    if pattern[0] == "*":
        return any(_fits(value[at:], pattern[1:]) for at in range(len(value) + 1))
    return bool(value) and pattern[0] in {"?", value[0]} and _fits(value[1:], pattern[1:])


def test_a_folder_finds_everything_below_it_and_nothing_beside_it() -> None:
    db = sqlite3.connect(":memory:", isolation_level=None)
    db.executescript(mark_store.SCHEMA)
    folders = ("music/", "music/strings/", "music/strings/bowed/", "music-boxes/", "musicals/", "painting/")
    for row, folder in enumerate(folders):
        mark_store.add(db, [Marked(row, 1, Marks((("kind", folder),), (), ()))])
    assert mark_store.rows_with_facets(db, 1, [Wanted("kind", "music/", folder=True)], 10) == [2, 1, 0]
    assert mark_store.rows_with_facets(db, 1, [Wanted("kind", "music/strings/", folder=True)], 10) == [2, 1]
    assert mark_store.rows_with_facets(db, 1, [Wanted("kind", "music/", folder=False)], 10) == [0]
    assert mark_store.having(db, 1, [Wanted("kind", "music/", folder=True)], range(6)) == {0, 1, 2}
    mark_store.drop(db, [1])
    assert mark_store.rows_with_facets(db, 1, [Wanted("kind", "music/strings/", folder=True)], 10) == [2]
    db.close()


def test_marks_go_when_a_record_is_erased(desk: Desk) -> None:
    desk.enter("B-1", kind="sail", story="blue", tag="AB10", flag="XAV")
    (row,) = store.rows_at(desk.db, [1])
    store.erase(desk.db, [row.row], store.EXPIRED)
    for table in ("state_facets", "state_words", "state_parts"):
        assert desk.db.execute(f"SELECT count(*) FROM {table}").fetchone() == (0,)
