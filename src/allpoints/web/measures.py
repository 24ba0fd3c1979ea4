"""What a node tells its monitor: health in one object, and counters in Prometheus' text form."""

from collections import Counter as Counted
from typing import Protocol

import msgspec
from prometheus_client import CollectorRegistry, Counter, Gauge, generate_latest

from allpoints import __version__
from allpoints.node.host import Host


class Health(msgspec.Struct, frozen=True):
    """How a node is; ``line`` says whether it hears its upper node, ``behind_ms`` since when not.

    ``tls`` says by which TLS the line to the upper node goes: version and group; nothing without any.

    ``witnessed`` is how many entries of the ledger a quorum cosigned, ``evidence`` how much against it is open.
    ``workers`` is how many of the check workers that are wanted answer at the moment.
    """

    status: str
    version: str
    node: str
    role: str
    up_ms: int
    line: bool
    behind_ms: int
    ledger: int
    waiting: int
    witnessed: int = 0
    evidence: int = 0
    tls: str = ""
    workers: int = 0
    workers_wanted: int = 0


class Workers(Protocol):
    """How many check workers there should be, how many answer, how many ended by themselves."""

    count: int
    ready: int
    ended: int


class Measures:
    """Counters of one node; nothing in them names a person, a document or an officer."""

    def __init__(self, host: Host) -> None:
        self.host = host
        self.workers: Workers | None = None
        self.registry = CollectorRegistry()
        self._refusals = Counter(
            "allpoints_refusals", "Input that was refused, by code.", ["code"], registry=self.registry
        )
        # For officers alone: whoever can watch the hits being counted learns that the traveller before him was one.
        self.within = CollectorRegistry()
        self._gauges = {
            name: Gauge(
                f"allpoints_{name}", sentence, registry=self.within if name in WITHIN else self.registry
            )
            for name, sentence in GAUGES.items()
        }
        self._counted: dict[str, int] = {}
        self._connections = Gauge(
            "allpoints_tls_connections",
            "TLS connections since the node started, by group, and whether the caller showed a certificate of the network.",
            ["group", "shown"],
            registry=self.registry,
        )

    def refused(self, code: str, count: int = 1) -> None:
        self._refusals.labels(code).inc(count)

    def health(self) -> Health:
        host = self.host
        now = host.clock.now()
        witnessed = evidence = 0
        bureau, post = host.bureau, host.post
        if bureau is not None:
            line, heard, ledger = bureau.following.live, bureau.as_of(), bureau.following.size
            waiting = bureau.outbox.waiting()
            witnessed, evidence = bureau.witnesses.witnessed(), bureau.witnesses.evidence.open_count()
        elif post is not None:
            line, heard, ledger = post.hears(), post.as_of_ms, post.extract.number
            waiting = post.to_tell()
        else:
            line, heard, ledger, waiting = False, 0, 0, 0
        return Health(
            "ok" if line else "cut off",
            __version__,
            host.me.name,
            host.me.role,
            now - host.started_ms,
            line,
            max(0, now - heard),
            ledger,
            waiting,
            witnessed,
            evidence,
            host.lines.secured.get(host.me.upper.subject, "") if host.me.upper is not None else "",
            self.workers.ready if self.workers else 0,
            self.workers.count if self.workers else 0,
        )

    def text(self, *, within: bool = False) -> bytes:
        """The measures now, in Prometheus' exposition format; ``within`` adds those that only officers are told."""
        health = self.health()
        counts: dict[str, int] = {}
        if self.host.bureau is not None:
            counts = self.host.bureau.checks.counts | self.host.bureau.records.counts
        elif self.host.post is not None:
            counts = self.host.post.counts
        values = {
            "up_seconds": health.up_ms / 1000,
            "line": int(health.line),
            "behind_seconds": health.behind_ms / 1000,
            "ledger_entries": health.ledger,
            "waiting": health.waiting,
            "witnessed_entries": health.witnessed,
            "evidence_open": health.evidence,
            "checks": counts.get("asked", 0),
            "hits": counts.get("hits", 0),
            "records_folded": counts.get("folded", 0),
            "lines_slowed": self.host.slowed,
            "check_workers": health.workers,
            "check_workers_ended": self.workers.ended if self.workers else 0,
            "check_journal_bytes": self.host.sharing.waiting_bytes if self.host.sharing else 0,
            "batches": self.host.driver.batches,
            "batch_items": self.host.driver.items,
        }
        for name, value in values.items():
            self._gauges[name].set(value)
        self._count_refusals()
        if self.host.door is not None:
            for (group, shown), count in self.host.door.secured.items():
                self._connections.labels(group, "yes" if shown else "no").set(count)
        told = generate_latest(self.registry)
        return told + generate_latest(self.within) if within else told

    def refusals(self) -> dict[str, int]:
        """What every part of this node refused, by code: its office, its relay, its lines."""
        host = self.host
        counted = Counted(host.office.refusals)
        counted.update(host.refusals)
        if host.relay is not None:
            counted.update(host.relay.refusals)
        return dict(counted)

    def _count_refusals(self) -> None:
        for code, count in self.refusals().items():
            grown = count - self._counted.get(code, 0)
            if grown > 0:
                self._refusals.labels(code).inc(grown)
                self._counted[code] = count


WITHIN = frozenset({"checks", "hits", "records_folded", "check_journal_bytes"})
GAUGES = {
    "up_seconds": "Seconds since this node started.",
    "line": "1 while the node hears its upper node.",
    "behind_seconds": "How far behind the network this node's knowledge is.",
    "ledger_entries": "Entries of the ledger held here (at a post: changes of its extract).",
    "witnessed_entries": "Entries of the ledger that a quorum of witnesses cosigned.",
    "evidence_open": "Pieces of evidence against the ledger that nobody has answered for.",
    "waiting": "Entries, or checks made alone, that the upper node does not have yet.",
    "checks": "Checks asked of this node since it started.",
    "hits": "Hits among them.",
    "records_folded": "Records folded from the ledger since the node started, in registers open to all desks.",
    "lines_slowed": "How often a line was not read for a while, since its peer was over its quota.",
    "check_workers": "Check workers that answer at the moment.",
    "check_workers_ended": "Check workers that ended by themselves and were started again.",
    "check_journal_bytes": "What check workers answered and the engine has not taken in yet.",
    "batches": "Transactions of the engine.",
    "batch_items": "Items of work in them.",
}
