"""The post: asks its bureau when the line is up, answers from its own extract when it is not, and tells later."""

import time
from collections import deque
from collections.abc import Callable
from typing import NamedTuple

import structlog

from allpoints.border import checking
from allpoints.border.checking import Circumstances
from allpoints.border.question import Asked, Question, understand
from allpoints.border.verdict import Answer
from allpoints.ground.carrier import Carrier
from allpoints.ground.clock import SECOND, Clock, day_of
from allpoints.ground.disk import Disk
from allpoints.ground.refusal import Refusal
from allpoints.identity import officer_tables, policy
from allpoints.identity.grant import Standing
from allpoints.identity.officers import Asker
from allpoints.identity.policy import Act
from allpoints.ledger import audit
from allpoints.matching.tokens import token
from allpoints.node import alerts, carried, frames, post_audit, post_outcomes, post_wiping
from allpoints.node.alerts import Alerts
from allpoints.node.carried import Carried
from allpoints.node.checks import new_check
from allpoints.node.credentials import Credentials
from allpoints.node.engine import Engine
from allpoints.node.grants import Ended, Grants
from allpoints.node.post_audit import PostAudit
from allpoints.node.post_outcomes import PostOutcomes
from allpoints.node.posts import CHECK_LABEL, AskedAlone
from allpoints.vocabulary.register import Vocabulary

ANSWER_WAIT_MS = 800
"""How long a post waits for its bureau before it answers from its extract: an officer waits two seconds at most."""
LINE_QUIET_MS = 8 * SECOND
RETRY_MS = 3 * SECOND
TELL_AT_ONCE = 64
SWEEP_MS = SECOND
RECENT = 10

SCHEMA = """
CREATE TABLE IF NOT EXISTS office_alone (
    check_id TEXT PRIMARY KEY, at_ms INTEGER NOT NULL, sealed BLOB NOT NULL);
"""

Reply = Callable[[Answer | Refusal], None]
log = structlog.get_logger("post")


class _Waiting(NamedTuple):
    asked: Asked
    standing: Standing
    asked_ms: int
    reply: Reply


class Post(Engine):
    """The post's engine: one line to its bureau, one extract, and what is still to be told."""

    SCHEMAS = (
        audit.SCHEMA,
        officer_tables.SCHEMA,
        alerts.SCHEMA,
        carried.SCHEMA,
        post_audit.SCHEMA,
        post_outcomes.SCHEMA,
        SCHEMA,
    )

    def __init__(
        self, disk: Disk, clock: Clock, carrier: Carrier, credentials: Credentials, vocabulary: Vocabulary
    ) -> None:
        super().__init__(disk, "node.sqlite", clock, carrier)
        if credentials.upper is None:
            raise Refusal("NOT-JOINED", "This post has not joined a bureau.", status=503)
        self.me, self.vocabulary = credentials, vocabulary
        self.bureau = credentials.upper
        self.alerts = Alerts(self.db, self.after, vocabulary)
        self.outcomes = PostOutcomes(self.db, self.alerts, clock)
        self.grants = Grants(self, credentials, vocabulary.purposes)
        self.extract = Carried(self.db, credentials.name, self.bureau.verify_key)
        self.audit = PostAudit(self, credentials, self.bureau.subject, self.alerts)
        self.registers = dict(vocabulary.register_names())
        self.waiting: dict[str, _Waiting] = {}
        self.recent: deque[Answer] = deque(maxlen=RECENT)
        self.line_up, self.heard_ms, self.as_of_ms = False, 0, 0
        self.counts = {"asked": 0, "alone": 0, "hits": 0}
        self._told_ms: dict[str, int] = {}
        self._moved_ms = self._swept_ms = 0
        audit.decide_by(self.db, vocabulary.policies.digest)
        self.reload()
        self.do(self.extract.drop_unproven)

    def reload(self) -> None:
        try:
            self.extract.load()
        except Refusal as refusal:
            # What cannot be proven is not answered from; the bureau will send it again.
            log.warning("extract refused", code=refusal.code)

    def released(self) -> None:
        self.extract.released()

    def connected(self, _peer: str) -> None:
        """The line is up: say what is held, and tell what was done alone."""
        self.line_up = True
        self.heard_ms = self.clock.now()
        self._told_ms.clear()
        self.audit.line_is_new()
        # After the commit: what an earlier item of this batch wrote must not leave before it is on the disk.
        self.after(self._ask_extract)
        self.after(self._tell_alone)
        self._tell_ended(self.grants.ended())

    def departed(self, _peer: str) -> None:
        self.line_up = False

    def hears(self) -> bool:
        """Whether the bureau was heard lately."""
        return self.line_up and 0 <= self.clock.now() - self.heard_ms < LINE_QUIET_MS

    def _ask_extract(self) -> None:
        self._moved_ms = self.clock.now()
        self._now(frames.ExtractFrom(self.extract.number, self.extract.chain))

    def _ask_again(self) -> None:
        """Ask for the extract, unless it was asked for or moved on a moment ago: parts may be on their way."""
        if not 0 <= self.clock.now() - self._moved_ms < RETRY_MS:
            self.after(self._ask_extract)

    def _now(self, frame: frames.Frame) -> None:
        self.carrier.send(self.bureau.subject, frames.encode(frame))

    def receive(self, peer: str, data: bytes) -> None:
        """Take one frame from the bureau; nobody else has anything to say to a post."""
        frame = frames.decode(data)
        if peer != self.bureau.subject:
            raise Refusal("PEER-UNKNOWN", f"This post belongs to {self.bureau.subject}.", status=403)
        self.heard_ms = self.clock.now()
        match frame:
            case frames.Answered():
                self._answered(frame)
            case frames.ExtractKey():
                self.extract.take_key(frame.key)
            case frames.ExtractPart():
                self._extract_part(frame)
            case frames.ExtractStamp():
                if not self.extract.take_stamp(frame.stamp):
                    self._ask_again()
            case frames.Word():
                self._word(frame)
            case frames.AuditKept():
                self.audit.kept(frame)
            case frames.Recorded():
                self._recorded(frame.checks)
            case frames.Beat():
                self.as_of_ms = frame.at_ms
                if frame.size != self.extract.number or not self.extract.key:
                    self._ask_again()
            case _:
                raise Refusal("FRAME-UNEXPECTED", "A post takes no such frame.", status=400)

    def _extract_part(self, frame: frames.ExtractPart) -> None:
        if self.extract.take_part(frame):
            self._moved_ms = self.clock.now()
            self.send(self.bureau.subject, frames.encode(frames.Followed(self.extract.number)))
        else:
            self._ask_again()

    def _word(self, word: frames.Word) -> None:
        """Keep what the bureau said, and say that it was heard."""
        match frames.decode(word.frame):
            case frames.Dismissals() as told:
                self.extract.dismiss(told.pairs)
            case frames.Outcome() as told:
                self.outcomes.take(told)
            case frames.Withdrawn():
                post_wiping.wipe(self)
            case _:
                raise Refusal("FRAME-UNEXPECTED", "A post keeps no such word.", status=400)
        self.send(self.bureau.subject, frames.encode(frames.Heard([word.number])))

    def check(self, asker: Asker, question: Question, reply: Reply) -> str:
        """Begin one check; ``reply`` gets the answer, from the bureau or, if it does not come, from the extract."""
        policy.require(self.vocabulary, asker, Act.CHECK)
        now = self.clock.now()
        standing = self.grants.standing(asker)
        asker = asker.at_post(self.me.name)
        asked = understand(question, self.vocabulary, day_of(now))
        check = new_check()
        # The question lies on a device that can be stolen: only its bureau can open this line.
        sealed = self._sealed(check, AskedAlone(check, question, standing, now, ""))
        audit.record(self.db, "check:asked", asker, now, check=check, sealed=sealed.hex())
        self.counts["asked"] += 1
        waiting = _Waiting(asked, standing, now, reply)
        self.after(lambda: self.waiting.__setitem__(check, waiting))
        if self.hears():
            frame = frames.Ask(check, frames.pack(question), frames.pack(standing), now)
            self.send(self.bureau.subject, frames.encode(frame))
        else:
            self._alone(check, waiting)
        return check

    def _answered(self, frame: frames.Answered) -> None:
        waiting = self.waiting.get(frame.check)
        if waiting is None:
            return
        outcome: Answer | Refusal
        if (fault := frame.fault) is not None:
            outcome = Refusal(fault.code, fault.sentence, path=fault.path, hint=fault.hint)
        else:
            outcome = frames.body(frame.answer, Answer)
        self.after(lambda: self._give(frame.check, waiting, outcome))

    def _give(self, check: str, waiting: _Waiting, outcome: Answer | Refusal) -> None:
        # The bureau's answer and the extract's may come in one batch; the officer sees the first.
        if self.waiting.pop(check, None) is None:
            return
        if isinstance(outcome, Answer):
            self.recent.appendleft(outcome)
            self.counts["hits"] += outcome.verdict.is_hit
        waiting.reply(outcome)

    def _alone(self, check: str, waiting: _Waiting) -> None:
        """Answer from the extract, and keep the check for the bureau, sealed to it."""
        answer = self._from_extract(check, waiting)
        records = tuple((match.record, match.version) for match in answer.matches)
        told = AskedAlone(
            check, waiting.asked.question, waiting.standing, waiting.asked_ms, answer.verdict, records
        )
        self.db.execute(
            "INSERT OR IGNORE INTO office_alone VALUES (?,?,?)",
            (check, waiting.asked_ms, self._sealed(check, told)),
        )
        self.counts["alone"] += 1
        self.after(lambda: self._give(check, waiting, answer))

    def _from_extract(self, check: str, waiting: _Waiting) -> Answer:
        asked, now = waiting.asked, waiting.asked_ms
        why_not = self.extract.why_not(now)
        pair = token(self.extract.key, "pair", asked.pair) if self.extract.key and asked.pair else b""
        stamp = self.extract.stamp
        at = Circumstances(
            check,
            now,
            "extract",
            stamp.as_of_ms if stamp else 0,
            self.registers,
            lambda posting: self.extract.dismissed(pair, posting),
        )
        if why_not:
            return checking.unable(asked, at, why_not)
        began = time.perf_counter_ns()
        answer = checking.examine(asked, self.extract.lookup, at)
        return checking.timed(answer, (time.perf_counter_ns() - began) // 1_000)

    def _sealed(self, check: str, told: AskedAlone) -> bytes:
        return self.bureau.reception_key.seal(frames.pack(told), CHECK_LABEL + check.encode())

    def to_tell(self) -> int:
        return int(self.db.execute("SELECT count(*) FROM office_alone").fetchone()[0])

    def _tell_ended(self, ended: list[Ended]) -> None:
        for start in range(0, len(ended), frames.LIST_LIMIT):
            frame = frames.GrantsEnded(ended[start : start + frames.LIST_LIMIT])
            self.send(self.bureau.subject, frames.encode(frame))

    def _tell_alone(self) -> None:
        now = self.clock.now()
        rows = self.db.execute(
            "SELECT check_id, sealed FROM office_alone ORDER BY at_ms, check_id LIMIT ?", (TELL_AT_ONCE,)
        ).fetchall()
        for check, sealed in rows:
            if not 0 <= now - self._told_ms.get(check, -RETRY_MS) < RETRY_MS:
                self._told_ms[check] = now
                self._now(frames.Record(check, sealed))

    def _recorded(self, checks: list[str]) -> None:
        self.db.executemany("DELETE FROM office_alone WHERE check_id=?", [(one,) for one in checks])
        for one in checks:
            self._told_ms.pop(one, None)
        self.after(self._tell_alone)

    def tick(self) -> None:
        """Checks the bureau did not answer in time are answered from the extract; what waits is told again."""
        now = self.clock.now()
        if not 0 <= now - self._swept_ms < SWEEP_MS:
            self._swept_ms = now
            self._tell_ended(self.grants.sweep())
        for check, waiting in list(self.waiting.items()):
            if not 0 <= now - waiting.asked_ms < ANSWER_WAIT_MS:
                self._alone(check, waiting)
        self.audit.tick(now)
        if self.line_up:
            if not self.hears():
                self._ask_again()
            self.after(self._tell_alone)
