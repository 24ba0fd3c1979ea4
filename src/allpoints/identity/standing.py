"""What a member may do: measures against it by kind, dated, each with its reason and its authority.

A measure limits; only a restoration that names it, or its own end, ends it. Of several in force the strictest counts.
"""

import datetime as dt
import secrets
from typing import Self

import msgspec

from allpoints.ground.clock import DAY
from allpoints.ground.refusal import Refusal
from allpoints.identity import row
from allpoints.identity.names import check_label, check_member

DIRECT = "direct"
PRE_REVIEWED = "pre-reviewed"
RECEIVE_ONLY = "receive-only"
SUSPENDED = "suspended"
MODES = (DIRECT, PRE_REVIEWED, RECEIVE_ONLY, SUSPENDED)
"""From the mildest to the strictest."""

RECORDS = "records"
NOTICES = "notices"
MESSAGES = "messages"
KINDS = (RECORDS, NOTICES, MESSAGES)

ID_BYTES = 16
LIFTS_LIMIT = 64
MEASURE_LIMIT_BYTES = 4 * 1024
URGENT_TERM_MS = 14 * DAY
"""How long a measure lasts at most that the secretariat orders alone."""
URGENT_AGAIN_MS = 90 * DAY
"""The secretariat alone orders another one against the same member no sooner: urgent measures must not be chained."""

_MEASURE = "allpoints/measure/1"
_RESTORATION = "allpoints/restoration/1"
TIME_LIMIT_MS = 2**47
"""In the year 6429: a moment that can be written as a date."""


class Measure(msgspec.Struct, frozen=True):
    """An order that limits one member; ``until_ms`` is 0 when it lasts until it is lifted."""

    id: bytes
    member: str
    mode: str
    kinds: tuple[str, ...]
    from_ms: int
    until_ms: int
    reason: str
    authority: str

    def check(self) -> None:
        """Refuse what no measure says."""
        _check_id(self.id)
        check_member(self.member)
        check_label(self.reason, "reason")
        check_label(self.authority, "authority")
        if self.mode not in MODES[1:]:
            raise Refusal("MEASURE-MODE", f"A measure is one of {', '.join(MODES[1:])}.", path="mode")
        if not self.kinds or self.kinds != tuple(one for one in KINDS if one in self.kinds):
            raise Refusal(
                "MEASURE-KINDS",
                f"A measure is about some of {', '.join(KINDS)}, in this order.",
                path="kinds",
            )
        if self.mode == SUSPENDED and self.kinds != KINDS:
            raise Refusal(
                "MEASURE-KINDS",
                "A suspension is about every kind.",
                path="kinds",
                hint=f"{RECEIVE_ONLY} stops what a member sends of some kinds.",
            )
        if self.mode == PRE_REVIEWED and RECORDS in self.kinds:
            raise Refusal(
                "MEASURE-KINDS",
                "Records go to all whom their owner allows or to nobody; there is nobody to review them first.",
                path="kinds",
                hint=f"Order {RECEIVE_ONLY} for records.",
            )
        if not 0 <= self.from_ms < TIME_LIMIT_MS or not 0 <= self.until_ms < TIME_LIMIT_MS:
            raise Refusal("MEASURE-TIME", "A measure's times are milliseconds since 1970.", path="from_ms")
        if self.until_ms and self.until_ms <= self.from_ms:
            raise Refusal("MEASURE-TIME", "A measure ends after it begins.", path="until_ms")

    def to_bytes(self) -> bytes:
        return row.encode(
            _MEASURE,
            self.id,
            self.member,
            self.mode,
            " ".join(self.kinds),
            self.from_ms,
            self.until_ms,
            self.reason,
            self.authority,
        )

    @classmethod
    def from_bytes(cls, data: bytes) -> Self:
        """Read a measure strictly."""
        kinds = (str, bytes, str, str, str, int, int, str, str)
        version, *fields = row.decode(data, kinds, what="measure", limit=MEASURE_LIMIT_BYTES)
        if version != _MEASURE:
            raise Refusal("MEASURE-UNREADABLE", "This version of measure is not known.", status=400)
        identifier, member, mode, about, from_ms, until_ms, reason, authority = fields
        measure = cls(identifier, member, mode, tuple(about.split(" ")), from_ms, until_ms, reason, authority)
        measure.check()
        return measure

    def sentence(self) -> str:
        """The measure as a person reads it."""
        about = " and ".join(
            (", ".join(self.kinds[:-1]), self.kinds[-1]) if len(self.kinds) > 1 else self.kinds
        )
        what = {
            SUSPENDED: "is suspended",
            RECEIVE_ONLY: f"receives {about} but sends none",
            PRE_REVIEWED: f"sends {about} to the secretariat alone",
        }[self.mode]
        until = f" until {moment(self.until_ms)}" if self.until_ms else ""
        why = f"{self.reason} ({self.authority})"
        return f"{self.member} {what} since {moment(self.from_ms)}{until}: {why}."

    def covers(self, at_ms: int) -> bool:
        return self.from_ms <= at_ms and (self.until_ms == 0 or at_ms < self.until_ms)


class Restoration(msgspec.Struct, frozen=True):
    """An order that lifts measures, each named, so that an old one cannot lift what was ordered after it."""

    id: bytes
    member: str
    lifts: tuple[bytes, ...]
    reason: str
    authority: str

    def check(self) -> None:
        _check_id(self.id)
        check_member(self.member)
        check_label(self.reason, "reason")
        check_label(self.authority, "authority")
        if not 0 < len(self.lifts) <= LIFTS_LIMIT or list(self.lifts) != sorted(set(self.lifts)):
            raise Refusal(
                "RESTORATION-LIFTS", "A restoration names the measures it lifts, each once.", path="lifts"
            )
        for one in self.lifts:
            _check_id(one)

    def to_bytes(self) -> bytes:
        return row.encode(
            _RESTORATION, self.id, self.member, b"".join(self.lifts), self.reason, self.authority
        )

    def sentence(self) -> str:
        """The restoration as a person reads it; measures by the first eight digits of their identifiers."""
        named = ", ".join(one.hex()[:8] for one in self.lifts)
        what = f"measure {named} is" if len(self.lifts) == 1 else f"measures {named} are"
        return f"{self.member} is restored: {what} lifted: {self.reason} ({self.authority})."

    @classmethod
    def from_bytes(cls, data: bytes) -> Self:
        """Read a restoration strictly."""
        kinds = (str, bytes, str, bytes, str, str)
        version, identifier, member, lifts, reason, authority = row.decode(
            data, kinds, what="restoration", limit=MEASURE_LIMIT_BYTES
        )
        if version != _RESTORATION or len(lifts) % ID_BYTES:
            raise Refusal("RESTORATION-UNREADABLE", "This version of restoration is not known.", status=400)
        named = tuple(lifts[at : at + ID_BYTES] for at in range(0, len(lifts), ID_BYTES))
        restoration = cls(identifier, member, named, reason, authority)
        restoration.check()
        return restoration


def new_id() -> bytes:
    """An identifier of an order: 16 random bytes."""
    return secrets.token_bytes(ID_BYTES)


def strictest(modes: "tuple[str, ...]") -> str:
    """The strictest of some modes; none at all is ``direct``."""
    return MODES[max((MODES.index(one) for one in modes), default=0)]


def moment(at_ms: int) -> str:
    """A time as sentences show it."""
    return dt.datetime.fromtimestamp(at_ms // 1000, dt.UTC).strftime("%Y-%m-%d %H:%M UTC")


def _check_id(identifier: bytes) -> None:
    if len(identifier) != ID_BYTES:
        raise Refusal("ORDER-ID", f"An order's identifier has {ID_BYTES} bytes.", path="id")
