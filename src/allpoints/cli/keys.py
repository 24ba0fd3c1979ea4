"""A node's keys: which they are, a new term for their certificate, and the next keys in their place."""

from pathlib import Path
from typing import Annotated

import typer

from allpoints.cli import folders, output
from allpoints.cli.calling import Call, group, local, remote
from allpoints.cli.client import Fields, part


def add(app: typer.Typer) -> None:
    """Put these commands on ``app``."""
    keys = group("Show a node's keys, renew its certificate, rotate to the next keys, make new ones.")
    local(keys, "show", "keys show --dir xav", "keys show --json")(show)
    local(keys, "renew", "keys renew --dir xav")(renew)
    local(keys, "rotate", "keys rotate --next xav/next-keys-0123456789abcdef.cbor --dir xav")(rotate)
    local(
        keys,
        "next",
        "keys next --dir xav",
        "keys next --file xav/next-keys-0123456789abcdef.cbor --copy /media/safe-1/next-keys.cbor --dir xav",
    )(next_)
    local(
        keys,
        "new",
        "keys new --dir xav",
        "keys new --next /media/safe-1/next-keys-0123456789abcdef.cbor --dir xav",
    )(new)
    remote(keys, "object", "keys object --dir xav")(object_)
    app.add_typer(keys, name="keys")


def show(call: Call) -> None:
    """Show which keys this node signs and receives with, and until when its certificate is good."""
    from allpoints.node import setting_up

    own = setting_up.credentials(call.settings).certificate
    shown = {
        "name": own.subject,
        "role": own.role,
        "signs with": own.verify_key.fingerprint(),
        "receives with": own.reception_key.key_id.hex(),
        "good from": output.at(own.not_before_ms),
        "good until": output.at(own.not_after_ms),
    }
    if call.as_json:
        output.json({name.replace(" ", "_"): value for name, value in shown.items()})
    else:
        output.facts(shown)


def renew(call: Call) -> None:
    """Make a certificate of five more years for a bureau's own keys, and the request to have it admitted.

    The keys stay. Until the answer is joined, the node goes on with the certificate that it has.
    """
    from allpoints.ground.clock import SystemClock
    from allpoints.node import setting_up

    request = setting_up.renew(call.folder, SystemClock())
    path = str(call.folder / setting_up.REQUEST_FILE)
    made = {"name": request.holder.subject, "request": path, "fingerprint": request.fingerprint()}
    if call.as_json:
        output.json(made)
    else:
        output.facts(made)
    output.say(
        f"Next: the secretariat admits it again: allpoints member admit {path},"
        f" then: allpoints join ADMISSION --dir {call.folder}, and serve anew."
    )


def rotate(
    call: Call,
    following: Annotated[
        Path, typer.Option("--next", metavar="FILE", help="The file with the next keys of this bureau.")
    ],
) -> None:
    """Put a bureau's next keys in the place of its present ones, and make those that follow them.

    The node must be stopped. The rotation is signed by the present key and goes to the ledger with the next serve; from
    its place on, the new key alone signs for this member. A bureau's posts are admitted again afterwards.
    """
    from allpoints.ground.clock import SystemClock
    from allpoints.node import rotating

    with folders.held(call.folder):
        rotated = rotating.rotate(call.settings, following, SystemClock())
    own = rotated.certificate
    told = {
        "name": own.subject,
        "signs with": own.verify_key.fingerprint(),
        "next keys": str(rotated.next_keys),
    }
    if call.as_json:
        output.json({name.replace(" ", "_"): value for name, value in told.items()})
    else:
        output.facts(told)
    output.say(
        f"Next: take {rotated.next_keys} off this machine, destroy {following}, serve, and admit this bureau's posts again."
    )


def next_(
    call: Call,
    file: Annotated[
        Path | None, typer.Option(help="A file that should hold the next keys of this bureau.")
    ] = None,
    copy: Annotated[Path | None, typer.Option(help="Where to write a copy of it, kept elsewhere.")] = None,
) -> None:
    """Show to which next keys this bureau is committed, and whether a file holds them; copy it to where it is kept.

    Without --file the files in the folder are looked at: none that fits is as it should be, once it was taken away.
    """
    from allpoints.node import new_keys

    found = new_keys.find_next(call.settings, file)
    told: dict[str, object] = {"commitment": found.commitment.hex(), "file": str(found.path or "")}
    if copy is not None:
        told["copy"] = str(new_keys.copy_next(found, copy))
    if call.as_json:
        output.json(told)
    else:
        output.facts(told | {"file": found.path or "not in this folder"})


def new(
    call: Call,
    following: Annotated[
        Path | None,
        typer.Option("--next", metavar="FILE", help="Take the next keys of this bureau from this file."),
    ] = None,
) -> None:
    """Make new keys for a bureau whose own were stolen or lost, and the request to have it recovered by them.

    The keys in use stay until the answer is joined. The next keys take their place at once, others after the time in
    which the present key may object. Who has lost the folder runs allpoints init in another one instead.
    """
    from allpoints.ground.clock import SystemClock
    from allpoints.node import new_keys

    with folders.held(call.folder):
        request = new_keys.make(call.settings, SystemClock(), following)
    path = str(call.folder / new_keys.REQUEST_FILE)
    made = {"name": request.holder.subject, "request": path, "fingerprint": request.fingerprint()}
    if call.as_json:
        output.json(made)
    else:
        output.facts(made)
    at_once = " --at-once" if following else ""
    output.say(
        f"Next: the secretariat: allpoints member recover {path}{at_once}, then: allpoints join ADMISSION --dir {call.folder}."
        " Take the next-keys file that was made off this machine."
    )


def object_(call: Call) -> None:
    """Stop the recovery of this bureau's own member that is under way: its present key is neither lost nor stolen."""
    member = call.settings.text("node.name")
    done = call.client.post(f"/api/v1/members/{part(member)}/objections", {}, Fields)
    if call.as_json:
        output.json(done)
    else:
        output.data(done["sentence"])
