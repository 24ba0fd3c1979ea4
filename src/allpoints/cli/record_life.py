"""A record after its entry: renewed, ended, listed before its end, linked to another, blocked by the secretariat."""

from typing import Annotated

import typer

from allpoints.cli import output
from allpoints.cli.calling import Call, IdsOption, asking
from allpoints.cli.client import Fields, part

Register = Annotated[str, typer.Argument(metavar="REGISTER", help="The register.")]
Ref = Annotated[str, typer.Argument(metavar="REF", help="The record's source_ref.")]
Record = Annotated[str, typer.Argument(metavar="ID", help="The record's identifier.")]
Reason = Annotated[str, typer.Option(help="Why.")]

_DONE = {
    "put": "entered",
    "withdraw": "withdrawn",
    "achieve": "purpose achieved",
    "expire": "retention ended",
    "block": "blocked",
    "unblock": "unblocked",
}


def add_to_record(record: typer.Typer) -> None:
    """Put these commands beside the other commands on records."""
    asking(record, "renew", 'record renew persons P-1 --reason "Still sought." --purpose find-wanted')(renew)
    asking(record, "achieve", 'record achieve persons P-1 --reason "Arrested." --purpose find-wanted')(
        achieve
    )
    asking(
        record, "expiring", "record expiring --purpose investigate", "record expiring --before 2032-01-01"
    )(expiring)
    asking(record, "readers", "record readers 5a0b8c… --purpose investigate")(readers)
    asking(record, "exclusions", "record exclusions --purpose investigate")(exclusions)
    asking(
        record,
        "link",
        'record link 5a0b8c… 77d1f0… --relation bears --reason "Found on him." --purpose investigate',
    )(link)
    asking(record, "unlink", 'record unlink 9f20aa… --reason "An error." --purpose investigate')(unlink)
    asking(record, "block", 'record block 5a0b8c… --reason "Doubts on its source." --purpose investigate')(
        block
    )
    asking(record, "unblock", 'record unblock 5a0b8c… --reason "Confirmed." --purpose investigate')(unblock)


def event_line(event: Fields) -> str:
    """One line of a record's history."""
    what = _DONE.get(event["op"], event["op"])
    if event["op"] == "put" and event["version"] > 1:
        what = "renewed or changed" if event["reason"] else "changed"
    by = " by " + (event["by_role"] or event["member"]) if event["member"] else ""
    why = f": {event['reason']}" if event["reason"] else ""
    return f"{output.at(event['at_ms'])} {what}{by}{why}"


def link_line(link: Fields) -> str:
    """One line for a link: how it reads, where it leads, and by which identifier it is undone."""
    there = f"{link['caption']} ({link['register']}, {link['owner']} {link['ref']}) {link['record']}"
    return f"{link['phrase']} {there} [{link['link']}, {link['author']}: {link['reason']}]"


def _own_act(call: Call, act: str, register: str, ref: str, reason: str) -> None:
    done = call.client.post(
        f"/api/v1/registers/{part(register)}/{act}", {"ref": ref, "reason": reason}, Fields
    )
    if call.as_json:
        output.json(done)


def renew(call: Call, register: Register, ref: Ref, reason: Reason) -> None:
    """Keep one of this member's records longer: its retention begins anew."""
    _own_act(call, "renewals", register, ref, reason)
    output.say(f"{ref} is renewed.")


def achieve(call: Call, register: Register, ref: Ref, reason: Reason) -> None:
    """End one of this member's records because its purpose is achieved."""
    _own_act(call, "achievements", register, ref, reason)
    output.say(f"{ref} has served its purpose and is deleted.")


def expiring(
    call: Call,
    before: Annotated[str, typer.Option(help="A day, 2031-12-31; within half a year if none is given.")] = "",
    register: Annotated[str, typer.Option(help="Only this register.")] = "",
    ids: IdsOption = False,
) -> None:
    """List this member's records whose retention ends before long: renew them or let them go."""
    found = call.client.get("/api/v1/expiring", Fields, before=before, register=register)
    rows = [
        (one["record"], output.at(one["expires_ms"])[:10], one["register"], one["ref"], one["caption"])
        for one in found["records"]
    ]
    columns = ("record", "ends", "register", "reference", "what")
    output.listing(found, columns, rows, output.Listing("Nothing ends before then.", call.as_json, ids))
    if found["more"]:
        output.say("There are more: ask for one register, or an earlier day.")


def readers(call: Call, record: Record) -> None:
    """Say who may not read one of this member's records, and who of them has said that it deleted it.

    Shut a member out with allpoints record enter --exclude, of a record that is there already too.
    """
    found = call.client.get(f"/api/v1/records/{part(record)}/readers", list[Fields])
    rows = [(one["member"], _told(one), _obeyed(one)) for one in found]
    columns = ("member", "shut out", "deleted")
    output.listing(found, columns, rows, output.Listing("Every member may read it.", call.as_json, False))


def exclusions(call: Call) -> None:
    """List members that were shut out of this member's records and have not said yet that they deleted them."""
    found = call.client.get("/api/v1/exclusions", list[Fields])
    rows = [(one["record"], one["ref"], one["member"], _told(one), _obeyed(one)) for one in found]
    columns = ("record", "reference", "member", "shut out", "deleted")
    listing = output.Listing("Everybody has deleted what it was shut out of.", call.as_json, False)
    output.listing(found, columns, rows, listing)


def _told(one: Fields) -> str:
    return output.at(one["ordered_ms"]) if one["ordered_ms"] else "never had it"


def _obeyed(one: Fields) -> str:
    if not one["ordered_ms"]:
        return ""
    if one.get("obeyed_ms"):
        return output.at(one["obeyed_ms"])
    return "not yet: suspended" if one["suspended"] else "not yet"


def link(
    call: Call,
    record: Record,
    other: Annotated[str, typer.Argument(metavar="OTHER", help="The record it belongs to.")],
    relation: Annotated[str, typer.Option(help="How: bears, drives, owns, used-in, seen-at, same-as …")],
    reason: Reason,
) -> None:
    """Say how one record belongs to another; one of the two is this member's.

    Both stay as they are. Whoever may not read both does not see the link. Prints its identifier.
    """
    body = {"source": record, "target": other, "relation": relation, "reason": reason}
    done = call.client.post("/api/v1/links", body, Fields)
    if call.as_json:
        output.json(done)
    else:
        output.data(done["link"])


def unlink(
    call: Call,
    identifier: Annotated[str, typer.Argument(metavar="LINK", help="The link's identifier.")],
    reason: Reason,
) -> None:
    """Undo a link that this member entered."""
    done = call.client.post(f"/api/v1/links/{part(identifier)}/undoing", {"reason": reason}, Fields)
    if call.as_json:
        output.json(done)
    output.say("The link is undone.")


def block(call: Call, record: Record, reason: Reason) -> None:
    """Let nothing find a record while the secretariat examines it; at the secretariat only.

    The reason goes to every member that holds the record.
    """
    _stand(call, record, "block", reason)


def unblock(call: Call, record: Record, reason: Reason) -> None:
    """Let a record be found again after its examination; at the secretariat only."""
    _stand(call, record, "unblock", reason)


def _stand(call: Call, record: str, act: str, reason: str) -> None:
    done = call.client.post(f"/api/v1/records/{part(record)}/{act}", {"reason": reason}, Fields)
    if call.as_json:
        output.json(done)
    output.say(f"The record is {act}ed.")
