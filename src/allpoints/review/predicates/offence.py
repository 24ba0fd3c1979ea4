"""Is it serious ordinary-law crime at all (RPD article 83, domain reference 2.3 step 1)?"""

import re

from allpoints.review.answer import Answer, failed, needs_human, passed
from allpoints.review.predicates.parameters import ExcludedConduct, UnpaidCheques
from allpoints.review.reading import find_terms, folded, text, texts
from allpoints.review.request import Request

_USD = re.compile(r"(?:us ?\$|usd|\$)\s?(\d[\d.,' ]*)|(\d[\d.,' ]*)\s?(?:usd|us ?dollars?|dollars?)\b")
_CENTS = re.compile(r"[.,]\d{2}$")


def excluded_conduct(request: Request, parameters: ExcludedConduct) -> Answer:
    """Refuses when the charge itself is excluded and nothing else is charged; all else is weighed by a person."""
    charge, facts = text(request.body, "charge"), text(request.body, "facts")
    charged = find_terms(charge, parameters.terms)
    told = find_terms(facts, parameters.terms)
    offences = texts(request.body, "offences")
    coded = tuple(one for one in offences if one in parameters.codes)
    looked_at = {"charge": charged, "facts": told, "offences": coded}
    if not (charged or told or coded):
        return passed("Charge and facts name no conduct of the excluded list.", **looked_at)
    exceptions = find_terms(f"{charge}\n{facts}", parameters.exception_terms) + tuple(
        one for one in offences if one in parameters.exception_codes
    )
    if exceptions:
        return needs_human(
            "The conduct is on the excluded list, but more serious crime may stand behind it: a person weighs it.",
            **looked_at,
            exception=exceptions,
        )
    others = tuple(one for one in offences if one not in (*parameters.codes, *parameters.unspecific_codes))
    if others:
        return needs_human(
            "Conduct of the excluded list is named beside other offences: a person weighs which one carries the"
            " request.",
            **looked_at,
            other_offences=others,
        )
    if charged or coded:
        return failed(
            "The charge is conduct of the excluded list, and no other offence is named.", **looked_at
        )
    return needs_human("The facts, not the charge, name conduct of the excluded list.", **looked_at)


def unpaid_cheques(request: Request, parameters: UnpaidCheques) -> Answer:
    """The conditions until 2021: a large sum in total, or issuing again and again."""
    charge, facts = text(request.body, "charge"), text(request.body, "facts")
    charged = find_terms(charge, parameters.terms)
    told = find_terms(facts, parameters.terms)
    if not (charged or told):
        return passed("No unpaid cheque is charged or told.", charge=charged, facts=told)
    repeated = find_terms(f"{charge}\n{facts}", parameters.repeated_terms)
    sums = usd_sums(f"{charge}\n{facts}")
    looked_at = {
        "charge": charged,
        "facts": told,
        "repeated": repeated,
        "usd": tuple(f"{one:,}" for one in sums),
    }
    if repeated or any(one >= parameters.min_usd for one in sums):
        return passed(
            f"Unpaid cheques of USD {parameters.min_usd:,} or more, or issued repeatedly.", **looked_at
        )
    if not sums or not charged or sum(sums) >= parameters.min_usd:
        return needs_human(
            f"An unpaid cheque: whether it reaches USD {parameters.min_usd:,} in total is not certain.",
            **looked_at,
        )
    return failed(
        f"Unpaid cheques below USD {parameters.min_usd:,} in total, and not issued repeatedly.", **looked_at
    )


def usd_sums(written: str) -> tuple[int, ...]:
    """The sums in US dollars that a text names, in whole dollars."""
    found = []
    for match in _USD.finditer(folded(written)):
        digits = re.sub(r"[^\d]", "", _CENTS.sub("", (match.group(1) or match.group(2)).strip(" .,'")))
        if digits:
            found.append(int(digits[:15]))
    return tuple(found)
