"""The secretariat's side of a root that changes: what the next version is to name, and taking it in."""

from pathlib import Path
from typing import Annotated

import typer

from allpoints.cli import files, folders, output
from allpoints.cli.calling import Call, local

FILE_LIMIT_BYTES = 256 * 1024


def add(root: typer.Typer) -> None:
    """Put these commands on the group of the root."""
    local(
        root,
        "services",
        "root services --out services.json --dir xsc",
        "root services --new-keys --out services.json --dir xsc",
    )(services)
    local(root, "change", "root change root-2.json --dir xsc")(change)


def services(
    call: Call,
    out: Annotated[Path, typer.Option(help="Where to write it; a file that is there is kept.")],
    new_keys: Annotated[
        bool, typer.Option("--new-keys", help="Make the next keys of secretariat and relay, and name those.")
    ] = False,
) -> None:
    """Write what holders draft the next root from: the certificates of this secretariat and its relay.

    With --new-keys the next keys are made, once; they take the place of the present ones with the root that names them.
    """
    from allpoints.ground.clock import SystemClock
    from allpoints.identity.root_files import write_services
    from allpoints.node import changing_root

    files.check_new(out)
    made = changing_root.services(call.settings, SystemClock(), new_keys=new_keys)
    files.write_new(out, write_services(made))
    told = {
        "secretariat signs with": made.secretariat.verify_key.fingerprint(),
        "relay signs with": made.relay.verify_key.fingerprint(),
        "fingerprint": made.fingerprint(),
        "file": str(out),
    }
    if call.as_json:
        output.json({name.replace(" ", "_"): value for name, value in told.items()})
    else:
        output.facts(told)
    output.say("Next: the holders draft the next root from it: allpoints root draft --before ROOT")


def change(
    call: Call,
    root: Annotated[Path, typer.Argument(metavar="ROOT", help="The next root, signed by enough holders.")],
) -> None:
    """Let the next version of the root decide, and take the keys that it names, at the secretariat.

    The node must be stopped, with nothing waiting to be sent. Every node follows from the place of the entry on.
    """
    from allpoints.ground.clock import SystemClock
    from allpoints.node import changing_root

    text = files.read_text(root, FILE_LIMIT_BYTES)
    with folders.held(call.folder):
        taken = changing_root.change(call.settings, text, SystemClock())
    told = {
        "network": taken.network,
        "version": taken.version,
        "threshold": f"{taken.threshold} of {len(taken.holders)}",
        "fingerprint": taken.fingerprint(),
    }
    if call.as_json:
        output.json(told)
    else:
        output.facts(told)
    output.say(f"Next: allpoints serve --dir {call.folder}, and a new backup of its keys.")
