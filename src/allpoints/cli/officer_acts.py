"""How a command changes officers: by the running node's API, or in its folder while it is stopped."""

import sqlite3
from collections.abc import Callable
from typing import Annotated, TypeVar

import typer

from allpoints.cli import output
from allpoints.cli.calling import Call
from allpoints.cli.client import NOT_RUNNING
from allpoints.ground.refusal import Refusal
from allpoints.identity.officers import Asker

PATH = "/api/v1/officers"

T = TypeVar("T")
Name = Annotated[str, typer.Argument(metavar="NAME", help="The officer's name, in small letters.")]


def show_secret(call: Call, name: str, kind: str, made: str) -> None:
    """The secret alone on standard output, so that a script can take it."""
    if call.as_json:
        output.json({"name": name, kind.rpartition(" ")[2]: made})
    else:
        output.data(made)
    output.say(f"This is {name}'s {kind}; it is not shown again.")


def act(
    call: Call,
    by_api: Callable[[], T],
    by_folder: Callable[[sqlite3.Connection, int], T],
    event: tuple[str, str] | None = None,
    **more: str,
) -> T:
    """Ask the running node; when none runs, work in its folder, which whoever may read it may do."""
    try:
        return by_api()
    except Refusal as refusal:
        if refusal.code not in {NOT_RUNNING, "TOKEN-MISSING"}:
            raise
    from allpoints.cli import folders
    from allpoints.ground.clock import SystemClock
    from allpoints.ledger import audit

    now = SystemClock().now()
    with folders.written(call.folder) as db:
        done = by_folder(db, now)
        if event is not None:
            here = Asker("folder", frozenset())
            audit.record(db, event[0], here, now, name=event[1], **more)
        return done
