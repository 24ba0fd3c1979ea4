"""Vehicles, serials and other things: their own verdict, beside document and bearer, and never from a near miss."""

import datetime as dt
from collections import defaultdict
from pathlib import Path
from typing import Any

import pytest

from allpoints.border.checking import EFFECT_BEARER, EFFECT_OBJECT, Circumstances, examine
from allpoints.border.question import Asked, Question, understand
from allpoints.border.verdict import ACTIONS, HEADLINES, Answer, Verdict
from allpoints.ground.refusal import Refusal
from allpoints.matching.posting import Posting
from allpoints.vocabulary.loading import load
from allpoints.vocabulary.register import Vocabulary

CATTLE = """\
register: cattle
code: 230
short: COW
label: {en: Stolen animal}
plural: {en: Stolen animals}
description: {en: Animals.}
writer: owner
person_data: false
effect: object
retention_days: 100
featured: [tag]
caption: "{tag}"
identifiers:
  - {kind: exact, field: tag, key: ear-tag, with: [country], near: true}
  - {kind: range, first: first, last: last, key: herd-book, with: [country]}
fields:
  - {name: source_ref, type: text, required: true, label: {en: Reference}}
  - {name: country, type: country, label: {en: Country}}
  - {name: tag, type: document-number, label: {en: Ear tag}}
  - {name: first, type: document-number, label: {en: First number}}
  - {name: last, type: document-number, label: {en: Last number}}
"""
TODAY = dt.date(2031, 3, 14)


@pytest.fixture(scope="module")
def own(tmp_path_factory: pytest.TempPathFactory) -> Vocabulary:
    folder: Path = tmp_path_factory.mktemp("own")
    (folder / "cattle.yaml").write_text(CATTLE)
    return load((folder,))


class Held:
    """What an index would answer, from bodies of real records."""

    def __init__(self, vocabulary: Vocabulary) -> None:
        self.vocabulary = vocabulary
        self.postings: dict[tuple[str, str], list[Posting]] = defaultdict(list)
        self.count = 0

    def hold(self, effect: int = EFFECT_OBJECT, **raw: Any) -> None:
        self.count += 1
        register = self.vocabulary.registers["cattle"]
        posting = Posting(bytes([self.count] * 16), 1_000, register.code, effect, "XAV", 1)
        for kind, value in register.keys(register.clean({"source_ref": "C", **raw})):
            self.postings[kind, value].append(posting)

    def ask(self, **asked: Any) -> Answer:
        at = Circumstances("c" * 24, 2_000, "live", 2_000, {230: "cattle"}, lambda _posting: False)
        question = understand(Question(**asked), self.vocabulary, TODAY)
        return examine(question, lambda kind, value: self.postings.get((kind, value), []), at)


def _asked(own: Vocabulary, **identifiers: str) -> Asked:
    given = {kind.replace("_", "-"): text for kind, text in identifiers.items()}
    return understand(Question(identifiers=given), own, TODAY)


def test_a_thing_on_record_has_a_verdict_of_its_own(own: Vocabulary) -> None:
    held = Held(own)
    held.hold(country="XAV", tag="AV 0301")
    answer = held.ask(identifiers={"ear-tag": "xav av-0301"})
    assert (answer.verdict, answer.headline) == (Verdict.OBJECT, HEADLINES[Verdict.OBJECT])
    assert answer.action == ACTIONS[Verdict.OBJECT]
    (match,) = answer.matches
    assert match.reasons[0].sentence == "Ear tag is the same."
    assert answer.things == ("Ear tag: xav av-0301",)
    assert answer.verdict.is_hit
    assert held.ask(identifiers={"ear-tag": "XBM AV0301"}).verdict is Verdict.CLEAR


def test_a_number_in_a_range_on_record_is_a_hit(own: Vocabulary) -> None:
    held = Held(own)
    held.hold(country="XAV", first="H100", last="H199")
    assert held.ask(identifiers={"herd-book": "XAV H150"}).verdict is Verdict.OBJECT
    assert held.ask(identifiers={"herd-book": "XAV H200"}).verdict is Verdict.CLEAR


def test_a_near_miss_of_a_thing_is_a_warning_and_never_a_hit(own: Vocabulary) -> None:
    held = Held(own)
    held.hold(country="XAV", tag="AV10")
    answer = held.ask(identifiers={"ear-tag": "XAV AVI0"})
    assert answer.verdict is Verdict.CLEAR
    assert [warning.held for warning in answer.warnings] == ["AV10"]
    assert held.ask(identifiers={"ear-tag": "XAV AV10"}).warnings == ()


def test_a_record_without_effect_neither_answers_nor_warns(own: Vocabulary) -> None:
    held = Held(own)
    held.hold(effect=0, country="XAV", tag="AV10")
    answer = held.ask(identifiers={"ear-tag": "XAV AV10"})
    assert (answer.verdict, answer.matches) == (Verdict.CLEAR, ())
    assert held.ask(identifiers={"ear-tag": "XAV AVI0"}).warnings == ()


def test_a_person_found_by_anything_but_a_document_is_only_possible(own: Vocabulary) -> None:
    held = Held(own)
    held.hold(effect=EFFECT_BEARER, country="XAV", tag="AV10")
    assert held.ask(identifiers={"ear-tag": "XAV AV10"}).verdict is Verdict.POSSIBLE


def test_one_question_may_hold_a_document_and_several_things(own: Vocabulary) -> None:
    held = Held(own)
    held.hold(country="XAV", tag="AV10")
    answer = held.ask(
        number="AB123", issuer="XAV", identifiers={"ear-tag": "XAV AV10", "herd-book": "XAV H1"}
    )
    assert (answer.verdict, answer.number, len(answer.things)) == (Verdict.OBJECT, "AB123", 2)


@pytest.mark.parametrize(
    ("identifiers", "code", "path"),
    [
        ({"smell": "x"}, "CHECK-IDENTIFIER", "identifiers.smell"),
        ({"ear-tag": "AV10"}, "ASKED-PARTS", "identifiers.ear-tag"),
        ({"ear-tag": "XAV |"}, "ASKED-EMPTY", "identifiers.ear-tag"),
        ({"ear-tag": "XAV AV1?"}, "DOCUMENT-NUMBER-CHARACTER", "identifiers.ear-tag"),
    ],
)
def test_an_identifier_that_cannot_be_asked_is_refused_at_its_place(
    own: Vocabulary, identifiers: dict[str, str], code: str, path: str
) -> None:
    with pytest.raises(Refusal) as refused:
        understand(Question(identifiers=identifiers), own, TODAY)
    assert (refused.value.code, refused.value.path) == (code, path)
    assert _asked(own, ear_tag="XAV AV10").things[0].key == ("ear-tag", "XAV|AV10")
