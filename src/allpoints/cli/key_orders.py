"""What the holders of a root decide about a member's key: drafted, approved elsewhere, written to the ledger."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from allpoints.cli import files, measures, output
from allpoints.cli.calling import Call, remote
from allpoints.cli.client import Fields, part
from allpoints.cli.measures import Authority, Code, Draft, Out, Reason

if TYPE_CHECKING:
    from allpoints.identity.recovery import Recovery, Revocation

REQUEST_LIMIT_BYTES = 256 * 1024
MS_OF_AN_HOUR = 3_600_000
HOURS = 120
"""Two days to gather approvals, and the three that the key in use has to object."""


def add(member: typer.Typer) -> None:
    """Put these commands on the group ``member``."""
    remote(
        member,
        "revoke",
        'member revoke XBM --reason "Keys were stolen" --authority "Holders of the root" --draft revocation.json --dir xsc',
    )(revoke)
    remote(
        member,
        "recover",
        'member recover recovery-request.json --reason "Keys were lost" --authority "Holders of the root"'
        " --draft recovery.json --dir xsc",
    )(recover)


def revoke(call: Call, member: Code, reason: Reason, authority: Authority, draft: Draft = None) -> None:
    """Let nothing count any more that the present key of a member signs: it was stolen, lost, or the member leaves.

    Where people hold the root, write a draft, have it approved (allpoints root approve), and give both to allpoints member order.
    """
    from allpoints.identity.recovery import Revocation
    from allpoints.identity.standing import new_id

    order = Revocation(new_id(), member, _present_key(call, member), reason, authority)
    _draft_or_write(call, order, draft, None)


def recover(  # noqa: PLR0913, PLR0917 - each is an option of the command
    call: Call,
    request: Annotated[
        Path, typer.Argument(metavar="REQUEST", help="The request of the bureau with its new keys.")
    ],
    reason: Reason,
    authority: Authority,
    hours: Annotated[
        int, typer.Option(min=72, max=700, help="For how many hours from now its present key may object.")
    ] = HOURS,
    at_once: Annotated[
        bool, typer.Option("--at-once", help="The new key is the one to which the member committed itself.")
    ] = False,
    draft: Draft = None,
    out: Out = Path("admission.json"),
) -> None:
    """Put another key in the place of a member's that was lost or revoked.

    Its present key may object for at least 72 hours from the moment it stands in the ledger; then the secretariat's node
    completes it. The file that is written lets the bureau join.
    """
    from allpoints.ground.clock import SystemClock
    from allpoints.ground.refusal import Refusal
    from allpoints.identity.joining import read_join_request
    from allpoints.identity.recovery import Recovery
    from allpoints.identity.standing import new_id

    asked = read_join_request(files.read_text(request, REQUEST_LIMIT_BYTES))
    if asked.certificate is None:
        raise Refusal("ADMIT-REQUEST", "Only a member's bureau is recovered.", path="request")
    member = asked.holder.subject
    # A minute more, so that 72 hours are still there when it is written.
    until_ms = 0 if at_once else SystemClock().now() + hours * MS_OF_AN_HOUR + 60_000
    key = _present_key(call, member)
    order = Recovery(new_id(), member, key, until_ms, asked.certificate, reason, authority)
    output.say(f"Request fingerprint: {asked.fingerprint()}")
    _draft_or_write(call, order, draft, out)


def _present_key(call: Call, member: str) -> bytes:
    return bytes.fromhex(call.client.get(f"/api/v1/members/{part(member)}/keys", Fields)["key"])


def _draft_or_write(call: Call, order: "Revocation | Recovery", draft: Path | None, out: Path | None) -> None:
    from allpoints.identity.order_file import write_order

    if draft is not None:
        measures.draw_up(call, order, draft)
        return
    order.check()
    measures.hand_in(call, write_order(order), out)
