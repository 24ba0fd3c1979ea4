"""Officers of this node: by its API while it runs, in its folder while it is stopped."""

import sqlite3
from collections.abc import Callable
from typing import Annotated, TypeVar

import typer

from allpoints.cli import output
from allpoints.cli.calling import Call, group, remote
from allpoints.cli.client import NOT_RUNNING, Fields, part
from allpoints.ground.refusal import Refusal
from allpoints.identity.officers import Asker

OPERATOR = "operator"
PATH = "/api/v1/officers"

T = TypeVar("T")
Name = Annotated[str, typer.Argument(metavar="NAME", help="The officer's name, in small letters.")]


def add(app: typer.Typer) -> None:
    """Put these commands on ``app``."""
    officer = group("Officers of this node: who may sign in, and what each may do.")
    remote(
        officer, "add", "officer add anna --role desk --role border", "officer add boss --role administrator"
    )(add_officer)
    remote(officer, "list", "officer list", "officer list --json")(list_officers)
    remote(officer, "token", "officer token anna", "export ALLPOINTS_TOKEN=$(allpoints officer token anna)")(
        token
    )
    remote(officer, "password", "officer password anna")(password)
    remote(officer, "remove", "officer remove anna")(remove)
    app.add_typer(officer, name="officer")


def add_officer(
    call: Call,
    name: Name,
    role: Annotated[
        list[str],
        typer.Option(help="border, desk, reviewer, command or administrator; give it once for each."),
    ],
) -> None:
    """Add an officer; the password is printed this once."""
    from allpoints.identity import officers

    made = _act(
        call,
        lambda: call.client.post(PATH, {"name": name, "roles": role}, Fields)["password"],
        lambda db, now: officers.add_officer(db, name, role, now),
        ("officer:added", name),
    )
    _secret(call, name, "password", made)


def token(call: Call, name: Name) -> None:
    """Issue a token for an officer's programs, printed this once; an earlier one ends."""
    from allpoints.identity import officers

    made = _act(
        call,
        lambda: call.client.post(f"{PATH}/{part(name)}/token", {}, Fields)["token"],
        lambda db, _now: officers.issue_token(db, name),
        ("officer:token", name),
    )
    if name == OPERATOR:
        from allpoints.node import setting_up

        setting_up.write_token(call.folder, made)
    _secret(call, name, "token", made)


def password(call: Call, name: Name) -> None:
    """Set a new password for an officer, printed this once; the officer's sessions end."""
    from allpoints.identity import officers

    made = _act(
        call,
        lambda: call.client.post(f"{PATH}/{part(name)}/password", {}, Fields)["password"],
        lambda db, _now: officers.set_password(db, name),
        ("officer:password", name),
    )
    _secret(call, name, "password", made)


def remove(call: Call, name: Name) -> None:
    """Remove an officer; sessions and token end at once."""
    from allpoints.identity import officers

    _act(
        call,
        lambda: call.client.delete(f"{PATH}/{part(name)}", Fields),
        lambda db, _now: officers.remove_officer(db, name),
        ("officer:removed", name),
    )
    output.say(f"{name} is no officer of this node any more.")
    if call.as_json:
        output.json({"removed": name})


def list_officers(call: Call) -> None:
    """List the officers of this node and their roles."""
    from allpoints.identity import officers

    found = _act(
        call,
        lambda: call.client.get(PATH, list[Fields]),
        lambda db, _now: [
            {
                "name": one.name,
                "roles": sorted(one.roles),
                "has_token": one.has_token,
                "created_ms": one.created_ms,
            }
            for one in officers.list_officers(db)
        ],
    )
    if call.as_json:
        output.json(found)
        return
    rows = [(one["name"], one["roles"], one["has_token"], output.at(one["created_ms"])) for one in found]
    output.table(("officer", "roles", "token", "since"), rows, empty="There are no officers.")


def _secret(call: Call, name: str, kind: str, made: str) -> None:
    """The secret alone on standard output, so that a script can take it."""
    if call.as_json:
        output.json({"name": name, kind: made})
    else:
        output.data(made)
    output.say(f"This is {name}'s {kind}; it is not shown again.")


def _act(
    call: Call,
    by_api: Callable[[], T],
    by_folder: Callable[[sqlite3.Connection, int], T],
    event: tuple[str, str] | None = None,
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
            audit.record(db, event[0], here, now, name=event[1])
        return done
