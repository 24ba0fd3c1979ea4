"""Notices at a node: drafted and submitted by their owner, folded from the ledger by everyone, read with a reason."""

import os
import sqlite3
from collections.abc import Mapping
from functools import partial
from typing import Protocol

import msgspec

from allpoints.border.checking import EFFECT_BEARER
from allpoints.ground.refusal import Refusal
from allpoints.identity import policy, standing
from allpoints.identity.officers import Asker
from allpoints.identity.policy import Act
from allpoints.ledger import audit
from allpoints.ledger.entry import Entry
from allpoints.matching.posting import Posting
from allpoints.node import membership
from allpoints.node.alerts import Alerts
from allpoints.node.audience import Audience
from allpoints.node.checks import Known
from allpoints.node.credentials import Credentials
from allpoints.node.engine import Engine
from allpoints.node.following import Following
from allpoints.node.indexing import Indexed
from allpoints.node.orders import Orders
from allpoints.node.outbox import Outbox
from allpoints.node.post_office import PostOffice
from allpoints.node.records import Records
from allpoints.notices import expiring, folding, store, submitting, viewing, withdrawing
from allpoints.notices.authorship import AnyKey
from allpoints.notices.folding import Applied, Ended
from allpoints.notices.notice import decode_published, decode_told, decode_withdrawn, encode
from allpoints.notices.rules import Network
from allpoints.notices.state import NoticeState
from allpoints.notices.submitting import Draft
from allpoints.notices.viewing import Filter, Listing, NoticeView, SubmissionView
from allpoints.notices.withdrawing import Reason
from allpoints.sealing.envelope import Opened
from allpoints.vocabulary.identifying import Key
from allpoints.vocabulary.register import NoticeKind, Vocabulary

SUBMITTED, TAKEN_BACK, TOLD = "notice.submitted", "notice.taken-back", "notice.decided"
SCHEMAS = (
    store.SCHEMA,
    """
CREATE TABLE IF NOT EXISTS state_early_ends (
    seq INTEGER PRIMARY KEY, notice_id TEXT NOT NULL, author TEXT NOT NULL, kind TEXT NOT NULL,
    at_ms INTEGER NOT NULL, body BLOB NOT NULL);
CREATE INDEX IF NOT EXISTS state_early_ends_notice ON state_early_ends(notice_id);
""",
)


class Node(Protocol):
    """What the notices need of the node that they are wired into."""

    me: Credentials
    vocabulary: Vocabulary
    following: Following
    outbox: Outbox
    orders: Orders
    audience: Audience
    mail: PostOffice
    records: Records
    alerts: Alerts


class NoticeDesk:
    """One node's notices."""

    def __init__(self, engine: Engine, node: Node) -> None:
        self.engine = engine
        self.node = node
        self.me = node.me
        self.vocabulary = node.vocabulary
        node.mail.handlers[TOLD] = self._take_told
        openers = node.following.openers
        openers[membership.PUBLISHED] = self._fold_published
        openers[membership.WITHDRAWN] = self._fold_end
        openers[membership.CANCELLED] = self._fold_end
        node.following.on_widened.append(self._end_early)

    @property
    def db(self) -> sqlite3.Connection:
        return self.engine.db

    def kind(self, name: str) -> NoticeKind:
        kind = self.vocabulary.notices.get(name)
        if kind is None:
            raise Refusal("NOTICE-KIND", f"There is no {name} notice here.", path="kind", status=404)
        return kind

    def network(self) -> Network:
        members = frozenset(one.code for one in self.node.following.directory.members())
        return Network(self.me.member, members, self.me.secretariat.subject)

    def owner_key(self, owner: str) -> AnyKey | None:
        signers = self.node.following.directory.signers(owner)
        had = [one.verify_key for one in signers if one.verify_key is not None]
        return AnyKey(had) if had else None

    def _owner_key_at(self, seq: int, owner: str) -> AnyKey | None:
        """The keys that an owner had up to a place in the ledger: a notice is also opened long after its owner rotated,
        and was perhaps submitted before.
        """
        signers = self.node.following.directory.signers(owner)
        had = [one.verify_key for one in signers if one.from_seq <= seq and one.verify_key is not None]
        return AnyKey(had) if had else None

    def submit(
        self,
        asker: Asker,
        kind: str,
        raw: Mapping[str, object],
        *,
        owner_ref: str,
        excluded: tuple[str, ...] = (),
        submission: str = "",
        updates: str = "",
    ) -> str:
        """Submit a notice for review, signed by this member and sealed to the secretariat; returns its identifier."""
        policy.require(self.vocabulary, asker, Act.SUBMIT)
        self.node.orders.require_direct(standing.NOTICES)
        now = self.engine.clock.now()
        identifier = submission or os.urandom(16).hex()
        draft = Draft(
            identifier, self.me.member, owner_ref, raw, f"desk of {self.me.member}", excluded, "en", updates
        )
        submitting.draft(self.db, self.kind(kind), draft, now)
        signed = submitting.submit(self.db, identifier, self.me.signing, self.network(), now)
        audit.record(self.db, "notice:submitted", asker, now, submission=identifier, kind=kind)
        self._to_secretariat(SUBMITTED, encode(signed), urgent=raw.get("urgent") in {True, "true"})
        return identifier

    def _to_secretariat(self, kind: str, body: bytes, *, urgent: bool = False) -> None:
        self.node.mail.send(kind, [self.me.secretariat.subject], body, priority=2 if urgent else 1)

    def take_back(self, asker: Asker, submission: str, code: str, reason: str) -> None:
        """Withdraw what is not published yet."""
        policy.require(self.vocabulary, asker, Act.SUBMIT)
        now = self.engine.clock.now()
        withdrawing.withdraw_submission(self.db, submission, Reason(self.me.member, code, reason), now)
        audit.record(self.db, "notice:withdrawn", asker, now, submission=submission, code=code)
        self._to_secretariat(TAKEN_BACK, submission.encode())

    def withdraw(self, asker: Asker, notice: str, code: str, reason: str) -> None:
        """Withdraw a published notice of this member, for exactly those who hold it."""
        policy.require(self.vocabulary, asker, Act.SUBMIT)
        body = withdrawing.withdraw_notice(self.db, notice, Reason(self.me.member, code, reason))
        excluded = store.known_notice(self.db, notice).excluded
        self.node.audience.write(membership.WITHDRAWN, encode(body), excluded)
        audit.record(self.db, "notice:withdrawn", asker, self.engine.clock.now(), notice=notice, code=code)

    def _take_told(self, opened: Opened, sender: str) -> None:
        if sender != self.me.secretariat.subject:
            raise Refusal("NOTICE-NOT-SECRETARIAT", "Only the secretariat decides on a notice.", status=403)
        told = decode_told(opened.body)
        held = submitting.hear(self.db, told)
        words = {
            "refused": "is refused",
            "approved": "is approved",
            "query_to_source": "waits for your answer",
        }
        if told.state in words:
            self.node.alerts.raise_(
                self.engine.clock.now(),
                "notice",
                f"Your notice {words[told.state]}",
                f"/en/notices/submissions/{told.submission_id}",
                about=held.submission.owner_ref,
                urgent=told.state == "query_to_source",
            )

    def _fold_published(self, entry: Entry, body: bytes, seq: int) -> None:
        published = decode_published(body)
        kind = self.kind("red")
        applied = folding.apply_published(self.db, kind, published, seq, partial(self._owner_key_at, seq))
        self._index(kind, applied)
        if applied.owner == self.me.member and submitting.follow_publication(self.db, published):
            self._take_back_crossed(applied)
        link = f"/en/notices/{applied.notice_id.replace('/', '-')}"
        head = f"{kind.colour.capitalize()} notice {applied.notice_id} of {applied.owner}"
        self.node.alerts.raise_(
            entry.header.created_ms, "notice", head, link, about=applied.caption, urgent=published.urgent
        )

    def _take_back_crossed(self, applied: Applied) -> None:
        """The owner took its submission back while the publication was on its way: the notice must not stand."""
        if self.node.outbox.limit(membership.WITHDRAWN) is not None:
            return
        reason = Reason(self.me.member, "REVOKED", "Taken back before its publication was known.")
        body = withdrawing.withdraw_notice(self.db, applied.notice_id, reason)
        excluded = store.known_notice(self.db, applied.notice_id).excluded
        self.node.audience.write(membership.WITHDRAWN, encode(body), excluded)

    def _index(self, kind: NoticeKind, applied: Applied) -> None:
        indexed = Indexed(
            applied.record_id,
            applied.version,
            applied.owner,
            applied.published_ms,
            kind.code,
            EFFECT_BEARER,
        )
        self.node.records.indexing.step([(indexed, [Key(*key) for key in applied.keys])])

    def _fold_end(self, entry: Entry, body: bytes, seq: int) -> None:
        """A withdrawal or cancellation; a newcomer may be given it before the notice, and keeps it for then."""
        notice_id, header = decode_withdrawn(body).notice_id, entry.header
        if store.notice(self.db, notice_id) is None:
            self.db.execute(
                "INSERT OR IGNORE INTO state_early_ends VALUES (?,?,?,?,?,?)",
                (seq, notice_id, header.author, header.kind, header.created_ms, body),
            )
            return
        self._end(seq, header.author, header.kind, header.created_ms, body)

    def _end_early(self) -> None:
        """End what was published before this member came and had ended before it was told of it."""
        rows = self.db.execute(
            "SELECT early.seq, author, early.kind, at_ms, early.body FROM state_early_ends AS early"
            " JOIN state_notices USING (notice_id) ORDER BY early.seq"
        ).fetchall()
        for seq, author, kind, at_ms, body in rows:
            self.db.execute("DELETE FROM state_early_ends WHERE seq=?", (seq,))
            try:
                self._end(seq, author, kind, at_ms, body)
            except Refusal as refusal:
                self.node.following.refuse(seq, "early end", refusal)

    def _end(self, seq: int, author: str, kind: str, at_ms: int, body: bytes) -> None:
        told = decode_withdrawn(body)
        if kind == membership.WITHDRAWN:
            ended = folding.apply_withdrawn(self.db, told, author, seq)
        else:
            ended = folding.apply_cancelled(self.db, told, seq)
        self._forget(ended)
        submitting.follow_end(self.db, ended.notice_id, ended.state, at_ms)
        self.node.alerts.raise_(
            at_ms,
            "notice",
            f"Notice {ended.notice_id} of {ended.owner} is {ended.state.value}: clear it from national systems",
            f"/en/notices/{ended.notice_id.replace('/', '-')}",
        )

    def _forget(self, ended: Ended) -> None:
        gone = Indexed(ended.record_id, ended.version, ended.owner, 0, 0, -1)
        self.node.records.indexing.step([(gone, [])])

    def expire(self, now_ms: int) -> None:
        """End notices whose five years are over."""
        for ended in expiring.expire(self.db, now_ms):
            self._forget(ended)
            submitting.follow_end(self.db, ended.notice_id, ended.state, now_ms)

    def list_(self, asker: Asker, wanted: Filter) -> Listing:
        policy.require(self.vocabulary, asker, Act.LOOK_AT_NOTICES)
        query = msgspec.to_builtins(wanted)
        audit.record(self.db, "notice:listed", asker, self.engine.clock.now(), query=query)
        return viewing.list_notices(self.db, wanted)

    def read(self, asker: Asker, notice: str) -> NoticeView:
        policy.require(self.vocabulary, asker, Act.LOOK_AT_NOTICES)
        view = viewing.read_notice(self.db, notice)
        audit.record(self.db, "notice:read", asker, self.engine.clock.now(), notice=notice)
        return view

    def submissions(self, asker: Asker) -> list[store.Held]:
        policy.require(self.vocabulary, asker, Act.LOOK_AT_NOTICES)
        found = viewing.list_submissions(self.db)
        audit.record(self.db, "submission:listed", asker, self.engine.clock.now(), count=len(found))
        return found

    def submission(self, asker: Asker, identifier: str) -> SubmissionView:
        policy.require(self.vocabulary, asker, Act.LOOK_AT_NOTICES)
        audit.record(self.db, "notice:read", asker, self.engine.clock.now(), submission=identifier)
        return viewing.read_submission(self.db, identifier)

    def behind(self, posting: Posting) -> Known | None:
        """Caption and reference of the notice behind a posting, for an answer that was audited already."""
        row = viewing.notice_of_record(self.db, posting.record_id)
        if row is None or row.state not in {NoticeState.PUBLISHED, NoticeState.UPDATED}:
            return None
        return Known(f"{row.kind.capitalize()} notice: {row.caption}", row.notice_id, row.caption)
