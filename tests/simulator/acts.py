"""Random officers: they enter, change, withdraw, import, check, answer, write and let hours pass."""

import random
from collections.abc import Callable
from functools import partial
from typing import Any

from tests.simulator import keys
from tests.simulator.federation import Federation
from tests.simulator.node import Crashed
from tests.simulator.people import People
from tests.simulator.truth import EVERYONE, Letter, Record, Truth, Version

from allpoints.border.hit import HitState
from allpoints.border.verdict import Answer
from allpoints.ground.clock import HOUR, MINUTE, SECOND
from allpoints.ground.refusal import Refusal
from allpoints.identity.officers import Asker
from allpoints.messages.letter import Draft
from allpoints.registers import chunking
from allpoints.registers.entering import Carriage
from allpoints.registers.importing import Order

OFFICER = Asker("anna", frozenset({"desk", "command", "reviewer", "border"}), "border-control", "C-1")
CANARY = "CANARY"
ACT_EVERY_MS = 500
PIECE_ROWS = 4
HITS_LIMIT = 24
"""Enough hits for one play: each costs two dozen signatures."""


class Officers:
    """Whoever works in the federation, and what they were told."""

    def __init__(self, federation: Federation, truth: Truth) -> None:
        self.federation = federation
        self.world = federation.world
        self.truth = truth
        self.luck = random.Random(f"{self.world.seed}/acts")
        self.people = People(self.luck)
        self.working = True
        self.number = 0
        self.done: dict[str, int] = {}
        self.acts: list[tuple[int, Callable[[], str]]] = [
            (16, self.enter),
            (9, self.change),
            (6, self.withdraw),
            (2, self.begin_import),
            (7, self.check_at_bureau),
            (18, self.check_at_post),
            (14, self.answer_hit),
            (4, self.write_letter),
            (3, self.read_letter),
            (1, self.pass_hours),
            (1, self.set_clock),
        ]
        self.changes: dict[str, Callable[[Record], None]] = {
            "persons": self._taller,
            "travel-documents": self._stolen_on,
        }
        """How a record of each register is changed."""
        self.world.later(2 * SECOND, self._go_on)
        self.world.later(SECOND, self._import)

    def also(self, weight: int, act: Callable[[], str]) -> None:
        self.acts.append((weight, act))

    def _go_on(self) -> None:
        if not self.working:
            return
        self.world.later(self.luck.randint(1, 2 * ACT_EVERY_MS), self._go_on)
        weights = [weight for weight, _ in self.acts]
        (_, act), *_ = self.luck.choices(self.acts, weights)
        name = act.__name__
        try:
            detail = act()
        except Crashed:
            detail = "crashed"
        except Refusal as refusal:
            detail = f"refused {refusal.code}"
        else:
            if detail:
                self.done[name] = self.done.get(name, 0) + 1
        if detail:
            place, _, rest = detail.partition(" ")
            self.world.note(place, "act", "", f"{name} {rest}".strip())

    def somewhere(self) -> str:
        return self.luck.choice([name for name in EVERYONE if self.federation.alive(name)] or [keys.DESK])

    def do(self, name: str, work: Callable[[], Any]) -> Any:
        return self.federation.act(name, work)

    def next(self) -> int:
        self.number += 1
        return self.number

    def excluded(self, owner: str) -> tuple[str, ...]:
        if self.luck.random() > 0.35:
            return ()
        others = [name for name in EVERYONE if name != owner]
        return tuple(sorted(self.luck.sample(others, self.luck.choice((1, 1, 2)))))

    def enter(self) -> str:
        owner = self.somewhere()
        ref = f"{CANARY}-{owner}-{self.next():04}"
        if owner == keys.DESK or self.luck.random() < 0.3:
            record = Record(owner, "persons", ref, self.people.person(ref))
        else:
            record = Record(owner, "travel-documents", ref, self.people.travel_document(owner, ref))
        return f"{owner} {self.put(record, self.excluded(owner))}"

    def put(self, record: Record, excluded: tuple[str, ...]) -> str:
        records = self.federation.bureau(record.owner).records
        carriage = Carriage("border-control", "official-use", excluded)
        self.do(record.owner, lambda: records.enter(OFFICER, record.register, record.fields, carriage))
        self.truth.keep(record, Version(gone=False, excluded=excluded))
        return f"{record.ref} v{len(record.versions)} not for {','.join(excluded) or 'nobody'}"

    def _own(self, *, gone: bool | None = None) -> Record | None:
        held = [one for one in self.truth.records.values() if self.federation.alive(one.owner)]
        if gone is not None:
            held = [one for one in held if one.gone is gone]
        return self.luck.choice(held) if held else None

    def change(self) -> str:
        record = self._own()
        if record is None:
            return ""
        last = record.versions[-1]
        self.changes[record.register](record)
        if last.gone or self.luck.random() < 0.3:
            excluded = self.excluded(record.owner)
        else:
            excluded = last.excluded if self.luck.random() < 0.7 else last.excluded[1:]
        return f"{record.owner} {self.put(record, excluded)}"

    def _taller(self, record: Record) -> None:
        record.fields["height_cm"] = 100 + (record.fields.get("height_cm", 0) + 1) % 100  # type: ignore[operator]

    def _stolen_on(self, record: Record) -> None:
        day = self.next() % 28 + 1
        month = len(record.versions) % 12 + 1
        record.fields["theft_date"] = f"2026-{month:02}-{day:02}"

    def withdraw(self) -> str:
        record = self._own(gone=False)
        if record is None:
            return ""
        records = self.federation.bureau(record.owner).records
        self.do(record.owner, lambda: records.withdraw(OFFICER, record.register, record.ref, "Found again."))
        self.truth.keep(record, Version(gone=True, excluded=record.versions[-1].excluded))
        return f"{record.owner} {record.ref} v{len(record.versions)}"

    def begin_import(self) -> str:
        owner = self.luck.choice(keys.BUREAUS)
        bureau = self.federation.bureau(owner)
        name, register = f"import{self.next()}", bureau.records.register("travel-documents")
        columns = ("source_ref", "document_number", "issuer", "document_type", "fraud")
        rows = [
            self.people.travel_document(owner, f"{CANARY}-{owner}-{self.next():04}")
            for _ in range(self.luck.randint(3, 14))
        ]
        path = bureau.imports.spool() / f"{name}.csv"
        lines = [",".join(columns), *(",".join(str(row[one]) for one in columns) for row in rows)]
        path.write_text("\n".join(lines) + "\n", encoding="utf-8")
        source = chunking.inspect(bureau.vocabulary, path, register.name)
        carriage = Carriage("border-control", "official-use", self.excluded(owner))
        order = Order(name, owner, "anna", carriage, keep_going=self.luck.random() < 0.5)
        self.do(owner, lambda: bureau.imports.begin(OFFICER, source, order))
        return f"{owner} {name} {len(rows)} rows"

    def _import(self) -> None:
        """Go on with imports, also after the officers have gone home."""
        self.world.later(SECOND, self._import)
        for owner in keys.BUREAUS:
            if self.federation.alive(owner):
                try:
                    self._import_piece(owner)
                except Crashed:
                    self.world.note(owner, "act", "", "import piece crashed")
                except Refusal as refusal:
                    # A node that was cut off for a day goes on with its import when it is back.
                    if refusal.code != "VIEW-TOO-OLD":
                        raise

    def _import_piece(self, owner: str) -> None:
        bureau = self.federation.bureau(owner)
        for job in bureau.imports.going()[:1]:
            chunk = chunking.read_chunk(
                job, bureau.records.register(job.register), bureau.records.writer(), PIECE_ROWS
            )
            self.do(owner, partial(bureau.imports.commit, job, chunk))
            if job.checked:
                for _, cleaned in chunk.records:
                    record = Record(owner, job.register, cleaned.ref, {})
                    record.fields = self._fields(bureau.records.register(job.register).decode(cleaned.body))
                    self.truth.keep(record, Version(gone=False, excluded=job.carriage.excluded))
            self.world.note(owner, "act", "", f"import piece {job.id} line {chunk.end_line}")

    def _fields(self, body: Any) -> dict[str, object]:
        names = ("source_ref", "document_number", "issuer", "document_type", "fraud")
        return {name: getattr(body, name) for name in names if getattr(body, name) is not None}

    def check_at_bureau(self) -> str:
        name = self.somewhere()
        bureau, question = self.federation.bureau(name), self.people.question()
        answer: Answer = self.do(name, lambda: bureau.check(OFFICER, question))
        self.truth.look(name, answer)
        return f"{name} {answer.verdict} {len(answer.matches)}"

    def check_at_post(self) -> str:
        name = self.luck.choice(keys.POSTS)
        post, question = self.federation.post(name), self.people.question()
        self.do(name, lambda: post.check(OFFICER, question, lambda told: self._answered(name, told)))
        return f"{name} asked"

    def _answered(self, post: str, told: Answer | Refusal) -> None:
        if isinstance(told, Refusal):
            self.truth.faults.append(f"a check at {post} was refused: {told.code}")
            return
        self.world.note(post, "answer", "", f"{told.source} {told.verdict} {len(told.matches)}")
        self.truth.look(post, told)
        if told.source == "extract":
            self.truth.alone.setdefault(post, []).append(told.check)

    def answer_hit(self) -> str:
        owner = self.somewhere()
        bureau = self.federation.bureau(owner)
        views = [
            view
            for view in bureau.hits.list_(OFFICER, only_open=True)
            if view.hit.owner == owner and view.state is not HitState.CONFIRMED
        ]
        if not views:
            return ""
        view = self.luck.choice(
            sorted(views, key=lambda one: (one.hit.raised_ms, one.hit.asked, one.hit.record))
        )
        verdict = self.luck.choice(("confirmed", "refuted"))
        reason = f"{CANARY} compared {self.next()}"
        self.do(owner, lambda: bureau.hits.answer(OFFICER, view.hit.hit, verdict, reason))
        self.truth.answered[view.hit.hit] = verdict
        return f"{owner} {verdict} for {view.hit.searcher}"

    def write_letter(self) -> str:
        sender = self.somewhere()
        bureau = self.federation.bureau(sender)
        known = sorted(bureau.letters.addressees())
        to = tuple(sorted(self.luck.sample(known, min(len(known), self.luck.choice((1, 1, 2))))))
        subject = f"{CANARY} letter {self.next()}"
        view = self.do(sender, lambda: bureau.letters.send(OFFICER, Draft(to, subject, f"{CANARY} text")))
        self.truth.letters.append(Letter(sender, to, subject, view.reference))
        return f"{sender} to {','.join(to)}"

    def read_letter(self) -> str:
        name = self.somewhere()
        bureau = self.federation.bureau(name)
        unread = [
            one for one in self.do(name, lambda: bureau.letters.list_(OFFICER, "inbox")) if not one.read_ms
        ]
        if not unread:
            return ""
        view = min(unread, key=lambda one: one.letter.subject)
        self.do(name, lambda: bureau.letters.read(OFFICER, view.reference))
        return f"{name} {view.letter.subject}"

    def pass_hours(self) -> str:
        """Nothing happens for hours, and everyone's clock goes on."""
        hours = self.luck.choice((1, 7, 30, 80))
        self.world.passed_ms += hours * HOUR
        return f"world {hours} h"

    def set_clock(self) -> str:
        name = self.luck.choice(sorted(self.federation.nodes))
        by_ms = self.luck.randint(-MINUTE, MINUTE)
        self.federation.nodes[name].clock.skew_ms += by_ms
        return f"{name} by {by_ms / 1000:.0f} s"
