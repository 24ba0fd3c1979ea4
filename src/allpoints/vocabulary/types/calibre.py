"""What cartridge a firearm takes, under one name however it is written."""

import re
import unicodedata
from typing import Annotated, Any, ClassVar

import msgspec

from allpoints.ground.refusal import Refusal
from allpoints.vocabulary.tables.calibres import TAKEN_FOR, called
from allpoints.vocabulary.types.base import FieldType, plain_text, too_long
from allpoints.vocabulary.types.stamped import NEAR_SCORE

LONGEST = 40

SAME_BORE_SCORE = 0.9
"""The same gauge, its chamber longer or not told."""

CHAMBERS = "50|51|60|63|64|65|67|70|73|76|89"
"""Lengths of shotguns' chambers in millimetres."""

_TIMES = str.maketrans("×✕✖*ХМ", "XXXXXM")
_decimal_comma = re.compile(r"(?<=[0-9]),(?=[0-9])")
_leading_point = re.compile(r"(?<![0-9])0?\.(?=[0-9])")
_millimetres = re.compile(r"(?<=[0-9])MM")
_lost = re.compile(r"[^\w./]|_|\.(?![0-9])")
_front = re.compile(r"(CALIBRE|CALIBER|CAL|KAL)(?=[0-9])")
_chambered = re.compile(
    rf"(12|16|20|24|28|32)(?:GAUGE|GA|BORE)?[X/]?({CHAMBERS})(?:MAGNUM|MAG)?", re.ASCII
).fullmatch
_gauged = re.compile(r"(4|8|10|12|14|16|20|24|28|32)(?:GAUGE|GA|BORE)(?:MAGNUM|MAG)?", re.ASCII).fullmatch
_called = re.compile(r"(12|16|20|28)", re.ASCII).fullmatch


class Calibre(FieldType, frozen=True):
    """A cartridge's well-known name, a shotgun's gauge (with the chamber, 12/70), or what was written, tidied."""

    name: ClassVar[str] = "calibre"

    def clean(self, raw: object, path: str) -> str:
        if type(raw) is str and raw in _NORMAL:
            return raw
        text = plain_text(raw, path, LONGEST)
        if not text:
            return ""
        text = _tidied(text)
        if len(text) > LONGEST:
            raise too_long(path, LONGEST)
        key = _key(text)
        if not key:
            raise Refusal(
                "CALIBRE-FORM",
                "A calibre has a number or a name.",
                path=path,
                hint="Write it as on the weapon: 9x19, .45 ACP, 12/70.",
            )
        return _NAMES.get(_bare(key)) or _gauge(key) or text

    def normal(self, value: str) -> str:
        known = _NORMAL.get(value)
        return known if known is not None else _normal(value)

    def compare(self, one: str, other: str) -> float:
        if one == other:
            return 1.0
        left, right = self.normal(one), self.normal(other)
        if left == right:
            return SAME_BORE_SCORE
        return NEAR_SCORE if right in self.near(left) else 0.0

    def near(self, value: str) -> tuple[str, ...]:
        return _TAKEN_FOR.get(value, ())

    def advice(self, value: str) -> tuple[str, ...]:
        names = _BORES.get(_bare(_key(value)), ())
        if not names or value in _NORMAL:
            return ()
        return (f"“{value}” alone does not tell the cartridge: it may be {', '.join(names)}.",)

    def facts(self, value: str) -> tuple[tuple[str, str], ...]:
        bore, slash, chamber = value.partition("/")
        return (
            (("Gauge", bore), ("Chamber", f"{chamber} mm")) if slash and _gauge(_key(value)) == value else ()
        )

    @property
    def examples(self) -> tuple[str, ...]:
        return ("9x19mm Parabellum", ".45 ACP", "12/70", "12 gauge")

    def annotation(self) -> Any:
        return Annotated[str, msgspec.Meta(max_length=LONGEST)]

    def schema(self) -> dict[str, Any]:
        return {"type": "string", "minLength": 1, "maxLength": LONGEST}


def _tidied(text: str) -> str:
    plain = " ".join(unicodedata.normalize("NFKC", text).split())
    return _decimal_comma.sub(".", plain.replace("×", "x").replace("✕", "x").replace("✖", "x"))


def _key(text: str) -> str:
    """Letters, digits and what tells numbers apart: ``9 x 19 mm Para.`` is ``9X19PARA``, ``.45 ACP`` is ``45ACP``."""
    spoken = _leading_point.sub("", _decimal_comma.sub(".", text.upper().translate(_TIMES)))
    return _millimetres.sub("", _lost.sub("", spoken))


def _bare(key: str) -> str:
    """The key without the word calibre in front."""
    return _front.sub("", key, count=1) if key[:1] in "CK" else key


def _gauge(key: str) -> str:
    """A shotgun's gauge as it is kept, ``12/70`` or ``12 gauge``; ``""`` for what is none."""
    bare = _bare(key)
    if found := _chambered(bare):
        return f"{found[1]}/{found[2]}"
    found = _gauged(bare) or (_called(bare) if bare != key else None)
    return f"{found[1]} gauge" if found else ""


def _normal(value: str) -> str:
    key = _key(value)
    gauge = _gauge(key)
    return f"{gauge.partition('/')[0].removesuffix(' gauge')}GAUGE" if gauge else _bare(key)


def _names() -> dict[str, str]:
    found: dict[str, str] = {}
    for name, others, _ in called():
        for other in others:
            found.setdefault(_key(_tidied(other)), name)
    return found


def _bores() -> dict[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    for name, _, bores in called():
        for bore in bores:
            key = _key(bore)
            found[key] = (*found.get(key, ()), name)
    return found


def _taken_for() -> dict[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    for one, other in TAKEN_FOR:
        left, right = _NORMAL[one], _NORMAL[other]
        found[left] = (*found.get(left, ()), right)
        found[right] = (*found.get(right, ()), left)
    return found


_NAMES = _names()
_NORMAL = {name: _key(name) for name in dict.fromkeys(_NAMES.values())}
_BORES = _bores()
_TAKEN_FOR = _taken_for()
