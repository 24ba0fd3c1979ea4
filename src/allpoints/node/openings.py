"""Owners ask which members opened their records, and how often: asked and answered by sealed mail, on record at both.

An answer is counted from the audit log a piece at a time, under the newest head of it that stands in the ledger: who
lies about a number contradicts lines that it can no longer change.
"""

import os
import sqlite3
from collections.abc import Callable
from typing import Protocol

from allpoints.ground.clock import DAY
from allpoints.ground.refusal import Refusal
from allpoints.identity import policy
from allpoints.identity.keys import Signature
from allpoints.identity.officers import Asker
from allpoints.identity.policy import Act
from allpoints.ledger import audit
from allpoints.ledger import store as ledger_store
from allpoints.ledger.anchor import Anchored
from allpoints.ledger.entry import Entry
from allpoints.ledger.stub import read
from allpoints.node import frames, membership
from allpoints.node.alerts import Alerts
from allpoints.node.anchors import Anchors, Standing
from allpoints.node.credentials import Credentials
from allpoints.node.engine import Engine
from allpoints.node.post_office import PostOffice
from allpoints.registers.record import record_id
from allpoints.sealing.envelope import Opened
from allpoints.vocabulary.register import Vocabulary
from allpoints.watch import opening, opening_store
from allpoints.watch.counting import Counting
from allpoints.watch.opening import LABEL, Answer, Question, Signed
from allpoints.watch.opening_store import AskedRow, ToldRow
from allpoints.watch.opening_view import Asking, OpeningsView, shown

ASKED, ANSWERED = "openings.asked", "openings.answered"
A_DAY = 4
"""Questions that one member answers another in a day; the next one is refused, and those after it not even that."""
SHOWN = 100
CLOCK = Asker("", frozenset())


class Node(Protocol):
    """What this part needs of the node that it is wired into."""

    me: Credentials
    vocabulary: Vocabulary
    mail: PostOffice
    alerts: Alerts


class Openings:
    """One node's questions to others, and its answers."""

    def __init__(self, engine: Engine, node: Node, anchors: Anchors) -> None:
        self.engine = engine
        self.me = node.me
        self.vocabulary = node.vocabulary
        self.mail = node.mail
        self.anchors = anchors
        self._counting: tuple[Counting, Standing] | None = None
        self.mail.by_itself |= {ANSWERED}
        self.mail.handlers[ASKED] = self._came
        self.mail.handlers[ANSWERED] = self._heard

    @property
    def db(self) -> sqlite3.Connection:
        return self.engine.db

    # -- asking

    def ask(self, asker: Asker, asking: Asking) -> OpeningsView:
        """Ask a member how often this member's own records were opened there."""
        policy.require(self.vocabulary, asker, Act.ASK_OPENINGS)
        now = self.engine.clock.now()
        if not self._tells(asking.register):
            raise Refusal(
                "OPENINGS-NOT-TOLD", "This register has no such answers.", path="register", status=404
            )
        if asking.member == self.me.name or self.mail.directory.certificate(asking.member) is None:
            raise Refusal(
                "UNKNOWN-MEMBER", f"There is no other member {asking.member}.", path="member", status=404
            )
        question = Question(
            os.urandom(opening.ID_BYTES),
            asking.register,
            tuple(sorted(set(asking.refs))),
            asking.since,
            asking.until,
        )
        body = opening.encode(question)
        opening.read_question(body)
        if opening_store.asked_since(self.db, asking.member, now - DAY) >= A_DAY:
            raise Refusal(
                "OPENINGS-TOO-OFTEN", f"A member is asked {A_DAY} times a day.", path="member", status=429
            )
        detail = {"member": asking.member, "register": asking.register, "question": question.id.hex()}
        audit.record(self.db, "openings:asked", asker, now, since=asking.since, until=asking.until, **detail)
        self.mail.send(ASKED, [asking.member], body)
        held = self.anchors.latest(asking.member)
        seen = (held.generation, held.size) if held else (0, 0)
        row = AskedRow(question.id, asking.member, body, asker.officer, now, *seen)
        opening_store.put_asked(self.db, row)
        return self._view(row)

    def list_(self, asker: Asker) -> list[OpeningsView]:
        """Every question of this node with its answer, newest first."""
        policy.require(self.vocabulary, asker, Act.ASK_OPENINGS)
        found = [self._view(row) for row in opening_store.all_asked(self.db, SHOWN)]
        audit.record(self.db, "openings:listed", asker, self.engine.clock.now(), count=len(found))
        return found

    def _tells(self, name: str) -> bool:
        register = self.vocabulary.registers.get(name)
        return register is not None and register.openings

    def _view(self, row: AskedRow) -> OpeningsView:
        entry = self._entry(opening.read_answer(row.answer).entry) if row.heard_ms else None
        return shown(row, entry.header.created_ms if entry else 0)

    def _heard(self, opened: Opened, sender: str) -> None:
        """An answer came: kept if it is to a question that waits, signed, and under a head that the ledger holds."""
        signed = opening.read_signed(opened.body)
        row = opening_store.asked(self.db, signed.question)
        if row is None or row.member != sender or row.answer:
            raise Refusal("OPENINGS-UNKNOWN", f"{sender} was not asked this.", path="question", status=404)
        key = self.mail.directory.verify_key(sender)
        if key is None:
            raise Refusal("UNKNOWN-MEMBER", f"There is no member {sender}.", status=404)
        key.verify(LABEL, signed.answer, Signature.from_bytes(signed.signature))
        answer = opening.read_answer(signed.answer)
        question = opening.read_question(row.question)
        if (answer.asked, answer.by, answer.to) != (question.hash(), sender, self.me.name):
            raise Refusal("OPENINGS-UNKNOWN", "This answers another question.", path="asked", status=409)
        if any(not question.since <= one.day < question.until for one in answer.cells):
            raise Refusal("OPENINGS-DAYS", "This answers for days that were not asked about.", path="cells")
        opening_store.hear(self.db, row.id, signed.answer, signed.signature, 0)
        self._settle(row._replace(answer=signed.answer, signature=signed.signature))

    def _settle(self, row: AskedRow) -> None:
        """Take an answer once this node's copy of the ledger has come to its head; a false one is dropped, aloud."""
        answer = opening.read_answer(row.answer)
        if answer.entry > ledger_store.size(self.db):
            return
        now = self.engine.clock.now()
        if not answer.refusal and not self._stands(row, answer):
            self.anchors.tell(
                f"{row.member} answered under a head of its audit log that the ledger does not hold."
            )
            opening_store.hear(self.db, row.id, b"", b"", 0)
            return
        opening_store.hear(self.db, row.id, row.answer, row.signature, now)
        detail = {"member": row.member, "question": row.id.hex()}
        audit.record(
            self.db, "openings:heard", CLOCK, now, size=answer.size, refusal=answer.refusal, **detail
        )

    def _stands(self, row: AskedRow, answer: Answer) -> bool:
        """Whether the ledger holds this head, and no newer one was known when the question was asked."""
        entry = self._entry(answer.entry)
        try:
            heads = () if entry is None else frames.body(entry.sealed, Anchored).heads
        except Refusal:
            # Whoever answers may write a body that is none, and that must not stop this node's clock work.
            return False
        named = (row.member, answer.generation, answer.size, answer.root)
        known = [(one.log, one.generation, one.size, one.root) for one in heads]
        newer = (answer.generation, answer.size) < (row.generation, row.size)
        return answer.log == row.member and named in known and not newer

    def _entry(self, seq: int) -> Entry | None:
        """The entry at a place, if it anchors heads."""
        item = next(map(read, ledger_store.encoded(self.db, seq, seq)), None)
        return item if isinstance(item, Entry) and item.header.kind == membership.ANCHORED else None

    # -- answering

    def _came(self, opened: Opened, sender: str) -> None:
        """A question came; it is answered by the clock, and one too many is refused once."""
        question, now = opening.read_question(opened.body), self.engine.clock.now()
        often = opening_store.came_since(self.db, sender, now - DAY)
        if often > A_DAY:
            raise Refusal("OPENINGS-TOO-OFTEN", f"{sender} asks too often.", status=429)
        if not opening_store.put_told(self.db, ToldRow(question.id, sender, opened.body, now)):
            raise Refusal("OPENINGS-AGAIN", "This was asked before.", path="id", status=409)
        if often == A_DAY:
            self._refuse(question, sender, "OPENINGS-TOO-OFTEN")
        elif not self._tells(question.register):
            # The same word for a register that is not here and for one that gives no such answers.
            self._refuse(question, sender, "OPENINGS-NOT-TOLD")

    def _refuse(self, question: Question, sender: str, code: str) -> None:
        answer = Answer(question.hash(), self.me.name, sender, "", 0, 0, b"", 0, False, (), code)
        self._tell(question, answer)

    def _tell(self, question: Question, answer: Answer) -> None:
        detail = {"member": answer.to, "register": question.register, "question": question.id.hex()}
        now = self.engine.clock.now()
        audit.record(
            self.db, "openings:answered", CLOCK, now, size=answer.size, refusal=answer.refusal, **detail
        )
        said = opening.encode(answer)
        signature = self.me.signing.sign(LABEL, said).to_bytes()
        self.mail.send(ANSWERED, [answer.to], opening.encode(Signed(question.id, said, signature)))
        opening_store.answered(self.db, question.id)

    def tick(self, now_ms: int) -> None:
        """Go on with an answer; a member that was suspended meanwhile gets none. Take answers whose head has come."""
        for row in opening_store.unsettled(self.db):
            self._settle(row)
        waits = opening_store.waiting(self.db)
        if waits is None:
            return
        if self.mail.directory.suspended_at(waits.member, now_ms) is not None:
            opening_store.answered(self.db, waits.id)
            return
        if self._counting is None or self._counting[0].id != waits.id:
            held = self.anchors.latest(self.me.name)
            if held is None or self.anchors.fault is not None:
                return
            asked = opening.read_question(waits.question)
            self._counting = Counting(self.db, asked, held.size, self._theirs(asked, waits.member)), held
        counting, held = self._counting
        if counting.step():
            self._counting = None
            question, tally = counting.tally.question, counting.tally
            answer = Answer(
                asked=question.hash(),
                by=self.me.name,
                to=waits.member,
                log=held.log,
                generation=held.generation,
                size=held.size,
                root=held.root,
                entry=held.seq,
                erased=tally.erased,
                cells=tally.cells(),
            )
            self._tell(question, answer)

    def _theirs(self, question: Question, owner: str) -> Callable[[bytes], bool]:
        """What the asker owns of what it names: an identifier holds its owner's name, so nobody can name another's."""
        if question.refs:
            named = {record_id(question.register, owner, ref) for ref in question.refs}
            return named.__contains__
        code = self.vocabulary.registers[question.register].code
        sql = "SELECT 1 FROM state_records WHERE record_id=? AND owner=? AND register=?"
        return lambda record: self.db.execute(sql, (record, owner, code)).fetchone() is not None
