"""Emergency access at a bureau: opened by an officer, told to the administrators at once, reviewed by another."""

from allpoints.ground.refusal import Refusal
from allpoints.identity import emergency, policy
from allpoints.identity.emergency import Emergency, Terms
from allpoints.identity.officers import Asker
from allpoints.identity.policy import Act, Around
from allpoints.ledger import audit
from allpoints.node.bureau import Bureau

PAGE = "/en/emergency"


class EmergencyDesk:
    """The emergency accesses of one bureau. Run each act in the engine."""

    def __init__(self, office: Bureau, terms: Terms) -> None:
        self.office = office
        self.vocabulary = office.vocabulary
        self.terms = terms

    def open(self, asker: Asker, register: str, role: str, reason: str) -> Emergency:
        """Open one register or one role, after a fresh proof; the administrators are alerted with the same commit.

        A register that is never opened so is refused like one that never was.
        """
        now = self.office.clock.now()
        policy.require_could(self.vocabulary, asker, Act.OPEN_EMERGENCY)
        if not self.terms.allowed:
            raise Refusal(
                "EMERGENCY-OFF",
                "This node has no emergency access.",
                hint="The setting emergency.allowed decides it.",
                status=403,
            )
        policy.require_proved(self.vocabulary, asker, Act.OPEN_EMERGENCY, now)
        self._check_needed(asker, register, role)
        opened = emergency.open_access(self.office.db, asker, register, role, reason, now)
        within = emergency.within(self.office.db, asker, now)
        audit.record(
            self.office.db,
            "emergency:opened",
            within,
            now,
            register=register,
            role=role,
            reason=opened.reason,
            ends_ms=opened.ends_ms,
        )
        about = f"{register or role}: {opened.reason}"
        head = f"{asker.officer} has opened emergency access"
        self.office.alerts.raise_(now, "emergency", head, PAGE, about=about, urgent=True)
        return opened

    def end(self, asker: Asker, number: int) -> None:
        """End an access at once: one's own, or as an administrator anybody's."""
        now = self.office.clock.now()
        held = emergency.found(self.office.db, number, now)
        own = held.officer == asker.officer
        if not policy.decide(self.vocabulary, asker, Act.END_EMERGENCY, None, Around(own=own)).allowed:
            raise emergency.unknown()
        emergency.end(self.office.db, number, asker.officer, now)
        audit.record(self.office.db, "emergency:ended", asker, now, name=held.officer, number=number)

    def review(self, asker: Asker, number: int, verdict: str, text: str) -> None:
        """Say whether an access of another officer was justified, after a fresh proof."""
        now = self.office.clock.now()
        policy.require_proved(self.vocabulary, asker, Act.REVIEW_EMERGENCY, now)
        held = emergency.found(self.office.db, number, now)
        own = held.officer == asker.officer
        policy.require_proved(self.vocabulary, asker, Act.REVIEW_EMERGENCY, now, own=own)
        emergency.review(self.office.db, number, asker.officer, verdict, text, now)
        detail = {"name": held.officer, "number": number, "verdict": verdict, "review": text.strip()}
        audit.record(self.office.db, "emergency:reviewed", asker, now, **detail)

    def list_(self, asker: Asker) -> list[Emergency]:
        """All accesses for who reviews them, one's own for everyone else; those that wait come first."""
        reviews = policy.could(self.vocabulary, asker, Act.REVIEW_EMERGENCY)
        now = self.office.clock.now()
        found = emergency.listed(self.office.db, now, "" if reviews else asker.officer)
        if reviews and found:
            audit.record(self.office.db, "emergency:listed", asker, now, count=len(found))
        return found

    def _check_needed(self, asker: Asker, register: str, role: str) -> None:
        if register:
            declared = self.vocabulary.registers.get(register)
            if declared is None or register in self.terms.never:
                raise Refusal("UNKNOWN-REGISTER", f"There is no register {register!r}.", path="register")
            reads = policy.decide(self.vocabulary, asker, Act.READ_REGISTER, declared).allowed
            needless = reads and policy.could(self.vocabulary, asker, Act.SEARCH)
        else:
            needless = role in asker.roles
        if needless:
            raise Refusal("EMERGENCY-NOT-NEEDED", "This is open to you already.", path="register", status=409)
