"""Records: searching and reading all that this member may see, entering and withdrawing its own."""

from pathlib import Path
from typing import Annotated, Any

import msgspec
import typer

from allpoints.cli import attachments, files, output, record_life
from allpoints.cli.calling import Call, IdsOption, asking, group
from allpoints.cli.client import Fields, part
from allpoints.cli.naming import Filters, Identifiers, named, pairs
from allpoints.ground.refusal import Refusal

Handling = Annotated[str, typer.Option(help="The handling code.")]
Excluded = Annotated[
    list[str] | None, typer.Option("--exclude", help="A member that may not see it; give it once for each.")
]


SHOWN_VALUES = 8
"""Counted values of one facet that are printed."""


def add(app: typer.Typer) -> None:
    """Put these commands on ``app``."""
    asking(
        app,
        "search",
        "search --number L898902C3 --issuer XAV --purpose border-control",
        "search tomas bellweather --birth-year 1979 --purpose find-wanted --case A-77",
        "search --id plate='XAV AB 12?4' --register stolen-vehicles --purpose find-wanted",
        "search --register works-of-art --filter object_type=paintings --text harbour --purpose find-wanted",
    )(search)
    record = group("Read a record; enter, change, renew, link or withdraw one of this member's.")
    asking(record, "show", "record show 5a0b8c… --purpose investigate")(show)
    asking(
        record,
        "enter",
        "record enter travel-documents source_ref=A-1 document_number=AB123456 issuer=XAV"
        " document_type=passport fraud=stolen --purpose border-control",
        "record enter persons --file person.json --exclude XCS --purpose find-wanted",
    )(enter)
    asking(
        record, "withdraw", 'record withdraw travel-documents A-1 --reason "Found." --purpose border-control'
    )(withdraw)
    attachments.add_to_record(record)
    record_life.add_to_record(record)
    app.add_typer(record, name="record")
    asking(
        app,
        "export",
        "export stolen-vehicles --purpose locate > vehicles.csv",
        "export persons --form jsonl --purpose investigate > persons.jsonl",
    )(export)


def search(  # noqa: PLR0913 - each is one part of the question
    call: Call,
    *,
    words: Annotated[list[str] | None, typer.Argument(metavar="[NAME]", help="A name, in any order.")] = None,
    number: Annotated[str, typer.Option(help="A document's number.")] = "",
    issuer: Annotated[str, typer.Option(help="The country that issued it.")] = "",
    name: Annotated[str, typer.Option(help="A name, as one argument.")] = "",
    ref: Annotated[str, typer.Option(help="The owner's own reference.")] = "",
    register: Annotated[str, typer.Option(help="Only this register.")] = "",
    birth_year: Annotated[int, typer.Option(min=0, max=2200, help="The year of birth, with a name.")] = 0,
    identifier: Identifiers = None,
    text: Annotated[str, typer.Option(help="Words of free text.")] = "",
    narrow: Filters = None,
    limit: Annotated[int, typer.Option(min=1, max=100, help="At most this many results.")] = 20,
    ids: IdsOption = False,
) -> None:
    """Search the records that this member may see, by name, document, another identifier, text or reference.

    Words are a name; in an identifier ? and * stand for what is not known. Every result says why it was found; the search is written to the audit log first.
    """
    query = {
        "name": name or " ".join(words or ()),
        "number": number,
        "issuer": issuer,
        "ref": ref,
        "register": register,
        "birth_year": birth_year,
        "limit": limit,
        "text": text,
        "id": pairs(identifier),
        "filter": pairs(narrow),
    }
    _answer(call, call.client.get("/api/v1/search", Fields, **query), ids=ids)


def _answer(call: Call, found: Fields, *, ids: bool) -> None:
    rows = [
        (one["record"], one["owner"], one["caption"], output.at(one["published_ms"]), _why(one["why"]))
        for one in found["results"]
    ]
    columns = ("record", "owner", "what", "published", "why")
    output.listing(found, columns, rows, output.Listing("Nothing was found.", call.as_json, ids))
    for warning in found["warnings"]:
        output.say(f"warning: {warning['sentence']}")
    for facet in found["facets"]:
        values = ", ".join(f"{one['caption']} ({one['count']})" for one in facet["values"][:SHOWN_VALUES])
        output.say(f"{facet['label']}: {values}")
    if found["more"]:
        output.say("There is more: ask more narrowly, or raise --limit.")


def _why(reasons: list[Fields]) -> str:
    return " ".join(str(one["sentence"]) for one in reasons)


def show(
    call: Call, record: Annotated[str, typer.Argument(metavar="ID", help="The record's identifier.")]
) -> None:
    """Read one record with its links and its history."""
    found = call.client.get(f"/api/v1/records/{part(record)}", Fields)
    if call.as_json:
        output.json(found)
        return
    output.facts(
        [
            ("record", found["record"]),
            ("what", found["caption"]),
            ("register", found["register"]),
            ("owner", f"{found['owner']} {found['ref']}"),
            ("status", f"{found['status']}, version {found['version']}"),
            ("blocked because", found["blocked"]),
            ("published", output.at(found["published_ms"])),
            ("kept until", output.at(found["expires_ms"])),
            ("purpose", found["purpose"]),
            ("handling", found["handling"]),
            *found["fields"].items(),
            ("links", "\n".join(map(record_life.link_line, found["links"]))),
            ("history", "\n".join(map(record_life.event_line, found["history"]))),
        ]
    )


def enter(
    call: Call,
    register: Annotated[str, typer.Argument(metavar="REGISTER", help="The register.")],
    fields: Annotated[
        list[str] | None,
        typer.Argument(metavar="[FIELD=VALUE]", help="Its fields; a value that begins with [ or { is JSON."),
    ] = None,
    file: Annotated[Path | None, typer.Option(help="A JSON or YAML file with the fields, or -.")] = None,
    handling: Handling = "official-use",
    exclude: Excluded = None,
    reason: Annotated[str, typer.Option(help="Why an earlier version is changed.")] = "",
) -> None:
    """Enter one of this member's records, or change the one with the same source_ref.

    See allpoints registers NAME for the fields of a register.
    """
    body = files.read_document(file) if file is not None else {}
    body |= dict(_field(one) for one in fields or ())
    entered = call.client.post(
        f"/api/v1/registers/{part(register)}/records",
        body,
        Fields,
        handling=handling,
        excluded=",".join(exclude or ()),
        reason=reason,
    )
    if call.as_json:
        output.json(entered)
    else:
        output.data(entered["record"])


def _field(given: str) -> tuple[str, Any]:
    name, value = named(given)
    if value[:1] not in {"[", "{"}:
        return name, value
    try:
        return name, msgspec.json.decode(value)
    except msgspec.DecodeError as error:
        raise Refusal("FIELD-UNREADABLE", f"The value of {name} is no JSON: {error}.", path=name) from error


def export(
    call: Call,
    register: Annotated[str, typer.Argument(metavar="REGISTER", help="The register.")],
    form: Annotated[str, typer.Option(help="csv or jsonl; lists of objects stand in jsonl only.")] = "csv",
) -> None:
    """Print all of this member's own records in a register, as a file that could be imported again."""
    for piece in call.client.pieces(f"/api/v1/registers/{part(register)}/export/{part(form)}"):
        output.raw(piece)


def withdraw(
    call: Call,
    register: Annotated[str, typer.Argument(metavar="REGISTER", help="The register.")],
    ref: Annotated[str, typer.Argument(metavar="REF", help="The record's source_ref.")],
    reason: Annotated[str, typer.Option(help="Why it is withdrawn.")],
) -> None:
    """Withdraw one of this member's records everywhere."""
    done = call.client.post(
        f"/api/v1/registers/{part(register)}/withdrawals", {"ref": ref, "reason": reason}, Fields
    )
    if call.as_json:
        output.json(done)
    output.say(f"{ref} is withdrawn.")
