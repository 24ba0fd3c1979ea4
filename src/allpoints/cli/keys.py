"""A node's keys: which they are, a new term for their certificate, and the next keys in their place."""

from pathlib import Path
from typing import Annotated

import typer

from allpoints.cli import folders, output
from allpoints.cli.calling import Call, group, local


def add(app: typer.Typer) -> None:
    """Put these commands on ``app``."""
    keys = group("Show a node's keys, renew its certificate, rotate to the next keys.")
    local(keys, "show", "keys show --dir xav", "keys show --json")(show)
    local(keys, "renew", "keys renew --dir xav")(renew)
    local(keys, "rotate", "keys rotate --next xav/next-keys-0123456789abcdef.cbor --dir xav")(rotate)
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
