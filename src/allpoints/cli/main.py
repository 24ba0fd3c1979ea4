"""``allpoints``: the commands put together, and what becomes of a refusal."""

import sys
from collections.abc import Sequence

import typer

from allpoints.cli import (
    attachments,
    auditing,
    border,
    emergencies,
    founding,
    hits,
    imports,
    keys,
    ledger,
    membership,
    messages,
    notices,
    officers,
    openings,
    output,
    policies,
    records,
    registers,
    review,
    root,
    sample,
    standing,
    traces,
    upkeep,
    watching,
    witnesses,
)
from allpoints.cli.client import NOT_RUNNING
from allpoints.ground.refusal import Refusal

DONE = 0
REFUSED = 1
NOT_REACHABLE = 3

app = typer.Typer(
    name="allpoints",
    help="One country's node in a network of police cooperation: run it, and do from here what its desk does.",
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)
for commands in (
    founding,
    root,
    keys,
    membership,
    officers,
    emergencies,
    policies,
    border,
    hits,
    traces,
    records,
    attachments,
    imports,
    registers,
    notices,
    review,
    messages,
    standing,
    auditing,
    openings,
    watching,
    upkeep,
    witnesses,
    ledger,
    sample,
):
    commands.add(app)


def run(arguments: Sequence[str]) -> int:
    """Carry out one command line; returns the exit status."""
    try:
        app(list(arguments), prog_name="allpoints")
    except SystemExit as ended:
        if isinstance(ended.code, str):
            output.say(f"error: {ended.code}")
            return REFUSED
        return ended.code or DONE
    except Refusal as refusal:
        output.refused(refusal, as_json="--json" in arguments)
        return NOT_REACHABLE if refusal.code == NOT_RUNNING else REFUSED
    return DONE


def main() -> None:
    """The entry point of the ``allpoints`` command."""
    sys.exit(run(sys.argv[1:]))


if __name__ == "__main__":
    main()
