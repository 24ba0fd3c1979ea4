"""The names by which rule files call the tests, with the parameters each one takes."""

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from allpoints.review.answer import Answer
from allpoints.review.predicates import judicial, neutrality, offence, penalty, person
from allpoints.review.predicates import parameters as p


class Test(NamedTuple):
    answer: Callable[[Any, Any], Answer]
    """From a request and the parameters."""
    parameters: type[p.Parameters]


CATALOGUE: Mapping[str, Test] = {
    "stated": Test(judicial.stated, p.Stated),
    "affirmed": Test(judicial.affirmed, p.Affirmed),
    "excluded_conduct": Test(offence.excluded_conduct, p.ExcludedConduct),
    "unpaid_cheques": Test(offence.unpaid_cheques, p.UnpaidCheques),
    "penalty_stated": Test(penalty.penalty_stated, p.Parameters),
    "penalty_reaches": Test(penalty.penalty_reaches, p.PenaltyLimits),
    "identity_sufficient": Test(person.identity_sufficient, p.IdentityFields),
    "of_age": Test(person.of_age, p.AgeLimit),
    "asylum_signs": Test(person.asylum_signs, p.AsylumSigns),
    "offences_named": Test(judicial.offences_named, p.Parameters),
    "facts_clear": Test(judicial.facts_clear, p.ClearFacts),
    "warrant_complete": Test(judicial.warrant_complete, p.WarrantFields),
    "warrant_of_owner": Test(judicial.warrant_of_owner, p.Parameters),
    "judge_stated": Test(judicial.judge_stated, p.Parameters),
    "judge_reachable": Test(judicial.judge_reachable, p.Parameters),
    "no_equivalent": Test(judicial.no_equivalent, p.Parameters),
    "words_to_weigh": Test(neutrality.words_to_weigh, p.WordsToWeigh),
    "codes_to_weigh": Test(neutrality.codes_to_weigh, p.CodesToWeigh),
    "other_members_national": Test(neutrality.other_members_national, p.CodesToWeigh),
}
