"""The secretariat's review: submissions open cases, officers decide, and what two approved is published."""

import sqlite3

import msgspec

from allpoints.ground.refusal import Refusal
from allpoints.identity import policy, standing
from allpoints.identity.officers import Asker
from allpoints.identity.policy import Act, Around
from allpoints.ledger import audit
from allpoints.node import membership
from allpoints.node.engine import Engine
from allpoints.node.notice_desk import SUBMITTED, TAKEN_BACK, TOLD, Node, NoticeDesk
from allpoints.notices import authorship, publishing
from allpoints.notices import store as notice_store
from allpoints.notices.notice import Told, decode_signed, encode
from allpoints.notices.rules import Approval, Cancellation
from allpoints.review import clocks, deciding, opening, rulebook
from allpoints.review import store as review_store
from allpoints.review.case import Case, CaseState, Decision, Opinion
from allpoints.review.clocks import QueueRow
from allpoints.review.codes import tellable
from allpoints.review.opening import CaseView
from allpoints.review.request import Request
from allpoints.review.telling import told_reasons
from allpoints.sealing.envelope import Opened

SCHEMA = (
    review_store.SCHEMA
    + """
CREATE TABLE IF NOT EXISTS office_cancellations (
    notice_id TEXT NOT NULL, officer TEXT NOT NULL, code TEXT NOT NULL, reason TEXT NOT NULL,
    at_ms INTEGER NOT NULL, PRIMARY KEY (notice_id, officer)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS office_taken_back (
    case_id TEXT NOT NULL, owner TEXT NOT NULL, PRIMARY KEY (case_id, owner)) WITHOUT ROWID;
"""
)
CROSSED = frozenset({CaseState.REFUSED, CaseState.WITHDRAWN})
"""Ends that an answer to a query can meet on its way."""
CASE_LIMIT_CHARACTERS = 32


class ReviewDesk:
    """Everything that only the secretariat's desk does with notices."""

    def __init__(self, engine: Engine, node: Node, notices: NoticeDesk) -> None:
        self.engine = engine
        self.node = node
        self.notices = notices
        self.rulebook = rulebook.load()
        node.mail.handlers[SUBMITTED] = self._take_submitted
        node.mail.handlers[TAKEN_BACK] = self._take_back
        node.mail.by_itself.add(TOLD)

    @property
    def db(self) -> sqlite3.Connection:
        return self.engine.db

    def _take_submitted(self, opened: Opened, sender: str) -> None:
        signed = decode_signed(opened.body)
        submission = authorship.verify(signed, self.notices.owner_key)
        if submission.owner != sender:
            raise Refusal("NOTICE-NOT-OWNER", "A notice is submitted by its own owner.", status=403)
        now = self.engine.clock.now()
        membership.require_direct(self.node.following.directory, sender, standing.NOTICES, now)
        request = Request(
            id=submission.id,
            kind=submission.kind,
            owner=submission.owner,
            owner_ref=submission.owner_ref,
            revision=submission.revision,
            body=submission.body,
            submitted_ms=submission.submitted_ms,
            urgent=submission.body.get("urgent") is True,
            updates=submission.updates,
            equivalent=self._equivalent(submission.owner, submission.owner_ref),
            submission=opened.body,
        )
        held = review_store.find_case(self.db, request.id)
        if held is not None and held.owner == request.owner and held.state in CROSSED:
            self._say_crossed(held, request.revision)
            return
        if held is None:
            case = opening.open_case(self.db, self.rulebook, request, now)
        else:
            case = opening.answer_query(self.db, self.rulebook, request, now)
        if self._was_taken_back(case):
            opening.close_withdrawn(self.db, case.id, case.owner, now)
            return
        self._tell(case, "screening")
        self.node.alerts.raise_(
            now,
            "review",
            f"{case.owner} submits a {case.kind} notice",
            f"/en/review/{case.id}",
            urgent=case.urgent,
        )

    def _equivalent(self, owner: str, owner_ref: str) -> tuple[str, ...]:
        return tuple(
            held.notice_id
            for held in notice_store.open_notices(self.db, owner)
            if held.owner_ref == owner_ref and held.notice_id
        )

    def _take_back(self, opened: Opened, sender: str) -> None:
        now = self.engine.clock.now()
        identifier = opened.body.decode("ascii", "replace")
        if len(identifier) > CASE_LIMIT_CHARACTERS:
            raise Refusal("REVIEW-UNKNOWN", "There is no such case.", path="case", status=404)
        held = review_store.find_case(self.db, identifier)
        if held is None:
            # It has overtaken the submission, which is closed as soon as it is here.
            self.db.execute("INSERT OR IGNORE INTO office_taken_back VALUES (?,?)", (identifier, sender))
        elif not held.state.closed:
            opening.close_withdrawn(self.db, identifier, sender, now)

    def _say_crossed(self, case: Case, revision: int) -> None:
        """The answer to a query came after the end: refused, which its owner hears, or taken back by the owner."""
        if case.state is CaseState.REFUSED:
            codes, text = told_reasons(case.codes)
            self._tell(msgspec.structs.replace(case, revision=revision), "refused", codes, text)

    def _was_taken_back(self, case: Case) -> bool:
        """Whether the owner's word that it takes the case back came before the case itself."""
        gone = self.db.execute(
            "DELETE FROM office_taken_back WHERE case_id=? AND owner=?", (case.id, case.owner)
        )
        return bool(gone.rowcount)

    def _tell(self, case: Case, state: str, codes: tuple[str, ...] = (), text: str = "") -> None:
        told = Told(
            case.id,
            case.revision,
            state,  # type: ignore[arg-type]  # checked when it is encoded
            codes,
            text,
            self.engine.clock.now(),
        )
        self.node.mail.send(TOLD, [case.owner], encode(told), priority=1)

    def queue(self, asker: Asker) -> list[QueueRow]:
        policy.require(self.node.vocabulary, asker, Act.LOOK_AT_CASES)
        now = self.engine.clock.now()
        audit.record(self.db, "review:listed", asker, now, which="open")
        return clocks.queue(self.db, now)

    def closed(self, asker: Asker) -> list[Case]:
        policy.require(self.node.vocabulary, asker, Act.LOOK_AT_CASES)
        audit.record(self.db, "review:listed", asker, self.engine.clock.now(), which="closed")
        states = (CaseState.APPROVED, CaseState.REFUSED, CaseState.WITHDRAWN, CaseState.QUERY_TO_SOURCE)
        return clocks.all_cases(self.db, states)

    def case(self, asker: Asker, identifier: str) -> tuple[CaseView, list[Decision]]:
        # What the gates found may betray a refugee: reviewers read it, and nobody else.
        policy.require(self.node.vocabulary, asker, Act.REVIEW)
        view = opening.view_case(self.db, self.rulebook, identifier)
        audit.record(self.db, "review:opened", asker, self.engine.clock.now(), case=identifier)
        return view, review_store.decisions(self.db, identifier)

    def why_not(self, asker: Asker, identifier: str) -> tuple[str, ...]:
        """Why this officer could not approve now, as sentences."""
        policy.require(self.node.vocabulary, asker, Act.REVIEW)
        return deciding.why_not(self.db, self.rulebook, asker, identifier, self.engine.clock.now())

    def decide(self, asker: Asker, identifier: str, opinion: Opinion) -> Case:
        """Record an officer's decision; the second approval publishes, in the same transaction."""
        policy.require(self.node.vocabulary, asker, Act.REVIEW)
        now = self.engine.clock.now()
        outcome = deciding.decide(self.db, self.rulebook, asker, identifier, opinion, now)
        audit.record(
            self.db,
            "review:decided",
            asker,
            now,
            case=identifier,
            verdict=opinion.verdict,
            codes=list(told_reasons(opinion.codes)[0]),
            rules=outcome.decision.rule_version,
        )
        if outcome.told is not None:
            told = msgspec.convert(msgspec.to_builtins(outcome.told), Told)
            self.node.mail.send(TOLD, [outcome.case.owner], encode(told), priority=1)
        if outcome.case.state is CaseState.APPROVED:
            self._require_other_eyes(asker, identifier)
            self._publish(outcome.case, now)
        return outcome.case

    def _require_other_eyes(self, asker: Asker, identifier: str) -> None:
        """Refuse what nobody but this officer approved, and whoever the policies keep from publishing."""
        others = set(deciding.approved(self.db, identifier).reviewers) - {asker.officer}
        policy.require(self.node.vocabulary, asker, Act.PUBLISH_NOTICE, Around(own=not others))

    def waive(self, asker: Asker, identifier: str, gate: str, why: str) -> None:
        """Let a case past a gate that its rules call waivable; who and why stay on record."""
        policy.require(self.node.vocabulary, asker, Act.REVIEW)
        now = self.engine.clock.now()
        deciding.waive(self.db, self.rulebook, asker, identifier, gate, why, now)
        audit.record(self.db, "review:waived", asker, now, case=identifier, gate=gate)

    def screen_again(self, asker: Asker, identifier: str) -> Case:
        """Run the gates in force now over the same text; earlier opinions no longer count."""
        policy.require(self.node.vocabulary, asker, Act.REVIEW)
        now = self.engine.clock.now()
        held = review_store.known_case(self.db, identifier)
        equivalent = self._equivalent(held.owner, held.owner_ref)
        audit.record(self.db, "review:opened", asker, now, case=identifier)
        return opening.screen_again(self.db, self.rulebook, identifier, equivalent, now)

    def cancel(self, asker: Asker, notice: str, code: str, reason: str) -> bool:
        """Propose to end a published notice; True when another reviewer proposed the same and it is now ended."""
        policy.require(self.node.vocabulary, asker, Act.REVIEW)
        now = self.engine.clock.now()
        audit.record(self.db, "notice:cancelled", asker, now, notice=notice, code=code)
        row = self.db.execute(
            "SELECT officer, reason FROM office_cancellations WHERE notice_id=? AND code=? AND officer<>?",
            (notice, code, asker.officer),
        ).fetchone()
        alone = Around(own=row is None)
        if (
            row is None
            or not policy.decide(self.node.vocabulary, asker, Act.CANCEL_NOTICE, None, alone).allowed
        ):
            notice_store.known_notice(self.db, notice)
            self.db.execute(
                "INSERT OR REPLACE INTO office_cancellations VALUES (?,?,?,?,?)",
                (notice, asker.officer, code, reason, now),
            )
            return False
        cancellation = Cancellation(notice, (row[0], asker.officer), code, row[1])
        body = publishing.cancel(self.db, cancellation, tellable())
        excluded = notice_store.known_notice(self.db, notice).excluded
        self.node.audience.write(membership.CANCELLED, encode(body), excluded)
        return True

    def _publish(self, case: Case, now_ms: int) -> None:
        approved = deciding.approved(self.db, case.id)
        request = review_store.request_of(self.db, case.id, case.round)
        signed = decode_signed(request.submission)
        approval = Approval(
            approved.case_id,
            approved.digest,
            approved.reviewers,
            approved.rule_version,
            approved.approved_ms,
        )
        published = publishing.publish(self.db, signed, approval, self.notices.owner_key, now_ms)
        excluded = authorship.verify(signed, self.notices.owner_key).excluded
        self.node.audience.write(membership.PUBLISHED, encode(published), excluded)
