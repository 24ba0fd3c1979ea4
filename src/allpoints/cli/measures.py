"""Measures against members: ordered at once by the secretariat, or drawn up for holders of the root to approve."""

import datetime as dt
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import msgspec
import typer

from allpoints.cli import files, output
from allpoints.cli.approvals import Approvals, with_approvals
from allpoints.cli.calling import Call, remote
from allpoints.cli.client import Fields, part
from allpoints.ground.refusal import Refusal

if TYPE_CHECKING:
    from allpoints.identity.order_file import Order
    from allpoints.identity.standing import Measure

Code = Annotated[str, typer.Argument(metavar="MEMBER", help="The member's three letters.")]
Reason = Annotated[str, typer.Option(help="Why, in a line that every member reads.")]
Authority = Annotated[str, typer.Option(help="By whose authority: an article, a resolution, an office.")]
Days = Annotated[int, typer.Option(min=1, max=3_650, help="For how many days it lasts.")]
URGENT_DAYS = 14
MS_OF_A_DAY = 86_400_000
ORDER_LIMIT_BYTES = 64 * 1024

Draft = Annotated[
    Path | None, typer.Option("--draft", help="Write the order here, for holders of the root to approve.")
]


Out = Annotated[
    Path, typer.Option("--out", help="Where to write the file by which a recovered member joins again.")
]


def add(member: typer.Typer) -> None:
    """Put these commands on the group of members."""
    remote(
        member,
        "suspend",
        'member suspend XBM --reason "Keys may be stolen" --authority "Duty officer" --dir xsc',
        'member suspend XBM --days 180 --reason "Misuse" --authority "GA-2026-94-RES-03" --draft order.json --dir xsc',
    )(suspend)
    remote(
        member,
        "throttle",
        'member throttle XBM --mode receive-only --kinds notices,messages --days 7 --reason "Misuse"'
        ' --authority "GA-2026-94-RES-03" --dir xsc',
    )(throttle)
    remote(
        member,
        "restore",
        'member restore XBM --reason "Cleared" --authority "GA-2026-94-RES-07" --draft order.json --dir xsc',
    )(restore)
    remote(member, "order", "member order order.json --approval ines.json --approval bram.json --dir xsc")(
        order
    )
    remote(member, "show", "member show XBM --dir xav")(show)
    remote(member, "reach", "member reach XBM --dir xsc")(reached)


def suspend(
    call: Call,
    member: Code,
    reason: Reason,
    authority: Authority,
    days: Days = URGENT_DAYS,
    draft: Draft = None,
) -> None:
    """Suspend a member at once: it sends nothing, receives nothing, and nobody seals anything for it.

    What the secretariat orders alone lasts two weeks at most. For longer, --draft writes the order to a file that holders
    of the root approve: allpoints root approve. See allpoints member reach for whom an order has reached.
    """
    wanted: Fields = {"reason": reason, "authority": authority, "until_ms": _ends(0, days)}
    _limit(call, member, wanted, draft)


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
    draft: Draft = None,
) -> None:
    """Limit what a member may send: reviewed by the secretariat first, nothing at all, or suspended.

    The strictest of several measures counts, each for the kinds that it names. What lasts longer than two weeks is drawn
    up with --draft, for holders of the root to approve.
    """
    wanted: Fields = {"reason": reason, "authority": authority, "mode": mode}
    if kinds:
        wanted["kinds"] = [one.strip() for one in kinds.split(",")]
    from_ms = _day(begins) if begins else 0
    _limit(call, member, {**wanted, "from_ms": from_ms, "until_ms": _ends(from_ms, days)}, draft)


def _ends(from_ms: int, days: int) -> int:
    from allpoints.ground.clock import SystemClock

    return (from_ms or SystemClock().now()) + days * MS_OF_A_DAY


def _day(text: str) -> int:
    try:
        return int(dt.datetime.strptime(text, "%Y-%m-%d").replace(tzinfo=dt.UTC).timestamp() * 1000)
    except ValueError as error:
        raise Refusal("BAD-DAY", f"{text} is no day.", path="from", hint="2026-12-01") from error


def _limit(call: Call, member: str, wanted: Fields, draft: Path | None) -> None:
    if draft is not None:
        draw_up(call, _measure(member, wanted), draft)
        return
    ordered = call.client.post(f"/api/v1/members/{part(member)}/measures", wanted, Fields)
    if call.as_json:
        output.json(ordered)
    else:
        output.data(ordered["sentence"])
    output.say(f"Next: allpoints member reach {member} says whom it has reached.")


def _measure(member: str, wanted: Fields) -> "Measure":
    from allpoints.ground.clock import SystemClock
    from allpoints.identity import standing

    return standing.Measure(
        standing.new_id(),
        member,
        wanted.get("mode", standing.SUSPENDED),
        tuple(wanted.get("kinds", standing.KINDS)),
        wanted.get("from_ms") or SystemClock().now(),
        wanted["until_ms"],
        wanted["reason"],
        wanted["authority"],
    )


def restore(call: Call, member: Code, reason: Reason, authority: Authority, draft: Draft = None) -> None:
    """Lift every measure against a member; what it kept waiting goes out, and it is told what it missed.

    Holders of the root approve it: --draft writes the order for them. Without it, a network for trials lifts them at once.
    """
    from allpoints.identity import standing

    path = f"/api/v1/members/{part(member)}"
    if draft is not None:
        found = call.client.get(f"{path}/measures", list[Fields])
        lifts = sorted(bytes.fromhex(one["id"]) for one in found if one["state"] != "lifted")
        restoration = standing.Restoration(standing.new_id(), member, tuple(lifts), reason, authority)
        draw_up(call, restoration, draft)
        return
    answer = call.client.post(f"{path}/restorations", {"reason": reason, "authority": authority}, Fields)
    if call.as_json:
        output.json(answer)
    else:
        output.data(f"{member}: {output.counted(answer['lifted'], 'measure is', 'measures are')} lifted")


def draw_up(call: Call, drawn: "Order", path: Path) -> None:
    """Write an order to a file, for holders of the root to approve."""
    from allpoints.identity.order_file import write_order

    drawn.check()
    files.write_new(path, write_order(drawn))
    if call.as_json:
        output.json({"sentence": drawn.sentence(), "order": str(path)})
    else:
        output.data(drawn.sentence())
    output.say(
        f"Next: holders of the root approve it, allpoints root approve {path}, then: allpoints member order {path}"
    )


def order(
    call: Call,
    file: Annotated[Path, typer.Argument(metavar="ORDER", help="The order that --draft wrote.")],
    approval: Approvals = None,
    out: Out = Path("admission.json"),
) -> None:
    """Write an order about a member to the ledger, with the approvals of as many holders of the root as it takes."""
    from allpoints.identity.order_file import read_order
    from allpoints.identity.recovery import Recovery

    text = files.read_text(file, ORDER_LIMIT_BYTES)
    recovers = isinstance(read_order(text), Recovery)
    hand_in(call, with_approvals(text, approval or ()), out if recovers else None)


def hand_in(call: Call, text: str, out: Path | None) -> None:
    """Have an order written and say what it says; ``out`` is for the file to join with that answers a recovery."""
    from allpoints.identity.admission import read_admission

    if out is not None:
        files.check_new(out)
    answer = call.client.send("/api/v1/orders", text.encode(), "application/json").decode()
    ordered = msgspec.json.decode(answer, type=Fields)
    if call.as_json:
        output.data(answer)
    else:
        output.data(ordered["sentence"])
    if out is not None:
        admission = read_admission(ordered["admission"])
        files.write_new(out, ordered["admission"])
        output.say(
            f"Next: send {out} to {admission.own.subject}, who runs allpoints join with it (fingerprint"
            f" {admission.fingerprint()}); its line is taken once the recovery is complete."
        )


def show(call: Call, member: Code) -> None:
    """Show every measure that was ordered against a member, the newest first, and what was decided about its key."""
    found = call.client.get(f"/api/v1/members/{part(member)}/measures", list[Fields])
    if call.as_json:
        output.json(found)
        return
    key = call.client.get(f"/api/v1/members/{part(member)}/keys", Fields)
    for sentence in (key["revoked"], *key["recoveries"]):
        if sentence:
            output.data(sentence)
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
