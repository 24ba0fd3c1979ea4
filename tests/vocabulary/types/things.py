"""The types of things as tests use them, each with texts that it is likely to understand."""

from hypothesis import strategies as st

from allpoints.vocabulary.declaration import Term
from allpoints.vocabulary.loading import load
from allpoints.vocabulary.types.base import FieldType
from allpoints.vocabulary.types.calibre import Calibre
from allpoints.vocabulary.types.call_sign import CallSign
from allpoints.vocabulary.types.coordinates import Coordinates
from allpoints.vocabulary.types.folder import Folder
from allpoints.vocabulary.types.hin import Hin
from allpoints.vocabulary.types.imo import Imo, check_digit
from allpoints.vocabulary.types.measures import Height, Weight
from allpoints.vocabulary.types.mmsi import Mmsi
from allpoints.vocabulary.types.money import Money
from allpoints.vocabulary.types.period import Period
from allpoints.vocabulary.types.plate import Plate
from allpoints.vocabulary.types.serial import EngineNumber, Serial
from allpoints.vocabulary.types.vin import Vin

FOLDERS = (
    Term("musical-instruments", {"en": "Musical instruments", "fr": "Instruments de musique"}),
    Term("musical-instruments/strings", {"en": "Strings", "fr": "Cordes"}),
    Term("musical-instruments/strings/bowed", {"en": "Bowed"}),
    Term("musical-instruments/strings-and-keys", {"en": "Strings and keys"}),
    Term("paintings", {"en": "Paintings"}),
)
COUNTRIES = load().countries
TYPES: list[FieldType] = [
    Vin(COUNTRIES),
    Plate(),
    EngineNumber(),
    Serial(),
    Imo(),
    Mmsi(COUNTRIES),
    CallSign(),
    Hin(COUNTRIES),
    Calibre(),
    Folder.of(FOLDERS, "objects"),
    Period(),
    Coordinates(),
    Money(),
    Height(),
    Weight(),
]

_lettered = st.text("ABOIQZ019 58-.Ж京А?", min_size=1, max_size=20)
LIKELY: dict[str, st.SearchStrategy[object]] = {
    "vin": st.from_regex(r"[A-HJ-NPR-Z0-9]{5,17}", fullmatch=True) | _lettered,
    "plate": _lettered,
    "engine-number": _lettered,
    "serial": _lettered,
    "imo": st.integers(100_000, 999_999).map(lambda six: f"IMO {six}{check_digit(f'{six}0')}"),
    "mmsi": st.from_regex(r"[0-9]{9}", fullmatch=True) | st.integers(10**8, 10**9 - 1),
    "call-sign": st.from_regex(r"[a-pr-z2-9][a-z]?[2-9]?[A-Z]{0,3}[0-9]{0,4}", fullmatch=True),
    "hin": st.from_regex(r"([A-Z]{2})?[A-Z]{3}[A-Z0-9]{5}[A-M][0-9]{3}", fullmatch=True) | _lettered,
    "calibre": st.from_regex(r"\.?[0-9]{1,2}([.,][0-9]{1,2})?( ?[xX×/] ?[0-9]{2})?( ?mm)?( [A-Za-z&.]{1,9})?", fullmatch=True),
    "folder": st.sampled_from([term.code.upper() for term in FOLDERS]),
    "period": st.from_regex(r"(c\. )?[0-9]{3,4}(-[0-9]{2,4})?( BC)?", fullmatch=True)
    | st.from_regex(r"(early |mid-|late )?[1-9]?[0-9]th century( BC)?", fullmatch=True)
    | st.integers(0, 2300),
    "coordinates": st.tuples(st.floats(-90, 90), st.floats(-180, 180)).map(lambda at: f"{at[0]:.7f}, {at[1]:.7f}"),
    "money": st.from_regex(r"(EUR )?[0-9]{1,9}([.,'][0-9]{1,3})?( KWD| JPY| USD)?", fullmatch=True),
    "height": st.integers(0, 300) | st.from_regex(r"[1-7]('|ft)[0-9]{1,2}(\"| in)?|[12][.,m][0-9]{2}m?", fullmatch=True),
    "weight": st.integers(0, 700) | st.from_regex(r"[0-9]{1,3}([.,][0-9])? ?(kg|lbs?|st)?", fullmatch=True),
}  # fmt: skip
