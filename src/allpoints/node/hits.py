"""Hits at a node: raised here, told to owner and command centre, answered by the owner, learnt from by everyone."""

import sqlite3
from collections.abc import Callable

import msgspec

from allpoints.border import store
from allpoints.border.hit import Hit, HitAnswer, HitState, HitView, answered, deadline, heard, hit_id
from allpoints.border.question import Asked
from allpoints.border.verdict import Answer, Match
from allpoints.ground.refusal import Refusal
from allpoints.identity import policy
from allpoints.identity.officers import Asker
from allpoints.identity.policy import Act
from allpoints.ledger import audit
from allpoints.messages.letter import Receipt
from allpoints.node import frames
from allpoints.node.alerts import Alerts
from allpoints.node.credentials import Credentials
from allpoints.node.engine import Engine
from allpoints.node.post_office import PostOffice
from allpoints.sealing.envelope import Opened
from allpoints.vocabulary.identifying import SEPARATOR
from allpoints.vocabulary.register import Vocabulary

RAISED, ANSWERED = "hit.raised", "hit.answered"
URGENT = 2

SCHEMA = """
CREATE TABLE IF NOT EXISTS office_hit_mail (hash BLOB PRIMARY KEY, hit_id TEXT NOT NULL) WITHOUT ROWID;
"""

Teller = Callable[[str, frames.Outcome], None]
"""Tells a post how its hit stands: (post's name, outcome)."""


class Hits:
    """One node's hits, as searcher, owner or command centre."""

    def __init__(
        self, engine: Engine, me: Credentials, mail: PostOffice, alerts: Alerts, vocabulary: Vocabulary
    ) -> None:
        self.engine = engine
        self.vocabulary = vocabulary
        self.me = me
        self.mail = mail
        self.alerts = alerts
        self.tell_post: Teller = lambda _post, _outcome: None
        self.closed: Callable[[str], str] = lambda _register: ""
        self.centre_may_know: Callable[[str], bool] = lambda _record: True
        self.on_false: Callable[[bytes, bytes, int], None] = lambda _pair, _record, _version: None
        mail.handlers[RAISED] = self._take_raised
        mail.by_itself.add(RAISED)
        mail.handlers[ANSWERED] = self._take_answered
        mail.on_receipt.append(self._take_receipt)

    @property
    def db(self) -> sqlite3.Connection:
        return self.engine.db

    def raise_hit(self, asked: Asked, answer: Answer, match: Match, *, late: bool) -> str:
        """Raise a hit from a check of this member's; the same check and record raise it once."""
        kept = store.kept_check(self.db, answer.check)
        return self.raise_for(
            answer.check, kept.post if kept else "", answer.asked_ms, asked, match, late=late
        )

    def raise_for(
        self, check: str, post: str, checked_ms: int, asked: Asked, match: Match, *, late: bool
    ) -> str:
        now = self.engine.clock.now()
        identifier = hit_id(check, match.record)
        hit = Hit(
            hit=identifier,
            check=check,
            record=match.record,
            version=match.version,
            register=match.register,
            verdict=match.verdict,
            owner=match.owner,
            searcher=self.me.member,
            post=post,
            reference=match.reference,
            caption=match.caption,
            asked=shown(asked),
            reason=match.reasons[0].sentence if match.reasons else "",
            checked_ms=checked_ms,
            raised_ms=now,
            deadline_ms=deadline(now, late=late),
            late=late,
            centre=self.centre_may_know(match.record),
        )
        mine = hit.owner == self.me.member
        if not store.add_hit(self.db, hit, "both" if mine else "searcher", now):
            return identifier
        self._send_raised(hit)
        if mine:
            store.notify(self.db, identifier, self.me.name, now)
        self._alert(hit)
        return identifier

    def _send_raised(self, hit: Hit) -> None:
        to = {hit.owner, *self._centre(hit)} - {self.me.name}
        priority = 1 if hit.late else URGENT
        if to and (
            digest := self.mail.send(
                RAISED, to, frames.pack(hit), priority=priority, purpose="border-control"
            )
        ):
            self.db.execute("INSERT INTO office_hit_mail VALUES (?,?)", (digest, hit.hit))

    def _centre(self, hit: Hit) -> set[str]:
        return {self.me.secretariat.subject} if hit.centre else set()

    def _alert(self, hit: Hit) -> None:
        record = "our record" if hit.owner == self.me.member else f"a record of {hit.owner}"
        head = f"{'Late hit' if hit.late else 'Hit'} on {record} at {hit.post or hit.searcher}"
        self.alerts.raise_(
            self.engine.clock.now(),
            "hit",
            head,
            f"/en/hits/{hit.hit}",
            about=hit.caption or hit.register,
            urgent=not hit.late,
        )

    def _take_raised(self, opened: Opened, sender: str) -> None:
        hit = frames.body(opened.body, Hit)
        if hit.searcher != sender:
            raise Refusal("HIT-SEARCHER", "A hit is told by the member that found it.", status=403)
        if hit.hit != hit_id(hit.check, hit.record):
            raise Refusal("HIT-IDENTIFIER", "This hit's identifier is not its own.")
        if self.closed(hit.register):
            raise Refusal("HIT-CLOSED-REGISTER", "Nothing at a border finds such a record.", status=403)
        side = "owner" if hit.owner == self.me.member else "centre"
        if side == "centre" and not self.me.is_secretariat:
            raise Refusal("HIT-NOT-OURS", "This hit is about another member's record.", status=403)
        now = self.engine.clock.now()
        hit = heard(hit, now)
        if store.add_hit(self.db, hit, side, now):
            store.notify(self.db, hit.hit, self.me.name, now)
            self._alert(hit)

    def _take_receipt(self, envelope_hash: bytes, receipt: Receipt) -> None:
        row = self.db.execute("SELECT hit_id FROM office_hit_mail WHERE hash=?", (envelope_hash,)).fetchone()
        if row is None or receipt.kind != "delivered":
            return
        view = store.read_hit(self.db, row[0])
        if view is None or view.hit.owner != receipt.by:
            return
        # The answer may have overtaken the receipt, and stands.
        if store.notify(self.db, row[0], receipt.by, receipt.at_ms):
            self._tell_post(view.hit, HitState.NOTIFIED, "", receipt.at_ms)

    def _take_answered(self, opened: Opened, sender: str) -> None:
        told = frames.body(opened.body, HitAnswer)
        answer = answered(told.hit, told.state, told.reason, told.by, told.at_ms)
        if answer.by != sender:
            raise Refusal("HIT-NOT-OWNER", "An answer speaks for the member that sends it.", status=403)
        view = store.read_hit(self.db, answer.hit)
        if view is not None and view.hit.owner != sender:
            raise Refusal("HIT-NOT-OWNER", "A hit is answered by the owner of its record.", status=403)
        self._settle(answer)

    def answer(self, asker: Asker, identifier: str, state: str, reason: str) -> HitView:
        """The owner's desk confirms or refutes; searcher and command centre are told."""
        policy.require(self.vocabulary, asker, Act.ANSWER_HIT)
        view = self.view(identifier)
        if view.hit.owner != self.me.member:
            raise Refusal(
                "HIT-NOT-OWNER",
                f"Only {view.hit.owner}, whose record it is, can answer this hit.",
                hint="Write a message to the owner instead.",
                status=403,
            )
        now = self.engine.clock.now()
        given = answered(identifier, state, reason, asker.officer, now)
        if view.answer is not None:
            raise Refusal("HIT-ANSWERED", "This hit was already answered.", status=409)
        audit.record(self.db, "hit:answered", asker, now, hit=identifier, state=given.state)
        self._settle(given)
        to = {view.hit.searcher, *self._centre(view.hit)} - {self.me.name}
        if to:
            # The officer's name stays at home; the role and the member speak.
            outside = msgspec.structs.replace(given, by=self.me.member)
            self.mail.send(ANSWERED, to, frames.pack(outside), priority=URGENT, purpose=asker.purpose)
        return self.view(identifier)

    def _settle(self, given: HitAnswer) -> None:
        if not store.settle(self.db, given, self.engine.clock.now()):
            return
        hit = self.view(given.hit).hit
        if hit.searcher == self.me.member:
            if given.state is HitState.REFUTED:
                self._remember_false(hit)
            self._tell_post(hit, given.state, given.reason, given.at_ms)
        if hit.owner != self.me.member or hit.searcher == self.me.member:
            title = f"{hit.owner} {given.state} the hit at {hit.post or hit.searcher}"
            self.alerts.raise_(self.engine.clock.now(), "answer", title, f"/en/hits/{hit.hit}", urgent=True)

    def _remember_false(self, hit: Hit) -> None:
        kept = store.kept_check(self.db, hit.check)
        if kept is None or not kept.pair:
            return
        record = bytes.fromhex(hit.record)
        store.dismiss(self.db, kept.pair, record, hit.version, self.engine.clock.now())
        self.on_false(kept.pair, record, hit.version)

    def _tell_post(self, hit: Hit, state: str, reason: str, at_ms: int) -> None:
        if hit.post:
            self.tell_post(hit.post, frames.Outcome(hit.hit, hit.check, state, reason, at_ms))

    def view(self, identifier: str) -> HitView:
        view = store.read_hit(self.db, identifier)
        if view is None:
            raise Refusal("HIT-UNKNOWN", "There is no such hit here.", path="hit", status=404)
        return view

    def read(self, asker: Asker, identifier: str) -> HitView:
        policy.require(self.vocabulary, asker, Act.LOOK_AT_HITS)
        view = self.view(identifier)
        audit.record(self.db, "hit:read", asker, self.engine.clock.now(), hit=identifier)
        return view

    def list_(self, asker: Asker, *, only_open: bool = False) -> list[HitView]:
        policy.require(self.vocabulary, asker, Act.LOOK_AT_HITS)
        audit.record(self.db, "hit:listed", asker, self.engine.clock.now(), only_open=only_open)
        return store.list_hits(self.db, only_open=only_open)

    def tick(self, now_ms: int) -> None:
        """Clocks that ran out are said aloud, to the searcher, the owner and the command centre alike."""
        for view in store.overdue(self.db, now_ms):
            title = f"No answer from {view.hit.owner} in time: hit at {view.hit.post or view.hit.searcher}"
            self.alerts.raise_(now_ms, "overdue", title, f"/en/hits/{view.hit.hit}", urgent=True)


def shown(asked: Asked) -> str:
    """What was asked, in one line, for the desk that compares."""
    document = f"{asked.issuer} {asked.number}" if asked.number else ""
    things = (f"{thing.label}: {thing.typed.replace(SEPARATOR, ' ')}" for thing in asked.things)
    return ", ".join(part for part in (document, asked.bearer, asked.birth_date, *things) if part)
