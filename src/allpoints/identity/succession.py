"""How a member's key ends and which one follows: rotated by itself, revoked or recovered by the holders of the root.

Each step is a fold over what is known of the member, at a place in the ledger: what the approvals are worth is for the
caller, who knows the root.
"""

from allpoints.ground.clock import DAY, HOUR
from allpoints.ground.refusal import Refusal
from allpoints.identity.certificate import Certificate
from allpoints.identity.known import DONE, RECOVERIES_LIMIT, STOPPED, Known, Recovering, Revoked
from allpoints.identity.recovery import COOLING_LIMIT_MS, COOLING_MS, Recovery, Revocation
from allpoints.identity.rotation import Signer, check_rotation, is_committed


def rotate(known: Known, certificate: Certificate, seq: int) -> None:
    """Let the next key follow at once; both keys signed for it, so nobody has to be recovered any more."""
    known.check_signs()
    check_rotation(known.latest, known.signers, certificate)
    _follow(known, certificate, seq)
    known.settle(STOPPED)


def revoke(known: Known, revocation: Revocation, seq: int, at_ms: int) -> None:
    """Let nothing count that the present key signs after ``seq`` (KEY-OTHER, KEY-REVOKED)."""
    known.check_key(revocation.key)
    known.check_signs()
    known.revoked = Revoked(revocation, seq, at_ms)
    known.signers.append(Signer(seq + 1, None))


def begin(known: Known, recovery: Recovery, seq: int, at_ms: int) -> None:
    """Begin a recovery; one that is under way already ends.

    The key to which the member is committed needs no time to object (KEY-OTHER, KEY-AGAIN, RECOVERY-SHORT, RECOVERY-LONG).
    """
    known.check_key(recovery.key)
    certificate = recovery.certificate
    if any(one.verify_key == certificate.verify_key for one in known.signers):
        raise Refusal(
            "KEY-AGAIN", f"{recovery.member} has or had this key already.", path="certificate", status=409
        )
    if recovery.until_ms > at_ms + COOLING_LIMIT_MS:
        raise Refusal(
            "RECOVERY-LONG",
            f"The time to object ends within {COOLING_LIMIT_MS // DAY} days.",
            path="until_ms",
            status=403,
        )
    at_once = recovery.until_ms == 0 and is_committed(known.latest, certificate)
    if recovery.until_ms < at_ms + COOLING_MS and not at_once:
        raise Refusal(
            "RECOVERY-SHORT",
            f"The key in use must have {COOLING_MS // HOUR} hours to object.",
            path="until_ms",
            hint="Only the key that the member committed itself to takes its place at once.",
            status=403,
        )
    if len(known.recoveries) >= RECOVERIES_LIMIT:
        raise Refusal("TOO-MANY-RECOVERIES", f"{recovery.member} has too many recoveries.", status=429)
    known.settle(STOPPED)
    known.recoveries.append(Recovering(recovery, seq, at_ms))


def stop(known: Known, recovery_id: bytes) -> None:
    """Stop the recovery that is under way; the caller has seen that the present key says so."""
    _under_way(known, recovery_id)
    known.settle(STOPPED)


def complete(known: Known, recovery_id: bytes, seq: int, at_ms: int) -> None:
    """Let the new key sign from the entry after ``seq`` on (RECOVERY-NONE, RECOVERY-EARLY)."""
    one = _under_way(known, recovery_id)
    if at_ms < one.recovery.until_ms:
        raise Refusal(
            "RECOVERY-EARLY",
            f"The present key of {one.recovery.member} can still object.",
            path="recovery",
            status=409,
        )
    _follow(known, one.recovery.certificate, seq)
    known.revoked = None
    known.settle(DONE)


def _under_way(known: Known, recovery_id: bytes) -> Recovering:
    one = known.cooling
    if one is None or one.recovery.id != recovery_id:
        raise Refusal(
            "RECOVERY-NONE",
            f"No such recovery of {known.latest.subject} is under way.",
            path="recovery",
            status=409,
        )
    return one


def _follow(known: Known, certificate: Certificate, seq: int) -> None:
    known.take(certificate, max(certificate.not_before_ms, known.admitted_ms[-1]))
    known.signers.append(Signer(seq + 1, certificate.verify_key))
