"""A node's keys: which they are, and a new term for the certificate that says whose they are."""

import typer

from allpoints.cli import output
from allpoints.cli.calling import Call, group, local


def add(app: typer.Typer) -> None:
    """Put these commands on ``app``."""
    keys = group("Show a node's keys, and renew its certificate.")
    local(keys, "show", "keys show --dir xav", "keys show --json")(show)
    local(keys, "renew", "keys renew --dir xav")(renew)
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
