"""The ledger for others: its key, a mirror of its tiles, and proofs that are checked without any node."""

from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from allpoints.cli import files, folders, output
from allpoints.cli.calling import Call, group, local
from allpoints.ground.refusal import Refusal

if TYPE_CHECKING:
    import sqlite3

    from allpoints.ledger.policy import Policy

AUTHORS_FILE = "authors.txt"
POLICY_LIMIT_BYTES = 256 * 1024
PROOF_LIMIT_BYTES = 1024 * 1024
OWN_LOG = "the log key in this node's own copy of the ledger"
"""Whom a proof is checked against when nobody says whom to believe."""


def add(app: typer.Typer) -> None:
    """Put these commands on ``app``."""
    ledger = group("The ledger for others: its key, a mirror of its tiles, proofs of entries.")
    local(ledger, "key", "ledger key --dir xav")(key)
    local(ledger, "export", "ledger export mirror --dir xav", "ledger export mirror --contents")(export)
    local(ledger, "prove", "ledger prove 17 --dir xav", "ledger prove 17 --entry 17.entry")(prove)
    app.add_typer(ledger, name="ledger")


def key(call: Call) -> None:
    """Print the verifier key of the ledger's log, as a policy names it.

    It stands in the ledger's first entry. Compare it with another member's before you write it into a policy.
    """
    from allpoints.node.ledger_copy import log_vkey

    with closing(_copy(call)) as db:
        vkey = log_vkey(db)
    if call.as_json:
        output.json({"origin": vkey.name, "vkey": vkey.text()})
    else:
        output.data(vkey.text())


def export(
    call: Call,
    mirror: Annotated[Path, typer.Argument(metavar="FOLDER", help="Where the files are written.")],
    contents: Annotated[
        bool, typer.Option("--contents", help="The entries' sealed bytes too, not only their commitments.")
    ] = False,
) -> None:
    """Write this node's copy of the ledger as static tiles, as a mirror serves them.

    Run again, it writes what is new; stopped in the middle, it goes on where it was. The checkpoint is written last.
    With --contents a file of the authors' keys stands beside them, as this node knows them.
    """
    from allpoints.ledger import publishing
    from allpoints.node import setting_up
    from allpoints.node.ledger_copy import authors

    with closing(_copy(call)) as db, output.progress() as bars:
        bar = bars.add_task("Writing tiles", total=None, note="")
        done = publishing.export(
            db, mirror, lambda at, total: bars.update(bar, completed=at, total=total), contents=contents
        )
        if contents:
            text = authors(db, setting_up.credentials(call.settings))
            (mirror / AUTHORS_FILE).write_text(text, encoding="utf-8")
    if call.as_json:
        output.json(done)
    else:
        output.facts({"entries": done.size, "files written": done.written, "files kept": done.kept})


def prove(
    call: Call,
    seq: Annotated[int, typer.Argument(metavar="NUMBER", min=1, help="The entry's place in the ledger.")],
    out: Annotated[
        Path | None, typer.Option(help="The file to write; NUMBER.tlog-proof without it.", show_default=False)
    ] = None,
    entry: Annotated[
        Path | None, typer.Option(help="Write the entry's bytes to this file too.", show_default=False)
    ] = None,
) -> None:
    """Write a proof that an entry stands in the ledger, which anybody can check for years with a policy alone.

    It tells who wrote what kind of entry, and nothing of what the entry says.
    """
    from allpoints.ledger import proof, store
    from allpoints.ledger.entry import Entry
    from allpoints.ledger.stub import read

    with closing(_copy(call)) as db:
        made = proof.prove(db, seq)
        (data,) = store.encoded(db, seq, seq)
    if entry is not None and not isinstance(read(data), Entry):
        raise Refusal(
            "ENTRY-ERASED", f"The bytes of entry {seq} are erased; the proof still holds.", path="entry"
        )
    written = out or Path(f"{seq}.tlog-proof")
    written.write_text(made.text(), encoding="utf-8")
    if entry is not None:
        entry.write_bytes(data)
    told = {"entry": seq, "author": made.stub.author, "kind": made.stub.kind, "file": str(written)}
    if call.as_json:
        output.json(told)
    else:
        output.facts(told)


def verify(call: Call, file: Path, policy: Path | None, entry: Path | None) -> None:
    """Check a proof against a policy, and the entry's bytes against the proof."""
    from allpoints.ledger import proof
    from allpoints.ledger.entry import ENTRY_LIMIT_BYTES

    made = proof.parse(files.read_text(file, PROOF_LIMIT_BYTES))
    proven = made.check(_policy(call, policy))
    if entry is not None:
        with entry.open("rb") as opened:
            proven.stub.check_bytes(opened.read(ENTRY_LIMIT_BYTES + 1))
    told = {
        "ledger": proven.checkpoint.origin,
        "entry": proven.seq,
        "of": proven.checkpoint.size,
        "author": proven.stub.author,
        "author's entry": proven.stub.author_seq,
        "kind": proven.stub.kind,
        "sha256": proven.stub.digest.hex(),
        "witnesses": ", ".join(sorted(proven.witnesses)) or "none asked for",
        "believed": OWN_LOG if policy is None else f"what {policy} names",
    }
    if policy is None:
        output.say(
            f"No policy was given: {OWN_LOG} was believed, and no witness was asked for. Give one with --policy."
        )
    if call.as_json:
        output.json({**told, "witnesses": proven.witnesses, "bytes": entry is not None})
    else:
        output.facts({"proof": "holds", **told})


def _policy(call: Call, path: Path | None) -> "Policy":
    from allpoints.ledger import policy
    from allpoints.node.ledger_copy import log_vkey

    if path is not None:
        return policy.read(files.read_text(path, POLICY_LIMIT_BYTES).encode())
    with closing(_copy(call)) as db:
        return policy.Policy((policy.Log(log_vkey(db)),), (), (), policy.NONE)


def _copy(call: Call) -> "sqlite3.Connection":
    from allpoints.node.ledger_copy import open_copy

    return open_copy(call.folder / folders.DATABASE)
