"""Are facts, law, warrant and assurances there (RPD articles 83 and 84, domain reference 2.3 steps 4 to 6)?"""

import re
from datetime import UTC, datetime

from allpoints.review.answer import Answer, failed, needs_human, passed
from allpoints.review.predicates.parameters import Affirmed, ClearFacts, Parameters, Stated, WarrantFields
from allpoints.review.reading import Body, find_terms, folded, maps, present, text, texts, words
from allpoints.review.request import Request

_YEAR = re.compile(r"(?<!\d)(?:19|20)\d{2}(?!\d)")
_TOKEN = re.compile(r"[^\W\d_]+")
_ARTICLES = frozenset({"the", "la", "le", "el", "los", "las", "les", "l", "city", "town", "of", "de"})


def stated(request: Request, parameters: Stated) -> Answer:
    """The field says something, and a text says it in enough characters."""
    written = text(request.body, parameters.field)
    label = parameters.field.replace("_", " ")
    if written:
        if len(written) < parameters.min_characters:
            return failed(
                f"{label.capitalize()}: {len(written)} characters are too few to examine.",
                characters=len(written),
                least=parameters.min_characters,
            )
        return passed(f"{label.capitalize()}: stated.", characters=len(written))
    if present(request.body, parameters.field):
        return passed(f"{label.capitalize()}: stated.", value=request.body[parameters.field])
    return failed(f"{label.capitalize()}: not stated.", value=None)


def affirmed(request: Request, parameters: Affirmed) -> Answer:
    """Fails only on a plain no; whether it is stated at all is another gate's question."""
    value = request.body.get(parameters.field)
    label = parameters.field.replace("_", " ")
    if value is False:
        return failed(f"{label.capitalize()}: the source says no.", value=False)
    return passed(f"{label.capitalize()}: not denied.", value=value)


def facts_clear(request: Request, parameters: ClearFacts) -> Answer:
    """Whether the account names this person, conduct, a date and a place; what is not found, a person looks for."""
    facts = text(request.body, "facts")
    found = {
        "person": _names_person(request.body, facts, parameters),
        "conduct": bool(find_terms(facts, parameters.conduct_terms)),
        "date": bool(_YEAR.search(folded(facts))),
        "place": _names_place(request.body, facts, parameters),
        "length": len(facts) >= parameters.min_characters,
    }
    wanting = [name for name, there in found.items() if not there]
    looked_at = {**found, "characters": len(facts)}
    if wanting:
        return needs_human(
            f"The account may be vague; not found: {', '.join(wanting)}. Does it say what this person did, when and"
            " where?",
            **looked_at,
        )
    return passed("The account names the person, conduct, a date and a place.", **looked_at)


def _names_person(body: Body, facts: str, parameters: ClearFacts) -> bool:
    own = set(words(f"{text(body, 'family_name')} {text(body, 'given_names')}"))
    return bool(own & set(words(facts)) or find_terms(facts, parameters.person_terms))


def _names_place(body: Body, facts: str, parameters: ClearFacts) -> bool:
    """A capitalised (or Arabic) word after a preposition of place, that is neither a month nor the person."""
    never = set(parameters.not_places) | set(
        words(f"{text(body, 'family_name')} {text(body, 'given_names')}")
    )
    tokens = _TOKEN.findall(facts)
    for at, token in enumerate(tokens):
        if token.casefold() not in parameters.place_words:
            continue
        following = next((one for one in tokens[at + 1 : at + 5] if one.casefold() not in _ARTICLES), "")
        named = following[:1].isupper() or (following[:1].isalpha() and not following[:1].islower())
        if named and not set(words(following)) & never:
            return True
    return False


def warrant_complete(request: Request, parameters: WarrantFields) -> Answer:
    """At least one warrant with all that identifies it, and none dated after the request."""
    warrants = maps(request.body, "warrants")
    if not warrants:
        return failed("No warrant or judgment is named.", warrants=0)
    lacking = min(
        (tuple(field for field in parameters.required if not text(one, field)) for one in warrants), key=len
    )
    if lacking:
        return failed(f"The warrant lacks: {', '.join(lacking)}.", warrants=len(warrants), lacking=lacking)
    day = datetime.fromtimestamp(request.submitted_ms // 1000, UTC).date().isoformat()
    late = tuple(issued for one in warrants if (issued := text(one, "issued_on")) > day[: len(issued)])
    if late:
        return failed(
            f"A warrant is dated {late[0]}, after the request of {day}.", issued_on=late, request=day
        )
    return passed("A warrant is named in full.", warrants=len(warrants))


def warrant_of_owner(request: Request, _parameters: Parameters) -> Answer:
    """A request that rests on another country's warrants only is weighed by a person."""
    countries = tuple(filter(None, (text(one, "country") for one in maps(request.body, "warrants"))))
    if countries and request.owner not in countries:
        return needs_human(
            f"Every warrant is of another country than the requester {request.owner}.", countries=countries
        )
    return passed("The warrant is the requester's own.", countries=countries)


def judge_stated(request: Request, _parameters: Parameters) -> Answer:
    """Either a warrant is judicial, or it is said whether a judge can be appealed to."""
    judicial = _judicial(request.body)
    appeal = request.body.get("appeal_to_judge")
    if judicial or isinstance(appeal, bool) or not maps(request.body, "warrants"):
        return passed("It is stated how a judge is reached.", judicial=judicial, appeal_to_judge=appeal)
    return failed(
        "No warrant is said to be judicial, and whether an appeal to a judge exists is not stated.",
        judicial=judicial,
        appeal_to_judge=appeal,
    )


def judge_reachable(request: Request, _parameters: Parameters) -> Answer:
    """A warrant that no judge issued needs an appeal to one."""
    judicial = _judicial(request.body)
    appeal = request.body.get("appeal_to_judge")
    if not judicial and appeal is False:
        return failed(
            "No judge issued the warrant and none can be appealed to.",
            judicial=judicial,
            appeal_to_judge=appeal,
        )
    return passed(
        "A judge issued the warrant or can be appealed to.", judicial=judicial, appeal_to_judge=appeal
    )


def _judicial(body: Body) -> bool:
    return any(one.get("judicial") is True for one in maps(body, "warrants"))


def no_equivalent(request: Request, _parameters: Parameters) -> Answer:
    """One country has one notice for one case; it updates that."""
    others = tuple(one for one in request.equivalent if one != request.updates)
    if others:
        return failed(
            f"{request.owner} has an equivalent notice open: {', '.join(others)}.", equivalent=others
        )
    return passed("No equivalent notice is open.", equivalent=others, owner_ref=request.owner_ref)


def offences_named(request: Request, _parameters: Parameters) -> Answer:
    """At least one offence code, or a charge to derive it from."""
    offences = texts(request.body, "offences")
    if offences or text(request.body, "charge"):
        return passed("Charge or offence is named.", offences=offences)
    return failed("Neither a charge nor an offence is named.", offences=offences)
