"""Why somebody may or may not: told by rule, asked of others by administrators alone, always written down."""

from pathlib import Path

import pytest
from tests.identity.entering import enter
from tests.node.federation import Federation

from allpoints.ground.refusal import Refusal
from allpoints.identity.officers import Asker
from allpoints.ledger import audit
from allpoints.node.bureau import Bureau
from allpoints.node.explaining import Explained, explain

ADA = Asker("ada", frozenset({"administrator"}))
VERA = Asker("vera", frozenset({"desk"}))


@pytest.fixture
def office(tmp_path: Path) -> Bureau:
    bureau = Federation(tmp_path, ("XAV",)).bureau("XAV")
    enter(bureau.db, "vera", ["desk"], 1)
    return bureau


def told(office: Bureau, question: str, asker: Asker = ADA) -> Explained:
    answer: Explained = office.do(lambda: explain(office, office.vocabulary, asker, question))
    return answer


def code(office: Bureau, question: str, asker: Asker) -> str:
    with pytest.raises(Refusal) as refused:
        told(office, question, asker)
    return refused.value.code


def test_a_decision_is_told_with_its_rule_its_file_and_the_policy_set(office: Bureau) -> None:
    answer = told(office, "may vera search travel-documents for border-control?")
    assert answer.allowed
    assert answer.sentence.startswith("Yes. Officers at desks")
    assert [(rule.name, rule.file) for rule in answer.rules] == [
        ("search-and-read", "work.cedar"),
        ("read-registers", "registers.cedar"),
    ]
    assert answer.digest == office.vocabulary.policies.digest


@pytest.mark.parametrize(
    ("question", "sentence", "rules"),
    [
        ("may vera search", "No. A question states its purpose.", ["purpose"]),
        ("vera review for warn", "No. This is for officers with the role reviewer.", []),
        (
            "may vera search ballistics for warn",
            "No. A register of certified readers does not exist for officers who are not certified for it, but in an emergency.",
            ["closed-registers"],
        ),
    ],
)
def test_a_refusal_is_told_with_its_reason(
    office: Bureau, question: str, sentence: str, rules: list[str]
) -> None:
    answer = told(office, question)
    assert (answer.allowed, answer.sentence, [rule.name for rule in answer.rules]) == (False, sentence, rules)


def test_administrators_ask_of_everybody_and_others_of_themselves_alone(office: Bureau) -> None:
    assert told(office, "may vera enter record for warn", VERA).allowed
    assert code(office, "may ada search", VERA) == "NOT-ALLOWED"
    assert code(office, "may nobody search", ADA) == "UNKNOWN-OFFICER"


def test_a_closed_register_is_no_word_of_who_is_not_certified(office: Bureau) -> None:
    assert code(office, "may vera search ballistics", VERA) == "WHY-UNCLEAR"
    assert code(office, "may vera search never-things", VERA) == "WHY-UNCLEAR"


def test_what_was_asked_stands_in_the_audit_log(office: Bureau) -> None:
    told(office, "may vera search travel-documents for warn")
    (line,) = audit.lines(office.db, limit=1)
    assert (line.event, line.officer) == ("decision:explained", "ada")
    assert line.detail == b'{"name":"vera","act":"search","register":"travel-documents"}'


@pytest.mark.parametrize(
    "question", ["", "may", "vera", "may vera dance", "x " * 200, "may vera search" * 20]
)
def test_what_is_no_question_is_refused(office: Bureau, question: str) -> None:
    assert code(office, question, ADA) == "WHY-UNCLEAR"
