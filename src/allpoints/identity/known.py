"""What a directory remembers of one node: its certificates, the keys that signed for it, and what was decided about it."""

from typing import Any, Self

import msgspec

from allpoints.ground.refusal import Refusal
from allpoints.identity.certificate import Certificate
from allpoints.identity.recovery import Recovery, Revocation
from allpoints.identity.root import key_hash
from allpoints.identity.rotation import Signer
from allpoints.identity.standing import Measure

CERTIFICATES_LIMIT = 4096
"""How many certificates of one node are remembered; a post that renews daily fills it in eleven years."""
MEASURES_LIMIT = 1024
"""How many measures against one member are remembered."""
RECOVERIES_LIMIT = 256
"""How many recoveries of one member's key."""

COOLING = "cooling"
STOPPED = "stopped"
DONE = "done"


class Ordered(msgspec.Struct, frozen=True):
    """A measure with its place in the ledger; ``lifted`` once a restoration named it."""

    measure: Measure
    seq: int
    at_ms: int
    lifted: bool = False

    def in_force(self, at_ms: int) -> bool:
        return not self.lifted and self.measure.covers(at_ms)


class Revoked(msgspec.Struct, frozen=True):
    """A revocation with its place in the ledger: nothing that the key signed counts after it."""

    revocation: Revocation
    seq: int
    at_ms: int

    def sentence(self) -> str:
        """The revocation as a person reads it."""
        return f"{self.revocation.sentence()} It stands in entry {self.seq}."


class Recovering(msgspec.Struct, frozen=True):
    """A recovery with its place in the ledger: ``cooling``, or over as ``stopped`` or ``done``."""

    recovery: Recovery
    seq: int
    at_ms: int
    state: str = COOLING


class Member(msgspec.Struct, frozen=True):
    """A member as it stands: since when, every measure that was ever ordered against it, and what became of its key."""

    code: str
    label: str
    admitted_ms: int
    measures: tuple[Ordered, ...]
    revoked: Revoked | None
    recoveries: tuple[Recovering, ...]


class Known(msgspec.Struct):
    """One node; ``certificates`` and ``admitted_ms`` go together, the latest last."""

    admitted_ms: list[int]
    certificates: list[Certificate]
    measures: list[Ordered]
    signers: list[Signer]
    revoked: Revoked | None = None
    recoveries: list[Recovering] = []

    @classmethod
    def first(cls, certificate: Certificate, at_ms: int) -> Self:
        return cls([at_ms], [certificate], [], [Signer(1, certificate.verify_key)], None, [])

    def copy(self) -> "Known":
        return Known(
            list(self.admitted_ms),
            list(self.certificates),
            list(self.measures),
            list(self.signers),
            self.revoked,
            list(self.recoveries),
        )

    @property
    def latest(self) -> Certificate:
        return self.certificates[-1]

    @property
    def cooling(self) -> Recovering | None:
        """The recovery that is under way, if there is one: the newest alone can be."""
        newest = self.recoveries[-1] if self.recoveries else None
        return newest if newest is not None and newest.state == COOLING else None

    def take(self, certificate: Certificate, at_ms: int) -> None:
        """Add the latest certificate."""
        if len(self.certificates) >= CERTIFICATES_LIMIT:
            raise Refusal(
                "TOO-MANY-CERTIFICATES", f"{certificate.subject} has too many certificates.", status=429
            )
        self.admitted_ms.append(at_ms)
        self.certificates.append(certificate)

    def check_signs(self) -> None:
        """Refuse what the latest key signed after it was revoked (KEY-REVOKED)."""
        if self.revoked is not None:
            raise Refusal(
                "KEY-REVOKED",
                f"The key of {self.latest.subject} was revoked with entry {self.revoked.seq}:"
                " nothing that it signs counts.",
                hint="The holders of the root recover the member: allpoints member recover.",
                status=403,
            )

    def check_key(self, key: bytes) -> None:
        """Refuse a decision about another key than the latest: it was made for an earlier one (KEY-OTHER)."""
        if key_hash(self.latest.verify_key) != key:
            raise Refusal(
                "KEY-OTHER",
                f"This is not about the present key of {self.latest.subject}.",
                path="key",
                status=409,
            )

    def settle(self, state: str) -> None:
        """End the recovery that is under way, if there is one."""
        if self.cooling is not None:
            self.recoveries[-1] = _changed(self.recoveries[-1], state=state)


def _changed(one: Recovering, **fields: Any) -> Recovering:
    return msgspec.structs.replace(one, **fields)
