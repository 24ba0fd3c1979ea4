"""Hits: reading them, and answering those on this member's records."""

from typing import Annotated

import typer

from allpoints.border.hit import HitView
from allpoints.cli import output
from allpoints.cli.calling import Call, IdsOption, asking, group
from allpoints.cli.client import part

PATH = "/api/v1/hits"

Id = Annotated[str, typer.Argument(metavar="ID", help="The hit, or the first letters of it.")]
Why = Annotated[
    str, typer.Option("--reason", help="What you compared, in a sentence; everyone told reads it.")
]

SHORTEST = 4
"""Letters of a hit's name that must be given at least."""


def add(app: typer.Typer) -> None:
    """Put these commands on ``app``."""
    asking(
        app, "hits", "hits --open --purpose border-control --dir xav", "hits --purpose border-control --json"
    )(hits)
    hit = group("Read a hit, and answer one on this member's records.")
    asking(hit, "show", "hit show 4bb1 --purpose border-control")(show)
    asking(
        hit,
        "confirm",
        'hit confirm 4bb1 --reason "The number is that of our report." --purpose border-control',
    )(confirm)
    asking(
        hit, "refute", 'hit refute 4bb1 --reason "Found and given back on 2 May." --purpose border-control'
    )(refute)
    app.add_typer(hit, name="hit")


def hits(
    call: Call,
    only_open: Annotated[bool, typer.Option("--open", help="Only those without an answer.")] = False,
    ids: IdsOption = False,
) -> None:
    """List hits, newest first."""
    found = call.client.get(PATH, list[HitView], open=only_open)
    rows = [
        (
            one.hit.hit,
            one.state.value,
            one.hit.verdict,
            one.hit.owner,
            one.hit.post or one.hit.searcher,
            one.hit.asked,
            output.at(one.hit.raised_ms),
        )
        for one in found
    ]
    columns = ("hit", "state", "verdict", "owner", "checked at", "asked about", "raised")
    output.listing(found, columns, rows, output.Listing("There are no hits.", call.as_json, ids))


def show(call: Call, hit: Id) -> None:
    """Read one hit: both sides to compare, its clock and its answer."""
    _tell(call, call.client.get(f"{PATH}/{part(_full(call, hit))}", HitView))


def confirm(call: Call, hit: Id, reason: Why) -> None:
    """Confirm a hit on this member's record: the searcher and the command centre are told."""
    _answer(call, hit, "confirmed", reason)


def refute(call: Call, hit: Id, reason: Why) -> None:
    """Refute a hit on this member's record: the same pair will not be raised again."""
    _answer(call, hit, "refuted", reason)


def _answer(call: Call, hit: str, state: str, reason: str) -> None:
    body = {"state": state, "reason": reason}
    _tell(call, call.client.post(f"{PATH}/{part(_full(call, hit))}/answer", body, HitView))


def _full(call: Call, given: str) -> str:
    """The whole name of a hit of which only the beginning was typed, if just one begins so."""
    if len(given) < SHORTEST:
        return given
    found = [one.hit.hit for one in call.client.get(PATH, list[HitView]) if one.hit.hit.startswith(given)]
    return found[0] if len(found) == 1 else given


def _tell(call: Call, view: HitView) -> None:
    if call.as_json:
        output.json(view)
        return
    hit, answer = view.hit, view.answer
    output.facts(
        [
            ("hit", hit.hit),
            ("state", view.state.value),
            ("verdict", hit.verdict),
            ("asked about", hit.asked),
            ("record", hit.caption),
            ("why", hit.reason),
            ("owner", hit.owner),
            ("reference", hit.reference),
            ("checked at", hit.post or hit.searcher),
            ("checked", output.at(hit.checked_ms)),
            ("raised", output.at(hit.raised_ms) + (" (the record came after the check)" if hit.late else "")),
            ("answer due", "" if answer else output.at(hit.deadline_ms)),
            ("answer", f"{answer.state.value} by {answer.by}: {answer.reason}" if answer else ""),
            ("so far", "\n".join(f"{output.at(at_ms)} {state} {who}" for at_ms, state, who in view.events)),
        ]
    )
