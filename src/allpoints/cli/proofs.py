"""How officers prove who they are: enrolment codes, passkeys, passwords, tokens, sessions."""

import sqlite3
from typing import Annotated

import msgspec
import typer

from allpoints.cli import output
from allpoints.cli.calling import Call, remote
from allpoints.cli.client import Fields, part
from allpoints.cli.officer_acts import PATH, Name, act, show_secret
from allpoints.ground.refusal import Refusal

OPERATOR = "operator"


def add(officer: typer.Typer) -> None:
    """Put these commands on the group of officers."""
    remote(officer, "enrol", "officer enrol anna")(enrol)
    remote(officer, "passkeys", "officer passkeys anna", "officer passkeys anna --remove 1f8b…")(passkeys)
    remote(
        officer,
        "token",
        "officer token anna",
        "officer token anna --may export",
        "export ALLPOINTS_TOKEN=$(allpoints officer token anna)",
    )(token)
    remote(officer, "password", "officer password anna")(password)
    remote(officer, "end-sessions", "officer end-sessions anna")(end_sessions)


def enrol(call: Call, name: Name) -> None:
    """Make a new code with which an officer enrols a passkey at the console, printed this once; good for two hours."""
    from allpoints.identity import enrolment

    made = act(
        call,
        lambda: call.client.post(f"{PATH}/{part(name)}/code", {}, Fields)["code"],
        lambda db, now: enrolment.issue_code(db, name, now),
        ("officer:code", name),
    )
    show_secret(call, name, "enrolment code", made)


def passkeys(
    call: Call,
    name: Name,
    remove: Annotated[
        str, typer.Option(help="Remove this passkey, by its identifier, and end the officer's sessions.")
    ] = "",
) -> None:
    """List an officer's passkeys, or remove one that was lost."""
    from allpoints.identity import passkeys as kept
    from allpoints.identity import sessions

    if remove:

        def here(db: sqlite3.Connection, _now: int) -> None:
            kept.remove_passkey(db, name, remove, last=True)
            sessions.end_all(db, name)

        path = f"{PATH}/{part(name)}/passkeys/{part(remove)}"
        act(
            call,
            lambda: call.client.delete(path, Fields),
            here,
            ("officer:passkey-removed", name),
            passkey=remove,
        )
        output.say(f"The passkey is removed; {name}'s sessions have ended.")
    found = act(
        call,
        lambda: call.client.get(f"{PATH}/{part(name)}/passkeys", list[Fields]),
        lambda db, _now: [msgspec.to_builtins(one) for one in kept.list_passkeys(db, name)],
    )
    if call.as_json:
        output.json(found)
        return
    rows = [
        (one["id"], one["label"], one["model"], output.at(one["created_ms"]), output.at(one["used_ms"]))
        for one in found
    ]
    output.table(("passkey", "label", "model", "made", "last used"), rows, empty=f"{name} has no passkeys.")


def end_sessions(call: Call, name: Name) -> None:
    """End all sessions of an officer at once."""
    from allpoints.identity import sessions

    ended = act(
        call,
        lambda: call.client.delete(f"{PATH}/{part(name)}/sessions", Fields)["ended"],
        lambda db, _now: sessions.end_all(db, name),
        ("officer:sessions-ended", name),
    )
    output.say(f"{ended} sessions of {name} ended.")
    if call.as_json:
        output.json({"name": name, "ended": ended})


def token(
    call: Call,
    name: Name,
    may: Annotated[
        list[str] | None,
        typer.Option(help="What the token may do without a person present: export, administer."),
    ] = None,
) -> None:
    """Issue a token for an officer's programs, printed this once; an earlier one ends."""
    from allpoints.identity import officers, tokens

    wanted = list(officers.PERMISSIONS) if name == OPERATOR else sorted(set(may or ()))
    made = act(
        call,
        lambda: call.client.post(f"{PATH}/{part(name)}/token", {"may": wanted}, Fields)["token"],
        lambda db, now: tokens.issue_token(db, name, now, wanted),
        ("officer:token", name),
        may=" ".join(wanted),
    )
    if name == OPERATOR:
        from allpoints.node import setting_up

        setting_up.write_token(call.folder, made)
    show_secret(call, name, "token", made)


def password(call: Call, name: Name) -> None:
    """Set a new password for an officer, printed this once; the officer's sessions end."""
    from allpoints.identity import passwords

    _passwords_on(call)
    made = act(
        call,
        lambda: call.client.post(f"{PATH}/{part(name)}/password", {}, Fields)["password"],
        lambda db, _now: passwords.set_password(db, name),
        ("officer:password", name),
    )
    show_secret(call, name, "password", made)


def _passwords_on(call: Call) -> None:
    """Refuse to make a password where the node's settings have switched them off."""
    if not call.settings.flag("officers.passwords"):
        raise Refusal(
            "PASSWORDS-OFF",
            "Officers of this node sign in without passwords.",
            hint="Make an enrolment code: allpoints officer enrol NAME. The setting officers.passwords decides it.",
            status=403,
        )
