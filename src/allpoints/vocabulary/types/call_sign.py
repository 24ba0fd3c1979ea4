"""The call sign of a ship, coast station, aircraft or amateur (ITU Radio Regulations, article 19)."""

import re
from typing import ClassVar

from allpoints.ground.refusal import Refusal
from allpoints.vocabulary.types.stamped import Stamped

# No series begins with Q, 0 or 1, and of a digit and a letter in front the letter must be there.
_may_be = re.compile(r"(?:[A-PR-Z][A-Z0-9]|[2-9][A-Z])[A-Z0-9]*", re.ASCII).fullmatch
_PREFIX = "(?:[A-PR-Z][A-Z]|[A-PR-Z][2-9]|[2-9][A-Z])"
SHAPES = (
    ("ship", re.compile(rf"{_PREFIX}[A-Z]{{2}}(?:[2-9])?", re.ASCII)),
    ("ship", re.compile(rf"(?:[A-PR-Z][A-Z]|[2-9][A-Z]|{_PREFIX}[A-Z])[2-9][0-9]{{3}}", re.ASCII)),
    ("coast station", re.compile(rf"{_PREFIX}[A-Z](?:[2-9][0-9]{{0,2}})?", re.ASCII)),
    ("aircraft", re.compile(rf"{_PREFIX}[A-Z]{{3}}", re.ASCII)),
    ("amateur", re.compile(rf"(?:{_PREFIX}|[BFGIKMNRW])[0-9][A-Z0-9]{{0,3}}[A-Z]", re.ASCII)),
)


class CallSign(Stamped, frozen=True):
    """Letters and digits that begin with a series of the ITU."""

    name: ClassVar[str] = "call-sign"
    what: ClassVar[str] = "A call sign"
    shortest: ClassVar[int] = 3
    longest: ClassVar[int] = 10

    def unfit(self, value: str, path: str) -> Refusal | None:
        refusal = super().unfit(value, path)
        if refusal is None and not _may_be(value):
            return Refusal(
                "CALL-SIGN-FORM",
                f"No call sign begins like {value}.",
                path=path,
                hint="It begins with a letter other than Q, or with a digit from 2 to 9 and a letter.",
            )
        return refusal

    def advice(self, value: str) -> tuple[str, ...]:
        if kinds_of(value):
            return ()
        return (
            f"{value} has not the shape of a ship's, coast station's, aircraft's or amateur's call sign.",
        )

    def facts(self, value: str) -> tuple[tuple[str, str], ...]:
        kinds = kinds_of(value)
        return (("Shape of", " or ".join(kinds)),) if kinds else ()

    @property
    def examples(self) -> tuple[str, ...]:
        return ("X2AB", "X2AB7")


def kinds_of(value: str) -> tuple[str, ...]:
    """The kinds of stations whose call signs look like this."""
    return tuple(dict.fromkeys(kind for kind, shape in SHAPES if shape.fullmatch(value)))
