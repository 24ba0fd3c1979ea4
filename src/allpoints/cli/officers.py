"""Officers of this node: by its API while it runs, in its folder while it is stopped."""

import sqlite3
from typing import Annotated

import typer

from allpoints.cli import output, proofs, vouching
from allpoints.cli.calling import Call, group, remote
from allpoints.cli.client import Fields, part
from allpoints.cli.officer_acts import PATH, Name, act, show_secret

Register = Annotated[str, typer.Argument(metavar="REGISTER", help="A register with certified readers.")]


def add(app: typer.Typer) -> None:
    """Put these commands on ``app``."""
    officer = group("Officers of this node: who may sign in, and what each may do.")
    remote(
        officer, "add", "officer add anna --role desk --role border", "officer add museum --role outsider"
    )(add_officer)
    remote(officer, "list", "officer list", "officer list --json")(list_officers)
    proofs.add(officer)
    vouching.add(officer)
    remote(officer, "roles", "officer roles anna --role desk --role command")(change_roles)
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
            help="border, desk, reviewer, command, administrator or overseer; once for each. Or only outsider."
        ),
    ],
) -> None:
    """Add an officer; the code to enrol with at the console is printed this once."""
    from allpoints.identity import enrolment, officers

    def here(db: sqlite3.Connection, now: int) -> str:
        officers.add_officer(db, name, role, now)
        return enrolment.issue_code(db, name, now)

    made = act(
        call,
        lambda: call.client.post(PATH, {"name": name, "roles": role}, Fields)["code"],
        here,
        ("officer:added", name),
    )
    show_secret(call, name, "enrolment code", made)


def change_roles(
    call: Call,
    name: Name,
    role: Annotated[list[str], typer.Option(help="A role the officer has from now on; once for each.")],
) -> None:
    """Change an officer's roles; the officer's sessions end."""
    from allpoints.identity import officers

    act(
        call,
        lambda: call.client.post(f"{PATH}/{part(name)}/roles", {"roles": role}, Fields),
        lambda db, _now: officers.set_roles(db, name, role),
        ("officer:roles", name),
        roles=" ".join(sorted(set(role))),
    )
    output.say(f"{name} has the roles {', '.join(sorted(set(role)))} now.")
    if call.as_json:
        output.json({"name": name, "roles": sorted(set(role))})


def remove(call: Call, name: Name) -> None:
    """Remove an officer; sessions and token end at once."""
    from allpoints.identity import officers

    act(
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

    act(
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

    act(
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

    found = act(
        call,
        lambda: call.client.get(PATH, list[Fields]),
        lambda db, _now: [
            {
                "name": one.name,
                "roles": sorted(one.roles),
                "certified": sorted(one.certified),
                "passkeys": one.passkeys,
                "has_password": one.has_password,
                "has_token": one.has_token,
                "vouched": one.vouched,
                "created_ms": one.created_ms,
            }
            for one in officers.list_officers(db)
        ],
    )
    if call.as_json:
        output.json(found)
        return
    rows = [
        (
            one["name"],
            one["roles"],
            one["certified"],
            one["passkeys"],
            one["has_password"],
            one["has_token"],
            output.at(one["created_ms"]),
        )
        for one in found
    ]
    heads = ("officer", "roles", "certified for", "passkeys", "password", "token", "since")
    output.table(heads, rows, empty="There are no officers.")
