"""Notices: submitting one for review, reading those that are out, withdrawing one's own."""

from pathlib import Path
from typing import Annotated

import typer

from allpoints.cli import files, output
from allpoints.cli.calling import Call, IdsOption, asking, group
from allpoints.cli.client import Fields, part

PATH = "/api/v1/notices"
SUBMISSIONS = "/api/v1/submissions"

Notice = Annotated[str, typer.Argument(metavar="NOTICE", help="The notice, such as 2026/1.")]
Code = Annotated[str, typer.Option(help="ACHIEVED, LOCATED, DECEASED, REVOKED, ERROR or OTHER.")]
Reason = Annotated[str, typer.Option(help="Why, in a sentence.")]


def add(app: typer.Typer) -> None:
    """Put these commands on ``app``."""
    notice = group("Notices: submit one for review, read and withdraw.")
    asking(
        notice,
        "submit",
        "notice submit wanted.yaml --ref A-77 --purpose find-wanted",
        "notice submit wanted.yaml --ref A-77 --submission 6f0d… --purpose find-wanted",
    )(submit)
    asking(
        notice,
        "submissions",
        "notice submissions --purpose find-wanted",
        "notice submissions 6f0d… --purpose find-wanted",
    )(submissions)
    asking(
        notice,
        "take-back",
        'notice take-back 6f0d… --code ERROR --reason "Wrong person." --purpose find-wanted',
    )(take_back)
    asking(
        notice,
        "list",
        "notice list --state published --purpose find-wanted",
        "notice list --owner XAV --purpose find-wanted --json",
    )(list_)
    asking(notice, "show", "notice show 2026/1 --purpose investigate")(show)
    asking(
        notice,
        "withdraw",
        'notice withdraw 2026/1 --code ACHIEVED --reason "Arrested on 2 May." --purpose find-wanted',
    )(withdraw)
    app.add_typer(notice, name="notice")


def submit(
    call: Call,
    file: Annotated[
        Path, typer.Argument(metavar="FILE", help="A JSON or YAML file with the notice's fields.")
    ],
    ref: Annotated[str, typer.Option(help="This member's own reference.")],
    kind: Annotated[str, typer.Option(help="The kind of notice.")] = "red",
    exclude: Annotated[
        list[str] | None, typer.Option(help="A member that may not see it; give it once for each.")
    ] = None,
    updates: Annotated[
        str, typer.Option(metavar="NOTICE", help="The published notice that it changes.")
    ] = "",
    submission: Annotated[str, typer.Option(metavar="ID", help="The submission that was queried.")] = "",
) -> None:
    """Submit a notice: signed by this member, sealed to the secretariat, examined there by two people.

    See allpoints template red for an example of the file. With --submission it answers a query.
    """
    body = {
        "kind": kind,
        "body": files.read_document(file),
        "owner_ref": ref,
        "excluded": exclude or [],
        "updates": updates,
    }
    path = f"{SUBMISSIONS}/{part(submission)}" if submission else PATH
    held = call.client.post(path, body, Fields)
    if call.as_json:
        output.json(held)
    else:
        output.facts(_submission(held))
    output.say("It is on its way to review; allpoints notice submissions says how it stands.")


def submissions(
    call: Call,
    identifier: Annotated[str, typer.Argument(metavar="[ID]", help="One of them.")] = "",
    ids: IdsOption = False,
) -> None:
    """List this member's submissions, or show one with what the secretariat said."""
    if identifier:
        _one_submission(call, call.client.get(f"{SUBMISSIONS}/{part(identifier)}", Fields))
        return
    found = call.client.get(SUBMISSIONS, list[Fields])
    rows = [
        (
            one["submission"],
            one["kind"],
            one["owner_ref"],
            one["state"],
            one["notice"],
            output.at(one["changed_ms"]),
        )
        for one in found
    ]
    columns = ("submission", "kind", "reference", "state", "notice", "changed")
    output.listing(found, columns, rows, output.Listing("Nothing was submitted.", call.as_json, ids))


def _one_submission(call: Call, held: Fields) -> None:
    if call.as_json:
        output.json(held)
        return
    output.facts(_submission(held))
    for one in held["told"]:
        output.data("")
        output.facts(
            [
                ("told", output.at(one.get("at_ms", 0))),
                ("state", one.get("state", "")),
                ("codes", one.get("codes", [])),
                ("text", one.get("text", "")),
            ]
        )


def _submission(held: Fields) -> list[tuple[str, object]]:
    return [
        ("submission", held["submission"]),
        ("kind", held["kind"]),
        ("reference", held["owner_ref"]),
        ("state", held["state"]),
        ("notice", held["notice"]),
        ("revision", held["revision"]),
    ]


def take_back(
    call: Call,
    submission: Annotated[str, typer.Argument(metavar="SUBMISSION", help="A submission in review.")],
    code: Code,
    reason: Reason,
) -> None:
    """Take a submission back before it is published."""
    done = call.client.post(
        f"{SUBMISSIONS}/{part(submission)}/withdrawal", {"code": code, "reason": reason}, Fields
    )
    if call.as_json:
        output.json(done)
    output.say(f"{submission} is taken back.")


def list_(
    call: Call,
    state: Annotated[str, typer.Option(help="Only in this state, such as published.")] = "",
    owner: Annotated[str, typer.Option(help="Only of this member.")] = "",
    text: Annotated[str, typer.Option(help="Only with these words in the caption.")] = "",
    ids: IdsOption = False,
) -> None:
    """List the notices that this member may see."""
    found = call.client.get(PATH, list[Fields], state=state, owner=owner, text=text)
    rows = [
        (
            one["notice"],
            one["kind"],
            one["owner"],
            one["state"],
            one["caption"],
            output.at(one["published_ms"]),
        )
        for one in found
    ]
    columns = ("notice", "kind", "owner", "state", "who", "published")
    output.listing(found, columns, rows, output.Listing("There are no such notices.", call.as_json, ids))


def show(call: Call, notice: Notice) -> None:
    """Read one notice."""
    found = call.client.get(f"{PATH}/{_in_path(notice)}", Fields)
    if call.as_json:
        output.json(found)
        return
    summary = found["summary"]
    output.facts(
        [
            (
                "notice",
                f"{summary['notice']} ({summary['kind']}), control number {summary['control_number']}",
            ),
            ("who", summary["caption"]),
            ("owner", f"{summary['owner']} {summary['owner_ref']}"),
            ("state", f"{summary['state']}, version {summary['version']}"),
            ("urgent", summary["urgent"]),
            ("published", output.at(summary["published_ms"])),
            ("ends", output.at(summary["expires_ms"])),
            ("rules", summary["rule_version"]),
            *found["body"].items(),
        ]
    )


def withdraw(call: Call, notice: Notice, code: Code, reason: Reason) -> None:
    """Withdraw one of this member's notices everywhere."""
    done = call.client.post(f"{PATH}/{_in_path(notice)}/withdrawal", {"code": code, "reason": reason}, Fields)
    if call.as_json:
        output.json(done)
    output.say(f"{notice} is withdrawn.")


def _in_path(notice: str) -> str:
    return part(notice.replace("/", "-", 1))
