"""The directory of members: a fold of admissions and suspensions, kept in memory and rebuilt from entries.

What was true at a time stays known: an entry signed before its author was suspended, or under a certificate that has
since been renewed, is judged by the directory of its own time. Callers add only what the ledger shows to have
been admitted; that each certificate was signed by whom it must be is checked here again.
"""

from bisect import bisect_right

import msgspec

from allpoints.ground.refusal import Refusal
from allpoints.identity.certificate import Certificate, check_signature
from allpoints.identity.keys import VerifyKey
from allpoints.identity.names import BUREAU, RELAY, SECRETARIAT, member_of

CERTIFICATES_LIMIT = 4096
"""How many certificates of one node are remembered; a post that renews daily fills it in eleven years."""


class Period(msgspec.Struct, frozen=True):
    """A span of suspension; ``to_ms`` is None while it lasts."""

    from_ms: int
    to_ms: int | None = None

    def covers(self, at_ms: int) -> bool:
        return self.from_ms <= at_ms and (self.to_ms is None or at_ms < self.to_ms)


class Member(msgspec.Struct, frozen=True):
    """A member as it stands: since when, and when it was suspended."""

    code: str
    label: str
    admitted_ms: int
    suspended: tuple[Period, ...]


class _Known(msgspec.Struct):
    admitted_ms: list[int]
    certificates: list[Certificate]
    suspended: list[Period]


class Directory:
    """Who is known by which certificate, and who was active when. ``root`` is the secretariat's key."""

    def __init__(self, root: VerifyKey) -> None:
        self._root = root
        self._known: dict[str, _Known] = {}
        self._secretariat: str | None = None

    def add(self, certificate: Certificate, at_ms: int) -> None:
        """Admit a node, or renew it, from ``at_ms`` on; refuses what was not signed by whom it must be.

        A bureau renews with the same key: a change of key needs the old key's word, which a certificate that signs
        itself cannot carry (``KEY-CHANGED``). The same bytes again change nothing.
        """
        check_signature(certificate, self._issuer_key(certificate))
        known = self._known.get(certificate.subject)
        if known is None:
            self._known[certificate.subject] = _Known([at_ms], [certificate], [])
            if certificate.role == SECRETARIAT:
                self._secretariat = certificate.subject
            return
        if certificate in known.certificates:
            return
        if certificate.role != known.certificates[0].role:
            raise Refusal(
                "ROLE-CHANGED", f"{certificate.subject} is known in another role.", path="role", status=409
            )
        if certificate.role == BUREAU and certificate.verify_key != known.certificates[-1].verify_key:
            raise Refusal(
                "KEY-CHANGED",
                f"{certificate.subject} is known by another key.",
                path="verify_key",
                status=409,
            )
        if at_ms < known.admitted_ms[-1]:
            raise Refusal("OUT-OF-ORDER", f"{certificate.subject} was renewed later than this.", status=409)
        if len(known.certificates) >= CERTIFICATES_LIMIT:
            raise Refusal(
                "TOO-MANY-CERTIFICATES", f"{certificate.subject} has too many certificates.", status=429
            )
        known.admitted_ms.append(at_ms)
        known.certificates.append(certificate)

    def suspend(self, name: str, at_ms: int) -> None:
        """A member (all its nodes) or one post stops being active at ``at_ms``."""
        known = self._find(name)
        if known.certificates[0].role in {SECRETARIAT, RELAY}:
            raise Refusal("CANNOT-SUSPEND", "The secretariat cannot be suspended.", status=403)
        if known.suspended and (known.suspended[-1].to_ms is None or known.suspended[-1].to_ms > at_ms):
            raise Refusal("ALREADY-SUSPENDED", f"{name} is suspended at this time already.", status=409)
        known.suspended.append(Period(at_ms))

    def restore(self, name: str, at_ms: int) -> None:
        """A suspension ends at ``at_ms``."""
        known = self._find(name)
        if not known.suspended or known.suspended[-1].to_ms is not None:
            raise Refusal("NOT-SUSPENDED", f"{name} is not suspended.", status=409)
        started_ms = known.suspended[-1].from_ms
        if at_ms < started_ms:
            raise Refusal("OUT-OF-ORDER", f"{name} was suspended later than this.", status=409)
        known.suspended[-1] = Period(started_ms, at_ms)

    def certificate(self, name: str, at_ms: int | None = None) -> Certificate | None:
        """The certificate of a node: the latest one, or the newest that was admitted and good at ``at_ms``."""
        known = self._known.get(name)
        if known is None:
            return None
        if at_ms is None:
            return known.certificates[-1]
        admitted = known.certificates[: bisect_right(known.admitted_ms, at_ms)]
        return next((found for found in reversed(admitted) if found.good_at(at_ms)), None)

    def verify_key(self, name: str, at_ms: int | None = None) -> VerifyKey | None:
        """The key that speaks for a node, whether or not it is active."""
        found = self.certificate(name, at_ms)
        return found.verify_key if found else None

    def member(self, code: str) -> Member | None:
        """A member by its code; the secretariat is none."""
        known = self._known.get(code)
        if known is None or known.certificates[0].role != BUREAU:
            return None
        return Member(code, known.certificates[-1].label, known.admitted_ms[0], tuple(known.suspended))

    def members(self) -> tuple[Member, ...]:
        """All members ever admitted, by code."""
        return tuple(found for code in sorted(self._known) if (found := self.member(code)))

    def is_active(self, name: str, at_ms: int) -> bool:
        """Whether a node was admitted, certified and not suspended at a time; a post only while its bureau is."""
        found = self.certificate(name, at_ms)
        if found is None or any(period.covers(at_ms) for period in self._known[name].suspended):
            return False
        above = member_of(name)
        return above == name or self.is_active(above, at_ms)

    def _issuer_key(self, certificate: Certificate) -> VerifyKey:
        # Root may speak for one secretariat and its relay only: signed under any other name, its word would be a way to
        # slip a key under a member's name.
        if certificate.role == SECRETARIAT:
            if self._secretariat not in {None, certificate.subject}:
                raise Refusal(
                    "NOT-ISSUER", f"The secretariat is {self._secretariat}.", path="subject", status=403
                )
            return self._root
        if certificate.role == RELAY:
            if self._secretariat != certificate.member:
                raise Refusal("NOT-ISSUER", "Only the secretariat has a relay.", path="subject", status=403)
            return self._root
        if certificate.role == BUREAU:
            return certificate.verify_key
        issuer = self._find(certificate.issuer).certificates[-1]
        if issuer.role != BUREAU:
            raise Refusal("NOT-ISSUER", "Only a bureau has posts.", path="issuer", status=403)
        return issuer.verify_key

    def _find(self, name: str) -> _Known:
        known = self._known.get(name)
        if known is None:
            raise Refusal("UNKNOWN-NODE", f"{name} is not known here.", status=404)
        return known
