"""Who belongs: a secretariat admits members, a bureau admits its posts."""

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from allpoints.cli import files, key_orders, measures, output
from allpoints.cli.approvals import Approvals, with_approvals
from allpoints.cli.calling import Call, group, remote
from allpoints.cli.client import Fields, part

REQUEST_LIMIT_BYTES = 256 * 1024

Request = Annotated[Path, typer.Argument(metavar="REQUEST", help="The join request of the node.")]
Out = Annotated[Path, typer.Option("--out", help="Where to write the admission.")]


def add(app: typer.Typer) -> None:
    """Put these commands on ``app``."""
    member = group(
        "Admit members, limit and restore them, revoke and recover their keys, at the secretariat."
    )
    remote(
        member,
        "admit",
        "member admit xav/join-request.json --out xav-admission.json --dir xsc",
        "member admit join-request.json --approval ines.json --approval bram.json --dir xsc",
    )(admit_member)
    remote(member, "list", "member list --dir xsc", "member list --json")(members)
    measures.add(member)
    key_orders.add(member)
    app.add_typer(member, name="member")
    post = group("Admit and withdraw posts of this country, at its bureau.")
    remote(post, "admit", "post admit airport/join-request.json --out airport.json --dir xav")(admit_post)
    remote(post, "list", "post list --dir xav")(posts)
    remote(post, "withdraw", 'post withdraw XAV/airport --reason "Stolen from a car" --dir xav')(
        withdraw_post
    )
    app.add_typer(post, name="post")
    remote(app, "members", "members --dir xav", "members --json")(members)


def admit_member(
    call: Call,
    request: Request,
    out: Out = Path("admission.json"),
    approval: Approvals = None,
) -> None:
    """Admit a member: its bureau's keys are written to the ledger for everyone to know.

    Where people hold the root, give the approvals of as many as it takes: allpoints root approve.

    Compare the fingerprint that is printed with the one the bureau reads to you over the telephone. The file that
    is written lets the bureau join.
    """
    _admit(call, "/api/v1/members", request, out, approval or ())


def admit_post(call: Call, request: Request, out: Out = Path("admission.json")) -> None:
    """Admit a post of this bureau for a month; the file that is written lets it join."""
    _admit(call, "/api/v1/posts", request, out)


def _admit(call: Call, path: str, request: Path, out: Path, approvals: Sequence[Path] = ()) -> None:
    from allpoints.identity.admission import read_admission
    from allpoints.identity.joining import read_join_request

    text = files.read_text(request, REQUEST_LIMIT_BYTES)
    asked = read_join_request(text)
    files.check_new(out)
    answer = call.client.send(path, with_approvals(text, approvals).encode(), "application/json").decode()
    admission = read_admission(answer)
    files.write_new(out, answer)
    admitted = {
        "admitted": asked.holder.subject,
        "label": asked.holder.label,
        "request fingerprint": asked.fingerprint(),
        "admission": str(out),
        "admission fingerprint": admission.fingerprint(),
    }
    if call.as_json:
        output.json({name.replace(" ", "_"): value for name, value in admitted.items()})
    else:
        output.facts(admitted)
    output.say(f"Next: send {out} to {asked.holder.subject}, who runs allpoints join with it.")


def members(call: Call) -> None:
    """List the members of the network."""
    found = call.client.get("/api/v1/members", list[Fields])
    if call.as_json:
        output.json(found)
        return
    rows = [
        (
            one["code"],
            one["label"],
            output.at(one["admitted_ms"]),
            _state(one),
        )
        for one in found
    ]
    output.table(("member", "name", "admitted", "state"), rows, empty="There are no members yet.")


def _state(member: Fields) -> str:
    if member["mode"] != "direct":
        return str(member["mode"])
    return "active" if member["active"] else "ended"


def posts(call: Call) -> None:
    """List this bureau's posts and when each was last heard; also those that were withdrawn."""
    found = call.client.get("/api/v1/posts", list[Fields])
    withdrawn = call.client.get("/api/v1/posts/withdrawn", list[Fields])
    if call.as_json:
        output.json([*found, *withdrawn])
        return
    rows = [
        (
            one["name"],
            one["label"],
            "on-line" if one["connected"] else "away",
            output.at(one["heard_ms"]),
            output.at(one["not_after_ms"]),
        )
        for one in found
    ]
    rows += [
        (
            one["name"],
            one["label"],
            "withdrawn, has forgotten its extract" if one["wiped_ms"] else "withdrawn, not heard since",
            output.at(one["wiped_ms"]),
            output.at(one["not_after_ms"]),
        )
        for one in withdrawn
    ]
    output.table(
        ("post", "name", "line", "last heard", "certificate ends"), rows, empty="There are no posts yet."
    )


def withdraw_post(
    call: Call,
    post: Annotated[str, typer.Argument(metavar="POST", help="The post's name: XAV/airport.")],
    reason: Annotated[str, typer.Option(help="Why, for the audit log.")],
) -> None:
    """Withdraw a post that was lost, stolen or closed: its certificate counts no more, from now on.

    Its line ends. When the device next calls, it is told to forget its extract and to sign everybody out, and nothing else.
    """
    name = post.rpartition("/")[2]
    call.client.post(f"/api/v1/posts/{part(name)}/withdrawal", {"reason": reason}, list[Fields])
    output.say(f"{post} is withdrawn. allpoints post list says whether it has forgotten its extract.")
