"""``allpoints``: the commands put together, and what becomes of a refusal."""

import os
import sys
from collections.abc import Sequence

import typer

from allpoints.cli import calling, founding, membership, officers, output
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
founding.add(app)
membership.add(app)
officers.add(app)


def run(arguments: Sequence[str]) -> int:
    """Carry out one command line; returns the exit status."""
    try:
        app(list(arguments), prog_name="allpoints")
    except SystemExit as ended:
        return ended.code if isinstance(ended.code, int) else REFUSED
    except Refusal as refusal:
        output.refused(refusal, as_json="--json" in arguments)
        return NOT_REACHABLE if refusal.code == "NODE-NOT-RUNNING" else REFUSED
    except BrokenPipeError:
        # Whoever read the output has gone; what is still buffered must not raise again at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return REFUSED
    return DONE


def main() -> None:
    """The entry point of the ``allpoints`` command."""
    sys.exit(run(sys.argv[1:]))


if __name__ == "__main__":
    main()
