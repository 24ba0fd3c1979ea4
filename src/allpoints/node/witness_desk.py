"""A bureau and the witnesses: it is one if it has a key, and it knows how far the ledger it folds was witnessed.

What the relay streams is folded at once, witnessed or not: at a border a stolen passport must be known in
milliseconds, and a quorum takes a second. Entries are signed by their authors; what witnesses add is that everyone is
shown the same ledger. So this node says how far that is known, alerts when it stays behind, and once two histories
contradict each other it publishes nothing more (see ``evidence``).
"""

import sqlite3

from allpoints.ground.clock import MINUTE, SECOND
from allpoints.ground.refusal import Refusal
from allpoints.identity import policy as policies
from allpoints.identity.officers import Asker
from allpoints.identity.policy import Act
from allpoints.ledger import audit, checkpoint, cosignature, policy, witnessing
from allpoints.ledger import store as ledger_store
from allpoints.ledger.policy import Policy
from allpoints.ledger.witnessing import Addition
from allpoints.node import evidence, frames, ledger_copy, membership, witnesses
from allpoints.node.alerts import Alerts
from allpoints.node.credentials import Credentials
from allpoints.node.engine import Engine
from allpoints.node.evidence import EvidenceBook
from allpoints.node.following import Following
from allpoints.node.outbox import Outbox

SCHEMAS = (witnessing.SCHEMA, witnesses.SCHEMA, evidence.SCHEMA)

LAG_MS = 5 * MINUTE
"""After so long without a quorum for what is held, everyone is alerted."""
BEHIND_MS = MINUTE
BEATS_BEHIND = 3
"""Signs of life in a row, over a minute, that tell of fewer entries than are held: some alone may only have come late."""
AHEAD_LIMIT = 32
"""Heads of others that are kept until this node has followed so far."""
PROVEN = frozenset({"WITNESS-FORK", "LEDGER-FORK", "CHECKPOINT-ROOT"})
"""Refusals that say: the relay signed something that this node's own copy contradicts."""


class WitnessDesk:
    """Cosigns if this member is a witness, and watches the quorum in any case."""

    def __init__(
        self,
        engine: Engine,
        me: Credentials,
        following: Following,
        outbox: Outbox,
        alerts: Alerts,
    ) -> None:
        self.engine = engine
        self.me = me
        self.following = following
        self.outbox = outbox
        self.alerts = alerts
        self.evidence = EvidenceBook(engine, alerts)
        self.own_policy = witnesses.own_policy(engine.disk.folder)
        outbox.holds_back = self.evidence.is_open
        following.on_grown = self.grown
        following.on_refused = self.contradicted
        self.lagging = False
        self._ahead: dict[str, tuple[str, str]] = {}
        self._waiting: tuple[int, int] | None = None
        self._behind: list[int] = []
        self._behind_ms = 0

    @property
    def db(self) -> sqlite3.Connection:
        return self.engine.db

    def policy(self) -> Policy | None:
        """The policy that this node goes by: its own file, else what the ledger names."""
        data = self.own_policy or witnesses.named(self.db)
        return witnesses.parsed(data) if data else None

    def witnessed(self) -> int:
        """How many entries the quorum is known to have witnessed."""
        return witnessing.witnessed(self.db)[0]

    def take(self, frame: frames.Beat | frames.AddCheckpoint | frames.Witnessed) -> None:
        """Take what the relay says of the whole ledger."""
        match frame:
            case frames.AddCheckpoint():
                self.asked(frame)
            case frames.Witnessed():
                self.told(frame.checkpoint)
            case _ if self.beat(frame.at_ms, frame.size):
                self.following.beat(frame.size)

    # -- as a witness

    def asked(self, frame: frames.AddCheckpoint) -> None:
        """The relay asks for a cosignature over the line; it is told what was decided."""
        addition = Addition(frame.old_size, tuple(frame.proof), frame.checkpoint)
        decided = self.decide(addition, self.following.relay)
        size = witnessing.held(self.db, self.me.network).size
        if isinstance(decided, Refusal):
            self.engine.refusals[decided.code] += 1
            answer: frames.Frame = frames.NotCosigned(size, decided.fault())
        else:
            answer = frames.Cosigned(size, decided)
        self.engine.send(self.following.relay, frames.encode(answer))

    def decide(self, addition: Addition, source: str) -> str | Refusal:
        """Cosign or refuse; what a refusal proves is kept, so it is returned and not raised."""
        if self.me.witness is None:
            return Refusal("WITNESS-NONE", "This node is no witness.", status=404)
        signer = (witnesses.witness_name(self.me.network, self.me.member), self.me.witness)
        try:
            return witnessing.add_checkpoint(
                self.db,
                addition,
                self.following.relay_keys(),
                signer,
                self.engine.clock.now() // SECOND,
                self.evidence.root_at,
            )
        except Refusal as refusal:
            self._refused(refusal, addition.checkpoint, source)
            return refusal

    def _refused(self, refusal: Refusal, text: str, source: str) -> None:
        """Keep what proves something. A proof that does not hold convicts only the relay itself, and only if it sent it."""
        if refusal.code == "WITNESS-FORK":
            self.contradicted(refusal, text, source)
        elif refusal.code == "WITNESS-PROOF" and source == self.following.relay:
            size = checkpoint.verify(text, self.following.relay_keys()).size
            self.evidence.keep(evidence.REWRITE, source, refusal.sentence, text, size)
        elif refusal.code == "WITNESS-PROOF":
            self.compare(text, source)

    def served(self, origin: str) -> str:
        """The last checkpoint that this witness cosigned, with its own line. Raises Refusal WITNESS-NOTHING."""
        text = witnessing.held(self.db, origin).checkpoint
        if not text:
            raise Refusal("WITNESS-NOTHING", "This witness has cosigned nothing of it.", status=404)
        return text

    # -- as a follower

    def told(self, text: str) -> None:
        """Take a checkpoint with cosignatures: known to be witnessed if the quorum is there and this copy agrees."""
        checkpoint.verify(text, self.following.relay_keys())
        signed, lines = checkpoint.parse(text)
        in_force = self.policy()
        if in_force is None:
            raise Refusal("POLICY-NONE", "This node knows no witnesses.", status=409)
        in_force.check_quorum(signed, lines)
        if self.compare(text, self.following.relay):
            witnessing.keep_witnessed(self.db, signed.size, text)

    def compare(self, text: str, source: str) -> bool:
        """Compare a signed checkpoint with this node's copy; whether it is the same ledger, as far as is held here.

        One that is larger waits until this node has followed so far.
        """
        signed = checkpoint.verify(text, self.following.relay_keys())
        own = self.evidence.root_at(signed.size)
        if own is None:
            if len(self._ahead) < AHEAD_LIMIT or source in self._ahead:
                self._ahead[source] = (text, source)
            return False
        if own != signed.root:
            sentence = f"{source} shows a ledger of {signed.size} entries that is not the one held here."
            self.evidence.keep(evidence.SPLIT_VIEW, source, sentence, text, signed.size)
            return False
        return True

    def grown(self) -> None:
        """The node has followed further: compare what was ahead of it."""
        self._behind.clear()
        waiting, self._ahead = list(self._ahead.values()), {}
        for text, source in waiting:
            try:
                if source == self.following.relay:
                    self.told(text)
                else:
                    self.compare(text, source)
            except Refusal as refusal:
                self.engine.refusals[refusal.code] += 1

    def contradicted(self, refusal: Refusal, text: str, source: str = "") -> bool:
        """Keep what a refused checkpoint of the relay's own proves; whether it proves anything."""
        if refusal.code not in PROVEN:
            return False
        signed = checkpoint.verify(text, self.following.relay_keys())
        own = self.evidence.root_at(signed.size)
        kind = evidence.REWRITE if own is None else evidence.FORK
        self.evidence.keep(kind, source or self.following.relay, refusal.sentence, text, signed.size)
        return True

    def beat(self, at_ms: int, size: int) -> bool:
        """Whether a sign of life tells of no less than is held; several in a row that do are a rollback."""
        held = ledger_store.size(self.db)
        if size >= held:
            self._behind.clear()
            return True
        now = self.engine.clock.now()
        if not self._behind or now < self._behind_ms:
            self._behind, self._behind_ms = [], now
        if not self._behind or at_ms > self._behind[-1]:
            self._behind = [*self._behind, at_ms][-BEATS_BEHIND:]
        if len(self._behind) >= BEATS_BEHIND and now - self._behind_ms >= BEHIND_MS:
            self._behind.clear()
            sentence = (
                f"The relay says that it has {size} entries, and {held} are held here under its signature."
            )
            self.evidence.keep(evidence.ROLLBACK, self.following.relay, sentence, "", size)
        return False

    # -- what a clock does

    def tick(self, now: int) -> None:
        """Alert once when what is held stays without a quorum."""
        size, known = ledger_store.size(self.db), self.witnessed()
        if size <= known or self.policy() is None:
            self._waiting, self.lagging = None, False
        elif self._waiting is None or known >= self._waiting[0] or now < self._waiting[1]:
            self._waiting, self.lagging = (size, now), False
        elif now - self._waiting[1] > LAG_MS and not self.lagging:
            self.lagging = True
            head = f"The quorum has witnessed {known} of {size} entries, and no more for {LAG_MS // MINUTE} minutes"
            self.alerts.raise_(now, "ledger", head, evidence.PAGE, urgent=True)

    # -- what administrators do

    def announce(self, asker: Asker) -> str:
        """Write this member's witness key to the ledger, for everyone to know; gives its line."""
        policies.require(self.alerts.vocabulary, asker, Act.ADMINISTER_NETWORK)
        if self.me.witness is None:
            raise Refusal(
                "WITNESS-NONE",
                "This node has no witness key.",
                hint="Run allpoints witness key, and serve the node again.",
                status=409,
            )
        name = witnesses.witness_name(self.me.network, self.me.member)
        line = cosignature.witness_vkey(name, self.me.witness).text()
        self.outbox.write_clear(membership.WITNESS_ANNOUNCED, frames.pack(witnesses.Announcing(line)))
        audit.record(self.db, "witness:announced", asker, self.engine.clock.now(), vkey=line)
        return line

    def name(self, asker: Asker, data: bytes) -> None:
        """The secretariat names the policy that holds from here on."""
        policies.require(self.alerts.vocabulary, asker, Act.ADMINISTER_NETWORK)
        if not self.me.is_secretariat:
            raise Refusal("NOT-SECRETARIAT", "The secretariat names the witnesses.", status=403)
        witnesses.check(policy.read(data), self.me.network, witnesses.announced(self.db))
        self.outbox.write_clear(membership.WITNESSES_NAMED, frames.pack(witnesses.Naming(data)))
        audit.record(
            self.db, "witness:named", asker, self.engine.clock.now(), policy=data.decode("utf-8", "replace")
        )

    def standing(self) -> witnesses.LedgerStanding:
        """How far the ledger was witnessed, by whom, under which policy."""
        in_force = self.policy()
        size, text = witnessing.witnessed(self.db)
        signed = in_force.cosigned_by(*checkpoint.parse(text)) if in_force is not None and text else {}
        named = {one.name for one in in_force.witnesses} if in_force is not None else set()
        known = {one.member: one.vkey.text() for one in witnesses.announced(self.db)}
        return witnesses.LedgerStanding(
            log=ledger_copy.log_line(self.db),
            size=ledger_store.size(self.db),
            witnessed=size,
            lagging=self.lagging,
            forked=self.evidence.is_open(),
            policy=in_force.to_bytes().decode("utf-8", "replace") if in_force is not None else "",
            policy_from="" if in_force is None else "file" if self.own_policy else "ledger",
            witnesses=[
                witnesses.WitnessStanding(
                    name, known.get(name, ""), name in known, name in named, signed.get(name, 0) * SECOND
                )
                for name in sorted({*named, *known})
            ],
            checkpoint=text,
        )
