"""Ten years of records in registers that keep them differently: entered, changed, renewed, achieved, or met with silence.

After every step each node holds, finds and carries exactly what a plain model says, and each owner was asked once about
every end that came within half a year.
"""

import re
from collections.abc import Iterator
from pathlib import Path
from random import Random
from typing import Any

import msgspec
import pytest
from tests.node import samples
from tests.node.federation import Federation
from tests.node.samples import ANNA, CENTRE, PASSPORT, PERSON, POST
from tests.registers.lives import LOOKOUTS, MODELS, lookout, model, vocabulary

from allpoints.ground.clock import DAY
from allpoints.identity import certificate
from allpoints.registers import history, store
from allpoints.registers.retention import NEVER_MS, NOTICE_MS, ends_ms

STEP_DAYS = 61
STEPS = 10 * 366 // STEP_DAYS
NODES = ("XAV", "XBM", CENTRE)
PERSONS, DOCUMENTS = "persons", "travel-documents"
WAYS = ("silent", "silent", "renews", "achieves", "changes", "withdraws", "status")
"""What becomes of a record, chosen when it is entered."""


class Life(msgspec.Struct):
    """One record as it should be; ``since_ms`` is when its retention began."""

    owner: str
    register: str
    raw: dict[str, Any]
    way: str
    since_ms: int
    ends_ms: int
    record: str
    alive: bool = True

    @property
    def ref(self) -> str:
        return str(self.raw["source_ref"])

    def key(self) -> tuple[str, str]:
        if self.register == LOOKOUTS:
            return "lookout-tag", str(self.raw["tag"])
        if self.register == MODELS:
            return "model-title", str(self.raw["title"])
        document = self.raw["documents"][0] if self.register == PERSONS else self.raw
        return "document", f"{self.owner}|{document.get('number') or document['document_number']}"


class Years:
    """The federation, the model, and the chance that is the same in every run."""

    def __init__(self, federation: Federation) -> None:
        self.federation = federation
        self.random = Random(20_301)
        self.lives: list[Life] = []
        self.asked: set[tuple[str, int]] = set()

    @property
    def now(self) -> int:
        return self.federation.clock.now()

    def raw(self, owner: str, register: str, number: int) -> dict[str, Any]:
        state = self.random.choice(["stolen", "seen"])
        made: dict[str, dict[str, Any]] = {
            LOOKOUTS: lookout(number, state),
            MODELS: model(number),
            PERSONS: PERSON
            | {
                "source_ref": f"P-{number}",
                "documents": [{"number": f"P{number:06d}", "issuer": owner, "type": "passport"}],
            },
            DOCUMENTS: PASSPORT
            | {"source_ref": f"AV-{number}", "document_number": f"AB{number:06d}", "issuer": owner},
        }
        return made[register]

    def end_of(self, register: str, raw: dict[str, Any], since_ms: int) -> int:
        declared = vocabulary().registers[register]
        return ends_ms(declared, declared.clean(raw), since_ms)

    def enter(self, owner: str, register: str) -> None:
        raw = self.raw(owner, register, len(self.lives))
        record = self.federation.enter(owner, raw, register=register)
        since = self.now
        way = self.random.choice(WAYS)
        self.lives.append(Life(owner, register, raw, way, since, self.end_of(register, raw, since), record))

    def live(self, one: Life) -> None:
        """Let an owner do what it does with a record that ends before long, or at some time."""
        owner, life = self.federation.bureau(one.owner), self.federation.bureau(one.owner).life
        soon = one.ends_ms - self.now < NOTICE_MS
        if one.way == "renews" and soon and self.random.random() < 0.7:
            owner.do(lambda: life.renew(ANNA, one.register, one.ref, "Still sought."))
            one.since_ms, one.ends_ms = self.now, self.end_of(one.register, one.raw, self.now)
        elif one.way == "changes" and self.random.random() < 0.2:
            self.change(one)
        elif one.way == "status" and one.register == LOOKOUTS and self.random.random() < 0.2:
            self.federation.enter(one.owner, one.raw | {"state": "found"}, register=LOOKOUTS)
            one.alive = False
        elif one.way in {"achieves", "withdraws"} and self.random.random() < 0.1:
            act = life.achieve if one.way == "achieves" else owner.records.withdraw
            owner.do(lambda: act(ANNA, one.register, one.ref, "Found."))
            one.alive = False
        self.federation.pump()

    def change(self, one: Life) -> None:
        if one.register == LOOKOUTS:
            one.raw = one.raw | {"title": f"Seal {self.random.random()}", "state": "seen"}
        elif one.register == PERSONS:
            one.raw = one.raw | {"given_names": self.random.choice(["Tomas", "Osric", "Bram"])}
        self.federation.enter(one.owner, one.raw, register=one.register)
        one.ends_ms = self.end_of(one.register, one.raw, one.since_ms)

    def step(self) -> None:
        self.federation.tick(STEP_DAYS * DAY)
        for _ in range(3):
            self.federation.tick()
        for one in self.lives:
            one.alive = one.alive and one.ends_ms > self.now
        self.check()
        self.ask()
        for one in self.lives:
            if one.alive:
                self.live(one)
        for _ in range(2):
            register = self.random.choice([LOOKOUTS, LOOKOUTS, MODELS, PERSONS, DOCUMENTS])
            self.enter(self.random.choice(["XAV", "XBM"]), register)

    def check(self) -> None:
        """Every node holds the living, and of the others no more than that they were."""
        expected = {bytes.fromhex(one.record): one.alive for one in self.lives}
        for name in NODES:
            bureau = self.federation.bureau(name)
            rows = [store.Row(*row) for row in bureau.db.execute("SELECT * FROM state_records")]
            assert {row.record_id: row.body is not None for row in rows} == expected
            assert {row.status for row in rows if row.body is not None} <= {store.VALID}
            for table in ("state_names", "state_facets", "state_words", "state_parts"):
                left = bureau.db.execute(
                    f"SELECT count(*) FROM {table} WHERE row NOT IN"
                    " (SELECT row FROM state_records WHERE body IS NOT NULL)"
                ).fetchone()
                assert left == (0,)
            for one in self.lives:
                assert bool(bureau.index.find(*one.key())) is one.alive
        extract = self.federation.post().extract
        assert extract.number == self.federation.bureau("XBM").index.number
        for one in self.lives:
            effect = self.federation.words.registers[one.register].effect != "none"
            assert bool(extract.lookup(*one.key())) is (one.alive and effect)

    def ask(self) -> None:
        """Each owner was told of every end within half a year, and once of each."""
        self.asked |= {
            (one.record, one.ends_ms)
            for one in self.lives
            if one.alive and one.ends_ms - self.now <= NOTICE_MS - DAY
        }
        for owner in ("XAV", "XBM"):
            own = {one.record for one in self.lives if one.owner == owner}
            titles = [one.title for one in self.federation.bureau(owner).alerts.recent(1_000)]
            counted = sum(int(found[1]) for one in titles if (found := re.match(r"(\d+) of our", one)))
            assert counted == len([1 for record, _ in self.asked if record in own])


@pytest.fixture
def years(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Years]:
    """A federation whose certificates outlast it, as they will when members can renew them."""
    monkeypatch.setattr(certificate, "TERM_LIMIT_MS", 20 * 366 * DAY)
    monkeypatch.setattr(samples, "TERM_DAYS", 4_000)
    samples.certificate.cache_clear()
    federation = Federation(tmp_path, ("XAV", "XBM"), (POST,), words=vocabulary())
    yield Years(federation)
    for node in federation.nodes.values():
        node.close()
    samples.certificate.cache_clear()


def test_ten_years_leave_what_was_renewed_and_nothing_that_was_met_with_silence(years: Years) -> None:
    for _ in range(STEPS):
        years.step()
    expired = [one for one in years.lives if one.way == "silent" and not one.alive]
    renewed = [one for one in years.lives if one.way == "renews" and one.alive and one.ends_ms != NEVER_MS]
    assert len(expired) > 8
    assert len(renewed) > 3
    assert all(one.alive for one in years.lives if one.register == MODELS and one.way == "silent")
    told = [_histories(years, name) for name in NODES]
    assert told[0] == told[1] == told[2]
    for one in expired:
        assert [op for op, *_ in told[0][bytes.fromhex(one.record)]] == ["put", "expire"]


def _histories(years: Years, name: str) -> dict[bytes, list[tuple[str, int, str, str]]]:
    db = years.federation.bureau(name).db
    rows = [store.Row(*row) for row in db.execute("SELECT * FROM state_records")]
    return {
        row.record_id: [
            (one.op, one.at_ms, one.member, one.reason) for one in history.events(db, row, CENTRE, years.now)
        ]
        for row in rows
    }
