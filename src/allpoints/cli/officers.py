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
Register = Annotated[str, typer.Argument(metavar="REGISTER", help="A register with certified readers.")]
Name = Annotated[str, typer.Argument(metavar="NAME", help="The officer's name, in small letters.")]


def add(app: typer.Typer) -> None:
    """Put these commands on ``app``."""
    officer = group("Officers of this node: who may sign in, and what each may do.")
    remote(
        officer, "add", "officer add anna --role desk --role border", "officer add museum --role outsider"
    )(add_officer)
    remote(officer, "list", "officer list", "officer list --json")(list_officers)
    remote(officer, "token", "officer token anna", "export ALLPOINTS_TOKEN=$(allpoints officer token anna)")(
        token
    )
    remote(officer, "password", "officer password anna")(password)
    remote(officer, "remove", "officer remove anna")(remove)
    remote(officer, "certify", "officer certify anna ballistics")(certify)
    remote(officer, "decertify", "officer decertify anna ballistics")(decertify)
    app.add_typer(officer, name="officer")


def add_officer(
    call: Call,
    name: Name,
    role: Annotated[
        list[str],
        typer.Option(
            help="border, desk, reviewer, command or administrator; once for each. Or only outsider."
        ),
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


def certify(call: Call, name: Name, register: Register) -> None:
    """Let an officer read a register that only certified officers read."""
    from allpoints.identity import certifying
    from allpoints.registers.visibility import certifiable

    def here(db: sqlite3.Connection, now: int) -> None:
        certifying.certify(db, name, register, certifiable(call.vocabulary), now)

    _act(
        call,
        lambda: call.client.post(f"{PATH}/{part(name)}/certifications", {"register": register}, Fields),
        here,
        ("officer:certified", name),
        register=register,
    )
    output.say(f"{name} may read {register}.")
    if call.as_json:
        output.json({"name": name, "certified": register})


def decertify(call: Call, name: Name, register: Register) -> None:
    """Take a certification back; the officer's sessions end."""
    from allpoints.identity import certifying

    _act(
        call,
        lambda: call.client.delete(f"{PATH}/{part(name)}/certifications/{part(register)}", Fields),
        lambda db, _now: certifying.decertify(db, name, register),
        ("officer:decertified", name),
        register=register,
    )
    output.say(f"{name} may not read {register} any more.")
    if call.as_json:
        output.json({"name": name, "decertified": register})


def list_officers(call: Call) -> None:
    """List the officers of this node, their roles and certifications."""
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
                "certified": sorted(one.certified),
            }
            for one in officers.list_officers(db)
        ],
    )
    if call.as_json:
        output.json(found)
        return
    rows = [
        (one["name"], one["roles"], one["certified"], one["has_token"], output.at(one["created_ms"]))
        for one in found
    ]
    heads = ("officer", "roles", "certified for", "token", "since")
    output.table(heads, rows, empty="There are no officers.")


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
