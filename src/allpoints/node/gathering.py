"""The relay asks the witnesses: one checkpoint at a time goes to all of them, and what they sign goes to everyone.

Nothing waits for it. An entry is streamed as soon as it is on the disk; the quorum's word follows, a second later or so.
"""

import sqlite3

import structlog

from allpoints.ground.clock import SECOND
from allpoints.ground.refusal import Fault, Refusal
from allpoints.ledger import cosignature, serving, witnessing
from allpoints.ledger import store as ledger_store
from allpoints.ledger.checkpoint import Checkpoint, parse
from allpoints.ledger.policy import Policy
from allpoints.node import frames, witnesses
from allpoints.node.engine import Engine

PACE_MS = SECOND // 2
"""At most so often a new checkpoint is brought to the witnesses: each answer is a disk sync at each of them."""
ROUND_MS = 5 * SECOND
"""After so long without a quorum a newer checkpoint is tried."""
ASKED_AGAIN_LIMIT = 3
"""How often a witness is asked again in one round because it stands elsewhere than thought."""

log = structlog.get_logger("gathering")


class _Round:
    """One checkpoint on its way to the witnesses."""

    def __init__(self, text: str, began_ms: int) -> None:
        self.text = text
        self.checkpoint: Checkpoint = parse(text)[0]
        self.began_ms = began_ms
        self.asked: dict[str, int] = {}
        self.lines: dict[str, str] = {}
        self.reached = False


class Gathering:
    """Brings checkpoints to the witnesses of the policy in force and gathers their cosignatures."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self.present: set[str] = set()
        """Members whose line is up."""
        self._held: dict[str, int] = {}
        self._round: _Round | None = None

    @property
    def db(self) -> sqlite3.Connection:
        return self.engine.db

    def policy(self) -> Policy | None:
        """The policy in force, if the secretariat named one."""
        data = witnesses.named(self.db)
        return witnesses.parsed(data) if data else None

    def connected(self, peer: str) -> None:
        """A member follows: it hears what was witnessed, and is asked if it is a witness."""
        self.present.add(peer)
        text = witnessing.witnessed(self.db)[1]
        if text:
            self.engine.carrier.send(peer, frames.encode(frames.Witnessed(text)))
        in_force = self.policy()
        if self._round is not None and in_force is not None:
            self._round.asked.pop(peer, None)
            self._ask(peer, self._round, in_force)

    def departed(self, peer: str) -> None:
        self.present.discard(peer)

    def go_on(self) -> None:
        """Begin a round if there is something new to witness and the last one is done or took too long."""
        now = self.engine.clock.now()
        latest = ledger_store.latest_checkpoint(self.db)
        in_force = self.policy()
        if latest is None or in_force is None or latest[0] <= witnessing.witnessed(self.db)[0]:
            return
        going = self._round
        if going is not None:
            age = now - going.began_ms
            if 0 <= age < (PACE_MS if going.reached else ROUND_MS):
                return
        self._round = _Round(latest[1], now)
        for witness in in_force.witnesses:
            self._ask(witness.name, self._round, in_force)

    def _ask(self, member: str, going: _Round, in_force: Policy) -> None:
        asked = going.asked.get(member, 0)
        named = any(one.name == member for one in in_force.witnesses)
        if not named or member not in self.present or member in going.lines or asked >= ASKED_AGAIN_LIMIT:
            return
        going.asked[member] = asked + 1
        size = going.checkpoint.size
        old = self._held.get(member, 0)
        if old > size:
            # This relay has lost entries that a witness has seen. Only the witness may say what that means.
            log.error("a witness has seen a larger ledger", peer=member)
            old = 0
        proof = serving.consistency_proof(self.db, old, size) if 0 < old <= size else []
        frame = frames.AddCheckpoint(old, proof, going.text)
        self.engine.carrier.send(member, frames.encode(frame))

    def cosigned(self, member: str, size: int, line: str) -> None:
        """Take a witness's cosignature; with the quorum's last one, everybody is told."""
        in_force, going = self.policy(), self._round
        witness = next((one for one in in_force.witnesses if one.name == member), None) if in_force else None
        if in_force is None or witness is None:
            raise Refusal("WITNESS-UNKNOWN", f"{member} is no witness of this ledger.", status=403)
        if going is None or going.checkpoint.size != size:
            return
        signed = cosignature.read_line(line)
        if not cosignature.cosigners(going.checkpoint, [signed], [witness.vkey]):
            raise Refusal("COSIGNATURE-WRONG", f"This is not signed with the key of {member}.", status=403)
        going.lines[member] = line
        self._held[member] = size
        if in_force.reached_by(going.lines):
            self._reached(going)

    def _reached(self, going: _Round) -> None:
        text = cosignature.with_lines(going.text, list(going.lines.values()))
        witnessing.keep_witnessed(self.db, going.checkpoint.size, text)
        first, going.reached = not going.reached, True
        if first:
            frame = frames.encode(frames.Witnessed(text))
            for peer in sorted(self.present):
                self.engine.send(peer, frame)
            self.engine.after(self.go_on)

    def not_cosigned(self, member: str, size: int, fault: Fault) -> None:
        """A witness stands elsewhere, or refuses: it is asked again from where it stands, and its refusal is counted."""
        self._held[member] = size
        in_force, going = self.policy(), self._round
        if fault.code != "WITNESS-CONFLICT":
            self.engine.refusals[fault.code] += 1
            log.error("a witness refused", peer=member, code=fault.code)
        elif in_force is not None and going is not None:
            self.engine.after(lambda: self._ask(member, going, in_force))
