"""Is the penalty heavy enough (RPD article 83, domain reference 2.3 step 2)?"""

from allpoints.review.answer import Answer, failed, passed
from allpoints.review.predicates.parameters import Parameters, PenaltyLimits
from allpoints.review.reading import number, text
from allpoints.review.request import Request

PROSECUTION = "prosecution"
SENTENCE = "sentence"


def penalty_stated(request: Request, _parameters: Parameters) -> Answer:
    """What is asked for is said, with the figure that belongs to it, and the figures agree."""
    asked = text(request.body, "request_for")
    maximum = number(request.body, "maximum_penalty_months")
    sentence = number(request.body, "sentence_months")
    remaining = number(request.body, "remaining_months")
    if asked == PROSECUTION:
        if maximum is None:
            return failed(
                "Sought for prosecution, but the maximum penalty is not stated.", maximum_months=maximum
            )
        return passed("The maximum penalty is stated.", maximum_months=maximum)
    if asked == SENTENCE:
        looked_at = {"sentence_months": sentence, "remaining_months": remaining}
        if sentence is None and remaining is None:
            return failed(
                "Sought to serve a sentence, but neither it nor what is left is stated.", **looked_at
            )
        if sentence is not None and remaining is not None and remaining > sentence:
            return failed("More of the sentence is left than was imposed.", **looked_at)
        return passed("The sentence is stated.", **looked_at)
    return failed("It is not stated whether a prosecution or a sentence is to be served.", request_for=asked)


def penalty_reaches(request: Request, parameters: PenaltyLimits) -> Answer:
    """The maximum for a prosecution; for a sentence what was imposed *and/or* what is left, so one suffices."""
    asked = text(request.body, "request_for")
    if asked == PROSECUTION:
        return _prosecution(number(request.body, "maximum_penalty_months"), parameters.min_maximum_months)
    if asked == SENTENCE:
        return _sentence(
            number(request.body, "sentence_months"), number(request.body, "remaining_months"), parameters
        )
    return passed("Nothing to measure yet: what is asked for is not stated.", request_for=asked)


def _prosecution(maximum: int | None, least: int) -> Answer:
    looked_at = {"maximum_months": maximum, "least_months": least}
    if maximum is None:
        return passed("Nothing to measure yet: the maximum penalty is not stated.", **looked_at)
    if maximum < least:
        return failed(f"The maximum penalty of {maximum} months is below {least} months.", **looked_at)
    return passed(f"The maximum penalty of {maximum} months reaches {least} months.", **looked_at)


def _sentence(sentence: int | None, remaining: int | None, parameters: PenaltyLimits) -> Answer:
    looked_at = {
        "sentence_months": sentence,
        "least_sentence_months": parameters.min_sentence_months,
        "remaining_months": remaining,
        "least_remaining_months": parameters.min_remaining_months,
    }
    if sentence is None and remaining is None:
        return passed("Nothing to measure yet: the sentence is not stated.", **looked_at)
    if sentence is not None and sentence >= parameters.min_sentence_months:
        return passed(
            f"The sentence of {sentence} months reaches {parameters.min_sentence_months} months.", **looked_at
        )
    if remaining is not None and remaining >= parameters.min_remaining_months:
        return passed(
            f"The {remaining} months left reach {parameters.min_remaining_months} months.", **looked_at
        )
    return failed(
        f"Neither the sentence reaches {parameters.min_sentence_months} months nor what is left of it"
        f" {parameters.min_remaining_months}.",
        **looked_at,
    )
