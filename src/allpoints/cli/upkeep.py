"""Looking after a node's folder: rebuilding its state, verifying its ledger and its audit log."""

import sqlite3
from contextlib import closing, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import msgspec
import typer

from allpoints.cli import folders, output
from allpoints.cli.calling import Call, local
from allpoints.ground.refusal import Fault, Refusal

if TYPE_CHECKING:
    from allpoints.ledger.anchor import Anchor
    from allpoints.ledger.audit_tree import Head
    from allpoints.ledger.entry import Entry
    from allpoints.node.credentials import Credentials

RELAY_DATABASE = "relay.sqlite"


class Finding(msgspec.Struct, frozen=True):
    """What verifying one log gave; ``seq`` names the first bad entry or line."""

    what: str
    entries: int
    checkpoints: int = 0
    seq: int = 0
    fault: Fault | None = None


def add(app: typer.Typer) -> None:
    """Put these commands on ``app``."""
    local(app, "rebuild", "rebuild --dir xav")(rebuild)
    local(app, "verify", "verify --dir xav", "verify --json", "verify 17.tlog-proof --policy policy.txt")(
        verify
    )


def rebuild(call: Call) -> None:
    """Drop this node's state and check index, and make both again from the ledger's entries.

    The node must be stopped. Keys, officers, audit log, messages and imports are not touched.
    """
    from allpoints.node.rebuilding import rebuild as refold

    with folders.held(call.folder), output.progress() as bars:
        bar = bars.add_task("Folding", total=None, note="")
        folded = refold(call.settings, lambda done, total: bars.update(bar, completed=done, total=total))
    if call.as_json:
        output.json({"entries": folded})
    else:
        output.facts({"entries folded": folded})


def verify(
    call: Call,
    file: Annotated[
        Path | None,
        typer.Argument(
            metavar="FILE", help="A proof: it is checked, and no node is asked.", show_default=False
        ),
    ] = None,
    policy: Annotated[
        Path | None,
        typer.Option(
            help="Whom to believe about the proof: log, witnesses and quorum; without it, this node's ledger.",
            show_default=False,
        ),
    ] = None,
    entry: Annotated[
        Path | None,
        typer.Option(help="The entry's bytes, to be compared with the proof.", show_default=False),
    ] = None,
) -> None:
    """Read this node's whole copy of the ledger and its audit log again, and check that nothing was changed.

    Signatures, authors' chains, the tree and every checkpoint are computed anew. It only reads, and may run beside
    a running node. Exits with 1 and names the first entry that is not sound. With FILE, checks that proof instead.
    """
    from allpoints.cli import ledger

    if file is not None:
        ledger.verify(call, file, policy, entry)
    elif policy is not None or entry is not None:
        raise Refusal(
            "PROOF-MISSING", "A policy or an entry is for checking a proof: name its file.", path="file"
        )
    else:
        _verify_node(call)


def _verify_node(call: Call) -> None:
    from allpoints.node import founding, setting_up

    me = setting_up.credentials(call.settings)
    findings: list[Finding] = []
    heads: list[Head] = []
    if me.role != "post":
        findings.append(_ledger("ledger", call.folder / folders.DATABASE, me, heads))
    if me.is_secretariat:
        relay = call.folder / founding.RELAY_FOLDER / RELAY_DATABASE
        findings.append(_ledger("relay's ledger", relay, me, []))
    findings.append(_audit(call.folder / folders.DATABASE, heads))
    if call.as_json:
        output.json(findings)
    else:
        for one in findings:
            _tell(one)
    if any(one.fault is not None for one in findings):
        raise typer.Exit(1)


def _tell(one: Finding) -> None:
    if one.fault is None:
        output.data(f"{one.what}: sound ({output.counted(one.entries, 'entry', 'entries')})")
        return
    place = f"entry {one.seq}" if one.seq else "its tables"
    output.data(f"{one.what}: NOT SOUND at {place}: {one.fault.sentence} ({one.fault.code})")
    if one.fault.hint:
        output.say(f"hint: {one.fault.hint}")


def _ledger(what: str, path: Path, me: "Credentials", heads: "list[Head]") -> Finding:
    from allpoints.ledger.checkpoint import RelayKeys
    from allpoints.ledger.verify import verify_ledger
    from allpoints.node import membership, root_changes
    from allpoints.node.ledger_copy import open_copy
    from allpoints.node.member_keys import Event

    directory = membership.begin(me)

    def learn(entry: "Entry") -> None:
        event = Event.of(entry, 0)
        if event.kind in membership.MEMBERSHIP_KINDS:
            # One that does not hold changes nothing at any node.
            with suppress(Refusal):
                membership.apply(directory, me, event)
        _anchored(entry, me.name, heads)

    with closing(open_copy(path, "ledger_entries")) as db, output.progress() as bars:
        bar = bars.add_task(f"Verifying the {what}", total=None, note="")
        report = verify_ledger(
            db,
            lambda: RelayKeys(me.network, root_changes.relay_keys(directory, me).keys[-1:]),
            lambda name, kind, at_ms: membership.author_key(directory, me, name, kind, at_ms),
            lambda done, total: bars.update(bar, completed=done, total=total),
            learn,
        )
    return Finding(what, report.entries, report.checkpoints, report.seq, report.fault)


def _audit(path: Path, heads: "list[Head]") -> Finding:
    from allpoints.ledger.audit_verify import Verification
    from allpoints.node.ledger_copy import open_copy

    with closing(open_copy(path, "office_audit")) as db, output.progress() as bars:
        bar = bars.add_task("Verifying the audit log", total=None, note="")
        reading = Verification(db, heads)
        try:
            while reading.step():
                bars.update(bar, completed=reading.done, total=reading.total())
        except Refusal as refusal:
            line = int(refusal.path.partition("[")[2].rstrip("]") or 0)
            return Finding("audit log", 0, 0, line, refusal.fault())
        except sqlite3.DatabaseError as error:
            return Finding("audit log", 0, 0, 0, Fault("AUDIT-UNREADABLE", f"It cannot be read: {error}."))
        return Finding("audit log", reading.done, reading.anchored)


def _anchored(entry: "Entry", log: str, heads: "list[Head]") -> None:
    """Keep the heads of a log that an entry of the verified ledger anchors; a new generation begins anew."""
    from allpoints.ledger.audit_tree import Head

    for one in _heads_in(entry, log):
        if not one.previous:
            heads.clear()
        heads.append(Head(one.size, one.root))


def _heads_in(entry: "Entry", log: str) -> "list[Anchor]":
    from allpoints.ledger.anchor import Anchored
    from allpoints.node import frames, membership

    if entry.header.kind != membership.ANCHORED or entry.header.author != log[:3]:
        return []
    try:
        return [one for one in frames.body(entry.sealed, Anchored).heads if one.log == log]
    except Refusal:
        return []


def anchored_heads(folder: Path, seq: int, log: str) -> "list[Anchor]":
    """The heads of a log that the entry at ``seq`` of this folder's ledger anchors."""
    from allpoints.ledger import store
    from allpoints.ledger.entry import parse
    from allpoints.node.ledger_copy import open_copy

    with closing(open_copy(folder / folders.DATABASE, "ledger_entries")) as db:
        return [head for data in store.encoded(db, seq, seq) for head in _heads_in(parse(data), log)]


def admitted(call: Call, certificate: bytes) -> bool:
    """Whether this folder's ledger admits, or once admitted, exactly this certificate of a member or of the secretariat."""
    from allpoints.identity.certificate import Certificate
    from allpoints.node import membership, setting_up
    from allpoints.node.ledger_copy import open_copy

    me = setting_up.credentials(call.settings)
    with closing(open_copy(call.folder / folders.DATABASE, "state_membership")) as db:
        return membership.load(db, me).knows(Certificate.from_bytes(certificate))
