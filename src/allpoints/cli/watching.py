"""The insider watch: odd questions of officers, for overseers and administrators."""

from typing import Annotated

import typer

from allpoints.cli import output
from allpoints.cli.calling import Call, asking, group, remote
from allpoints.cli.client import Fields
from allpoints.ground.refusal import Refusal

PATH = "/api/v1/watch"

Number = Annotated[int, typer.Argument(metavar="NUMBER", help="The number in the list.")]
Reason = Annotated[str, typer.Option(help="Why, in 8 to 500 letters.")]


def add(app: typer.Typer) -> None:
    """Put these commands on ``app``."""
    watch = group("The insider watch: what is odd about how officers ask. For overseers and administrators.")
    remote(watch, "list", "watch list", "watch list --json")(list_alerts)
    remote(watch, "dismiss", 'watch dismiss 3 --reason "Asked with her chief, case C-17"')(dismiss)
    remote(watch, "escalate", 'watch escalate 4 --reason "No case of this number exists"')(escalate)
    asking(
        watch,
        "protect",
        'watch protect --label "Minister" --name "Ysolde Fenwick" --purpose analyse',
        "watch protect --label olga --document XAV:AB123456 --officer olga --purpose analyse",
    )(protect)
    asking(watch, "protected", "watch protected --purpose analyse")(protected)
    asking(watch, "unprotect", "watch unprotect 2 --purpose analyse")(unprotect)
    app.add_typer(watch, name="watch")


def list_alerts(call: Call) -> None:
    """List what is odd about how others ask, what waits first; one's own questions are for others to look at."""
    found = call.client.get(PATH, Fields)
    if not found["sound"]:
        output.say("These alerts are NOT those that the audit log binds: somebody changed them.")
    if call.as_json:
        output.json(found)
        return
    rows = [
        (
            one["number"],
            output.at(one["at_ms"]),
            f"{one['post']}:{one['officer']}" if one["post"] else one["officer"],
            one["rule"],
            one["sentence"],
            one["line"],
            one["state"],
            one["reason"],
        )
        for one in found["alerts"]
    ]
    heads = ("number", "when", "officer", "rule", "what", "line", "state", "why")
    output.table(heads, rows, empty="Nothing is odd.")


def dismiss(call: Call, number: Number, reason: Reason) -> None:
    """Say that an alert has an explanation."""
    _settle(call, number, "dismissed", reason)


def escalate(call: Call, number: Number, reason: Reason) -> None:
    """Say that an alert needs more than a look; every overseer and administrator is told."""
    _settle(call, number, "escalated", reason)


def _settle(call: Call, number: int, verdict: str, reason: str) -> None:
    settled = call.client.post(f"{PATH}/{number}/settlement", {"verdict": verdict, "reason": reason}, Fields)
    output.say(f"Alert {number} is {verdict}.")
    if call.as_json:
        output.json(settled)


def protect(
    call: Call,
    label: Annotated[str, typer.Option(help="By what you will know this again.")],
    record: Annotated[str, typer.Option(help="A record, by its identifier.")] = "",
    document: Annotated[str, typer.Option(help="A document, as ISSUER:NUMBER.")] = "",
    name: Annotated[str, typer.Option(help="A person's names, in any order.")] = "",
    officer: Annotated[str, typer.Option(help="Whose own it is; only this officer's questions count.")] = "",
) -> None:
    """Let no question about a record, a document or a name go unseen from now on."""
    issuer, colon, number = document.partition(":")
    if document and not (issuer and colon and number):
        raise Refusal("WATCH-WHOM", "A document is given as ISSUER:NUMBER.", path="document")
    body = {
        "label": label,
        "record": record,
        "issuer": issuer,
        "number": number,
        "name": name,
        "officer": officer,
    }
    _show(call, call.client.post(f"{PATH}/protected", body, list[Fields]))


def protected(call: Call) -> None:
    """List whom this node protects, by the labels that were given."""
    _show(call, call.client.get(f"{PATH}/protected", list[Fields]))


def unprotect(call: Call, number: Number) -> None:
    """End the protection of somebody."""
    _show(call, call.client.delete(f"{PATH}/protected/{number}", list[Fields]))


def _show(call: Call, found: list[Fields]) -> None:
    if call.as_json:
        output.json(found)
        return
    rows = [
        (
            one["number"],
            one["label"],
            one["officer"] or "everybody",
            one["chosen_by"],
            output.at(one["chosen_ms"]),
        )
        for one in found
    ]
    output.table(("number", "label", "whose questions", "by", "since"), rows, empty="Nobody is protected.")
