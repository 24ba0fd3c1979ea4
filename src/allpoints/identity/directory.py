"""The directory of members: a fold of admissions and measures, kept in memory and rebuilt from entries.

An entry is judged by the directory as the ledger stood before it. Its author says when it was written, so a measure
counts from its place in the ledger on, whatever time a later entry claims. Callers add only what the ledger shows to
have been admitted; that each certificate was signed by whom it must be is checked here again.
"""

from bisect import bisect_right

import msgspec

from allpoints.ground.refusal import Refusal
from allpoints.identity import succession
from allpoints.identity.certificate import Certificate, check_signature
from allpoints.identity.keys import VerifyKey
from allpoints.identity.known import MEASURES_LIMIT, Known, Member, Ordered, Revoked
from allpoints.identity.names import BUREAU, RELAY, SECRETARIAT, member_of
from allpoints.identity.recovery import Recovery, Revocation
from allpoints.identity.root import Root
from allpoints.identity.root_change import RootChange
from allpoints.identity.rotation import Signer, check_renewal
from allpoints.identity.standing import SUSPENDED, Measure, Restoration, strictest
from allpoints.identity.urgency import check_alone


class Directory:
    """Who is known by which certificate, and who was active when; ``root`` says who decides that at present."""

    def __init__(self, root: Root) -> None:
        self.root = root
        self._known: dict[str, Known] = {}
        self._secretariat: str | None = None
        self._orders: set[bytes] = set()
        self.clock_ms = 0
        """When the newest order was written: no entry after it counts as older."""

    def copy(self) -> "Directory":
        """A directory that can go on by itself, for entries that are only being looked at."""
        other = Directory(self.root)
        other._known = {name: one.copy() for name, one in self._known.items()}
        other._secretariat = self._secretariat
        other._orders = set(self._orders)
        other.clock_ms = self.clock_ms
        return other

    def add(self, certificate: Certificate, at_ms: int) -> None:
        """Admit a node, or renew it, from ``at_ms`` on; refuses what was not signed by whom it must be.

        A bureau renews with the same key and the same commitment to the next one (``KEY-CHANGED``, ``NEXT-CHANGED``): its
        key changes by ``rotate`` alone. The same bytes again change nothing.
        """
        issuer_key = self._issuer_key(certificate)
        if certificate.role in {SECRETARIAT, RELAY}:
            self.root.check_service(certificate, issuer_key)
        else:
            check_signature(certificate, issuer_key)
        known = self._known.get(certificate.subject)
        if known is None:
            self._known[certificate.subject] = Known.first(certificate, at_ms)
            if certificate.role == SECRETARIAT:
                self._secretariat = certificate.subject
            return
        if certificate in known.certificates:
            return
        if certificate.role != known.certificates[0].role:
            raise Refusal(
                "ROLE-CHANGED", f"{certificate.subject} is known in another role.", path="role", status=409
            )
        if certificate.role == BUREAU:
            known.check_signs()
            check_renewal(known.latest, certificate)
        if at_ms < known.admitted_ms[-1]:
            raise Refusal("OUT-OF-ORDER", f"{certificate.subject} was renewed later than this.", status=409)
        known.take(certificate, at_ms)

    def rotate(self, certificate: Certificate, seq: int) -> None:
        """Put a member's next key in the place of its present one, for every entry after ``seq``.

        The entry itself bears the present key's signature; what else is refused says ``check_rotation``.
        """
        succession.rotate(self._find(certificate.subject), certificate, seq)

    def revoke(self, revocation: Revocation, seq: int, at_ms: int) -> None:
        """Let nothing count that a member's key signs after ``seq``; the holders of the root approved it."""
        known = self._member(revocation.member)
        self._check_new(revocation.id)
        succession.revoke(known, revocation, seq, at_ms)
        self._order(revocation.id, at_ms)

    def begin_recovery(self, recovery: Recovery, seq: int, at_ms: int) -> None:
        """Begin to put another key in the place of a member's; the holders of the root approved it."""
        known = self._member(recovery.member)
        self._check_new(recovery.id)
        succession.begin(known, recovery, seq, max(at_ms, self.clock_ms))
        self._order(recovery.id, at_ms)

    def stop_recovery(self, member: str, recovery_id: bytes) -> None:
        """Stop a recovery by the word of the member's present key, which signed the entry that says so."""
        succession.stop(self._member(member), recovery_id)

    def complete_recovery(self, member: str, recovery_id: bytes, seq: int, at_ms: int) -> None:
        """Let a member's new key sign for every entry after ``seq``, once its present one can object no more."""
        succession.complete(self._member(member), recovery_id, seq, at_ms)

    def change_root(self, change: RootChange, seq: int) -> None:
        """Let the next version of the root decide from here on, and the keys that it names serve the network.

        The secretariat's signs entries after ``seq``, the relay's checkpoints of ``seq`` entries and more. A key that
        served before never does again (KEY-AGAIN); what else is refused says ``RootChange.check``.
        """
        change.check(self.root, self._secretariat or "")
        known = [self._find(one.subject) for one in (change.secretariat, change.relay)]
        change.check_keys(*(one.signers for one in known))
        for one, certificate, first in zip(
            known, (change.secretariat, change.relay), (seq + 1, seq), strict=True
        ):
            if certificate != one.latest:
                one.take(certificate, max(certificate.not_before_ms, one.admitted_ms[-1]))
            if certificate.verify_key != one.signers[-1].verify_key:
                one.signers.append(Signer(first, certificate.verify_key))
        self.root = change.root

    def signers(self, name: str) -> tuple[Signer, ...]:
        """Every key that a node had, with the place from which on it signs, until the next one does."""
        known = self._known.get(name)
        return tuple(known.signers) if known else ()

    def limit(self, measure: Measure, seq: int, at_ms: int, *, approved: bool = False) -> None:
        """Take a measure against a member, as it stands at ``seq``, written at ``at_ms``.

        Unless the holders of the root approved it, refuses one that lasts too long, or follows another too soon
        (``MEASURE-TOO-LONG``, ``MEASURE-AGAIN``).
        """
        known = self._member(measure.member)
        self._check_new(measure.id)
        if not approved:
            check_alone(known.measures, measure, at_ms)
        if len(known.measures) >= MEASURES_LIMIT:
            raise Refusal("TOO-MANY-MEASURES", f"{measure.member} has too many measures.", status=429)
        self._order(measure.id, at_ms)
        known.measures.append(Ordered(measure, seq, at_ms))

    def lift(self, restoration: Restoration, at_ms: int) -> None:
        """End the measures that a restoration names; each must be one of this member's, and not lifted before."""
        known = self._member(restoration.member)
        self._check_new(restoration.id)
        held = {one.measure.id for one in known.measures if not one.lifted}
        if not held.issuperset(restoration.lifts):
            raise Refusal(
                "MEASURE-UNKNOWN",
                f"There is no such measure against {restoration.member}, or it was lifted.",
                path="lifts",
                status=409,
            )
        self._order(restoration.id, at_ms)
        known.measures[:] = [
            msgspec.structs.replace(one, lifted=one.lifted or one.measure.id in restoration.lifts)
            for one in known.measures
        ]

    def _member(self, code: str) -> Known:
        known = self._find(code)
        if known.certificates[0].role != BUREAU:
            raise Refusal("CANNOT-LIMIT", "Measures are ordered against members alone.", status=403)
        return known

    def _check_new(self, order: bytes) -> None:
        if order in self._orders:
            raise Refusal("ORDER-AGAIN", "This order was given before.", path="id", status=409)

    def _order(self, order: bytes, at_ms: int) -> None:
        self._orders.add(order)
        self.clock_ms = max(self.clock_ms, at_ms)

    def in_force(self, name: str, at_ms: int) -> tuple[Ordered, ...]:
        """The measures in force against the member of a node."""
        known = self._known.get(member_of(name))
        at_ms = max(at_ms, self.clock_ms)
        return tuple(one for one in known.measures if one.in_force(at_ms)) if known else ()

    def mode(self, name: str, kind: str, at_ms: int) -> str:
        """What a node's member may do of one kind: direct, pre-reviewed, receive-only or suspended."""
        found = self.in_force(name, at_ms)
        return strictest(tuple(one.measure.mode for one in found if kind in one.measure.kinds))

    def suspended_at(self, name: str, at_ms: int) -> Ordered | None:
        """The first suspension in force against the member of a node, if there is one."""
        found = self.in_force(name, at_ms)
        return next((one for one in found if one.measure.mode == SUSPENDED), None)

    def revoked(self, name: str) -> Revoked | None:
        """By what the key of a node's member counts no more, until another one takes its place."""
        known = self._known.get(member_of(name))
        return known.revoked if known else None

    def check_signs(self, name: str) -> None:
        """Refuse what a node's member signs, or says on its line, after its key was revoked (KEY-REVOKED)."""
        known = self._known.get(member_of(name))
        if known is not None:
            known.check_signs()

    def certificate(self, name: str, at_ms: int | None = None) -> Certificate | None:
        """The certificate of a node: the latest one, or the newest that was admitted and good at ``at_ms``.

        None while its member's key is revoked.
        """
        known = self._known.get(name)
        if known is None or self.revoked(name) is not None:
            return None
        if at_ms is None:
            return known.latest
        admitted = known.certificates[: bisect_right(known.admitted_ms, at_ms)]
        return next((found for found in reversed(admitted) if found.good_at(at_ms)), None)

    def latest(self, name: str) -> Certificate | None:
        """The latest certificate of a node, also of one whose key counts no more."""
        known = self._known.get(name)
        return known.latest if known else None

    def knows(self, certificate: Certificate) -> bool:
        """Whether exactly this certificate was admitted, be it the latest or one that was renewed since."""
        known = self._known.get(certificate.subject)
        return known is not None and certificate in known.certificates

    def verify_key(self, name: str, at_ms: int | None = None) -> VerifyKey | None:
        """The key that speaks for a node, whether or not it is active."""
        found = self.certificate(name, at_ms)
        return found.verify_key if found else None

    def member(self, code: str) -> Member | None:
        """A member by its code; the secretariat is none."""
        known = self._known.get(code)
        if known is None or known.certificates[0].role != BUREAU:
            return None
        return Member(
            code,
            known.latest.label,
            known.admitted_ms[0],
            tuple(known.measures),
            known.revoked,
            tuple(known.recoveries),
        )

    def members(self) -> tuple[Member, ...]:
        """All members ever admitted, by code."""
        return tuple(found for code in sorted(self._known) if (found := self.member(code)))

    def is_active(self, name: str, at_ms: int) -> bool:
        """Whether a node was admitted, certified and not suspended at a time; a post only while its bureau is."""
        if self.certificate(name, at_ms) is None or self.suspended_at(name, at_ms) is not None:
            return False
        above = member_of(name)
        return above == name or self.is_active(above, at_ms)

    def may_act(self, name: str, at_ms: int) -> bool:
        """Whether a member was certified and not suspended at a time, or is certified from a later time on.

        What is dated before a certificate begins comes of a clock that was set back or is behind. Measures count at the
        time itself: else a member's own later beginning would carry it past them.
        """
        known = self.certificate(name)
        if known is None or self.suspended_at(name, at_ms) is not None:
            return False
        return self.certificate(name, max(at_ms, known.not_before_ms)) is not None

    def _issuer_key(self, certificate: Certificate) -> VerifyKey:
        # The root names one secretariat and its relay only: signed under any other name, their word would be a way to
        # slip a key under a member's name.
        if certificate.role == SECRETARIAT:
            if self._secretariat not in {None, certificate.subject}:
                raise Refusal(
                    "NOT-ISSUER", f"The secretariat is {self._secretariat}.", path="subject", status=403
                )
            return certificate.verify_key
        if certificate.role == RELAY:
            if self._secretariat != certificate.member:
                raise Refusal("NOT-ISSUER", "Only the secretariat has a relay.", path="subject", status=403)
            return self._find(certificate.member).latest.verify_key
        if certificate.role == BUREAU:
            return certificate.verify_key
        bureau = self._find(certificate.issuer)
        if bureau.latest.role != BUREAU:
            raise Refusal("NOT-ISSUER", "Only a bureau has posts.", path="issuer", status=403)
        bureau.check_signs()
        return bureau.latest.verify_key

    def _find(self, name: str) -> Known:
        known = self._known.get(name)
        if known is None:
            raise Refusal("UNKNOWN-NODE", f"{name} is not known here.", status=404)
        return known
