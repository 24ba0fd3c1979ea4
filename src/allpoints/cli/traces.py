"""Firearm traces: requesting them, following them, and answering what this member is asked."""

from typing import Annotated

import typer

from allpoints.cli import output
from allpoints.cli.calling import Call, IdsOption, asking, group
from allpoints.cli.client import part
from allpoints.tracing import chronicle
from allpoints.tracing.answering import Reply
from allpoints.tracing.requesting import Order
from allpoints.tracing.trace import Side, TraceView

PATH = "/api/v1/traces"

Id = Annotated[str, typer.Argument(metavar="ID", help="The trace, or the first letters of it.")]
Unlisted = Annotated[
    str, typer.Option(metavar="REASON", help="Trace it although the reference table does not have it.")
]
First = Annotated[
    str, typer.Option(metavar="COUNTRY", help="Whom to ask first, where no country of manufacture can be.")
]
Urgency = Annotated[str, typer.Option(help="routine (14 days for each step) or urgent (48 hours).")]
Disclosing = Annotated[
    bool, typer.Option("--disclose", help="Show each country what those before it answered.")
]
Approving = Annotated[bool, typer.Option("--approve", help="Decide on every next country yourself.")]

SHORTEST = 6
"""Letters of a trace's name that must be given at least."""


def add(app: typer.Typer) -> None:
    """Put these commands on ``app``."""
    trace = group("Trace a firearm, from the country of manufacture to its last known holder.")
    asking(
        trace,
        "request",
        'trace request --serial K18204417 --make Norvik --model P9 --calibre 9x19 --circumstances "Found in a car."',
        'trace request --serial 77 --make Sablewerk --unlisted "A village maker." --to XDV --purpose investigate',
    )(request)
    asking(
        trace,
        "list",
        "trace list --open --purpose investigate",
        "trace list --purpose investigate --json",
    )(list_)
    asking(trace, "show", "trace show XCS-4f1a --purpose investigate")(show)
    asking(
        trace,
        "answer",
        'trace answer XCS-4f1a --finding exported --country XBM --party "Selm Import" --text "Shipped on 3 May 2019."',
        'trace answer XCS-4f1a --finding no-record --text "Not in our books." --purpose investigate',
    )(answer)
    asking(
        trace,
        "next",
        "trace next XCS-4f1a --purpose investigate",
        'trace next XCS-4f1a --marks "Crown over N, left of the barrel" --purpose investigate',
    )(go_on)
    asking(
        trace, "withdraw", 'trace withdraw XCS-4f1a --reason "The holder was found." --purpose investigate'
    )(withdraw)
    app.add_typer(trace, name="trace")


def request(  # noqa: PLR0913 - a firearm has many marks
    call: Call,
    *,
    serial: Annotated[str, typer.Option(help="The serial number, as it is stamped.")],
    make: Annotated[str, typer.Option(help="The make, as the reference table has it.")],
    model: Annotated[str, typer.Option(help="The model.")] = "",
    calibre: Annotated[str, typer.Option(help="The calibre.")] = "",
    kind: Annotated[str, typer.Option("--type", help="Pistol, rifle, and so on.")] = "",
    importer_mark: Annotated[str, typer.Option(help="The importer's mark, if it bears one.")] = "",
    marks: Annotated[str, typer.Option(help="Proof marks and every other stamp.")] = "",
    reference: Annotated[str, typer.Option(help="The entry of the reference table, where several fit.")] = "",
    unlisted: Unlisted = "",
    to: First = "",
    priority: Urgency = "routine",
    circumstances: Annotated[str, typer.Option(help="Where and how it was found.")] = "",
    disclose: Disclosing = False,
    approve: Approving = False,
) -> None:
    """Request a trace: the registers are looked into, then the country of manufacture is asked."""
    order = Order(
        serial=serial,
        make=make,
        model=model,
        calibre=calibre,
        type=kind,
        importer_mark=importer_mark,
        marks=marks,
        reference=reference,
        unlisted=unlisted,
        to=to,
        priority=priority,
        circumstances=circumstances,
        disclose=disclose,
        approve=approve,
    )
    _tell(call, call.client.post(PATH, order, TraceView))


def list_(
    call: Call,
    only_open: Annotated[bool, typer.Option("--open", help="Only those on which somebody must act.")] = False,
    ids: IdsOption = False,
) -> None:
    """List traces, newest first: this member's own, and those that it is asked about."""
    found = call.client.get(PATH, list[TraceView], open=only_open)
    rows = [
        (
            one.trace.trace,
            one.trace.state.value,
            one.side.value,
            one.trace.steps[-1].country if one.trace.steps else "",
            one.trace.firearm.caption,
            one.trace.priority.value,
            output.at(one.trace.clock_ms),
        )
        for one in found
    ]
    columns = ("trace", "state", "we are", "asked now", "firearm", "priority", "due")
    output.listing(found, columns, rows, output.Listing("There are no traces.", call.as_json, ids))


def show(call: Call, trace: Id) -> None:
    """Read a trace, as far as this member knows it."""
    _tell(call, call.client.get(f"{PATH}/{part(_full(call, trace))}", TraceView))


def answer(  # noqa: PLR0913 - an answer and what it rests on
    call: Call,
    trace: Id,
    *,
    finding: Annotated[
        str,
        typer.Option(help="exported, sold, stolen, destroyed, not-ours, no-record or more-marks."),
    ],
    text: Annotated[str, typer.Option(help="What the files say, in a sentence.")],
    country: Annotated[str, typer.Option(help="Where it was exported to, or whose make it is.")] = "",
    party: Annotated[str, typer.Option(help="The importer, or the holder.")] = "",
    dated: Annotated[str, typer.Option(help="When: 2019, 2019-05 or 2019-05-03.")] = "",
    reference: Annotated[str, typer.Option(help="The record or file that says so.")] = "",
) -> None:
    """Answer a trace that this member is asked about; only the requester reads it."""
    reply = Reply(finding, text, country, party, dated, reference)
    _tell(call, call.client.post(f"{PATH}/{part(_full(call, trace))}/answer", reply, TraceView))


def go_on(
    call: Call,
    trace: Id,
    to: Annotated[
        str, typer.Option(metavar="COUNTRY", help="Ask this country, not the one that was named.")
    ] = "",
    marks: Annotated[str, typer.Option(help="Give the marks that were asked for.")] = "",
) -> None:
    """Go on with a trace that waits for its requester."""
    if to and marks:
        raise typer.BadParameter("Give a country or marks, not both.")
    body = {"country": to, "marks": marks}
    _tell(call, call.client.post(f"{PATH}/{part(_full(call, trace))}/next", body, TraceView))


def withdraw(
    call: Call,
    trace: Id,
    reason: Annotated[str, typer.Option(help="Why it is no longer traced; who has not answered reads it.")],
) -> None:
    """Withdraw a trace of this member's."""
    _tell(
        call, call.client.post(f"{PATH}/{part(_full(call, trace))}/withdrawal", {"reason": reason}, TraceView)
    )


def _full(call: Call, given: str) -> str:
    """The whole name of a trace of which only the beginning was typed, if just one begins so."""
    if len(given) < SHORTEST:
        return given
    names = [one.trace.trace for one in call.client.get(PATH, list[TraceView])]
    found = [name for name in names if name.startswith(given)]
    return found[0] if len(found) == 1 else given


def _tell(call: Call, view: TraceView) -> None:
    if call.as_json:
        output.json(view)
        return
    trace, firearm = view.trace, view.trace.firearm
    country, holder = trace.last_known
    past = [
        f"{output.at(one.at_ms)} {one.country}: {one.word}" + (f": {one.text}" if one.text else "")
        for one in chronicle.told(trace)
    ]
    output.facts(
        [
            ("trace", trace.trace),
            ("state", trace.state.value),
            ("requester", trace.requester),
            ("firearm", firearm.caption),
            ("reference", firearm.reference),
            ("made in", firearm.made_in),
            ("not listed", firearm.unlisted),
            ("importer's mark", firearm.importer_mark),
            ("marks", firearm.marks),
            ("circumstances", trace.circumstances),
            ("priority", trace.priority.value),
            ("case", trace.case),
            ("due", output.at(trace.clock_ms)),
            ("last known", f"{country} {holder}".strip() if view.side is Side.REQUESTER else ""),
            ("may be asked next", trace.proposed),
            ("hits", trace.hits),
            ("so far", "\n".join(past)),
        ]
    )
