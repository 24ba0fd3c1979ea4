"""How this node stands: status, settings, audit log."""

import time
from typing import Annotated

import typer

from allpoints.cli import output
from allpoints.cli.calling import Call, local, perhaps_asking, remote
from allpoints.cli.client import NOT_RUNNING, Fields
from allpoints.ground.refusal import Refusal

DETAIL_SHOWN = 64
"""Letters of one value that a table of the audit log shows; --json has all."""
LOOK_SECONDS = 0.1


def add(app: typer.Typer) -> None:
    """Put these commands on ``app``."""
    remote(app, "status", "status --dir xav", "status --wait 10", "status --json")(status)
    local(app, "settings", "settings --dir xav", "ALLPOINTS_WEB_PORT=9000 allpoints settings")(settings)
    perhaps_asking(app, "audit", "audit --limit 20", "audit --purpose analyse --case DP-2031-4 --json")(audit)


def status(
    call: Call,
    wait: Annotated[
        float, typer.Option(min=0, max=600, help="Wait so many seconds until it runs and its line is up.")
    ] = 0,
) -> None:
    """Say how this node stands: its line, its ledger, its records, and what the relay refused of it."""
    found = _awaited(call, wait)
    if call.as_json:
        output.json(found)
        return
    health = found["health"]
    output.facts(
        [
            ("node", f"{health['node']} ({health['role']}), version {health['version']}"),
            ("address", found["address"]),
            ("up", output.span(health["up_ms"])),
            ("line", "up" if health["line"] else f"cut off, {output.span(health['behind_ms'])} behind"),
            ("ledger", output.counted(health["ledger"], "entry", "entries")),
            ("witnessed", _witnessed(health)),
            ("waiting", f"{health['waiting']} to be sent" if health["waiting"] else "nothing to be sent"),
            ("records", found["records"]),
            ("refused", found["refused"]),
            ("blocked", "\n".join(found["blocked"])),
        ]
    )


def _witnessed(health: Fields) -> str:
    """How far a quorum cosigned, and whether anything speaks against this ledger."""
    against = f"; {health['evidence']} against it: allpoints evidence list" if health["evidence"] else ""
    return output.counted(health["witnessed"], "entry", "entries") + against


def _awaited(call: Call, wait_seconds: float) -> Fields:
    """The status, at the latest after ``wait_seconds``: a node that was just started is given time."""
    until = time.monotonic() + wait_seconds
    while True:
        late = time.monotonic() >= until
        try:
            found = call.client.get("/api/v1/status", Fields)
        except Refusal as refusal:
            if late or refusal.code != NOT_RUNNING:
                raise
        else:
            if late or found["health"]["line"]:
                return found
        time.sleep(LOOK_SECONDS)


def settings(call: Call) -> None:
    """List every setting with its value, where it comes from, and what it does."""
    rows = call.settings.rows()
    if call.as_json:
        listed = [
            {
                "name": setting.path,
                "value": origin.value,
                "origin": origin.origin,
                "variable": setting.variable,
                "sentence": setting.sentence,
            }
            for setting, origin in rows
        ]
        output.json(listed)
        return
    output.table(
        ("setting", "value", "from", "what it does"),
        [(setting.path, _value(origin.value), origin.origin, setting.sentence) for setting, origin in rows],
        empty="",
    )


def _value(value: object) -> str:
    """A setting as the file has it."""
    return str(value).lower() if isinstance(value, bool) else str(value)


def _detail(detail: Fields) -> str:
    """What a line says, with what is sealed cut short: nobody reads it here."""
    return output.shown({key: _short(str(value)) for key, value in detail.items()})


def _short(text: str) -> str:
    return text if len(text) <= DETAIL_SHOWN else f"{text[:DETAIL_SHOWN]}…"


def audit(
    call: Call,
    limit: Annotated[int, typer.Option(min=1, max=1_000, help="At most this many lines.")] = 50,
    before: Annotated[int, typer.Option(min=0, help="Only lines before this number.")] = 0,
) -> None:
    """Read this node's audit log, newest first: who asked, when, and why.

    What was asked about persons and documents is shown only for a purpose of your own.
    """
    found = call.client.get("/api/v1/audit", list[Fields], limit=limit, before=before)
    if call.as_json:
        output.json(found)
        return
    rows = [
        (
            one["number"],
            output.at(one["at_ms"]),
            one["officer"],
            one["event"],
            one["purpose"],
            one["case"],
            _detail(one["detail"]),
        )
        for one in found
    ]
    output.table(
        ("line", "when", "officer", "event", "purpose", "case", "detail"), rows, empty="The log is empty."
    )
