"""How this node stands: status and settings."""

import time
from typing import Annotated

import typer

from allpoints.cli import output
from allpoints.cli.calling import Call, local, remote
from allpoints.cli.client import NOT_RUNNING, Fields
from allpoints.ground.refusal import Refusal

LOOK_SECONDS = 0.1


def add(app: typer.Typer) -> None:
    """Put these commands on ``app``."""
    remote(app, "status", "status --dir xav", "status --wait 10", "status --json")(status)
    local(app, "settings", "settings --dir xav", "ALLPOINTS_WEB_PORT=9000 allpoints settings")(settings)


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
            ("line's TLS", health["tls"] or "none: what goes over the line is sealed by itself"),
            ("ledger", output.counted(health["ledger"], "entry", "entries")),
            ("witnessed", _witnessed(health)),
            *([("check workers", _workers(health))] if health["workers_wanted"] else []),
            ("waiting", f"{health['waiting']} to be sent" if health["waiting"] else "nothing to be sent"),
            ("records", found["records"]),
            ("refused", found["refused"]),
            ("shut out", found["suspended"]),
            ("blocked", "\n".join(found["blocked"])),
        ]
    )


def _workers(health: Fields) -> str:
    return f"{health['workers']} of {health['workers_wanted']} answer"


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
