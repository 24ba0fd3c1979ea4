"""What a person must weigh under Articles 2 and 3 (domain reference 3.1, 3.2); no test here ever refuses."""

from allpoints.review.answer import Answer, needs_human, passed
from allpoints.review.predicates.parameters import CodesToWeigh, WordsToWeigh
from allpoints.review.reading import find_terms, text, texts
from allpoints.review.request import Request


def words_to_weigh(request: Request, parameters: WordsToWeigh) -> Answer:
    """The matching words with the factors to weigh; a pure offence is named as such."""
    written = "\n".join(text(request.body, field) for field in parameters.fields)
    pure = find_terms(written, parameters.pure_terms)
    named = find_terms(written, parameters.terms)
    coded = tuple(one for one in texts(request.body, "offences") if one in parameters.codes)
    if not (pure or named or coded):
        return passed("No word or code of this gate's list occurs.", pure=pure, words=named, offences=coded)
    sentence = (
        "Words of an offence that is never publishable occur: is the offence really that one?"
        if pure
        else "Words occur that ask for weighing: which element predominates?"
    )
    return needs_human(
        sentence, pure=pure, words=named, offences=coded, factors="; ".join(parameters.factors)
    )


def codes_to_weigh(request: Request, parameters: CodesToWeigh) -> Answer:
    """Offence codes that a person always looks at."""
    coded = tuple(one for one in texts(request.body, "offences") if one in parameters.codes)
    if coded:
        return needs_human(parameters.why, offences=coded)
    return passed("No offence code of this gate's list occurs.", offences=coded)


def other_members_national(request: Request, parameters: CodesToWeigh) -> Answer:
    """Codes that a person looks at when the person is not, or not only, the requester's national."""
    coded = tuple(one for one in texts(request.body, "offences") if one in parameters.codes)
    others = tuple(one for one in texts(request.body, "nationalities") if one != request.owner)
    if coded and others:
        return needs_human(parameters.why, offences=coded, nationalities=others)
    return passed("No such offence of another member's national.", offences=coded, nationalities=others)
