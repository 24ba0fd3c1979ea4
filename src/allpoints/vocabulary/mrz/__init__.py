"""The machine-readable zone of travel documents: ICAO Doc 9303 parts 3 to 7, all five formats.

Promises: ``parse`` reads what is printed and never guesses. A check digit that does not add up gives a zone
that is not ``valid``, with a fault that names field, line and column; text that cannot be a zone is refused.
``build`` writes the lines for given fields, check digits included, so that ``parse`` reads them back.
"""

from allpoints.vocabulary.mrz.building import Fields, build
from allpoints.vocabulary.mrz.digits import CheckDigit, check_digit
from allpoints.vocabulary.mrz.parsing import parse
from allpoints.vocabulary.mrz.scan import MRZ_LIMIT_CHARACTERS
from allpoints.vocabulary.mrz.zone import Mrz

__all__ = ["MRZ_LIMIT_CHARACTERS", "CheckDigit", "Fields", "Mrz", "build", "check_digit", "parse"]
