"""Two nodes that were told the same, but for the records of a closed register, which one of them has beside it."""

import difflib
import re
from functools import partial
from pathlib import Path
from typing import Any

import httpx
from tests.registers import readers
from tests.registers.readers import CLOSED, OPEN, PLAIN, thing
from tests.web.console_network import ROLES, SECRETARIAT, Network, add_officer

from allpoints.identity import certifying
from allpoints.identity.officers import Asker
from allpoints.registers.entering import Carriage
from allpoints.registers.linking import Between
from allpoints.registers.record import record_id
from allpoints.registers.visibility import certifiable

CERTIFIED = Asker(
    "carla", frozenset({"desk", "command"}), "border-control", "C-1", certified=frozenset({CLOSED})
)
CARRIAGE = Carriage("border-control", "official-use")
ALIKE, OTHER, BLOCKED = (record_id(CLOSED, SECRETARIAT, ref) for ref in ("T-1", "S-1", "S-2"))
"""Closed records: one that says what open ones say, one that says what none of them does, one under examination."""

SECRET = {
    "title": "Nightjar bronze",
    "kind": "painting",
    "maker": "Ysolde Fenwick",
    "keeper": "Vault of Karst",
    "story": "Found below the quay",
    "tag": "ZZ77777",
    "hidden_tag": "HID11111",
    "paper": "QQ0009000",
}
"""What no open record says."""

_NAMES = (
    "asked_ms|as_of_ms|took_us|check|up_ms|behind_ms|at_ms|now_ms|published_ms|expires_ms|ends_ms|value_ms"
)
MOVING = re.compile(
    rf'"({_NAMES}|seen_ms|since_ms|key_ends_ms|ledger|waiting|audit|id|last_event_id|csrf)": ?("[^"]*"|\d+)'
    r"|<time.*?</time>|\d+ [A-Z][a-z]+ \d{4}(, \d\d:\d\d:\d\d UTC)?"
    r'|data-(ends|now|after|id)="\d+"|name="csrf" value="[0-9a-f]*"'
    r"|(?s:<dt>(Entries held|Running for|Waiting for the line|Address)</dt>.*?</dd>)"
    r'|"label": ?"(Entries held|Running for|Waiting for the line|Behind the network)", ?"value": ?\d+'
    r"|(?m:^allpoints_(up_seconds|behind_seconds|ledger_entries|waiting|batches|batch_items|refusals_created.*) .*$)"
    r"|published up to [^<]+ ago|(?s:Answered in.*?</p>)|[0-9a-f]{4}( [0-9a-f]{4}){7,}"
)
"""What moves by itself, and the size of the ledger and of the outbox, which count the entries of everybody,
anchors of audit logs among them."""


class Twin(Network):
    """A secretariat alone, with four registers of its own vocabulary beside those that ship."""

    async def _build(self) -> None:
        self._init(SECRETARIAT, "secretariat")
        readers.write(self.words)
        centre = self._open(SECRETARIAT)
        await centre.start()
        for officer, role in (*ROLES[SECRETARIAT], ("dana", "desk"), ("carla", "desk")):
            await centre.do(partial(add_officer, centre, officer, role))
        names = certifiable(centre.vocabulary)
        await centre.do(lambda: certifying.certify(centre.office.db, "carla", CLOSED, names, 1))

    @property
    def words(self) -> Path:
        return self.folder / "words"

    @property
    def desk(self) -> Any:
        return self.hosts[SECRETARIAT].desk()

    def settle(self) -> None:
        self.until(lambda: not self.desk.outbox.waiting())

    def enter(self, register: str, raw: dict[str, Any]) -> None:
        self.do(SECRETARIAT, lambda: self.desk.records.enter(CERTIFIED, register, raw, CARRIAGE))
        self.settle()

    def hear(self, *, secrets: bool) -> None:
        """Be told what both are told, and what one of them is told beside it."""
        for number, ref in enumerate(("T-1", "T-2", "T-3")):
            raw = thing(ref, tag=f"AV1234{number}", paper=f"PP000100{number}")
            for register in (PLAIN, OPEN, *((CLOSED,) if secrets else ())):
                self.enter(register, raw)
        if not secrets:
            return
        for ref in ("S-1", "S-2"):
            self.enter(CLOSED, thing(ref, **SECRET))
        said = Between(OTHER, record_id(PLAIN, SECRETARIAT, "T-1"), "same-as", "Same vault.", "")
        self.do(SECRETARIAT, lambda: self.desk.links.enter(CERTIFIED, said))
        self.do(SECRETARIAT, lambda: self.desk.blocks.block(CERTIFIED, BLOCKED, "Doubts."))
        self.settle()


def made(folder: Path, *, secrets: bool) -> Twin:
    twin = Twin(folder)
    twin.hear(secrets=secrets)
    return twin


def shape(answer: httpx.Response) -> tuple[int, str, dict[str, str]]:
    """An answer without what moves by itself."""
    headers = {
        key: value
        for key, value in answer.headers.items()
        if key not in {"content-length", "set-cookie", "date"}
    }
    return answer.status_code, MOVING.sub("…", answer.text), headers


def differences(left: httpx.Response, right: httpx.Response) -> list[str]:
    """The lines in which two answers differ, for whoever has to find out why."""
    before, after = (MOVING.sub("…", one.text).splitlines() for one in (left, right))
    return [line for line in difflib.ndiff(before, after) if line[0] in "+-"][:6]
