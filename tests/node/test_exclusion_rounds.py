"""Random members come, go and come back while the readers of records change: in the end exactly the allowed hold them."""

import random
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.node.excluding import CANARY, WANTED, settle, traces, words_in_state, words_on_disk
from tests.node.federation import Federation
from tests.node.samples import ANNA, CENTRE
from tests.node.test_rebuilding import tables

from allpoints.ground.clock import DAY
from allpoints.node.bureau import Bureau
from allpoints.node.rebuilding import refold
from allpoints.registers.record import record_id

READERS = ("XBM", "XCS", "XDV", CENTRE)
COUNT = 3
"""Records whose readers change; the words of each are its own."""
STEPS = (
    "narrow",
    "narrow",
    "widen",
    "readers",
    "withdraw",
    "suspend",
    "restore",
    "cut",
    "mend",
    "month",
    "rebuild",
    "admit",
)


class Round:
    """One federation, what its owner wants of each record, and who has ever been away."""

    def __init__(self, federation: Federation, luck: random.Random) -> None:
        self.federation = federation
        self.luck = luck
        self.excluded: dict[int, set[str]] = {}
        self.gone: set[int] = set()
        self.suspended: set[str] = set()
        self.admitted = {"XBM", "XCS", CENTRE}
        self.version = 0
        self.shown: set[tuple[str, int]] = set()
        """Who may have been given a version of which record at some time."""

    def fields(self, number: int) -> dict[str, object]:
        """A record's fields: each is found by words of its own."""
        self.version += 1
        return WANTED | {
            "source_ref": f"THISTLE-{number}",
            "family_name": f"{CANARY}{'abc'[number]}",
            "marks": f"{CANARY}{'abc'[number]} on the left arm",
            "documents": [{"number": f"QX770012{number}", "issuer": "XAV", "type": "passport"}],
            "height_cm": 100 + self.version % 100,
        }

    def put(self, number: int, excluded: set[str]) -> None:
        self.federation.enter(
            "XAV", self.fields(number), register="persons", excluded=tuple(sorted(excluded))
        )
        self.excluded[number] = excluded
        self.gone.discard(number)
        self.may_be_shown(self.admitted - self.suspended)

    def may_be_shown(self, members: set[str]) -> None:
        for number, excluded in self.excluded.items():
            self.shown |= {(name, number) for name in members - excluded}

    def step(self, name: str) -> None:
        number, member = self.luck.randrange(COUNT), self.luck.choice(READERS[:-1])
        excluded = self.excluded.get(number, set())
        if name == "narrow":
            self.put(number, excluded | {self.luck.choice(READERS)})
        elif name == "widen":
            self.put(number, set(self.luck.sample(sorted(excluded), max(0, len(excluded) - 1))))
        elif name == "readers":
            self.put(number, set(self.luck.sample(READERS, self.luck.randint(0, 3))))
        elif name == "withdraw" and number in self.excluded and number not in self.gone:
            owner, ref = self.federation.bureau("XAV"), f"THISTLE-{number}"
            owner.do(lambda: owner.records.withdraw(ANNA, "persons", ref, "Found."))
            self.federation.pump()
            self.gone.add(number)
        elif member in self.admitted:
            self._away(name, member)
        elif name == "admit":
            self.federation.admit(member)
            self.federation.start(member)
            self.federation.connect(member)
            self.admitted.add(member)
            self.may_be_shown({member})

    def _away(self, name: str, member: str) -> None:
        if name == "suspend" and member not in self.suspended:
            self.federation.suspend(member)
            self.suspended.add(member)
        elif name == "restore" and member in self.suspended:
            self.federation.restore(member)
            self.suspended.discard(member)
            self.may_be_shown({member})
        elif name == "cut" and member not in self.federation.cut:
            self.federation.disconnect(member)
        elif name == "mend" and member in self.federation.cut:
            self.federation.connect(member)
        elif name == "month":
            self.federation.clock.now_ms += 31 * DAY
        elif name == "rebuild":
            refold(self.federation.bureau(member))

    def end(self) -> None:
        """Everybody is there again, and has heard of everything."""
        for member in sorted(self.suspended):
            self.federation.restore(member)
        for member in sorted(self.federation.cut):
            self.federation.connect(member)
        # What waits for those who came back is written by the next ticks, told, and answered.
        settle(self.federation, 5)

    def faults(self) -> Iterator[str]:
        """What is held that may not be, and the other way round."""
        for name in sorted(self.admitted):
            reader = self.federation.bureau(name)
            for number, excluded in self.excluded.items():
                yield from self._faults_of(reader, name, number, name not in excluded)

    def found(self) -> Iterator[str]:
        """What is left, in files and by questions, at whoever may know nothing of any of the records."""
        for name in sorted(self.admitted):
            if not all(name in excluded for excluded in self.excluded.values()):
                continue
            reader = self.federation.bureau(name)
            # Before anybody asks: the question itself stands in the audit log.
            yield from (
                f"{name}: {word} on its disk" for word in words_on_disk(reader, self.federation.folder / name)
            )
            yield from (f"{name}: {table}" for table in words_in_state(reader))
            yield from (f"{name}: found by {way}" for way in traces(reader))

    def _faults_of(self, reader: Bureau, name: str, number: int, allowed: bool) -> Iterator[str]:
        identity = record_id("persons", "XAV", f"THISTLE-{number}")
        row = reader.db.execute("SELECT body FROM state_records WHERE record_id=?", (identity,)).fetchone()
        if (row is not None) is not allowed:
            yield f"{name} holds {row} of record {number}, allowed: {allowed}"
        elif row is not None and (row[0] is None) is not (number in self.gone):
            yield f"{name} holds another state of record {number}"
        ordered = reader.db.execute(
            "SELECT 1 FROM state_exclusions WHERE record_id=?", (identity,)
        ).fetchone()
        if ordered and (name, number) not in self.shown:
            yield f"{name} was ordered to delete record {number}, of which it was never told"
        words = (f"THISTLE-{number}", f"{CANARY}{'abc'[number]}", f"QX770012{number}")
        if not allowed and any(word in repr(tables(reader.db, "state_")) for word in words):
            yield f"{name} keeps words of record {number}"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("rounds")


@given(steps=st.lists(st.sampled_from(STEPS), min_size=4, max_size=14), seed=st.integers(0, 2**32))
@settings(
    max_examples=6,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)
def test_exactly_the_allowed_members_hold_a_record_whatever_came_before(
    folder: Path, steps: list[str], seed: int
) -> None:
    made = Federation(folder / f"{seed}-{len(list(folder.iterdir()))}", ("XAV", "XBM", "XCS"))
    try:
        played = Round(made, random.Random(seed))
        played.put(0, set())
        for step in steps:
            played.step(step)
        played.end()
        assert [*played.faults(), *played.found()] == []
        owner = made.bureau("XAV")
        everything = [one.code for one in owner.vocabulary.registers.values()]
        assert owner.records.exclusions.outstanding(everything) == []
        for name in sorted(played.admitted):
            state = tables(made.bureau(name).db, "state_")
            refold(made.bureau(name))
            # What was erased from the ledger, a month after its end, is in no history that is folded again.
            assert "month" in steps or tables(made.bureau(name).db, "state_") == state, name
        assert list(played.faults()) == []
    finally:
        for node in made.nodes.values():
            node.close()
