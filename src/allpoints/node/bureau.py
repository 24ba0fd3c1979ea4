"""The bureau's engine, and the secretariat's desk, which is a bureau with the duty to review and to admit."""

from functools import partial

import structlog

from allpoints.border import store as border_store
from allpoints.border.question import Question
from allpoints.border.verdict import Answer
from allpoints.ground.carrier import Carrier
from allpoints.ground.clock import HOUR, SECOND, Clock
from allpoints.ground.disk import Disk
from allpoints.ground.refusal import Refusal
from allpoints.identity import officer_tables
from allpoints.identity.officers import Asker
from allpoints.ledger import audit
from allpoints.ledger import store as ledger_store
from allpoints.matching.posting import Posting
from allpoints.node import (
    alerts,
    audience,
    audit_office,
    check_index,
    following,
    frames,
    hits,
    key_office,
    membership,
    notice_desk,
    outbox,
    outside,
    post_office,
    posts,
    refolding,
    review_desk,
    view,
    witness_desk,
)
from allpoints.node.alerts import Alerts
from allpoints.node.audience import Audience
from allpoints.node.audit_office import AuditOffice
from allpoints.node.check_index import CheckIndex
from allpoints.node.checks import Checks, Known
from allpoints.node.correspondence import Correspondence
from allpoints.node.credentials import Credentials
from allpoints.node.engine import Engine
from allpoints.node.erasure import Erasure
from allpoints.node.exports import Exports
from allpoints.node.firearms import Firearms
from allpoints.node.following import Following
from allpoints.node.grants import Grants
from allpoints.node.head_mail import HeadMail
from allpoints.node.hits import Hits
from allpoints.node.imports import Imports
from allpoints.node.key_office import KeyOffice
from allpoints.node.network_desk import NetworkDesk
from allpoints.node.notice_desk import NoticeDesk
from allpoints.node.orders import Orders
from allpoints.node.outbox import Outbox
from allpoints.node.outside import Outside
from allpoints.node.post_office import PostOffice
from allpoints.node.posts import Posts
from allpoints.node.record_blocks import RecordBlocks
from allpoints.node.record_life import RecordLife
from allpoints.node.record_links import RecordLinks
from allpoints.node.record_tables import RecordTables
from allpoints.node.records import Records
from allpoints.node.review_desk import ReviewDesk
from allpoints.node.second_look import SecondLook
from allpoints.node.trace_mail import TraceMail
from allpoints.node.traces import Traces
from allpoints.node.witness_desk import WitnessDesk
from allpoints.registers import import_job, link, visibility
from allpoints.registers import store as record_store
from allpoints.tracing import store as trace_store
from allpoints.vocabulary.register import Vocabulary

SWEEP_MS = HOUR

STATE_VERSION = 11
"""The form of what is folded from the ledger: one more with every change of a table, and with every new kind of entry."""
log = structlog.get_logger("bureau")


class Bureau(Engine):
    """One country's node. Every part is wired here and nowhere else."""

    SCHEMAS: tuple[str, ...] = (
        ledger_store.SCHEMA,
        *witness_desk.SCHEMAS,
        audit.SCHEMA,
        membership.SCHEMA,
        following.SCHEMA + view.SCHEMA,
        record_store.SCHEMA,
        link.SCHEMA,
        import_job.SCHEMA,
        check_index.SCHEMA,
        border_store.SCHEMA,
        *post_office.SCHEMAS,
        officer_tables.SCHEMA,
        outside.SCHEMA,
        outbox.SCHEMA,
        *key_office.SCHEMAS,
        audience.SCHEMA,
        alerts.SCHEMA,
        hits.SCHEMA,
        trace_store.SCHEMA,
        *posts.SCHEMAS,
        *audit_office.SCHEMAS,
        *notice_desk.SCHEMAS,
        review_desk.SCHEMA,
    )

    COLUMNS = record_store.COLUMNS + import_job.COLUMNS
    STATE_VERSION = STATE_VERSION

    def __init__(
        self, disk: Disk, clock: Clock, carrier: Carrier, credentials: Credentials, vocabulary: Vocabulary
    ) -> None:
        super().__init__(disk, "node.sqlite", clock, carrier)
        if credentials.upper is None:
            raise Refusal("NOT-JOINED", "This bureau has not joined a network.", status=503)
        me = self.me = credentials
        self.vocabulary = vocabulary
        self.relay, self.line_up = credentials.upper.subject, False
        self._swept_ms = self._indexed = 0
        self.alerts = Alerts(self.db, self.after, vocabulary)
        self.outbox, self.following = Outbox(self, me, self.relay), Following(self, me, self.relay)
        self.orders = Orders(self, me, vocabulary, self.following, self.outbox, self.alerts)
        self.audience = Audience(self, me, self.following, self.outbox)
        self.index = CheckIndex(self.db, disk.folder / "index", me.index_key)
        self.mail = PostOffice(self, me, self.outbox, self.following)
        self.records = Records(self, me, vocabulary, self.following, self.audience, self.index)
        self.exports, self.tables = Exports(self.records), RecordTables(self.records)
        self.life, self.erasure = RecordLife(self, self), Erasure(self, me, self.audience)
        self.blocks, self.links = RecordBlocks(self, self), RecordLinks(self, self)
        self.imports, self.outside = Imports(self.records), Outside(self.records)
        self.checks = Checks(self.db, vocabulary, self.index)
        self.hits = Hits(self, me, self.mail, self.alerts, vocabulary)
        self.traces = Traces(self, me, self.mail, self.alerts, Firearms(self), vocabulary)
        self.trace_mail = TraceMail(self.traces)
        self.letters = Correspondence(self, me, self.mail, self.alerts, vocabulary)
        self.notices = NoticeDesk(self, self)
        self.review = ReviewDesk(self, self, self.notices) if me.is_secretariat else None
        self.posts, self.grants = Posts(self, me, self.index), Grants(self, me, vocabulary.purposes)
        self.witnesses = WitnessDesk(self, me, self.following, self.outbox, self.alerts)
        self.keys = KeyOffice(self, me, self.following, self.outbox, self.audience, self.alerts)
        self.audit = AuditOffice(self, self)
        self.network = NetworkDesk(self, me, vocabulary, self.following, self.outbox, self.posts)
        self._wire()
        self.reload()
        if self.folds_anew:
            refolding.fold_anew(self)

    def _wire(self) -> None:
        """Let the parts that do not know each other call each other, and the audit log say by which policies."""
        audit.decide_by(self.db, self.vocabulary.policies.digest)
        second_look = SecondLook(self, self)
        self.heads = HeadMail(self.me, self.witnesses, self.mail)
        self.mail.require_view = self.network.require_view = self.orders.require_view
        self.mail.warn = self._warn_of_mail
        self.orders.about_key = self.keys.recoveries.order
        self.posts.answer = self._answer_post
        self.posts.take_alone = second_look.take_alone
        self.records.indexing.sweep = second_look.sweep
        self.posts.as_of = self.as_of
        self.hits.closed = partial(visibility.closed, self.vocabulary)
        self.hits.centre_may_know = self._centre_may_know
        self.hits.tell_post = self.posts.tell
        self.hits.on_false = self.posts.tell_dismissal

    def reload(self) -> None:
        self.following.load()
        self.index.load()

    def released(self) -> None:
        self.following.released()
        self.index.released()
        if self.index.number != self._indexed:
            self._indexed = self.index.number
            # Posts hear of a changed index once the change is on the disk.
            self._afterwards.append(self.posts.stream_all)

    def undone(self) -> None:
        self.index.undone()
        self.following.undone()

    def as_of(self) -> int:
        """The instant up to which this node knows the network; a member that is shut out is told nothing from then on."""
        known = self.clock.now() if self.following.live else self.following.complete_ms
        return min([known, *(at_ms for at_ms, _ in self.orders.shut_out())])

    def receive(self, peer: str, data: bytes) -> None:
        """Take one frame, from the relay or from one of this bureau's posts."""
        frame = frames.decode(data)
        if peer != self.relay:
            self.posts.receive(peer, frame)
            return
        match frame:
            case frames.Entries():
                self.following.take(frame)
            case frames.Beat() | frames.AddCheckpoint() | frames.Witnessed():
                self.witnesses.take(frame)
            case frames.Appended():
                self.outbox.appended(frame.ids)
            case frames.NotAppended():
                self.outbox.refused(frame.id, frame.fault.code, frame.fault.sentence)
            case frames.Deposited():
                self.outbox.deposited(frame.hash)
                self.mail.keep_receipt(frame.receipt, self.relay)
            case frames.NotDeposited():
                self.outbox.refused(frame.hash, frame.fault.code, frame.fault.sentence)
            case frames.Mail():
                self.mail.take(frame.numbers, frame.envelopes)
            case frames.FileFrom() | frames.FileChunk() | frames.FileRefused():
                self.letters.files.take_frame(frame)
            case frames.KeysPublished() | frames.PeerKeys() | frames.OneTimeKeys():
                self.mail.keys.take(frame)
            case _:
                raise Refusal("FRAME-UNEXPECTED", "A bureau takes no such frame.", status=400)

    def connected(self, peer: str) -> None:
        """The line to the relay is up: follow from where this node stands, hand over what waits."""
        if peer != self.relay:
            return
        self.line_up = True
        self.outbox.line_is_new()
        # After the commit: what an earlier item of this batch wrote must not leave before it is on the disk.
        self.after(self.following.ask)
        self.after(self.outbox.hand_over)
        self.mail.keys.connected()
        self.letters.files.line_is_new()

    def departed(self, peer: str) -> None:
        if peer == self.relay:
            self.line_up = self.following.live = False
        else:
            self.posts.departed(peer)

    def tick(self) -> None:
        """Everything that a clock does at a bureau; called every second or so."""
        now = self.clock.now()
        if self.line_up:
            self.following.tick()
            self.after(self.outbox.hand_over)
        self.mail.tick(now, line_up=self.line_up)
        self.witnesses.tick(now)
        self.heads.tick(now)
        self.letters.files.tick(line_up=self.line_up)
        self.hits.tick(now)
        self.trace_mail.tick(now)
        self.posts.tick()
        if now - self._swept_ms >= SWEEP_MS:
            self._swept_ms = now
            border_store.forget_checks(self.db, now - border_store.LATE_WINDOW_MS)
            self.mail.sweep(now)
            self.letters.files.sweep(now)
            trace_store.forget(self.db, now)
            import_job.tidy(self.db)
            self.after(lambda: self.imports.tidy_spool(now))
            self.records.files.tidy(now)
            self.grants.sweep()
            self.notices.expire(now)
            # A measure may have run out by itself.
            self.outbox.let_go()
        self.life.tick(now)
        self.erasure.tick(now)
        self.blocks.tick()
        self.audience.tick()
        self.audit.tick(now)
        self.keys.tick(now)
        self.after(self.index.flush_if_large)

    def check(self, asker: Asker, question: Question, check: str = "", asked_ms: int = 0) -> Answer:
        """Answer one check, by an officer of this bureau or of one of its posts."""
        now = self.clock.now()
        asked_ms = asked_ms if 0 < now - asked_ms < 10 * SECOND else now
        asked = self.checks.understood(asker, question, asked_ms)
        at = self.checks.circumstances(check, asked_ms, self.as_of(), self.checks.pair_of(asked))
        return self.checks.ask(asker, asked, at, self, self.hits)

    def behind(self, posting: Posting) -> Known | None:
        return self.records.behind(posting) or self.notices.behind(posting)

    def _answer_post(self, asker: Asker, question: Question, check: str, asked_ms: int) -> Answer:
        return self.check(asker, question, check, asked_ms)

    def _warn_of_mail(self, sentence: str) -> None:
        self.alerts.raise_(self.clock.now(), "message", sentence, "/en/messages", urgent=True)

    def _centre_may_know(self, record: str) -> bool:
        """Whether the owner let the secretariat read the record: a hit must not tell what the record may not."""
        rows = record_store.rows_of(self.db, [bytes.fromhex(record)])
        return not rows or self.me.secretariat.subject not in rows[0].excluded.split()

    def close(self) -> None:
        self.index.close()
        super().close()
