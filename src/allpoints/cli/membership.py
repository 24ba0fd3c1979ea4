"""Who belongs: a secretariat admits members, a bureau admits its posts."""

import datetime as dt
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from allpoints.cli import files, output
from allpoints.cli.calling import Call, group, remote
from allpoints.cli.client import Fields, part
from allpoints.ground.refusal import Refusal

REQUEST_LIMIT_BYTES = 256 * 1024

Request = Annotated[Path, typer.Argument(metavar="REQUEST", help="The join request of the node.")]
Out = Annotated[Path, typer.Option("--out", help="Where to write the admission.")]


def add(app: typer.Typer) -> None:
    """Put these commands on ``app``."""
    member = group("Admit members to the network, limit and restore them, at the secretariat.")
    remote(
        member,
        "admit",
        "member admit xav/join-request.json --out xav-admission.json --dir xsc",
        "member admit join-request.json --approval ines.json --approval bram.json --dir xsc",
    )(admit_member)
    remote(member, "list", "member list --dir xsc", "member list --json")(members)
    remote(
        member,
        "suspend",
        'member suspend XBM --reason "Keys may be stolen" --authority "Duty officer" --dir xsc',
    )(suspend)
    remote(
        member,
        "throttle",
        'member throttle XBM --mode receive-only --kinds notices,messages --days 7 --reason "Misuse"'
        ' --authority "GA-2026-94-RES-03" --dir xsc',
    )(throttle)
    remote(
        member, "restore", 'member restore XBM --reason "Cleared" --authority "GA-2026-94-RES-07" --dir xsc'
    )(restore)
    remote(member, "show", "member show XBM --dir xav")(show)
    remote(member, "reach", "member reach XBM --dir xsc")(reached)
    app.add_typer(member, name="member")
    post = group("Admit posts of this country, at its bureau.")
    remote(post, "admit", "post admit airport/join-request.json --out airport.json --dir xav")(admit_post)
    remote(post, "list", "post list --dir xav")(posts)
    app.add_typer(post, name="post")
    remote(app, "members", "members --dir xav", "members --json")(members)


def admit_member(
    call: Call,
    request: Request,
    out: Out = Path("admission.json"),
    approval: Annotated[
        list[Path] | None, typer.Option(help="An approval of a holder of the root; once for each.")
    ] = None,
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
    from allpoints.identity.root_files import read_approval, write_approved

    text = files.read_text(request, REQUEST_LIMIT_BYTES)
    asked = read_join_request(text)
    files.check_new(out)
    given = [read_approval(files.read_text(one, REQUEST_LIMIT_BYTES)).to_bytes() for one in approvals]
    if given:
        text = write_approved(text, given)
    answer = call.client.send(path, text.encode(), "application/json").decode()
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


Code = Annotated[str, typer.Argument(metavar="MEMBER", help="The member's three letters.")]
Reason = Annotated[str, typer.Option(help="Why, in a line that every member reads.")]
Authority = Annotated[str, typer.Option(help="By whose authority: an article, a resolution, an office.")]
Days = Annotated[int, typer.Option(min=1, max=3_650, help="For how many days it lasts.")]
URGENT_DAYS = 14
MS_OF_A_DAY = 86_400_000


def suspend(call: Call, member: Code, reason: Reason, authority: Authority, days: Days = URGENT_DAYS) -> None:
    """Suspend a member at once: it sends nothing, receives nothing, and nobody seals anything for it.

    What the secretariat orders alone lasts two weeks at most. See allpoints member reach for whom it has reached.
    """
    _limit(call, member, {"reason": reason, "authority": authority, "until_ms": _ends(0, days)})


def throttle(  # noqa: PLR0913, PLR0917 - each is an option of the command
    call: Call,
    member: Code,
    mode: Annotated[str, typer.Option(help="pre-reviewed, receive-only or suspended.")],
    reason: Reason,
    authority: Authority,
    kinds: Annotated[str, typer.Option(help="What it is about: records, notices, messages.")] = "",
    begins: Annotated[
        str, typer.Option("--from", help="The day it begins, 2026-12-01; now if left out.")
    ] = "",
    days: Days = URGENT_DAYS,
) -> None:
    """Limit what a member may send: reviewed by the secretariat first, nothing at all, or suspended.

    The strictest of several measures counts, each for the kinds that it names.
    """
    order: dict[str, object] = {"reason": reason, "authority": authority, "mode": mode}
    if kinds:
        order["kinds"] = [one.strip() for one in kinds.split(",")]
    from_ms = _day(begins) if begins else 0
    _limit(call, member, {**order, "from_ms": from_ms, "until_ms": _ends(from_ms, days)})


def _ends(from_ms: int, days: int) -> int:
    from allpoints.ground.clock import SystemClock

    return (from_ms or SystemClock().now()) + days * MS_OF_A_DAY


def _day(text: str) -> int:
    try:
        return int(dt.datetime.strptime(text, "%Y-%m-%d").replace(tzinfo=dt.UTC).timestamp() * 1000)
    except ValueError as error:
        raise Refusal("BAD-DAY", f"{text} is no day.", path="from", hint="2026-12-01") from error


def _limit(call: Call, member: str, order: Fields) -> None:
    ordered = call.client.post(f"/api/v1/members/{part(member)}/measures", order, Fields)
    if call.as_json:
        output.json(ordered)
    else:
        output.data(ordered["sentence"])
    output.say(f"Next: allpoints member reach {member} says whom it has reached.")


def restore(call: Call, member: Code, reason: Reason, authority: Authority) -> None:
    """Lift every measure against a member; what it kept waiting goes out, and it is told what it missed."""
    answer = call.client.post(
        f"/api/v1/members/{part(member)}/restorations", {"reason": reason, "authority": authority}, Fields
    )
    if call.as_json:
        output.json(answer)
    else:
        output.data(f"{member}: {output.counted(answer['lifted'], 'measure is', 'measures are')} lifted")


def show(call: Call, member: Code) -> None:
    """Show every measure that was ordered against a member, the newest first."""
    found = call.client.get(f"/api/v1/members/{part(member)}/measures", list[Fields])
    if call.as_json:
        output.json(found)
        return
    rows = [(one["state"], one["sentence"], output.at(one["at_ms"])) for one in found]
    output.table(("state", "measure", "ordered"), rows, empty=f"Nothing was ever ordered against {member}.")


def reached(call: Call, member: Code) -> None:
    """Say whom the newest measure against a member has reached, and whom not yet, since when."""
    found = call.client.get(f"/api/v1/members/{part(member)}/reach", Fields)
    if call.as_json:
        output.json(found)
        return
    output.data(found["sentence"])
    rows = [
        (
            one["code"],
            "reached" if one["reached"] else "NOT REACHED",
            "on the line" if one["connected"] else "away",
            output.at(one["heard_ms"]),
        )
        for one in found["members"]
    ]
    output.table(("member", "order", "line", "last heard"), rows, empty="There are no members yet.")


def _state(member: Fields) -> str:
    if member["mode"] != "direct":
        return str(member["mode"])
    return "active" if member["active"] else "ended"


def posts(call: Call) -> None:
    """List this bureau's posts and when each was last heard."""
    found = call.client.get("/api/v1/posts", list[Fields])
    if call.as_json:
        output.json(found)
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
    output.table(
        ("post", "name", "line", "last heard", "certificate ends"), rows, empty="There are no posts yet."
    )
