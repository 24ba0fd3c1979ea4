"""The insider watch of one bureau: reads new audit lines by the clock, raises alerts, and lets overseers settle them.

Nothing that others can see tells whether there is an alert: lines about the watch come by the clock and by overseers'
looks alone, all have one form, and bind what the tables hold by a hash.
"""

import sqlite3

import msgspec

from allpoints.ground.clock import DAY, MINUTE
from allpoints.ground.refusal import Refusal
from allpoints.identity import officers, policy
from allpoints.identity.officers import Asker
from allpoints.identity.policy import Act, Around
from allpoints.ledger import audit, audit_reading
from allpoints.ledger.audit_line import Line
from allpoints.matching import tokens
from allpoints.node.alerts import WATCH, Alerts
from allpoints.node.credentials import Credentials
from allpoints.node.engine import Engine
from allpoints.vocabulary.register import Vocabulary
from allpoints.watch import store
from allpoints.watch.asked import asked, document, named
from allpoints.watch.picture import Picture
from allpoints.watch.rules import CHOSEN, ONESELF, Dials, Finding
from allpoints.watch.store import DISMISSED, ESCALATED, OPEN, Chosen, Place, WatchAlert

AT_ONCE = 2_000
"""Lines that are read in one tick: some 20 ms, so that nothing waits for it."""
EVERY_MS = 10 * MINUTE
LINK = "/en/watch"
SHOWN = 200
CHOSEN_LIMIT = 1_000
REASON_LEAST, REASON_LIMIT = 8, 500
CLOCK = Asker("", frozenset())
VERDICTS = {DISMISSED: {OPEN, ESCALATED}, ESCALATED: {OPEN}}
"""From which states an alert comes into this one."""


class Watching(msgspec.Struct, frozen=True):
    """The alerts, and whether they are those that the audit log binds."""

    sound: bool
    alerts: list[WatchAlert]


class Choice(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Whom to protect: a record, a document or a name; with ``officer``, what is this officer's own.

    ``label`` is for overseers to know it by.
    """

    label: str
    record: str = ""
    issuer: str = ""
    number: str = ""
    name: str = ""
    officer: str = ""


class WatchDesk:
    """Looks by the clock while ``dials`` are set. Run each act in the engine."""

    def __init__(self, engine: Engine, me: Credentials, vocabulary: Vocabulary, alerts: Alerts) -> None:
        self.engine = engine
        self.me = me
        self.vocabulary = vocabulary
        self.alerts = alerts
        self.dials: Dials | None = None
        self._picture: Picture | None = None
        self._at = self._committed = self._questions = 0
        self._looked_ms = engine.clock.now()
        self._found: list[Finding] = []
        self._tokens: dict[bytes, frozenset[str]] = {}

    @property
    def db(self) -> sqlite3.Connection:
        return self.engine.db

    # -- looking

    def tick(self, now_ms: int) -> None:
        """Take the lines that are on the disk into the picture, and raise what was found once it is time."""
        if self.dials is None:
            return
        picture = self._picture or self._begin(self.dials)
        done = self._place().line
        # Lines of this batch are not on the disk yet: what is undone must not stay in the picture.
        for line in self._lines(self._committed):
            self._at = line.number
            question = asked(line)
            if question is not None:
                found = picture.take(question)
                if line.number > done:
                    self._questions += 1
                    self._found += found
        self._committed = audit.size(self.db)
        if self._questions and not 0 <= now_ms - self._looked_ms < EVERY_MS:
            self._look(now_ms)

    def _begin(self, dials: Dials) -> Picture:
        """A new picture, which begins with the past that is on record."""
        self._picture = Picture(dials, self._group)
        self._picture.whose = self._whose
        self._load()
        place = store.place(self.db)
        if place is None:
            # What was asked before this node first watched is a past, and no finding.
            place = Place(audit.size(self.db), 0, b"")
            store.set_place(self.db, place)
        since_ms = self._written_ms(place.line + 1) - dials.past_days * DAY
        self._at = audit_reading.last_before(self.db, since_ms, place.line)
        return self._picture

    def _place(self) -> Place:
        return store.place(self.db) or Place(audit.size(self.db), 0, b"")

    def _load(self) -> None:
        self._tokens = store.tokens(self.db)

    def _lines(self, up_to: int) -> list[Line]:
        rows = self.db.execute(
            "SELECT * FROM office_audit WHERE number > ? AND number <= ? ORDER BY number LIMIT ?",
            (self._at, up_to, AT_ONCE),
        )
        return [Line(*row) for row in rows]

    def _written_ms(self, number: int) -> int:
        row = self.db.execute(
            "SELECT at_ms FROM office_audit WHERE number >= ? ORDER BY number LIMIT 1", (number,)
        ).fetchone()
        return int(row[0]) if row else self.engine.clock.now()

    def _group(self, officer: str, post: str) -> str:
        if post:
            return "post"
        held = officers.find_officer(self.db, officer)
        return " ".join(sorted(held.roles)) if held else ""

    def _whose(self, subject: str) -> frozenset[str]:
        return self._tokens.get(self._token(subject), frozenset()) if self._tokens else frozenset()

    def _token(self, text: str) -> bytes:
        return tokens.token(self.me.storage_key, "watch", text[: tokens.VALUE_LIMIT_CHARACTERS])

    def _look(self, now_ms: int) -> None:
        self._looked_ms = now_ms
        raised: dict[str, list[Finding]] = {}
        for one in self._found:
            if store.raise_(self.db, one, self._token(one.key), now_ms):
                raised.setdefault(f"{one.post}:{one.officer}" if one.post else one.officer, []).append(one)
        self._bind("watch:looked", CLOCK, now_ms, lines=self._questions)
        for officer, found in raised.items():
            urgent = any(one.rule in {CHOSEN, ONESELF} for one in found)
            self._tell(now_ms, officer, f"Insider watch: {len(found)} new", urgent=urgent)
        self._questions, self._found = 0, []

    def _tell(self, now_ms: int, officer: str, head: str, *, urgent: bool) -> None:
        self.alerts.raise_(now_ms, "watch", head, LINK, urgent=urgent, closed=f"{WATCH}{officer}")

    def _bind(self, event: str, asker: Asker, now_ms: int, **detail: int) -> None:
        salt = store.new_salt()
        line = audit.record(self.db, event, asker, now_ms, standing=store.standing(self.db, salt), **detail)
        looked = self._at if event == "watch:looked" else self._place().line
        store.set_place(self.db, Place(looked, line, salt))

    # -- what overseers do

    def list_(self, asker: Asker) -> Watching:
        """Alerts about others than the one who asks, those that wait first."""
        policy.require(self.vocabulary, asker, Act.LOOK_AT_WATCH)
        sound = self._sound()
        self._bind("watch:attended", asker, self.engine.clock.now())
        return Watching(sound, [one for one in store.alerts(self.db, SHOWN) if self._may(asker, one)])

    def settle(self, asker: Asker, number: int, verdict: str, reason: str) -> WatchAlert:
        """Dismiss an alert or escalate it, with a reason; one about oneself is not there."""
        policy.require(self.vocabulary, asker, Act.SETTLE_WATCH)
        held = store.alert(self.db, number)
        if held is None or not self._may(asker, held):
            raise Refusal("UNKNOWN-ALERT", "There is no such alert of the insider watch.", status=404)
        reason = reason.strip()
        if not REASON_LEAST <= len(reason) <= REASON_LIMIT:
            raise Refusal(
                "REASON-NEEDED", f"Say in {REASON_LEAST} to {REASON_LIMIT} letters why.", path="reason"
            )
        if held.state not in VERDICTS.get(verdict, ()):
            raise Refusal(
                "WATCH-VERDICT",
                f"This alert is {held.state}: it is dismissed or, once, escalated.",
                path="verdict",
                status=409,
            )
        now = self.engine.clock.now()
        store.settle(self.db, number, verdict, asker.officer, reason, now)
        self._bind("watch:attended", asker, now)
        if verdict == ESCALATED:
            about = f"{held.post}:{held.officer}" if held.post else held.officer
            self._tell(now, about, f"Insider watch: alert {number} was escalated", urgent=True)
        found = store.alert(self.db, number)
        return held if found is None else found

    def choose(self, asker: Asker, choice: Choice) -> list[Chosen]:
        """Let no question about somebody go unseen from now on."""
        policy.require(self.vocabulary, asker, Act.CHOOSE_WATCHED)
        label = choice.label.strip()
        if not 3 <= len(label) <= 100:
            raise Refusal("WATCH-LABEL", "A label has 3 to 100 letters.", path="label")
        if choice.officer:
            officers.existing(self.db, choice.officer)
        if len(store.chosen(self.db)) >= CHOSEN_LIMIT:
            raise Refusal("WATCH-FULL", f"At most {CHOSEN_LIMIT} are protected here.", status=429)
        now = self.engine.clock.now()
        token = self._token(self._subject(choice))
        if not store.choose(self.db, token, choice.officer, label, asker.officer, now):
            raise Refusal("WATCH-CHOSEN", "No question about this goes unseen already.", status=409)
        return self._changed(asker)

    def _subject(self, choice: Choice) -> str:
        if [bool(choice.record), bool(choice.number), bool(choice.name.strip())].count(True) != 1:
            raise Refusal("WATCH-WHOM", "Name a record, a document or a person, one of them.", path="record")
        if choice.record:
            # Whether it is here is not said: it may be of a register that is closed to who asks.
            return f"record:{choice.record.lower()}"
        return document(choice.issuer, choice.number) if choice.number else named(choice.name)

    def chosen(self, asker: Asker) -> list[Chosen]:
        """Whom this node protects; what is one's own is not shown to oneself."""
        policy.require(self.vocabulary, asker, Act.CHOOSE_WATCHED)
        self._bind("watch:attended", asker, self.engine.clock.now())
        return [one for one in store.chosen(self.db) if one.officer != asker.officer]

    def forget(self, asker: Asker, number: int) -> list[Chosen]:
        """End the protection of somebody."""
        policy.require(self.vocabulary, asker, Act.CHOOSE_WATCHED)
        held = [one for one in store.chosen(self.db) if one.number == number and one.officer != asker.officer]
        if not held:
            raise Refusal("UNKNOWN-CHOICE", "There is no such choice.", status=404)
        store.forget(self.db, number)
        return self._changed(asker)

    def _changed(self, asker: Asker) -> list[Chosen]:
        self._bind("watch:attended", asker, self.engine.clock.now())
        self.engine.after(self._load)
        return [one for one in store.chosen(self.db) if one.officer != asker.officer]

    def _may(self, asker: Asker, one: WatchAlert) -> bool:
        own = one.officer == asker.officer and not one.post
        return policy.decide(self.vocabulary, asker, Act.LOOK_AT_WATCH, None, Around(own=own)).allowed

    def _sound(self) -> bool:
        """Whether the tables hold what the last line about them binds."""
        place = self._place()
        if not place.bound:
            return not store.alerts(self.db, 1) and not store.chosen(self.db)
        row = self.db.execute(
            "SELECT detail ->> '$.standing' FROM office_audit WHERE number = ?", (place.bound,)
        ).fetchone()
        return row is not None and row[0] == store.standing(self.db, place.salt)
