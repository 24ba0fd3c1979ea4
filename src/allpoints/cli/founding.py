"""A node comes to be and runs: init, join, serve, version."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from allpoints.cli import files, output
from allpoints.cli.calling import Call, local
from allpoints.ground.refusal import Refusal

if TYPE_CHECKING:
    from allpoints.node.founding import Wish

OPERATOR = "operator"
ROLES_OF_OPERATOR = {
    "secretariat": ("desk", "reviewer", "command", "administrator"),
    "bureau": ("border", "desk", "command", "administrator"),
    "post": ("border", "administrator"),
}
"""The officer whose token stays in the folder may do all that this kind of node does."""

JOIN_FILE_LIMIT_BYTES = 256 * 1024


def add(app: typer.Typer) -> None:
    """Put these commands on ``app``."""
    local(
        app,
        "init",
        'init --dir xsc --role secretariat --name XSC --label "General Secretariat" --network example.allpoints',
        'init --dir xav --role bureau --name XAV --label "Bureau of Arvandia" --port 8471',
        'init --dir airport --role post --name XAV/airport --label "Port Arven Airport" --port 8472',
    )(init)
    local(app, "join", "join admission.json --dir xav")(join)
    local(app, "serve", "serve --dir xav", "ALLPOINTS_LOG_FORM=text allpoints serve --dir xav")(serve)
    local(app, "version", "version", "version --json")(version)


def init(  # noqa: PLR0913, PLR0917 - each is an option of the command
    call: Call,
    role: Annotated[str, typer.Option(help="What the node is: secretariat, bureau or post.")],
    name: Annotated[str, typer.Option(help="Its name: XAV for a bureau, XAV/airport for a post of it.")],
    label: Annotated[str, typer.Option(help="The name that people read.")],
    network: Annotated[str, typer.Option(help="The network's name; a secretariat founds it.")] = "",
    host: Annotated[str, typer.Option(help="The address on which it will be served.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=1, max=65_535, help="The port on which it will be served.")] = 8470,
    ceremony: Annotated[
        bool, typer.Option("--ceremony", help="A secretariat: wait for a root that people hold and sign.")
    ] = False,
) -> None:
    """Make a node: its folder, its keys, its settings and an operator.

    A secretariat founds a network. Without --ceremony it holds the network's root alone and can be served at once:
    that is for trials. With it, give services.json to the holders, and join with the root that they sign.

    A bureau or a post gets a join request, a file that holds no secret: send it to the secretariat (a bureau's) or to
    the bureau (a post's), and read its fingerprint to them over the telephone.
    """
    from allpoints.ground.clock import SystemClock
    from allpoints.node import setting_up, settings
    from allpoints.node.founding import Wish

    wish = Wish(role, name, label, network, host, port, ceremony)
    check_wish(wish)
    _check_empty(call.folder / settings.FILE_NAME)
    request = setting_up.init(call.folder, wish, SystemClock())
    code = make_operator(call.folder, role)
    made = {"name": name, "role": role, "folder": str(call.folder), "code": code}
    if request is not None:
        made["request"] = str(call.folder / setting_up.REQUEST_FILE)
        made["fingerprint"] = request.fingerprint()
    if call.as_json:
        output.json(made)
    else:
        output.facts(made)
    output.say(_next_step(wish, call.folder, made.get("request", "")))
    if role == "bureau":
        output.say(
            f"Take {call.folder}/next-keys-*.cbor off this machine: whoever has them too can put a key of his own in its place."
        )
    output.say(
        f"The code enrols the first administrator, {OPERATOR}, at the console within a day; it is not shown again."
    )


def check_wish(wish: "Wish") -> None:
    """Refuse a wish that could not become a node, before anything is written."""
    from allpoints.identity.names import check_label, check_node
    from allpoints.node.settings import ROLES

    if wish.role not in ROLES:
        raise Refusal("INIT-ROLE", f"A role is one of {', '.join(ROLES)}.", path="role")
    check_node(wish.name, wish.role, wish.name[:3])
    check_label(wish.label, "label")
    if wish.role == "secretariat":
        check_label(wish.network, "network")


def _check_empty(settings: Path) -> None:
    if settings.exists():
        raise Refusal(
            "INIT-TWICE",
            f"{settings.parent} holds a node already.",
            path="dir",
            hint="Choose another folder with --dir; keys are never written over.",
            status=409,
        )


def make_operator(folder: Path, role: str) -> str:
    """Enter the officer that commands on this machine act as, with a token that only this user can read.

    Answers with the code by which a person enrols as this officer, the first administrator.
    """
    from allpoints.cli import folders
    from allpoints.ground.clock import SystemClock
    from allpoints.identity import enrolment, officers, tokens
    from allpoints.node import setting_up

    now = SystemClock().now()
    with folders.written(folder) as db:
        officers.add_officer(db, OPERATOR, ROLES_OF_OPERATOR[role], now)
        token = tokens.issue_token(db, OPERATOR, now, officers.PERMISSIONS)
        code = enrolment.issue_code(db, OPERATOR, now, enrolment.FIRST_LIFE_MS)
    setting_up.write_token(folder, token)
    return code


def _next_step(wish: "Wish", folder: Path, request: str) -> str:
    if wish.role == "secretariat" and wish.ceremony:
        return f"Next: the holders make the root from {folder}/services.json, then: allpoints join ROOT --dir {folder}"
    if wish.role == "secretariat":
        return f"The only holder of the root is this folder: for trials. Next: allpoints serve --dir {folder}"
    whom = "secretariat admits it: allpoints member admit"
    if wish.role == "post":
        whom = "bureau admits it: allpoints post admit"
    return f"Next: the {whom} {request}, then: allpoints join ADMISSION --dir {folder}"


def join(
    call: Call,
    admission: Annotated[Path, typer.Argument(metavar="ADMISSION", help="The file that admits this node.")],
) -> None:
    """Join the network with the admission that answered this node's request; a secretariat, with the holders' root.

    Checks that the admission is for the keys in this folder and that every certificate in it holds. Compare the
    fingerprint with whoever sent it before you serve.
    """
    from allpoints.ground.clock import SystemClock
    from allpoints.node import setting_up

    text = files.read_text(admission, JOIN_FILE_LIMIT_BYTES)
    if call.settings.role == "secretariat":
        _take_root(call, text)
        return
    taken = setting_up.join(call.folder, text, SystemClock())
    joined = {
        "network": taken.network,
        "name": taken.own.subject,
        "dials": taken.address,
        "fingerprint": taken.fingerprint(),
        "root fingerprint": taken.root.fingerprint(),
    }
    if call.as_json:
        output.json({name.replace(" ", "_"): value for name, value in joined.items()})
    else:
        output.facts(joined)
    output.say(f"Next: allpoints serve --dir {call.folder}")


def _take_root(call: Call, text: str) -> None:
    from allpoints.node import founding

    root = founding.take_root(call.folder, text)
    threshold = f"{root.threshold} of {len(root.holders)}"
    taken = {"network": root.network, "threshold": threshold, "fingerprint": root.fingerprint()}
    if call.as_json:
        output.json(taken)
    else:
        output.facts(taken)
    output.say(f"Next: allpoints serve --dir {call.folder}")


def serve(call: Call) -> None:
    """Serve the node: console, API and lines to other nodes, until SIGTERM or Ctrl-C.

    Logs go to standard error (settings log.level and log.form) and name no person. A second process cannot serve
    the same folder.
    """
    from allpoints.cli import serving

    serving.serve(call.settings)


def version(call: Call) -> None:
    """Say which version this is."""
    from allpoints import __version__

    if call.as_json:
        output.json({"version": __version__})
    else:
        output.data(f"allpoints {__version__}")
