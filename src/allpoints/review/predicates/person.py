"""Is the person identified (domain reference 2.2), of age, and free of signs of asylum (3.2)?"""

import re
from calendar import IllegalMonthError, monthrange
from datetime import UTC, date, datetime

from allpoints.review.answer import Answer, failed, needs_human, passed
from allpoints.review.predicates.parameters import AgeLimit, AsylumSigns, IdentityFields
from allpoints.review.reading import Body, find_terms, maps, present, text, texts
from allpoints.review.request import Request

_YEAR = re.compile(r"[0-9]{4}")
_BIRTH = re.compile(r"([0-9]{4})(?:-([0-9]{2}))?(?:-([0-9]{2}))?")


def identity_sufficient(request: Request, parameters: IdentityFields) -> Answer:
    """EITHER names, sex, birth year and one more identifier OR a good photograph and one more."""
    body = request.body
    missing = _missing_basics(body)
    description = _any(body, parameters.description)
    forensic = _any(body, parameters.dna) or _any(body, parameters.prints)
    beside_name = description or forensic or _documented(body, parameters.documents)
    beside_photo = description or forensic or _any(body, parameters.alias) or _any(body, parameters.parent)
    photo = _any(body, parameters.photo)
    looked_at = {
        "missing": missing,
        "description": description,
        "dna_or_prints": forensic,
        "identity_document": _documented(body, parameters.documents),
        "photo": photo,
        "alias_or_parent": _any(body, parameters.alias) or _any(body, parameters.parent),
    }
    if not missing and beside_name:
        return passed("Names, sex, birth year and one more identifier are given.", **looked_at)
    if photo and beside_photo:
        return needs_human(
            "A photograph and one more identifier are given: whether the photograph is good, a person says.",
            **looked_at,
        )
    if not missing:
        return failed(
            "Beside name, sex and birth date one more is needed: a physical description, DNA, fingerprints or the"
            " data of an identity document.",
            **looked_at,
        )
    return failed(
        f"Not given: {', '.join(missing)}. Needed are these and one more identifier, or a good photograph and one"
        " more.",
        **looked_at,
    )


def _missing_basics(body: Body) -> tuple[str, ...]:
    """Sex ``U`` says that it is not known, so it does not count as given; ``X`` does."""
    missing = [field for field in ("family_name", "given_names") if not text(body, field)]
    if text(body, "sex") not in {"M", "F", "X"}:
        missing.append("sex")
    if not _YEAR.match(text(body, "birth_date")):
        missing.append("birth_date")
    return tuple(missing)


def _any(body: Body, fields: tuple[str, ...]) -> bool:
    return any(present(body, field) for field in fields)


def _documented(body: Body, fields: tuple[str, ...]) -> bool:
    return any(text(document, "number") for field in fields for document in maps(body, field))


def of_age(request: Request, parameters: AgeLimit) -> Answer:
    """A person who may be a minor is weighed by a person; a partial birth date counts as its last day."""
    born = _latest_birth(text(request.body, "birth_date"))
    if born is None:
        return passed("The birth date is not stated.", birth_date=text(request.body, "birth_date"))
    today = datetime.fromtimestamp(request.submitted_ms // 1000, UTC).date()
    age = today.year - born.year - ((today.month, today.day) < (born.month, born.day))
    looked_at = {"birth_date": text(request.body, "birth_date"), "age_at_least": max(age, 0)}
    if age < parameters.years:
        return needs_human(f"The person may be under {parameters.years} years old.", **looked_at)
    return passed(f"The person is {parameters.years} years old or older.", **looked_at)


def _latest_birth(written: str) -> date | None:
    match = _BIRTH.fullmatch(written)
    if match is None:
        return None
    year, month, day = (int(part) if part else 0 for part in match.groups())
    try:
        if month == 0:
            return date(year, 12, 31)
        return date(year, month, day or monthrange(year, month)[1])
    except (ValueError, IllegalMonthError):
        return None


def asylum_signs(request: Request, parameters: AsylumSigns) -> Answer:
    """Papers of refugees or the stateless, or words about asylum: who granted it, and against whom, a person asks."""
    issuers = {text(one, "issuer") for one in maps(request.body, "documents")}
    papers = sorted((issuers | set(texts(request.body, "nationalities"))) & set(parameters.issuers))
    written = "\n".join(text(request.body, field) for field in parameters.fields)
    named = find_terms(written, parameters.terms)
    if papers or named:
        return needs_human(
            "There are signs of asylum or statelessness: ask whether protection was granted, and against whom.",
            papers=papers,
            words=named,
        )
    return passed("Nothing in the request points to asylum.", papers=papers, words=named)
