"""May it happen? Pure answers, each with its reasons."""

from collections.abc import Collection, Iterable

import msgspec

from allpoints.ground.refusal import Fault, Refusal
from allpoints.notices.notice import REASON_LIMIT, Submission
from allpoints.notices.state import NoticeState

REVIEWERS_NEEDED = 2
WITHDRAWAL_CODES = ("ACHIEVED", "LOCATED", "DECEASED", "REVOKED", "ERROR", "OTHER")
"""Why an owner withdraws; withdrawal is its duty as soon as the purpose is achieved (domain reference 2.4)."""


class Ruling(msgspec.Struct, frozen=True):
    """The answer to one question; without reasons against, the answer is yes."""

    against: tuple[Fault, ...] = ()

    @property
    def allowed(self) -> bool:
        return not self.against

    def require(self, status: int = 409) -> None:
        """Raises Refusal with every reason when the answer is no."""
        if self.against:
            raise Refusal.of(self.against, status=status)


class Network(msgspec.Struct, frozen=True):
    """Who asks, and who there is: the own member's code, all active members, and the secretariat's code."""

    me: str
    members: frozenset[str]
    secretariat: str


class OpenNotice(msgspec.Struct, frozen=True):
    """A notice or submission of this owner that has not ended; ``notice_id`` is empty before publication."""

    id: str
    owner_ref: str
    state: NoticeState
    notice_id: str = ""
    excluded: tuple[str, ...] = ()


class Approval(msgspec.Struct, frozen=True):
    """The result of a review: who approved exactly these signed bytes (``digest`` is their SHA-256), by which rules."""

    submission_id: str
    digest: str
    reviewers: tuple[str, ...]
    rule_version: str
    approved_ms: int


class Cancellation(msgspec.Struct, frozen=True):
    """Why the secretariat ends a notice, in words that every member may read, and the two who decided it."""

    notice_id: str
    reviewers: tuple[str, ...]
    code: str
    reason: str


def may_submit(submission: Submission, network: Network, open_notices: Iterable[OpenNotice]) -> Ruling:
    """May this member hand in this submission, given what it has open?"""
    against = []
    if submission.owner != network.me:
        against.append(
            Fault("NOTICE-NOT-OWNER", f"{network.me} cannot submit for {submission.owner}.", "owner")
        )
    against += _exclusion_faults(submission, network)
    against += _equivalent_faults(submission, tuple(open_notices))
    return Ruling(tuple(against))


def _exclusion_faults(submission: Submission, network: Network) -> list[Fault]:
    faults = []
    for at, member in enumerate(submission.excluded):
        path = f"excluded[{at}]"
        if member == submission.owner:
            faults.append(Fault("NOTICE-EXCLUDES-OWNER", "The owner cannot exclude itself.", path))
        elif member == network.secretariat:
            faults.append(
                Fault(
                    "NOTICE-EXCLUDES-SECRETARIAT", "The secretariat reviews a notice and must open it.", path
                )
            )
        elif member not in network.members:
            faults.append(
                Fault(
                    "NOTICE-UNKNOWN-MEMBER",
                    f"{member} is no member.",
                    path,
                    "Give the codes of members only.",
                )
            )
    return faults


def _equivalent_faults(submission: Submission, open_notices: tuple[OpenNotice, ...]) -> list[Fault]:
    if submission.updates:
        return list(may_update(submission, open_notices).against)
    return [
        Fault(
            "NOTICE-EQUIVALENT",
            f"Reference {submission.owner_ref} already has notice or submission {held.notice_id or held.id}"
            f" ({held.state.value}).",
            "owner_ref",
            "Update that notice instead of asking for a second one.",
        )
        for held in open_notices
        if held.owner_ref == submission.owner_ref and held.id != submission.id
    ]


def may_update(submission: Submission, open_notices: Iterable[OpenNotice]) -> Ruling:
    """May this submission replace the notice that it names?"""
    for held in open_notices:
        if held.notice_id == submission.updates and held.state.in_force:
            return _widening_only(submission, held)
    fault = Fault(
        "NOTICE-UPDATES-NOTHING",
        f"{submission.updates} is no notice of {submission.owner} in force.",
        "updates",
        "Submit it as a new notice.",
    )
    return Ruling((fault,))


def _widening_only(submission: Submission, held: OpenNotice) -> Ruling:
    """A member excluded only now would never hear of the update and act on the old version for years."""
    added = sorted(set(submission.excluded) - set(held.excluded))
    if not added:
        return Ruling()
    fault = Fault(
        "NOTICE-EXCLUSION-GROWS",
        f"{', '.join(added)} could read {held.notice_id} and would keep its old version.",
        "excluded",
        "Withdraw the notice and submit a new one.",
    )
    return Ruling((fault,))


def may_withdraw(owner: str, state: NoticeState, by: str, code: str) -> Ruling:
    """May ``by`` take this notice back, for the reason with this code?"""
    against = []
    if by != owner:
        against.append(Fault("NOTICE-NOT-OWNER", f"Only {owner} may withdraw this notice.", "notice_id"))
    if not state.may_become(NoticeState.WITHDRAWN):
        against.append(Fault("NOTICE-ENDED", f"This notice is {state.value} already.", "notice_id"))
    if code not in WITHDRAWAL_CODES:
        known = ", ".join(WITHDRAWAL_CODES)
        against.append(
            Fault("NOTICE-CODE", f"{code!r} is no reason to withdraw.", "code", f"One of {known}.")
        )
    return Ruling(tuple(against))


def may_publish(submission: Submission, digest: str, approval: Approval, now_ms: int) -> Ruling:
    """May these signed bytes (SHA-256 ``digest``, hex) be published on this approval?"""
    against = _reviewer_faults(approval.reviewers)
    if approval.submission_id != submission.id or approval.digest != digest:
        against.append(
            Fault(
                "NOTICE-NOT-APPROVED",
                "The approval is for another text than this one.",
                "approval",
                "What was changed after the approval is examined again.",
            )
        )
    if not approval.rule_version:
        against.append(Fault("NOTICE-NO-RULES", "The approval names no version of the rules.", "approval"))
    if approval.approved_ms > now_ms:
        against.append(Fault("NOTICE-NOT-APPROVED", "The approval lies in the future.", "approval"))
    return Ruling(tuple(against))


def may_cancel(state: NoticeState, cancellation: Cancellation, codes: Collection[str]) -> Ruling:
    """May the secretariat end this notice? ``codes`` are the reasons that every member may be told."""
    against = _reviewer_faults(cancellation.reviewers)
    if not state.may_become(NoticeState.CANCELLED):
        against.append(
            Fault("NOTICE-ENDED", f"A notice that is {state.value} cannot be cancelled.", "notice_id")
        )
    if cancellation.code not in codes:
        against.append(
            Fault("NOTICE-CODE", f"{cancellation.code!r} is no reason that members are told.", "code")
        )
    if not 0 < len(cancellation.reason.strip()) <= REASON_LIMIT:
        against.append(
            Fault(
                "NOTICE-REASON",
                f"A cancellation has a reason of at most {REASON_LIMIT} characters.",
                "reason",
            )
        )
    return Ruling(tuple(against))


def _reviewer_faults(reviewers: tuple[str, ...]) -> list[Fault]:
    if len(set(filter(None, reviewers))) >= REVIEWERS_NEEDED:
        return []
    return [
        Fault(
            "NOTICE-ONE-REVIEWER",
            f"{REVIEWERS_NEEDED} different reviewers must have decided; there is {len(set(filter(None, reviewers)))}.",
            "reviewers",
            "Ask another reviewer.",
        )
    ]
