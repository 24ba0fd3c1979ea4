"""What a machine-readable zone says, read but not judged."""

import msgspec

from allpoints.ground.refusal import Fault
from allpoints.vocabulary.mrz.digits import CheckDigit


class Mrz(msgspec.Struct, frozen=True, kw_only=True):
    """One zone as read.

    ``valid`` speaks of the check digits only: it is true when all of them add up, and ``faults`` has one
    fault for each that does not. ``warnings`` holds what else is irregular: an unknown issuer, a date that
    is not in the calendar, a digit in a name. ``format`` is ``TD1``, ``TD2``, ``TD3``, ``MRV-A`` or ``MRV-B``.
    Codes are as printed without fillers (``UTO``, ``D``). ``number`` has letters and digits only, overflow
    included. Dates are ISO text as far as known (``1974``, ``1974-08``) or empty. ``sex`` is ``M``, ``F``, ``X``
    (also for the filler: not stated) or ``U`` (not readable). ``optional`` is what remains in the optional
    data, inner fillers kept; ``optional_2`` is the second such field of a TD1. ``name_truncated`` says that the
    name field is full, so that a name must be compared as a beginning.
    """

    format: str
    document_code: str
    document_type: str
    issuer: str
    number: str
    family_name: str
    given_names: str
    nationality: str
    birth_date: str
    sex: str
    expiry_date: str
    optional: str
    optional_2: str
    name_truncated: bool
    checks: tuple[CheckDigit, ...]
    valid: bool
    faults: tuple[Fault, ...]
    warnings: tuple[Fault, ...]
    lines: tuple[str, ...]


_UNITED_NATIONS = ("UNO", "UNA")
_BY_CODE = {"PL": "laissez-passer", "AC": "other", "IR": "residence-permit", "AR": "residence-permit"}
_BY_LETTER = {
    "P": "passport",
    "V": "visa",
    "A": "identity-card",
    "C": "identity-card",
    "I": "identity-card",
}


def document_type(code: str, issuer: str) -> str:
    """The vocabulary's document type for a document code.

    ``PL`` is a laissez-passer (part 4, 4.4), and so is what the United Nations issue as ``P`` (part 4, note f);
    ``AC`` is a crew member certificate (part 5, appendix C), which the vocabulary has no word for.
    """
    if code[:1] == "P" and issuer in _UNITED_NATIONS:
        return "laissez-passer"
    return _BY_CODE.get(code) or _BY_LETTER.get(code[:1], "other")
