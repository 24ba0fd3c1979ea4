"""Review at the secretariat: may this notice go out? Two people decide, each with reasons."""

from typing import Annotated

import typer

from allpoints.cli import output
from allpoints.cli.calling import Call, IdsOption, asking, group
from allpoints.cli.client import Fields, part

PATH = "/api/v1/review"

Case = Annotated[str, typer.Argument(metavar="CASE", help="The case.")]
Text = Annotated[str, typer.Option(help="The reasoning, in words.")]
Codes = Annotated[
    list[str] | None,
    typer.Option("--code", help="A reason; to approve, each gate that a person had to weigh. Repeat it."),
]


def add(app: typer.Typer) -> None:
    """Put these commands on ``app``."""
    review = group("Examine submitted notices, at the secretariat.")
    asking(review, "list", "review list --purpose find-wanted", "review list --purpose find-wanted --json")(
        list_
    )
    asking(review, "show", "review show 6f0d… --purpose find-wanted")(show)
    asking(
        review,
        "approve",
        'review approve 6f0d… --text "Facts and warrant compared." --code A3-POL --purpose find-wanted',
    )(approve)
    asking(
        review, "refuse", 'review refuse 6f0d… --code PENALTY --text "Below two years." --purpose find-wanted'
    )(refuse)
    asking(
        review,
        "query",
        'review query 6f0d… --code NO-WARRANT --text "Who signed the warrant?" --purpose find-wanted',
    )(query)
    asking(review, "waive", 'review waive 6f0d… penalty --why "Series of offences." --purpose find-wanted')(
        waive
    )
    app.add_typer(review, name="review")


def list_(call: Call, ids: IdsOption = False) -> None:
    """List the cases that wait for a reviewer, the first due first."""
    found = call.client.get(PATH, list[Fields])
    rows = [
        (
            one["case"],
            one["kind"],
            f"{one['owner']} {one['owner_ref']}",
            one["state"],
            f"{one['passed']}/{one['gates']}",
            output.at(one["due_ms"]) + (" overdue" if one["overdue"] else ""),
            one["reviewers"],
        )
        for one in found
    ]
    columns = ("case", "kind", "submitted by", "state", "gates", "due", "decided by")
    output.listing(found, columns, rows, output.Listing("Nothing waits.", call.as_json, ids))


def show(call: Call, identifier: Case) -> None:
    """Read one case: what was submitted, what each gate found, what was decided."""
    found = call.client.get(f"{PATH}/{part(identifier)}", Fields)
    if call.as_json:
        output.json(found)
        return
    output.facts(_summary(found["summary"]) + list(found["body"].items()))
    output.data("")
    rows = [(one["result"], one["gate"], one["code"], one["sentence"]) for one in found["checklist"]]
    output.table(("result", "gate", "code", "finding"), rows, empty="There are no gates.")
    for one in found["decisions"]:
        output.data(
            f"{output.at(one['at_ms'])} {one['reviewer']}: {one['verdict']} {output.shown(one['codes'])}"
        )


def _summary(case: Fields) -> list[tuple[str, object]]:
    return [
        ("case", case["case"]),
        ("kind", case["kind"]),
        ("submitted by", f"{case['owner']} {case['owner_ref']}"),
        ("state", case["state"]),
        ("received", output.at(case["received_ms"])),
        ("due", output.at(case["due_ms"])),
        ("rules", case["rule_version"]),
        ("codes", case["codes"]),
    ]


def approve(call: Call, identifier: Case, text: Text = "", code: Codes = None) -> None:
    """Approve a case; the second officer's approval publishes the notice."""
    _decide(call, identifier, "approve", code, text)


def refuse(call: Call, identifier: Case, text: Text, code: Codes = None) -> None:
    """Refuse a case, with the codes of the reasons."""
    _decide(call, identifier, "refuse", code, text)


def query(call: Call, identifier: Case, text: Text, code: Codes = None) -> None:
    """Ask the member that submitted it a question; the case rests until it answers."""
    _decide(call, identifier, "query", code, text)


def _decide(call: Call, identifier: str, verdict: str, codes: list[str] | None, text: str) -> None:
    body = {"verdict": verdict, "codes": codes or [], "text": text}
    decided = call.client.post(f"{PATH}/{part(identifier)}/decisions", body, Fields)
    if call.as_json:
        output.json(decided)
    else:
        output.facts(_summary(decided))


def waive(
    call: Call,
    identifier: Case,
    gate: Annotated[str, typer.Argument(metavar="GATE", help="A gate that its rules call waivable.")],
    why: Annotated[str, typer.Option(help="Why; it stays on record.")],
) -> None:
    """Let a case past a gate on seriousness or penalty."""
    waived = call.client.post(f"{PATH}/{part(identifier)}/waivers", {"gate": gate, "why": why}, Fields)
    if call.as_json:
        output.json(waived)
    output.say(f"{gate} is waived.")
