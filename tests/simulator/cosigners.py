"""Members that witness the ledger through crashes and bad lines, and somebody who asks them to cosign another history."""

import random
from collections.abc import Iterator
from functools import partial

from tests.simulator import keys
from tests.simulator.acts import Officers
from tests.simulator.federation import Federation
from tests.simulator.node import Crashed

from allpoints.ground.clock import SECOND
from allpoints.ground.refusal import Refusal
from allpoints.identity.officers import Asker
from allpoints.ledger import policy, witnessing
from allpoints.ledger.checkpoint import Checkpoint, sign
from allpoints.ledger.merkle import leaf_hash
from allpoints.ledger.policy import Witness
from allpoints.ledger.witnessing import Addition
from allpoints.node import witnesses

WITNESSES = ("XAV", "XCS", "XDV")
QUORUM = 2
ADMINISTRATOR = Asker("ada", frozenset({"administrator"}), "border-control", "C-1")
FORKS_LIMIT = 3


class Cosigners:
    """Administrators who announce and name witnesses, and a thief of the relay's key."""

    def __init__(self, officers: Officers) -> None:
        self.officers = officers
        self.luck = random.Random(f"{officers.world.seed}/witnesses")
        self.forks = 0
        officers.also(2, self.show_fork)
        officers.world.later(SECOND, self._go_on)

    def _go_on(self) -> None:
        """Announce and name as soon as it can be done, and answer for what was shown."""
        self.officers.world.later(SECOND, self._go_on)
        try:
            self._name_or_announce()
            self._settle()
        except Crashed:
            self.officers.world.note("world", "act", "", "an administrator's node crashed")

    def _settle(self) -> None:
        """Nobody publishes while a piece of evidence is open: its administrator says what it was."""
        federation = self.officers.federation
        for name in WITNESSES:
            book = federation.bureau(name).witnesses.evidence if federation.alive(name) else None
            for one in [] if book is None or not book.is_open() else book.listed():
                if not one.settled_ms and book is not None:
                    settle = partial(book.settle, ADMINISTRATOR, one.number, "The relay's key was stolen.")
                    self.officers.do(name, settle)

    def _name_or_announce(self) -> None:
        federation = self.officers.federation
        if not federation.alive(keys.DESK):
            return
        desk = federation.bureau(keys.DESK)
        known = {one.member: one.vkey for one in witnesses.announced(desk.db)}
        for name in WITNESSES:
            if name not in known and federation.alive(name):
                self.officers.do(name, partial(federation.bureau(name).witnesses.announce, ADMINISTRATOR))
                return
        if set(known) == set(WITNESSES) and not witnesses.named(desk.db):
            made = policy.majority([], [Witness(name, known[name]) for name in WITNESSES], QUORUM)
            self.officers.do(keys.DESK, lambda: desk.witnesses.name(ADMINISTRATOR, made.to_bytes()))

    def show_fork(self) -> str:
        """Whoever stole the relay's key asks a witness over HTTP to cosign another history of the size it stands at.

        It has to refuse, whatever happened to it before.
        """
        federation = self.officers.federation
        name = self.luck.choice(WITNESSES)
        if self.forks >= FORKS_LIMIT or not federation.alive(name):
            return ""
        bureau = federation.bureau(name)
        size = witnessing.held(bureau.db, keys.NETWORK).size
        if not size:
            return ""
        self.forks += 1
        root = leaf_hash(b"another history %d" % self.forks)
        thief = federation.papers.credentials(keys.RELAY)
        text = sign(Checkpoint(keys.NETWORK, size, root), thief.signing)
        asked = Addition(size, (), text)
        # In a list, since an outcome that is a refusal would be taken for one of the act itself.
        (decided,) = self.officers.do(name, lambda: [bureau.witnesses.decide(asked, "over HTTP")])
        if not isinstance(decided, Refusal):
            self.officers.truth.faults.append(f"{name} cosigned another history of {size} entries")
        return f"{name} refused another history of {size} entries"


def unrest(federation: Federation, name: str) -> Iterator[str]:
    """How far a bureau knows that the quorum is, where there is one."""
    bureau = federation.bureau(name)
    if bureau.witnesses.policy() is not None and bureau.witnesses.witnessed() != federation.relay().size:
        yield f"{name} knows {bureau.witnesses.witnessed()} of {federation.relay().size} entries as witnessed"


def faults(federation: Federation) -> Iterator[str]:
    """Nobody cosigned anything but the relay's ledger, and no evidence is left open."""
    root = federation.bureau(keys.DESK).witnesses.evidence.root_at
    for name in WITNESSES:
        held = witnessing.held(federation.bureau(name).db, keys.NETWORK)
        if held.size and held.root != root(held.size):
            yield f"{name} cosigned a history of {held.size} entries that is not the ledger"
    for name in (keys.DESK, *keys.BUREAUS):
        count = federation.bureau(name).witnesses.evidence.open_count()
        if count:
            kinds = [one.sentence for one in federation.bureau(name).witnesses.evidence.listed()]
            yield f"{name} holds open evidence: {kinds}"
