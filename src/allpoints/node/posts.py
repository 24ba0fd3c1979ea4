"""A bureau and its posts: admits them, answers their checks, takes what they did alone, keeps their extracts fresh."""

import sqlite3
from collections.abc import Callable

import msgspec

from allpoints.border import extract
from allpoints.border.extract import PART_LIMIT_CHANGES, Change
from allpoints.border.question import Question
from allpoints.border.store import LATE_WINDOW_MS, dismissals, kept_check
from allpoints.border.verdict import Answer
from allpoints.ground.clock import DAY, HOUR, MINUTE, SECOND, Instant
from allpoints.ground.refusal import Refusal
from allpoints.identity.certificate import Certificate
from allpoints.identity.grant import Standing
from allpoints.identity.officers import Asker
from allpoints.node import frames, post_words, withdrawn_posts
from allpoints.node.check_index import LOG, CheckIndex
from allpoints.node.credentials import Credentials
from allpoints.node.engine import Engine
from allpoints.node.grants import ShownGrants

STAMP_AT_LEAST_MS = MINUTE
STAMP_AT_MOST_MS = SECOND
"""A quiet extract is confirmed every minute; a busy one is signed at most once a second."""

TOLD_KEPT_MS = 31 * DAY
"""How long a check that was told is known to have been: as long as a post's certificate is good."""

SKEW_MS = 10 * MINUTE
CHECK_LABEL = b"allpoints/post-check/1"

SCHEMA = """
CREATE TABLE IF NOT EXISTS office_posts (
    name TEXT PRIMARY KEY, certificate BLOB NOT NULL, admitted_ms INTEGER NOT NULL,
    heard_ms INTEGER NOT NULL DEFAULT 0) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS office_told (check_id TEXT PRIMARY KEY, told_ms INTEGER NOT NULL) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS office_told_at ON office_told(told_ms);
"""
SCHEMAS = (SCHEMA, post_words.SCHEMA, withdrawn_posts.SCHEMA)


class AskedAlone(msgspec.Struct, frozen=True):
    """A check that a post made from its extract: question, by what right, instant, verdict, the records it named."""

    check: str
    question: Question
    asker: Standing
    asked_ms: Instant
    verdict: str
    records: tuple[tuple[str, int], ...] = ()


class PostView(msgspec.Struct, frozen=True):
    """A post as the bureau's administrator sees it."""

    name: str
    label: str
    admitted_ms: int
    heard_ms: int
    not_after_ms: int
    connected: bool


class _Connected:
    """Where the extract of one connected post stands."""

    def __init__(self, number: int) -> None:
        self.number = number
        self.acked = number
        self.stamped_ms = 0
        self.stamped_number = -1


class Posts:
    """The bureau's side of every line to a post."""

    def __init__(self, engine: Engine, me: Credentials, index: CheckIndex) -> None:
        self.engine = engine
        self.me = me
        self.index = index
        self.words, self.grants = post_words.PostWords(engine), ShownGrants(engine)
        self.withdrawn = withdrawn_posts.WithdrawnPosts(engine)
        self.connected: dict[str, _Connected] = {}
        self.answer: Callable[[Asker, Question, str, int], Answer] = _unset
        self.take_alone: Callable[[AskedAlone, Asker, str], object] = _unset
        self.as_of: Callable[[], int] = engine.clock.now
        self.take_head: Callable[[str, frames.AuditHead], object] = _unset
        self.say_kept: Callable[[str], object] = _unset

    @property
    def db(self) -> sqlite3.Connection:
        return self.engine.db

    def admit(self, certificate: Certificate, now_ms: int) -> None:
        self.db.execute(
            "INSERT OR REPLACE INTO office_posts (name, certificate, admitted_ms) VALUES (?,?,?)",
            (certificate.subject, certificate.to_bytes(), now_ms),
        )

    def certificate(self, name: str) -> Certificate | None:
        row = self.db.execute("SELECT certificate FROM office_posts WHERE name=?", (name,)).fetchone()
        return Certificate.from_bytes(row[0]) if row else None

    def list_(self) -> list[PostView]:
        rows = self.db.execute(
            "SELECT name, certificate, admitted_ms, heard_ms FROM office_posts ORDER BY name"
        ).fetchall()
        views = []
        for name, data, admitted_ms, heard_ms in rows:
            held = Certificate.from_bytes(data)
            connected = name in self.connected
            views.append(PostView(name, held.label, admitted_ms, heard_ms, held.not_after_ms, connected))
        return views

    def receive(self, post: str, frame: frames.AnyFrame) -> None:
        now = self.engine.clock.now()
        if self.withdrawn.receive(post, frame):
            return
        if not self.db.execute("UPDATE office_posts SET heard_ms=? WHERE name=?", (now, post)).rowcount:
            raise Refusal("POST-UNKNOWN", f"{post} is no post of this bureau.", status=403)
        match frame:
            case frames.Ask():
                self._ask(post, frame)
            case frames.GrantsEnded():
                self.grants.end(post, frame.ended)
            case frames.Record():
                self._record(post, frame)
            case frames.ExtractFrom():
                self._extract_from(post, frame)
            case frames.Followed():
                self._followed(post, frame.seq)
            case frames.Heard():
                self.words.heard(post, frame.numbers)
            case frames.AuditHead():
                self.take_head(post, frame)
            case frames.Beat():
                pass
            case _:
                raise Refusal("FRAME-UNEXPECTED", "A bureau takes no such frame from a post.", status=400)

    def departed(self, post: str) -> None:
        self.connected.pop(post, None)

    def _ask(self, post: str, frame: frames.Ask) -> None:
        oldest_ms = self.engine.clock.now() - LATE_WINDOW_MS + HOUR
        if frame.asked_ms < oldest_ms or kept_check(self.db, frame.check) is not None:
            # A frame that came twice, or after the post had answered by itself: one question, one audit line.
            return
        self.db.execute("SAVEPOINT ask")
        try:
            # A post's clock may be behind, and a question on its way for a moment; no longer than that.
            at_ms = max(frame.asked_ms, self.engine.clock.now() - SKEW_MS)
            asker = self._asker(post, frames.body(frame.asker, Standing), at_ms)
            answer = self.answer(asker, frames.body(frame.question, Question), frame.check, frame.asked_ms)
        except Refusal as refusal:
            self.db.execute("ROLLBACK TO ask")
            self.db.execute("RELEASE ask")
            self.engine.refusals[refusal.code] += 1
            self._send(post, frames.Answered(frame.check, b"", refusal.fault()))
            return
        self.db.execute("RELEASE ask")
        self._send(post, frames.Answered(frame.check, frames.pack(answer)))

    def _record(self, post: str, frame: frames.Record) -> None:
        clear = self.me.reception.open(frame.sealed, CHECK_LABEL + frame.check.encode())
        alone = frames.body(clear, AskedAlone)
        if alone.check != frame.check:
            raise Refusal("CHECK-IDENTIFIER", "This check was sealed under another identifier.")
        if self._first_telling(frame.check):
            self._take_alone(post, alone)
        self._send(post, frames.Recorded([frame.check]))

    def _take_alone(self, post: str, alone: AskedAlone) -> None:
        """Take in what a post did alone; a traveller is a traveller, also where nobody proved who asked."""
        try:
            asker, unproven = self._asker(post, alone.asker, alone.asked_ms), ""
        except Refusal as refusal:
            unproven = refusal.code
            asker = Asker("", frozenset(), alone.asker.purpose, alone.asker.case, post)
        self.take_alone(alone, asker, unproven)

    def _asker(self, post: str, standing: Standing, at_ms: int) -> Asker:
        certificate = self.certificate(post)
        if certificate is None:
            raise Refusal("POST-UNKNOWN", f"{post} is no post of this bureau.", status=403)
        return self.grants.asker(standing, post, certificate.verify_key, at_ms)

    def _first_telling(self, check: str) -> bool:
        """Whether this check is told for the first time; a post tells until it hears that it was recorded."""
        now = self.engine.clock.now()
        self.db.execute("DELETE FROM office_told WHERE told_ms < ?", (now - TOLD_KEPT_MS,))
        return bool(self.db.execute("INSERT OR IGNORE INTO office_told VALUES (?,?)", (check, now)).rowcount)

    def _send(self, post: str, frame: frames.Frame) -> None:
        self.engine.send(post, frames.encode(frame))

    def _extract_from(self, post: str, frame: frames.ExtractFrom) -> None:
        whole = frame.number == 0 or self._chain_at(frame.number) == frame.chain
        begin_at = frame.number if whole else 0
        found_false = dismissals(self.db)
        if frame.number == 0 and found_false:
            self.words.keep(post, "false hits", frames.Dismissals(found_false))

        def begin() -> None:
            self.connected[post] = _Connected(begin_at)
            self._now(post, frames.ExtractKey(self.me.index_key))
            self.say_kept(post)
            if not whole:
                self._now(post, frames.ExtractPart([], 0, restart=True))
            self._stream(post)
            self.words.say(post, again=True)

        self.engine.after(begin)

    def _chain_at(self, number: int) -> bytes | None:
        row = self.db.execute("SELECT chain FROM state_index_steps WHERE number=?", (number,)).fetchone()
        return row[0] if row else None

    def _followed(self, post: str, number: int) -> None:
        def move() -> None:
            held = self.connected.get(post)
            if held is not None:
                # No more than was sent: an acknowledgement from the future would open the window for ever.
                held.acked = max(held.acked, min(number, held.number))
                self._stream(post)

        self.engine.after(move)

    def _now(self, post: str, frame: frames.Frame) -> None:
        self.engine.carrier.send(post, frames.encode(frame))

    def stream_all(self) -> None:
        """Send every connected post what changed; called after each commit that changed the index."""
        for post in list(self.connected):
            self._stream(post)

    def _stream(self, post: str) -> None:
        held = self.connected.get(post)
        if held is None:
            return
        while held.number < self.index.number and held.number - held.acked <= 4 * PART_LIMIT_CHANGES:
            part = self._part(held.number)
            if not part:
                return
            held.number = part[-1].number
            self._now(post, frames.ExtractPart([*part], held.number))
        self._stamp(post, held)

    def _part(self, after: int) -> list[Change]:
        """Whole steps only, so that the post's running hash can be compared at the end of every part."""
        row = self.db.execute(
            "SELECT max(number) FROM state_index_steps WHERE number > ? AND number <= ?",
            (after, after + PART_LIMIT_CHANGES),
        ).fetchone()
        end = row[0]
        if end is None:
            row = self.db.execute(
                "SELECT min(number) FROM state_index_steps WHERE number > ?", (after,)
            ).fetchone()
            end = row[0]
        return extract.read(self.db, LOG, after, end - after) if end is not None else []

    def _stamp(self, post: str, held: _Connected) -> None:
        if held.number != self.index.number:
            return
        now = self.engine.clock.now()
        since = now - held.stamped_ms
        changed = held.stamped_number != held.number
        if 0 <= since < (STAMP_AT_MOST_MS if changed else STAMP_AT_LEAST_MS):
            return
        held.stamped_ms, held.stamped_number = now, held.number
        hashed = extract.key_hash(self.me.index_key)
        extent = extract.Extent(post, held.number, self.index.chain, hashed)
        word = extract.stamp(extent, self.as_of(), self.me.signing)
        self._now(post, frames.ExtractStamp(frames.pack(word)))

    def tell(self, post: str, outcome: frames.Outcome) -> None:
        """Tell a post how its hit stands, now or when it is back."""
        self.words.keep(post, f"hit {outcome.hit}", outcome)

    def tell_dismissal(self, pair: bytes, record: bytes, version: int) -> None:
        for (post,) in self.db.execute("SELECT name FROM office_posts ORDER BY name").fetchall():
            about = f"false hit {pair.hex()} {record.hex()}"
            self.words.keep(post, about, frames.Dismissals([(pair, record, version)]))

    def tick(self) -> None:
        """A sign of life to every post, with the instant up to which this bureau knows the network."""
        beat = frames.encode(frames.Beat(self.as_of(), self.index.number))
        for post in self.connected:
            self.engine.send(post, beat)
            self.engine.after(lambda post=post: self.words.say(post))  # type: ignore[misc]
        self.engine.after(self.stream_all)


def _unset(*_: object) -> Answer:
    raise Refusal("NOT-WIRED", "This node does not answer checks.", status=503)
