"""At the border: one check."""

from typing import Annotated

import typer

from allpoints.border.verdict import Answer, Reason
from allpoints.cli import files, output
from allpoints.cli.calling import Call, asking
from allpoints.cli.naming import Identifiers, named

PATH = "/api/v1/checks"
HIT = 10
NOT_CHECKED = 11
"""Exit statuses of ``check --exit-code``: silence must never look like a clear answer."""

FRESH_MS = 15_000
"""A bureau that heard the relay no longer ago than this knows the network as it is."""

MRZ_LIMIT_BYTES = 4_096


def add(app: typer.Typer) -> None:
    """Put these commands on ``app``."""
    asking(
        app,
        "check",
        "check --number L898902C3 --issuer XAV --purpose border-control",
        "check 'P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<' 'L898902C36UTO7408122F1204159ZE184226B<<<<<10'",
        "check - < scanned.txt",
        "check --id vin=WVWZZZ1JZXW000001 --id 'plate=XAV AB 123' --purpose border-control",
    )(check)


def check(  # noqa: PLR0913 - what can be asked about a traveller
    call: Call,
    *,
    mrz: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[MRZ]", help="The lines of the machine-readable zone, or - for standard input."
        ),
    ] = None,
    number: Annotated[str, typer.Option(help="The document's number, as printed.")] = "",
    issuer: Annotated[str, typer.Option(help="The three letters of the country that issued it.")] = "",
    family_name: Annotated[str, typer.Option(help="The bearer's family name.")] = "",
    given_names: Annotated[str, typer.Option(help="The bearer's given names.")] = "",
    birth_date: Annotated[str, typer.Option(help="The bearer's date of birth, such as 1979-03-14.")] = "",
    identifier: Identifiers = None,
    exit_code: Annotated[
        bool, typer.Option("--exit-code", help="Exit with 10 on a hit, 11 if nothing could be checked.")
    ] = False,
) -> None:
    """Check one traveller, document, vehicle or other thing, as a border post does.

    Scan the zone, or type number and issuer, a name with a birth date, or another identifier. A hit is a lead, never
    a proof: the answer says what to do next.
    """
    from allpoints.border.question import Question

    question = Question(
        mrz=_zone(mrz or []),
        number=number,
        issuer=issuer,
        family_name=family_name,
        given_names=given_names,
        birth_date=birth_date,
        identifiers=dict(named(one) for one in identifier or ()),
    )
    answer = call.client.post(PATH, question, Answer)
    output.json(answer) if call.as_json else _tell(answer)
    if exit_code:
        raise typer.Exit(_status(answer))


def _zone(lines: list[str]) -> str:
    from pathlib import Path

    if lines == [files.STANDARD_INPUT]:
        return files.read_text(Path(files.STANDARD_INPUT), MRZ_LIMIT_BYTES)
    return "\n".join(lines)


def _status(answer: Answer) -> int:
    if answer.verdict.is_hit:
        return HIT
    return 0 if answer.verdict == "clear" else NOT_CHECKED


def _tell(answer: Answer) -> None:
    document = " ".join(part for part in (answer.issuer, answer.number) if part)
    asked = (document, answer.bearer, answer.birth_date, *answer.things)
    output.data(f"{answer.verdict.value.upper()}: {answer.headline}")
    output.data(answer.action)
    for match in answer.matches:
        output.data("")
        output.facts(
            [
                ("record", match.caption or match.register),
                ("owner", match.owner),
                ("reference", match.reference),
                ("published", _published(answer.asked_ms, match.published_ms)),
                ("why", "\n".join(_reason(one) for one in match.reasons)),
                ("hit", match.hit),
            ]
        )
    for one in answer.warnings:
        output.data(f"warning: {_reason(one)}")
    for one in answer.faults:
        # A fault's reason carries the field that was misread and what to do about it.
        output.data(f"fault: {one.sentence}")
        output.say(f"hint: {one.held}")
    output.data("")
    output.facts(
        [
            ("asked about", ", ".join(part for part in asked if part)),
            ("checked", output.at(answer.asked_ms)),
            ("answered by", _source(answer)),
            ("looked for", f"{answer.took_us} µs"),
            ("check", answer.check),
        ]
    )


def _published(asked_ms: int, published_ms: int) -> str:
    return f"{output.at(published_ms)} ({output.span(max(0, asked_ms - published_ms))} before the check)"


def _source(answer: Answer) -> str:
    if answer.source != "live":
        return f"the post's own extract, {output.span(answer.age_ms)} old"
    if answer.age_ms > FRESH_MS:
        return f"the bureau, which last heard the network {output.span(answer.age_ms)} ago"
    return "the bureau, as of now"


def _reason(one: Reason) -> str:
    sides = [f"asked {one.asked}" if one.asked else "", f"held {one.held}" if one.held else ""]
    compared = ", ".join(side for side in sides if side)
    return f"{one.sentence} ({compared})" if compared else one.sentence
