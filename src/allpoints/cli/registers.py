"""Registers: what they hold, and how a file to import begins. Read from the vocabulary, with no node running."""

import csv
import io
from typing import Annotated, Any

import msgspec
import typer

from allpoints.cli import output
from allpoints.cli.calling import Call, local
from allpoints.ground.refusal import Refusal
from allpoints.vocabulary.declaration import words
from allpoints.vocabulary.register import Register


def add(app: typer.Typer) -> None:
    """Put these commands on ``app``."""
    local(app, "registers", "registers", "registers travel-documents", "registers persons --json")(registers)
    local(app, "template", "template travel-documents > stolen.csv", "template red > notice.json")(template)


def registers(
    call: Call,
    name: Annotated[str, typer.Argument(metavar="[NAME]", help="One of them, to see its fields.")] = "",
) -> None:
    """List the registers and kinds of notice, or the fields of one."""
    if name:
        _one(call, _named(call, name))
        return
    known = _known(call)
    if call.as_json:
        output.json([_described(one) for one in known.values()])
        return
    rows = [(one.name, one.short, words(one.label), words(one.description)) for one in known.values()]
    output.table(("register", "short", "name", "what it holds"), rows, empty="There are no registers.")


def _known(call: Call) -> dict[str, Register]:
    return {**call.vocabulary.registers, **call.vocabulary.notices}


def _named(call: Call, name: str) -> Register:
    known = _known(call)
    if name not in known:
        raise Refusal(
            "UNKNOWN-REGISTER",
            f"There is no register {name!r}.",
            path="register",
            hint=f"Known are: {', '.join(sorted(known))}.",
            status=404,
        )
    return known[name]


def _described(register: Register) -> dict[str, Any]:
    return {
        "name": register.name,
        "short": register.short,
        "label": dict(register.label),
        "description": dict(register.description),
        "columns": list(register.columns()),
        "schema": register.json_schema(),
    }


def _one(call: Call, register: Register) -> None:
    if call.as_json:
        output.json(_described(register))
        return
    output.say(f"{words(register.label)}: {words(register.description)}")
    rows = [
        (
            field.name,
            field.type.name,
            "required" if field.required else "",
            field.shown_label(),
            _shown(field.examples[0]) if field.examples else "",
        )
        for field in register.fields
    ]
    output.table(("field", "type", "", "label", "example"), rows, empty="")


def template(
    call: Call, register: Annotated[str, typer.Argument(metavar="REGISTER", help="The register.")]
) -> None:
    """Print how a file to import begins: the columns of a register and one example row.

    For a kind of notice it prints an example as JSON, to be changed and submitted.
    """
    found = _named(call, register)
    example = example_of(found, _member(call))
    if found.name in call.vocabulary.notices or call.as_json:
        output.json(example)
        return
    written = io.StringIO()
    writer = csv.writer(written, lineterminator="\n")
    columns = found.columns()
    writer.writerow(columns)
    writer.writerow([_shown(example.get(column, "")) for column in columns])
    output.data(written.getvalue().rstrip("\n"))


def _member(call: Call) -> str:
    from allpoints.node.settings import FILE_NAME

    known = (call.folder / FILE_NAME).is_file()
    return call.settings.text("node.name")[:3] if known else ""


def example_of(register: Register, member: str) -> dict[str, Any]:
    """Examples of the fields that go together, so that the example as a whole is accepted.

    Fields that only some records have (the last number of a range, say) are left out when they contradict others.
    """
    raw = {field.name: msgspec.to_builtins(field.examples[0]) for field in register.fields if field.examples}
    rule, _, issuer = register.writer.partition(":")
    if rule == "issuer" and member:
        raw[issuer] = member
    for _ in range(len(raw)):
        try:
            register.clean(raw)
        except Refusal as refusal:
            names = {fault.path.partition("[")[0] for fault in refusal.faults or (refusal.fault(),)}
            if not names & raw.keys():
                return raw
            raw = {name: value for name, value in raw.items() if name not in names}
        else:
            return raw
    return raw


def _shown(value: object) -> str:
    if isinstance(value, (list, tuple)) and all(isinstance(one, str) for one in value):
        return ";".join(value)
    return value if isinstance(value, str) else msgspec.json.encode(value).decode()
